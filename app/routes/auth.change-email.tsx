import { type ActionFunctionArgs, json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { AuthPage } from '~/components/auth-page'
import { Alert, Button } from '~/components/ui'
import { apiOf, failureOf } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Change of address')

/** Opening the link does nothing yet: mail scanners open links too. */
export const loader = async ({ request, context }: LoaderFunctionArgs) => {
  const token = new URL(request.url).searchParams.get('token') ?? ''
  try {
    return json({ token, change: await apiOf(context).auth.readEmailChange({ token }), refusal: null })
  } catch (error) {
    const { status, message } = failureOf(error, request)
    return json({ token, change: null, refusal: message }, { status })
  }
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { token, intent } = textFields(await request.formData(), ['token', 'intent'])
  try {
    const { state } = await apiOf(context).auth.answerEmailChange({ token, stop: intent === 'stop' })
    return json({ state, refusal: null })
  } catch (error) {
    const { status, message } = failureOf(error, request)
    return json({ state: null, refusal: message }, { status })
  }
}

const DONE = {
  WAITING: 'You have agreed. Now the other address has to: it has a mail too.',
  DONE: 'Done. The account is that of the new address: sign in with it from now on.',
  STOPPED: 'Stopped. The address stays as it is.',
} as const

const ChangeEmail = () => {
  const { token, change, refusal } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  const footer = <Link to={paths.settings()}>To your settings</Link>
  if (answer?.state)
    return (
      <AuthPage title="Change of address" footer={footer}>
        <Alert tone="good" title={DONE[answer.state]}>
          {answer.state === 'STOPPED' && (
            <>
              You know nothing of this? <Link to={paths.forgotPassword()}>Set a new password</Link>: whoever
              asked knows yours.
            </>
          )}
        </Alert>
      </AuthPage>
    )
  if (change === null)
    return (
      <AuthPage title="Change of address" footer={footer}>
        <Alert tone="warning" title="This link no longer works.">
          {answer?.refusal ?? refusal}
        </Alert>
      </AuthPage>
    )
  return (
    <AuthPage title="Change of address" footer={footer}>
      {answer?.refusal && <Alert tone="danger" title={answer.refusal} />}
      <p>
        The account of <strong className="break">{change.oldEmail}</strong> is to move to{' '}
        <strong className="break">{change.newEmail}</strong>. Nothing changes before both addresses have
        agreed.
      </p>
      <Form method="post" className="form">
        <input type="hidden" name="token" value={token} />
        <Button variant="primary" wide name="intent" value="agree" aria-busy={busy}>
          {change.side === 'old' ? 'Agree' : 'This is my address'}
        </Button>
        {change.side === 'old' && (
          <Button wide name="intent" value="stop">
            Stop it
          </Button>
        )}
      </Form>
    </AuthPage>
  )
}

export default ChangeEmail
