import { and, eq, gt, isNull, lte, ne, or, sql } from 'drizzle-orm'
import { type Adapter, Cookie, Lucia } from 'lucia'
import { secondFactors, sessions, users } from '../../../db/schema'
import type { Config } from '../../kit/config'
import { type Actor, type Context, newId } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { sessionLimits } from './rules'
import type { UserRole } from './schemas'
import { SECOND_STEP_LIFE } from './second-step'

/** The only file that knows Lucia. */
declare module 'lucia' {
  interface Register {
    Lucia: Lucia<SessionTimes, SessionUser>
    DatabaseSessionAttributes: SessionTimes
    DatabaseUserAttributes: SessionUser
  }
}

interface SessionTimes {
  readonly endsAt: Date
  readonly absoluteEnd: Date
  /** In words. */
  readonly device: string | null
  readonly lastUsedAt: Date | null
}

interface SessionUser {
  readonly role: UserRole
  readonly organizationId: string
  readonly email: string
  readonly hasSecondFactor: boolean
}

export interface StartedSession {
  /** The secret the cookie carries; kept nowhere. */
  readonly id: string
  readonly expiresAt: Date
}

/** A new session with a new id (256 bits); the user's sessions that are over are cleared away. */
export const startSession = async (
  ctx: Context,
  user: { id: string; role: UserRole },
  device: string | null = null,
): Promise<StartedSession> => {
  const now = ctx.now()
  const limits = sessionLimits(user.role)
  await ctx.db.delete(sessions).where(and(eq(sessions.userId, user.id), isOver(now)))
  const endsAt = new Date(now.getTime() + limits.idle)
  const absoluteEnd = new Date(now.getTime() + limits.absolute)
  const sessionId = ctx.outside.random(32).toString('base64url')
  await luciaOf(ctx).createSession(user.id, { endsAt, absoluteEnd, device, lastUsedAt: now }, { sessionId })
  return { id: sessionId, expiresAt: endsAt }
}

export interface SessionActor {
  readonly actor: Actor
  /** The session now lasts until then and its cookie has to be set again; null: leave the cookie. */
  readonly renewUntil: Date | null
  /** An admin who must have a second factor and has none: may set one up, and nothing else. */
  readonly mustEnrol: boolean
}

/**
 * Who a session cookie speaks for, with the role of this moment; a visitor when it is none of ours or over.
 * Use makes the session last longer, up to its absolute end.
 */
export const actorOfSession = async (
  ctx: Context,
  sessionId: string | null | undefined,
): Promise<SessionActor> => {
  if (typeof sessionId !== 'string' || !SESSION_ID.test(sessionId)) return NOBODY
  const { session, user } = await luciaOf(ctx).validateSession(sessionId)
  if (session === null) return NOBODY
  const { id, organizationId, email, role, hasSecondFactor } = user
  await noteUse(ctx, sessionId, session)
  return {
    actor: { kind: role === 'ADMIN' ? 'admin' : 'user', userId: id, organizationId, email },
    renewUntil: await renew(ctx, sessionId, session, role),
    mustEnrol: role === 'ADMIN' && ctx.config.requireAdmin2fa && !hasSecondFactor,
  }
}

const TEN_MINUTES = 600_000

/** At most once in ten minutes: one write, not one per request. */
const noteUse = async (ctx: Context, sessionId: string, { lastUsedAt }: SessionTimes): Promise<void> => {
  const before = new Date(ctx.now().getTime() - TEN_MINUTES)
  if (lastUsedAt !== null && lastUsedAt > before) return
  await ctx.db
    .update(sessions)
    .set({ lastUsedAt: ctx.now() })
    .where(
      and(
        eq(sessions.idHash, hashed(sessionId)),
        or(isNull(sessions.lastUsedAt), lte(sessions.lastUsedAt, before)),
      ),
    )
}

const SESSION_ID = /^[A-Za-z0-9_-]{43}$/
const NOBODY: SessionActor = { actor: { kind: 'visitor' }, renewUntil: null, mustEnrol: false }

/** Not at each use but when a twenty-fourth of the idle time is gone: one write, not one per request. */
const renew = async (
  ctx: Context,
  sessionId: string,
  times: SessionTimes,
  role: UserRole,
): Promise<Date | null> => {
  const { idle } = sessionLimits(role)
  const until = new Date(Math.min(ctx.now().getTime() + idle, times.absoluteEnd.getTime()))
  if (until.getTime() - times.endsAt.getTime() < idle / 24) return null
  await adapterOf(ctx).updateSessionExpiration(sessionId, until)
  return until
}

/** Ends one session; an id that is none of ours ends nothing. */
export const endSession = async (ctx: Context, sessionId: string | null): Promise<void> => {
  if (sessionId !== null && SESSION_ID.test(sessionId)) await luciaOf(ctx).invalidateSession(sessionId)
}

/** Signs a user out everywhere. */
export const endSessions = (ctx: Context, userId: string): Promise<void> =>
  luciaOf(ctx).invalidateUserSessions(userId)

/** Signs a user out everywhere but here; without a session of their own, everywhere. @returns how many ended */
export const endOtherSessions = async (
  ctx: Context,
  userId: string,
  sessionId: string | null,
): Promise<number> => {
  const ended = await ctx.db
    .delete(sessions)
    .where(
      and(
        eq(sessions.userId, userId),
        sessionId === null ? undefined : ne(sessions.idHash, hashed(sessionId)),
      ),
    )
    .returning({ id: sessions.publicId, expiresAt: sessions.expiresAt })
  return ended.filter(({ expiresAt }) => expiresAt > ctx.now()).length
}

/** Whoever becomes an admin keeps their sessions for no longer than an admin's last. */
export const shortenSessions = async (ctx: Context, userId: string): Promise<void> => {
  const limits = sessionLimits('ADMIN')
  const idleEnd = new Date(ctx.now().getTime() + limits.idle).toISOString()
  const absoluteEnd = new Date(ctx.now().getTime() + limits.absolute).toISOString()
  await ctx.db
    .update(sessions)
    .set({
      expiresAt: sql`least(${sessions.expiresAt}, ${idleEnd}::timestamptz)`,
      absoluteExpiresAt: sql`least(${sessions.absoluteExpiresAt}, ${absoluteEnd}::timestamptz)`,
    })
    .where(eq(sessions.userId, userId))
}

/** Clears away all sessions that are over. */
export const deleteExpiredSessions = (ctx: Context): Promise<void> => luciaOf(ctx).deleteExpiredSessions()

/** With https the name itself makes browsers refuse the cookie from anywhere but this host (`__Host-`). */
export const sessionCookieName = (config: Config): string => (isSecure(config) ? '__Host-session' : 'session')

/** A Set-Cookie header's value. */
export const sessionCookie = (config: Config, id: string, expiresAt: Date): string =>
  new Cookie(sessionCookieName(config), id, { ...attributes(config), expires: expiresAt }).serialize()

/** A Set-Cookie header's value that takes the cookie away. */
export const blankSessionCookie = (config: Config): string =>
  new Cookie(sessionCookieName(config), '', { ...attributes(config), maxAge: 0 }).serialize()

export const secondStepCookieName = (config: Config): string =>
  isSecure(config) ? '__Host-second-step' : 'second-step'

/** Between the two steps of signing in. A Set-Cookie header's value; with an empty token it takes the cookie away. */
export const secondStepCookie = (config: Config, token: string): string =>
  new Cookie(secondStepCookieName(config), token, {
    ...attributes(config),
    maxAge: token === '' ? 0 : SECOND_STEP_LIFE / 1_000,
  }).serialize()

const isSecure = (config: Config): boolean => config.appUrl.startsWith('https:')
const attributes = (config: Config) => ({
  httpOnly: true,
  sameSite: 'lax' as const,
  path: '/',
  secure: isSecure(config),
})

const luciaOf = (ctx: Context): Lucia<SessionTimes, SessionUser> =>
  new Lucia(adapterOf(ctx), {
    getSessionAttributes: (times) => times,
    getUserAttributes: (user) => user,
  })

/**
 * Our table behind Lucia, under the SHA-256 of ids. Lucia goes by the machine's clock and we by the context's, so this
 * side judges what is over and renews, and hands Lucia only sessions that are good, without an end it could see.
 */
const adapterOf = (ctx: Context): Adapter => ({
  getSessionAndUser: async (sessionId) => {
    const [row] = await ctx.db
      .select({ session: sessions, user: users, factorId: secondFactors.id })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .leftJoin(secondFactors, eq(secondFactors.userId, users.id))
      .where(eq(sessions.idHash, hashed(sessionId)))
    if (!row) return [null, null]
    const { session, user, factorId } = row
    // Signed in at the very moment the account was closed.
    if (user.closedAt !== null) return [null, null]
    if (Math.min(session.expiresAt.getTime(), session.absoluteExpiresAt.getTime()) <= ctx.now().getTime()) {
      await ctx.db.delete(sessions).where(and(eq(sessions.idHash, session.idHash), isOver(ctx.now())))
      return [null, null]
    }
    return [
      {
        id: sessionId,
        userId: user.id,
        expiresAt: ENDLESS,
        attributes: {
          endsAt: session.expiresAt,
          absoluteEnd: session.absoluteExpiresAt,
          device: session.device,
          lastUsedAt: session.lastUsedAt,
        },
      },
      {
        id: user.id,
        attributes: {
          role: user.role,
          organizationId: user.organizationId,
          email: user.email,
          hasSecondFactor: factorId !== null,
        },
      },
    ]
  },
  setSession: async ({ id, userId, attributes: { endsAt, absoluteEnd, device, lastUsedAt } }) => {
    await ctx.db.insert(sessions).values({
      idHash: hashed(id),
      publicId: newId(ctx),
      userId,
      device,
      lastUsedAt,
      expiresAt: endsAt,
      absoluteExpiresAt: absoluteEnd,
      createdAt: ctx.now(),
    })
  },
  // A session that ended meanwhile stays ended.
  updateSessionExpiration: async (sessionId, expiresAt) => {
    await ctx.db
      .update(sessions)
      .set({ expiresAt: sql`least(${sessions.absoluteExpiresAt}, ${expiresAt.toISOString()}::timestamptz)` })
      .where(
        and(
          eq(sessions.idHash, hashed(sessionId)),
          gt(sessions.expiresAt, ctx.now()),
          gt(sessions.absoluteExpiresAt, ctx.now()),
        ),
      )
  },
  deleteSession: async (sessionId) => {
    await ctx.db.delete(sessions).where(eq(sessions.idHash, hashed(sessionId)))
  },
  deleteUserSessions: async (userId) => {
    await ctx.db.delete(sessions).where(eq(sessions.userId, userId))
  },
  deleteExpiredSessions: async () => {
    await ctx.db.delete(sessions).where(isOver(ctx.now()))
  },
  // Asked for by nothing here, and not to be had: the ids are kept nowhere.
  getUserSessions: async () => [],
})

/** The last moment a Date can hold. */
const ENDLESS = new Date(8.64e15)

export const hashed = (sessionId: string): string => sha256(sessionId).toString('hex')

const isOver = (now: Date) => or(lte(sessions.expiresAt, now), lte(sessions.absoluteExpiresAt, now))
