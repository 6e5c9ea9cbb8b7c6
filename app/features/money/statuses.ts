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

/** In the order a filter offers them. */
export const PAYMENT_STATUSES = [
  'CAPTURED',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
  'DISPUTED',
  'PENDING',
  'FAILED',
] as const

export const isPaymentStatus = (text: string): text is (typeof PAYMENT_STATUSES)[number] =>
  PAYMENT_STATUSES.some((status) => status === text)
