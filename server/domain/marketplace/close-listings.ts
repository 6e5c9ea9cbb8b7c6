import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import { listingReviewReports, listingReviews, listings } from '../../../db/schema'
import type { Context } from '../../kit/context'

/**
 * Ends what somebody offers on the marketplace, for they are closing their account: what was never public is removed, the
 * rest is off the market for good, without their words. What was bought stays with its buyers.
 */
export const closeListings = async (ctx: Context, sellerId: string): Promise<void> => {
  const words = await wordsOf(ctx, sellerId)
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
  await forgetWords(ctx, words)
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

/** All that searches learned from what they offered. */
const wordsOf = async (ctx: Context, sellerId: string): Promise<string[]> => {
  const rows = await ctx.db.execute<{ word: string }>(sql`
    select distinct word from listings l, unnest(tsvector_to_array(l.document)) word where l.seller_id = ${sellerId}`)
  return rows.map(({ word }) => word)
}

/** Words that no listing has any more are no longer proposed: one of them may be a name. */
const forgetWords = async (ctx: Context, words: readonly string[]): Promise<void> => {
  if (words.length === 0) return
  await ctx.db.execute(sql`
    delete from listing_words w using json_array_elements_text(${JSON.stringify(words)}::json) as gone(word)
    where w.word = gone.word and not exists (
      select from listings l where l.status = 'LIVE' and l.document @@ plainto_tsquery('simple', w.word))`)
}
