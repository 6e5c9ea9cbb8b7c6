import { describe, expect, it } from 'vitest'
import { differencesOf, foundBy, lookedAt } from './reconciliation'

describe('a sweep in words', () => {
  it('says what it looked at, one or many', () => {
    expect(lookedAt({ checked: { events: 1_200, orders: 1, subscriptions: 0 } })).toBe(
      '1,200 events, 1 open order, 0 subscriptions',
    )
    expect(lookedAt({ checked: {} })).toBe('')
  })

  it('says what was missing, and what became of it', () => {
    const done = { processed: 0, waiting: 0, aside: 0 }
    expect(foundBy({ found: 0, done })).toBe('Nothing was missing')
    expect(foundBy({ found: 3, done: { processed: 1, waiting: 1, aside: 1 } })).toBe(
      '3 missing: 1 processed, 1 waiting, 1 set aside',
    )
  })

  it('gathers the charges that differ with their day and currency', () => {
    const money = { amount: 5, currency: 'USD' }
    const one = { kind: 'AMOUNT' as const, charge: 'ch_1', paymentId: null, there: 5, here: 4 }
    const day = {
      provider: 'stripe',
      day: '2026-11-20',
      charges: 1,
      charged: { there: money, here: money },
      refunded: { there: money, here: money },
      differences: [one],
      checkedAt: '2026-11-21T02:00:00.000Z',
    }
    expect(differencesOf([day, { ...day, differences: [] }])).toEqual([
      { ...one, provider: 'stripe', day: '2026-11-20', currency: 'USD' },
    ])
  })
})
