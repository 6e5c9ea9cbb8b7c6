import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, isRouteErrorResponse, useActionData, useLoaderData, useRouteError } from '@remix-run/react'
import { Problem } from '~/components/problem'
import {
  Alert,
  Button,
  ButtonLink,
  Card,
  DescriptionList,
  FormErrors,
  Money,
  PageHeader,
  Time,
} from '~/components/ui'
import stylesheet from '~/features/billing/billing.css?url'
import { CYCLES, limitLines } from '~/features/billing/plan-words'
import { PLAN_NAMES } from '~/features/workspace/states'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { formatMoney } from '~/lib/format'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Change the plan')
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

/** What the change would cost at this moment. Whatever is in the address is for the schema to judge. */
export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const wanted = {
    planType: (search.get('plan') ?? '') as 'BUSINESS',
    billingCycle: (search.get('cycle') ?? '') as 'MONTHLY',
  }
  const [change, offers] = await load(args, (api) =>
    Promise.all([api.payment.previewPlanChange(wanted), api.payment.planOffers()]),
  )
  return json({
    change,
    limits: offers.plans.find(({ planType }) => planType === change.to.planType)?.limits ?? null,
  })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { plan, cycle, quote } = textFields(await request.formData(), ['plan', 'cycle', 'quote'])
  try {
    const { changed, payUrl } = await apiOf(context).payment.changePlan({
      planType: plan as 'BUSINESS',
      billingCycle: cycle as 'MONTHLY',
      quote,
    })
    if (payUrl !== null) return redirect(payUrl, 303)
    return redirect(changed ? withNotice(paths.billing(), 'plan-changed') : paths.billing(), 303)
  } catch (error) {
    return formFailure(error, request)
  }
}

const ChangePlan = () => {
  const { change, limits } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const name = PLAN_NAMES[change.to.planType]
  return (
    <div className="narrow">
      <PageHeader
        title={`Change to ${name}, paid ${CYCLES[change.to.billingCycle].adverb}`}
        description={`Now you have ${PLAN_NAMES[change.from.planType]}, paid ${CYCLES[change.from.billingCycle].adverb}. This is what happens when you go on.`}
        breadcrumb={[
          { label: 'Billing', to: paths.billing() },
          { label: 'Plans', to: paths.billingUpgrade() },
        ]}
      />
      <FormErrors failure={failure} labels={{ quote: 'What was shown' }} />
      <Card title="What it costs">
        <div className="stack">
          <DescriptionList
            items={[
              {
                term: 'Charged now',
                value: (
                  <strong>
                    <Money value={change.due} />
                  </strong>
                ),
              },
              ...(change.credit.amount > 0
                ? [{ term: 'Left as credit', value: <Money value={change.credit} /> }]
                : []),
              {
                term: CYCLES[change.to.billingCycle].each === 'a year' ? 'Then each year' : 'Then each month',
                value: <Money value={change.price} />,
              },
              ...(change.nextAt === null ? [] : [{ term: 'Next on', value: <Time value={change.nextAt} /> }]),
            ]}
          />
          <p>{whyWords(change)}</p>
        </div>
      </Card>
      {limits !== null && (
        <Card title={`What ${name} allows`}>
          <ul className="plan-limits">
            {limitLines(limits).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Card>
      )}
      {change.from.planType === 'AGENCY' && change.to.planType !== 'AGENCY' && (
        <Alert tone="warning" title="You can no longer sell">
          Your links and listings stop selling at once. What you earned stays yours, and so do your
          workspaces: what is over the limits is not deleted, only nothing more is made.
        </Alert>
      )}
      <Form method="post" reloadDocument>
        <input type="hidden" name="plan" value={change.to.planType} />
        <input type="hidden" name="cycle" value={change.to.billingCycle} />
        <input type="hidden" name="quote" value={change.quote} />
        <div className="actions">
          <Button variant="primary">
            {change.due.amount > 0 ? `Pay ${formatMoney(change.due)} and change` : `Change to ${name}`}
          </Button>
          <ButtonLink to={paths.billing()}>Keep what I have</ButtonLink>
        </div>
      </Form>
    </div>
  )
}

export default ChangePlan

type Change = ReturnType<typeof useLoaderData<typeof loader>>['change']

const whyWords = ({ due, credit, endsTrial, from, to }: Change): string => {
  if (endsTrial) return 'Your trial ends with it, and a paid period begins today.'
  if (credit.amount > 0)
    return 'What is left of the period you paid for is more than the change costs. The rest stays as credit and pays your next periods first; it is not paid out.'
  if (due.amount === 0) return 'Nothing is charged for the change itself.'
  return from.billingCycle === to.billingCycle
    ? 'That is the difference for the rest of the period, to the second: what is left of the old price is taken off the new one.'
    : 'A new period begins today; what is left of the old one is taken off its price.'
}

/** Why there is nothing to change, and the way on. */
export const ErrorBoundary = () => {
  const error = useRouteError()
  if (!isRouteErrorResponse(error) || ![400, 409, 422].includes(error.status))
    return <Problem error={error} />
  const { message } = error.data as { message?: string }
  return (
    <div className="narrow">
      <PageHeader
        title="This change cannot be made"
        description={
          error.status === 400 ? 'There is no such plan.' : (message ?? 'Look at your plan first.')
        }
      />
      <div className="actions">
        <ButtonLink to={paths.billing()} variant="primary">
          See your plan
        </ButtonLink>
        <ButtonLink to={paths.billingUpgrade()}>Compare the plans</ButtonLink>
      </div>
    </div>
  )
}
