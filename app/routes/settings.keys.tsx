import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
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
  InputField,
  Time,
} from '~/components/ui'
import { SettingsHeader } from '~/features/account/settings-header'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { ApiKeyScope, ApiKeyView } from '../../server/domain/identity/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('API keys')

export const loader = async (args: LoaderFunctionArgs) =>
  json(
    await load(args, async (api) => ({
      keys: (await api.auth.apiKeys()).items,
      isAdmin: args.context.api.actor.kind === 'admin',
    })),
  )

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { intent, id, name, until } = textFields(form, ['intent', 'id', 'name', 'until'])
  const { auth } = apiOf(context)
  try {
    if (intent === 'revoke') await auth.revokeApiKey({ id })
    else {
      const scopes = form.getAll('scope').filter(isScope)
      const { key } = await auth.createApiKey({
        name,
        scopes,
        ...(until === '' ? {} : { expiresAt: `${until}T00:00:00Z` }),
      })
      // Shown this once: in the answer itself, never in an address.
      return json({ key, failure: null })
    }
  } catch (error) {
    return json(
      { key: null, failure: await formFailure(error, request, { name, until }).json() },
      { status: 422 },
    )
  }
  return redirect(withNotice(paths.apiKeys(), 'key-revoked'))
}

const isScope = (value: unknown): value is ApiKeyScope => Object.hasOwn(SCOPES, String(value))

const SCOPES: Readonly<Record<ApiKeyScope, string>> = {
  read: 'Read everything you can see',
  write: 'Change what you can change',
  admin: 'Administer',
  track: 'Tell of sign-ups at other sites, and nothing else',
}

/** Only for keys of admins, and only when asked for. */
const ADMINS: readonly string[] = ['admin', 'track']

const Keys = () => {
  const { keys, isAdmin } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  return (
    <>
      <SettingsHeader
        title="API keys"
        description="For your own programs: sent as “Authorization: Bearer KEY”. Whoever has a key can do what it allows."
      />
      {answer?.key && (
        <Alert tone="good" title="Copy the key now: it is not shown again.">
          <CopyField label="The key" value={answer.key} />
        </Alert>
      )}
      <Card flush title="Your keys">
        <DataTable
          caption="Your keys, newest first"
          columns={COLUMNS}
          rows={keys}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              title="No keys yet"
              action={
                <ButtonLink to={paths.apiDocs()} reload>
                  Read about the API
                </ButtonLink>
              }
            >
              Make one below to use the API without signing in.
            </EmptyState>
          }
        />
      </Card>
      <NewKey isAdmin={isAdmin} />
    </>
  )
}

export default Keys

const COLUMNS: readonly Column<ApiKeyView>[] = [
  {
    header: 'Key',
    rowHeader: true,
    cell: ({ name, start }) => (
      <>
        {name}
        <p className="muted">{start}…</p>
      </>
    ),
  },
  {
    header: 'May',
    cell: ({ scopes }) => (
      <span className="marks">
        {scopes.map((scope) => (
          <Badge key={scope} tone="neutral">
            {scope}
          </Badge>
        ))}
      </span>
    ),
  },
  {
    header: 'Last used',
    cell: ({ lastUsedAt }) => (lastUsedAt === null ? 'Never' : <Time value={lastUsedAt} withTime />),
  },
  {
    header: 'Ends',
    cell: ({ expiresAt }) => (expiresAt === null ? 'When revoked' : <Time value={expiresAt} />),
  },
  {
    header: 'Revoke',
    cell: ({ id, name }) => (
      <Confirm
        label="Revoke"
        question={`Programs that use “${name}” are refused at once. It cannot be taken back.`}
      >
        <Form method="post">
          <input type="hidden" name="id" value={id} />
          <Button variant="danger" name="intent" value="revoke">
            Revoke the key
          </Button>
        </Form>
      </Confirm>
    ),
  },
]

const LABELS = { name: 'Name', until: 'Until' }

const NewKey = ({ isAdmin }: { readonly isAdmin: boolean }) => {
  const answer = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const failure = answer?.failure ?? undefined
  return (
    <Card title="New key">
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        <InputField
          name="name"
          label={LABELS.name}
          hint="What it is for."
          maxLength={100}
          error={failure?.fieldErrors.name}
          defaultValue={failure?.values.name}
        />
        <fieldset className="field">
          <legend>It may</legend>
          {Object.entries(SCOPES).map(
            ([scope, words]) =>
              (isAdmin || !ADMINS.includes(scope)) && (
                <label key={scope} className="check">
                  <input
                    type="checkbox"
                    name="scope"
                    value={scope}
                    defaultChecked={!ADMINS.includes(scope)}
                  />{' '}
                  {words}
                </label>
              ),
          )}
        </fieldset>
        <InputField
          name="until"
          label={LABELS.until}
          type="date"
          hint="The first day on which it no longer works (UTC). Empty: until it is revoked."
          error={failure?.fieldErrors.expiresAt}
          defaultValue={failure?.values.until}
          optional
        />
        <div className="actions">
          <Button aria-busy={busy}>{busy ? 'Making…' : 'Make the key'}</Button>
        </div>
      </Form>
    </Card>
  )
}
