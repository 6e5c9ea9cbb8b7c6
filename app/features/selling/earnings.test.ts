import fc from 'fast-check'
import { expect, it } from 'vitest'
import { percentage, share } from '../../../server/kit/money'
import { earningsOf, percent, restPercent } from './earnings'

it('promises a seller exactly what the books will give, and the platform the rest', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 99_999_999n), fc.integer({ min: 0, max: 10_000 }), (amount, points) => {
      const { seller, platform } = earningsOf({ amount, currency: 'USD' }, percentage(points))
      expect(seller).toEqual({ amount: share(amount, points), currency: 'USD' })
      expect(BigInt(seller.amount) + BigInt(platform.amount)).toBe(amount)
    }),
  )
})

it.each([
  ['20.00', '20 %', '80 %'],
  ['12.50', '12.5 %', '87.5 %'],
  ['0.00', '0 %', '100 %'],
  ['100.00', '100 %', '0 %'],
  ['0.05', '0.05 %', '99.95 %'],
])('speaks of %s as %s, and of what remains as %s', (rate, words, rest) => {
  expect([percent(rate), restPercent(rate)]).toEqual([words, rest])
})
