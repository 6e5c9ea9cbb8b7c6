import { Form, useSearchParams } from '@remix-run/react'
import { Button, InputField, SelectField, useHydrated } from '~/components/ui'
import type { AffiliateDashboard } from '../../../server/domain/affiliate/schemas'

const TIMEFRAMES = {
  day: 'Today',
  week: 'This week',
  month: 'This month',
  year: 'This year',
  custom: 'Days of your choice',
} as const

type Timeframe = keyof typeof TIMEFRAMES

/** What an address asks to see; anything else is this month, in UTC. */
export const askedFor = (search: URLSearchParams) => {
  const timeframe = search.get('timeframe') ?? ''
  const [from, to] = [search.get('from') ?? '', search.get('to') ?? '']
  return {
    timeframe: isTimeframe(timeframe) ? timeframe : 'month',
    timezone: search.get('timezone') ?? 'UTC',
    ...(timeframe === 'custom' && from !== '' ? { from } : {}),
    ...(timeframe === 'custom' && to !== '' ? { to } : {}),
  }
}

const isTimeframe = (text: string): text is Timeframe => Object.hasOwn(TIMEFRAMES, text)

/** Which stretch of time is shown. What is chosen stands in the address, to keep or to share. */
export const DashboardFilter = ({ shown }: { readonly shown: Pick<AffiliateDashboard, 'timezone'> }) => {
  const [search] = useSearchParams()
  const hydrated = useHydrated()
  const { timeframe, from, to } = askedFor(search)
  const own = hydrated ? Intl.DateTimeFormat().resolvedOptions().timeZone : shown.timezone
  return (
    <Form method="get" className="filters filters-plain" key={search.toString()}>
      <SelectField name="timeframe" label="Time" defaultValue={timeframe}>
        {Object.entries(TIMEFRAMES).map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </SelectField>
      <InputField name="from" label="From, of your choice" type="date" defaultValue={from} optional />
      <InputField name="to" label="Until, included" type="date" defaultValue={to} optional />
      <input type="hidden" name="timezone" value={search.get('timezone') ?? own} />
      <div className="actions">
        <Button>Show</Button>
      </div>
    </Form>
  )
}
