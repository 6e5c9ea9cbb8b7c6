import { and, eq, gt, lte, or, sql } from 'drizzle-orm'
import { type Adapter, Cookie, Lucia } from 'lucia'
import { sessions, users } from '../../../db/schema'
import type { Config } from '../../kit/config'
import type { Actor, Context } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { sessionLimits } from './rules'
import type { UserRole } from './schemas'

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
}

interface SessionUser {
  readonly role: UserRole
  readonly organizationId: string
  readonly email: string
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
): Promise<StartedSession> => {
  const now = ctx.now()
  const limits = sessionLimits(user.role)
  await ctx.db.delete(sessions).where(and(eq(sessions.userId, user.id), isOver(now)))
  const endsAt = new Date(now.getTime() + limits.idle)
  const absoluteEnd = new Date(now.getTime() + limits.absolute)
  const sessionId = ctx.outside.random(32).toString('base64url')
  await luciaOf(ctx).createSession(user.id, { endsAt, absoluteEnd }, { sessionId })
  return { id: sessionId, expiresAt: endsAt }
}

export interface SessionActor {
  readonly actor: Actor
  /** The session now lasts until then and its cookie has to be set again; null: leave the cookie. */
  readonly renewUntil: Date | null
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
  const { id, organizationId, email, role } = user
  return {
    actor: { kind: role === 'ADMIN' ? 'admin' : 'user', userId: id, organizationId, email },
    renewUntil: await renew(ctx, sessionId, session, role),
  }
}

const SESSION_ID = /^[A-Za-z0-9_-]{43}$/
const NOBODY: SessionActor = { actor: { kind: 'visitor' }, renewUntil: null }

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
      .select({ session: sessions, user: users })
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .where(eq(sessions.idHash, hashed(sessionId)))
    if (!row) return [null, null]
    const { session, user } = row
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
        attributes: { endsAt: session.expiresAt, absoluteEnd: session.absoluteExpiresAt },
      },
      {
        id: user.id,
        attributes: { role: user.role, organizationId: user.organizationId, email: user.email },
      },
    ]
  },
  setSession: async ({ id, userId, attributes: { endsAt, absoluteEnd } }) => {
    await ctx.db.insert(sessions).values({
      idHash: hashed(id),
      userId,
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

const hashed = (sessionId: string): string => sha256(sessionId).toString('hex')

const isOver = (now: Date) => or(lte(sessions.expiresAt, now), lte(sessions.absoluteExpiresAt, now))
