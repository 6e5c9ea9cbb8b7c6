import type { Tone } from '~/components/ui'

interface StatusWords {
  readonly words: string
  readonly tone: Tone
}

const PAYMENT: Readonly<Record<string, StatusWords>> = {
  PENDING: { words: 'Waiting', tone: 'neutral' },
  CAPTURED: { words: 'Paid', tone: 'good' },
  PARTIALLY_REFUNDED: { words: 'Partly refunded', tone: 'warning' },
  REFUNDED: { words: 'Refunded', tone: 'neutral' },
  DISPUTED: { words: 'Disputed', tone: 'danger' },
  FAILED: { words: 'Failed', tone: 'danger' },
}

/** What a payment's state is called. */
export const paymentStatus = (status: string): StatusWords =>
  PAYMENT[status] ?? { words: status, tone: 'neutral' }
