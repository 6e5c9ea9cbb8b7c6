import type { Amount } from '~/lib/format'

export interface Earnings {
  readonly seller: Amount
  readonly platform: Amount
}

/**
 * What of one payment is the seller's: round_half_up(price × rate), as the books compute it; the platform keeps the
 * rest. Before tax.
 * @param rate per cent with at most two decimals, such as '20.00'
 */
export const earningsOf = ({ amount, currency }: Amount, rate: string): Earnings => {
  const base = BigInt(amount)
  const seller = (base * hundredths(rate) * 2n + 10_000n) / 20_000n
  return { seller: { amount: seller, currency }, platform: { amount: base - seller, currency } }
}

/** '20.00' → '20 %', '12.50' → '12.5 %'. */
export const percent = (rate: string): string => `${trimmed(hundredths(rate))} %`

/** What remains of 100 %: '20.00' → '80 %'. */
export const restPercent = (rate: string): string => `${trimmed(10_000n - hundredths(rate))} %`

const hundredths = (rate: string): bigint => {
  const [whole = '0', decimals = ''] = rate.split('.')
  return BigInt(whole + decimals.padEnd(2, '0').slice(0, 2))
}

const trimmed = (points: bigint): string => {
  const text = points.toString().padStart(3, '0')
  return `${text.slice(0, -2)}.${text.slice(-2)}`.replace(/\.?0+$/, '')
}
