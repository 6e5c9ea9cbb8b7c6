import { describe, expect, it } from 'vitest'
import { GenerateAffiliateLinkInput } from '../../../server/domain/affiliate/schemas'
import { LINK_FIELDS, type LinkValues, readLinkForm } from './link-form'

const typed = (more: Partial<LinkValues> = {}): LinkValues => ({
  ...(Object.fromEntries(LINK_FIELDS.map((field) => [field, ''])) as LinkValues),
  name: 'Autumn',
  workspaceId: 'abc',
  'offer.mode': 'ONE_OFF',
  'offer.price.amount': '1,500',
  'offer.price.currency': 'USD',
  ...more,
})

describe('what was typed to make a link', () => {
  it('is a one-off offer without a word of a subscription, whatever its hidden fields hold', () => {
    const { input } = readLinkForm(typed({ planType: 'BUSINESS', 'offer.frequencyInterval': 'x' }))
    expect(input).toEqual({
      name: 'Autumn',
      workspaceId: 'abc',
      offer: { mode: 'ONE_OFF', price: { amount: 150_000, currency: 'USD' } },
    })
  })

  it('is a subscription with its plan, period and trial', () => {
    const { input } = readLinkForm(
      typed({
        'offer.mode': 'SUBSCRIPTION',
        planType: 'BUSINESS',
        'offer.frequency': 'YEARLY',
        'offer.frequencyInterval': '2',
        'offer.freeTrialPeriodInDays': '14',
        expiresAt: '2027-01-31',
        maxUses: '10',
      }),
    )
    expect(input).toEqual({
      name: 'Autumn',
      workspaceId: 'abc',
      planType: 'BUSINESS',
      offer: {
        mode: 'SUBSCRIPTION',
        price: { amount: 150_000, currency: 'USD' },
        frequency: 'YEARLY',
        frequencyInterval: 2,
        freeTrialPeriodInDays: 14,
      },
      expiresAt: '2027-01-31T23:59:59.999Z',
      maxUses: 10,
    })
    expect(GenerateAffiliateLinkInput.safeParse(input).success).toBe(true)
  })

  it('tells each fault at its field, all at once', () => {
    const { faults } = readLinkForm(
      typed({
        name: ' ',
        workspaceId: '',
        'offer.mode': 'SUBSCRIPTION',
        'offer.price.amount': '10.005',
        'offer.frequencyInterval': '1.5',
        'offer.freeTrialPeriodInDays': '-1',
        expiresAt: '2027-02-30',
        maxUses: 'many',
      }),
    )
    expect(Object.keys(faults ?? {}).sort()).toEqual([
      'expiresAt',
      'maxUses',
      'name',
      'offer.freeTrialPeriodInDays',
      'offer.frequencyInterval',
      'offer.price.amount',
      'workspaceId',
    ])
  })

  it('is refused in the words of a price when no provider charges it', () => {
    const fault = (amount: string, currency = 'USD') =>
      readLinkForm(typed({ 'offer.price.amount': amount, 'offer.price.currency': currency })).faults?.[
        'offer.price.amount'
      ]?.replaceAll('\u00a0', ' ')
    expect(fault('0')).toBeUndefined()
    expect(fault('0.49')).toBe('0 for free, or at least 0.50 USD.')
    expect(fault('0.50')).toBeUndefined()
    expect(fault('999,999.99')).toBeUndefined()
    expect(fault('1,000,000')).toBe('At most 999,999.99 USD.')
    expect(fault('1.005', 'KWD')).toBe('The third decimal of KWD has to be 0.')
    expect(fault('1.010', 'KWD')).toBeUndefined()
  })
})
