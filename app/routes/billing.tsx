import {
  type ActionFunctionArgs,
  json,
  type LinksFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react'
import type { ReactNode } from 'react'
import {
  Alert,
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  Confirm,
  DataTable,
  EmptyState,
  FormErrors,
  Money,
  PageHeader,
  Time,
} from '~/components/ui'
import { AddonList, BuyAddon } from '~/features/billing/addons'
import stylesheet from '~/features/billing/billing.css?url'
import { CYCLES, nextWords, type Subscription, sourceWords } from '~/features/billing/plan-words'
import { UsageList } from '~/features/billing/usage-list'
import { paymentStatus } from '~/features/money/statuses'
import { PLAN_NAMES } from '~/features/workspace/states'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { formatMoney } from '~/lib/format'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { CurrentPlan } from '../../server/domain/payment/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Billing')
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export const loader = async (args: LoaderFunctionArgs) =>
  json({
    plan: await load(args, (api) => api.payment.plan()),
    chosen: new URL(args.request.url).searchParams.get('addon') ?? '',
  })

/** What the buttons of this page do; each is one call. */
export const action = async ({ request, context }: ActionFunctionArgs) => {
  const typed = textFields(await request.formData(), ['intent', 'id', 'addon', 'quantity'])
  const { intent, id } = typed
  const api = apiOf(context).payment
  try {
    switch (intent) {
      case 'cancel':
        await api.cancelPlan()
        return redirect(withNotice(paths.billing(), 'plan-cancelled'), 303)
      case 'resume':
        await api.resumePlan()
        return redirect(withNotice(paths.billing(), 'plan-resumed'), 303)
      case 'portal':
        return redirect((await api.billingPortal()).url ?? paths.billing(), 303)
      case 'pay':
        return redirect((await api.openPlanInvoice()).url ?? paths.billing(), 303)
      case 'buy-addon': {
        const { url } = await api.createPaymentLink({
          paymentType: 'ADDON_PURCHASE',
          // Whatever was sent is for the schema to judge.
          addon: typed.addon as 'EXTRA_PAGE',
          quantity: /^\d{1,9}$/.test(typed.quantity) ? Number(typed.quantity) : Number.NaN,
        })
        return redirect(url, 303)
      }
      case 'cancel-addon':
        await api.cancelAddon({ id })
        return redirect(withNotice(paths.billing(), 'addon-cancelled'), 303)
      case 'resume-addon':
        await api.resumeAddon({ id })
        return redirect(withNotice(paths.billing(), 'addon-resumed'), 303)
      case 'pay-addon':
        return redirect((await api.openAddonInvoice({ id })).url ?? paths.billing(), 303)
      default:
        return json(
          { code: 'INVALID_INPUT', formError: 'That cannot be done.', fieldErrors: {}, values: {} },
          400,
        )
    }
  } catch (error) {
    return formFailure(error, request, typed)
  }
}

const Billing = () => {
  const { plan, chosen } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const { subscription } = plan
  return (
    <>
      <PageHeader
        title="Billing"
        description="Your plan and add-ons, what they cost, and what you have paid for them."
      />
      <FormErrors failure={failure} labels={{ addon: 'Add-on', quantity: 'How many times' }} />
      {subscription?.status === 'PAST_DUE' && (
        <Alert tone="warning" title="Your last payment did not go through">
          <p>{nextWords(subscription)}</p>
          {subscription.canChange && (
            <div className="actions">
              <Do intent="pay" variant="primary">
                Pay it now
              </Do>
              <Do intent="portal">Pay with another card</Do>
            </div>
          )}
        </Alert>
      )}
      <Card
        title={`Your plan is ${PLAN_NAMES[plan.planType]}`}
        actions={
          subscription === null && (
            <ButtonLink to={paths.billingUpgrade()} variant="primary">
              {plan.source === 'NONE' || plan.source === 'TRIAL' ? 'Choose a plan' : 'Compare the plans'}
            </ButtonLink>
          )
        }
      >
        <div className="stack">
          <p>{sourceWords(plan)}</p>
          {subscription !== null && <Paying subscription={subscription} />}
        </div>
      </Card>
      <Card
        title="What you use of it"
        description="Copies you bought do not count. What is over a limit stays as it is: the newest first, it can be read, exported and published, and nothing more is made."
      >
        <UsageList usage={plan.usage} />
      </Card>
      <div id="add-ons">
        <Card
          title="Add-ons"
          description="More of what your plan limits, without changing the plan. When one ends, nothing is deleted."
        >
          <div className="stack">
            <AddonList addons={plan.addons} />
            <BuyAddon usage={plan.usage} chosen={chosen} failure={failure} />
          </div>
        </Card>
      </div>
      <Card title="Payments" flush>
        <DataTable
          caption="What you paid for your plan and add-ons, newest first"
          columns={PAYMENTS}
          rows={plan.payments}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="No payments yet"
              action={<ButtonLink to={paths.billingUpgrade()}>Compare the plans</ButtonLink>}
            >
              As soon as you pay for a plan or an add-on, each payment stands here with its receipt.
            </EmptyState>
          }
        />
      </Card>
    </>
  )
}

export default Billing

const Paying = ({ subscription }: { readonly subscription: Subscription }) => (
  <>
    <p className="plan-price">
      <strong>{formatMoney(subscription.price)}</strong> {CYCLES[subscription.billingCycle].each} for{' '}
      {PLAN_NAMES[subscription.planType]}
    </p>
    {subscription.status !== 'PAST_DUE' && <p>{nextWords(subscription)}</p>}
    {subscription.canChange ? (
      <Ways subscription={subscription} />
    ) : (
      <ElsewhereNote provider={subscription.provider} />
    )}
  </>
)

const Ways = ({ subscription }: { readonly subscription: Subscription }) => (
  <div className="billing-ways">
    {subscription.ends ? (
      <Do intent="resume" variant="primary">
        Go on with it after all
      </Do>
    ) : (
      <ButtonLink to={paths.billingUpgrade()} variant="primary">
        Change the plan
      </ButtonLink>
    )}
    <Do intent="portal">Cards and invoices</Do>
    {!subscription.ends && (
      <Confirm
        label="End the subscription"
        question={
          <p>
            Nothing more is charged. {PLAN_NAMES[subscription.planType]} stays yours
            {subscription.periodEnd !== null && (
              <>
                {' '}
                until <Time value={subscription.periodEnd} />
              </>
            )}
            , and until then you can take this back. After it nothing is deleted; only nothing over the limits
            of Free can be made
            {subscription.planType === 'AGENCY' && ', and your links and listings stop selling'}.
          </p>
        }
      >
        <Do intent="cancel" variant="danger">
          Yes, end it
        </Do>
      </Confirm>
    )}
  </div>
)

const ElsewhereNote = ({ provider }: { readonly provider: string }) => (
  <p className="muted">
    It is paid through {provider === 'mamopay' ? 'MamoPay' : provider}, which lets us change nothing for you
    here. To change or cancel it, answer any of our mails.
  </p>
)

interface DoProps {
  readonly intent: string
  readonly variant?: 'primary' | 'secondary' | 'danger'
  readonly children: ReactNode
}

const Do = ({ intent, variant, children }: DoProps) => (
  <Form method="post" reloadDocument>
    <Button name="intent" value={intent} variant={variant}>
      {children}
    </Button>
  </Form>
)

const PAYMENTS: readonly Column<CurrentPlan['payments'][number]>[] = [
  { header: 'Paid on', rowHeader: true, cell: ({ paidAt }) => <Time value={paidAt} /> },
  { header: 'For', cell: ({ sold }) => sold },
  {
    header: 'Status',
    cell: ({ status }) => <Badge tone={paymentStatus(status).tone}>{paymentStatus(status).words}</Badge>,
  },
  {
    header: 'Amount',
    numeric: true,
    cell: ({ amount, refunded }) => (
      <>
        <Money value={amount} />
        {refunded.amount > 0 && (
          <span className="muted">
            {' '}
            (<Money value={refunded} /> refunded)
          </span>
        )}
      </>
    ),
  },
  { header: 'Receipt', cell: ({ id }) => <Link to={paths.purchase(id)}>Open</Link> },
]
