import type { Tone } from '~/components/ui'
import type {
  PayeeAccountView,
  PayoutKind,
  PayoutMethodView,
  WithdrawalStatus,
} from '../../../server/domain/payout/schemas'

/** What a withdrawal's state is called, in the order in which they follow each other. */
export const WITHDRAWAL_STATUS: Readonly<Record<WithdrawalStatus, { words: string; tone: Tone }>> = {
  REQUESTED: { words: 'Waiting for approval', tone: 'info' },
  APPROVED: { words: 'Approved', tone: 'info' },
  ON_HOLD: { words: 'On hold', tone: 'warning' },
  PROCESSING: { words: 'Being paid', tone: 'info' },
  PAID: { words: 'Paid', tone: 'good' },
  FAILED: { words: 'Failed', tone: 'danger' },
  REJECTED: { words: 'Rejected', tone: 'danger' },
  CANCELLED: { words: 'Cancelled', tone: 'neutral' },
  RETURNED: { words: 'Returned', tone: 'danger' },
}

export const isWithdrawalStatus = (text: string): text is WithdrawalStatus =>
  Object.hasOwn(WITHDRAWAL_STATUS, text)

/** Each way of being paid, in words. */
export const PAYOUT_KINDS: Readonly<Record<PayoutKind, string>> = {
  PAYPAL: 'PayPal',
  BANK: 'Bank transfer',
  STRIPE: 'Stripe',
  MAMOPAY: 'MamoPay',
  MANUAL: 'Another way',
}

/** What a provider sends by itself, where one is on that does. */
export const SENT_KINDS: readonly PayoutKind[] = ['STRIPE', 'MAMOPAY']

export const isPayoutKind = (text: string): text is PayoutKind => Object.hasOwn(PAYOUT_KINDS, text)

/** 'PayPal, p•••@payee.example'; what is not shown at all is only named. */
export const methodWords = ({ kind, masked }: { kind: PayoutKind; masked: string }): string =>
  kind === 'MANUAL' ? PAYOUT_KINDS[kind] : `${PAYOUT_KINDS[kind]}, ${masked}`

/** What each way of being paid is asked for: the field's name in the API, its label and how it is typed. */
export const PAYOUT_FIELDS: Readonly<
  Record<
    PayoutKind,
    readonly { name: string; label: string; hint?: string; type?: string; optional?: true }[]
  >
> = {
  PAYPAL: [{ name: 'email', label: 'E-mail address of the PayPal account', type: 'email' }],
  BANK: [
    { name: 'name', label: 'Account holder' },
    { name: 'iban', label: 'IBAN', hint: 'Such as DE89 3704 0044 0532 0130 00.' },
    { name: 'bic', label: 'BIC', hint: 'Where your bank asks for it.', optional: true },
  ],
  // Stripe asks itself, on a page of its own.
  STRIPE: [],
  MAMOPAY: [
    { name: 'name', label: 'Account holder' },
    { name: 'iban', label: 'IBAN', hint: 'Of the Emirates: it begins with AE.' },
  ],
  MANUAL: [{ name: 'note', label: 'How you want to be paid', hint: 'Whoever pays you reads this.' }],
}

/** How far one is with Stripe. */
export type AccountState = 'none' | 'unfinished' | 'checking' | 'ready' | 'used'

export const accountState = (
  account: PayeeAccountView | null,
  method: PayoutMethodView | null,
): AccountState => {
  if (account === null) return 'none'
  if (!account.payoutsEnabled) return account.detailsSubmitted ? 'checking' : 'unfinished'
  return method?.kind === 'STRIPE' && method.ready ? 'used' : 'ready'
}
