import { and, eq, isNull } from 'drizzle-orm'
import { authTokens, users } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { recordActivity } from '../audit'
import { lockUser } from './accounts'
import { findToken, isUsable, tokenInvalid } from './tokens'

/**
 * Takes the token of a verification mail (24 hours). Opening the link again is no error, and it opens no session:
 * mail scanners follow links too.
 * @throws DomainError 400 TOKEN_INVALID when it is unknown, for another purpose, or expired or replaced before it was
 * used and the address is not verified otherwise.
 */
export const verifyEmail = (ctx: Context, token: string): Promise<void> =>
  inTransaction(ctx, async (ctx) => {
    const found = await findToken(ctx, token, ['VERIFY_EMAIL'])
    if (!found) throw tokenInvalid()
    const user = await lockUser(ctx, found.user.id)
    if (user.emailVerifiedAt !== null) return
    if (!isUsable(ctx, found.token)) throw tokenInvalid()
    await ctx.db
      .update(authTokens)
      .set({ usedAt: ctx.now() })
      .where(and(eq(authTokens.id, found.token.id), isNull(authTokens.usedAt)))
    await ctx.db.update(users).set({ emailVerifiedAt: ctx.now() }).where(eq(users.id, user.id))
    await recordActivity(ctx, {
      action: 'email_verified',
      description: `${user.firstName} ${user.lastName} verified their e-mail address`,
      organizationId: user.organizationId,
      userId: user.id,
      subject: { type: 'user', id: user.id },
    })
  })
