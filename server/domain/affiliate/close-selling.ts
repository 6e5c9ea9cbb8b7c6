import { and, eq, isNull, ne } from 'drizzle-orm'
import { affiliateLinks, affiliates, commissions } from '../../../db/schema'
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

/** Whether something somebody earned is still to be credited to them. */
export const hasPendingCommission = async (ctx: Context, userId: string): Promise<boolean> => {
  const rows = await ctx.db
    .select({ id: commissions.id })
    .from(commissions)
    .where(
      and(
        eq(commissions.beneficiaryId, userId),
        isNull(commissions.creditedAt),
        ne(commissions.status, 'REVERSED'),
      ),
    )
    .limit(1)
  return rows.length > 0
}
