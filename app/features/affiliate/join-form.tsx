import { Form, useNavigation } from '@remix-run/react'
import { Button, Card, FormErrors, InputField, SelectField } from '~/components/ui'
import type { FormFailure } from '~/lib/forms'
import { JOIN_METHODS } from './joining'

const LABELS = {
  paymentEmail: 'E-mail address for payments',
  paymentMethod: 'How do you want to be paid?',
  'paymentDetails.iban': 'IBAN',
  'paymentDetails.bic': 'BIC',
}

/** Asks how the affiliate wants to be paid; works without scripts, so every field is there from the start. */
export const JoinForm = ({
  failure,
  invite,
}: {
  readonly failure: FormFailure | undefined
  /** Of the group whose terms are shown. */
  readonly invite: string | null
}) => {
  const busy = useNavigation().state === 'submitting'
  const errors: Readonly<Record<string, string>> = failure?.fieldErrors ?? {}
  const values: Readonly<Record<string, string>> = failure?.values ?? {}
  return (
    <Card
      title="Where your earnings are paid"
      description="Kept encrypted and shown masked. Later it can be changed with your password only."
    >
      <FormErrors failure={failure} labels={LABELS} />
      <Form method="post" className="form">
        {invite !== null && <input type="hidden" name="invite" value={invite} />}
        <InputField
          name="paymentEmail"
          label={LABELS.paymentEmail}
          type="email"
          autoComplete="email"
          error={errors.paymentEmail}
          defaultValue={values.paymentEmail}
        />
        <SelectField
          name="paymentMethod"
          label={LABELS.paymentMethod}
          error={errors.paymentMethod}
          defaultValue={values.paymentMethod ?? 'PAYPAL'}
        >
          {Object.entries(JOIN_METHODS).map(([kind, words]) => (
            <option key={kind} value={kind}>
              {words}
            </option>
          ))}
        </SelectField>
        <div className="form-pair">
          <InputField
            name="paymentDetails.iban"
            label={LABELS['paymentDetails.iban']}
            hint="For a bank transfer or MamoPay."
            optional
            autoComplete="off"
            error={errors['paymentDetails.iban']}
            defaultValue={values['paymentDetails.iban']}
          />
          <InputField
            name="paymentDetails.bic"
            label={LABELS['paymentDetails.bic']}
            hint="Where your bank asks for it."
            optional
            autoComplete="off"
            error={errors['paymentDetails.bic']}
            defaultValue={values['paymentDetails.bic']}
          />
        </div>
        <p className="muted">
          By joining you accept the terms above. They stay yours: a later change counts for new customers
          only.
        </p>
        <div className="actions">
          <Button variant="primary" aria-busy={busy}>
            {busy ? 'Joining…' : 'Join Now'}
          </Button>
        </div>
      </Form>
    </Card>
  )
}
