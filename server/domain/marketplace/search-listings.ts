import { and, asc, desc, eq, gte, lte, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { listings } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { invalid } from '../../kit/errors'
import type { Page } from '../../kit/pages'
import { ON_SALE, selectListings, toCard } from './listings'
import type { ListingCard, SearchListingsInput } from './schemas'

type Order = NonNullable<SearchListingsInput['sort']>

/**
 * Listings on sale that fit. Prices are compared within one currency. A page goes on behind the last of the one before,
 * so that nothing repeats or is skipped while others come.
 * @throws DomainError 400 for a cursor of another list or another order.
 */
export const searchListings = async (
  ctx: Context,
  input: SearchListingsInput,
): Promise<Page<ListingCard>> => {
  const words = input.q?.trim() ?? ''
  const query = words === '' ? null : sql`websearch_to_tsquery('simple'::regconfig, ${words})`
  const order = input.sort ?? (query === null ? 'popular' : 'relevance')
  const key = keyOf(order, query)
  const direction = order === 'price' ? asc : desc
  const last = readCursor(input.cursor, order)
  const rows = await selectListings(ctx, key)
    .where(
      and(
        ON_SALE,
        query === null ? undefined : sql`${listings.document} @@ ${query}`,
        ...filters(input, order),
        last === null ? undefined : behind(key, order, last),
      ),
    )
    .orderBy(direction(key), direction(listings.id))
    .limit(input.limit + 1)
  const shown = rows.slice(0, input.limit)
  const end = rows.length > input.limit ? shown.at(-1) : undefined
  return {
    items: shown.map(toCard),
    nextCursor:
      end === undefined
        ? null
        : Buffer.from([order, end.key, end.listing.id].join('|')).toString('base64url'),
  }
}

/** A whole number to order by, the id after it. */
const keyOf = (order: Order, query: SQL | null): SQL => {
  switch (order) {
    case 'relevance':
      return query === null
        ? sql`${listings.sold}::bigint`
        : sql`round(ts_rank(${listings.document}, ${query}) * 1000000)::bigint`
    case 'popular':
      return sql`${listings.sold}::bigint`
    case 'new':
      return sql`(extract(epoch from ${listings.publishedAt}) * 1000)::bigint`
    case 'rating':
      return sql`${listings.ratingRank}::bigint`
    case 'price':
    case 'price-desc':
      return sql`${listings.priceAmount}`
  }
}

const filters = (input: SearchListingsInput, order: Order): (SQL | undefined)[] => {
  const { category, tag, language, minPrice, maxPrice, currency, minRating, plan } = input
  const pricesCompared =
    minPrice !== undefined || maxPrice !== undefined || order === 'price' || order === 'price-desc'
  return [
    category === undefined ? undefined : eq(listings.category, category),
    tag === undefined ? undefined : sql`${tag.toLowerCase()} = any(${listings.tags})`,
    language === undefined ? undefined : eq(listings.language, language),
    plan === undefined ? undefined : eq(listings.planType, plan),
    currency !== undefined || pricesCompared ? eq(listings.priceCurrency, currency ?? 'USD') : undefined,
    minPrice === undefined ? undefined : gte(listings.priceAmount, BigInt(minPrice)),
    maxPrice === undefined ? undefined : lte(listings.priceAmount, BigInt(maxPrice)),
    minRating === undefined || minRating === 0
      ? undefined
      : sql`${listings.reviewCount} > 0
          and ${listings.ratingSum}::bigint * 100 >= ${Math.round(minRating * 100)}::bigint * ${listings.reviewCount}`,
  ]
}

interface Last {
  readonly key: string
  readonly id: string
}

const behind = (key: SQL, order: Order, last: Last): SQL =>
  order === 'price'
    ? sql`(${key}, ${listings.id}) > (${last.key}::bigint, ${last.id}::uuid)`
    : sql`(${key}, ${listings.id}) < (${last.key}::bigint, ${last.id}::uuid)`

const readCursor = (cursor: string | undefined, order: Order): Last | null => {
  if (cursor === undefined) return null
  const [of, key = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split('|')
  const isOurs =
    of === order && /^-?\d{1,18}$/.test(key) && z.uuid().safeParse(id).success && rest.length === 0
  if (!isOurs) throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return { key, id }
}
