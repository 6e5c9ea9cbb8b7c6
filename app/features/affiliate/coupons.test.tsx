import { cleanup, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { renderAt } from '~/testing/render'
import { CouponBox } from '../buying/coupon-box'
import { CouponForm } from './coupon-form'
import { couponInput } from './coupon-input'
import { CouponTable } from './coupon-table'

afterEach(cleanup)

const form = (fields: Record<string, string>): FormData => {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  return data
}
const COUPON = {
  id: '1',
  code: 'ANNA20',
  affiliate: { code: 'anna', name: 'Anna A' },
  percentage: '20.00',
  amount: null,
  months: 0,
  words: '20 % off the first payment',
  scope: 'ALL' as const,
  state: 'ACTIVE' as const,
  uses: 2,
  maxUses: 5,
  expiresAt: null,
  createdAt: '2026-11-21T12:00:00.000Z',
}

describe('a code’s form', () => {
  it('is read exactly: an amount in its currency, months, an end and how often', () => {
    const { admin, faults } = couponInput(
      form({
        affiliate: ' anna ',
        code: 'ANNA20',
        amount: '1,500.50',
        currency: 'usd',
        lasts: 'MONTHS',
        months: '3',
        expiresAt: '2027-01-01T00:00',
        maxUses: '10',
      }),
    )
    expect(faults).toEqual({})
    expect(admin).toEqual({
      affiliate: 'anna',
      code: 'ANNA20',
      amount: { amount: 150_050, currency: 'USD' },
      months: 3,
      scope: 'ALL',
      expiresAt: '2027-01-01T00:00:00Z',
      maxUses: 10,
    })
    expect(couponInput(form({ code: 'X', percentage: '5', lasts: 'EVER' })).own).toEqual({
      code: 'X',
      percentage: '5',
      months: null,
    })
  })

  it('says which amount cannot be', () => {
    expect(couponInput(form({ amount: '10.005', currency: 'USD' })).faults).toHaveProperty('amount')
    expect(couponInput(form({ amount: '10' })).faults).toHaveProperty('currency')
  })

  it('asks an affiliate for less than an admin', () => {
    renderAt(<CouponForm failure={undefined} title="Make a code" description="" longest={0} />)
    expect(screen.queryByLabelText(/Affiliate/)).toBeNull()
    cleanup()
    renderAt(<CouponForm failure={undefined} title="Make a code" description="" admin />)
    expect(screen.getByLabelText(/Affiliate/)).toBeTruthy()
  })
})

it('a list of codes says what each takes off and how often it was used', () => {
  renderAt(<CouponTable coupons={[COUPON]} empty={null} withOwner />)
  expect(screen.getAllByText('20 % off the first payment').length).toBeGreaterThan(0)
  expect(screen.getAllByText('2 of 5').length).toBeGreaterThan(0)
})

it('a code that was entered says what is to be paid, and one that does not count says why', () => {
  const due = { amount: 8_000, currency: 'USD' }
  const coupon = { code: 'ANNA20', words: '20 % off the first payment', due }
  renderAt(<CouponBox entered={{ typed: 'anna20', coupon, problem: null }} />)
  expect(screen.getByRole('status').textContent).toContain('ANNA20: 20 % off the first payment. You pay')
  cleanup()
  renderAt(<CouponBox entered={{ typed: 'nope', coupon: null, problem: 'There is no such code.' }} />)
  expect(screen.getByText('There is no such code.')).toBeTruthy()
})
