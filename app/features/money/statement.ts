import type { LineType, Transaction } from '../../../server/domain/balance/schemas'

export const LINE_TYPES: Readonly<Record<LineType, string>> = {
  COMMISSION: 'Commission',
  WITHDRAWAL: 'Withdrawal',
  ADJUSTMENT: 'Adjustment',
  REFUND: 'Refund',
}

/** What a line is about, in words: its notes, else what it refers to. */
export const lineWords = ({ notes, type, referenceType }: Transaction): string =>
  notes !== '' ? notes : `${LINE_TYPES[type]} (${referenceType.replaceAll('_', ' ')})`

/** What of a statement is wanted, as it stands in the address. Days are of the zone, the last one included. */
export interface StatementFilter {
  readonly type?: LineType
  readonly currency?: string
  readonly from?: string
  readonly until?: string
}

/** Reads a filter from an address; what makes no sense there is left out. */
export const readFilter = (search: URLSearchParams): StatementFilter => {
  const type = search.get('type') ?? ''
  const currency = search.get('currency') ?? ''
  const from = search.get('from') ?? ''
  const until = search.get('until') ?? ''
  return {
    ...(Object.hasOwn(LINE_TYPES, type) ? { type: type as LineType } : {}),
    ...(/^[A-Z]{3}$/.test(currency) ? { currency } : {}),
    ...(isDay(from) ? { from } : {}),
    ...(isDay(until) ? { until } : {}),
  }
}

/** The same filter as the API takes it, whose `to` is out. */
export const apiFilter = ({ until, ...filter }: StatementFilter, timezone: string) => ({
  ...filter,
  ...(until === undefined ? {} : { to: dayAfter(until) }),
  ...(timezone === 'UTC' ? {} : { timezone }),
})

/** The zone an address names; UTC if it names none there is. */
export const readZone = (search: URLSearchParams): string => {
  const zone = search.get('timezone') ?? 'UTC'
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    // An offset is none: it knows no summer.
    return /^[A-Za-z]/.test(zone) ? zone : 'UTC'
  } catch {
    return 'UTC'
  }
}

/** The month that an address names, of the years there are statements of; else the last one that is over. */
export const readMonth = (search: URLSearchParams, now: Date): string => {
  const asked = search.get('month') ?? ''
  if (/^(19[7-9]\d|[2-8]\d{3})-(0[1-9]|1[0-2])$/.test(asked)) return asked
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7)
}

/** '2026-12-31' → '2027-01-01'. */
export const dayAfter = (day: string): string => {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + 1)
  return date.toISOString().slice(0, 10)
}

/** A day that exists, of the years the API takes; so is its next day. */
const isDay = (text: string): boolean => {
  if (!/^(19[7-9]\d|[2-8]\d{3})-\d{2}-\d{2}$/.test(text) || text > '8999-12-30') return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
