import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CURRENCIES, currencyExponent } from '../../kit/money'
import { readMoment } from './dates'
import { fromDecimal, fromLabelled, toDecimal, toNumber } from './decimals'

describe('decimals at the border to MamoPay', () => {
  test.each([
    [33.99, 'AED', 3399n],
    [390.0, 'AED', 39_000n],
    ['390.0', 'AED', 39_000n],
    ['31.99', 'USD', 3199n],
    ['1,054.47', 'AED', 105_447n],
    ['1,234,567.8', 'AED', 123_456_780n],
    ['10.0050', 'KWD', 10_005n],
    [1.5, 'KWD', 1500n],
    [4500, 'JPY', 4500n],
    ['4500.00', 'JPY', 4500n],
    ['0.0', 'AED', 0n],
    [-2.5, 'EUR', -250n],
  ])('%s %s is %s minor units', (value, currency, amount) => {
    expect(fromDecimal(value, currency)).toBe(amount)
  })

  test.each([
    [10.005, 'USD'],
    ['10.005', 'USD'],
    ['4500.5', 'JPY'],
    ['1.0001', 'KWD'],
    ['1,05', 'AED'],
    ['10,54.47', 'AED'],
    ['1.054,47', 'AED'],
    ['.5', 'AED'],
    ['5.', 'AED'],
    ['+5', 'AED'],
    ['0x10', 'AED'],
    ['1e3', 'AED'],
    [1e21, 'AED'],
    [Number.NaN, 'AED'],
    [Number.POSITIVE_INFINITY, 'AED'],
    [Number('900719925474099.25'), 'AED'],
    ['', 'AED'],
    ['٣٣', 'AED'],
    [null, 'AED'],
    [undefined, 'AED'],
    [{ amount: 1 }, 'AED'],
    ['5', 'aed'],
    ['5', 'XXX'],
    ['5', null],
  ])('%s %s is refused, never rounded', (value, currency) => {
    expect(fromDecimal(value, currency)).toBeNull()
  })

  test('every amount of every currency comes back as it went, as text and as a number', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CURRENCIES),
        fc.bigInt({ min: -999_999_999_999n, max: 999_999_999_999n }),
        (currency, amount) => {
          expect(fromDecimal(toDecimal({ amount, currency }), currency)).toBe(amount)
          const sent = JSON.parse(JSON.stringify(toNumber({ amount, currency }))) as unknown
          expect(fromDecimal(sent, currency)).toBe(amount)
        },
      ),
    )
  })

  test('a digit more than the currency has is refused, unless it is a zero', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...CURRENCIES),
        fc.bigInt({ min: 0n, max: 999_999_999n }),
        fc.integer({ min: 0, max: 9 }),
        (currency, amount, digit) => {
          const text = toDecimal({ amount, currency })
          const longer = `${text}${currencyExponent(currency) === 0 ? '.' : ''}${digit}`
          expect(fromDecimal(longer, currency)).toBe(digit === 0 ? amount : null)
        },
      ),
    )
  })

  test('thousands may have commas', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 99_999_999_999n }), (amount) => {
        const [whole = '', fraction] = toDecimal({ amount, currency: 'AED' }).split('.')
        const grouped = `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`
        expect(fromDecimal(grouped, 'AED')).toBe(amount)
      }),
    )
  })

  test('what no number says exactly is not sent', () => {
    expect(() => toNumber({ amount: 12_345_678_901_234_567n, currency: 'AED' })).toThrow('too large')
  })

  test('a labelled amount says its currency', () => {
    expect(fromLabelled('AED 1.90')).toEqual({ amount: 190n, currency: 'AED' })
    expect(fromLabelled('1.90')).toBeNull()
    expect(fromLabelled('AED 1.905')).toBeNull()
    expect(fromLabelled(1.9)).toBeNull()
  })
})

describe('moments of MamoPay', () => {
  test.each([
    ['2023-12-25-14-38-53', '2023-12-25T14:38:53.000Z'],
    ['2024-01-01', '2024-01-01T00:00:00.000Z'],
    ['20/02/2025', '2025-02-20T00:00:00.000Z'],
  ])('%s is %s', (value, iso) => {
    expect(readMoment(value)?.toISOString()).toBe(iso)
  })
  test.each([
    '2024-02-30',
    '31/02/2025',
    '2023-12-25-24-00-00',
    '2023-12-25-10-61-00',
    '02/20/2025',
    '',
    null,
    5,
  ])('%s is none', (value) => {
    expect(readMoment(value)).toBeNull()
  })
})
