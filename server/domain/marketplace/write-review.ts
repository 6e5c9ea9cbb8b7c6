import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { listingReviewReports, listingReviews, listings, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { lockSelf } from '../identity'
import { hasBought, noSuchReview, publishedListing, readReview, reviewStanding } from './reviews'
import { type AdminReview, type ReviewStanding, WriteReviewInput } from './schemas'

/**
 * Says what one thinks of a listing one bought, or says it anew. Its seller gets a mail of the first.
 * @throws DomainError 404 LISTING_NOT_FOUND; 422 OWN_LISTING, NOT_A_BUYER
 */
export const writeReview = async (ctx: Context, asked: WriteReviewInput): Promise<ReviewStanding> => {
  const { userId, organizationId } = signedIn(ctx)
  const { slug, rating, text } = WriteReviewInput.parse(asked)
  await inTransaction(ctx, async (tx) => {
    await lockSelf(tx, userId, 'share')
    const listing = await publishedListing(tx, slug)
    const seller = await lockListing(tx, listing.id)
    if (seller.id === userId || seller.organizationId === organizationId)
      throw refused('OWN_LISTING', 'Nobody reviews what they sell themselves.')
    const [before] = await tx.db
      .select()
      .from(listingReviews)
      .where(and(eq(listingReviews.listingId, listing.id), eq(listingReviews.authorId, userId)))
    if (before !== undefined)
      await tx.db
        .update(listingReviews)
        .set({ rating, text, updatedAt: tx.now() })
        .where(eq(listingReviews.id, before.id))
    else {
      if (!(await hasBought(tx, listing.id, userId)))
        throw refused('NOT_A_BUYER', 'Only who bought a copy through this listing can review it.')
      const id = newId(tx)
      await tx.db.insert(listingReviews).values({
        id,
        listingId: listing.id,
        authorId: userId,
        rating,
        text,
        createdAt: tx.now(),
        updatedAt: tx.now(),
      })
      await enqueueMail(tx, {
        key: `review:${id}`,
        to: seller.email,
        template: 'listing-rated',
        data: { firstName: seller.firstName, title: listing.title, slug, rating },
      })
    }
    await countAnew(tx, listing.id)
  })
  return reviewStanding(ctx, { slug })
}

/**
 * Answers a review of one's own listing; with nothing, takes the answer back.
 * @throws DomainError 404 REVIEW_NOT_FOUND, for reviews of somebody else's listing too
 */
export const replyToReview = async (
  ctx: Context,
  { id, reply }: { id: string; reply: string },
): Promise<{ reply: string | null }> => {
  const { userId } = signedIn(ctx)
  const review = await reviewOf(ctx, id)
  if (review.listing.sellerId !== userId) throw noSuchReview()
  await ctx.db
    .update(listingReviews)
    .set(reply === '' ? { reply: null, repliedAt: null } : { reply, repliedAt: ctx.now() })
    .where(eq(listingReviews.id, id))
  return { reply: reply === '' ? null : reply }
}

/** Tells admins that a review should be looked at; each person once. @throws DomainError 404 REVIEW_NOT_FOUND */
export const reportReview = async (
  ctx: Context,
  { id, reason }: { id: string; reason: string },
): Promise<{ reported: boolean }> => {
  const { userId } = signedIn(ctx)
  const { review } = await reviewOf(ctx, id)
  if (review.hiddenAt !== null) throw noSuchReview()
  await ctx.db
    .insert(listingReviewReports)
    .values({ reviewId: id, reporterId: userId, reason, createdAt: ctx.now() })
    .onConflictDoNothing()
  return { reported: true }
}

/** Takes a review from view, and out of the rating. @throws DomainError 404 REVIEW_NOT_FOUND */
export const hideReview = (
  ctx: Context,
  { id, reason }: { id: string; reason: string },
): Promise<AdminReview> => decide(ctx, id, reason)

/** Shows a review again, or leaves one that was reported as it is. @throws DomainError 404 REVIEW_NOT_FOUND */
export const restoreReview = (ctx: Context, { id }: { id: string }): Promise<AdminReview> =>
  decide(ctx, id, null)

/** Under the listing's lock: two admins at once are one change, and the rating is what is shown. */
const decide = async (ctx: Context, id: string, reason: string | null): Promise<AdminReview> => {
  const { userId: adminId } = signedIn(ctx)
  await inTransaction(ctx, async (tx) => {
    const { listing } = await reviewOf(tx, id)
    await lockListing(tx, listing.id)
    const { review } = await reviewOf(tx, id)
    await tx.db
      .update(listingReviewReports)
      .set({ settledAt: tx.now() })
      .where(and(eq(listingReviewReports.reviewId, id), sql`${listingReviewReports.settledAt} is null`))
    if ((review.hiddenAt !== null) === (reason !== null)) return
    await tx.db
      .update(listingReviews)
      .set(
        reason === null
          ? { hiddenReason: null, hiddenBy: null, hiddenAt: null }
          : { hiddenReason: reason, hiddenBy: adminId, hiddenAt: tx.now() },
      )
      .where(eq(listingReviews.id, id))
    await countAnew(tx, listing.id)
    await recordActivity(tx, {
      action: reason === null ? 'review_restored' : 'review_hidden',
      description: `A review of “${listing.title}” was ${reason === null ? 'restored' : 'hidden'}`,
      subject: { type: 'listing_review', id },
      before: { hidden: review.hiddenReason },
      after: { hidden: reason },
    })
  })
  return readReview(ctx, id)
}

const reviewOf = async (ctx: Context, id: string) => {
  const [found] = z.uuid().safeParse(id).success
    ? await ctx.db
        .select({ review: listingReviews, listing: listings })
        .from(listingReviews)
        .innerJoin(listings, eq(listings.id, listingReviews.listingId))
        .where(eq(listingReviews.id, id))
    : []
  if (found === undefined) throw noSuchReview()
  return found
}

/** Whoever writes or decides about reviews of a listing comes one after the other. */
const lockListing = async (ctx: Context, listingId: string) => {
  await ctx.db
    .select({ id: listings.id })
    .from(listings)
    .where(eq(listings.id, listingId))
    .for('no key update')
  const [seller] = await ctx.db
    .select({
      id: users.id,
      organizationId: users.organizationId,
      firstName: users.firstName,
      email: users.email,
    })
    .from(users)
    .innerJoin(listings, eq(listings.sellerId, users.id))
    .where(eq(listings.id, listingId))
  if (seller === undefined) throw new Error(`the seller of listing ${listingId} is gone`)
  return seller
}

/** The rating is counted, never added to: whatever happened, it is that of the reviews that are shown. */
const countAnew = async (ctx: Context, listingId: string): Promise<void> => {
  await ctx.db.execute(sql`
    update listings l set review_count = r.count, rating_sum = r.sum
    from (select count(*)::int as count, coalesce(sum(rating), 0)::int as sum from listing_reviews
      where listing_id = ${listingId}::uuid and hidden_at is null) r
    where l.id = ${listingId}::uuid`)
}
