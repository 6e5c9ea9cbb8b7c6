import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { AuthPage } from '~/components/auth-page'
import { Button, ButtonLink, FormErrors, InputField } from '~/components/ui'
import { apiOf, formFailure, signedInGoesTo } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { hasMailbox } from '~/lib/mailbox.server'
import { pageTitle } from '~/lib/meta'
import { paths, withQuery } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () =>
  pageTitle('Sign up', 'Open an account to sell copies of your workspaces.')

export const loader = ({ request, context }: LoaderFunctionArgs) => {
  signedInGoesTo(context, paths.dashboard())
  return json({
    sent: new URL(request.url).searchParams.has('sent'),
    mailbox: hasMailbox(context),
  })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { companyName, ...typed } = textFields(form, ['email', 'firstName', 'lastName', 'companyName'])
  const { password } = textFields(form, ['password'])
  const company = companyName.trim() === '' ? {} : { companyName }
  try {
    await apiOf(context).auth.signUp({ ...typed, ...company, password })
  } catch (error) {
    return formFailure(error, request, { ...typed, companyName })
  }
  return redirect(withQuery(paths.signUp(), { sent: '1' }))
}

const LABELS = {
  firstName: 'First name',
  lastName: 'Last name',
  companyName: 'Company',
  email: 'E-mail',
  password: 'Password',
}

const SignUp = () => {
  const { sent, mailbox } = useLoaderData<typeof loader>()
  return sent ? <CheckYourMail mailbox={mailbox} /> : <SignUpForm />
}

export default SignUp

const SignUpForm = () => {
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const field = (name: keyof typeof LABELS) => ({
    name,
    label: LABELS[name],
    error: failure?.fieldErrors[name],
    defaultValue: failure?.values[name],
  })
  return (
    <AuthPage
      title="Open an account"
      description="14 days of the Business plan to try things out. No card is asked for."
      footer={
        <>
          You have an account? <Link to={paths.signIn()}>Sign in</Link>
        </>
      }
    >
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        <div className="form-pair">
          <InputField {...field('firstName')} autoComplete="given-name" maxLength={100} />
          <InputField {...field('lastName')} autoComplete="family-name" maxLength={100} />
        </div>
        <InputField {...field('companyName')} optional autoComplete="organization" maxLength={200} />
        <InputField {...field('email')} type="email" autoComplete="email" maxLength={254} />
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
          {busy ? 'Opening…' : 'Open the account'}
        </Button>
      </Form>
    </AuthPage>
  )
}

const CheckYourMail = ({ mailbox }: { readonly mailbox: boolean }) => (
  <AuthPage
    title="Check your mail"
    footer={
      <>
        Confirmed already? <Link to={paths.signIn()}>Sign in</Link>
      </>
    }
  >
    <p>We have sent you a link. Open it to confirm your address, then sign in.</p>
    <p className="muted">
      Nothing there after a few minutes? Look among the unwanted mail, or sign up again.
    </p>
    {mailbox && (
      <ButtonLink to={paths.mailbox()} variant="primary" wide reload>
        Open the mailbox of this installation
      </ButtonLink>
    )}
  </AuthPage>
)
