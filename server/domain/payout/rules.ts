import { currencyExponent } from '../../kit/money'
import type { PayoutKind, WithdrawalStatus } from './schemas'

/** How long nothing is withdrawn to changed details. */
export const HOLD_MS = 48 * 60 * 60 * 1000

/** The least that is paid out, in minor units: 50 → 5000 USD, 50 JPY, 50000 KWD. */
export const minimumWithdrawal = (majorUnits: number, currency: string): bigint =>
  BigInt(majorUnits) * 10n ** BigInt(currencyExponent(currency))

/** What may become what; the database holds the same table. */
const NEXT: Readonly<Record<WithdrawalStatus, readonly WithdrawalStatus[]>> = {
  REQUESTED: ['APPROVED', 'REJECTED', 'CANCELLED'],
  APPROVED: ['ON_HOLD', 'PROCESSING', 'PAID', 'FAILED'],
  ON_HOLD: ['APPROVED', 'REJECTED'],
  PROCESSING: ['PAID', 'FAILED'],
  PAID: ['RETURNED'],
  FAILED: [],
  REJECTED: [],
  CANCELLED: [],
  RETURNED: [],
}

export const mayBecome = (from: WithdrawalStatus, to: WithdrawalStatus): boolean => NEXT[from].includes(to)

/** Each way of being paid, in words. */
export const KIND_WORDS: Readonly<Record<PayoutKind, string>> = {
  STRIPE: 'Stripe',
  PAYPAL: 'PayPal',
  BANK: 'bank transfer',
  MAMOPAY: 'MamoPay',
  MANUAL: 'by hand',
}
