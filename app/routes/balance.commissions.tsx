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
import { COMMISSION_KINDS, COMMISSION_STATES, REVIEW_WORDS } from '~/features/money/commissions'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { CommissionView } from '../../server/domain/affiliate/schemas'

export const meta: MetaFunction = () => pageTitle('Commissions')

export const loader = async (args: LoaderFunctionArgs) => {
  const search = new URL(args.request.url).searchParams
  const asked = search.get('status') ?? ''
  const status = isState(asked) ? asked : undefined
  const batch = search.get('batch') ?? undefined
  const cursor = search.get('cursor') ?? undefined
  return json({
    status,
    batch,
    page: await load(args, (api) => api.affiliate.commissions({ limit: 50, status, batch, cursor })),
  })
}

const isState = (text: string): text is CommissionView['status'] => Object.hasOwn(COMMISSION_STATES, text)

const Commissions = () => {
  const { page, status, batch } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Commissions"
        description={
          batch === undefined
            ? 'What each payment earned you, newest first.'
            : 'The commissions that one line of your statement credited together.'
        }
        breadcrumb={[{ label: 'Balance', to: paths.balance() }]}
      />
      <Card flush>
        {batch === undefined && (
          <Form method="get" className="filters" key={status ?? ''}>
            <SelectField name="status" label="State" defaultValue={status ?? ''} optional>
              <option value="">All</option>
              {Object.entries(COMMISSION_STATES).map(([state, { words }]) => (
                <option key={state} value={state}>
                  {words}
                </option>
              ))}
            </SelectField>
            <div className="actions">
              <Button>Show</Button>
            </div>
          </Form>
        )}
        <DataTable
          caption="Your commissions, newest first"
          columns={COLUMNS}
          rows={page.items}
          rowKey={({ id }) => id}
          empty={status === undefined && batch === undefined ? <NothingYet /> : <NothingFound />}
        />
        <Pagination nextCursor={page.nextCursor} />
      </Card>
    </>
  )
}

export default Commissions

const COLUMNS: readonly Column<CommissionView>[] = [
  {
    header: 'For',
    rowHeader: true,
    cell: ({ id, kind, workspace }) => (
      <Link to={paths.commission(id)}>
        {COMMISSION_KINDS[kind]}
        {workspace === null ? '' : `: ${workspace.name}`}
      </Link>
    ),
  },
  { header: 'Date', cell: ({ createdAt }) => <Time value={createdAt} /> },
  {
    header: 'State',
    cell: ({ status, held, review }) => (
      <>
        <Badge tone={COMMISSION_STATES[status].tone}>{COMMISSION_STATES[status].words}</Badge>
        {review?.state === 'HELD' && <p className="muted">{REVIEW_WORDS.HELD.words}</p>}
        {review?.state === 'REFUSED' && <p className="muted">Refused after a review</p>}
        {held.amount > 0 && <p className="muted">Part of it is held while the payment is disputed</p>}
      </>
    ),
  },
  { header: 'Earned', numeric: true, cell: ({ amount }) => <Money value={amount} /> },
  { header: 'Left of it today', numeric: true, cell: ({ net }) => <Money value={net} /> },
]

const NothingFound = () => (
  <EmptyState
    title="No such commissions"
    action={<ButtonLink to={paths.commissions({})}>Show all commissions</ButtonLink>}
  >
    None of yours is in this state.
  </EmptyState>
)

const NothingYet = () => (
  <EmptyState
    title="No commissions yet"
    action={
      <ButtonLink to={paths.links()} variant="primary">
        Go to your links
      </ButtonLink>
    }
  >
    Every payment for one of your workspaces, and for whoever you referred, stands here with what it earned
    you.
  </EmptyState>
)
