import type { Tone } from '~/components/ui'
import type { ListingStatus } from '../../../server/domain/marketplace/schemas'

/** What a listing's state is called, and what it means for its seller. */
export const LISTING_STATUS: Readonly<Record<ListingStatus, { words: string; tone: Tone; meaning: string }>> =
  {
    DRAFT: { words: 'Draft', tone: 'neutral', meaning: 'Only you see it. Hand it in when it is ready.' },
    SUBMITTED: {
      words: 'In review',
      tone: 'info',
      meaning: 'An admin looks at it next; you get a mail. To change it meanwhile, withdraw it.',
    },
    LIVE: { words: 'Live', tone: 'good', meaning: 'Everybody can find it and buy a copy.' },
    REJECTED: {
      words: 'Rejected',
      tone: 'danger',
      meaning: 'Change what the reason says, then hand it in again.',
    },
    PAUSED: {
      words: 'Paused',
      tone: 'warning',
      meaning: 'Nobody can find or buy it until you resume it. What was sold stays sold.',
    },
    SUSPENDED: {
      words: 'Suspended',
      tone: 'danger',
      meaning: 'An admin took it off the market. Change what the reason says, then hand it in again.',
    },
  }

export const isListingStatus = (text: string): text is ListingStatus => Object.hasOwn(LISTING_STATUS, text)
