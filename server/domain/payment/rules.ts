import { reversedShare } from '../../kit/money'

/** Where a payment stands, in all: derived from its refunds and disputes alone, never from the way there. Minor units. */
export interface Standing {
  readonly status: 'CAPTURED' | 'PARTIALLY_REFUNDED' | 'REFUNDED' | 'DISPUTED'
  /** What refunds gave back, at most what was captured. */
  readonly refunded: bigint
  /** What left the provider's account: refunds and lost disputes, which together may exceed the payment. */
  readonly gone: bigint
  /** The tax's part of it, at most the tax. */
  readonly goneTax: bigint
  /** The base's part of it, at most the base: what shares are taken back by. */
  readonly lostBase: bigint
  /** The same if every open dispute were lost. */
  readonly baseAtRisk: bigint
  readonly disputed: boolean
  /** Whether the copy it bought is only to be read. */
  readonly frozen: boolean
}

interface Amounts {
  readonly capturedAmount: bigint
  readonly taxAmount: bigint
  readonly reportedRefundAmount: bigint
}

/**
 * Refunds that failed or were not sent yet count nothing. A charge's own cumulative figure counts where it knows of
 * more than the refunds told of one by one; it is the most ever reported, so what failed at the provider is taken off
 * it: a request that was refused never was in it.
 */
export const standingOf = (
  payment: Amounts,
  refunds: readonly {
    readonly status: string
    readonly amount: bigint
    readonly externalId: string | null
  }[],
  disputes: readonly { readonly status: string; readonly amount: bigint }[],
): Standing => {
  const { capturedAmount: captured } = payment
  const made = sum(refunds, 'PENDING', 'SUCCEEDED')
  const sent = refunds.filter(({ externalId }) => externalId !== null)
  const reported = payment.reportedRefundAmount - sum(sent, 'FAILED', 'CANCELED')
  const refunded = least(captured, made > reported ? made : reported)
  const gone = refunded + sum(disputes, 'LOST')
  const disputed = disputes.some(({ status }) => status === 'OPEN')
  return {
    status: disputed
      ? 'DISPUTED'
      : gone === 0n
        ? 'CAPTURED'
        : gone < captured
          ? 'PARTIALLY_REFUNDED'
          : 'REFUNDED',
    refunded,
    gone,
    goneTax: taxPart(payment, gone),
    lostBase: basePart(payment, gone),
    baseAtRisk: basePart(payment, gone + sum(disputes, 'OPEN')),
    disputed,
    frozen:
      disputed || disputes.some(({ status }) => status === 'LOST') || (captured > 0n && gone >= captured),
  }
}

const taxPart = ({ capturedAmount, taxAmount }: Amounts, gone: bigint): bigint =>
  reversedShare(taxAmount, least(capturedAmount, gone), capturedAmount)

const basePart = (payment: Amounts, gone: bigint): bigint =>
  least(payment.capturedAmount, gone) - taxPart(payment, gone)

const sum = (rows: readonly { status: string; amount: bigint }[], ...statuses: string[]): bigint =>
  rows.reduce((total, { status, amount }) => (statuses.includes(status) ? total + amount : total), 0n)

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** What is to be paid first, and each time where one amount is all there is. Minor units. */
export const dueOf = ({
  priceAmount,
  discountAmount,
}: {
  readonly priceAmount: bigint
  readonly discountAmount: bigint
}): bigint => priceAmount - discountAmount
