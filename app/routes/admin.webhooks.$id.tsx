import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useLoaderData } from '@remix-run/react'
import { Badge, Button, Card, DescriptionList, PageHeader, Time } from '~/components/ui'
import { readableBody, WEBHOOK_STATUS } from '~/features/admin/webhooks'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.type ?? 'Webhook')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, (api) => api.webhook.read({ id: args.params.id ?? '' })))

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const id = params.id ?? ''
  try {
    await apiOf(context).webhook.replay({ id })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.admin(`webhooks/${id}`), 'webhook-replayed'))
}

const Webhook = () => {
  const event = useLoaderData<typeof loader>()
  const { words, tone } = WEBHOOK_STATUS[event.status]
  return (
    <>
      <PageHeader
        title={event.type}
        breadcrumb={[{ label: 'Webhooks', to: paths.admin('webhooks') }]}
        actions={
          <Form method="post">
            <Button variant={event.status === 'PROCESSED' ? 'secondary' : 'primary'}>
              {event.status === 'RECEIVED' ? 'Process it now' : 'Process it again'}
            </Button>
          </Form>
        }
      />
      <Card
        title="What became of it"
        description="Processing it again goes the same way as the first time. What it did already is not done twice."
      >
        <DescriptionList
          items={[
            { term: 'State', value: <Badge tone={tone}>{words}</Badge> },
            { term: 'What it did', value: event.outcome ?? '–' },
            ...(event.waiting === null
              ? []
              : [
                  {
                    term: 'Next try',
                    value: (
                      <>
                        <Time value={event.waiting.nextAt} withTime />, after {event.waiting.attempts} so far
                      </>
                    ),
                  },
                ]),
            {
              term: 'Done',
              value: event.processedAt === null ? '–' : <Time value={event.processedAt} withTime />,
            },
          ]}
        />
      </Card>
      <Card title="Where it came from">
        <DescriptionList
          items={[
            { term: 'Provider', value: event.provider },
            { term: 'Its id there', value: <span className="break">{event.eventId}</span> },
            { term: 'Version', value: event.apiVersion ?? 'not said' },
            { term: 'Mode', value: event.livemode ? 'live' : 'test' },
            { term: 'Made', value: <Time value={event.occurredAt} withTime /> },
            { term: 'Received', value: <Time value={event.receivedAt} withTime /> },
          ]}
        />
      </Card>
      <Card title="The body as it came" description="Indented for reading; nothing else is changed.">
        <pre className="code code-block">{readableBody(event.body)}</pre>
      </Card>
    </>
  )
}

export default Webhook
