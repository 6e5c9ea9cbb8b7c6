import { eq } from 'drizzle-orm'
import { apiKeys, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { recordActivity } from '../audit'
import { lockSelf } from './accounts'
import { confirmPassword, wrongPassword } from './confirm-password'
import { normalizeEmail } from './email'
import { endEmailChanges } from './email-changes'
import { mailPasswordChanged } from './mails'
import { hashPassword } from './passwords'
import { type ChangePasswordInput, OWN_EMAIL } from './schemas'
import { endOtherSessions } from './sessions'
import { PASSWORD_PURPOSES, replaceTokens } from './tokens'

/**
 * Sets a new password under the old one. Other sessions, keys, mailed links to set one and a change of address that
 * waits end; the owner is told by mail.
 * @param sessionId the session that stays
 * @throws DomainError 403 WRONG_PASSWORD; 400 INVALID_INPUT when it is the e-mail address; 503 BUSY.
 */
export const changePassword = async (
  ctx: Context,
  { current, password }: ChangePasswordInput,
  sessionId: string | null,
): Promise<void> => {
  const { userId, email } = signedIn(ctx)
  const proven = await confirmPassword(ctx, current, 'current')
  if (normalizeEmail(password) === email) throw invalid([{ path: ['password'], message: OWN_EMAIL }])
  const passwordHash = await hashPassword(ctx, password)
  await inTransaction(ctx, async (tx) => {
    const user = await lockSelf(tx, userId, 'no key update')
    // Changed at this very moment from elsewhere: the old one is old.
    if (user.passwordHash !== proven) throw wrongPassword('current')
    await tx.db.update(users).set({ passwordHash }).where(eq(users.id, userId))
    await endOtherSessions(tx, userId, sessionId)
    await tx.db.delete(apiKeys).where(eq(apiKeys.userId, userId))
    await replaceTokens(tx, userId, PASSWORD_PURPOSES)
    await endEmailChanges(tx, userId)
    await mailPasswordChanged(tx, user, newId(tx))
    await recordActivity(tx, {
      action: 'password_changed',
      description: 'The password was changed under the old one',
      subject: { type: 'user', id: userId },
    })
  })
}
