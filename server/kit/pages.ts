import { z } from 'zod'
import { invalid } from './errors'

/** `limit` and `cursor` of every list. */
export const PageInput = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional(),
})

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

/** Where a list goes on: the last row's moment and id (newest first). */
export interface Keyset {
  readonly at: Date
  readonly id: string
}

/** @throws DomainError 400 when the cursor is not one of ours. */
export const readCursor = (cursor: string | undefined): Keyset | null => {
  if (cursor === undefined) return null
  const [at, id, ...rest] = Buffer.from(cursor, 'base64url').toString().split('|')
  const moment = new Date(at ?? '')
  // Only as we write it: there are moments a Date holds and the database does not.
  const isOurs = !Number.isNaN(moment.getTime()) && moment.toISOString() === at && /^\d{4}-/.test(at)
  if (id === undefined || id === '' || rest.length > 0 || !isOurs)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return { at: moment, id }
}

/** Cuts rows fetched with one more than `limit` into a page. */
export const toPage = <R, T>(
  rows: R[],
  limit: number,
  keyset: (row: R) => Keyset,
  item: (row: R) => T,
): Page<T> => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const more = rows.length > limit && last !== undefined
  const { at, id } = more ? keyset(last) : { at: new Date(0), id: '' }
  return {
    items: shown.map(item),
    nextCursor: more ? Buffer.from(`${at.toISOString()}|${id}`).toString('base64url') : null,
  }
}
