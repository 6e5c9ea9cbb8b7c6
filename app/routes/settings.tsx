import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Alert, Button, ButtonLink, Card, FormErrors, InputField, Time } from '~/components/ui'
import { SettingsHeader } from '~/features/account/settings-header'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Settings')

export const loader = async (args: LoaderFunctionArgs) =>
  json(
    await load(args, async (api) => ({
      user: (await api.auth.me()).user,
      change: await api.auth.emailChange(),
    })),
  )

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { intent, ...profile } = textFields(await request.formData(), [
    'intent',
    'firstName',
    'lastName',
    'companyName',
  ])
  const { auth } = apiOf(context)
  try {
    if (intent === 'keep') await auth.cancelEmailChange()
    else await auth.updateProfile(profile)
  } catch (error) {
    return formFailure(error, request, profile)
  }
  return redirect(withNotice(paths.settings(), intent === 'keep' ? 'email-kept' : 'profile-saved'))
}

const Settings = () => (
  <>
    <SettingsHeader title="Settings" description="Who you are here." />
    <Profile />
    <Address />
    <Card title="Close the account">
      <div className="stack">
        <p>For good: what names you is removed, and your workspaces with it.</p>
        <div className="actions">
          <ButtonLink to={paths.closeAccount()}>See what that means</ButtonLink>
        </div>
      </div>
    </Card>
  </>
)

export default Settings

const LABELS = { firstName: 'First name', lastName: 'Last name', companyName: 'Company' }

const Profile = () => {
  const { user } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <Card title="Your name">
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        <div className="form-pair">
          <InputField
            name="firstName"
            label={LABELS.firstName}
            autoComplete="given-name"
            defaultValue={failure?.values.firstName ?? user.firstName}
            error={failure?.fieldErrors.firstName}
          />
          <InputField
            name="lastName"
            label={LABELS.lastName}
            autoComplete="family-name"
            defaultValue={failure?.values.lastName ?? user.lastName}
            error={failure?.fieldErrors.lastName}
          />
        </div>
        <InputField
          name="companyName"
          label={LABELS.companyName}
          hint="What your account is called, where more than a name is needed. Buyers and mails see your own name."
          autoComplete="organization"
          defaultValue={failure?.values.companyName ?? user.organization.name}
          error={failure?.fieldErrors.companyName}
          optional
        />
        <div className="actions">
          <Button variant="primary" name="intent" value="save" aria-busy={busy}>
            {busy ? 'Saving…' : 'Save'}
          </Button>
        </div>
      </Form>
    </Card>
  )
}

const Address = () => {
  const { user, change } = useLoaderData<typeof loader>()
  return (
    <Card title="E-mail address">
      <div className="stack">
        <p className="break">{user.email}</p>
        {change !== null && (
          <Alert title="A change waits for both addresses to agree">
            <span className="break">
              To {change.newEmail}: the old address{' '}
              {change.oldConfirmed ? 'has agreed' : 'has not answered yet'}, the new one{' '}
              {change.newConfirmed ? 'has agreed' : 'has not answered yet'}. It ends by itself on{' '}
              <Time value={change.expiresAt} withTime />.
            </span>
          </Alert>
        )}
        <Form method="post" className="actions">
          <ButtonLink to={paths.changeEmail()}>
            {change === null ? 'Change it' : 'Change it to another'}
          </ButtonLink>
          {change !== null && (
            <Button name="intent" value="keep">
              Keep the old one
            </Button>
          )}
        </Form>
      </div>
    </Card>
  )
}
