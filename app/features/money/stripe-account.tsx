import { Form, useNavigation } from '@remix-run/react'
import {
  Alert,
  Badge,
  Button,
  ButtonLink,
  Card,
  DescriptionList,
  FormErrors,
  InputField,
} from '~/components/ui'
import type { FormFailure } from '~/lib/forms'
import { paths } from '~/lib/paths'
import type { PayoutMethodView, PayoutTerms } from '../../../server/domain/payout/schemas'
import { type AccountState, accountState } from './withdrawals'

interface StripeAccountProps {
  /** Null: Stripe pays nobody here. */
  readonly stripe: PayoutTerms['stripe']
  readonly method: PayoutMethodView | null
  /** How one came here from Stripe, if one did: returned or expired. */
  readonly came: string | null
  readonly failure: FormFailure | undefined
}

/** One's own account at Stripe: how it stands, and the way there. */
export const StripeAccount = ({ stripe, method, came, failure }: StripeAccountProps) => {
  if (stripe === null)
    return (
      <Card title="Stripe">
        <p>Stripe pays nobody here at present. Choose another way to be paid above.</p>
      </Card>
    )
  const { account } = stripe
  const state = accountState(account, method)
  const { badge, words, button } = STATES[state]
  return (
    <Card title="Stripe">
      <div className="stack">
        {came === 'expired' && (
          <Alert tone="warning" title="That page at Stripe is over">
            It is open for a few minutes and can be gone to once. Nothing was lost: continue at Stripe again.
          </Alert>
        )}
        <FormErrors failure={failure} labels={{ password: 'Your password' }} />
        {account !== null && (
          <DescriptionList
            items={[
              { term: 'Your account', value: `acct_•••${account.account.slice(-4)}` },
              { term: 'State', value: <Badge tone={badge.tone}>{badge.words}</Badge> },
            ]}
          />
        )}
        <p>{words}</p>
        {button === null ? (
          <div className="actions">
            <ButtonLink to={paths.balance()}>Back to your balance</ButtonLink>
          </div>
        ) : (
          <PasswordForm button={button} failure={failure} />
        )}
      </div>
    </Card>
  )
}

const PasswordForm = ({
  button,
  failure,
}: {
  readonly button: string
  readonly failure: FormFailure | undefined
}) => {
  const busy = useNavigation().state === 'submitting'
  return (
    <Form method="post" action={paths.payoutMethod('STRIPE')} className="form" reloadDocument>
      <input type="hidden" name="kind" value="STRIPE" />
      <InputField
        name="password"
        label="Your password"
        hint="The one you sign in with here: to be sure that it is you."
        error={failure?.fieldErrors.password}
        type="password"
        autoComplete="current-password"
      />
      <div className="actions">
        <Button variant="primary" aria-busy={busy}>
          {button}
        </Button>
        <ButtonLink to={paths.balance()}>Back to your balance</ButtonLink>
      </div>
    </Form>
  )
}

const STATES: Readonly<
  Record<
    AccountState,
    {
      badge: { words: string; tone: 'good' | 'warning' | 'neutral' }
      words: string
      /** Null: there is nothing left to do. */
      button: string | null
    }
  >
> = {
  none: {
    badge: { words: 'None yet', tone: 'neutral' },
    words:
      'You go on to a page of Stripe’s, which asks who you are and where your bank is, and then pays your withdrawals there. We do not see what you enter. It takes some minutes; have a document with your name at hand.',
    button: 'Continue at Stripe',
  },
  unfinished: {
    badge: { words: 'Not finished', tone: 'warning' },
    words: 'Stripe has not all it asks for yet. What you entered there is kept: go on where you left.',
    button: 'Continue at Stripe',
  },
  checking: {
    badge: { words: 'Stripe needs more', tone: 'warning' },
    words:
      'Stripe does not pay to your account at present. It may still be checking what you entered, which can take a day or two, or want to see more: its page says what.',
    button: 'Continue at Stripe',
  },
  ready: {
    badge: { words: 'Ready', tone: 'neutral' },
    words:
      'Stripe can pay you. You are still paid the way that is on file; change it here when you like. For 48 hours after the change nothing can be withdrawn.',
    button: 'Be paid through Stripe from now on',
  },
  used: {
    badge: { words: 'Ready', tone: 'good' },
    words: 'Your withdrawals are sent to this account as soon as they are approved.',
    button: null,
  },
}
