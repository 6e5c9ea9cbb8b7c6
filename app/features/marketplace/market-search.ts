import { SearchListingsInput } from '../../../server/domain/marketplace/schemas'
import { parsePrice } from '../selling/price'

/** In the order in which they stand in an address; the category has an address of its own. */
const FIELDS = [
  'q',
  'category',
  'tag',
  'from',
  'to',
  'currency',
  'minRating',
  'plan',
  'language',
  'sort',
] as const

export type SearchField = (typeof FIELDS)[number]
export type MarketSearch = Readonly<Record<SearchField, string>> & {
  /** More than words, category and order was chosen. */
  readonly narrowed: boolean
}

/**
 * What an address asks of the market: what can be read becomes the API's input (prices in minor units), what cannot is
 * said beside its field and left out.
 */
export const readMarketSearch = (params: URLSearchParams) => {
  const typed = Object.fromEntries(FIELDS.map((name) => [name, (params.get(name) ?? '').trim()])) as Record<
    SearchField,
    string
  >
  const faults: Record<string, string> = {}
  const input: Record<string, string | number> = {}
  const currency = typed.currency.toUpperCase()
  if (!SearchListingsInput.shape.currency.safeParse(currency).success) faults.currency = 'A code such as USD.'
  const known = faults.currency === undefined && currency !== '' ? currency : 'USD'
  for (const [field, member] of [
    ['from', 'minPrice'],
    ['to', 'maxPrice'],
  ] as const) {
    if (typed[field] === '') continue
    const { amount, fault } = parsePrice(typed[field], known)
    if (fault === undefined) input[member] = amount
    else faults[field] = fault
  }
  for (const name of ['q', 'category', 'sort', 'minRating', 'plan', 'language', 'tag'] as const) {
    if (typed[name] === '') continue
    if (SearchListingsInput.shape[name].safeParse(typed[name]).success) input[name] = typed[name]
    else faults[name] = 'This cannot be searched for.'
  }
  if (currency !== '' && faults.currency === undefined) input.currency = currency
  const cursor = params.get('cursor')
  if (cursor !== null) input.cursor = cursor
  const narrowed = (['tag', 'from', 'to', 'currency', 'minRating', 'plan', 'language'] as const).some(
    (name) => typed[name] !== '',
  )
  return { search: { ...typed, narrowed } satisfies MarketSearch, faults, input }
}

/**
 * The query of an address in its one order: what is empty is left out, what is not ours (such as who referred somebody)
 * stays behind it. A new search begins at its first page.
 * @param category it stands in the path, where it has an address of its own
 */
export const canonicalQuery = (params: URLSearchParams, { category = true, cursor = true } = {}): string => {
  const query = new URLSearchParams()
  for (const name of [...FIELDS, 'cursor']) {
    const value = params.get(name)?.trim() ?? ''
    if (value !== '' && (category || name !== 'category') && (cursor || name !== 'cursor'))
      query.set(name, value)
  }
  for (const [name, value] of params)
    if (![...FIELDS, 'cursor'].some((field) => field === name)) query.append(name, value)
  return query.toString()
}
