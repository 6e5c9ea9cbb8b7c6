import { Form } from '@remix-run/react'
import { Button, ButtonLink, Card, InputField, SelectField } from '~/components/ui'
import { paths } from '~/lib/paths'

interface StatementDownloadsProps {
  readonly currencies: readonly string[]
  readonly currency: string
  /** '2026-11' */
  readonly month: string
  readonly timezone: string
}

/** A month to keep: on paper, for a spreadsheet, or signed so that anybody can check it. */
export const StatementDownloads = ({ currencies, currency, month, timezone }: StatementDownloadsProps) => {
  const asked = { currency, month, timezone }
  return (
    <Card
      title="Statement of a month"
      description={`A month of ${timezone}. Until you issue its statement you get a preview of what there is so far. Once the month is over you can issue it: from then on it never changes.`}
    >
      <Form method="get" className="filters filters-plain" key={JSON.stringify(asked)}>
        <InputField
          name="month"
          label="Month"
          type="month"
          defaultValue={month}
          pattern="\d{4}-\d{2}"
          placeholder="2026-11"
        />
        <SelectField name="monthCurrency" label="Currency of the statement" defaultValue={currency}>
          {currencies.map((code) => (
            <option key={code} value={code}>
              {code}
            </option>
          ))}
        </SelectField>
        <input type="hidden" name="timezone" value={timezone} />
        <div className="actions">
          <Button>Choose</Button>
        </div>
      </Form>
      <p>
        {month}, {currency}:
      </p>
      <div className="actions statement-files">
        <ButtonLink to={paths.statement('pdf', asked)} reload>
          PDF
        </ButtonLink>
        <ButtonLink to={paths.statement('csv', asked)} reload>
          CSV of the month
        </ButtonLink>
        <ButtonLink to={paths.statement('json', asked)} reload>
          Signed JSON
        </ButtonLink>
        <Form method="post">
          <input type="hidden" name="month" value={month} />
          <input type="hidden" name="currency" value={currency} />
          <input type="hidden" name="timezone" value={timezone} />
          <Button>Issue for good</Button>
        </Form>
      </div>
      <p className="muted">
        The PDF is to read, up to 5,000 lines; the CSV holds any number. The signed JSON is proof: with{' '}
        <code>npm run verify-statement FILE</code> and <a href={paths.statementKeys()}>our public key</a>{' '}
        anybody can check it, offline.
      </p>
    </Card>
  )
}
