import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimalText, formatMoney } from '~/lib/format'
import { parsePrice } from './price'

const currency = fc.constantFrom('USD', 'EUR', 'JPY', 'KWD', 'AED', 'ISK')
const amount = fc.integer({ min: 0, max: 99_999_999 })

describe('a price as people write it', () => {
  it.each([
    ['115', 'USD', 11_500],
    ['115.00', 'USD', 11_500],
    ['115.5', 'USD', 11_550],
    ['1,500', 'USD', 150_000],
    ['1,234,567.89', 'USD', 123_456_789],
    [' 0 ', 'USD', 0],
    ['1,500', 'JPY', 1_500],
    ['1.5', 'KWD', 1_500],
    ['1.234', 'KWD', 1_234],
  ])('reads %s %s as %i minor units', (text, code, minor) => {
    expect(parsePrice(text, code)).toEqual({ amount: minor })
  })

  it.each([
    ['10.005', 'USD'],
    ['115.000', 'USD'],
    ['1.50', 'JPY'],
    ['115.0', 'JPY'],
    ['1.2345', 'KWD'],
    ['115,00', 'USD'],
    ['1,50', 'EUR'],
    ['1,5000', 'USD'],
    ['1.500,00', 'EUR'],
    ['-5', 'USD'],
    ['+5', 'USD'],
    ['1e3', 'USD'],
    ['$5', 'USD'],
    ['.5', 'USD'],
    ['5.', 'USD'],
    ['', 'USD'],
    ['٥', 'USD'],
    ['99999999999999999999', 'USD'],
  ])('refuses %s %s and says why', (text, code) => {
    expect(parsePrice(text, code)).toEqual({ fault: expect.stringMatching(/\.$/) })
  })

  it('reads every amount back from how it is shown, grouped or not', () => {
    fc.assert(
      fc.property(amount, currency, (minor, code) => {
        const money = { amount: minor, currency: code }
        expect(parsePrice(decimalText(money), code)).toEqual({ amount: minor })
        const [shown = ''] = formatMoney(money).split('\u00a0')
        expect(parsePrice(shown, code)).toEqual({ amount: minor })
      }),
    )
  })

  it('never answers with anything but a whole number of minor units or a fault', () => {
    fc.assert(
      fc.property(fc.string(), currency, (text, code) => {
        const { amount: minor, fault } = parsePrice(text, code)
        expect(fault === undefined ? Number.isSafeInteger(minor) : minor === undefined).toBe(true)
      }),
    )
  })
})
