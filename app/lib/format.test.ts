import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CURRENCIES, currencyExponent } from '../../server/kit/money'
import { daysUntil, decimalText, formatDate, formatMoney, minorDigits, plural } from './format'

describe('formatMoney', () => {
  it.each([
    ['115.00 USD', 11500n],
    ['0.05 USD', 5n],
    ['\u221219.99 EUR', -1999n],
    ['1,500 JPY', 1500n],
    ['1,234.567 KWD', 1234567n],
    ['9,007,199,254,740,991,123.45 USD', 900719925474099112345n],
  ])('writes %s', (text, amount) => {
    const currency = text.slice(-3)
    expect(formatMoney({ amount, currency })).toBe(text.replace(' ', '\u00a0'))
  })

  it('groups as the locale does it', () => {
    expect(formatMoney({ amount: 123456789, currency: 'EUR' }, 'de')).toBe('1.234.567,89\u00a0EUR')
  })

  it('can show the direction of a movement', () => {
    expect(formatMoney({ amount: 100, currency: 'USD' }, 'en', true)).toBe('+1.00\u00a0USD')
    expect(formatMoney({ amount: 0, currency: 'USD' }, 'en', true)).toBe('0.00\u00a0USD')
  })

  it('has as many digits as the ledger, in every currency', () => {
    for (const code of CURRENCIES) expect([code, minorDigits(code)]).toEqual([code, currencyExponent(code)])
  })

  it('loses nothing of any amount', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.constantFrom('USD', 'JPY', 'KWD'), (amount, currency) => {
        const digits = minorDigits(currency)
        const text = decimalText({ amount, currency })
        expect(text).toMatch(digits === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${digits}}$`))
        expect(BigInt(text.replace('.', ''))).toBe(amount)
      }),
    )
  })
})

describe('formatDate', () => {
  const late = '2026-11-21T23:30:00.000Z'

  it("is that zone's day", () => {
    expect(formatDate(late)).toBe('21 Nov 2026')
    expect(formatDate(late, 'Asia/Dubai')).toBe('22 Nov 2026')
  })

  it('names the zone with a time of day', () => {
    expect(formatDate(late, 'UTC', true)).toBe('21 Nov 2026, 23:30 UTC')
    expect(formatDate('2026-11-21T00:05:00.000Z', 'UTC', true)).toBe('21 Nov 2026, 00:05 UTC')
    expect(formatDate(late, 'America/New_York', true)).toBe('21 Nov 2026, 18:30 EST')
  })
})

it('counts in words', () => {
  expect(plural(1, 'page')).toBe('1 page')
  expect(plural(0, 'page')).toBe('0 pages')
  expect(plural(1200, 'copy', 'copies')).toBe('1,200 copies')
})

it('counts a day begun as a day, and no days below nothing', () => {
  const now = new Date('2026-11-21T12:00:00.000Z')
  expect(daysUntil('2026-11-23T11:00:00.000Z', now)).toBe(2)
  expect(daysUntil('2026-11-20T12:00:00.000Z', now)).toBe(0)
})
