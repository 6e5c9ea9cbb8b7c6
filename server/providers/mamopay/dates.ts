/**
 * MamoPay's moments: 2023-12-25-14-38-53, 2024-01-01, 20/02/2025. They name no time zone and are read as UTC; nothing
 * of ours is decided by them. Null: not one of these, or a day that does not exist.
 */
export const readMoment = (value: unknown): Date | null => {
  if (typeof value !== 'string') return null
  const [year, month, day, ...time] = partsOf(value)
  if (year === undefined || month === undefined || day === undefined) return null
  const [hour = 0, minute = 0, second = 0] = time
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  const same = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && at.getUTCHours() === hour
  return same && minute < 60 && second < 60 ? at : null
}

/** Year, month, day, and the time where there is one. */
const partsOf = (value: string): number[] => {
  const reversed = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(value)
  if (reversed !== null) return [reversed[3], reversed[2], reversed[1]].map(Number)
  const match = /^(\d{4})-(\d{2})-(\d{2})(?:-(\d{2})-(\d{2})-(\d{2}))?$/.exec(value)
  return match === null ? [] : match.slice(1).flatMap((part) => (part === undefined ? [] : [Number(part)]))
}
