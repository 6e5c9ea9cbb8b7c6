import { and, eq, ne } from 'drizzle-orm'
import { affiliateLinks, affiliates } from '../../../db/schema'
import type { Context } from '../../kit/context'

/**
 * Ends what somebody sells and recommends: their links are revoked, their account in the programme earns no more. Its
 * codes stay taken for good. What was earned stays in the books.
 */
export const closeSelling = async (ctx: Context, userId: string): Promise<void> => {
  await ctx.db
    .update(affiliateLinks)
    .set({ status: 'REVOKED', revokedAt: ctx.now() })
    .where(and(eq(affiliateLinks.sellerId, userId), ne(affiliateLinks.status, 'REVOKED')))
  const [affiliate] = await ctx.db
    .select()
    .from(affiliates)
    .where(eq(affiliates.userId, userId))
    .for('no key update')
  if (affiliate === undefined) return
  await ctx.db
    .update(affiliates)
    .set({
      status: CLOSED[affiliate.status],
      paymentEmail: null,
      statusReason: 'The account was closed.',
      statusChangedAt: ctx.now(),
    })
    .where(eq(affiliates.id, affiliate.id))
}

const CLOSED = {
  PENDING: 'REJECTED',
  REJECTED: 'REJECTED',
  APPROVED: 'SUSPENDED',
  SUSPENDED: 'SUSPENDED',
} as const
