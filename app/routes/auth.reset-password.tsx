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
import { safeRedirect } from '~/lib/safe-redirect'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Set a password')

export const loader = ({ request }: LoaderFunctionArgs) => {
  const query = new URL(request.url).searchParams
  return json({ token: query.get('token') ?? '', redirectTo: goesTo(query.get('redirectTo')) })
}

/** Where the link leads once the password is set: a purchase's to the copy. Empty when it names nothing of ours. */
const goesTo = (wish: unknown): string => safeRedirect(wish, '')

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { token, password, redirectTo } = textFields(form, ['token', 'password', 'redirectTo'])
  try {
    await apiOf(context).auth.resetPassword({ token, password })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.signIn(goesTo(redirectTo) || undefined), 'password-set'))
}

const LABELS = { password: 'New password' }

const ResetPassword = () => {
  const { token, redirectTo } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const spent = token === '' || failure?.code === 'TOKEN_INVALID' || failure?.fieldErrors.token !== undefined
  if (spent) return <LinkIsSpent redirectTo={redirectTo} />
  return (
    <AuthPage
      title="Set your password"
      description={
        redirectTo === ''
          ? 'This also confirms your e-mail. Other sessions are signed out.'
          : 'Then sign in with it, and your copy opens. This also confirms your e-mail.'
      }
    >
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        <input type="hidden" name="token" value={token} />
        <input type="hidden" name="redirectTo" value={redirectTo} />
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

const LinkIsSpent = ({ redirectTo }: { readonly redirectTo: string }) => (
  <AuthPage title="This link no longer works">
    <Alert tone="warning" title="It was used already, is too old, or was cut off on its way." />
    <p>If you set your password with it, simply sign in. Else have a new link sent to you.</p>
    <div className="actions">
      <ButtonLink to={paths.forgotPassword()} variant="primary">
        Send me a new link
      </ButtonLink>
      <ButtonLink to={paths.signIn(redirectTo || undefined)}>Sign in</ButtonLink>
    </div>
  </AuthPage>
)
