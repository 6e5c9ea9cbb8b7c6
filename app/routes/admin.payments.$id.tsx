import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Link, useActionData, useLoaderData } from '@remix-run/react'
import { Badge, Card, DescriptionList, Money, PageHeader, Time } from '~/components/ui'
import { Commissions, Disputes, Refunds, Transfers } from '~/features/money/payment-tables'
import { RefundForm } from '~/features/money/refund-form'
import { paymentStatus } from '~/features/money/statuses'
import { parsePrice } from '~/features/selling/price'
import { WorkspaceState } from '~/features/workspace/states'
import { apiOf, asAttempt, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Payment')

export const loader = async (args: LoaderFunctionArgs) => {
  const id = args.params.id ?? ''
  const payment = await load(args, (api) => api.payment.read({ id }))
  const typed = new URL(args.request.url).searchParams.get('amount')
  const attempt = crypto.randomUUID()
  if (typed === null || payment.refund === null) return json({ payment, typed: null, fault: null, attempt })
  const { amount, fault = null } = parsePrice(typed, payment.amount.currency)
  const tooMuch = amount !== undefined && (amount === 0 || amount > payment.refund.left.amount)
  if (fault !== null || tooMuch)
    return json({ payment, typed, fault: fault ?? 'More than nothing, and at most what is left.', attempt })
  return json({ payment: await load(args, (api) => api.payment.read({ id, amount })), typed, fault, attempt })
}

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const values = textFields(await request.formData(), ['amount', 'reason', 'attempt'])
  const id = params.id ?? ''
  try {
    await apiOf(asAttempt(context, values.attempt)).payment.refund({
      id,
      amount: Number(values.amount),
      reason: values.reason,
    })
  } catch (error) {
    return formFailure(error, request, values)
  }
  return redirect(withNotice(paths.admin(`payments/${id}`), 'payment-refunded'))
}

const PaymentPage = () => {
  const { payment, typed, fault, attempt } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <PageHeader
        title={payment.sold === '' ? 'Payment' : `Payment for ${payment.sold}`}
        description={<Time value={payment.paidAt} withTime />}
        breadcrumb={[{ label: 'Payments', to: paths.admin('payments') }]}
      />
      <div className="columns">
        <Card title="What was paid">
          <DescriptionList items={amounts(payment)} />
        </Card>
        <Card title="Between whom">
          <DescriptionList items={people(payment)} />
        </Card>
      </div>
      <RefundForm refund={payment.refund} typed={typed} fault={fault} failure={failure} attempt={attempt} />
      <Commissions rows={payment.commissions} />
      <Refunds rows={payment.refunds} />
      <Disputes rows={payment.disputes} />
      <Transfers rows={payment.transfers} />
    </>
  )
}

export default PaymentPage

type Payment = ReturnType<typeof useLoaderData<typeof loader>>['payment']

const amounts = ({ amount, base, tax, fee, refunded, status }: Payment) => [
  {
    term: 'State',
    value: <Badge tone={paymentStatus(status).tone}>{paymentStatus(status).words}</Badge>,
  },
  {
    term: 'Paid',
    value: (
      <strong>
        <Money value={amount} />
      </strong>
    ),
  },
  { term: 'Tax', value: <Money value={tax} /> },
  { term: 'Base of the shares', value: <Money value={base} /> },
  { term: 'Fee of the provider', value: fee === null ? 'not known yet' : <Money value={fee} /> },
  { term: 'Refunded', value: <Money value={refunded} /> },
]

const people = ({ buyer, seller, copy, provider, mode, reference, orderId }: Payment) => [
  { term: 'Buyer', value: <Party who={buyer} /> },
  {
    term: 'Seller',
    value:
      seller === null ? (
        '–'
      ) : (
        <>
          <Party who={seller} />
          <Link to={paths.adjustments(seller.id)}>Adjust the balance</Link>
        </>
      ),
  },
  {
    term: 'Copy',
    value:
      copy === null ? (
        'none'
      ) : (
        <>
          {copy.name} <WorkspaceState status={copy.status} />
        </>
      ),
  },
  { term: 'Paid through', value: `${provider}${mode === 'live' ? '' : ` (${mode})`}` },
  { term: 'Reference', value: <span className="code">{reference}</span> },
  { term: 'Order', value: <span className="code">{orderId}</span> },
]

const Party = ({ who: { name, email } }: { readonly who: Payment['buyer'] }) => (
  <>
    {name}
    <p className="muted">{email}</p>
  </>
)
