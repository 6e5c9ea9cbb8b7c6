import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { useActionData, useLoaderData } from '@remix-run/react'
import { Alert, FormErrors, PageHeader } from '~/components/ui'
import stylesheet from '~/features/billing/billing.css?url'
import { PlanCards } from '~/features/billing/plan-cards'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Plans')
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export const loader = async (args: LoaderFunctionArgs) => {
  const [plan, offers] = await load(args, (api) =>
    Promise.all([api.payment.plan(), api.payment.planOffers()]),
  )
  return json({ plan, offers })
}

/** To the checkout of the chosen plan. Prices come from our side, never from the form. */
export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { plan, cycle, afterTrial } = textFields(await request.formData(), ['plan', 'cycle', 'afterTrial'])
  try {
    const { url } = await apiOf(context).payment.createCheckoutSession({
      // Whatever else was sent is for the schema to judge.
      planType: plan as 'BUSINESS',
      billingCycle: cycle as 'MONTHLY',
      ...(afterTrial === 'on' ? { afterTrial: true } : {}),
    })
    return redirect(url, 303)
  } catch (error) {
    return formFailure(error, request)
  }
}

const Upgrade = () => {
  const { plan, offers } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title="Plans"
        description="What you pay for is what you can make. You can cancel at any time; nothing of yours is ever deleted."
        breadcrumb={[{ label: 'Billing', to: paths.billing() }]}
      />
      <FormErrors failure={failure} labels={{ planType: 'Plan', billingCycle: 'Paid' }} />
      {plan.source === 'INCLUDED' && (
        <Alert title="A plan is included in what you bought">
          You need none of these as long as that goes on and is enough.
        </Alert>
      )}
      <PlanCards plan={plan} offers={offers} />
    </>
  )
}

export default Upgrade
