import { parseOptions } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { testConfig } from '../../../db/testing/context'
import { TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { bound } from '../../kit/bound'
import { type Context, systemRandom } from '../../kit/context'
import { hashPassword, isRightPassword, NOBODYS_HASH } from './passwords'

const ctx = { config: testConfig(), outside: { random: systemRandom } } as unknown as Context

describe('a password', () => {
  it('is hashed with argon2id, 19 MiB, two passes, one lane, and a salt of its own', async () => {
    const [one, other] = await Promise.all([
      hashPassword(ctx, TEST_PASSWORD),
      hashPassword(ctx, TEST_PASSWORD),
    ])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(one).not.toBe(other)
  })

  it('is right only as it was typed, to the last character', async () => {
    const long = `${'x'.repeat(255)}a`
    const hash = await hashPassword(ctx, long)
    expect(await isRightPassword(hash, long)).toBe(true)
    expect(await isRightPassword(hash, `${'x'.repeat(255)}b`)).toBe(false)
    expect(await isRightPassword(hash, ` ${long}`)).toBe(false)
  })

  it('is never right where there is none, at the same cost', async () => {
    expect(await isRightPassword(null, TEST_PASSWORD)).toBe(false)
    const costs = [NOBODYS_HASH, await hashPassword(ctx, TEST_PASSWORD)].map(parseOptions)
    expect(costs[0]).toEqual(costs[1])
  })
})

describe('a bound on work', () => {
  it('runs so many at once, lets so many wait in order, and turns away the rest', async () => {
    const bounded = bound(2, 2)
    const ends: (() => void)[] = []
    const order: number[] = []
    const start = (number: number) =>
      bounded(async () => {
        order.push(number)
        await new Promise<void>((end) => ends.push(end))
        return number
      })
    const all = [1, 2, 3, 4].map(start)
    await expect(start(5)).rejects.toMatchObject({ status: 503, code: 'BUSY', retryAfter: 2 })
    expect(order).toEqual([1, 2])
    ends[0]?.()
    await all[0]
    await Promise.resolve()
    expect(order).toEqual([1, 2, 3])
    ends[1]?.()
    ends[2]?.()
    await all[2]
    ends[3]?.()
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4])
    const again = start(6)
    ends[4]?.()
    expect(await again).toBe(6)
  })

  it('frees the place of work that fails', async () => {
    const bounded = bound(1, 0)
    await expect(bounded(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await bounded(async () => 1)).toBe(1)
  })
})
