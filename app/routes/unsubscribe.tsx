import { type ActionFunctionArgs, json, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react'
import { AuthPage } from '~/components/auth-page'
import { Alert, Button } from '~/components/ui'
import { apiOf, failureOf } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Fewer mails')

const tokenOf = (request: Request): string => new URL(request.url).searchParams.get('token') ?? ''

/** Opening the link ends nothing yet: mail scanners open links too. */
export const loader = async ({ request, context }: LoaderFunctionArgs) => {
  try {
    const { label } = await apiOf(context).notification.readUnsubscribe({ token: tokenOf(request) })
    return json({ label, refusal: null })
  } catch (error) {
    const { status, message } = failureOf(error, request)
    return json({ label: null, refusal: message }, { status })
  }
}

/** By the button, or by a mail program itself (RFC 8058), which sends no cookie and reads no answer. */
export const action = async ({ request, context }: ActionFunctionArgs) => {
  try {
    const { label } = await apiOf(context).notification.unsubscribe({ token: tokenOf(request) })
    return json({ done: label, refusal: null })
  } catch (error) {
    const { status, message } = failureOf(error, request)
    return json({ done: null, refusal: message }, { status })
  }
}

const Unsubscribe = () => {
  const { label, refusal } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const footer = <Link to={paths.notificationSettings()}>Choose for each kind</Link>
  if (answer?.done)
    return (
      <AuthPage title="Fewer mails" footer={footer}>
        <Alert tone="good" title={`No more mails about: ${answer.done}.`}>
          You still find them in your account, under Notifications.
        </Alert>
      </AuthPage>
    )
  if (label === null)
    return (
      <AuthPage title="Fewer mails" footer={footer}>
        <Alert tone="warning" title="This link does not work.">
          {answer?.refusal ?? refusal}
        </Alert>
      </AuthPage>
    )
  return (
    <AuthPage title="Fewer mails" footer={footer}>
      <p>
        No more mails about: <strong>{label}</strong>? What keeps your account safe, and receipts, still come.
      </p>
      <Form method="post" className="form">
        <Button variant="primary" wide>
          End these mails
        </Button>
      </Form>
    </AuthPage>
  )
}

export default Unsubscribe
