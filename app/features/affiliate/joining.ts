import type { JoinProgramInput } from '../../../server/domain/payout/schemas'

/** How an affiliate may be paid, and what is asked for each; PayPal needs no more than the address. */
export const JOIN_METHODS = {
  PAYPAL: 'PayPal, to the address above',
  BANK: 'Bank transfer',
  STRIPE: 'Stripe: it asks for its own details later',
  MAMOPAY: 'MamoPay, to an IBAN of the Emirates',
} as const satisfies Record<JoinProgramInput['paymentMethod'], string>

const FIELDS = ['paymentEmail', 'paymentMethod', 'paymentDetails.iban', 'paymentDetails.bic'] as const

/** The form as the API wants it; what is left empty is left out. */
export const joinInput = (
  form: FormData,
): { input: JoinProgramInput; values: Readonly<Record<string, string>> } => {
  const text = (name: string): string => {
    const value = form.get(name)
    return typeof value === 'string' ? value : ''
  }
  const values = Object.fromEntries(FIELDS.map((name) => [name, text(name)]))
  const details = Object.fromEntries(
    (['iban', 'bic'] as const)
      .map((name) => [name, text(`paymentDetails.${name}`).trim()] as const)
      .filter(([, value]) => value !== ''),
  )
  return {
    input: {
      paymentEmail: text('paymentEmail'),
      // The API says what is wrong with another one.
      paymentMethod: text('paymentMethod') as JoinProgramInput['paymentMethod'],
      ...(text('invite') === '' ? {} : { invite: text('invite') }),
      ...(Object.keys(details).length === 0 ? {} : { paymentDetails: details }),
    },
    values,
  }
}
