import { eq } from 'drizzle-orm'
import { users } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { isRightPassword } from './passwords'

/**
 * Asks the signed-in user once more, before something that a stolen session must not do. Call it outside a
 * transaction: it takes its time.
 * @param field where it was typed
 * @returns the hash it was right for
 * @throws DomainError 401 SIGN_IN_REQUIRED; 403 WRONG_PASSWORD; 503 BUSY.
 */
export const confirmPassword = async (
  ctx: Context,
  password: string,
  field = 'password',
): Promise<string | null> => {
  const [user] = await ctx.db
    .select()
    .from(users)
    .where(eq(users.id, signedIn(ctx).userId))
  const passwordHash = user?.passwordHash ?? null
  if (!(await isRightPassword(passwordHash, password))) throw wrongPassword(field)
  return passwordHash
}

export const wrongPassword = (field: string) =>
  new DomainError(403, 'WRONG_PASSWORD', 'This is not your password.', {
    issues: [{ path: [field], message: 'This is not your password.' }],
  })
