import { z } from 'zod'
import {
  approveListing,
  countFacets,
  createListing,
  describeListing,
  editListing,
  hideReview,
  listAllListings,
  listAllReviews,
  listCategories,
  listOwnListings,
  listReviewsOf,
  pauseListing,
  readListing,
  readShowcase,
  rejectListing,
  relatedListings,
  replyToReview,
  reportReview,
  restoreReview,
  resumeListing,
  reviewStanding,
  searchListings,
  submitListing,
  suspendListing,
  withdrawListing,
  writeReview,
} from '../domain/marketplace'
import {
  AdminReview,
  AdminReviewsInput,
  AdminReviewsPage,
  ApproveListingInput,
  Categories,
  CreateListingInput,
  EditListingInput,
  Facets,
  FacetsInput,
  ListingInput,
  ListingPage,
  ListingReasonInput,
  ListingReviewsPage,
  ListingsPage,
  ListingView,
  OwnListingsInput,
  OwnListingsPage,
  RelatedListings,
  ReplyInput,
  RestoreReviewInput,
  ReviewReasonInput,
  ReviewStanding,
  ReviewsOfInput,
  SearchListingsInput,
  Showcase,
  WriteReviewInput,
} from '../domain/marketplace/schemas'
import { admin, router, signedIn, visitor } from '../trpc'

export const marketplaceRouter = router({
  search: visitor
    .meta({
      http: { method: 'GET', path: '/api/marketplace/listings', summary: 'What is on the market' },
    })
    .input(SearchListingsInput)
    .output(ListingsPage)
    .query(({ ctx, input }) => searchListings(ctx, input)),

  facets: visitor
    .meta({
      http: {
        method: 'GET',
        path: '/api/marketplace/facets',
        summary: 'How many listings each filter would leave of a search',
      },
    })
    .input(FacetsInput)
    .output(Facets)
    .query(({ ctx, input }) => countFacets(ctx, input)),

  showcase: visitor
    .meta({
      http: { method: 'GET', path: '/api/marketplace/showcase', summary: 'Featured, popular and new' },
    })
    .output(Showcase)
    .query(({ ctx }) => readShowcase(ctx)),

  related: visitor
    .meta({
      http: {
        method: 'GET',
        path: '/api/marketplace/listings/{slug}/related',
        summary: 'What else somebody who looks at a listing may want',
      },
    })
    .input(ListingInput)
    .output(RelatedListings)
    .query(({ ctx, input }) => relatedListings(ctx, input)),

  categories: visitor
    .meta({
      http: { method: 'GET', path: '/api/marketplace/categories', summary: 'What listings are sorted into' },
    })
    .output(Categories)
    .query(({ ctx }) => listCategories(ctx)),

  listing: visitor
    .meta({
      http: {
        method: 'GET',
        path: '/api/marketplace/listings/{slug}',
        summary: 'One listing; your own in every state',
      },
    })
    .input(ListingInput)
    .output(ListingView)
    .query(({ ctx, input }) => readListing(ctx, input)),

  /** All that a listing's page shows. */
  page: visitor
    .input(ListingInput)
    .output(ListingPage)
    .query(({ ctx, input }) => describeListing(ctx, input)),

  create: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/marketplace/listings',
        summary:
          'Offer one of your workspaces on the market; it is handed in for review unless it is a draft',
      },
    })
    .input(CreateListingInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => createListing(ctx, input)),

  edit: signedIn
    .meta({
      http: {
        method: 'PATCH',
        path: '/api/marketplace/listings/{slug}',
        summary: 'Change one of your listings; new words of a live one are reviewed again first',
      },
    })
    .input(EditListingInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => editListing(ctx, input)),

  submit: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/marketplace/listings/{slug}/submit',
        summary: 'Hand one of your listings in for review',
      },
    })
    .input(ListingInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => submitListing(ctx, input)),

  withdraw: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/marketplace/listings/{slug}/withdraw',
        summary: 'Take one of your listings back from review',
      },
    })
    .input(ListingInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => withdrawListing(ctx, input)),

  pause: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/marketplace/listings/{slug}/pause',
        summary: 'Take one of your listings off the market for a while',
      },
    })
    .input(ListingInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => pauseListing(ctx, input)),

  resume: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/marketplace/listings/{slug}/resume',
        summary: 'Put a paused listing back on the market',
      },
    })
    .input(ListingInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => resumeListing(ctx, input)),

  own: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/marketplace/own-listings',
        summary: 'Your listings in every state, newest first',
      },
    })
    .input(OwnListingsInput)
    .output(OwnListingsPage)
    .query(({ ctx, input }) => listOwnListings(ctx, input)),

  all: admin
    .meta({
      http: { method: 'GET', path: '/api/admin/listings', summary: 'All listings by state, newest first' },
    })
    .input(OwnListingsInput)
    .output(OwnListingsPage)
    .query(({ ctx, input }) => listAllListings(ctx, input)),

  approve: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/listings/{id}/approve',
        summary: 'Put a listing on the market, or back on it',
      },
    })
    .input(ApproveListingInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => approveListing(ctx, input)),

  reject: admin
    .meta({
      http: { method: 'POST', path: '/api/admin/listings/{id}/reject', summary: 'Refuse a listing' },
    })
    .input(ListingReasonInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => rejectListing(ctx, input)),

  suspend: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/listings/{id}/suspend',
        summary: 'Take a listing off the market',
      },
    })
    .input(ListingReasonInput)
    .output(ListingView)
    .mutation(({ ctx, input }) => suspendListing(ctx, input)),

  writeReview: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/marketplace/listings/{slug}/reviews',
        summary: 'Review a listing you bought; again to change what you said',
      },
    })
    .input(WriteReviewInput)
    .output(ReviewStanding)
    .mutation(({ ctx, input }) => writeReview(ctx, input)),

  reviews: visitor
    .meta({
      http: {
        method: 'GET',
        path: '/api/marketplace/listings/{slug}/reviews',
        summary: 'What buyers say of a listing, newest first',
      },
    })
    .input(ReviewsOfInput)
    .output(ListingReviewsPage)
    .query(({ ctx, input }) => listReviewsOf(ctx, input)),

  reviewStanding: visitor
    .input(ListingInput)
    .output(ReviewStanding)
    .query(({ ctx, input }) => reviewStanding(ctx, input)),

  replyToReview: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/marketplace/reviews/{id}/reply',
        summary: 'Answer a review of your listing',
      },
    })
    .input(ReplyInput)
    .output(z.object({ reply: z.string().nullable() }))
    .mutation(({ ctx, input }) => replyToReview(ctx, input)),

  reportReview: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/marketplace/reviews/{id}/report',
        summary: 'Tell admins that a review should be looked at',
      },
    })
    .input(ReviewReasonInput)
    .output(z.object({ reported: z.boolean() }))
    .mutation(({ ctx, input }) => reportReview(ctx, input)),

  allReviews: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/listing-reviews',
        summary: 'Reviews that were reported or hidden, or all',
      },
    })
    .input(AdminReviewsInput)
    .output(AdminReviewsPage)
    .query(({ ctx, input }) => listAllReviews(ctx, input)),

  hideReview: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/listing-reviews/{id}/hide',
        summary: 'Take a review from view',
      },
    })
    .input(ReviewReasonInput)
    .output(AdminReview)
    .mutation(({ ctx, input }) => hideReview(ctx, input)),

  restoreReview: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/listing-reviews/{id}/restore',
        summary: 'Show a review again, or leave it as it is',
      },
    })
    .input(RestoreReviewInput)
    .output(AdminReview)
    .mutation(({ ctx, input }) => restoreReview(ctx, input)),
})
