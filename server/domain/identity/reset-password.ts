import { eq } from 'drizzle-orm'
import { apiKeys, authTokens, users } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { recordActivity } from '../audit'
import { lockUser } from './accounts'
import { normalizeEmail } from './email'
import { endEmailChanges } from './email-changes'
import { mailPasswordChanged } from './mails'
import { hashPassword } from './passwords'
import { OWN_EMAIL, type ResetPasswordInput } from './schemas'
import { endSessions } from './sessions'
import { findToken, isUsable, PASSWORD_PURPOSES, replaceTokens, tokenInvalid } from './tokens'

/**
 * Sets a password through a mailed link: of a forgotten password (60 minutes) or a purchase (7 days), each good once.
 * Whoever has the link has the mailbox, so the address counts as verified. All sessions and all other links end.
 * @returns what the link was for
 * @throws DomainError 400 TOKEN_INVALID, 400 INVALID_INPUT when the password is the e-mail address, 503 BUSY.
 */
export const resetPassword = async (ctx: Context, input: ResetPasswordInput): Promise<PasswordPurpose> => {
  const known = await usableToken(ctx, input.token)
  if (normalizeEmail(input.password) === known.user.email)
    throw invalid([{ path: ['password'], message: OWN_EMAIL }])
  const passwordHash = await hashPassword(ctx, input.password)
  return inTransaction(ctx, async (ctx) => {
    const user = await lockUser(ctx, known.user.id)
    const { token } = await usableToken(ctx, input.token)
    await ctx.db.update(authTokens).set({ usedAt: ctx.now() }).where(eq(authTokens.id, token.id))
    await replaceTokens(ctx, user.id, ['VERIFY_EMAIL', ...PASSWORD_PURPOSES])
    await ctx.db
      .update(users)
      .set({ passwordHash, emailVerifiedAt: user.emailVerifiedAt ?? ctx.now() })
      .where(eq(users.id, user.id))
    await endSessions(ctx, user.id)
    await endEmailChanges(ctx, user.id)
    // Whoever had got in may have made one.
    await ctx.db.delete(apiKeys).where(eq(apiKeys.userId, user.id))
    // A first password changes nothing anybody would have to be warned of.
    if (user.passwordHash !== null) await mailPasswordChanged(ctx, user, token.id)
    await recordActivity(ctx, {
      action: 'password_set',
      description: `${user.firstName} ${user.lastName} set a password through a mailed link`,
      organizationId: user.organizationId,
      userId: user.id,
      subject: { type: 'user', id: user.id },
      after: { through: token.purpose },
    })
    return token.purpose as PasswordPurpose
  })
}

type PasswordPurpose = (typeof PASSWORD_PURPOSES)[number]

const usableToken = async (ctx: Context, text: string) => {
  const found = await findToken(ctx, text, PASSWORD_PURPOSES)
  if (!found || !isUsable(ctx, found.token)) throw tokenInvalid()
  return found
}
