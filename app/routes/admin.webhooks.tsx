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
  InputField,
  PageHeader,
  Pagination,
  SelectField,
  Time,
} from '~/components/ui'
import { isWebhookStatus, WEBHOOK_STATUS } from '~/features/admin/webhooks'
import { load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { WebhookEvent } from '../../server/domain/webhook/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Webhooks')

export const loader = async (args: LoaderFunctionArgs) => {
  const query = new URL(args.request.url).searchParams
  const asked = query.get('status') ?? ''
  const status = isWebhookStatus(asked) ? asked : null
  const search = query.get('search') ?? ''
  const page = await load(args, (api) =>
    api.webhook.list({
      limit: 25,
      cursor: query.get('cursor') ?? undefined,
      search,
      ...(status === null ? {} : { status }),
    }),
  )
  return json({ ...page, status, search })
}

const Webhooks = () => {
  const { items, nextCursor, status, search } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Webhooks"
        description="What the payment providers told us, word for word, and what became of it. What was set aside or given up waits for you: open it, and have it processed again."
      />
      <Card flush title={status === null ? 'All events' : WEBHOOK_STATUS[status].words}>
        <Form method="get" className="filters" key={`${status} ${search}`}>
          <SelectField name="status" label="State" defaultValue={status ?? ''} optional>
            <option value="">All</option>
            {Object.entries(WEBHOOK_STATUS).map(([value, { words }]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </SelectField>
          <InputField
            name="search"
            label="Type or id begins with"
            optional
            defaultValue={search}
            maxLength={200}
          />
          <div className="actions">
            <Button>Show</Button>
          </div>
        </Form>
        <DataTable
          caption="Events, newest first"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="No such events"
              action={<ButtonLink to={paths.admin('webhooks')}>Show all events</ButtonLink>}
            >
              Every event of a provider appears here as it comes in.
            </EmptyState>
          }
        />
        <Pagination nextCursor={nextCursor} />
      </Card>
    </>
  )
}

export default Webhooks

const COLUMNS: readonly Column<WebhookEvent>[] = [
  {
    header: 'Event',
    rowHeader: true,
    cell: ({ id, type, eventId, provider }) => (
      <>
        <Link to={paths.admin(`webhooks/${id}`)}>{type}</Link>
        <p className="muted break">
          {provider} · {eventId}
        </p>
      </>
    ),
  },
  { header: 'Received', cell: ({ receivedAt }) => <Time value={receivedAt} withTime /> },
  {
    header: 'State',
    cell: ({ status }) => <Badge tone={WEBHOOK_STATUS[status].tone}>{WEBHOOK_STATUS[status].words}</Badge>,
  },
  { header: 'What it did', cell: (event) => <Outcome event={event} /> },
]

const Outcome = ({ event: { outcome, waiting } }: { readonly event: WebhookEvent }) => {
  if (waiting !== null)
    return (
      <>
        {waiting.attempts === 0 ? 'Not tried yet' : `Tried ${waiting.attempts} times`}; next{' '}
        <Time value={waiting.nextAt} withTime />
      </>
    )
  return <span className="break">{outcome ?? '–'}</span>
}
