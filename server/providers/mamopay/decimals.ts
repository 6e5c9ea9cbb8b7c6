import { refused } from '../../kit/errors'
import { currencyExponent, type Money } from '../../kit/money'

/**
 * MamoPay speaks decimals, in no single form: 33.99, 390.0, "31.99", "1,054.47". Ours are integers of minor units.
 * Nothing is ever rounded here: what has no exact value in the currency is refused.
 */

/** Minor units → '33.99'; '4500' for a currency without minor units. */
export const toDecimal = ({ amount, currency }: Money): string => {
  const exponent = currencyExponent(currency)
  const digits = (amount < 0n ? -amount : amount).toString().padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  return `${amount < 0n ? '-' : ''}${whole}${exponent === 0 ? '' : `.${digits.slice(-exponent)}`}`
}

/**
 * Minor units → the number that is written into JSON.
 * @throws DomainError 422 CURRENCY_AMOUNT_REFUSED when no number says exactly this amount.
 */
export const toNumber = (money: Money): number => {
  const number = Number(toDecimal(money))
  if (fromDecimal(number, money.currency) !== money.amount)
    throw refused('CURRENCY_AMOUNT_REFUSED', 'This amount is too large to be charged. Choose another price.')
  return number
}

/** What MamoPay says → minor units of that currency; null when it is not an amount, or not exactly one of it. */
export const fromDecimal = (value: unknown, currency: unknown): bigint | null => {
  const exponent = exponentOf(currency)
  const match = DECIMAL.exec(written(value))
  if (exponent === null || match === null) return null
  const [, sign, whole = '', fraction = ''] = match
  // A number of more digits may be another one than was sent.
  if (typeof value === 'number' && whole.length + fraction.length > EXACT_DIGITS) return null
  const kept = fraction.slice(0, exponent).padEnd(exponent, '0')
  if (/[1-9]/.test(fraction.slice(exponent))) return null
  const amount = BigInt(whole.replaceAll(',', '') + kept)
  return sign === '-' ? -amount : amount
}

/** "AED 1.90" → the money it says; null when it says none. */
export const fromLabelled = (value: unknown): Money | null => {
  const [, currency, rest] = /^([A-Z]{3}) (\S+)$/.exec(written(value)) ?? []
  const amount = fromDecimal(rest, currency)
  return amount === null || currency === undefined ? null : { amount, currency }
}

const DECIMAL = /^(-?)(\d{1,18}|\d{1,3}(?:,\d{3}){1,5})(?:\.(\d{1,18}))?$/
const EXACT_DIGITS = 15

const written = (value: unknown): string =>
  typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : ''

const exponentOf = (currency: unknown): number | null => {
  try {
    return typeof currency === 'string' ? currencyExponent(currency) : null
  } catch {
    return null
  }
}
