export { closeListings } from './close-listings'
export { createListing } from './create-listing'
export { describeListing } from './describe-listing'
export { describeSale } from './describe-sale'
export { editListing } from './edit-listing'
export { listSitemapParts, listSitemapSlugs } from './list-sitemap'
export { listAllListings, listCategories, listOwnListings, readListing } from './listings'
export { pauseListing, resumeListing, submitListing, withdrawListing } from './move-listing'
export {
  offerColumns,
  offerOf,
  requireChargeable,
  requireSellable,
  type SoldTerms,
  termsOf,
} from './offer'
export { countListingSale, resolveListing } from './resolve-listing'
export { approveListing, rejectListing, suspendListing } from './review-listing'
export { listAllReviews, listReviewsOf, reviewStanding } from './reviews'
export { countFacets } from './search-facets'
export { searchListings } from './search-listings'
export { ownRate } from './seller-level'
export { sellingTerms } from './selling-terms'
export { readShowcase, relatedListings } from './showcase'
export { hideReview, replyToReview, reportReview, restoreReview, writeReview } from './write-review'
