import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { sessions, users } from '../../../db/schema'
import { testConfig, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import {
  actorOfSession,
  blankSessionCookie,
  deleteExpiredSessions,
  endSessions,
  sessionCookie,
  sessionCookieName,
} from './sessions'
import { signIn, signOut } from './sign-in'

const database = useDatabase()
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const world = async (options: Parameters<typeof makeUser>[1] = {}) => {
  const ctx = testContext(database.db)
  const user = await makeUser(ctx, options)
  const signInNow = () => signIn(ctx, { email: user.email, password: TEST_PASSWORD })
  const kindOf = async (id: string) => (await actorOfSession(ctx, id)).actor.kind
  return { ctx, user, signInNow, kindOf }
}

describe('signing in', () => {
  it('answers the user and opens a session that speaks for them', async () => {
    const { ctx, user, signInNow } = await world({ plan: 'AGENCY' })
    const { user: view, session } = await signInNow()
    expect(view).toEqual({
      id: user.id,
      email: user.email,
      firstName: 'Ann',
      lastName: 'Example',
      role: 'USER',
      planType: 'AGENCY',
    })
    expect(session.expiresAt).toEqual(new Date(ctx.now().getTime() + 14 * DAY))
    expect(await actorOfSession(ctx, session.id)).toEqual({
      actor: user.actor,
      renewUntil: null,
      mustEnrol: false,
    })
  })

  it('takes the address in any case', async () => {
    const { ctx, user } = await world()
    await expect(
      signIn(ctx, { email: user.email.toUpperCase(), password: TEST_PASSWORD }),
    ).resolves.toBeDefined()
  })

  it('refuses an unknown address, a wrong password and an account without one alike', async () => {
    const { ctx, user } = await world()
    const buyer = await makeUser(ctx, { password: false, verified: false })
    const refusals = await Promise.all(
      [
        { email: 'nobody@x.test', password: TEST_PASSWORD },
        { email: user.email, password: `${TEST_PASSWORD} ` },
        { email: buyer.email, password: TEST_PASSWORD },
      ].map((input) => signIn(ctx, input).catch(({ status, code, message }) => ({ status, code, message }))),
    )
    expect(refusals[0]).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' })
    expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1)
  })

  it('says that the address is not verified only to who knows the password', async () => {
    const { ctx, user, signInNow } = await world({ verified: false })
    await expect(signInNow()).rejects.toMatchObject({ status: 403, code: 'EMAIL_NOT_VERIFIED' })
    await expect(signIn(ctx, { email: user.email, password: 'wrong' })).rejects.toMatchObject({ status: 401 })
    expect(await ctx.db.$count(sessions, eq(sessions.userId, user.id))).toBe(0)
  })

  it('makes a new id each time, of 256 bits, and keeps only its hash', async () => {
    const { ctx, user, signInNow } = await world()
    const ids = [(await signInNow()).session.id, (await signInNow()).session.id]
    expect(ids[0]).not.toBe(ids[1])
    for (const id of ids) expect(Buffer.from(id, 'base64url')).toHaveLength(32)
    const rows = await ctx.db.select().from(sessions).where(eq(sessions.userId, user.id))
    expect(rows).toHaveLength(2)
    for (const row of rows) {
      expect(ids.some((id) => JSON.stringify(row).includes(id))).toBe(false)
      expect((await actorOfSession(ctx, row.idHash)).actor.kind).toBe('visitor')
    }
  })

  it('clears away the sessions of the user that are over', async () => {
    const { ctx, user, signInNow } = await world()
    await signInNow()
    ctx.clock.advance(15 * DAY)
    await signInNow()
    expect(await ctx.db.$count(sessions, eq(sessions.userId, user.id))).toBe(1)
  })
})

describe('a session', () => {
  it('ends with signing out, for good', async () => {
    const { ctx, signInNow, kindOf } = await world()
    const { session } = await signInNow()
    const other = await signInNow()
    await signOut(ctx, session.id)
    expect(await kindOf(session.id)).toBe('visitor')
    expect(await kindOf(other.session.id)).toBe('user')
    await signOut(ctx, session.id)
    await signOut(ctx, null)
    await signOut(ctx, 'x'.repeat(4096))
  })

  it.each([null, undefined, '', 'a'.repeat(43), 'a'.repeat(4096), '\u0000', "' or 1=1", 'ä'.repeat(43)])(
    'is none for an id that is not one of ours: %.20s',
    async (id) => {
      expect(await actorOfSession(testContext(database.db), id)).toEqual({
        actor: { kind: 'visitor' },
        renewUntil: null,
        mustEnrol: false,
      })
    },
  )

  it('ends after 14 days without use', async () => {
    const { ctx, user, signInNow, kindOf } = await world()
    const { session } = await signInNow()
    ctx.clock.advance(14 * DAY)
    expect(await kindOf(session.id)).toBe('visitor')
    expect(await ctx.db.$count(sessions, eq(sessions.userId, user.id))).toBe(0)
  })

  it('goes on with use and says so, but not past 30 days', async () => {
    const { ctx, signInNow, kindOf } = await world()
    const start = ctx.now().getTime()
    const { session } = await signInNow()
    ctx.clock.advance(13 * DAY)
    const renewed = await actorOfSession(ctx, session.id)
    expect(renewed.renewUntil).toEqual(new Date(start + 27 * DAY))
    expect((await actorOfSession(ctx, session.id)).renewUntil).toBeNull()
    ctx.clock.advance(13 * DAY)
    expect((await actorOfSession(ctx, session.id)).renewUntil).toEqual(new Date(start + 30 * DAY))
    ctx.clock.advance(4 * DAY - 1)
    expect(await actorOfSession(ctx, session.id)).toMatchObject({
      actor: { kind: 'user' },
      renewUntil: null,
      mustEnrol: false,
    })
    ctx.clock.advance(1)
    expect(await kindOf(session.id)).toBe('visitor')
  })

  it('of an admin ends after 2 hours without use and 12 hours in all', async () => {
    const { ctx, signInNow, kindOf } = await world({ role: 'ADMIN' })
    const unused = (await signInNow()).session
    expect(unused.expiresAt).toEqual(new Date(ctx.now().getTime() + 2 * HOUR))
    const { session } = await signInNow()
    for (let minutes = 0; minutes < 715; minutes += 110) {
      expect(await kindOf(session.id)).toBe('admin')
      ctx.clock.advance(110 * MINUTE)
    }
    expect(await kindOf(unused.id)).toBe('visitor')
    expect(await kindOf(session.id)).toBe('visitor')
  })

  it('ends at its absolute end whatever else its row says', async () => {
    const { ctx, user, signInNow, kindOf } = await world()
    const { session } = await signInNow()
    const expiresAt = new Date(ctx.now().getTime() + 90 * DAY)
    await ctx.db.update(sessions).set({ expiresAt }).where(eq(sessions.userId, user.id))
    ctx.clock.advance(30 * DAY)
    expect(await kindOf(session.id)).toBe('visitor')
  })

  it('is not brought back by fifty uses at once at its end', async () => {
    const { ctx, signInNow } = await world()
    const { session } = await signInNow()
    ctx.clock.advance(13 * DAY)
    await actorOfSession(ctx, session.id)
    ctx.clock.advance(13 * DAY)
    await actorOfSession(ctx, session.id)
    ctx.clock.advance(4 * DAY)
    const all = await Promise.all(Array.from({ length: 50 }, () => actorOfSession(ctx, session.id)))
    expect(all.filter(({ actor }) => actor.kind !== 'visitor')).toEqual([])
  })

  it('is not brought back by a use that races with its end', async () => {
    const { ctx, user, signInNow, kindOf } = await world()
    const { session } = await signInNow()
    ctx.clock.advance(DAY)
    await Promise.all([
      actorOfSession(ctx, session.id),
      endSessions(ctx, user.id),
      actorOfSession(ctx, session.id),
    ])
    expect(await kindOf(session.id)).toBe('visitor')
  })

  it('has the role of the moment', async () => {
    const { ctx, user, signInNow, kindOf } = await world()
    const { session } = await signInNow()
    await ctx.db.update(users).set({ role: 'ADMIN' }).where(eq(users.id, user.id))
    expect(await kindOf(session.id)).toBe('admin')
    await ctx.db.update(users).set({ role: 'USER' }).where(eq(users.id, user.id))
    expect(await kindOf(session.id)).toBe('user')
  })

  it('that is over is cleared away, and no other', async () => {
    const { ctx, user, signInNow } = await world()
    await signInNow()
    ctx.clock.advance(7 * DAY)
    const other = await makeUser(ctx)
    await signIn(ctx, { email: other.email, password: TEST_PASSWORD })
    ctx.clock.advance(7 * DAY)
    await deleteExpiredSessions(ctx)
    expect(await ctx.db.$count(sessions, eq(sessions.userId, user.id))).toBe(0)
    expect(await ctx.db.$count(sessions, eq(sessions.userId, other.id))).toBe(1)
  })
})

describe('the session cookie', () => {
  const until = new Date('2026-12-01T00:00:00.000Z')

  it('is bound to the host and to https when the site has it', () => {
    const config = testConfig({ APP_URL: 'https://offshoot.example' })
    expect(sessionCookieName(config)).toBe('__Host-session')
    const parts = sessionCookie(config, 'ID', until).split('; ')
    expect(parts[0]).toBe('__Host-session=ID')
    expect(parts.slice(1).sort()).toEqual([
      'Expires=Tue, 01 Dec 2026 00:00:00 GMT',
      'HttpOnly',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ])
  })

  it('has a plain name without https', () => {
    const config = testConfig()
    const cookie = sessionCookie(config, 'ID', until)
    expect(cookie).toMatch(/^session=ID; /)
    expect(cookie).toContain('HttpOnly')
    expect(cookie).not.toContain('Secure')
  })

  it('is taken away by an empty one that is over at once', () => {
    const cookie = blankSessionCookie(testConfig())
    expect(cookie).toMatch(/^session=; /)
    expect(cookie).toContain('Max-Age=0')
    expect(cookie).toContain('Path=/')
  })
})
