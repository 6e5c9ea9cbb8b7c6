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

/** What of a statement is wanted, as it stands in the address. Days are of UTC, the last one included. */
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
export const apiFilter = ({ until, ...filter }: StatementFilter) => ({
  ...filter,
  ...(until === undefined ? {} : { to: dayAfter(until) }),
})

/** '2026-12-31' → '2027-01-01'. */
export const dayAfter = (day: string): string => {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + 1)
  return date.toISOString().slice(0, 10)
}

/** A day that exists, in a year of four digits whose next day has four as well. */
const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text > '9999-12-30') return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
