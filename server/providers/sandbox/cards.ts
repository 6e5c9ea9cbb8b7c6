/** What Stripe's test cards do (docs.stripe.com/testing). No other number is taken: a real card never gets in here. */

export interface Card {
  readonly brand: string
  readonly last4: string
  readonly expMonth: number
  readonly expYear: number
}

export interface Decline {
  readonly code: string
  readonly declineCode: string | null
  readonly message: string
}

export type CardOutcome =
  | { readonly kind: 'pays' }
  | { readonly kind: 'declines'; readonly decline: Decline }
  | { readonly kind: 'authenticates' }

/** @param charged false: it is only kept, for later */
export const cardOutcome = (number: string, charged = true): CardOutcome => {
  if (KEPT_ONLY.has(number)) return charged ? DECLINES : { kind: 'pays' }
  if (AUTHENTICATED.has(number)) return { kind: 'authenticates' }
  const decline = DECLINED[number]
  if (decline) return { kind: 'declines', decline }
  if (PAYING.has(number)) return { kind: 'pays' }
  return { kind: 'declines', decline: NOT_A_TEST_CARD }
}

/** What becomes of a later charge, when nobody is there to say that it is them. */
export const laterOutcome = (number: string): CardOutcome => {
  if (KEPT_ONLY.has(number)) return DECLINES
  return ASKED_ONCE.has(number) ? { kind: 'pays' } : cardOutcome(number)
}

/** What is wrong with what was typed, or the card. */
export const readCard = (
  typed: { readonly number: string; readonly expiry: string; readonly cvc: string },
  now: Date,
): { readonly card: Card; readonly number: string } | { readonly problem: string } => {
  const number = typed.number.replace(/[\s-]/g, '')
  if (!/^\d{12,19}$/.test(number) || !passesLuhn(number)) return { problem: 'Your card number is invalid.' }
  const expiry = /^\s*(\d{1,2})\s*\/?\s*(?:20)?(\d{2})\s*$/.exec(typed.expiry)
  const month = Number(expiry?.[1])
  const year = 2000 + Number(expiry?.[2])
  if (!expiry || month < 1 || month > 12) return { problem: "Your card's expiration date is invalid." }
  if (Date.UTC(year, month, 1) <= now.getTime())
    return { problem: "Your card's expiration date is in the past." }
  if (!/^\s*\d{3,4}\s*$/.test(typed.cvc)) return { problem: "Your card's security code is invalid." }
  return { number, card: { brand: brandOf(number), last4: number.slice(-4), expMonth: month, expYear: year } }
}

export const AUTHENTICATION_FAILED: Decline = {
  code: 'payment_intent_authentication_failure',
  declineCode: null,
  message:
    'We are unable to authenticate your payment method. Please choose a different payment method and try again.',
}

/** ISO/IEC 7812-1, annex B. */
export const passesLuhn = (digits: string): boolean => {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

const declined = (declineCode: string, message = 'Your card was declined.'): Decline => ({
  code: 'card_declined',
  declineCode,
  message,
})

const DECLINED: Readonly<Record<string, Decline>> = {
  '4000000000000002': declined('generic_decline'),
  '4000000000009995': declined('insufficient_funds', 'Your card has insufficient funds.'),
  '4000000000009987': declined('lost_card'),
  '4000000000009979': declined('stolen_card'),
  '4000000000000069': { code: 'expired_card', declineCode: null, message: 'Your card has expired.' },
  '4000000000000127': {
    code: 'incorrect_cvc',
    declineCode: null,
    message: "Your card's security code is incorrect.",
  },
  '4000000000000119': {
    code: 'processing_error',
    declineCode: null,
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
}

const NOT_A_TEST_CARD = declined(
  'test_mode_live_card',
  'Your card was declined. This is the sandbox: use one of the test card numbers.',
)

/** Can be kept, and fails whenever it is charged. */
const KEPT_ONLY = new Set(['4000000000000341'])
const DECLINES: CardOutcome = { kind: 'declines', decline: declined('generic_decline') }

/** Authenticated when it is kept, and not again. */
const ASKED_ONCE = new Set(['4000002500003155'])
const AUTHENTICATED = new Set(['4000002760003184', '4000002500003155', '4000000000003220'])

const PAYING = new Set([
  '4242424242424242',
  '4000056655665556',
  '5555555555554444',
  '2223003122003222',
  '5200828282828210',
  '378282246310005',
  '6011111111111117',
  '3056930009020004',
  '3566002020360505',
])

const brandOf = (number: string): string => {
  if (/^3[47]/.test(number)) return 'amex'
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard'
  if (/^6011/.test(number)) return 'discover'
  if (/^35/.test(number)) return 'jcb'
  if (/^3/.test(number)) return 'diners'
  return 'visa'
}
