import { type SQL, sql } from 'drizzle-orm'
import { listings } from '../../../db/schema'
import { ON_SALE } from './listings'
import type { SearchListingsInput } from './schemas'

export type Filters = Pick<
  SearchListingsInput,
  'category' | 'tag' | 'language' | 'plan' | 'currency' | 'minPrice' | 'maxPrice' | 'minRating'
>
export type Filter = Exclude<keyof Filters, 'minPrice' | 'maxPrice'>

/**
 * What a listing has to be, as one condition on `LISTINGS_WITH_SELLERS`. Prices are compared within one currency.
 * @param query a tsquery as text; null: any words
 * @param byPrice prices are compared though there is no bound
 * @param except a filter that is left out
 */
export const fitting = (
  query: string | null,
  { category, tag, language, plan, currency, minPrice, maxPrice, minRating }: Filters,
  { byPrice = false, except }: { readonly byPrice?: boolean; readonly except?: Filter } = {},
): SQL => {
  const bound = minPrice !== undefined || maxPrice !== undefined
  const priced = byPrice || bound
  // Amounts mean nothing without their currency, so the bounds go with it.
  const amounts = except !== 'currency' && bound
  return sql.join(
    [
      ON_SALE,
      query === null ? null : sql`${listings.document} @@ ${query}::tsquery`,
      category === undefined || except === 'category' ? null : sql`${listings.category} = ${category}`,
      tag === undefined || except === 'tag' ? null : sql`${listings.tags} @> array[${tag.toLowerCase()}]`,
      language === undefined || except === 'language' ? null : sql`${listings.language} = ${language}`,
      plan === undefined || except === 'plan' ? null : sql`${listings.planType} = ${plan}::plan`,
      except !== 'currency' && (currency !== undefined || priced)
        ? sql`${listings.priceCurrency} = ${currency ?? 'USD'}`
        : null,
      !amounts || minPrice === undefined ? null : sql`${listings.priceAmount} >= ${minPrice}::bigint`,
      !amounts || maxPrice === undefined ? null : sql`${listings.priceAmount} <= ${maxPrice}::bigint`,
      minRating === undefined || minRating === 0 || except === 'minRating' ? null : ratedAtLeast(minRating),
    ].filter((condition) => condition !== null),
    sql` and `,
  )
}

/** By the mean that is shown, two decimals. */
export const ratedAtLeast = (mean: number): SQL =>
  sql`(${listings.reviewCount} > 0
    and ${listings.ratingSum}::bigint * 100 >= ${Math.round(mean * 100)}::bigint * ${listings.reviewCount})`
