import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { AuthPage } from '~/components/auth-page'
import { Alert, Button, ButtonLink, FormErrors, InputField } from '~/components/ui'
import { apiOf, formFailure } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Set a password')

export const loader = ({ request }: LoaderFunctionArgs) => {
  return json({ token: new URL(request.url).searchParams.get('token') ?? '' })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { token, password } = textFields(form, ['token', 'password'])
  try {
    const { purpose } = await apiOf(context).auth.resetPassword({ token, password })
    // A purchase's link leads on to the copy.
    const next = purpose === 'OPEN_PURCHASE' ? paths.workspaces() : undefined
    return redirect(withNotice(paths.signIn(next), 'password-set'))
  } catch (error) {
    return formFailure(error, request)
  }
}

const LABELS = { password: 'New password' }

const ResetPassword = () => {
  const { token } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const spent = token === '' || failure?.code === 'TOKEN_INVALID' || failure?.fieldErrors.token !== undefined
  if (spent) return <LinkIsSpent />
  return (
    <AuthPage
      title="Set your password"
      description="Then sign in with it. This also confirms your e-mail, and signs other sessions out."
    >
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        <input type="hidden" name="token" value={token} />
        <InputField
          name="password"
          label={LABELS.password}
          error={failure?.fieldErrors.password}
          hint="8 characters or more. A sentence is easier to remember than a riddle."
          type="password"
          autoComplete="new-password"
          minLength={8}
          maxLength={256}
        />
        <Button variant="primary" wide aria-busy={busy}>
          {busy ? 'Setting…' : 'Set the password'}
        </Button>
      </Form>
    </AuthPage>
  )
}

export default ResetPassword

const LinkIsSpent = () => (
  <AuthPage title="This link no longer works">
    <Alert tone="warning" title="It was used already, is too old, or was cut off on its way." />
    <p>If you set your password with it, simply sign in. Else have a new link sent to you.</p>
    <div className="actions">
      <ButtonLink to={paths.forgotPassword()} variant="primary">
        Send me a new link
      </ButtonLink>
      <ButtonLink to={paths.signIn()}>Sign in</ButtonLink>
    </div>
  </AuthPage>
)
