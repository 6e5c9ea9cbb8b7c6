import { json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Link, useLoaderData } from '@remix-run/react'
import {
  Badge,
  ButtonLink,
  Card,
  type Column,
  DataTable,
  EmptyState,
  Money,
  PageHeader,
  Pagination,
  Stat,
  StatGroup,
  Time,
} from '~/components/ui'
import { paymentStatus } from '~/features/money/statuses'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { Sale } from '../../server/domain/affiliate/schemas'

export const meta: MetaFunction = () => pageTitle('Sales')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(
    await load(args, async (api) => ({
      sales: await api.affiliate.salesHistory({ limit: 25, cursor }),
      totals: await api.affiliate.balance(),
    })),
  )
}

const COLUMNS: readonly Column<Sale>[] = [
  {
    header: 'Workspace',
    rowHeader: true,
    cell: ({ workspace }) => <Link to={paths.workspace(workspace.id)}>{workspace.name}</Link>,
  },
  { header: 'Date', cell: ({ paidAt }) => <Time value={paidAt} /> },
  {
    header: 'Buyer',
    cell: ({ buyer }) => (
      <>
        {buyer.name} <span className="muted">{buyer.email}</span>
      </>
    ),
  },
  {
    header: 'Status',
    cell: ({ status }) => <Badge tone={paymentStatus(status).tone}>{paymentStatus(status).words}</Badge>,
  },
  { header: 'Paid', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
  {
    header: 'You earned',
    numeric: true,
    cell: ({ commission, commissionId }) =>
      commissionId === null ? (
        <Money value={commission} />
      ) : (
        <Link to={paths.commission(commissionId)}>
          <Money value={commission} />
          <span className="visually-hidden">: why this amount?</span>
        </Link>
      ),
  },
]

const Sales = () => {
  const { sales, totals } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Sales"
        description="What buyers paid for copies of your workspaces, and your share. A refund is taken off your share and off the totals."
        actions={<ButtonLink to={paths.balance()}>Balance</ButtonLink>}
      />
      {totals.totalSales.length > 0 && (
        <StatGroup>
          {totals.totalSales.map((total) => (
            <Stat
              key={total.currency}
              label={`Sold in ${total.currency}`}
              value={<Money value={total} />}
              note={<Earned currency={total.currency} />}
            />
          ))}
        </StatGroup>
      )}
      <Card flush>
        <DataTable
          caption="Your sales, newest first"
          columns={COLUMNS}
          rows={sales.items}
          rowKey={({ paymentId }) => paymentId}
          empty={
            <EmptyState
              title="No sales yet"
              action={
                <ButtonLink to={paths.links()} variant="primary">
                  Go to your links
                </ButtonLink>
              }
            >
              Make a link to one of your workspaces and send it to whoever may want a copy. Every sale stands
              here as soon as it is paid.
            </EmptyState>
          }
        />
        <Pagination nextCursor={sales.nextCursor} />
      </Card>
    </>
  )
}

export default Sales

/** What was credited in one currency in all: of sales, and of referrals where there are any. */
const Earned = ({ currency }: { readonly currency: string }) => {
  const { balances } = useLoaderData<typeof loader>().totals
  const balance = balances.find((one) => one.currency === currency)
  if (balance === undefined) return <>Nothing earned yet</>
  return (
    <>
      Earned in all: <Money value={balance.totalEarned} />
      {balance.pendingCommissions.amount !== 0 && (
        <>
          , and <Money value={balance.pendingCommissions} /> pending
        </>
      )}
    </>
  )
}
