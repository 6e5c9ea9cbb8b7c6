/** Readers of JSON that may have any shape: what is not there, or is of another kind, is null or empty. */

export type Json = Readonly<Record<string, unknown>>

export const record = (value: unknown): Json => (isRecord(value) ? value : {})

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A text with something in it; one with a NUL could not be stored. */
export const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && !value.includes('\0') ? value : null

export const integer = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : null

export const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isRecord) : [])

/** The members of one of Stripe's list objects. */
export const members = (value: unknown): readonly Json[] => list(record(value).data)

/** A reference comes as an id, or expanded to the object itself. */
export const idOf = (value: unknown): string | null => text(value) ?? text(record(value).id)

/** Unix seconds → moment. */
export const moment = (value: unknown): Date | null => {
  const seconds = integer(value)
  if (seconds === null || seconds < 0) return null
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? null : date
}
