import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addInterval } from './billing-objects'
import { cardOutcome, passesLuhn, readCard } from './cards'
import { money } from './checkout-page'
import { parseForm } from './form'
import { feeOf } from './payment-objects'

describe('a form with brackets', () => {
  test('becomes nested objects and lists', () => {
    expect(parseForm('a[0][b]=1&a[1][b]=2&c[]=3&c[]=4&d[e][f]=5%265&g=')).toEqual({
      a: [{ b: '1' }, { b: '2' }],
      c: ['3', '4'],
      d: { e: { f: '5&5' } },
      g: '',
    })
  })

  test.each(['a[__proto__][x]=1', '[a]=1', 'a[=1', 'a=1&a[b]=2', `a${'[b]'.repeat(9)}=1`])(
    '%s is refused',
    (form) => {
      expect(() => parseForm(form)).toThrow()
    },
  )

  test('of any other kind is read or refused, never anything else', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseForm(text)
        } catch (error) {
          expect((error as Error).name).toBe('ApiError')
        }
      }),
    )
    expect({}).not.toHaveProperty('x')
  })
})

describe('a card', () => {
  test('with one digit changed fails the check', () => {
    fc.assert(
      fc.property(fc.nat(15), fc.integer({ min: 1, max: 9 }), (place, by) => {
        const digits = [...'4242424242424242']
        digits[place] = String((Number(digits[place]) + by) % 10)
        expect(passesLuhn(digits.join(''))).toBe(false)
      }),
    )
  })

  test.each([
    ['4242424242424242', 'visa'],
    ['5555555555554444', 'mastercard'],
    ['378282246310005', 'amex'],
    ['6011111111111117', 'discover'],
    ['3566002020360505', 'jcb'],
    ['3056930009020004', 'diners'],
  ])('%s pays as %s', (number, brand) => {
    const read = readCard({ number, expiry: '11 / 2026', cvc: '1234' }, new Date('2026-11-30T23:59:59Z'))
    expect(read).toMatchObject({ card: { brand, expMonth: 11, expYear: 2026, last4: number.slice(-4) } })
    expect(cardOutcome(number).kind).toBe('pays')
  })

  test('that is not one of the test cards is never taken', () => {
    expect(cardOutcome('4012888888881881')).toMatchObject({ decline: { declineCode: 'test_mode_live_card' } })
  })
})

describe('a period', () => {
  test.each([
    ['2026-01-31', 'month', 1, '2026-02-28'],
    ['2028-02-29', 'year', 1, '2029-02-28'],
    ['2026-11-21', 'month', 3, '2027-02-21'],
    ['2026-11-21', 'week', 2, '2026-12-05'],
    ['2026-11-21', 'day', 10, '2026-12-01'],
  ] as const)('from %s lasts one %s × %d to %s', (from, interval, intervalCount, to) => {
    expect(addInterval(new Date(`${from}T10:00:00Z`), { interval, intervalCount })).toEqual(
      new Date(`${to}T10:00:00Z`),
    )
  })
})

test('a fee is 2.9 % and 30, never more than the amount', () => {
  expect([feeOf(3000), feeOf(999), feeOf(10)]).toEqual([117, 59, 10])
})

test('amounts are shown as the currency has it', () => {
  expect(
    [money(4500, 'jpy'), money(4500, 'isk'), money(1230, 'kwd'), money(5, 'zzz')].map((t) =>
      t.replace(/\s/g, ' '),
    ),
  ).toEqual(['¥4,500', 'ISK 45', 'KWD 1.230', '5 ZZZ'])
})
