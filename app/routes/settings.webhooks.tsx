import { type ActionFunctionArgs, json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import {
  Alert,
  Badge,
  Button,
  ButtonLink,
  Card,
  type Column,
  CopyField,
  DataTable,
  EmptyState,
  FormErrors,
  InputField,
  Time,
} from '~/components/ui'
import { ENDPOINT_KINDS, EndpointKinds } from '~/features/account/endpoint-kinds'
import { SettingsHeader } from '~/features/account/settings-header'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import type { Endpoint, EndpointKind } from '../../server/domain/endpoint/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Webhooks')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, async (api) => (await api.endpoint.list()).items))

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { url } = textFields(form, ['url'])
  const kinds = form
    .getAll('kinds')
    .filter((kind): kind is EndpointKind => Object.hasOwn(ENDPOINT_KINDS, String(kind)))
  try {
    const { secret, endpoint } = await apiOf(context).endpoint.create({ url: url.trim(), kinds })
    // Shown this once: in the answer itself, never in an address.
    return json({ made: { secret, id: endpoint.id }, failure: null, chosen: [] })
  } catch (error) {
    return json(
      { made: null, failure: await formFailure(error, request, { url }).json(), chosen: kinds },
      { status: 422 },
    )
  }
}

const Webhooks = () => {
  const endpoints = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  return (
    <>
      <SettingsHeader
        title="Webhooks"
        description="Have what concerns you announced to a program of yours: signed messages to an address you choose, as Standard Webhooks describes them."
      />
      {answer?.made && (
        <Alert tone="good" title="Copy the secret now: it is not shown again.">
          <CopyField label="The secret your program checks the messages with" value={answer.made.secret} />
        </Alert>
      )}
      <Card flush title="Your addresses">
        <DataTable
          caption="Your addresses, newest first"
          columns={COLUMNS}
          rows={endpoints}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="No addresses yet"
              action={
                <ButtonLink to={paths.apiDocs()} reload>
                  Read about the API
                </ButtonLink>
              }
            >
              Add one below, and sales, commissions and withdrawals are announced there as they happen.
            </EmptyState>
          }
        />
      </Card>
      <NewEndpoint />
    </>
  )
}

export default Webhooks

const COLUMNS: readonly Column<Endpoint>[] = [
  {
    header: 'Address',
    rowHeader: true,
    cell: ({ id, url }) => (
      <Link to={paths.endpoint(id)} className="break">
        {url}
      </Link>
    ),
  },
  {
    header: 'State',
    cell: ({ status, failingSince }) =>
      status === 'OFF' ? (
        <Badge tone="neutral">Off</Badge>
      ) : failingSince !== null ? (
        <Badge tone="danger">Failing</Badge>
      ) : (
        <Badge tone="good">On</Badge>
      ),
  },
  {
    header: 'Announced',
    cell: ({ kinds }) => `${kinds.length} of ${Object.keys(ENDPOINT_KINDS).length} kinds`,
  },
  { header: 'Added', cell: ({ createdAt }) => <Time value={createdAt} /> },
]

const LABELS = { url: 'Address', kinds: 'Announce there' }

const NewEndpoint = () => {
  const answer = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const failure = answer?.failure ?? undefined
  return (
    <Card title="New address">
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        <InputField
          name="url"
          type="url"
          label={LABELS.url}
          hint="It begins with https, and is reached from the internet."
          maxLength={2_000}
          error={failure?.fieldErrors.url}
          defaultValue={failure?.values.url}
        />
        <EndpointKinds
          chosen={answer?.failure ? answer.chosen : Object.keys(ENDPOINT_KINDS)}
          error={failure?.fieldErrors.kinds}
        />
        <div className="actions">
          <Button aria-busy={busy}>{busy ? 'Adding…' : 'Add the address'}</Button>
        </div>
      </Form>
    </Card>
  )
}
