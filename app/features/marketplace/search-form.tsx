import { Form, useNavigate } from '@remix-run/react'
import { type FormEvent, useRef } from 'react'
import { Button, InputField, SelectField } from '~/components/ui'
import { formatNumber } from '~/lib/format'
import { paths } from '~/lib/paths'
import type { Facet, Facets } from '../../../server/domain/marketplace/schemas'
import { PLAN_NAMES } from '../selling/offer-words'
import { languageName } from './languages'
import { canonicalQuery, type MarketSearch } from './market-search'

/** Milliseconds without a letter after which what was typed is searched. */
const PAUSE = 350

interface SearchFormProps {
  /** The address that is shown, to tell when another one came without the form. */
  readonly address: string
  readonly search: MarketSearch
  readonly faults: Readonly<Record<string, string>>
  readonly facets: Facets
  /** What else stands in the address, and goes along. */
  readonly others: readonly (readonly [string, string])[]
}

/** What is searched, and what it is narrowed to; all of it stands in the address. Choices apply at once where there are scripts. */
export const SearchForm = ({ address, search, faults, facets, others }: SearchFormProps) => {
  const { form, key, ...handlers } = useSearchAtOnce(address)
  return (
    <Form
      ref={form}
      key={key}
      method="get"
      action={paths.marketplace()}
      role="search"
      className="form"
      {...handlers}
    >
      {search.tag !== '' && <input type="hidden" name="tag" value={search.tag} />}
      {others.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <div className="filters filters-plain">
        <InputField
          name="q"
          label="Search"
          type="search"
          defaultValue={search.q}
          error={faults.q}
          maxLength={200}
          placeholder="coaching, restaurant, …"
          optional
        />
        <SelectField
          name="category"
          label="Category"
          defaultValue={search.category}
          error={faults.category}
          optional
        >
          <option value="">All</option>
          {facets.category.values.map(({ value, label = value, count }) => (
            <option key={value} value={value}>
              {label} ({counted(count, facets.category)})
            </option>
          ))}
        </SelectField>
        <SelectField
          name="sort"
          label="Order"
          defaultValue={faults.sort === undefined ? search.sort : ''}
          optional
        >
          <option value="">{search.q === '' ? 'Popular' : 'Best match'}</option>
          {search.q !== '' && <option value="popular">Popular</option>}
          <option value="new">Newest</option>
          <option value="rating">Best rated</option>
          <option value="price">Price, low to high</option>
          <option value="price-desc">Price, high to low</option>
        </SelectField>
        <div className="actions">
          <Button variant="primary">Search</Button>
        </div>
      </div>
      <details open={search.narrowed}>
        <summary>More filters</summary>
        <div className="filters filters-plain">
          <InputField
            name="from"
            label="Price from"
            defaultValue={search.from}
            error={faults.from}
            inputMode="decimal"
            maxLength={30}
            className="numeric"
            optional
          />
          <InputField
            name="to"
            label="Price to"
            defaultValue={search.to}
            error={faults.to}
            inputMode="decimal"
            maxLength={30}
            className="numeric"
            optional
          />
          <Choice
            name="currency"
            label="Currency"
            search={search}
            error={faults.currency}
            facet={facets.currency}
            any="Any"
          />
          <Choice
            name="minRating"
            label="Rated at least"
            search={search}
            error={faults.minRating}
            facet={facets.minRating}
            any="Any"
            say={(mean) => `${mean} of 5`}
          />
          <Choice
            name="plan"
            label="Plan included"
            search={search}
            error={faults.plan}
            facet={facets.plan}
            any="Any"
            say={(plan) => (plan === 'FREE' ? 'None' : (PLAN_NAMES[plan as 'BUSINESS' | 'AGENCY'] ?? plan))}
          />
          <Choice
            name="language"
            label="Language"
            search={search}
            error={faults.language}
            facet={facets.language}
            any="Any"
            say={languageName}
          />
        </div>
      </details>
    </Form>
  )
}

/** A filter with how many each of its values would leave. What is chosen stays in the list though nothing has it. */
const Choice = ({
  name,
  label,
  search,
  error,
  facet,
  any,
  say = (value) => value,
}: {
  readonly name: 'currency' | 'minRating' | 'plan' | 'language'
  readonly label: string
  readonly search: MarketSearch
  readonly error: string | undefined
  readonly facet: Facet
  readonly any: string
  readonly say?: (value: string) => string
}) => {
  const chosen = search[name]
  const values = facet.values.some(({ value }) => value === chosen)
    ? facet.values
    : [...facet.values, ...(chosen === '' ? [] : [{ value: chosen, count: 0 }])]
  return (
    <SelectField name={name} label={label} defaultValue={chosen} error={error} optional>
      <option value="">{any}</option>
      {values.map(({ value, count }) => (
        <option key={value} value={value}>
          {say(value)} ({counted(count, facet)})
        </option>
      ))}
    </SelectField>
  )
}

const counted = (count: number, { more }: Facet): string =>
  `${formatNumber(count)}${more && count > 0 ? '+' : ''}`

/** Searches as choices are made, each field keeping its focus; the form is made anew when another address came without it. */
const useSearchAtOnce = (address: string) => {
  const navigate = useNavigate()
  const form = useRef<HTMLFormElement>(null)
  const sent = useRef<string | null>(null)
  const shown = useRef(address)
  const key = useRef(address)
  const waiting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  if (shown.current !== address) {
    if (sent.current !== address) key.current = address
    shown.current = address
  }
  const search = () => {
    clearTimeout(waiting.current)
    if (form.current === null) return
    const asked = new URLSearchParams()
    for (const [name, value] of new FormData(form.current))
      if (typeof value === 'string') asked.append(name, value)
    const to = marketAddress(asked)
    sent.current = to
    navigate(to, { replace: true, preventScrollReset: true })
  }
  return {
    form,
    key: key.current,
    onChange: (event: FormEvent<HTMLFormElement>) => {
      clearTimeout(waiting.current)
      if (event.target instanceof HTMLSelectElement) search()
      else waiting.current = setTimeout(search, PAUSE)
    },
    onSubmit: (event: FormEvent<HTMLFormElement>) => {
      event.preventDefault()
      search()
    },
  }
}

/** Where a search has its address: a category under its own. */
export const marketAddress = (params: URLSearchParams, cursor = false): string => {
  const category = params.get('category')?.trim() ?? ''
  const query = canonicalQuery(params, { category: false, cursor })
  return `${category === '' ? paths.marketplace() : paths.category(category)}${query === '' ? '' : `?${query}`}`
}
