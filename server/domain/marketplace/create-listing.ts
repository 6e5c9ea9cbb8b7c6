import { and, eq, sql } from 'drizzle-orm'
import { listings } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict, violatedConstraint } from '../../kit/errors'
import { recordActivity } from '../audit'
import { lockSelf } from '../identity'
import { ownedWorkspace, slugBase } from '../workspace'
import { type ListingRow, readListing, requireCategory } from './listings'
import { offerColumns, offerOf, requireChargeable, requireSellable, termsOf } from './offer'
import { CreateListingInput, type ListingView } from './schemas'
import { ownRate } from './seller-level'

/**
 * Offers one of one's workspaces on the marketplace, and hands it in for review unless it is to be a draft. The seller's
 * rate is frozen into it.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND; 422 NOT_SELLABLE, NOT_FOR_RESALE; 400 for a category that is none; 422 of the
 * offer as `termsOf` and `requireChargeable`; 409 LISTING_EXISTS for the same offer of the same workspace.
 */
export const createListing = async (ctx: Context, asked: CreateListingInput): Promise<ListingView> => {
  const { userId } = signedIn(ctx)
  const input = CreateListingInput.parse(asked)
  const slug = await oncePerOffer(() =>
    inTransaction(ctx, async (tx) => {
      await lockSelf(tx, userId, 'share')
      const workspace = await ownedWorkspace(tx, input.workspaceId)
      await requireSellable(tx, userId, workspace)
      await requireCategory(tx, input.category)
      const { planType, offer } = termsOf(input)
      requireChargeable(tx, offer)
      const listing = await insertListing(tx, {
        id: newId(tx),
        sellerId: userId,
        workspaceId: workspace.id,
        status: input.draft ? 'DRAFT' : 'SUBMITTED',
        title: input.title ?? [...workspace.name].slice(0, 120).join(''),
        tagline: input.tagline,
        description: input.description ?? workspace.description,
        category: input.category,
        tags: input.tags,
        language: input.language,
        versionNotes: input.versionNotes,
        planType,
        ...offerColumns(offer),
        commissionPercentage: await ownRate(tx, userId),
        submittedAt: input.draft ? null : tx.now(),
        createdAt: tx.now(),
        updatedAt: tx.now(),
      })
      await recordActivity(tx, {
        action: 'listing_created',
        description: `Made the listing “${listing.title}” for “${workspace.name}”`,
        subject: { type: 'listing', id: listing.id },
        after: {
          status: listing.status,
          workspaceId: workspace.publicId,
          planType,
          offer: offerOf(listing),
          rate: listing.commissionPercentage,
        },
      })
      return listing.slug
    }),
  )
  return readListing(ctx, { slug })
}

/** Turns the database's refusal of a second listing of one offer into words. @throws DomainError 409 LISTING_EXISTS */
export const oncePerOffer = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (violatedConstraint(error) !== 'listings_offer') throw error
    throw conflict('LISTING_EXISTS', 'This workspace is listed under the same offer already.')
  }
}

/** Under the first address of its title that is free. */
const insertListing = async (
  ctx: Context,
  values: Omit<typeof listings.$inferInsert, 'slug'>,
): Promise<ListingRow> => {
  const base = slugBase(values.title)
  for (let no = await nextNo(ctx, base); ; no += 1) {
    const [made] = await ctx.db
      .insert(listings)
      .values({ ...values, slug: no === 0 ? base : `${base}-${no}` })
      .onConflictDoNothing({ target: listings.slug })
      .returning()
    if (made !== undefined) return made
  }
}

/** 0: the address itself is free. */
const nextNo = async (ctx: Context, base: string): Promise<number> => {
  const number = sql<string>`substring(${listings.slug} from char_length(${base}::text) + 2)`
  const [taken] = await ctx.db.select({ slug: listings.slug }).from(listings).where(eq(listings.slug, base))
  if (taken === undefined) return 0
  const [highest] = await ctx.db
    .select({ no: sql<number>`coalesce(max(${number}::int), 0)` })
    .from(listings)
    .where(and(sql`starts_with(${listings.slug}, ${`${base}-`})`, sql`${number} ~ '^[1-9][0-9]{0,8}$'`))
  return (highest?.no ?? 0) + 1
}
