import { z } from 'zod'

/** Active codes of ISO 4217 whose minor unit is not a hundredth: code → digits after the point. */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
}
const TWO_DIGITS =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG'

export const CURRENCIES: readonly string[] = [...Object.keys(EXPONENTS), ...TWO_DIGITS.split(' ')].sort()
const KNOWN = new Set(CURRENCIES)

/** An amount in minor units of an ISO 4217 currency. */
export interface Money {
  readonly amount: bigint
  readonly currency: string
}

/** Digits after the decimal point (ISO 4217): JPY 0, USD 2, KWD 3. @throws RangeError for an unknown code. */
export const currencyExponent = (currency: string): number => {
  if (!KNOWN.has(currency)) throw new RangeError(`unknown currency ${currency}`)
  return EXPONENTS[currency] ?? 2
}

export const CurrencyCode = z
  .string()
  .refine((code) => KNOWN.has(code), 'Not a currency of ISO 4217 in capitals, such as USD.')

/** An amount as it travels: an integer of minor units below 2^53. */
export const MoneyJson = z.strictObject({ amount: z.int(), currency: CurrencyCode })
export type MoneyJson = z.infer<typeof MoneyJson>

/** @throws RangeError at 2^53 and beyond: a figure is refused, never rounded. */
export const moneyToJson = ({ amount, currency }: Money): MoneyJson => ({
  amount: safeNumber(amount),
  currency,
})
export const moneyFromJson = ({ amount, currency }: MoneyJson): Money => ({
  amount: BigInt(amount),
  currency,
})

export const safeNumber = (value: bigint): number => {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} does not fit into JSON`)
  return number
}

/** Hundredths of a per cent: 15 % is 1500. */
export type BasisPoints = number

/** '15', '15.5' or '15.50' (per cent, at most two decimals, 0 to 100) → basis points. @throws RangeError. */
export const basisPoints = (percentage: string): BasisPoints => {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(percentage)
  const value = match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : Number.NaN
  if (!(value >= 0 && value <= 10_000)) throw new RangeError(`${percentage} is not a percentage`)
  return value
}

/** 1500 → '15.00'. */
export const percentage = (points: BasisPoints): string => (points / 100).toFixed(2)

/** A percentage with at most two decimals, as a number or a string, kept as a string with two decimals. */
export const PercentageInput = z.union([z.number(), z.string()]).transform((value, check) => {
  try {
    return percentage(basisPoints(typeof value === 'number' ? numberText(value) : value))
  } catch {
    check.addIssue('A percentage from 0 to 100 with at most two decimals.')
    return z.NEVER
  }
})

const numberText = (value: number): string => String(value)

/**
 * round_half_up(base × rate), half away from zero, in integers.
 * 15 % of 9.99 USD (999) is 1.50 (150).
 */
export const share = (base: bigint, rate: BasisPoints): bigint => divideHalfAway(base * BigInt(rate), 10_000n)

/**
 * What of a commission is reversed in all after refunds of `refunded` out of `base`: round_half_up(C × R / B).
 * Cumulative: any sequence of partial refunds that adds up to the base reverses exactly the commission.
 */
export const reversedShare = (commission: bigint, refunded: bigint, base: bigint): bigint =>
  base === 0n ? 0n : divideHalfAway(commission * refunded, base)

/** n / d rounded half away from zero; d > 0. */
export const divideHalfAway = (n: bigint, d: bigint): bigint => {
  const magnitude = (2n * (n < 0n ? -n : n) + d) / (2n * d)
  return n < 0n ? -magnitude : magnitude
}
