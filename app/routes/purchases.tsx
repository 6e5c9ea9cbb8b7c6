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
  Time,
} from '~/components/ui'
import { paymentStatus } from '~/features/money/statuses'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export const meta: MetaFunction = () => pageTitle('Purchases')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor') ?? undefined
  return json(await load(args, (api) => api.payment.purchases({ limit: 25, cursor })))
}

type Purchase = ReturnType<typeof useLoaderData<typeof loader>>['items'][number]

const COLUMNS: readonly Column<Purchase>[] = [
  {
    header: 'What',
    rowHeader: true,
    cell: ({ workspace, type }) =>
      type.startsWith('PLAN_') ? (
        <Link to={paths.billing()}>Your plan</Link>
      ) : type.startsWith('ADDON_') ? (
        <Link to={paths.billing()}>An add-on</Link>
      ) : workspace === null ? (
        <span className="muted">No copy of this payment</span>
      ) : (
        <Link to={paths.workspace(workspace.id)}>{workspace.name}</Link>
      ),
  },
  { header: 'Date', cell: ({ paidAt }) => <Time value={paidAt} /> },
  { header: 'Seller', cell: ({ seller }) => seller || '–' },
  {
    header: 'Status',
    cell: ({ status }) => <Badge tone={paymentStatus(status).tone}>{paymentStatus(status).words}</Badge>,
  },
  { header: 'Tax', numeric: true, cell: ({ tax }) => <Money value={tax} /> },
  {
    header: 'Paid',
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
  {
    header: 'Receipt',
    cell: ({ id, workspace, type }) => (
      <Link to={paths.purchase(id)}>
        Receipt
        <span className="visually-hidden">
          {' '}
          of{' '}
          {workspace?.name ??
            (type.startsWith('PLAN_')
              ? 'your plan'
              : type.startsWith('ADDON_')
                ? 'an add-on'
                : 'this payment')}
        </span>
      </Link>
    ),
  },
]

const Purchases = () => {
  const { items, nextCursor } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Purchases"
        description="What you bought. Each copy is yours alone, whatever becomes of the original."
      />
      <Card flush>
        <DataTable
          caption="Your purchases, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="Nothing bought yet"
              action={<ButtonLink to={paths.workspaces()}>Go to your workspaces</ButtonLink>}
            >
              Open a link that a seller gave you: it shows what is in the workspace and what a copy costs.
              What you buy, with its receipt, then stands here.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
    </>
  )
}

export default Purchases
