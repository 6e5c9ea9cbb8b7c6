import { basisPoints, currencyExponent, type Money, share } from '../../kit/money'
import type { Program } from '../program'
import type { PayoutDetails, PayoutKind, WithdrawalStatus } from './schemas'

/** How long nothing is withdrawn to changed details. */
export const HOLD_MS = 48 * 60 * 60 * 1000

/**
 * How long a worker that hands a withdrawal to a provider is left alone with it, in milliseconds: longer than any call
 * with its repetitions takes, so that what a lost answer left behind can be seen when somebody asks.
 */
export const TURN_MS = 2 * 60 * 1000

/** How long after a withdrawal was sent an admin may say what became of it, where the provider cannot. */
export const BY_HAND_MS = 60 * 60 * 1000

/** When one that is on its way is asked about next, after it was sent and last heard of. */
export const nextLook = ({
  sentAt,
  updatedAt,
}: {
  readonly sentAt: Date
  readonly updatedAt: Date
}): Date => {
  const age = updatedAt.getTime() - sentAt.getTime()
  return new Date(updatedAt.getTime() + Math.min(6 * 60 * 60 * 1000, Math.max(TURN_MS, age / 4)))
}

/**
 * The least that is paid out, in minor units: the programme's for the currency, else the environment's major units,
 * of which 50 are 5000 USD, 50 JPY and 50000 KWD.
 */
export const minimumWithdrawal = (
  majorUnits: number,
  currency: string,
  { minWithdrawals }: Pick<Program, 'minWithdrawals'> = { minWithdrawals: {} },
): bigint =>
  BigInt(minWithdrawals[currency] ?? BigInt(majorUnits) * 10n ** BigInt(currencyExponent(currency)))

/** What is kept of a withdrawal: the fixed part, and the percentage of the amount, rounded half up. */
export const feeOf = (
  { payoutFees }: Pick<Program, 'payoutFees'>,
  kind: PayoutKind,
  { amount, currency }: Money,
): bigint => {
  const fee = payoutFees[kind]
  return fee === undefined
    ? 0n
    : BigInt(fee.fixed[currency] ?? 0) + share(amount, basisPoints(fee.percentage))
}

/** Must this way of being paid come with a document? */
export const needsDocument = (
  { payoutDocumentsFor }: Pick<Program, 'payoutDocumentsFor'>,
  method: PayoutDetails,
): boolean =>
  payoutDocumentsFor.includes(
    method.kind === 'BANK'
      ? SEPA.has(method.details.iban?.slice(0, 2) ?? '')
        ? 'BANK_DOMESTIC'
        : 'BANK_INTERNATIONAL'
      : method.kind,
  )

/** The countries of the Single Euro Payments Area, by the first letters of an IBAN. */
const SEPA: ReadonlySet<string> = new Set(
  'AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE SI SK SM VA'.split(
    ' ',
  ),
)

/** The first and the last moment but one of a calendar year (UTC). */
export const yearOf = (moment: Date): { from: Date; to: Date } => calendarYear(moment.getUTCFullYear())

export const calendarYear = (year: number): { from: Date; to: Date } => ({
  from: new Date(Date.UTC(year, 0, 1)),
  to: new Date(Date.UTC(year + 1, 0, 1)),
})

/** On its way: asked for, and neither paid nor ended. */
export const OPEN = [
  'REQUESTED',
  'APPROVED',
  'ON_HOLD',
  'PROCESSING',
] as const satisfies readonly WithdrawalStatus[]

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

/** 'stripe' → 'Stripe'. */
export const providerWords = (name: string): string => PROVIDER_WORDS[name] ?? name

const PROVIDER_WORDS: Readonly<Record<string, string>> = { stripe: 'Stripe', mamopay: 'MamoPay' }

/** What leaves the house: the amount less what is kept of it, in minor units. */
export const sentAmount = ({ amount, fee }: { readonly amount: bigint; readonly fee: bigint }): bigint =>
  amount - fee
