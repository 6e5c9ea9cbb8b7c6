import { Form } from '@remix-run/react'
import { Button, ButtonLink, InputField, SelectField } from '~/components/ui'
import { paths } from '~/lib/paths'
import { LINE_TYPES, type StatementFilter } from './statement'

interface StatementFiltersProps {
  readonly filter: StatementFilter
  readonly currencies: readonly string[]
  /** Whose days the days are. */
  readonly timezone: string
}

/** Narrows the statement down. What is chosen stands in the address, to keep or to share. */
export const StatementFilters = ({ filter, currencies, timezone }: StatementFiltersProps) => (
  // A new key with every filter: the fields show what is shown, on the way back too.
  <Form method="get" className="filters" key={JSON.stringify({ filter, timezone })}>
    <SelectField name="type" label="Type" defaultValue={filter.type ?? ''} optional>
      <option value="">All</option>
      {Object.entries(LINE_TYPES).map(([type, words]) => (
        <option key={type} value={type}>
          {words}
        </option>
      ))}
    </SelectField>
    <SelectField name="currency" label="Currency" defaultValue={filter.currency ?? ''} optional>
      <option value="">All</option>
      {currencies.map((currency) => (
        <option key={currency} value={currency}>
          {currency}
        </option>
      ))}
    </SelectField>
    <InputField name="from" label="From" type="date" defaultValue={filter.from} optional />
    <InputField name="until" label="Until, included" type="date" defaultValue={filter.until} optional />
    <input type="hidden" name="timezone" value={timezone} />
    <div className="actions">
      <Button>Show</Button>
      {Object.keys(filter).length > 0 && (
        <ButtonLink to={paths.balance()} variant="quiet">
          Show everything
        </ButtonLink>
      )}
    </div>
    <p className="muted filters-note">Days are of {timezone}.</p>
  </Form>
)
