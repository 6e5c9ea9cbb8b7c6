import { eq } from 'drizzle-orm'
import { listings } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { recordActivity } from '../audit'
import { oncePerOffer } from './create-listing'
import { type ListingRow, ownListing, readListing, requireCategory } from './listings'
import { offerColumns, offerOf, requireChargeable, termsOf } from './offer'
import type { EditListingInput, ListingView, Offer } from './schemas'
import { statusAfterEdit, wrongState } from './states'

/**
 * Changes one of one's own listings; what is left out stays. New words or another category of a live listing are reviewed
 * again first, see `statusAfterEdit`. Who has a checkout open pays what that said, and the frozen rate stays.
 * @throws DomainError 404 LISTING_NOT_FOUND; 409 LISTING_STATE while it is reviewed; 400, 422 and 409 LISTING_EXISTS as
 * `createListing`.
 */
export const editListing = async (
  ctx: Context,
  { slug, planType, offer, ...words }: EditListingInput,
): Promise<ListingView> => {
  await oncePerOffer(() =>
    inTransaction(ctx, async (tx) => {
      const row = await ownListing(tx, slug)
      if (row.status === 'SUBMITTED')
        throw wrongState('This listing is being reviewed. Withdraw it to change it.')
      if (words.category !== undefined) await requireCategory(tx, words.category)
      const next = { ...row, ...defined(words), ...newTerms(tx, row, planType, offer) }
      const status = statusAfterEdit(row.status, row, next)
      await tx.db
        .update(listings)
        .set({
          ...changed(next),
          status,
          ...(status === 'SUBMITTED' ? { submittedAt: tx.now() } : {}),
          updatedAt: tx.now(),
        })
        .where(eq(listings.id, row.id))
      await recordActivity(tx, {
        action: 'listing_edited',
        description: `Changed the listing “${next.title}”`,
        subject: { type: 'listing', id: row.id },
        before: { status: row.status, title: row.title, planType: row.planType, offer: offerOf(row) },
        after: { status, title: next.title, planType: next.planType, offer: offerOf(next) },
      })
    }),
  )
  return readListing(ctx, { slug })
}

/** Without what is not said; an offer's period goes with it. */
const newTerms = (
  ctx: Context,
  row: ListingRow,
  planType: EditListingInput['planType'],
  offer: EditListingInput['offer'],
) => {
  if (planType === undefined && offer === undefined) return {}
  const asked: { planType?: typeof planType; offer: NonNullable<typeof offer> | Offer } = {
    offer: offer ?? offerOf(row),
    ...(planType === undefined ? keptPlan(row, offer) : { planType }),
  }
  const terms = termsOf(asked)
  requireChargeable(ctx, terms.offer)
  return { planType: terms.planType, ...offerColumns(terms.offer) }
}

/** Another price keeps the plan; another mode brings its own. */
const keptPlan = (row: ListingRow, offer: EditListingInput['offer']) =>
  offer?.mode === row.offerMode ? { planType: row.planType } : {}

const defined = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }

const changed = (next: ListingRow) => ({
  title: next.title,
  tagline: next.tagline,
  description: next.description,
  category: next.category,
  tags: next.tags,
  language: next.language,
  versionNotes: next.versionNotes,
  planType: next.planType,
  ...offerColumns(offerOf(next)),
})
