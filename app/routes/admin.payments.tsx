import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Form, Link, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  Money,
  PageHeader,
  Pagination,
  SelectField,
  Time,
} from '~/components/ui'
import { isPaymentStatus, PAYMENT_STATUSES, paymentStatus } from '~/features/money/statuses'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { AdminPayment } from '../../server/domain/payment/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Payments')

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const asked = search.get('status') ?? ''
  const status = isPaymentStatus(asked) ? asked : null
  const cursor = search.get('cursor') ?? undefined
  const page = await load(args, (api) =>
    api.payment.listAll({ limit: 20, cursor, ...(status === null ? {} : { status }) }),
  )
  return json({ ...page, status })
}

const Payments = () => {
  const { items, nextCursor, status } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Payments"
        description="What buyers paid, and what was given back or is disputed. Open one to see all that is booked for it, or to refund it."
      />
      <Card flush title={status === null ? 'All' : paymentStatus(status).words}>
        <Form method="get" className="filters" key={status}>
          <SelectField name="status" label="State" defaultValue={status ?? 'ALL'}>
            <option value="ALL">All</option>
            {PAYMENT_STATUSES.map((value) => (
              <option key={value} value={value}>
                {paymentStatus(value).words}
              </option>
            ))}
          </SelectField>
          <div className="actions">
            <Button>Show</Button>
          </div>
        </Form>
        <DataTable
          caption="Payments, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title={status === null ? 'No payment yet' : 'Nothing in this state'}
              action={<ButtonLink to={paths.admin('payments')}>Show all payments</ButtonLink>}
            >
              Payments appear here as buyers pay.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
    </>
  )
}

export default Payments

const COLUMNS: readonly Column<AdminPayment>[] = [
  {
    header: 'What',
    rowHeader: true,
    cell: ({ id, sold }) => (
      <Link to={paths.admin(`payments/${id}`)}>{sold === '' ? 'A workspace' : sold}</Link>
    ),
  },
  { header: 'Paid', cell: ({ paidAt }) => <Time value={paidAt} withTime /> },
  {
    header: 'Buyer',
    cell: ({ buyer }) => (
      <>
        {buyer.name}
        <p className="muted">{buyer.email}</p>
      </>
    ),
  },
  { header: 'Seller', cell: ({ seller }) => seller?.name ?? '–' },
  {
    header: 'State',
    cell: ({ status }) => <Badge tone={paymentStatus(status).tone}>{paymentStatus(status).words}</Badge>,
  },
  {
    header: 'Refunded',
    numeric: true,
    cell: ({ refunded }) => (refunded.amount === 0 ? '–' : <Money value={refunded} />),
  },
  { header: 'Amount', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
]
