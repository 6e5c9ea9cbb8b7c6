import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { renderSVG } from 'uqr'
import { Alert, Button, ButtonLink, Card, FormErrors, InputField, PageHeader } from '~/components/ui'
import { CodeField } from '~/features/account/code-field'
import { type Api, apiOf, formFailure, load } from '~/lib/api.server'
import { type FormFailure, textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Second factor')

export const loader = async (args: LoaderFunctionArgs) =>
  json(await load(args, (api) => api.auth.secondFactor()))

interface Answer {
  /** What an app is to be given; null: nothing is being set up. */
  readonly enrolment: { readonly enrolment: string; readonly secret: string; readonly qr: string } | null
  /** Shown this once: in the answer itself, never in an address. */
  readonly codes: readonly string[] | null
  readonly failure: FormFailure | null
}

const NOTHING: Answer = { enrolment: null, codes: null, failure: null }

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const sent = textFields(await request.formData(), ['intent', 'password', 'code', 'enrolment'])
  const { auth } = apiOf(context)
  try {
    if (sent.intent === 'remove') {
      await auth.removeSecondFactor(sent)
      return redirect(withNotice(paths.security(), 'second-factor-off'))
    }
    return json(await done(auth, sent))
  } catch (error) {
    const failure = formFailure(error, request)
    const enrolment = sent.intent === 'confirm' ? await shownAgain(auth, sent.enrolment) : null
    return json<Answer>({ ...NOTHING, enrolment, failure: await failure.json() }, { status: failure.status })
  }
}

interface Sent {
  readonly intent: string
  readonly password: string
  readonly code: string
  readonly enrolment: string
}

const done = async (auth: Api['auth'], { intent, password, code, enrolment }: Sent): Promise<Answer> => {
  if (intent === 'confirm') {
    const { recoveryCodes } = await auth.confirmSecondFactor({ enrolment, code })
    return { ...NOTHING, codes: recoveryCodes }
  }
  if (intent === 'codes') {
    const { recoveryCodes } = await auth.renewRecoveryCodes({ password, code })
    return { ...NOTHING, codes: recoveryCodes }
  }
  return { ...NOTHING, enrolment: withQr(await auth.beginSecondFactor({ password, code })) }
}

const withQr = ({ enrolment, secret, uri }: { enrolment: string; secret: string; uri: string }) => ({
  enrolment,
  secret,
  qr: `data:image/svg+xml,${encodeURIComponent(renderSVG(uri, { border: 2 }))}`,
})

/** After a wrong code the same secret, so that nothing has to be typed into the app again; null: that is over. */
const shownAgain = async (auth: Api['auth'], enrolment: string): Promise<Answer['enrolment']> => {
  try {
    return withQr(await auth.enrolment({ enrolment }))
  } catch {
    return null
  }
}

const LABELS = { password: 'Your password', code: 'Code' }

const SecondFactor = () => {
  const factor = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>() ?? NOTHING
  return (
    <>
      <PageHeader
        title="Second factor"
        description="A code of an app on your phone, beside the password."
        breadcrumb={[
          { label: 'Settings', to: paths.settings() },
          { label: 'Security', to: paths.security() },
        ]}
      />
      {factor.required && factor.since === null && (
        <Alert tone="warning" title="Admins need a second factor here">
          Set it up to go on: it takes a minute, and an app such as Aegis, Google Authenticator or 1Password.
        </Alert>
      )}
      <FormErrors failure={answer.failure ?? undefined} labels={LABELS} />
      {answer.codes !== null ? (
        <RecoveryCodes codes={answer.codes} />
      ) : answer.enrolment !== null ? (
        <Enrolment enrolment={answer.enrolment} />
      ) : factor.since === null ? (
        <Begin />
      ) : (
        <Change />
      )}
    </>
  )
}

export default SecondFactor

const useFailure = (): FormFailure | undefined => useActionData<typeof action>()?.failure ?? undefined

const Begin = () => {
  const failure = useFailure()
  return (
    <Card title="Set it up">
      <Form method="post" className="form">
        <p>
          First your password; then you scan a picture with an authenticator app, and type the code it shows.
          Nothing changes before that.
        </p>
        <PasswordField error={failure?.fieldErrors.password} />
        <div className="actions">
          <Go intent="begin">Go on</Go>
          <ButtonLink to={paths.security()}>Not now</ButtonLink>
        </div>
      </Form>
    </Card>
  )
}

const Enrolment = ({ enrolment }: { readonly enrolment: NonNullable<Answer['enrolment']> }) => {
  const failure = useFailure()
  return (
    <Card title="Scan this with your app">
      <Form method="post" className="form">
        <input type="hidden" name="enrolment" value={enrolment.enrolment} />
        <img
          className="enrolment-qr"
          src={enrolment.qr}
          alt="A QR code for an authenticator app; the key below is the same"
          width={220}
          height={220}
        />
        <p>
          Or type this key into it (time-based, six digits): <br />
          <code className="enrolment-key">{enrolment.secret}</code>
        </p>
        <CodeField
          hint="The six digits that the app shows for Offshoot now. All your other sessions are signed out."
          error={failure?.fieldErrors.code}
        />
        <div className="actions">
          <Go intent="confirm">Switch it on</Go>
          <ButtonLink to={paths.secondFactor()}>Begin again</ButtonLink>
        </div>
      </Form>
    </Card>
  )
}

const RecoveryCodes = ({ codes }: { readonly codes: readonly string[] }) => (
  <Card title="Your recovery codes">
    <div className="stack">
      <Alert tone="good" title="The second factor is on. Keep these codes now: they are not shown again.">
        Each works once in place of a code, for when your phone is lost. Print them, or keep them in a
        password manager; not on the phone alone.
      </Alert>
      <ul className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="actions">
        <ButtonLink to={paths.dashboard()} variant="primary">
          I have kept them
        </ButtonLink>
      </div>
    </div>
  </Card>
)

const Change = () => {
  const { recoveryCodesLeft, required } = useLoaderData<typeof loader>()
  const failure = useFailure()
  return (
    <Card title="It is on">
      <Form method="post" className="form">
        <p>
          {recoveryCodesLeft} of 10 recovery codes are left. To change anything, give your password and a code
          of the app as it is, or a recovery code.
        </p>
        <PasswordField error={failure?.fieldErrors.password} />
        <CodeField
          hint="The six digits that the app shows, or a recovery code."
          error={failure?.fieldErrors.code}
        />
        <div className="actions">
          <Go intent="begin">Move to another app</Go>
          <Button name="intent" value="codes">
            Make new recovery codes
          </Button>
          {!required && (
            <Button name="intent" value="remove" variant="danger">
              Switch it off
            </Button>
          )}
        </div>
      </Form>
    </Card>
  )
}

const PasswordField = ({ error }: { readonly error: string | undefined }) => (
  <InputField
    name="password"
    label={LABELS.password}
    hint="The one you sign in with: to be sure that it is you."
    error={error}
    type="password"
    autoComplete="current-password"
    maxLength={256}
  />
)

const Go = ({ intent, children }: { readonly intent: string; readonly children: string }) => {
  const busy = useNavigation().state === 'submitting'
  return (
    <Button variant="primary" name="intent" value={intent} aria-busy={busy}>
      {busy ? 'One moment…' : children}
    </Button>
  )
}
