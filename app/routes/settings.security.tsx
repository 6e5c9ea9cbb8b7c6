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
  DataTable,
  FormErrors,
  Time,
} from '~/components/ui'
import { SettingsHeader } from '~/features/account/settings-header'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { SessionView } from '../../server/domain/identity/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Security')

export const loader = async (args: LoaderFunctionArgs) =>
  json(
    await load(args, async (api) => ({
      factor: await api.auth.secondFactor(),
      sessions: (await api.auth.sessions()).items,
    })),
  )

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, id } = textFields(await request.formData(), ['intent', 'id'])
  const { auth } = apiOf(context)
  try {
    if (intent === 'others') await auth.revokeOtherSessions()
    else await auth.revokeSession({ id })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.security(), intent === 'others' ? 'sessions-ended' : 'session-ended'))
}

const Security = () => {
  const { factor, sessions } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  return (
    <>
      <SettingsHeader
        title="Security"
        description="What keeps others out of your account, and where you are signed in."
      />
      <FormErrors failure={failure} labels={{}} />
      <Card title="Password">
        <div className="stack">
          <p>A new one signs you out everywhere but here.</p>
          <div className="actions">
            <ButtonLink to={paths.changePassword()}>Change it</ButtonLink>
            <ButtonLink to={paths.forgotPassword()}>I have forgotten it</ButtonLink>
          </div>
        </div>
      </Card>
      <Card title="Second factor">
        <div className="stack">
          {factor.since === null ? (
            <p>
              Off. With it, signing in also asks for a code that only your phone shows, so that a password
              alone opens nothing.
            </p>
          ) : (
            <>
              <p>
                On since <Time value={factor.since} />. Signing in asks for a code of your authenticator app.
              </p>
              {factor.recoveryCodesLeft < 3 && (
                <Alert
                  tone="warning"
                  title={`${factor.recoveryCodesLeft} recovery ${factor.recoveryCodesLeft === 1 ? 'code is' : 'codes are'} left`}
                >
                  Make new ones, so that you get in when your phone is lost.
                </Alert>
              )}
            </>
          )}
          <div className="actions">
            <ButtonLink to={paths.secondFactor()}>
              {factor.since === null ? 'Set it up' : 'Change it'}
            </ButtonLink>
          </div>
        </div>
      </Card>
      <Card
        flush
        title="Where you are signed in"
        description="You do not know one of these? Sign it out, and set a new password."
      >
        <DataTable
          caption="Your sessions, this one first"
          columns={COLUMNS}
          rows={sessions}
          rowKey={({ id }) => id}
          empty={null}
        />
      </Card>
      {sessions.length > 1 && (
        <Form method="post" className="actions">
          <Button name="intent" value="others">
            Sign out everywhere but here
          </Button>
        </Form>
      )}
    </>
  )
}

export default Security

const COLUMNS: readonly Column<SessionView>[] = [
  {
    header: 'Device',
    rowHeader: true,
    cell: ({ device, current }) => (
      <span className="marks">
        {device ?? 'A program or unknown device'} {current && <Badge tone="good">This one</Badge>}
      </span>
    ),
  },
  { header: 'Last used', cell: ({ lastUsedAt }) => <Time value={lastUsedAt} withTime /> },
  { header: 'Signed in', cell: ({ createdAt }) => <Time value={createdAt} withTime /> },
  {
    header: 'Sign out',
    cell: ({ id, current, device }) =>
      current ? (
        'By “Sign out” in the menu'
      ) : (
        <Confirm
          label="Sign out"
          question={`Whoever uses it there (${device ?? 'unknown'}) has to sign in again.`}
        >
          <Form method="post">
            <input type="hidden" name="id" value={id} />
            <Button variant="danger" name="intent" value="one">
              Sign it out
            </Button>
          </Form>
        </Confirm>
      ),
  },
]
