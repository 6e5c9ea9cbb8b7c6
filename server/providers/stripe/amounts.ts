import { refused } from '../../kit/errors'
import { currencyExponent, type Money, safeNumber } from '../../kit/money'

/**
 * Our amounts are ISO 4217 minor units; Stripe's differ for a few currencies (docs.stripe.com/currencies).
 * Nothing is ever rounded here: what does not fit is refused.
 */
const RULES: Readonly<Record<string, Rule>> = {
  // No minor unit, but sent with two digits that must be 00.
  ISK: { times: 100n },
  UGX: { times: 100n },
  // Two digits by ISO 4217, none at Stripe.
  MGA: { per: 100n },
  // Three digits, of which the last must be 0.
  BHD: { step: 10n },
  JOD: { step: 10n },
  KWD: { step: 10n },
  OMR: { step: 10n },
  TND: { step: 10n },
}

interface Rule {
  /** Stripe's amount = ours × times. */
  readonly times?: bigint
  /** Stripe's amount = ours ÷ per. */
  readonly per?: bigint
  /** Stripe takes multiples of this only. */
  readonly step?: bigint
}

const EIGHT_DIGITS = 99_999_999n
const MAXIMUM: Readonly<Record<string, bigint>> = {
  INR: 999_999_999n,
  COP: 9_999_999_999n,
  HUF: 9_999_999_999n,
  JPY: 9_999_999_999n,
  IDR: 999_999_999_999n,
  LBP: 999_999_999_999n,
}

/**
 * Our minor units → what Stripe is sent.
 * @throws DomainError 422 CURRENCY_AMOUNT_REFUSED when Stripe cannot take this amount of this currency exactly.
 */
export const toStripeAmount = ({ amount, currency }: Money): { amount: number; currency: string } => {
  const sent = takenAmount(amount, currency)
  if (sent === null)
    throw refused(
      'CURRENCY_AMOUNT_REFUSED',
      `This amount of ${currency} cannot be charged. Choose another price.`,
    )
  return { amount: safeNumber(sent), currency: currency.toLowerCase() }
}

/**
 * Nothing, or what Stripe takes exactly, from about half a dollar: 50 minor units, so 50 yen. Its minimum is of the
 * currency it settles in (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts), which nobody knows before.
 */
export const canCharge = ({ amount, currency }: Money): boolean =>
  takenAmount(amount, currency) !== null && (amount === 0n || amount >= LEAST)

const LEAST = 50n

/** Something, which Stripe takes exactly and a bank can be paid (docs.stripe.com/currencies#special-cases). */
export const canPayOut = ({ amount, currency }: Money): boolean =>
  amount > 0n &&
  amount % (WHOLE_IN_PAYOUTS.get(currency) ?? 1n) === 0n &&
  takenAmount(amount, currency) !== null

/** Charged with two digits, paid out in whole units only: ours of one unit. */
const WHOLE_IN_PAYOUTS: ReadonlyMap<string, bigint> = new Map([
  ['HUF', 100n],
  ['TWD', 100n],
])

/**
 * What Stripe says → our minor units.
 * @param currency as Stripe writes it, in lower case
 * @throws RangeError when it has no exact value in ours, or the currency is not one of ISO 4217.
 */
export const fromStripeAmount = (amount: number, currency: string): Money => {
  const code = currency.toUpperCase()
  if (!Number.isSafeInteger(amount)) throw new RangeError(`${amount} is not an amount`)
  if (!isOffered(code)) throw new RangeError(`${code} is not a currency of Stripe`)
  const { times = 1n, per = 1n } = RULES[code] ?? {}
  const sent = BigInt(amount) * per
  if (sent % times !== 0n) throw new RangeError(`${amount} ${code} has a fraction it cannot have`)
  return { amount: sent / times, currency: code }
}

/** Null: Stripe does not take it. */
const takenAmount = (amount: bigint, currency: string): bigint | null => {
  const sent = sentAmount(amount, currency)
  return sent === null || sent < 0n || sent > (MAXIMUM[currency] ?? EIGHT_DIGITS) ? null : sent
}

const sentAmount = (amount: bigint, currency: string): bigint | null => {
  if (!isOffered(currency)) return null
  const { times = 1n, per = 1n, step = 1n } = RULES[currency] ?? {}
  if (amount % per !== 0n || amount % step !== 0n) return null
  return (amount * times) / per
}

/** Three digits are known of the five currencies above only: Stripe does not say what it makes of the others. */
const isOffered = (code: string): boolean => {
  try {
    return currencyExponent(code) !== 3 || code in RULES
  } catch {
    return false
  }
}
