import { Form } from '@remix-run/react'
import { Button, InputField, SelectField } from '~/components/ui'
import { paths } from '~/lib/paths'
import type { LinksInput } from '../../../server/domain/affiliate/schemas'

type Sort = LinksInput['sort']

const SORTS: Readonly<Record<Sort, string>> = {
  created: 'Newest',
  clicks: 'Most clicks',
  earnings: 'Most earned',
  name: 'Name',
}

export interface LinkSearch {
  readonly q: string
  readonly from: string
  readonly to: string
  readonly sort: Sort
}

/** What the address asks of the list of links; an order that does not exist is the newest first. */
export const linkSearch = (search: URLSearchParams): LinkSearch => {
  const asked = search.get('sort') ?? ''
  return {
    q: search.get('q') ?? '',
    from: search.get('from') ?? '',
    to: search.get('to') ?? '',
    sort: Object.hasOwn(SORTS, asked) ? (asked as Sort) : 'created',
  }
}

/** Narrows and orders the list of links. */
export const LinkFilter = ({ search }: { readonly search: LinkSearch }) => (
  <Form
    method="get"
    action={paths.links()}
    role="search"
    className="filters filters-plain"
    key={JSON.stringify(search)}
  >
    <InputField
      name="q"
      label="Name of the link or workspace"
      type="search"
      defaultValue={search.q}
      maxLength={200}
      optional
    />
    <InputField name="from" label="Made from (UTC)" type="date" defaultValue={search.from} optional />
    <InputField name="to" label="Made until (UTC)" type="date" defaultValue={search.to} optional />
    <SelectField name="sort" label="Order" defaultValue={search.sort} optional>
      {Object.entries(SORTS).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </SelectField>
    <div className="actions">
      <Button>Show</Button>
    </div>
  </Form>
)
