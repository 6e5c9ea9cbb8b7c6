import { minorDigits } from '~/lib/format'

export type ParsedPrice =
  | { readonly amount: number; readonly fault?: never }
  | { readonly amount?: never; readonly fault: string }

/** Digits, grouped by commas in threes or not at all, and decimals after a point. */
const FIGURE = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/

/**
 * A price as people write it → minor units, exactly: '115', '115.00' and '1,500' are fine, '10.005' USD and
 * '1.50' JPY are refused rather than rounded, as is '115,00', which could mean either.
 */
export const parsePrice = (text: string, currency: string): ParsedPrice => {
  const [, whole, decimals = ''] = FIGURE.exec(text.trim()) ?? []
  if (whole === undefined)
    return { fault: 'Write the amount in figures with a point before decimals, such as 115, 99.50 or 1,500.' }
  const digits = minorDigits(currency)
  if (decimals.length > digits)
    return {
      fault: digits === 0 ? `${currency} has no decimals.` : `${currency} has at most ${digits} decimals.`,
    }
  const amount = BigInt(whole.replaceAll(',', '') + decimals.padEnd(digits, '0'))
  if (amount > BigInt(Number.MAX_SAFE_INTEGER)) return { fault: 'That is more than any amount can be.' }
  return { amount: Number(amount) }
}
