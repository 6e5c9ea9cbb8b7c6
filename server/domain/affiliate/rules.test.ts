import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentage, share } from '../../kit/money'
import { type Claim, maskEmail, splitBase, termsOf } from './rules'
import { GenerateAffiliateLinkInput, Offer, OfferInput } from './schemas'

const buyer = { userId: 'buyer', organizationId: 'buyers' }
const claim = (userId: string, rate: string, more: Partial<Claim> = {}): Claim => ({
  kind: 'SALE',
  userId,
  organizationId: `${userId}’s`,
  rate,
  rateSource: 'test',
  approved: true,
  ...more,
})
const monthly = (amount: number, more: object = {}) =>
  Offer.parse({ mode: 'SUBSCRIPTION', price: { amount, currency: 'USD' }, ...more })

describe('the shares of a base', () => {
  it('are each rate’s, seller first', () => {
    const { earned } = splitBase(999n, buyer, [
      claim('s', '20.00'),
      claim('a', '15.00', { kind: 'REFERRAL' }),
    ])
    expect(earned.map(({ amount, capped }) => [amount, capped])).toEqual([
      [200n, false],
      [150n, false],
    ])
  })

  it('never exceed the base, and with what remains are exactly it, for every pair of rates', () => {
    const rate = fc.integer({ min: 0, max: 10_000 })
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 13n }),
        fc.array(rate, { maxLength: 4 }),
        (base, rates) => {
          const claims = rates.map((points, i) => claim(`u${i}`, percentage(points)))
          const { earned, withheld } = splitBase(base, buyer, claims)
          const total = earned.reduce((sum, { amount }) => sum + amount, 0n)
          expect(total <= base && earned.every(({ amount }) => amount > 0n)).toBe(true)
          if (base > 0n) expect(earned.length + withheld.length).toBe(claims.length)
          if (rates.reduce((sum, points) => sum + points, 0) <= 9_990 && base > 100_000n)
            for (const one of earned) expect(one.capped).toBe(false)
          for (const one of earned)
            if (!one.capped) expect(one.amount).toBe(share(base, Math.round(Number(one.rate) * 100)))
        },
      ),
    )
  })

  it('are capped and flagged when the rates are more than the whole', () => {
    const { earned, withheld } = splitBase(1000n, buyer, [
      claim('s', '80.00'),
      claim('a', '30.00'),
      claim('b', '10.00'),
    ])
    expect(earned.map(({ amount, capped }) => [amount, capped])).toEqual([
      [800n, false],
      [200n, true],
    ])
    expect(withheld).toEqual([{ kind: 'SALE', userId: 'b', reason: 'NOTHING_LEFT' }])
  })

  it.each([
    ['SELF_PURCHASE', claim('buyer', '20.00')],
    ['SAME_ORGANIZATION', claim('s', '20.00', { organizationId: 'buyers' })],
    ['NOT_APPROVED', claim('s', '20.00', { approved: false })],
    ['ROUNDS_TO_ZERO', claim('s', '0.00')],
  ] as const)('are withheld for %s, with the reason', (reason, one) => {
    expect(splitBase(1000n, buyer, [one])).toEqual({
      earned: [],
      withheld: [{ kind: 'SALE', userId: one.userId, reason }],
    })
  })

  it('go to a person once: who sells and refers earns the sale', () => {
    const { earned, withheld } = splitBase(1000n, buyer, [
      claim('s', '20.00'),
      claim('s', '50.00', { kind: 'REFERRAL' }),
    ])
    expect(earned.map(({ kind, amount }) => [kind, amount])).toEqual([['SALE', 200n]])
    expect(withheld).toEqual([{ kind: 'REFERRAL', userId: 's', reason: 'ALREADY_EARNS' }])
  })

  it('of nothing are none', () => {
    expect(splitBase(0n, buyer, [claim('s', '20.00')])).toEqual({ earned: [], withheld: [] })
  })
})

describe('the terms of a link', () => {
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

describe('a link’s name', () => {
  const parse = (name: string) => GenerateAffiliateLinkInput.safeParse({ name, workspaceId: 'w' })

  it('is trimmed, and can be read', () => {
    expect(parse('  Launch  ').data?.name).toBe('Launch')
    for (const name of ['', '   ', '\u200b\u200b', 'a\u0000b', 'x'.repeat(201)])
      expect(parse(name).success).toBe(false)
  })
})

it('settings are limited in size', () => {
  const parse = (settings: unknown) =>
    GenerateAffiliateLinkInput.safeParse({ name: 'n', workspaceId: 'w', settings })
  expect(parse({ a: { b: [1] } }).success).toBe(true)
  expect(parse({ a: 'x'.repeat(17_000) }).success).toBe(false)
})

it.each([
  ['ann@example.com', 'a•••@example.com'],
  ['@example.com', '•••@example.com'],
  ['nobody', '•••'],
])('%s is shown as %s', (email, masked) => {
  expect(maskEmail(email)).toBe(masked)
})
