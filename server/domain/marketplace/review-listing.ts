import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { listings, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { noSuchListing, readListing } from './listings'
import type { ListingView } from './schemas'
import { requireNext, wrongState } from './states'

/** Puts a listing on the market, or back after it was suspended. Errors as `rejectListing`. */
export const approveListing = (ctx: Context, { id }: { id: string }): Promise<ListingView> =>
  review(ctx, { id, to: 'LIVE', reason: null })

/**
 * Refuses a listing, with a reason that is mailed. One that is rejected already stays as it is.
 * @throws DomainError 404 LISTING_NOT_FOUND; 422 OWN_LISTING; 409 LISTING_STATE
 */
export const rejectListing = (ctx: Context, { id, reason }: Decision): Promise<ListingView> =>
  review(ctx, { id, to: 'REJECTED', reason })

/** Takes a listing off the market, until it is handed in anew or approved again. Errors as `rejectListing`. */
export const suspendListing = (ctx: Context, { id, reason }: Decision): Promise<ListingView> =>
  review(ctx, { id, to: 'SUSPENDED', reason })

interface Decision {
  readonly id: string
  readonly reason: string
}

/** One after the other under the row's lock: two admins at once are one change and one mail. */
const review = async (
  ctx: Context,
  { id, to, reason }: { id: string; to: 'LIVE' | 'REJECTED' | 'SUSPENDED'; reason: string | null },
): Promise<ListingView> => {
  const slug = await inTransaction(ctx, async (tx) => {
    const { userId: adminId } = signedIn(tx)
    const [row] = z.uuid().safeParse(id).success
      ? await tx.db.select().from(listings).where(eq(listings.id, id)).for('no key update')
      : []
    if (row === undefined) throw noSuchListing()
    if (row.sellerId === adminId)
      throw refused('OWN_LISTING', 'Nobody decides on a listing of their own. Another admin can.')
    if (row.status === to) return row.slug
    if (row.status === 'DRAFT' || row.status === 'PAUSED') {
      // A draft is its seller's business, and so is whether a paused one goes on.
      if (to !== 'SUSPENDED' || row.publishedAt === null)
        throw wrongState('This listing was not handed in for review.')
    }
    requireNext(row.status, to)
    const [seller] = await tx.db.select().from(users).where(eq(users.id, row.sellerId)).for('share')
    if (seller === undefined) throw new Error(`user ${row.sellerId} is gone`)
    if (seller.closedAt !== null) throw wrongState('The seller’s account was closed.')
    await tx.db
      .update(listings)
      .set({
        status: to,
        statusReason: reason,
        decidedBy: adminId,
        decidedAt: tx.now(),
        ...(to === 'LIVE' ? { publishedAt: row.publishedAt ?? tx.now() } : {}),
        ...(to === 'SUSPENDED' ? { featuredAt: null } : {}),
        updatedAt: tx.now(),
      })
      .where(eq(listings.id, id))
    await recordActivity(tx, {
      action: DONE[to],
      description: `The listing “${row.title}” is ${to.toLowerCase()} now`,
      organizationId: seller.organizationId,
      subject: { type: 'listing', id },
      before: { status: row.status, reason: row.statusReason },
      after: { status: to, reason },
    })
    await enqueueMail(tx, {
      // Each decision is told once: the row's lock lets no other make the same.
      key: `listing:${id}:${newId(tx)}`,
      to: seller.email,
      template: 'listing-reviewed',
      data: {
        firstName: seller.firstName,
        title: row.title,
        slug: row.slug,
        status: to,
        again: row.publishedAt !== null,
        reason: reason ?? '',
      },
    })
    return row.slug
  })
  return readListing(ctx, { slug })
}

const DONE = {
  LIVE: 'listing_approved',
  REJECTED: 'listing_rejected',
  SUSPENDED: 'listing_suspended',
} as const
