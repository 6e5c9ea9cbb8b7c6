import type { Context } from '../../kit/context'
import { describeSale } from './describe-sale'
import { listingFor, toView } from './listings'
import { toHtml } from './markdown'
import type { ListingPage } from './schemas'

/**
 * A listing with what is in it, for its page; who may see it as `readListing`.
 * @throws DomainError 404 LISTING_NOT_FOUND; 404 WORKSPACE_NOT_FOUND for one's own whose workspace was deleted
 */
export const describeListing = async (ctx: Context, { slug }: { slug: string }): Promise<ListingPage> => {
  const found = await listingFor(ctx, slug)
  const listing = toView(ctx, found)
  return {
    listing,
    descriptionHtml: toHtml(listing.description),
    landing: await describeSale(ctx, { ...found.listing, expiresAt: null }, listing.seller),
  }
}
