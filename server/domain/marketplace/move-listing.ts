import { eq } from 'drizzle-orm'
import { listings, workspaces } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { recordActivity } from '../audit'
import { oncePerOffer } from './create-listing'
import { type ListingRow, ownListing, readListing } from './listings'
import { requireSellable } from './offer'
import type { ListingStatus, ListingView } from './schemas'
import { requireNext, wrongState } from './states'

/**
 * Hands a draft, a rejected or a suspended listing in for review.
 * @throws DomainError 404 LISTING_NOT_FOUND; 409 LISTING_STATE; 409 LISTING_EXISTS; 422 NOT_SELLABLE, NOT_FOR_RESALE
 */
export const submitListing = (ctx: Context, input: { slug: string }): Promise<ListingView> =>
  oncePerOffer(() =>
    move(ctx, input, 'SUBMITTED', async (tx, row) => {
      // A live one is handed in by what changes its words.
      if (row.status === 'LIVE') throw wrongState('This listing is live: nothing waits for a review.')
      await requireStillSellable(tx, row)
    }),
  )

/** Takes a listing back from review, as a draft. @throws DomainError 404 LISTING_NOT_FOUND; 409 LISTING_STATE */
export const withdrawListing = (ctx: Context, input: { slug: string }): Promise<ListingView> =>
  move(ctx, input, 'DRAFT', async (_tx, row) => {
    if (row.status !== 'SUBMITTED')
      throw wrongState('Only a listing that is being reviewed can be withdrawn.')
  })

/** Takes a live listing off the market; checkouts that are open go on. Errors as `withdrawListing`. */
export const pauseListing = (ctx: Context, input: { slug: string }): Promise<ListingView> =>
  move(ctx, input, 'PAUSED')

/** Puts a paused listing back on the market. Errors as `withdrawListing`; 422 NOT_SELLABLE, NOT_FOR_RESALE */
export const resumeListing = (ctx: Context, input: { slug: string }): Promise<ListingView> =>
  move(ctx, input, 'LIVE', async (tx, row) => {
    if (row.status !== 'PAUSED') throw wrongState('Only a paused listing can be resumed.')
    await requireStillSellable(tx, row)
  })

/** Under the row's lock; the state it has already is left as it is. */
const move = async (
  ctx: Context,
  { slug }: { slug: string },
  to: ListingStatus,
  check: (tx: Context, row: ListingRow) => Promise<void> = async () => {},
): Promise<ListingView> => {
  await inTransaction(ctx, async (tx) => {
    const row = await ownListing(tx, slug)
    if (row.status === to) return
    requireNext(row.status, to)
    await check(tx, row)
    await tx.db
      .update(listings)
      .set({
        status: to,
        statusReason: null,
        ...(to === 'SUBMITTED' ? { submittedAt: tx.now() } : {}),
        updatedAt: tx.now(),
      })
      .where(eq(listings.id, row.id))
    await recordActivity(tx, {
      action: `listing_${to.toLowerCase()}`,
      description: `The listing “${row.title}” became ${to.toLowerCase()}`,
      subject: { type: 'listing', id: row.id },
      before: { status: row.status },
      after: { status: to },
    })
  })
  return readListing(ctx, { slug })
}

const requireStillSellable = async (ctx: Context, row: ListingRow): Promise<void> => {
  const { userId } = signedIn(ctx)
  const [workspace] = await ctx.db.select().from(workspaces).where(eq(workspaces.id, row.workspaceId))
  if (workspace === undefined || workspace.ownerId !== userId)
    throw refused('NOT_SELLABLE', 'This workspace is not yours any more.')
  await requireSellable(ctx, userId, workspace)
}
