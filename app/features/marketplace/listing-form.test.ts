import { expect, it } from 'vitest'
import { LISTING_FIELDS, type ListingValues, listingValues, readListingForm } from './listing-form'

const typed = (more: Partial<ListingValues> = {}): ListingValues => ({
  ...(Object.fromEntries(LISTING_FIELDS.map((name) => [name, ''])) as unknown as ListingValues),
  workspaceId: 'w1',
  title: 'Kit',
  description: 'What you get',
  tags: 'One, two,, ',
  category: 'food',
  language: 'en',
  'offer.mode': 'ONE_OFF',
  'offer.price.amount': '12.50',
  'offer.price.currency': 'USD',
  ...more,
})

it('reads words, tags and a price', () => {
  expect(readListingForm(typed())).toEqual({
    words: expect.objectContaining({ title: 'Kit', tags: ['One', 'two'] }),
    terms: { offer: { mode: 'ONE_OFF', price: { amount: 1_250, currency: 'USD' } } },
  })
})

it('says what is missing, each beside its field', () => {
  const { faults } = readListingForm(typed({ title: ' ', description: '', 'offer.price.amount': 'x' })) as {
    faults: object
  }
  expect(Object.keys(faults).sort()).toEqual(['description', 'offer.price.amount', 'title'])
})

it('shows a subscription as it was typed', () => {
  const offer = {
    mode: 'SUBSCRIPTION' as const,
    price: { amount: 290_000, currency: 'USD' },
    frequency: 'YEARLY' as const,
    frequencyInterval: 1,
    freeTrialPeriodInDays: 14,
  }
  const shown = listingValues({
    offer,
    planType: 'BUSINESS',
    tags: ['a', 'b'],
    title: 'Kit',
    description: 'What',
  } as never)
  expect(shown).toMatchObject({
    tags: 'a, b',
    planType: 'BUSINESS',
    'offer.price.amount': '2900.00',
    'offer.frequency': 'YEARLY',
    'offer.freeTrialPeriodInDays': '14',
  })
  expect(readListingForm({ ...typed(), ...shown, title: 'Kit', description: 'What' })).toMatchObject({
    terms: { offer, planType: 'BUSINESS' },
  })
})
