import { eq } from 'drizzle-orm'
import { organizations } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { findAccount, toUserView } from './accounts'
import { normalizeEmail } from './email'
import { isRightPassword } from './passwords'
import type { SignInInput, UserView } from './schemas'
import { endSession, type StartedSession, startSession } from './sessions'

/**
 * Opens a session with a new id.
 * @throws DomainError 401 INVALID_CREDENTIALS, alike for an unknown address, a wrong password and an account without
 * one; 403 EMAIL_NOT_VERIFIED, told only to who knows the password; 503 BUSY.
 */
export const signIn = async (
  ctx: Context,
  input: SignInInput,
): Promise<{ user: UserView; session: StartedSession }> => {
  const user = await findAccount(ctx, normalizeEmail(input.email))
  const right = await isRightPassword(user?.passwordHash ?? null, input.password)
  if (!user || !right)
    throw new DomainError(401, 'INVALID_CREDENTIALS', 'E-mail address and password do not match an account.')
  if (user.emailVerifiedAt === null)
    throw new DomainError(
      403,
      'EMAIL_NOT_VERIFIED',
      'Open the link we mailed you first: it shows that the address is yours.',
    )
  const [organization] = await ctx.db
    .select()
    .from(organizations)
    .where(eq(organizations.id, user.organizationId))
  if (!organization) throw new Error(`user ${user.id} without an organization`)
  return { user: toUserView(user, organization, ctx.now()), session: await startSession(ctx, user) }
}

/** Ends the session of this id; one that is over already, or was none, is no error. */
export const signOut = (ctx: Context, sessionId: string | null): Promise<void> => endSession(ctx, sessionId)
