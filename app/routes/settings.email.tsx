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
export const meta: MetaFunction = () => pageTitle('Change your e-mail address')

export const loader = async (args: LoaderFunctionArgs) =>
  json({ email: (await load(args, (api) => api.auth.me())).user.email })

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { email, password } = textFields(await request.formData(), ['email', 'password'])
  try {
    await apiOf(context).auth.changeEmail({ email, password })
  } catch (error) {
    return formFailure(error, request, { email })
  }
  return redirect(withNotice(paths.settings(), 'email-asked'))
}

const LABELS = { email: 'New e-mail address', password: 'Your password' }

const ChangeEmail = () => {
  const { email } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <>
      <PageHeader
        title="Change your e-mail address"
        description="You sign in with it, and we write to it."
        breadcrumb={[{ label: 'Settings', to: paths.settings() }]}
      />
      <Card>
        <FormErrors failure={failure} labels={LABELS} />
        <Form method="post" className="form">
          <p>
            Both addresses get a mail, the new one and <span className="break">{email}</span>. Once both have
            agreed, within 24 hours, the account is that of the new one. Until then nothing changes, and the
            old one can stop it.
          </p>
          <InputField
            name="email"
            label={LABELS.email}
            type="email"
            autoComplete="email"
            maxLength={254}
            defaultValue={failure?.values.email}
            error={failure?.fieldErrors.email}
          />
          <InputField
            name="password"
            label={LABELS.password}
            hint="The one you sign in with: to be sure that it is you."
            type="password"
            autoComplete="current-password"
            maxLength={256}
            error={failure?.fieldErrors.password}
          />
          <div className="actions">
            <Button variant="primary" aria-busy={busy}>
              {busy ? 'Asking…' : 'Ask both addresses'}
            </Button>
            <ButtonLink to={paths.settings()}>Keep the old one</ButtonLink>
          </div>
        </Form>
      </Card>
    </>
  )
}

export default ChangeEmail
