import { and, eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { activityLog, listingReviews, listings, mails, payments } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { type MadeListing, makeListing } from '../../../db/testing/factories/marketplace'
import { makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { settleOrder } from '../payment'
import {
  hideReview,
  listAllReviews,
  listReviewsOf,
  readListing,
  replyToReview,
  reportReview,
  restoreReview,
  reviewStanding,
  writeReview,
} from '.'
import { WriteReviewInput } from './schemas'

const database = useDatabase({ max: 8, broken: 'a payment is marked as refunded by hand' })
let ctx: TestContext
let made: MadeListing
let slug: string

beforeEach(async () => {
  ctx = testContext(database.db)
  made = await makeListing(ctx)
  slug = made.listing.slug
})

const rowOf = async () => {
  const [row] = await database.db.select().from(listings).where(eq(listings.id, made.listing.id))
  if (row === undefined) throw new Error('no such listing')
  return row
}
/** Somebody who bought a copy through the listing. */
const buyer = async () => {
  const user = await makeUser(ctx, { firstName: 'Ada', lastName: 'Lovelace' })
  const row = await rowOf()
  const order = await makeOrder(
    ctx,
    { link: row },
    { affiliateLinkId: null, listingId: row.id, buyerId: user.id },
  )
  await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
  return { as: ctx.as(user.actor), user, order }
}
const rating = async () => (await readListing(ctx, { slug })).rating
const own = async (as: TestContext) => {
  const { own: review } = await reviewStanding(as, { slug })
  if (review === null) throw new Error('no review')
  return review
}

describe('a review', () => {
  it('is a buyer’s, shown with a short name, counted, and told to the seller once', async () => {
    const { as } = await buyer()
    expect(await reviewStanding(as, { slug })).toEqual({ mayReview: true, mayReply: false, own: null })
    await writeReview(as, { slug, rating: 4, text: 'Good' })
    expect((await listReviewsOf(ctx, { slug, limit: 10 })).items).toMatchObject([
      { author: 'Ada L.', rating: 4, text: 'Good', edited: false, reply: null },
    ])
    ctx.clock.advance(1_000)
    await writeReview(as, { slug, rating: 2, text: 'Less good' })
    expect((await listReviewsOf(ctx, { slug, limit: 10 })).items).toMatchObject([
      { rating: 2, text: 'Less good', edited: true },
    ])
    expect(await rating()).toEqual({ count: 1, mean: 2 })
    const told = await database.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, made.seller.email), eq(mails.template, 'listing-rated')))
    expect(told).toHaveLength(1)
  })

  it('is one and counts once, though sent several times at once', async () => {
    const { as } = await buyer()
    await Promise.all([1, 2, 3, 4, 5].map((stars) => writeReview(as, { slug, rating: stars })))
    const rows = await database.db
      .select()
      .from(listingReviews)
      .where(eq(listingReviews.listingId, made.listing.id))
    expect(rows).toHaveLength(1)
    expect(await rating()).toEqual({ count: 1, mean: rows[0]?.rating })
  })

  it('counts beside those that others write at once', async () => {
    const [one, two, three] = [await buyer(), await buyer(), await buyer()]
    await Promise.all([
      writeReview(one.as, { slug, rating: 5 }),
      writeReview(two.as, { slug, rating: 4 }),
      writeReview(three.as, { slug, rating: 2 }),
    ])
    expect(await rating()).toEqual({ count: 3, mean: 3.67 })
    expect(await rowOf()).toMatchObject({ reviewCount: 3, ratingSum: 11, ratingRank: 3_562 })
  })

  it('is refused of who did not buy, got all their money back, or sells it', async () => {
    const stranger = ctx.as((await makeUser(ctx)).actor)
    const { as, order } = await buyer()
    await database.db.update(payments).set({ status: 'REFUNDED' }).where(eq(payments.orderId, order.id))
    for (const asked of [stranger, as])
      await expect(writeReview(asked, { slug, rating: 5 })).rejects.toMatchObject({
        status: 422,
        code: 'NOT_A_BUYER',
      })
    await expect(writeReview(made.as, { slug, rating: 5 })).rejects.toMatchObject({ code: 'OWN_LISTING' })
    await expect(writeReview(ctx, { slug, rating: 5 })).rejects.toMatchObject({ status: 401 })
    expect(await rating()).toEqual({ count: 0, mean: null })
  })

  it('of what was never public is refused as of nothing', async () => {
    const draft = await makeListing(ctx, { draft: true })
    for (const none of [draft.listing.slug, 'none', 'a\0b'])
      await expect(writeReview(made.as, { slug: none, rating: 5 })).rejects.toMatchObject({
        status: 404,
        code: 'LISTING_NOT_FOUND',
      })
  })

  it.each([0, 6, 2.5, '5', null])('has no rating of %j', (stars) => {
    expect(WriteReviewInput.safeParse({ slug: 'a', rating: stars }).success).toBe(false)
  })

  it('is answered by its listing’s seller alone', async () => {
    const { as } = await buyer()
    await writeReview(as, { slug, rating: 3 })
    const { id } = await own(as)
    await replyToReview(made.as, { id, reply: 'Thank you' })
    expect((await listReviewsOf(ctx, { slug, limit: 10 })).items).toMatchObject([{ reply: 'Thank you' }])
    await replyToReview(made.as, { id, reply: '' })
    expect((await own(as)).reply).toBeNull()
    for (const [asked, named] of [
      [as, id],
      [made.as, crypto.randomUUID()],
      [made.as, 'nonsense'],
    ] as const)
      await expect(replyToReview(asked, { id: named, reply: 'x' })).rejects.toMatchObject({
        status: 404,
        code: 'REVIEW_NOT_FOUND',
      })
  })
})

describe('an admin', () => {
  it('hides what was reported, and restores it, with the rating following', async () => {
    const [one, two] = [await buyer(), await buyer()]
    await writeReview(one.as, { slug, rating: 1, text: 'Spam' })
    await writeReview(two.as, { slug, rating: 5 })
    const { id } = await own(one.as)
    await Promise.all([1, 2].map(() => reportReview(two.as, { id, reason: 'Spam' })))
    await reportReview(made.as, { id, reason: 'Not nice' })
    expect((await listAllReviews(made.asAdmin, { limit: 10 })).items).toMatchObject([
      { id, reports: ['Spam', 'Not nice'], listing: { slug } },
    ])
    await Promise.all([1, 2].map(() => hideReview(made.asAdmin, { id, reason: 'Advertising' })))
    expect(await rating()).toEqual({ count: 1, mean: 5 })
    expect((await listReviewsOf(ctx, { slug, limit: 10 })).items).toHaveLength(1)
    expect((await own(one.as)).hidden).toBe('Advertising')
    expect((await listAllReviews(made.asAdmin, { limit: 10 })).items).toEqual([])
    expect((await listAllReviews(made.asAdmin, { limit: 10, state: 'HIDDEN' })).items).toHaveLength(1)
    await expect(reportReview(two.as, { id, reason: 'Again' })).rejects.toMatchObject({ status: 404 })
    // Writing it anew does not bring it back.
    await writeReview(one.as, { slug, rating: 4 })
    expect(await rating()).toEqual({ count: 1, mean: 5 })
    await restoreReview(made.asAdmin, { id })
    expect(await rating()).toEqual({ count: 2, mean: 4.5 })
    const log = await database.db.select().from(activityLog).where(eq(activityLog.subjectId, id))
    expect(log.map(({ action }) => action).sort()).toEqual(['review_hidden', 'review_restored'])
  })

  it('hides and a buyer edits at once, and the rating is of what is shown', async () => {
    const { as } = await buyer()
    await writeReview(as, { slug, rating: 1 })
    const { id } = await own(as)
    await Promise.all([hideReview(made.asAdmin, { id, reason: 'x' }), writeReview(as, { slug, rating: 5 })])
    expect(await rating()).toEqual({ count: 0, mean: null })
  })

  it('finds no review that is none', async () => {
    for (const id of ['nonsense', crypto.randomUUID()])
      await expect(hideReview(made.asAdmin, { id, reason: 'x' })).rejects.toMatchObject({ status: 404 })
  })
})
