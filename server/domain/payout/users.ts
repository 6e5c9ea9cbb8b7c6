import { eq } from 'drizzle-orm'
import { users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { notFound } from '../../kit/errors'

/**
 * Whom it is about, held until the transaction ends: a change of their payout details and their requests come one
 * after the other. @throws DomainError 404 USER_NOT_FOUND.
 */
export const lockUser = async (ctx: Context, userId: string, strength: 'share' | 'no key update') => {
  const [user] = isUuid(userId)
    ? await ctx.db.select().from(users).where(eq(users.id, userId)).for(strength)
    : []
  if (user === undefined) throw notFound('USER_NOT_FOUND', 'There is no such user.')
  return user
}

/** Any other text is the id of nothing. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
