import { Form } from '@remix-run/react'
import { Button, InputField, SelectField } from '~/components/ui'
import { paths } from '~/lib/paths'
import type { Categories } from '../../../server/domain/marketplace/schemas'
import { PLAN_NAMES } from '../selling/offer-words'
import { LANGUAGES } from './languages'
import type { MarketSearch } from './market-search'

/** What is searched, and what it is narrowed to; all of it stands in the address. */
export const SearchForm = ({
  search,
  faults,
  categories,
}: {
  readonly search: MarketSearch
  readonly faults: Readonly<Record<string, string>>
  readonly categories: Categories
}) => (
  <Form method="get" action={paths.marketplace()} role="search" className="form" key={JSON.stringify(search)}>
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
      <SelectField name="category" label="Category" defaultValue={search.category} optional>
        <option value="">All</option>
        {categories.map(({ key, name, listings }) => (
          <option key={key} value={key}>
            {name} ({listings})
          </option>
        ))}
      </SelectField>
      <SelectField name="sort" label="Order" defaultValue={search.sort} optional>
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
        <InputField
          name="currency"
          label="Currency"
          defaultValue={search.currency}
          error={faults.currency}
          maxLength={3}
          placeholder="USD"
          optional
        />
        <SelectField name="minRating" label="Rated at least" defaultValue={search.minRating} optional>
          <option value="">Any</option>
          {['4.5', '4', '3'].map((mean) => (
            <option key={mean} value={mean}>
              {mean} of 5
            </option>
          ))}
        </SelectField>
        <SelectField name="plan" label="Plan included" defaultValue={search.plan} optional>
          <option value="">Any</option>
          <option value="FREE">None</option>
          <option value="BUSINESS">{PLAN_NAMES.BUSINESS}</option>
          <option value="AGENCY">{PLAN_NAMES.AGENCY}</option>
        </SelectField>
        <SelectField name="language" label="Language" defaultValue={search.language} optional>
          <option value="">Any</option>
          {LANGUAGES.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </SelectField>
      </div>
    </details>
  </Form>
)
