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
import { apiOf, formFailure } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { hasMailbox } from '~/lib/mailbox.server'
import { pageTitle } from '~/lib/meta'
import { paths, withQuery } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Forgot password')

export const loader = ({ request, context }: LoaderFunctionArgs) => {
  return json({
    sent: new URL(request.url).searchParams.has('sent'),
    mailbox: hasMailbox(context),
  })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { email } = textFields(await request.formData(), ['email'])
  try {
    await apiOf(context).auth.forgotPassword({ email })
  } catch (error) {
    return formFailure(error, request, { email })
  }
  return redirect(withQuery(paths.forgotPassword(), { sent: '1' }))
}

const LABELS = { email: 'E-mail' }

const ForgotPassword = () => {
  const { sent, mailbox } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const footer = <Link to={paths.signIn()}>Back to signing in</Link>
  if (sent)
    return (
      <AuthPage title="Check your mail" footer={footer}>
        <p>
          If there is an account with that address, a link to set a new password is on its way. It works for
          60 minutes.
        </p>
        {mailbox && (
          <ButtonLink to={paths.mailbox()} variant="primary" wide reload>
            Open the mailbox of this installation
          </ButtonLink>
        )}
      </AuthPage>
    )
  return (
    <AuthPage
      title="Forgot your password?"
      description="We send you a link with which you set a new one."
      footer={footer}
    >
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        <InputField
          name="email"
          label={LABELS.email}
          error={failure?.fieldErrors.email}
          defaultValue={failure?.values.email}
          type="email"
          autoComplete="username"
          maxLength={254}
        />
        <Button variant="primary" wide aria-busy={busy}>
          {busy ? 'Sending…' : 'Send the link'}
        </Button>
      </Form>
    </AuthPage>
  )
}

export default ForgotPassword
