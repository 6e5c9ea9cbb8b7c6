import { Form, useNavigation } from '@remix-run/react'
import { Button, Card, FormErrors, InputField, SelectField } from '~/components/ui'
import type { FormFailure } from '~/lib/forms'

const LABELS = {
  affiliate: 'Affiliate',
  code: 'Code',
  percentage: 'Per cent off',
  amount: 'Or an amount off',
  'amount.amount': 'Or an amount off',
  'amount.currency': 'Currency',
  currency: 'Currency',
  months: 'For how long',
  scope: 'For what',
  expiresAt: 'Ends (UTC)',
  maxUses: 'How often',
}

interface CouponFormProps {
  readonly failure: FormFailure | undefined
  readonly title: string
  readonly description: string
  /** An admin says whose it is, and may take an amount off. */
  readonly admin?: true
  /** The longest an affiliate's own may be, in months. */
  readonly longest?: number
}

/** Makes a code; its terms are fixed from then on. */
export const CouponForm = ({ failure, title, description, admin, longest = 120 }: CouponFormProps) => {
  const busy = useNavigation().state === 'submitting'
  const wrong: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  const typed: Readonly<Record<string, string>> = failure?.values ?? {}
  const field = (name: keyof typeof LABELS) => ({
    name,
    label: LABELS[name],
    error: wrong[name],
    defaultValue: typed[name],
  })
  return (
    <Card title={title} description={description}>
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        <input type="hidden" name="intent" value="make" />
        {admin && <InputField {...field('affiliate')} hint="Any code of theirs." maxLength={100} />}
        <div className="form-pair">
          <InputField
            {...field('code')}
            hint="Letters and digits, such as ANNA20. Capitals make no difference. It is never given to anybody else."
            autoComplete="off"
            minLength={3}
            maxLength={64}
          />
          <InputField {...field('percentage')} inputMode="decimal" optional={admin === true} maxLength={6} />
        </div>
        {admin && (
          <div className="form-pair">
            <InputField
              {...field('amount')}
              error={wrong.amount ?? wrong['amount.amount']}
              inputMode="decimal"
              hint="Instead of a percentage, for prices of its currency."
              optional
            />
            <InputField
              {...field('currency')}
              error={wrong.currency ?? wrong['amount.currency']}
              hint="Such as USD."
              maxLength={3}
              optional
            />
          </div>
        )}
        {longest > 0 && (
          <div className="form-pair">
            <SelectField
              name="lasts"
              label="Off a subscription’s"
              defaultValue={typed.lasts ?? 'FIRST'}
              hint="Which of its payments are lowered. What is paid once is lowered that once."
            >
              <option value="FIRST">First payment</option>
              <option value="MONTHS">Payments of the first months</option>
              {admin && <option value="EVER">Every payment</option>}
            </SelectField>
            <InputField
              {...field('months')}
              label="So many months"
              inputMode="numeric"
              hint={`For “first months”: from 1 to ${longest}.`}
              maxLength={3}
              optional
            />
          </div>
        )}
        {admin && (
          <SelectField {...field('scope')} defaultValue={typed.scope ?? 'ALL'}>
            {Object.entries(SCOPES).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </SelectField>
        )}
        <div className="form-pair">
          <InputField {...field('expiresAt')} type="datetime-local" hint="Empty: never." optional />
          <InputField
            {...field('maxUses')}
            inputMode="numeric"
            hint="By how many purchases it may be used. Empty: any number."
            maxLength={10}
            optional
          />
        </div>
        <div className="actions">
          <Button variant="primary" aria-busy={busy}>
            {busy ? 'Making…' : 'Make the code'}
          </Button>
        </div>
      </Form>
    </Card>
  )
}

export const SCOPES = {
  ALL: 'Plans and workspaces',
  PLANS: 'Plans',
  WORKSPACES: 'Workspaces',
} as const
