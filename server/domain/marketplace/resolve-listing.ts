import { eq, sql } from 'drizzle-orm'
import { listings } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { refused } from '../../kit/errors'
import { type FoundListing, isOn, listingOf, noSuchListing } from './listings'

/**
 * What a listing sells, as the rows say now.
 * @throws DomainError 404 LISTING_NOT_FOUND for one that was never published; 422 LISTING_NOT_AVAILABLE when it is not
 * live, or its workspace is gone, no longer its seller's, or no longer to be sold.
 */
export const resolveListing = async (ctx: Context, slug: string): Promise<FoundListing> => {
  const found = await listingOf(ctx, slug)
  if (found === undefined || found.listing.publishedAt === null) throw noSuchListing()
  if (!isOn(found)) throw refused('LISTING_NOT_AVAILABLE', 'This listing is not for sale at the moment.')
  return found
}

/** Counts a fulfilled purchase, in its transaction. */
export const countListingSale = async (ctx: Context, listingId: string): Promise<void> => {
  await ctx.db
    .update(listings)
    .set({ sold: sql`${listings.sold} + 1` })
    .where(eq(listings.id, listingId))
}
