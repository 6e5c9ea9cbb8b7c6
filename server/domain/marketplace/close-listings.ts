import { and, eq, isNull } from 'drizzle-orm'
import { listings } from '../../../db/schema'
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
}
