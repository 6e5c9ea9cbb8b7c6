import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { affiliates, attributions, commissions } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate, visit } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { keepClickPartitions } from '.'
import { fraudFlags } from './fraud-flags'
import { recordClick } from './record-click'

const database = useDatabase()
const MINUTE = 60_000

/** Months apart, so that no test sees what another did. */
let begun = 0
let members = 0
const given = async () => {
  begun += 1
  const clock = testClock(new Date(Date.parse('2026-11-21T12:00:30Z') + begun * 62 * 1_440 * MINUTE))
  const ctx = testContext(database.db, { clock })
  const member = async () => {
    members += 1
    const user = await makeUser(ctx, { email: `eve-${begun}-${members}@example.test` })
    return { user, ...(await makeAffiliate(ctx, { userId: user.id })) }
  }
  await keepClickPartitions(ctx)
  return { ctx, member }
}

const click = (ctx: TestContext, affiliateId: string, visitor: string, paidSearch = false) =>
  recordClick(ctx, {
    ...visit('').origin,
    affiliateId,
    paidSearch,
    visitor: { address: visitor, userAgent: 'Browser' },
  })
const refer = (
  ctx: TestContext,
  affiliateId: string,
  customerId: string,
  more: { clickedAt?: Date; source?: string } = {},
) =>
  ctx.db.insert(attributions).values({
    customerId,
    affiliateId,
    ratePercentage: '15.00',
    clickedAt: more.clickedAt ?? null,
    origin: { source: more.source ?? 'news', medium: '', campaign: '', landingPage: '/' },
    createdAt: ctx.now(),
  })
const flagsOf = async (ctx: TestContext, id: string) =>
  (await fraudFlags(ctx, { limit: 100 })).items.find((one) => one.id === id)?.flags ?? []

describe('what is out of the ordinary', () => {
  it('is a burst of clicks within minutes, not as many over hours', async () => {
    const { ctx, member } = await given()
    const [burst, steady] = [await member(), await member()]
    const start = ctx.now().getTime()
    for (let i = 0; i < 20; i += 1) {
      ctx.clock.set(new Date(start + i * 10_000))
      await click(ctx, burst.id, `burst ${i}`)
      ctx.clock.set(new Date(start + i * MINUTE))
      await click(ctx, steady.id, `steady ${i}`)
    }
    expect(await flagsOf(ctx, burst.id)).toEqual([
      {
        kind: 'CLICK_BURST',
        words: '20 clicks within 5 minutes, of 20 in 30 days.',
        count: 20,
        of: 20,
        at: new Date(start - 30_000).toISOString(),
      },
    ])
    expect(await flagsOf(ctx, steady.id)).toEqual([])
  })

  it('are sign-ups seconds after their clicks, from the third on', async () => {
    const { ctx, member } = await given()
    const { id } = await member()
    const signUp = async (seconds: number) =>
      refer(ctx, id, (await makeUser(ctx)).id, { clickedAt: new Date(ctx.now().getTime() - seconds * 1_000) })
    for (const seconds of [2, 9, 10, 300]) await signUp(seconds)
    expect(await flagsOf(ctx, id)).toEqual([])
    await signUp(1)
    expect(await flagsOf(ctx, id)).toMatchObject([{ kind: 'FAST_SIGN_UPS', count: 3, of: 5 }])
  })

  it('are many sign-ups from one source within an hour', async () => {
    const { ctx, member } = await given()
    const { id } = await member()
    for (let i = 0; i < 10; i += 1) {
      ctx.clock.advance(5 * MINUTE)
      await refer(ctx, id, (await makeUser(ctx)).id, { source: i === 9 ? 'other' : 'forum' })
    }
    expect(await flagsOf(ctx, id)).toEqual([])
    await refer(ctx, id, (await makeUser(ctx)).id, { source: 'forum' })
    expect(await flagsOf(ctx, id)).toMatchObject([
      { kind: 'SIGN_UP_BURST', count: 10, words: '10 sign-ups within an hour from one source (forum).' },
    ])
  })

  it('are clicks that an advertisement in a search engine brought', async () => {
    const { ctx, member } = await given()
    const { id } = await member()
    await click(ctx, id, 'one', true)
    await click(ctx, id, 'two')
    expect(await flagsOf(ctx, id)).toMatchObject([{ kind: 'PAID_SEARCH', count: 1, of: 2 }])
    // Of longer ago nothing is said.
    ctx.clock.advance(31 * 1_440 * MINUTE)
    expect(await flagsOf(ctx, id)).toEqual([])
  })

  it('are customers who are each other’s affiliates, over others too, and whom they recruited', async () => {
    const { ctx, member } = await given()
    const [a, b, c, d, alone] = [
      await member(),
      await member(),
      await member(),
      await member(),
      await member(),
    ]
    await refer(ctx, a.id, b.user.id)
    await refer(ctx, b.id, a.user.id)
    await refer(ctx, a.id, c.user.id)
    await refer(ctx, c.id, d.user.id)
    await ctx.db.execute(sql`update ${affiliates} set recruiter_id = ${d.id} where id = ${c.id}`)
    await refer(ctx, d.id, alone.user.id)
    expect(await flagsOf(ctx, a.id)).toMatchObject([
      { kind: 'RING', count: 2, words: expect.stringContaining(`${a.code} → ${b.code} → ${a.code}`) },
    ])
    for (const { id } of [b, c, d]) expect(await flagsOf(ctx, id)).toMatchObject([{ kind: 'RING', count: 2 }])
    expect(await flagsOf(ctx, alone.id)).toEqual([])
  })

  it('takes nothing from anybody, masks who it is about, and is listed each once', async () => {
    const { ctx, member } = await given()
    const before = await ctx.db.$count(commissions)
    const three = [await member(), await member(), await member()]
    for (const { id } of three) await click(ctx, id, 'ad', true)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await fraudFlags(ctx, { limit: 2, cursor })
      for (const { user } of page.items) expect(user.email).toMatch(/^.•••@/)
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen.filter((id) => three.some((one) => one.id === id))).toHaveLength(3)
    expect(new Set(seen).size).toBe(seen.length)
    expect(await ctx.db.$count(commissions)).toBe(before)
    for (const one of three)
      expect(await ctx.db.$count(affiliates, sql`id = ${one.id} and status = 'APPROVED'`)).toBe(1)
    await expect(fraudFlags(ctx, { limit: 2, cursor: 'x' })).rejects.toMatchObject({ status: 400 })
  })
})
