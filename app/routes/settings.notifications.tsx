import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Alert, Button, ButtonLink, Card, FormErrors, Time } from '~/components/ui'
import { SettingsHeader } from '~/features/account/settings-header'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import type { PreferenceView } from '../../server/domain/notification/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Notifications you get')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, (api) => api.notification.preferences()))

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const form = await request.formData()
  const { notification } = apiOf(context)
  try {
    if (form.get('intent') === 'try') await notification.tryAddressAgain()
    else {
      const { preferences } = await notification.preferences()
      await notification.setPreferences({
        preferences: preferences
          .filter(({ switchable }) => switchable)
          .map(({ kind }) => ({
            kind,
            inApp: form.get(`app.${kind}`) === 'on',
            // What it is, the API says.
            mail: String(form.get(`mail.${kind}`)) as PreferenceView['mail'],
          })),
      })
    }
  } catch (error) {
    return formFailure(error, request)
  }
  return redirect(withNotice(paths.notificationSettings(), 'preferences-saved'))
}

const RHYTHMS = { NOW: 'At once', DAILY: 'Once a day, together', OFF: 'Never' } as const

const NotificationSettings = () => {
  const { preferences, bouncedAt } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <>
      <SettingsHeader title="Notifications" description="What you are told here, and what by mail." />
      {bouncedAt !== null && (
        <Alert tone="warning" title="Mails to your address come back">
          <Form method="post" className="stack">
            <p>
              Its mail server refused one for good on <Time value={bouncedAt} withTime />, so we send no more
              there. Change your address, or, when the mailbox is mended, have us try again.
            </p>
            <div className="actions">
              <Button name="intent" value="try">
                Try this address again
              </Button>
              <ButtonLink to={paths.changeEmail()}>Change the address</ButtonLink>
            </div>
          </Form>
        </Alert>
      )}
      <FormErrors failure={failure} labels={{}} />
      <Form method="post" className="stack">
        <Card>
          <div className="preferences">
            {preferences
              .filter(({ switchable }) => switchable)
              .map((preference) => (
                <Preference key={preference.kind} preference={preference} />
              ))}
          </div>
        </Card>
        <div className="actions">
          <Button variant="primary" name="intent" value="save" aria-busy={busy}>
            {busy ? 'Saving…' : 'Save'}
          </Button>
        </div>
      </Form>
      <Card title="Always sent" description="They keep your account safe, or are your receipts.">
        <ul className="points">
          {preferences
            .filter(({ switchable }) => !switchable)
            .map(({ kind, label, about }) => (
              <li key={kind}>
                <strong>{label}.</strong> {about}
              </li>
            ))}
        </ul>
      </Card>
    </>
  )
}

export default NotificationSettings

const Preference = ({ preference }: { readonly preference: PreferenceView }) => {
  const { kind, label, about, inApp, mail } = preference
  return (
    <fieldset className="preference">
      <legend>{label}</legend>
      <p className="muted">{about}</p>
      <div className="actions">
        <label className="check">
          <input type="checkbox" name={`app.${kind}`} defaultChecked={inApp} /> Here
        </label>
        <label className="check">
          By mail{' '}
          <select name={`mail.${kind}`} className="control" defaultValue={mail}>
            {Object.entries(RHYTHMS).map(([rhythm, words]) => (
              <option key={rhythm} value={rhythm}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
    </fieldset>
  )
}
