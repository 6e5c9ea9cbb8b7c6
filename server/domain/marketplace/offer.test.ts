import { describe, expect, it } from 'vitest'
import { termsOf } from './offer'
import { Offer, OfferInput } from './schemas'

const monthly = (amount: number, more: object = {}) =>
  Offer.parse({ mode: 'SUBSCRIPTION', price: { amount, currency: 'USD' }, ...more })

describe('the terms of what is sold', () => {
  it('are the monthly subscription of its plan when no offer is given', () => {
    expect(termsOf({})).toEqual({
      planType: 'BUSINESS',
      offer: {
        mode: 'SUBSCRIPTION',
        price: { amount: 2900, currency: 'USD' },
        frequency: 'MONTHLY',
        frequencyInterval: 1,
        freeTrialPeriodInDays: 0,
      },
    })
    expect(termsOf({ planType: 'AGENCY' }).offer.price.amount).toBe(9900)
  })

  it('of a one-off offer include no plan', () => {
    const offer = Offer.parse({ mode: 'ONE_OFF', price: { amount: 11500, currency: 'USD' } })
    expect(termsOf({ offer }).planType).toBe('FREE')
    expect(termsOf({ offer, planType: 'FREE' })).toEqual({ planType: 'FREE', offer })
    expect(() => termsOf({ offer, planType: 'BUSINESS' })).toThrow(/one-off/)
  })

  it('of FREE need an offer', () => {
    expect(() => termsOf({ planType: 'FREE' })).toThrow(/needs an offer/)
    expect(termsOf({ planType: 'FREE', offer: monthly(500) }).planType).toBe('FREE')
  })

  it.each([
    ['BUSINESS', 2899, {}, false],
    ['BUSINESS', 2900, {}, true],
    ['BUSINESS', 8699, { frequencyInterval: 3 }, false],
    ['BUSINESS', 8700, { frequencyInterval: 3 }, true],
    ['BUSINESS', 28999, { frequency: 'YEARLY' }, false],
    ['AGENCY', 99000, { frequency: 'YEARLY' }, true],
    ['AGENCY', 9899, { freeTrialPeriodInDays: 14 }, false],
  ] as const)('of %s for %s and %j are allowed: %s', (planType, amount, more, allowed) => {
    const terms = () => termsOf({ planType, offer: monthly(amount, more) })
    if (allowed) expect(terms().planType).toBe(planType)
    else expect(terms).toThrow(/no less/)
  })

  it.each([
    ['AGENCY', 0, 'EUR'],
    ['AGENCY', 1, 'JPY'],
    ['BUSINESS', 99_999_999, 'AED'],
  ] as const)(
    'of %s for %s %s are refused: the plan has no price in that currency',
    (planType, amount, currency) => {
      expect(() => termsOf({ planType, offer: monthly(0, { price: { amount, currency } }) })).toThrow(
        expect.objectContaining({
          status: 422,
          code: 'PRICE_BELOW_PLAN',
          message: expect.stringContaining('USD'),
          issues: [{ path: ['offer', 'price', 'currency'], message: expect.any(String) }],
        }),
      )
    },
  )

  it('without a paid plan may be in any currency', () => {
    const offer = monthly(0, { price: { amount: 100, currency: 'AED' } })
    expect(termsOf({ planType: 'FREE', offer })).toEqual({ planType: 'FREE', offer })
  })

  it('of a one-off offer keep nothing of the period it was sent with', () => {
    const price = { amount: 11500, currency: 'USD' }
    const sent = {
      mode: 'ONE_OFF',
      price,
      frequency: 'MONTHLY',
      frequencyInterval: 1,
      freeTrialPeriodInDays: 0,
    }
    expect(termsOf({ offer: OfferInput.parse(sent) })).toEqual({
      planType: 'FREE',
      offer: { mode: 'ONE_OFF', price },
    })
  })
})

describe('an offer', () => {
  const oneOff = (amount: unknown, currency = 'USD', more: object = {}) =>
    OfferInput.safeParse({ mode: 'ONE_OFF', price: { amount, currency }, ...more }).success

  it.each([
    [0, 'USD', true],
    [49, 'USD', false],
    [50, 'USD', true],
    [99_999_999, 'USD', true],
    [100_000_000, 'USD', false],
    [-1, 'USD', false],
    [1.5, 'USD', false],
    ['50', 'USD', false],
    [1, 'JPY', true],
    [1500, 'KWD', true],
    [1505, 'KWD', false],
    [50, 'usd', false],
    [50, 'XXX', false],
  ])('of %j %s is taken: %s', (amount, currency, taken) => {
    expect(oneOff(amount, currency)).toBe(taken)
  })

  it.each([
    [{ frequency: 'MONTHLY', frequencyInterval: 1, freeTrialPeriodInDays: 0 }, true],
    [{ freeTrialPeriodInDays: 3 }, false],
    [{ frequency: 'WEEKLY' }, false],
    [{ more: 1 }, false],
  ])(
    'of one payment may come with a period that means nothing, but with no trial: %j is taken: %s',
    (more, taken) => {
      expect(oneOff(100, 'USD', more)).toBe(taken)
    },
  )

  it.each([
    [{ frequencyInterval: 12 }, true],
    [{ frequencyInterval: 13 }, false],
    [{ frequencyInterval: 0 }, false],
    [{ frequency: 'YEARLY', frequencyInterval: 3 }, true],
    [{ frequency: 'YEARLY', frequencyInterval: 4 }, false],
    [{ freeTrialPeriodInDays: 730 }, true],
    [{ freeTrialPeriodInDays: 731 }, false],
    [{ frequency: 'WEEKLY' }, false],
    [{ more: 1 }, false],
  ])('of a subscription with %j is taken: %s', (more, taken) => {
    expect(
      OfferInput.safeParse({ mode: 'SUBSCRIPTION', price: { amount: 2900, currency: 'USD' }, ...more })
        .success,
    ).toBe(taken)
  })
})
