import type { Failure } from './charges'

/** What MamoPay's test cards do. No other number is taken: a real card never gets in here. */
export type MamoCardOutcome =
  | { readonly kind: 'pays' }
  | { readonly kind: 'authenticates' }
  | { readonly kind: 'fails'; readonly failure: Failure }

export const mamoCardOutcome = (number: string): MamoCardOutcome => {
  if (number === '4659105569051157') return { kind: 'pays' }
  if (number === '4242424242424242' || number === '4111111111111111') return { kind: 'authenticates' }
  if (number === '4567361325981788') return { kind: 'fails', failure: DECLINED }
  if (number === '4095254802642505') return { kind: 'fails', failure: NO_FUNDS }
  return { kind: 'fails', failure: NOT_A_TEST_CARD }
}

const DECLINED: Failure = {
  code: 'generic',
  message: "We're sorry, the card was declined. Please try again or use another card.",
}

const NO_FUNDS: Failure = {
  code: 'insufficient_funds',
  message: "We're sorry, the card was declined due to insufficient funds. Please try again.",
}

const NOT_A_TEST_CARD: Failure = {
  code: 'invalid_card',
  message: "We're sorry, the card number is invalid. This is the sandbox: use one of the test cards.",
}

export const NOT_AUTHENTICATED: Failure = {
  code: 'authentication_failed',
  message: "We're sorry, the payment was declined because authentication failed. Please try again.",
}
