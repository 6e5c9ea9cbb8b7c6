import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CURRENCIES } from '../../kit/money'
import { canCharge, fromStripeAmount, toStripeAmount } from './amounts'

const refusal = (amount: bigint, currency: string): string | null => {
  try {
    toStripeAmount({ amount, currency })
    return null
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('amounts at the border to Stripe', () => {
  test.each([
    ['USD', 0n, true],
    ['USD', 49n, false],
    ['USD', 50n, true],
    ['USD', 100_000_000n, false],
    ['JPY', 1n, false],
    ['JPY', 50n, true],
    ['ISK', 50n, true],
    ['KWD', 1231n, false],
    ['LYD', 5000n, false],
    ['IQD', 5000n, false],
    ['MGA', 5050n, false],
    ['MGA', 5000n, true],
  ])('%s %s can be charged: %s', (currency, amount, can) => {
    expect(canCharge({ amount, currency })).toBe(can)
  })

  test.each([
    ['USD', 999n, 999],
    ['JPY', 4500n, 4500],
    ['ISK', 45n, 4500],
    ['UGX', 45n, 4500],
    ['MGA', 4500n, 45],
    ['KWD', 1230n, 1230],
    ['HUF', 100n, 100],
  ])('%s %s is sent as %s and comes back the same', (currency, ours, theirs) => {
    expect(toStripeAmount({ amount: ours, currency })).toEqual({
      amount: theirs,
      currency: currency.toLowerCase(),
    })
    expect(fromStripeAmount(theirs, currency.toLowerCase())).toEqual({ amount: ours, currency })
  })

  test.each([
    ['KWD', 1231n],
    ['TND', 5n],
    ['MGA', 4501n],
    ['IQD', 1000n],
    ['LYD', 1000n],
    ['USD', -1n],
    ['USD', 100_000_000n],
    ['ISK', 1_000_000n],
    ['XXX', 100n],
  ])('%s %s is refused, never rounded', (currency, amount) => {
    expect(refusal(amount, currency)).toBe('CURRENCY_AMOUNT_REFUSED')
  })

  test('of a currency without cents that has two digits there, they are 00 both ways', () => {
    for (const currency of ['UGX', 'ISK']) {
      expect(toStripeAmount({ amount: 45n, currency }).amount).toBe(4500)
      expect(fromStripeAmount(4500, currency.toLowerCase())).toEqual({ amount: 45n, currency })
      for (const odd of [4501, 4510, 4550, 4599])
        expect(() => fromStripeAmount(odd, currency.toLowerCase())).toThrow(RangeError)
    }
  })

  test('of a currency with three decimals only multiples of ten are taken', () => {
    for (const currency of ['BHD', 'JOD', 'KWD', 'OMR', 'TND'])
      for (let last = 0n; last < 10n; last += 1n)
        expect(refusal(12_340n + last, currency)).toBe(last === 0n ? null : 'CURRENCY_AMOUNT_REFUSED')
  })

  test('what is sent always comes back as the same amount', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CURRENCIES), fc.bigInt(0n, 99_999n), (currency, n) => {
        const amount = n * 10n
        if (refusal(amount, currency) !== null) return
        const sent = toStripeAmount({ amount, currency })
        expect(fromStripeAmount(sent.amount, sent.currency)).toEqual({ amount, currency })
      }),
    )
  })

  test('an amount that has no exact value here is an error, not a guess', () => {
    expect(() => fromStripeAmount(4501, 'isk')).toThrow(RangeError)
    expect(() => fromStripeAmount(1.5, 'usd')).toThrow(RangeError)
    expect(() => fromStripeAmount(100, 'zzz')).toThrow(RangeError)
  })
})
