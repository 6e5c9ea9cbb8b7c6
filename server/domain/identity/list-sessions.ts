import { and, desc, eq, gt } from 'drizzle-orm'
import { sessions } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { recordActivity } from '../audit'
import type { SessionView } from './schemas'
import { endOtherSessions, hashed } from './sessions'

const MOST = 200

/** Where the signed-in user is signed in, this session first, then the last used. */
export const listSessions = async (ctx: Context, sessionId: string | null): Promise<SessionView[]> => {
  const now = ctx.now()
  const rows = await ctx.db
    .select()
    .from(sessions)
    .where(
      and(
        eq(sessions.userId, signedIn(ctx).userId),
        gt(sessions.expiresAt, now),
        gt(sessions.absoluteExpiresAt, now),
      ),
    )
    .orderBy(desc(sessions.createdAt))
    .limit(MOST)
  const own = sessionId === null ? null : hashed(sessionId)
  return rows
    .map((row) => ({
      id: row.publicId,
      device: row.device,
      current: row.idHash === own,
      lastUsedAt: (row.lastUsedAt ?? row.createdAt).toISOString(),
      createdAt: row.createdAt.toISOString(),
    }))
    .sort((a, b) => Number(b.current) - Number(a.current) || (a.lastUsedAt < b.lastUsedAt ? 1 : -1))
}

/** Ends one of the signed-in user's sessions. @throws DomainError 404 SESSION_NOT_FOUND, for somebody else's too. */
export const revokeSession = (ctx: Context, { id }: { id: string }): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const [ended] = await tx.db
      .delete(sessions)
      .where(and(eq(sessions.publicId, id), eq(sessions.userId, signedIn(tx).userId)))
      .returning({ device: sessions.device })
    if (ended === undefined) throw notFound('SESSION_NOT_FOUND', 'There is no such session, or it is over.')
    await recordActivity(tx, {
      action: 'session_ended',
      description: 'A session was signed out from elsewhere',
      subject: { type: 'session', id },
      before: { device: ended.device },
    })
  })

/** Signs the user out everywhere but here. @returns how many sessions ended */
export const revokeOtherSessions = (ctx: Context, sessionId: string | null): Promise<number> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const ended = await endOtherSessions(tx, userId, sessionId)
    if (ended > 0)
      await recordActivity(tx, {
        action: 'sessions_ended',
        description: 'All other sessions were signed out',
        subject: { type: 'user', id: userId },
        after: { ended },
      })
    return ended
  })
