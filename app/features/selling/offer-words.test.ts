import { describe, expect, it } from 'vitest'
import { type Offer, offerWords, type Plan, priceWords } from './offer-words'

const once = (amount: number, currency = 'USD'): Offer => ({ mode: 'ONE_OFF', price: { amount, currency } })
const subscription = (more: Partial<Extract<Offer, { mode: 'SUBSCRIPTION' }>> = {}): Offer => ({
  mode: 'SUBSCRIPTION',
  price: { amount: 4_900, currency: 'USD' },
  frequency: 'MONTHLY',
  frequencyInterval: 1,
  freeTrialPeriodInDays: 0,
  ...more,
})

describe('an offer in words', () => {
  it.each<[string, Offer, Plan]>([
    ['115.00 USD once', once(11_500), 'FREE'],
    ['1,500 JPY once', once(1_500, 'JPY'), 'FREE'],
    ['1.500 KWD once', once(1_500, 'KWD'), 'FREE'],
    ['Free', once(0), 'FREE'],
    ['49.00 USD a month, includes the Business plan', subscription(), 'BUSINESS'],
    ['49.00 USD a month', subscription(), 'FREE'],
    ['49.00 USD a year, includes the Agency plan', subscription({ frequency: 'YEARLY' }), 'AGENCY'],
    ['49.00 USD every 3 months', subscription({ frequencyInterval: 3 }), 'FREE'],
    ['49.00 USD every 2 years', subscription({ frequency: 'YEARLY', frequencyInterval: 2 }), 'FREE'],
    [
      '49.00 USD a month, 14 days free first, includes the Business plan',
      subscription({ freeTrialPeriodInDays: 14 }),
      'BUSINESS',
    ],
    ['49.00 USD a month, 1 day free first', subscription({ freeTrialPeriodInDays: 1 }), 'FREE'],
  ])('says %s', (words, offer, plan) => {
    expect(offerWords(offer, plan).replaceAll('\u00a0', ' ')).toBe(words)
  })

  it('names the price alone where the rest stands elsewhere', () => {
    expect(priceWords(subscription({ freeTrialPeriodInDays: 14 }))).toBe('49.00\u00a0USD a month')
  })
})
