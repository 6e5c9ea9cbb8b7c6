import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { listings } from '../../../db/schema'
import { type Context, readLagging } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { cardsOf, LISTINGS_WITH_SELLERS } from './listings'
import type { ListingsPage, SearchListingsInput } from './schemas'
import { fitting } from './search-filters'
import { correctTerms, queryText, readTerms, sayTerms } from './search-words'

type Order = NonNullable<SearchListingsInput['sort']>

/**
 * Listings on sale that fit; where none fits what was typed, those for the nearest words there are. A page goes on behind
 * the last of the one before, so that nothing repeats or is skipped while others come.
 * @throws DomainError 400 for a cursor of another list or another order.
 */
export const searchListings = (ctx: Context, input: SearchListingsInput): Promise<ListingsPage> =>
  readLagging(ctx, async (near) => {
    const typed = input.q?.trim() ?? ''
    const order = input.sort ?? (typed === '' ? 'popular' : 'relevance')
    const last = readCursor(input.cursor, order)
    if (typed === '') return { ...(await find(near, input, order, null, last)), corrected: null }
    const terms = readTerms(typed)
    if (last?.corrected !== true) {
      const query = await queryText(near, terms)
      if (query === null) return NOTHING
      const page = await find(near, input, order, query, last)
      if (page.items.length > 0 || last !== null) return { ...page, corrected: null }
    }
    const meant = await correctTerms(near, terms)
    const query = meant === null ? null : await queryText(near, meant)
    if (meant === null || query === null) return NOTHING
    const page = await find(near, input, order, query, last, true)
    return page.items.length === 0 ? NOTHING : { ...page, corrected: sayTerms(meant) }
  })

const NOTHING: ListingsPage = { items: [], nextCursor: null, corrected: null }

/** So many of what fits, the most sold, are ranked by how well they fit: ranking more would cost more than it tells. */
const RANKED = 500

const find = async (
  ctx: Context,
  input: SearchListingsInput,
  order: Order,
  query: string | null,
  last: Last | null,
  corrected = false,
): Promise<Omit<ListingsPage, 'corrected'>> => {
  const condition = fitting(query, input, { byPrice: order === 'price' || order === 'price-desc' })
  const rows = await ctx.db.execute<{ id: string; key: string }>(
    order === 'relevance' && query !== null
      ? ranked(condition, query, last, input.limit + 1)
      : ordered(condition, ORDERS[order], last, input.limit + 1),
  )
  const shown = rows.slice(0, input.limit)
  const end = rows.length > input.limit ? shown.at(-1) : undefined
  return {
    items: await cardsOf(
      ctx,
      shown.map(({ id }) => id),
    ),
    nextCursor:
      end === undefined
        ? null
        : Buffer.from([order, end.key, end.id, ...(corrected ? ['~'] : [])].join('|')).toString('base64url'),
  }
}

interface Ordering {
  readonly column: SQL
  /** The column as a whole number, for the cursor. */
  readonly key: SQL
  /** And back. */
  readonly read: (key: string) => SQL
  readonly upwards?: true
}

const plainly = (column: SQL): Ordering => ({ column, key: column, read: (key) => sql`${key}::bigint` })
const BY_SALES = plainly(sql`${listings.sold}`)

/** Each stands in an index with the id behind it. */
const ORDERS: Readonly<Record<Order, Ordering>> = {
  relevance: BY_SALES,
  popular: BY_SALES,
  new: {
    column: sql`${listings.publishedAt}`,
    key: sql`(extract(epoch from ${listings.publishedAt}) * 1000)::bigint`,
    read: (key) => sql`to_timestamp(${key}::bigint / 1000.0)`,
  },
  rating: plainly(sql`${listings.ratingRank}`),
  price: { ...plainly(sql`${listings.priceAmount}`), upwards: true },
  'price-desc': plainly(sql`${listings.priceAmount}`),
}

const ordered = (
  condition: SQL,
  { column, key, read, upwards }: Ordering,
  last: Last | null,
  limit: number,
): SQL => {
  const direction = upwards ? sql`asc` : sql`desc`
  const behind =
    last === null
      ? sql``
      : sql`and (${column}, ${listings.id}) ${upwards ? sql`>` : sql`<`} (${read(last.key)}, ${last.id}::uuid)`
  return sql`select ${listings.id}, (${key})::text as key from ${LISTINGS_WITH_SELLERS}
    where ${condition} ${behind} order by ${column} ${direction}, ${listings.id} ${direction} limit ${limit}`
}

/** How well the words fit comes first, then what sold more, then what is rated better, all of it in one number. */
const ranked = (condition: SQL, query: string, last: Last | null, limit: number): SQL => sql`
  with found as materialized (
    select ${listings.id}, ${listings.document}, ${listings.sold}, ${listings.ratingRank}
    from ${LISTINGS_WITH_SELLERS} where ${condition}
    order by ${listings.sold} desc, ${listings.id} desc limit ${RANKED}
  ), ranked as (
    select id, round(ts_rank(document, ${query}::tsquery) * 100)::bigint * 10000000000
      + least(round(ln(1 + sold) * 1000), 99999)::bigint * 100000 + rating_rank as key from found
  )
  select id, key::text as key from ranked
  ${last === null ? sql`` : sql`where (key, id) < (${last.key}::bigint, ${last.id}::uuid)`}
  order by ranked.key desc, id desc limit ${limit}`

interface Last {
  readonly key: string
  readonly id: string
  /** What was typed had found nothing. */
  readonly corrected: boolean
}

const readCursor = (cursor: string | undefined, order: Order): Last | null => {
  if (cursor === undefined) return null
  const [of, key = '', id = '', mark, ...rest] = Buffer.from(cursor, 'base64url').toString().split('|')
  const isOurs =
    of === order &&
    /^-?\d{1,15}$/.test(key) &&
    z.uuid().safeParse(id).success &&
    (mark === undefined || mark === '~') &&
    rest.length === 0
  if (!isOurs) throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return { key, id, corrected: mark === '~' }
}
