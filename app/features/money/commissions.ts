import type { Tone } from '~/components/ui'
import type { CommissionView } from '../../../server/domain/affiliate/schemas'
import type { Transaction } from '../../../server/domain/balance/schemas'
import { paths } from '../../lib/paths'

export const COMMISSION_KINDS: Readonly<Record<CommissionView['kind'], string>> = {
  SALE: 'Sale',
  REFERRAL: 'Referral',
  OVERRIDE: 'Share of a recruit’s referral',
  BONUS: 'Bonus',
}

export const COMMISSION_STATES: Readonly<
  Record<CommissionView['status'], { readonly words: string; readonly tone: Tone }>
> = {
  PENDING: { words: 'Pending', tone: 'neutral' },
  CREDITED: { words: 'Credited', tone: 'good' },
  PARTIALLY_REVERSED: { words: 'Partly taken back', tone: 'warning' },
  REVERSED: { words: 'Taken back', tone: 'danger' },
}

/** What an admin's review of a share means for it. */
export const REVIEW_WORDS: Readonly<
  Record<NonNullable<CommissionView['review']>['state'], { readonly words: string; readonly said: string }>
> = {
  HELD: {
    words: 'Held for review',
    said: 'Something about this payment looks as if it were your own. An admin looks at it before it is credited, and you get a mail.',
  },
  RELEASED: { words: 'Reviewed', said: 'An admin looked at it, and it is yours as any other.' },
  REFUSED: { words: 'Refused', said: 'An admin looked at it, and it is not paid.' },
}

const EVENTS: Readonly<Record<string, string>> = {
  'REFUND REQUESTED': 'Refund asked for, not sent yet',
  'REFUND PENDING': 'Refund on its way',
  'REFUND SUCCEEDED': 'Refunded',
  'REFUND FAILED': 'Refund that failed: nothing is taken back for it',
  'REFUND CANCELED': 'Refund called off',
  'DISPUTE NO_MONEY_MOVED': 'Inquiry by the buyer’s bank; no money moved',
  'DISPUTE OPEN': 'Disputed; your part is held until it is decided',
  'DISPUTE WON': 'Dispute won; what was held is yours again',
  'DISPUTE LOST': 'Dispute lost',
}

/** What happened to a payment, in words. */
export const eventWords = (what: string, status: string): string =>
  EVENTS[`${what} ${status}`] ?? `${what} ${status}`

/** Where a line of the statement is explained, if it is about commissions. */
export const explanationOf = ({ referenceType, referenceId }: Transaction): string | null => {
  if (referenceType === 'commission') return paths.commission(referenceId)
  return referenceType === 'commission_batch' ? paths.commissions({ batch: referenceId }) : null
}
