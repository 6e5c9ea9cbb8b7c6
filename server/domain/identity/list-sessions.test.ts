import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, mails, sessions } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { listSessions, revokeOtherSessions, revokeSession } from './list-sessions'
import { actorOfSession } from './sessions'
import { signIn } from './sign-in'

const database = useDatabase()
const MINUTE = 60_000

const world = async () => {
  const base = testContext(database.db)
  const user = await makeUser(base)
  const ctx = base.as(user.actor)
  const from = async (device: string | null) =>
    (await signIn(ctx, { email: user.email, password: TEST_PASSWORD }, device)).session.id
  return { ctx, user, from }
}

describe('the list of sessions', () => {
  it('says where one is signed in, since when and last used when, this session first', async () => {
    const { ctx, user, from } = await world()
    const phone = await from('Safari on iPhone')
    const made = ctx.now().toISOString()
    ctx.clock.advance(MINUTE)
    await from(null)
    ctx.clock.advance(20 * MINUTE)
    await actorOfSession(ctx, phone)
    const used = ctx.now().toISOString()
    ctx.clock.advance(MINUTE)
    const here = await from('Firefox on Linux')
    expect(await listSessions(ctx, here)).toMatchObject([
      { device: 'Firefox on Linux', current: true },
      { device: 'Safari on iPhone', current: false, createdAt: made, lastUsedAt: used },
      { device: null, current: false },
    ])
    expect((await listSessions(ctx, null)).some(({ current }) => current)).toBe(false)
    expect(await database.db.$count(sessions, eq(sessions.userId, user.id))).toBe(3)
    ctx.clock.advance(40 * 24 * 60 * MINUTE)
    expect(await listSessions(ctx, here)).toEqual([])
  })

  it('notes a use once in ten minutes at most', async () => {
    const { ctx, from } = await world()
    const here = await from(null)
    const lastUsed = async () => (await listSessions(ctx, here))[0]?.lastUsedAt
    const before = await lastUsed()
    ctx.clock.advance(9 * MINUTE)
    await actorOfSession(ctx, here)
    expect(await lastUsed()).toBe(before)
    ctx.clock.advance(MINUTE)
    await Promise.all([actorOfSession(ctx, here), actorOfSession(ctx, here)])
    expect(await lastUsed()).toBe(ctx.now().toISOString())
  })

  it('holds nothing that opens one', async () => {
    const { ctx, from } = await world()
    const id = await from('Firefox on Linux')
    const [shown] = await listSessions(ctx, id)
    expect((await actorOfSession(ctx, shown?.id)).actor.kind).toBe('visitor')
  })
})

describe('ending sessions', () => {
  it('ends one at once, notes it, and knows nothing of anybody else’s', async () => {
    const { ctx, from } = await world()
    const other = await world()
    const id = await from('Safari on iPhone')
    const [session] = await listSessions(ctx, id)
    const asked = { id: session?.id ?? '' }
    const gone = { status: 404, code: 'SESSION_NOT_FOUND' }
    await expect(revokeSession(other.ctx, asked)).rejects.toMatchObject(gone)
    await revokeSession(ctx, asked)
    expect((await actorOfSession(ctx, id)).actor.kind).toBe('visitor')
    await expect(revokeSession(ctx, asked)).rejects.toMatchObject(gone)
    const log = await database.db.select().from(activityLog).where(eq(activityLog.subjectId, asked.id))
    expect(log).toMatchObject([{ action: 'session_ended', before: { device: 'Safari on iPhone' } }])
  })

  it('ends all others and stays here', async () => {
    const { ctx, from } = await world()
    const stranger = await world()
    const [here, there, theirs] = [await from(null), await from(null), await stranger.from(null)]
    expect(await revokeOtherSessions(ctx, here)).toBe(1)
    expect((await actorOfSession(ctx, here)).actor.kind).toBe('user')
    expect((await actorOfSession(ctx, there)).actor.kind).toBe('visitor')
    expect((await actorOfSession(ctx, theirs)).actor.kind).toBe('user')
    expect(await revokeOtherSessions(ctx, here)).toBe(0)
  })
})

it('a kind of device that is new to the account is told by mail; the first, a known one and a program are not', async () => {
  const { ctx, user, from } = await world()
  for (const device of [
    null,
    'Firefox on Linux',
    'Firefox on Linux',
    null,
    'Safari on iPhone',
    'Firefox on Linux',
    'Safari on iPhone',
  ])
    await from(device)
  const told = await ctx.db.select().from(mails).where(eq(mails.to, user.email))
  expect(told.map(({ template, data }) => [template, data.device])).toEqual([
    ['new-device', 'Safari on iPhone'],
  ])
})
