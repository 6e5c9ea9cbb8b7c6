import { and, eq, ne, sql } from 'drizzle-orm'
import { affiliateLinks, affiliates, attributionReviews, attributions } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { codeCandidates, takeCode } from './codes'
import { endCouponsOf } from './coupons'

/**
 * Ends what somebody sells and recommends: their links are revoked, their account in the programme earns no more. It
 * gets a code that says nothing; the old ones stay taken for good. What they asked admins and were told is removed, and
 * so is where they came from. What was earned stays in the books.
 */
export const closeSelling = async (ctx: Context, userId: string): Promise<void> => {
  await ctx.db
    .update(affiliateLinks)
    .set({ status: 'REVOKED', revokedAt: ctx.now() })
    .where(and(eq(affiliateLinks.sellerId, userId), ne(affiliateLinks.status, 'REVOKED')))
  await ctx.db.update(attributions).set({ origin: null }).where(eq(attributions.customerId, userId))
  const [affiliate] = await ctx.db
    .select()
    .from(affiliates)
    .where(eq(affiliates.userId, userId))
    .for('no key update')
  if (affiliate === undefined) return
  await endCouponsOf(ctx, affiliate.id)
  await ctx.db
    .update(affiliates)
    .set({
      status: CLOSED[affiliate.status],
      code: await takeCode(ctx, affiliate.id, codeCandidates(ctx, '')),
      paymentEmail: null,
      publicName: null,
      statusReason: CLOSED_NOTE,
      statusChangedAt: ctx.now(),
    })
    .where(eq(affiliates.id, affiliate.id))
  await ctx.db
    .update(attributionReviews)
    .set({
      message: CLOSED_NOTE,
      answer: CLOSED_NOTE,
      status: 'ANSWERED',
      answeredAt: sql`coalesce(${attributionReviews.answeredAt}, ${ctx.now().toISOString()}::timestamptz)`,
    })
    .where(eq(attributionReviews.affiliateId, affiliate.id))
}

/** Instead of what was written. */
const CLOSED_NOTE = 'The account was closed.'

const CLOSED = {
  PENDING: 'REJECTED',
  REJECTED: 'REJECTED',
  APPROVED: 'SUSPENDED',
  SUSPENDED: 'SUSPENDED',
} as const
