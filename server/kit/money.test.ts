import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  basisPoints,
  CURRENCIES,
  CurrencyCode,
  currencyExponent,
  divideHalfAway,
  MoneyJson,
  moneyFromJson,
  moneyToJson,
  PercentageInput,
  percentage,
  reversedShare,
  safeNumber,
  share,
} from './money'

const amounts = fc.bigInt({ min: 0n, max: 10n ** 15n })
const rates = fc.integer({ min: 0, max: 10_000 })

describe('a share', () => {
  it('of 15 % of 9.99 USD is 1.50', () => {
    expect(share(999n, basisPoints('15'))).toBe(150n)
  })

  it.each([
    [1n, 5000, 1n],
    [-1n, 5000, -1n],
    [3n, 5000, 2n],
    [-3n, 5000, -2n],
    [1n, 4999, 0n],
    [-1n, 4999, 0n],
    [10_000n, 2000, 2000n],
    [999n, 10_000, 999n],
    [999n, 0, 0n],
  ])('of %s at %s basis points is %s: half away from zero', (base, rate, expected) => {
    expect(share(base, rate)).toBe(expected)
  })

  it('is never further than half a unit from the exact value', () => {
    fc.assert(
      fc.property(amounts, rates, (base, rate) => {
        const off = 2n * (share(base, rate) * 10_000n - base * BigInt(rate))
        expect(off > -10_000n && off <= 10_000n).toBe(true)
      }),
    )
  })

  it('of a debt is the share of the claim, negated', () => {
    fc.assert(fc.property(amounts, rates, (base, rate) => share(-base, rate) === -share(base, rate)))
  })
})

describe('a reversal', () => {
  it('of everything takes back exactly the commission, for every amount and rate', () => {
    fc.assert(
      fc.property(
        amounts.filter((base) => base > 0n),
        rates,
        (base, rate) => {
          const commission = share(base, rate)
          expect(commission - reversedShare(commission, base, base)).toBe(0n)
        },
      ),
    )
  })

  it('of everything takes back exactly the commission at each of the 10 001 rates, of small amounts and of the largest', () => {
    const largest = BigInt(Number.MAX_SAFE_INTEGER)
    const bases = [...Array(60).keys()].map((i) => BigInt(i + 1))
    bases.push(999n, 5_000n, 123_457n, 10n ** 9n + 7n, largest - 1n, largest)
    const wrong: string[] = []
    for (let rate = 0; rate <= 10_000; rate += 1)
      for (const base of bases) {
        const commission = share(base, rate)
        const off = 2n * (commission * 10_000n - base * BigInt(rate))
        if (off <= -10_000n || off > 10_000n || commission > base) wrong.push(`${rate} of ${base}`)
        if (reversedShare(commission, base, base) !== commission) wrong.push(`all of ${rate} of ${base}`)
      }
    expect(wrong).toEqual([])
  })

  it('in any sequence of parts that add up to the base takes back exactly the commission, and never gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 1n, max: 10n ** 9n }), { minLength: 1, maxLength: 20 }),
        rates,
        (parts, rate) => {
          const base = parts.reduce((sum, part) => sum + part, 0n)
          const commission = share(base, rate)
          let refunded = 0n
          let reversed = 0n
          for (const part of parts) {
            refunded += part
            const now = reversedShare(commission, refunded, base)
            expect(now >= reversed && now <= commission).toBe(true)
            reversed = now
          }
          expect(reversed).toBe(commission)
        },
      ),
    )
  })

  it('of nothing is nothing', () => {
    expect(reversedShare(0n, 0n, 0n)).toBe(0n)
  })
})

describe('a percentage', () => {
  it.each([
    ['15', 1500],
    ['15.5', 1550],
    ['15.50', 1550],
    ['0', 0],
    ['100', 10_000],
    ['0.01', 1],
  ] as const)('%s is %s basis points', (text, points) => {
    expect(basisPoints(text)).toBe(points)
  })

  it.each(['', '-1', '100.01', '15.005', '1e1', '15,5', ' 15', '101', '1000', 'NaN'])(
    '%j is refused',
    (text) => {
      expect(() => basisPoints(text)).toThrow(RangeError)
    },
  )

  it('comes back as it went in', () => {
    fc.assert(fc.property(rates, (rate) => basisPoints(percentage(rate)) === rate))
  })

  it('may be typed as a number or a text', () => {
    expect(PercentageInput.parse(15.5)).toBe('15.50')
    expect(PercentageInput.parse('15')).toBe('15.00')
    expect(PercentageInput.safeParse(33.333).success).toBe(false)
    expect(PercentageInput.safeParse(Number.NaN).success).toBe(false)
  })
})

describe('a currency', () => {
  it.each([
    ['JPY', 0],
    ['USD', 2],
    ['AED', 2],
    ['KWD', 3],
    ['BHD', 3],
    ['UGX', 0],
    ['ISK', 0],
  ] as const)('%s has %s digits after the point', (code, digits) => {
    expect(currencyExponent(code)).toBe(digits)
  })

  it.each(['usd', 'XXX', 'US', '', 'constructor'])('%j is none', (code) => {
    expect(() => currencyExponent(code)).toThrow(RangeError)
    expect(CurrencyCode.safeParse(code).success).toBe(false)
  })

  it('is listed once', () => {
    expect(new Set(CURRENCIES).size).toBe(CURRENCIES.length)
  })
})

describe('an amount in JSON', () => {
  it('is an integer below 2^53: more is refused, never rounded', () => {
    const most = BigInt(Number.MAX_SAFE_INTEGER)
    expect(safeNumber(most)).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => safeNumber(most + 1n)).toThrow(RangeError)
    expect(() => safeNumber(-most - 1n)).toThrow(RangeError)
    for (const amount of [0.5, 2 ** 53, Number.NaN, '1', null])
      expect(MoneyJson.safeParse({ amount, currency: 'USD' }).success).toBe(false)
    expect(MoneyJson.safeParse({ amount: 1, currency: 'USD', more: 1 }).success).toBe(false)
  })

  it('comes back as it went out', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom(...CURRENCIES), (amount, currency) => {
        expect(moneyToJson(moneyFromJson({ amount, currency }))).toEqual({ amount, currency })
      }),
    )
  })
})

it('a quotient is rounded half away from zero', () => {
  expect([divideHalfAway(5n, 2n), divideHalfAway(-5n, 2n), divideHalfAway(4n, 3n)]).toEqual([3n, -3n, 1n])
})
