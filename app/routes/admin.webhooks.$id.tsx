import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData } from '@remix-run/react'
import {
  Badge,
  Button,
  Card,
  DescriptionList,
  FormErrors,
  PageHeader,
  TextareaField,
  Time,
} from '~/components/ui'
import { readableBody, WEBHOOK_STATUS } from '~/features/admin/webhooks'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.type ?? 'Webhook')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, (api) => api.webhook.read({ id: args.params.id ?? '' })))

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const id = params.id ?? ''
  const values = textFields(await request.formData(), ['intent', 'reason'])
  const counts = values.intent === 'count'
  try {
    if (counts) await apiOf(context).webhook.count({ id, reason: values.reason })
    else await apiOf(context).webhook.replay({ id })
  } catch (error) {
    return formFailure(error, request, values)
  }
  return redirect(withNotice(paths.admin(`webhooks/${id}`), counts ? 'payment-counted' : 'webhook-replayed'))
}

const LABELS = { reason: 'How you know that it was paid' }

const Webhook = () => {
  const event = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
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
      {event.paidElsewhere?.waits === true && (
        <Card
          title="Was it really paid?"
          description="Somebody marked this invoice as paid outside of the provider, so no money of it came here by itself. Nobody earns from it until you say that it was paid. Then it is booked, and shares are earned, as if it had come through the provider. This cannot be taken back; a correction is an adjustment."
        >
          <FormErrors failure={failure} labels={LABELS} />
          <Form method="post" className="form">
            <input type="hidden" name="intent" value="count" />
            <TextareaField
              name="reason"
              label={LABELS.reason}
              hint="For the audit log, such as the line of the bank statement."
              error={failure?.fieldErrors.reason}
              defaultValue={failure?.values.reason}
              maxLength={500}
            />
            <div className="actions">
              <Button variant="primary">Count it as paid</Button>
            </div>
          </Form>
        </Card>
      )}
      {event.paidElsewhere?.counted === true && (
        <Card title="Paid elsewhere">
          <p>An admin counted this invoice as paid. The audit log says who, and how they knew.</p>
        </Card>
      )}
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
