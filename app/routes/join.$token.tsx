import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, isRouteErrorResponse, useActionData, useLoaderData, useRouteError } from '@remix-run/react'
import { Problem } from '~/components/problem'
import { Alert, Button, ButtonLink, Card, FormErrors, PageHeader } from '~/components/ui'
import { ROLE_NAMES } from '~/features/workspace/roles'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => [...pageTitle('Invitation'), { name: 'robots', content: 'noindex' }]

export const loader = async (args: LoaderFunctionArgs) => {
  const token = args.params.token ?? ''
  const invitation = await load(args, (api) => api.members.invitation({ token }))
  return json({ invitation, here: paths.join(token) })
}

export const action = async ({ request, context, params }: ActionFunctionArgs) => {
  const { intent } = textFields(await request.formData(), ['intent'])
  const token = params.token ?? ''
  const api = apiOf(context).members
  try {
    if (intent === 'reject') {
      await api.reject({ token })
      return redirect(withNotice(paths.home(), 'invitation-rejected'), 303)
    }
    const { workspaceId } = await api.accept({ token })
    return redirect(withNotice(paths.workspace(workspaceId), 'workspace-joined'), 303)
  } catch (error) {
    return formFailure(error, request)
  }
}

const Join = () => {
  const { invitation, here } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const { workspaceName, invitedBy, role, email, isMine, isMember, workspaceId } = invitation
  const offered = role === 'OWNER'
  return (
    <div className="narrow">
      <PageHeader
        title={offered ? `Take over ${workspaceName}?` : `Join ${workspaceName}?`}
        description={
          offered
            ? `${invitedBy} offers you this workspace. When you accept, it is yours and counts against your plan.`
            : `${invitedBy} invites you to this workspace as ${ROLE_NAMES[role]}.`
        }
      />
      <FormErrors failure={failure} labels={{}} />
      {isMine === false && email !== null && (
        <Alert tone="warning" title="This invitation is for another address">
          It was sent to {email}. Sign out, and sign in with the account of that address.
        </Alert>
      )}
      <Card>
        {isMember && !offered && workspaceId !== null ? (
          <div className="stack">
            <p>You are a member already.</p>
            <div className="actions">
              <ButtonLink to={paths.workspace(workspaceId)} variant="primary">
                Open the workspace
              </ButtonLink>
            </div>
          </div>
        ) : (
          <div className="stack">
            {isMine === null && (
              <p>
                {email === null
                  ? 'Sign in to join. If you have no account yet, open one, then come back to this address.'
                  : `Sign in as ${email} to join. If you have no account yet, open one with this address, then come back by the link in the mail.`}
              </p>
            )}
            <div className="actions">
              {isMine === null && (
                <>
                  <ButtonLink to={paths.signIn(here)} variant="primary">
                    Sign in
                  </ButtonLink>
                  <ButtonLink to={paths.signUp()}>Open an account</ButtonLink>
                </>
              )}
              {isMine === true && (
                <Form method="post">
                  <Button name="intent" value="accept" variant="primary">
                    {offered ? 'Take it over' : 'Join'}
                  </Button>
                </Form>
              )}
              {email !== null && isMine !== false && (
                <Form method="post">
                  <Button name="intent" value="reject">
                    No, thank you
                  </Button>
                </Form>
              )}
            </div>
          </div>
        )}
      </Card>
    </div>
  )
}

export default Join

export const ErrorBoundary = () => {
  const error = useRouteError()
  if (!isRouteErrorResponse(error) || error.status !== 404) return <Problem error={error} />
  return (
    <div className="narrow">
      <PageHeader
        title="This invitation does not hold"
        description="It was used, taken back, or is too old. Ask whoever sent it for a new one."
      />
      <div className="actions">
        <ButtonLink to={paths.workspaces()} variant="primary">
          Go to your workspaces
        </ButtonLink>
      </div>
    </div>
  )
}
