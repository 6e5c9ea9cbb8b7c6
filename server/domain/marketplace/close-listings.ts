import { and, eq, inArray, isNull } from 'drizzle-orm'
import { listingReviewReports, listingReviews, listings } from '../../../db/schema'
import type { Context } from '../../kit/context'

/**
 * Ends what somebody offers on the marketplace, for they are closing their account: what was never public is removed, the
 * rest is off the market for good, without their words. What was bought stays with its buyers.
 */
export const closeListings = async (ctx: Context, sellerId: string): Promise<void> => {
  await ctx.db.delete(listings).where(and(eq(listings.sellerId, sellerId), isNull(listings.publishedAt)))
  await ctx.db
    .update(listings)
    .set({
      status: 'SUSPENDED',
      statusReason: 'The account was closed.',
      title: 'Closed listing',
      tagline: '',
      description: '',
      tags: [],
      versionNotes: '',
      featuredAt: null,
      updatedAt: ctx.now(),
    })
    .where(eq(listings.sellerId, sellerId))
  // What they rated counts on; what they wrote, and what they said against others, is theirs.
  await ctx.db.update(listingReviews).set({ text: '' }).where(eq(listingReviews.authorId, sellerId))
  await ctx.db
    .update(listingReviewReports)
    .set({ reason: 'The account was closed.' })
    .where(eq(listingReviewReports.reporterId, sellerId))
  await ctx.db
    .update(listingReviews)
    .set({ reply: null, repliedAt: null })
    .where(
      inArray(
        listingReviews.listingId,
        ctx.db.select({ id: listings.id }).from(listings).where(eq(listings.sellerId, sellerId)),
      ),
    )
}
