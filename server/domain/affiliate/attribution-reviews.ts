import { and, desc, eq, lt, or } from 'drizzle-orm'
import { affiliates, attributionMoves, attributionReviews, attributions, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict, invalid, notFound, refused } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { lockSelf } from '../identity'
import { isUuid } from './affiliate-queries'
import { normalizeCode } from './codes'
import { activeAffiliate } from './referral'
import type { AskForReviewInput, MoveAttributionInput, ReviewsInput, ReviewView } from './schemas'

/** What one affiliate may have open at a time. */
const MOST_OPEN = 10

/**
 * Asks an admin to look at an attribution: of a customer of one's own, or of one that is missing.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND, REFERRAL_NOT_FOUND; 422 TOO_MANY_OPEN; 401 SIGN_IN_REQUIRED
 */
export const askForReview = (ctx: Context, { referralId, message }: AskForReviewInput): Promise<ReviewView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    await lockSelf(tx, userId, 'share')
    // One at a time, so that the limit holds.
    const [affiliate] = await tx.db
      .select()
      .from(affiliates)
      .where(eq(affiliates.userId, userId))
      .for('no key update')
    if (affiliate === undefined)
      throw notFound('AFFILIATE_NOT_FOUND', 'You have not joined the affiliate programme.')
    if (referralId !== undefined) await requireOwn(tx, affiliate.id, referralId)
    const open = and(eq(attributionReviews.affiliateId, affiliate.id), eq(attributionReviews.status, 'OPEN'))
    if ((await tx.db.$count(attributionReviews, open)) >= MOST_OPEN)
      throw refused(
        'TOO_MANY_OPEN',
        `At most ${MOST_OPEN} questions are open at a time: wait for their answers.`,
      )
    const id = newId(tx)
    await tx.db.insert(attributionReviews).values({
      id,
      affiliateId: affiliate.id,
      customerId: referralId ?? null,
      message,
      createdAt: tx.now(),
    })
    await recordActivity(tx, {
      action: 'attribution_review_asked',
      description: 'Asked for a review of an attribution',
      subject: { type: 'attribution_review', id },
    })
    return oneReview(tx, id)
  })

/**
 * Answers such a question, by mail too. One that is answered stays as it is.
 * @throws DomainError 404 REVIEW_NOT_FOUND; 409 REVIEW_ANSWERED
 */
export const answerReview = (
  ctx: Context,
  { id, answer }: { id: string; answer: string },
): Promise<ReviewView> =>
  inTransaction(ctx, async (tx) => {
    const { userId: adminId } = signedIn(tx)
    const [row] = isUuid(id)
      ? await tx.db.select().from(attributionReviews).where(eq(attributionReviews.id, id)).for('update')
      : []
    if (row === undefined) throw notFound('REVIEW_NOT_FOUND', 'There is no such question.')
    if (row.status === 'ANSWERED') throw conflict('REVIEW_ANSWERED', 'This question is answered already.')
    await tx.db
      .update(attributionReviews)
      .set({ status: 'ANSWERED', answer, answeredBy: adminId, answeredAt: tx.now() })
      .where(eq(attributionReviews.id, id))
    await recordActivity(tx, {
      action: 'attribution_review_answered',
      description: 'Answered a question about an attribution',
      subject: { type: 'attribution_review', id },
      after: { answer },
    })
    const [user] = await tx.db
      .select({ firstName: users.firstName, email: users.email })
      .from(users)
      .innerJoin(affiliates, eq(affiliates.userId, users.id))
      .where(eq(affiliates.id, row.affiliateId))
    if (user === undefined) throw new Error(`the affiliate of review ${id} is gone`)
    await enqueueMail(tx, {
      key: `review:${id}`,
      to: user.email,
      template: 'review-answered',
      data: { firstName: user.firstName, message: row.message, answer },
    })
    return oneReview(tx, id)
  })

/**
 * Gives a customer to another affiliate, from their next payment on; what was earned stays with who earned it. The
 * pinned rate, hold and duration stay the customer's.
 * @throws DomainError 404 REFERRAL_NOT_FOUND; 422 CODE_UNKNOWN, OWN_CODE, SELF_REFERRAL
 */
export const moveAttribution = (
  ctx: Context,
  { referralId, code: text, reason }: MoveAttributionInput,
): Promise<{ moved: boolean }> =>
  inTransaction(ctx, async (tx) => {
    const [row] = isUuid(referralId)
      ? await tx.db.select().from(attributions).where(eq(attributions.customerId, referralId)).for('update')
      : []
    if (row === undefined) throw notFound('REFERRAL_NOT_FOUND', 'There is no such referral.')
    const code = normalizeCode(text)
    const to = code === null ? null : await activeAffiliate(tx, code)
    if (to === null) throw refused('CODE_UNKNOWN', 'No affiliate who takes part has this code.')
    if (to.userId === signedIn(tx).userId)
      throw refused('OWN_CODE', 'Nobody gives customers to themselves. Another admin can.')
    if (to.id === row.affiliateId) return { moved: false }
    const people = await tx.db
      .select({ id: users.id, organizationId: users.organizationId })
      .from(users)
      .where(or(eq(users.id, row.customerId), eq(users.id, to.userId)))
    if (new Set(people.map(({ organizationId }) => organizationId)).size < 2)
      throw refused('SELF_REFERRAL', 'Nobody refers themselves, nor a colleague.')
    await tx.db.insert(attributionMoves).values({
      id: newId(tx),
      customerId: row.customerId,
      fromAffiliateId: row.affiliateId,
      movedAt: tx.now(),
    })
    await tx.db
      .update(attributions)
      .set({ affiliateId: to.id })
      .where(eq(attributions.customerId, row.customerId))
    await recordActivity(tx, {
      action: 'attribution_moved',
      description: 'A customer was given to another affiliate',
      subject: { type: 'user', id: row.customerId },
      before: { affiliateId: row.affiliateId },
      after: { affiliateId: to.id, code, reason },
    })
    return { moved: true }
  })

/** One's own questions; for an admin everybody's. Newest first. */
export const listReviews = async (
  ctx: Context,
  { limit, cursor, status, own }: ReviewsInput & { readonly own: boolean },
): Promise<Page<ReviewView>> => {
  const last = readCursor(cursor)
  if (last !== null && !isUuid(last.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await selectReviews(ctx)
    .where(
      and(
        own ? eq(affiliates.userId, signedIn(ctx).userId) : undefined,
        status === undefined ? undefined : eq(attributionReviews.status, status),
        last === null
          ? undefined
          : or(
              lt(attributionReviews.createdAt, last.at),
              and(eq(attributionReviews.createdAt, last.at), lt(attributionReviews.id, last.id)),
            ),
      ),
    )
    .orderBy(desc(attributionReviews.createdAt), desc(attributionReviews.id))
    .limit(limit + 1)
  return toPage(rows, limit, ({ review }) => ({ at: review.createdAt, id: review.id }), toView)
}

const requireOwn = async (ctx: Context, affiliateId: string, customerId: string): Promise<void> => {
  const own = and(eq(attributions.customerId, customerId), eq(attributions.affiliateId, affiliateId))
  if (!isUuid(customerId) || (await ctx.db.$count(attributions, own)) === 0)
    throw notFound('REFERRAL_NOT_FOUND', 'There is no such referral of yours.')
}

const oneReview = async (ctx: Context, id: string): Promise<ReviewView> => {
  const [row] = await selectReviews(ctx).where(eq(attributionReviews.id, id))
  if (row === undefined) throw new Error(`review ${id} is gone`)
  return toView(row)
}

const selectReviews = (ctx: Context) =>
  ctx.db
    .select({ review: attributionReviews, code: affiliates.code })
    .from(attributionReviews)
    .innerJoin(affiliates, eq(affiliates.id, attributionReviews.affiliateId))

const toView = ({
  review,
  code,
}: {
  review: typeof attributionReviews.$inferSelect
  code: string
}): ReviewView => ({
  id: review.id,
  affiliateCode: code,
  referralId: review.customerId,
  message: review.message,
  status: review.status,
  answer: review.answer,
  createdAt: review.createdAt.toISOString(),
  answeredAt: review.answeredAt?.toISOString() ?? null,
})
