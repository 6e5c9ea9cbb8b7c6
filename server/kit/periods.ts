import { z } from 'zod'

/** A half-open stretch of time: `from` is in, `to` is out. */
export interface Period {
  readonly from: Date
  readonly to: Date
}

export type PeriodUnit = 'day' | 'week' | 'month' | 'year'

/** A name of the IANA time zone database, such as Europe/Berlin. An offset such as +02:00 is none: it knows no summer. */
export const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(name)) return false
  try {
    clockOf(name)
    return true
  } catch {
    return false
  }
}
export const TimeZone = z.string().refine(isTimeZone, 'A time zone by its IANA name, such as Europe/Berlin.')

/** '2026-11-21', a day there is. */
export const Day = z
  .string()
  .refine((text) => /^(19[7-9]\d|[2-8]\d{3})-\d{2}-\d{2}$/.test(text) && addDays(text, 0) === text, {
    message: 'A day such as 2026-11-21, from 1970 on.',
  })
/** '2026-11'. */
export const Month = z.string().regex(/^(19[7-9]\d|[2-8]\d{3})-(0[1-9]|1[0-2])$/, 'A month such as 2026-11.')

/** The day of a moment in a zone: '2026-11-21'. */
export const dayOf = (at: Date, zone: string): string =>
  new Date(wallClock(at.getTime(), zone)).toISOString().slice(0, 10)

/**
 * The day, week (Monday to Sunday), month or year of a day in a zone. Days may have 23 or 25 hours, and one that the
 * zone's calendar left out has none; the periods follow each other without gap or overlap.
 * @param day '2026-11-21'
 */
export const periodOf = (unit: PeriodUnit, day: string, zone: string): Period => {
  const first = firstDay(unit, day)
  return { from: startOfDay(first, zone), to: startOfDay(nextFirst(unit, first), zone) }
}

/** @param month '2026-11' */
export const monthPeriod = (month: string, zone: string): Period => periodOf('month', `${month}-01`, zone)

/**
 * The first moment at which the zone's calendar shows this day; where midnight is left out, the moment after the gap.
 * @param day '2026-11-21'
 */
export const startOfDay = (day: string, zone: string): Date => {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  const inForce = (offset: number) => offsetAt(midnight - offset, zone) === offset
  const offsets = [offsetAt(midnight - DAY, zone), offsetAt(midnight + DAY, zone)].filter(inForce)
  if (offsets.length > 0) return new Date(midnight - Math.max(...offsets))
  // A clock that was put forward over midnight: the change itself, to the second.
  let before = midnight - DAY
  let after = midnight + DAY
  while (after - before > 1_000) {
    const middle = Math.floor((before + after) / 2_000) * 1_000
    if (wallClock(middle, zone) < midnight) before = middle
    else after = middle
  }
  return new Date(after)
}

/** ('2026-12-31', 1) → '2027-01-01'. */
export const addDays = (day: string, days: number): string => {
  const date = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(date.getTime())) return ''
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

const DAY = 86_400_000

const firstDay = (unit: PeriodUnit, day: string): string => {
  switch (unit) {
    case 'day':
      return day
    case 'week':
      return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7))
    case 'month':
      return `${day.slice(0, 7)}-01`
    case 'year':
      return `${day.slice(0, 4)}-01-01`
  }
}

/** From any first day, the next period's: 32 days on is the next month, 366 days on the next year. */
const nextFirst = (unit: PeriodUnit, first: string): string =>
  firstDay(unit, addDays(first, { day: 1, week: 7, month: 32, year: 366 }[unit]))

/** What a clock on the wall shows at a moment, as if it were UTC; milliseconds. */
const wallClock = (at: number, zone: string): number => at + offsetAt(at, zone)

/** How far the zone is ahead of UTC at a moment; milliseconds. */
const offsetAt = (at: number, zone: string): number => {
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {}
  for (const { type, value } of clockOf(zone).formatToParts(at)) shown[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000
}

/** Making one is slow. Names come in from outside, in any case: no more are kept than there are zones. */
const clocks = new Map<string, Intl.DateTimeFormat>()
const clockOf = (zone: string): Intl.DateTimeFormat => {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (clocks.size >= 600) clocks.clear()
  clocks.set(zone, clock)
  return clock
}
