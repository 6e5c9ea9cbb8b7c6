import {
  type ActionFunctionArgs,
  json,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { Alert, Button, ButtonLink, Card, FormErrors, InputField, Money, PageHeader } from '~/components/ui'
import { apiOf, formFailure, load } from '~/lib/api.server'
import { textFields } from '~/lib/forms'
import { pageTitle } from '~/lib/meta'
import { withNotice } from '~/lib/notices'
import { paths } from '~/lib/paths'
import { CLOSING_WORDS } from '../../server/domain/identity/schemas'

export { refusalHeaders as headers } from '~/lib/headers'
export const meta: MetaFunction = () => pageTitle('Close your account')

export const loader = async (args: LoaderFunctionArgs) => {
  const [{ user }, closing] = await load(args, (api) => Promise.all([api.auth.me(), api.auth.closing()]))
  return json({ ...closing, email: user.email, isAdmin: user.role === 'ADMIN' })
}

export const action = async ({ request, context }: ActionFunctionArgs) => {
  const { confirmation, password } = textFields(await request.formData(), ['confirmation', 'password'])
  try {
    await apiOf(context).auth.closeAccount({ password, confirmation })
  } catch (error) {
    return formFailure(error, request, { confirmation })
  }
  return redirect(withNotice(paths.home(), 'account-closed'))
}

const CloseAccount = () => {
  const { obstacles, isAdmin } = useLoaderData<typeof loader>()
  return (
    <>
      <PageHeader
        title="Close your account"
        description="For good: nobody can open it again, we neither."
        breadcrumb={[{ label: 'Dashboard', to: paths.dashboard() }]}
      />
      <WhatGoes />
      <WhatStays />
      {isAdmin ? (
        <Alert tone="warning" title="An admin’s account cannot be closed">
          Have another admin take the role from you first.
        </Alert>
      ) : obstacles.length > 0 ? (
        <Obstacles />
      ) : (
        <CloseForm />
      )}
    </>
  )
}

export default CloseAccount

const WhatGoes = () => (
  <Card title="What goes, at once">
    <ul className="points">
      <li>Your name, e-mail address and password; you are signed out everywhere.</li>
      <li>
        Your workspaces and all that is published from them. Links that you sell through lead nowhere any
        more, nor does your referral link. <Link to={paths.workspaces()}>Export what you want to keep</Link>{' '}
        first.
      </li>
      <li>Payout details and their documents, and tax details if we never paid you.</li>
      <li>
        Your name and addresses in orders, mails, the log, and in what payment providers told us. The
        providers themselves keep what you gave them: ask them about that.
      </li>
      <li>
        Future earnings: what somebody still pays for copies or through your referrals earns you nothing.
      </li>
    </ul>
  </Card>
)

const WhatStays = () => (
  <Card title="What stays, and why">
    <ul className="points">
      <li>
        The books: what was bought, sold, earned and paid, under a pseudonym. The law wants them kept, and
        they prove that every amount is right.
      </li>
      <li>
        Statements of months that are over, as they were issued: they are signed, and would not verify
        changed. Download yours from <Link to={paths.balance()}>your balance</Link> first; they can be
        verified by anybody, later too.
      </li>
      <li>Tax details if we paid you, sealed: the tax office may ask us for them.</li>
      <li>Copies that others bought from you: they are theirs.</li>
      <li>What others earned by you.</li>
    </ul>
    <p>With the same e-mail address you can sign up again, as somebody new who has none of this.</p>
  </Card>
)

const Obstacles = () => {
  const { obstacles } = useLoaderData<typeof loader>()
  return (
    <Card title="Not yet: something is to be settled first">
      <ul className="points">
        {obstacles.map(({ code, message }) => {
          const way = WAYS[code]
          return (
            <li key={message}>
              {message} {way !== undefined && <Link to={way.to}>{way.label}</Link>}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

const WAYS: Readonly<Record<string, { label: string; to: string }>> = {
  BALANCE_LEFT: { label: 'Withdraw it', to: paths.withdraw() },
  COMMISSION_PENDING: { label: 'See when they are credited', to: paths.commissions({ status: 'PENDING' }) },
  WITHDRAWAL_OPEN: { label: 'See your withdrawals', to: paths.balance() },
  BALANCE_NEGATIVE: { label: 'See your balance', to: paths.balance() },
  DISPUTE_OPEN: { label: 'See your sales', to: paths.sales() },
  SUBSCRIPTION_RUNNING: { label: 'See what you pay for', to: paths.billing() },
}

const CloseForm = () => {
  const { leftovers, email } = useLoaderData<typeof loader>()
  const failure = useActionData<typeof action>()
  const busy = useNavigation().state === 'submitting'
  return (
    <Card title="Close it">
      {leftovers.length > 0 && (
        <Alert tone="warning" title="You give up what is left of your balance">
          {leftovers.map((money) => (
            <span key={money.currency}>
              <Money value={money} />{' '}
            </span>
          ))}
          is less than is paid out. It stays in the books and is not paid any more. If you want it, stay until
          it is more, or write to us before you close the account.
        </Alert>
      )}
      <FormErrors
        failure={failure}
        labels={{ confirmation: `Type “${CLOSING_WORDS}”`, password: 'Your password' }}
      />
      <Form method="post" className="form">
        <InputField
          name="confirmation"
          label={`Type “${CLOSING_WORDS}”`}
          hint={
            <>
              The account of <span className="break">{email}</span>. This cannot be undone.
            </>
          }
          error={failure?.fieldErrors.confirmation}
          defaultValue={failure?.values.confirmation}
          autoComplete="off"
          autoCapitalize="none"
        />
        <InputField
          name="password"
          label="Your password"
          hint="The one you sign in with: to be sure that it is you."
          error={failure?.fieldErrors.password}
          type="password"
          autoComplete="current-password"
        />
        <div className="actions">
          <Button variant="danger" aria-busy={busy}>
            {busy ? 'Closing…' : 'Close my account for good'}
          </Button>
          <ButtonLink to={paths.dashboard()}>Keep it</ButtonLink>
        </div>
      </Form>
    </Card>
  )
}
