import { conflict } from '../../kit/errors'
import type { ListingStatus } from './schemas'

/**
 * What may become of a listing; the database holds the same table. A published one ends SUSPENDED from anywhere, when its
 * seller closes their account.
 */
const NEXT: Readonly<Record<ListingStatus, readonly ListingStatus[]>> = {
  DRAFT: ['SUBMITTED', 'SUSPENDED'],
  SUBMITTED: ['DRAFT', 'LIVE', 'REJECTED', 'SUSPENDED'],
  REJECTED: ['SUBMITTED', 'SUSPENDED'],
  LIVE: ['SUBMITTED', 'PAUSED', 'SUSPENDED'],
  PAUSED: ['LIVE', 'DRAFT', 'SUSPENDED'],
  SUSPENDED: ['SUBMITTED', 'LIVE'],
}

/** @throws DomainError 409 LISTING_STATE */
export const requireNext = (from: ListingStatus, to: ListingStatus): void => {
  if (!NEXT[from].includes(to)) throw wrongState(`A listing that is ${said(from)} cannot become ${said(to)}.`)
}

export const wrongState = (message: string) => conflict('LISTING_STATE', message)

const said = (status: ListingStatus): string => status.toLowerCase()

type Words = Readonly<Record<'title' | 'tagline' | 'description' | 'category', string>>

/**
 * Where an edit leaves a listing. Its words and its category were what an admin approved: when they change, a live one is
 * reviewed again before anybody sees it, and a paused one waits to be handed in. Price, tags, language and version notes
 * change at once.
 */
export const statusAfterEdit = (status: ListingStatus, before: Words, after: Words): ListingStatus => {
  const reworded = (['title', 'tagline', 'description', 'category'] as const).some(
    (word) => before[word] !== after[word],
  )
  if (!reworded) return status
  if (status === 'LIVE') return 'SUBMITTED'
  return status === 'PAUSED' ? 'DRAFT' : status
}
