import { json, type LinksFunction, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import {
  Alert,
  Badge,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  Money,
  PageHeader,
  Time,
} from '~/components/ui'
import stylesheet from '~/features/billing/billing.css?url'
import { CYCLES, nextWords, sourceWords } from '~/features/billing/plan-words'
import { UsageList } from '~/features/billing/usage-list'
import { paymentStatus } from '~/features/money/statuses'
import { PLAN_NAMES } from '~/features/workspace/states'
import { load } from '~/lib/api.server'
import { formatMoney } from '~/lib/format'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { CurrentPlan } from '../../server/domain/payment/schemas'

export const meta: MetaFunction = () => pageTitle('Billing')
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheet }]

export const loader = async (args: LoaderFunctionArgs) =>
  json({ plan: await load(args, (api) => api.payment.plan()) })

const Billing = () => {
  const { plan } = useLoaderData<typeof loader>()
  const { subscription } = plan
  return (
    <>
      <PageHeader title="Billing" description="Your plan, what it costs, and what you have paid for it." />
      {subscription?.status === 'PAST_DUE' && (
        <Alert tone="warning" title="Your last payment did not go through">
          {nextWords(subscription)}
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
        <p>{sourceWords(plan)}</p>
        {subscription !== null && <Paying subscription={subscription} />}
      </Card>
      <Card
        title="What you use of it"
        description="Copies you bought do not count. What is over a limit stays as it is: it can be read, exported and published, only nothing more is made."
      >
        <UsageList usage={plan.usage} />
      </Card>
      <Card title="Payments" flush>
        <DataTable
          caption="What you paid for your plan, newest first"
          columns={PAYMENTS}
          rows={plan.payments}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="No payments yet"
              action={<ButtonLink to={paths.billingUpgrade()}>Compare the plans</ButtonLink>}
            >
              As soon as you pay for a plan, each payment stands here with its receipt.
            </EmptyState>
          }
        />
      </Card>
    </>
  )
}

export default Billing

const Paying = ({ subscription }: { readonly subscription: NonNullable<CurrentPlan['subscription']> }) => (
  <>
    <p className="plan-price">
      <strong>{formatMoney(subscription.price)}</strong> {CYCLES[subscription.billingCycle].each} for{' '}
      {PLAN_NAMES[subscription.planType]}
    </p>
    {subscription.status !== 'PAST_DUE' && <p>{nextWords(subscription)}</p>}
  </>
)

const PAYMENTS: readonly Column<CurrentPlan['payments'][number]>[] = [
  { header: 'Paid on', rowHeader: true, cell: ({ paidAt }) => <Time value={paidAt} /> },
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
