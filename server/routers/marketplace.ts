import {
  approveListing,
  countFacets,
  createListing,
  describeListing,
  editListing,
  listAllListings,
  listCategories,
  listOwnListings,
  pauseListing,
  readListing,
  rejectListing,
  resumeListing,
  searchListings,
  submitListing,
  suspendListing,
  withdrawListing,
} from '../domain/marketplace'
import {
  ApproveListingInput,
  Categories,
  CreateListingInput,
  EditListingInput,
  Facets,
  FacetsInput,
  ListingInput,
  ListingPage,
  ListingReasonInput,
  ListingsPage,
  ListingView,
  OwnListingsInput,
  OwnListingsPage,
  SearchListingsInput,
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
})
