import type { Tone } from '~/components/ui'
import type { AffiliateView } from '../../../server/domain/affiliate/schemas'

type Status = AffiliateView['status']

/** What an affiliate's state is called. */
export const AFFILIATE_STATUS: Readonly<Record<Status, { words: string; tone: Tone }>> = {
  PENDING: { words: 'Waiting for approval', tone: 'info' },
  APPROVED: { words: 'Approved', tone: 'good' },
  REJECTED: { words: 'Rejected', tone: 'danger' },
  SUSPENDED: { words: 'Suspended', tone: 'warning' },
}

export const isAffiliateStatus = (text: string): text is Status => Object.hasOwn(AFFILIATE_STATUS, text)
