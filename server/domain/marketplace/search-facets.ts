import { type SQL, sql } from 'drizzle-orm'
import { listingCategories, listings } from '../../../db/schema'
import { type Context, readLagging } from '../../kit/context'
import { LISTINGS_WITH_SELLERS } from './listings'
import type { Facet, Facets, FacetsInput } from './schemas'
import { type Filter, fitting, ratedAtLeast } from './search-filters'
import { correctTerms, queryText, readTerms } from './search-words'

/** Counting goes so far: beyond, it says that there are more. */
const COUNTED = 1_000
const TAGS = 12
const RATINGS = [4.5, 4, 3]

/**
 * How many listings each filter would leave of what is searched. A filter that is set is left out of its own counts, so
 * that they say what another choice would find.
 */
export const countFacets = (ctx: Context, input: FacetsInput): Promise<Facets> =>
  readLagging(ctx, async (near) => {
    const typed = input.q?.trim() ?? ''
    const count = async (query: string | null): Promise<Facets> => {
      const set = (Object.keys(VALUES) as Filter[]).filter((filter) => isSet(input, filter))
      const open = (Object.keys(VALUES) as Filter[]).filter((filter) => !set.includes(filter))
      const [whole, ...own] = await Promise.all([
        countWithin(near, fitting(query, input), open),
        ...set.map((filter) => countWithin(near, fitting(query, input, { except: filter }), [filter])),
      ])
      const facets = Object.assign({}, whole.facets, ...own.map(({ facets }) => facets))
      return { ...NONE, ...facets, count: whole.count, more: whole.more }
    }
    if (typed === '') return count(null)
    const terms = readTerms(typed)
    const query = await queryText(near, terms)
    const found = query === null ? NONE : await count(query)
    if (found.count > 0) return found
    const meant = await correctTerms(near, terms)
    const better = meant === null ? null : await queryText(near, meant)
    return better === null ? found : count(better)
  })

const isSet = (input: FacetsInput, filter: Filter): boolean =>
  filter === 'currency'
    ? input.currency !== undefined || input.minPrice !== undefined || input.maxPrice !== undefined
    : input[filter] !== undefined && input[filter] !== 0

const NO_VALUES: Facet = { more: false, values: [] }
const NONE: Facets = {
  count: 0,
  more: false,
  category: NO_VALUES,
  language: NO_VALUES,
  plan: NO_VALUES,
  currency: NO_VALUES,
  minRating: NO_VALUES,
  tag: NO_VALUES,
}

const byCount = (column: SQL) => sql`select ${column}::text, count(*) from found group by 1`

/** The values of each facet with their counts, of the rows of `found`. */
const VALUES: Readonly<Record<Filter, SQL>> = {
  // All there are, for the list to choose from.
  category: sql`select key, count(found.category) from ${listingCategories} left join found on found.category = key group by 1`,
  language: byCount(sql`language`),
  plan: byCount(sql`plan_type`),
  currency: byCount(sql`price_currency`),
  minRating: sql.join(
    RATINGS.map(
      (mean) =>
        sql`select ${String(mean)}::text, count(*) from found as ${listings} where ${ratedAtLeast(mean)}`,
    ),
    sql` union all `,
  ),
  tag: sql`select tag, count(*) from found, unnest(tags) tag group by 1 order by 2 desc, 1 limit ${TAGS}`,
}

interface Counted {
  readonly count: number
  readonly more: boolean
  readonly facets: Partial<Record<Filter, Facet>>
}

const countWithin = async (ctx: Context, condition: SQL, filters: readonly Filter[]): Promise<Counted> => {
  const parts = filters.map(
    (filter) =>
      sql`select ${filter}::text as filter, value, count from (${VALUES[filter]}) as counted(value, count)`,
  )
  const rows = await ctx.db.execute<{
    filter: string
    value: string
    count: number
    label: string | null
  }>(sql`
    with found as materialized (
      select ${listings.category}, ${listings.language}, ${listings.planType}, ${listings.priceCurrency},
        ${listings.reviewCount}, ${listings.ratingSum}, ${listings.tags}
      from ${LISTINGS_WITH_SELLERS} where ${condition} limit ${COUNTED + 1}
    ), counts as (
      ${sql.join([sql`select 'all' as filter, '' as value, count(*) as count from found`, ...parts], sql` union all `)}
    )
    select counts.filter, counts.value, counts.count::int as count, ${listingCategories.name} as label
    from counts left join ${listingCategories} on counts.filter = 'category' and ${listingCategories.key} = counts.value
    order by ${listingCategories.position}, counts.count desc, counts.value`)
  const all = rows.find(({ filter }) => filter === 'all')?.count ?? 0
  const more = all > COUNTED
  return {
    count: Math.min(all, COUNTED),
    more,
    facets: Object.fromEntries(
      filters.map((filter) => [
        filter,
        {
          more,
          values: rows
            .filter((row) => row.filter === filter && (row.count > 0 || filter === 'category'))

            .map(({ value, label, count }) => ({
              value,
              count: Math.min(count, COUNTED),
              ...(label === null ? {} : { label }),
            })),
        },
      ]),
    ),
  }
}
