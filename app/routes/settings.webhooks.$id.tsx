import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
import {
  Alert,
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  Confirm,
  CopyField,
  DataTable,
  EmptyState,
  FormErrors,
  Pagination,
  Time,
} from '~/components/ui'
import { ENDPOINT_KINDS, EndpointKinds } from '~/features/account/endpoint-kinds'
import { SettingsHeader } from '~/features/account/settings-header'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { EndpointDelivery, EndpointKind } from '../../server/domain/endpoint/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Webhook')

export const loader = async (args: LoaderFunctionArgs) => {
  const cursor = new URL(args.request.url).searchParams.get('cursor')
  return json(
    await load(args, (api) =>
      api.endpoint.deliveries({
        id: args.params.id ?? '',
        limit: 25,
        ...(cursor === null ? {} : { cursor }),
      }),
    ),
  )
}

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const id = params.id ?? ''
  const form = await request.formData()
  const { intent, deliveryId } = textFields(form, ['intent', 'deliveryId'])
  const { endpoint } = apiOf(context)
  const back = (notice: Parameters<typeof withNotice>[1]) => redirect(withNotice(paths.endpoint(id), notice))
  try {
    switch (intent) {
      case 'rotate':
        // Shown this once: in the answer itself, never in an address.
        return json({ secret: (await endpoint.rotate({ id })).secret, failure: null })
      case 'remove':
        await endpoint.remove({ id })
        return redirect(withNotice(paths.endpoints(), 'endpoint-removed'))
      case 'test':
        await endpoint.test({ id })
        return back('endpoint-tested')
      case 'redeliver':
        await endpoint.redeliver({ id, deliveryId })
        return back('endpoint-again')
      case 'on':
      case 'off':
        await endpoint.change({ id, status: intent === 'on' ? 'ACTIVE' : 'OFF' })
        return back('endpoint-changed')
      default: {
        const kinds = form
          .getAll('kinds')
          .filter((kind): kind is EndpointKind => Object.hasOwn(ENDPOINT_KINDS, String(kind)))
        await endpoint.change({ id, kinds })
        return back('endpoint-changed')
      }
    }
  } catch (error) {
    return json({ secret: null, failure: await formFailure(error, request).json() }, { status: 422 })
  }
}

const Webhook = () => {
  const { endpoint, items, nextCursor } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const failure = answer?.failure ?? undefined
  const off = endpoint.status === 'OFF'
  return (
    <>
      <SettingsHeader title="Webhook" description={endpoint.url} />
      {answer?.secret && (
        <Alert tone="good" title="Copy the new secret now: it is not shown again.">
          <CopyField label="The secret" value={answer.secret} />
          <p>For a day, messages carry a signature under the former one too.</p>
        </Alert>
      )}
      {off && (
        <Alert tone="warning" title="It is switched off.">
          Nothing is announced there until you switch it on. What was not taken can be sent again below.
        </Alert>
      )}
      {!off && endpoint.failingSince !== null && (
        <Alert tone="warning" title="It takes nothing.">
          The last messages were not taken, since <Time value={endpoint.failingSince} withTime />. After five
          days it is switched off.
        </Alert>
      )}
      <FormErrors failure={failure} labels={{ kinds: 'Announce there' }} />
      <Card flush title="Messages">
        <DataTable
          caption="Messages, newest first; they are kept for thirty days"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="No messages yet"
              action={<ButtonLink to={paths.endpoints()}>All addresses</ButtonLink>}
            >
              Send a test message to see whether your program takes it.
            </EmptyState>
          }
        />
      </Card>
      <Pagination nextCursor={nextCursor} />
      <Card title="What is announced">
        <Form method="post" className="form">
          <EndpointKinds chosen={endpoint.kinds} />
          <div className="actions">
            <Button>Save</Button>
            <Button variant="secondary" name="intent" value="test">
              Send a test message
            </Button>
          </div>
        </Form>
      </Card>
      <Card title="More">
        <Form method="post" className="actions">
          <Button variant="secondary" name="intent" value={off ? 'on' : 'off'}>
            {off ? 'Switch it on' : 'Switch it off'}
          </Button>
          <Button variant="secondary" name="intent" value="rotate">
            Make a new secret
          </Button>
        </Form>
        <Confirm label="Remove" question="Nothing is sent there any more, and its log is gone.">
          <Form method="post">
            <Button variant="danger" name="intent" value="remove">
              Remove the address
            </Button>
          </Form>
        </Confirm>
      </Card>
    </>
  )
}

export default Webhook

const COLUMNS: readonly Column<EndpointDelivery>[] = [
  {
    header: 'Message',
    rowHeader: true,
    cell: ({ kind, id, body }) => (
      <details>
        <summary>
          <code>{kind}</code>
        </summary>
        <p className="muted break">{id}</p>
        <pre className="code code-block">{body}</pre>
      </details>
    ),
  },
  {
    header: 'State',
    cell: ({ status }) => (
      <Badge tone={status === 'DELIVERED' ? 'good' : status === 'FAILED' ? 'danger' : 'neutral'}>
        {status === 'DELIVERED' ? 'Taken' : status === 'FAILED' ? 'Given up' : 'Waiting'}
      </Badge>
    ),
  },
  {
    header: 'Last answer',
    cell: ({ answer, problem, attempts }) => (
      <>
        {problem ?? answer ?? '–'}
        {attempts > 1 && <span className="muted"> after {attempts} tries</span>}
      </>
    ),
  },
  {
    header: 'When',
    cell: ({ createdAt, nextAt }) => (
      <>
        <Time value={createdAt} withTime />
        {nextAt !== null && (
          <p className="muted">
            next try <Time value={nextAt} withTime />
          </p>
        )}
      </>
    ),
  },
  {
    header: 'Again',
    cell: ({ id, status }) =>
      status === 'QUEUED' ? (
        '–'
      ) : (
        <Form method="post">
          <input type="hidden" name="deliveryId" value={id} />
          <Button variant="secondary" name="intent" value="redeliver">
            Send again
          </Button>
        </Form>
      ),
  },
]
