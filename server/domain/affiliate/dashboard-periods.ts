import { invalid } from '../../kit/errors'
import { addDays, dayOf, type Period, periodOf } from '../../kit/periods'
import type { DashboardInput } from './schemas'

/** The longest custom range: enough for any comparison, and a table that still can be read. */
const MOST_DAYS = 1_830
const HOUR = 3_600_000

export interface DashboardPeriods {
  readonly period: Period
  /** The period before: yesterday, last week, or as many days as the custom range has. */
  readonly previous: Period
  readonly unit: 'hour' | 'day' | 'month'
  /** The period in its parts, which follow each other without gap or overlap. */
  readonly parts: readonly Period[]
}

/**
 * What a dashboard looks at: the day, week (from Monday), month or year of now in a zone, or the days from `from` to
 * `to`, both included.
 * @throws DomainError 400 for a range that ends before it begins, or of more than five years.
 */
export const dashboardPeriods = (input: DashboardInput, now: Date): DashboardPeriods => {
  const zone = input.timezone
  if (input.timeframe === 'custom') return customPeriods(input, zone)
  const { timeframe } = input
  const today = dayOf(now, zone)
  const period = periodOf(timeframe, today, zone)
  const previous = periodOf(timeframe, dayOf(new Date(period.from.getTime() - 1), zone), zone)
  switch (timeframe) {
    case 'day':
      return { period, previous, unit: 'hour', parts: hours(period) }
    case 'week':
    case 'month':
      return { period, previous, unit: 'day', parts: split('day', period, zone) }
    case 'year':
      return { period, previous, unit: 'month', parts: split('month', period, zone) }
  }
}

const customPeriods = ({ from, to }: DashboardInput, zone: string): DashboardPeriods => {
  if (from === undefined || to === undefined)
    throw invalid([
      { path: [from === undefined ? 'from' : 'to'], message: 'A custom range has a first and a last day.' },
    ])
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1
  if (days < 1) throw invalid([{ path: ['to'], message: 'Not before the first day.' }])
  if (days > MOST_DAYS)
    throw invalid([{ path: ['from'], message: `At most ${MOST_DAYS} days, which is five years.` }])
  const start = periodOf('day', from, zone).from
  const period = { from: start, to: periodOf('day', to, zone).to }
  const previous = { from: periodOf('day', addDays(from, -days), zone).from, to: start }
  const unit = days <= 92 ? 'day' : 'month'
  return { period, previous, unit, parts: split(unit, period, zone) }
}

/** The days or months of a period; the first and last month only as far as the period goes. */
const split = (unit: 'day' | 'month', period: Period, zone: string): Period[] => {
  const parts: Period[] = []
  for (let from = period.from; from < period.to; ) {
    const { to } = periodOf(unit, dayOf(from, zone), zone)
    const end = to < period.to ? to : period.to
    parts.push({ from, to: end })
    from = end
  }
  return parts
}

/** Of a day of 23, 24 or 25 hours. */
const hours = ({ from, to }: Period): Period[] => {
  const parts: Period[] = []
  for (let at = from.getTime(); at < to.getTime(); at += HOUR)
    parts.push({ from: new Date(at), to: new Date(Math.min(at + HOUR, to.getTime())) })
  return parts
}
