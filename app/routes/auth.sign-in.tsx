import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { AuthPage } from '~/components/auth-page'
import { Alert, Button, FormErrors, InputField } from '~/components/ui'
import { apiOf, failureOf, formFailure, signedInGoesTo } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import { safeRedirect } from '~/lib/safe-redirect.server'
import { useSignUpPath } from '~/lib/use-sign-up-path'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Sign in')

const goesTo = (wish: unknown): string => safeRedirect(wish, paths.dashboard())

export const loader = ({ request, context }: LoaderFunctionArgs) => {
  const query = new URL(request.url).searchParams
  const redirectTo = goesTo(query.get('redirectTo'))
  signedInGoesTo(context, redirectTo)
  // After a password was set the notice says what to do.
  const asked = query.has('redirectTo') && !query.has('notice')
  return json({ redirectTo, asked, verified: query.get('verified') })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { email, password, redirectTo } = textFields(form, ['email', 'password', 'redirectTo'])
  try {
    await apiOf(context).auth.signIn({ email, password })
  } catch (error) {
    if (failureOf(error, request).code === 'SECOND_FACTOR_REQUIRED')
      return redirect(paths.secondStep(goesTo(redirectTo)))
    return formFailure(error, request, { email })
  }
  return redirect(goesTo(redirectTo))
}

const LABELS = { email: 'E-mail', password: 'Password' }

const SignIn = () => {
  const { redirectTo, asked, verified } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const signUp = useSignUpPath()
  return (
    <AuthPage
      title="Sign in"
      footer={
        <>
          New here? <Link to={signUp}>Open an account</Link>
        </>
      }
    >
      {verified === '1' && failure === undefined && (
        <Alert tone="good" title="Your e-mail is confirmed. Sign in to start." />
      )}
      {verified === '0' && failure === undefined && <LinkIsSpent />}
      {asked && verified === null && failure === undefined && <Alert title="Sign in to go on." />}
      <FormErrors failure={failure} labels={LABELS} />
      {failure?.code === 'EMAIL_NOT_VERIFIED' && (
        <p>
          The link in our mail confirms it. <Link to={paths.forgotPassword()}>Send me a new mail</Link>
        </p>
      )}
      <Form method="post" className="form">
        <input type="hidden" name="redirectTo" value={redirectTo} />
        <InputField
          name="email"
          label={LABELS.email}
          error={failure?.fieldErrors.email}
          defaultValue={failure?.values.email}
          type="email"
          autoComplete="username"
          maxLength={254}
        />
        <InputField
          name="password"
          label={LABELS.password}
          error={failure?.fieldErrors.password}
          type="password"
          autoComplete="current-password"
          maxLength={256}
        />
        <Button variant="primary" wide aria-busy={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </Button>
      </Form>
      <p className="form-aside">
        <Link to={paths.forgotPassword()}>Forgot your password?</Link>
      </p>
    </AuthPage>
  )
}

export default SignIn

const LinkIsSpent = () => (
  <Alert tone="warning" title="This link no longer works.">
    If you confirmed your e-mail with it before, simply sign in. Else{' '}
    <Link to={paths.forgotPassword()}>have a new mail sent</Link>.
  </Alert>
)
