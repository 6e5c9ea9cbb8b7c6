import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { AuthPage } from '~/components/auth-page'
import { Button, FormErrors } from '~/components/ui'
import { CodeField } from '~/features/account/code-field'
import { apiOf, formFailure, signedInGoesTo } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { paths } from '~/lib/paths'
import { safeRedirect } from '~/lib/safe-redirect.server'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Enter the code')

const goesTo = (wish: unknown): string => safeRedirect(wish, paths.dashboard())

export const loader = ({ request, context }: LoaderFunctionArgs) => {
  const redirectTo = goesTo(new URL(request.url).searchParams.get('redirectTo'))
  signedInGoesTo(context, redirectTo)
  // The password comes first.
  if (!context.api.request.secondStep) throw redirect(paths.signIn(redirectTo))
  return json({ redirectTo })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { code, redirectTo } = textFields(await request.formData(), ['code', 'redirectTo'])
  try {
    await apiOf(context).auth.finishSignIn({ code })
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(goesTo(redirectTo))
}

const SecondStep = () => {
  const { redirectTo } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <AuthPage
      title="Enter the code"
      description="The password is right. One thing more, within five minutes."
      footer={<Link to={paths.signIn(redirectTo)}>Begin again</Link>}
    >
      <FormErrors failure={failure} labels={{ code: 'Code' }} />
      <Form method="post" className="form">
        <input type="hidden" name="redirectTo" value={redirectTo} />
        <CodeField
          hint="The six digits that your authenticator app shows, or one of your recovery codes."
          error={failure?.fieldErrors.code}
        />
        <Button variant="primary" wide aria-busy={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </Button>
      </Form>
    </AuthPage>
  )
}

export default SecondStep
