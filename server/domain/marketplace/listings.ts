import { and, desc, eq, getTableColumns, inArray, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { listingCategories, listings, organizations, users, workspaces } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { offerOf } from './offer'
import type { Categories, ListingCard, ListingView, OwnListingsInput } from './schemas'

export type ListingRow = typeof listings.$inferSelect

export const noSuchListing = () => notFound('LISTING_NOT_FOUND', 'There is no such listing.')

/** Listings with what they sell and who sells it. */
const selectListings = (ctx: Context) =>
  ctx.db
    .select({
      listing: listings,
      workspace: { id: workspaces.publicId, name: workspaces.name, image: workspaces.image },
      seller: {
        id: users.id,
        organizationId: users.organizationId,
        firstName: users.firstName,
        lastName: users.lastName,
        email: users.email,
      },
      organization: organizations.name,
      sellable: sql<boolean>`${SELLABLE}`,
    })
    .from(listings)
    .innerJoin(workspaces, eq(workspaces.id, listings.workspaceId))
    .innerJoin(users, eq(users.id, listings.sellerId))
    .innerJoin(organizations, eq(organizations.id, users.organizationId))
    .$dynamic()

export type FoundListing = Awaited<ReturnType<typeof selectListings>>[number]

/**
 * Whether what a listing sells can be sold now: the same as `requireSellable`, of rows joined as above. No trial is of
 * AGENCY, so that plan is one that was granted or is paid.
 */
const SELLABLE: SQL = sql`(${workspaces.status} = 'ACTIVE' and not ${workspaces.notForResale}
  and ${workspaces.ownerId} = ${listings.sellerId} and ${users.closedAt} is null
  and (${organizations.grantedPlan} = 'AGENCY' or ${organizations.paidPlan} = 'AGENCY'))`

/** What `ON_SALE` is asked of. */
export const LISTINGS_WITH_SELLERS: SQL = sql`${listings}
  join ${workspaces} on ${workspaces.id} = ${listings.workspaceId}
  join ${users} on ${users.id} = ${listings.sellerId}
  join ${organizations} on ${organizations.id} = ${users.organizationId}`

/** On the market, and to be had. */
export const ON_SALE: SQL = sql`${listings.status} = 'LIVE' and ${SELLABLE}`

/**
 * A listing of this slug, for whoever asks: the live ones for everybody, one's own and all for admins in any state.
 * @throws DomainError 404 LISTING_NOT_FOUND
 */
export const readListing = async (ctx: Context, { slug }: { slug: string }): Promise<ListingView> =>
  toView(ctx, await listingFor(ctx, slug))

/** The same as rows. */
export const listingFor = async (ctx: Context, slug: string): Promise<FoundListing> => {
  const found = await listingOf(ctx, slug)
  if (found === undefined || !(isOn(found) || mayLookInto(ctx, found))) throw noSuchListing()
  return found
}

export const listingOf = async (ctx: Context, slug: string): Promise<FoundListing | undefined> => {
  if (!isStorable(slug)) return undefined
  const [found] = await selectListings(ctx).where(eq(listings.slug, slug))
  return found
}

const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Cs}/u.test(text)

export const isOn = ({ listing, sellable }: FoundListing): boolean => listing.status === 'LIVE' && sellable

const mayLookInto = ({ actor }: Context, { listing }: FoundListing): boolean =>
  actor.kind === 'admin' || (actor.kind === 'user' && actor.userId === listing.sellerId)

/**
 * One's own listing, its row held until the transaction ends.
 * @throws DomainError 404 LISTING_NOT_FOUND, for someone else's too.
 */
export const ownListing = async (ctx: Context, slug: string): Promise<ListingRow> => {
  const { userId } = signedIn(ctx)
  const [row] = isStorable(slug)
    ? await ctx.db
        .select()
        .from(listings)
        .where(and(eq(listings.slug, slug), eq(listings.sellerId, userId)))
        .for('no key update')
    : []
  if (row === undefined) throw noSuchListing()
  return row
}

/** One's own listings in every state, or in one, newest first. @throws DomainError 400 for a cursor of another list. */
export const listOwnListings = (ctx: Context, input: OwnListingsInput): Promise<Page<ListingView>> =>
  listWhere(ctx, eq(listings.sellerId, signedIn(ctx).userId), input)

/** Everybody's, for admins. */
export const listAllListings = (ctx: Context, input: OwnListingsInput): Promise<Page<ListingView>> =>
  listWhere(ctx, undefined, input)

const listWhere = async (
  ctx: Context,
  whose: SQL | undefined,
  { status, limit, cursor }: OwnListingsInput,
): Promise<Page<ListingView>> => {
  const last = readCursor(cursor)
  if (last !== null && !z.uuid().safeParse(last.id).success)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await selectListings(ctx)
    .where(
      and(
        whose,
        status === undefined ? undefined : eq(listings.status, status),
        last === null
          ? undefined
          : sql`(${listings.createdAt}, ${listings.id}) < (${last.at.toISOString()}::timestamptz, ${last.id}::uuid)`,
      ),
    )
    .orderBy(desc(listings.createdAt), desc(listings.id))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    ({ listing }) => ({ at: listing.createdAt, id: listing.id }),
    (row) => toView(ctx, row),
  )
}

/** What listings are sorted into, each with how many are on sale in it. */
export const listCategories = async (ctx: Context): Promise<Categories> => {
  const counts = ctx.db
    .select({ category: listings.category, count: sql<number>`count(*)::int`.as('count') })
    .from(listings)
    .innerJoin(workspaces, eq(workspaces.id, listings.workspaceId))
    .innerJoin(users, eq(users.id, listings.sellerId))
    .innerJoin(organizations, eq(organizations.id, users.organizationId))
    .where(ON_SALE)
    .groupBy(listings.category)
    .as('counts')
  return ctx.db
    .select({
      key: listingCategories.key,
      name: listingCategories.name,
      listings: sql<number>`coalesce(${counts.count}, 0)`,
    })
    .from(listingCategories)
    .leftJoin(counts, eq(counts.category, listingCategories.key))
    .orderBy(listingCategories.position)
}

/** @throws DomainError 400 for a category that is none. */
export const requireCategory = async (ctx: Context, key: string): Promise<void> => {
  const [found] = isStorable(key)
    ? await ctx.db
        .select({ key: listingCategories.key })
        .from(listingCategories)
        .where(eq(listingCategories.key, key))
    : []
  if (found === undefined) throw invalid([{ path: ['category'], message: 'There is no such category.' }])
}

/** Listings as cards, in the order of their ids. Without what only their pages show. */
export const cardsOf = async (ctx: Context, ids: readonly string[]): Promise<ListingCard[]> => {
  if (ids.length === 0) return []
  const { description, versionNotes, document, ...columns } = getTableColumns(listings)
  const rows = await ctx.db
    .select({
      listing: columns,
      workspace: { image: workspaces.image },
      seller: { firstName: users.firstName, lastName: users.lastName },
      organization: organizations.name,
    })
    .from(listings)
    .innerJoin(workspaces, eq(workspaces.id, listings.workspaceId))
    .innerJoin(users, eq(users.id, listings.sellerId))
    .innerJoin(organizations, eq(organizations.id, users.organizationId))
    .where(inArray(listings.id, [...ids]))
  const byId = new Map(rows.map((row) => [row.listing.id, toCard(row)]))
  return ids.map((id) => byId.get(id)).filter((card) => card !== undefined)
}

interface FoundCard {
  readonly listing: Omit<ListingRow, 'description' | 'versionNotes' | 'document'>
  readonly workspace: { readonly image: string | null }
  readonly seller: { readonly firstName: string; readonly lastName: string }
  readonly organization: string
}

const toCard = ({ listing, workspace, seller, organization }: FoundCard): ListingCard => ({
  id: listing.id,
  slug: listing.slug,
  status: listing.status,
  title: listing.title,
  tagline: listing.tagline,
  category: listing.category,
  tags: listing.tags,
  language: listing.language,
  planType: listing.planType,
  offer: offerOf(listing),
  seller: { name: `${seller.firstName} ${seller.lastName}`.trim(), organization },
  // Only from here: a picture from elsewhere tells others who looked.
  image: workspace.image !== null && /^\/pictures\/[\w.-]+$/.test(workspace.image) ? workspace.image : null,
  sold: listing.sold,
  rating: {
    count: listing.reviewCount,
    mean:
      listing.reviewCount === 0 ? null : Math.round((listing.ratingSum * 100) / listing.reviewCount) / 100,
  },
  featured: listing.featuredAt !== null,
  publishedAt: listing.publishedAt?.toISOString() ?? null,
})

export const toView = (ctx: Context, found: FoundListing): ListingView => {
  const { listing, workspace } = found
  return {
    ...toCard(found),
    description: listing.description,
    versionNotes: listing.versionNotes,
    available: isOn(found),
    own: mayLookInto(ctx, found)
      ? {
          workspace: { id: workspace.id, name: workspace.name },
          commissionPercentage: listing.commissionPercentage,
          reason: listing.statusReason,
          submittedAt: listing.submittedAt?.toISOString() ?? null,
          decidedAt: listing.decidedAt?.toISOString() ?? null,
          createdAt: listing.createdAt.toISOString(),
          updatedAt: listing.updatedAt.toISOString(),
        }
      : null,
  }
}
