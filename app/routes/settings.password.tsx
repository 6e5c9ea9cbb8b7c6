import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Button, ButtonLink, Card, FormErrors, InputField, PageHeader } from '~/components/ui'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Change your password')

export const loader = async (args: LoaderFunctionArgs) =>
  json({ email: (await load(args, (api) => api.auth.me())).user.email })

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const sent = textFields(await request.formData(), ['current', 'password'])
  try {
    await apiOf(context).auth.changePassword(sent)
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.security(), 'password-changed'))
}

const LABELS = { current: 'The password until now', password: 'The new password' }

const ChangePassword = () => {
  const { email } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <>
      <PageHeader
        title="Change your password"
        breadcrumb={[
          { label: 'Settings', to: paths.settings() },
          { label: 'Security', to: paths.security() },
        ]}
      />
      <Card>
        <FormErrors failure={failure} labels={LABELS} />
        <Form method="post" className="form">
          <p>You are signed out everywhere but here, your API keys end, and a mail tells you of it.</p>
          {/* For password managers: whose password this is. */}
          <input type="hidden" name="username" autoComplete="username" value={email} />
          <InputField
            name="current"
            label={LABELS.current}
            type="password"
            autoComplete="current-password"
            maxLength={256}
            error={failure?.fieldErrors.current}
          />
          <InputField
            name="password"
            label={LABELS.password}
            hint="At least 8 characters; a sentence is good."
            type="password"
            autoComplete="new-password"
            maxLength={256}
            error={failure?.fieldErrors.password}
          />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Changing…' : 'Change it'}
            </Button>
            <ButtonLink to={paths.security()}>Leave it</ButtonLink>
          </div>
        </Form>
      </Card>
    </>
  )
}

export default ChangePassword
