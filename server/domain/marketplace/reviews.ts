import { and, desc, eq, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import {
  listingReviewReports,
  listingReviews,
  listings,
  payments,
  users,
  workspaceClones,
} from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { listingOf, noSuchListing } from './listings'
import type { AdminReview, AdminReviewsInput, ListingReview, ReviewStanding, ReviewsOfInput } from './schemas'

type Row = typeof listingReviews.$inferSelect

export const noSuchReview = () => notFound('REVIEW_NOT_FOUND', 'There is no such review.')

/** A listing that was ever public. @throws DomainError 404 LISTING_NOT_FOUND */
export const publishedListing = async (ctx: Context, slug: string): Promise<typeof listings.$inferSelect> => {
  const found = await listingOf(ctx, slug)
  if (found === undefined || found.listing.publishedAt === null) throw noSuchListing()
  return found.listing
}

/** Whether somebody bought a copy through this listing, and did not get all of their money back. */
export const hasBought = async (ctx: Context, listingId: string, userId: string): Promise<boolean> => {
  const [bought] = await ctx.db
    .select({ id: workspaceClones.id })
    .from(workspaceClones)
    .innerJoin(payments, eq(payments.id, workspaceClones.paymentId))
    .where(
      and(
        eq(workspaceClones.listingId, listingId),
        eq(workspaceClones.buyerId, userId),
        ne(payments.status, 'REFUNDED'),
      ),
    )
    .limit(1)
  return bought !== undefined
}

/** What is said of a listing, newest first; hidden ones are not. @throws DomainError 404 LISTING_NOT_FOUND, 400 */
export const listReviewsOf = async (
  ctx: Context,
  { slug, limit, cursor }: ReviewsOfInput,
): Promise<Page<ListingReview>> => {
  const listing = await publishedListing(ctx, slug)
  const rows = await selectReviews(ctx)
    .where(and(eq(listingReviews.listingId, listing.id), isNull(listingReviews.hiddenAt), behind(cursor)))
    .orderBy(desc(listingReviews.createdAt), desc(listingReviews.id))
    .limit(limit + 1)
  return toPage(rows, limit, keyset, ({ review, author }) => toReview(review, author))
}

/** What whoever reads may do about a listing's reviews. @throws DomainError 404 LISTING_NOT_FOUND */
export const reviewStanding = async (ctx: Context, { slug }: { slug: string }): Promise<ReviewStanding> => {
  const listing = await publishedListing(ctx, slug)
  const userId = 'userId' in ctx.actor ? ctx.actor.userId : null
  if (userId === null) return { mayReview: false, mayReply: false, own: null }
  const [own] = await selectReviews(ctx).where(
    and(eq(listingReviews.listingId, listing.id), eq(listingReviews.authorId, userId)),
  )
  return {
    mayReview:
      listing.sellerId !== userId && (own !== undefined || (await hasBought(ctx, listing.id, userId))),
    mayReply: listing.sellerId === userId,
    own: own === undefined ? null : { ...toReview(own.review, own.author), hidden: own.review.hiddenReason },
  }
}

/** Reviews that were reported or hidden, or all, newest first; for admins. @throws DomainError 400 */
export const listAllReviews = async (
  ctx: Context,
  { state = 'REPORTED', limit, cursor }: AdminReviewsInput,
): Promise<Page<AdminReview>> => {
  const waiting = sql`exists (select from ${listingReviewReports} where ${listingReviewReports.reviewId} = ${listingReviews.id}
    and ${listingReviewReports.settledAt} is null)`
  const which: Readonly<Record<typeof state, SQL | undefined>> = {
    REPORTED: waiting,
    HIDDEN: sql`${listingReviews.hiddenAt} is not null`,
    ALL: undefined,
  }
  const rows = await selectReviews(ctx)
    .where(and(which[state], behind(cursor)))
    .orderBy(desc(listingReviews.createdAt), desc(listingReviews.id))
    .limit(limit + 1)
  const reports = await reportsOf(
    ctx,
    rows.map(({ review }) => review.id),
  )
  return toPage(rows, limit, keyset, (row) => toAdminReview(row, reports))
}

/** One of them. @throws DomainError 404 REVIEW_NOT_FOUND */
export const readReview = async (ctx: Context, id: string): Promise<AdminReview> => {
  signedIn(ctx)
  const [row] = await selectReviews(ctx).where(eq(listingReviews.id, id))
  if (row === undefined) throw noSuchReview()
  return toAdminReview(row, await reportsOf(ctx, [id]))
}

const reportsOf = async (ctx: Context, ids: readonly string[]) =>
  ids.length === 0
    ? []
    : ctx.db
        .select({ reviewId: listingReviewReports.reviewId, reason: listingReviewReports.reason })
        .from(listingReviewReports)
        .where(and(inArray(listingReviewReports.reviewId, [...ids]), isNull(listingReviewReports.settledAt)))
        .orderBy(listingReviewReports.createdAt)

const selectReviews = (ctx: Context) =>
  ctx.db
    .select({
      review: listingReviews,
      author: { firstName: users.firstName, lastName: users.lastName },
      listing: { slug: listings.slug, title: listings.title },
    })
    .from(listingReviews)
    .innerJoin(users, eq(users.id, listingReviews.authorId))
    .innerJoin(listings, eq(listings.id, listingReviews.listingId))
    .$dynamic()

type Found = Awaited<ReturnType<typeof selectReviews>>[number]

const keyset = ({ review }: Found) => ({ at: review.createdAt, id: review.id })

const behind = (cursor: string | undefined): SQL | undefined => {
  const last = readCursor(cursor)
  if (last === null) return undefined
  if (!z.uuid().safeParse(last.id).success)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return sql`(${listingReviews.createdAt}, ${listingReviews.id}) < (${last.at.toISOString()}::timestamptz, ${last.id}::uuid)`
}

/** A buyer is named by their first name and an initial: more is nobody's business. */
const toReview = (review: Row, author: Found['author']): ListingReview => ({
  id: review.id,
  author: `${author.firstName} ${author.lastName === '' ? '' : `${[...author.lastName][0]}.`}`.trim(),
  rating: review.rating,
  text: review.text,
  reply: review.reply,
  repliedAt: review.repliedAt?.toISOString() ?? null,
  createdAt: review.createdAt.toISOString(),
  edited: review.updatedAt.getTime() > review.createdAt.getTime(),
})

const toAdminReview = (
  { review, author, listing }: Found,
  reports: readonly { reviewId: string; reason: string }[],
): AdminReview => ({
  ...toReview(review, author),
  listing,
  hiddenReason: review.hiddenReason,
  reports: reports.filter(({ reviewId }) => reviewId === review.id).map(({ reason }) => reason),
})
