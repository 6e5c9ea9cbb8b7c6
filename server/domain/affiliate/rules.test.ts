import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentage, share } from '../../kit/money'
import { type Claim, maskEmail, splitBase } from './rules'
import { GenerateAffiliateLinkInput } from './schemas'

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
