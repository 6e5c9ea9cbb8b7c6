import { invalid } from '../../kit/errors'
import { type BasisPoints, basisPoints, reversedShare, share } from '../../kit/money'
import { mailboxOf } from './mailbox'

/** @throws DomainError 400 when it is not ahead. */
export const futureMoment = (text: string | undefined, now: Date): Date | null => {
  if (text === undefined) return null
  const moment = new Date(text)
  if (!(moment > now)) throw invalid([{ path: ['expiresAt'], message: 'A time in the future.' }])
  return moment
}

/** Somebody whom a payment may earn a share. */
export interface Claim {
  readonly kind: 'SALE' | 'REFERRAL' | 'OVERRIDE'
  readonly userId: string
  readonly organizationId: string
  readonly email?: string
  /** Per cent, as it is kept. */
  readonly rate: string
  readonly rateSource: string
  /** An affiliate's status; a seller needs none. */
  readonly approved: boolean
  /** They have closed their account: nobody could be paid. */
  readonly closed?: boolean
  /** The time in which this customer's payments earn is over. */
  readonly over?: boolean
  /** Days from payment to credit, where they are pinned; else the programme's count. */
  readonly holdDays?: number
}

export interface Earned extends Claim {
  readonly amount: bigint
  /** The base was not enough for the whole share. */
  readonly capped: boolean
}

export type WithheldReason =
  | 'SELF_PURCHASE'
  | 'SAME_ORGANIZATION'
  | 'SAME_EMAIL'
  | 'ACCOUNT_CLOSED'
  | 'NOT_APPROVED'
  | 'TERM_OVER'
  | 'ALREADY_EARNS'
  | 'REFERRAL_NOT_EARNED'
  | 'NOTHING_LEFT'
  | 'ROUNDS_TO_ZERO'

export interface Withheld {
  readonly kind: Claim['kind']
  readonly userId: string
  readonly reason: WithheldReason
}

interface Buyer {
  readonly userId: string
  readonly organizationId: string
  readonly email?: string
}

/**
 * Who earns what of a base (minor units), claims in their order of precedence. Nobody earns on their own purchase, under
 * whichever account of the same mailbox, or their organization's, nor twice; the shares together never exceed the base.
 */
export const splitBase = (
  base: bigint,
  buyer: Buyer,
  claims: readonly Claim[],
): { earned: Earned[]; withheld: Withheld[] } => {
  const earned: Earned[] = []
  const withheld: Withheld[] = []
  if (base <= 0n) return { earned, withheld }
  let left = base
  for (const claim of claims) {
    const { whole, amount } = shareOf(base, claim.rate, base - left)
    const reason = personal(claim, buyer, earned) ?? ofAmount(whole, left)
    if (reason !== null) {
      withheld.push({ kind: claim.kind, userId: claim.userId, reason })
      continue
    }
    left -= amount
    earned.push({ ...claim, amount, capped: amount < whole })
  }
  return { earned, withheld }
}

/**
 * A share of a base (minor units) at a rate (per cent), of which others took some before: never more than is left.
 * @returns the whole share, and what of it there was enough for
 */
export const shareOf = (base: bigint, rate: string, taken: bigint): { whole: bigint; amount: bigint } => {
  const whole = share(base, points(rate))
  const left = base - taken
  return { whole, amount: whole < left ? whole : left }
}

/**
 * What of a share is taken back, and what is held, in all: cumulative, so that neither the order nor the number of
 * refunds and disputes matters. `lost` of the base is gone, `atRisk` would be if every open dispute were lost. Of one
 * that an admin refused all of it is, whatever becomes of the payment.
 */
export const reversalOf = (
  {
    amount,
    baseAmount,
    verdict,
  }: {
    readonly amount: bigint
    readonly baseAmount: bigint
    readonly verdict: 'RELEASED' | 'REFUSED' | null
  },
  { lost, atRisk }: { readonly lost: bigint; readonly atRisk: bigint },
): { reversedAmount: bigint; heldAmount: bigint } => {
  if (verdict === 'REFUSED') return { reversedAmount: amount, heldAmount: 0n }
  const part = (of: bigint) => reversedShare(amount, of < baseAmount ? of : baseAmount, baseAmount)
  const reversedAmount = part(lost)
  return { reversedAmount, heldAmount: part(atRisk) - reversedAmount }
}

/** Until when a share waits: so many days of 24 hours after the payment. */
export const holdEnd = (paidAt: Date, days: number): Date => new Date(paidAt.getTime() + days * DAY)
const DAY = 86_400_000

const personal = (claim: Claim, buyer: Buyer, earned: readonly Earned[]): WithheldReason | null => {
  if (claim.userId === buyer.userId) return 'SELF_PURCHASE'
  if (claim.organizationId === buyer.organizationId) return 'SAME_ORGANIZATION'
  if (isSameMailbox(claim.email, buyer.email)) return 'SAME_EMAIL'
  if (claim.closed) return 'ACCOUNT_CLOSED'
  if (!claim.approved) return 'NOT_APPROVED'
  if (claim.over) return 'TERM_OVER'
  if (claim.kind === 'OVERRIDE' && !earned.some(({ kind }) => kind === 'REFERRAL'))
    return 'REFERRAL_NOT_EARNED'
  return earned.some(({ userId }) => userId === claim.userId) ? 'ALREADY_EARNS' : null
}

const isSameMailbox = (a: string | undefined, b: string | undefined): boolean =>
  a !== undefined && b !== undefined && mailboxOf(a) === mailboxOf(b)

const ofAmount = (whole: bigint, left: bigint): WithheldReason | null => {
  if (whole === 0n) return 'ROUNDS_TO_ZERO'
  return left === 0n ? 'NOTHING_LEFT' : null
}

const points = (rate: string): BasisPoints => basisPoints(rate)

/** ann@example.com → a•••@example.com */
export const maskEmail = (email: string): string => {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, at > 0 ? 1 : 0)}•••${at < 0 ? '' : email.slice(at)}`
}
