import type { Program } from '../program'
import { type Earner, overrideClaims, type Referrer, referralClaim } from './claims'
import { type Claim, holdEnd, reversalOf, splitBase } from './rules'
import { type Standing, tierOf } from './standing'

/** A payment that was captured, with who may earn of it and what has become of it. Minor units. */
export interface ReplayedPayment {
  readonly paymentId: string
  readonly paidAt: Date
  readonly currency: string
  readonly base: bigint
  /** Of the base: given back, or lost in a dispute. */
  readonly lost: bigint
  /** Something of it is left, and nothing disputed: its buyer counts as a customer. */
  readonly counts: boolean
  readonly buyer: { readonly userId: string; readonly organizationId: string; readonly email: string }
  /** The seller's claim, which comes first. */
  readonly sale: Claim | null
  readonly referrer: Referrer
  /** The nearest first. */
  readonly recruiters: readonly Earner[]
  /** Users whose share an admin refused, or has not let pass yet. */
  readonly refused: ReadonlySet<string>
  readonly suspected: ReadonlySet<string>
}

/** The terms of a replay. */
export interface ReplayTerms
  extends Pick<Program, 'referralTiers' | 'overrideCommissionPercentage' | 'overrideDepth'> {
  /** For every customer, in place of what is pinned to them; null: as pinned. */
  readonly rate: string | null
  readonly holdDays: number | null
}

export interface ReplayedShare {
  readonly paymentId: string
  readonly userId: string
  readonly kind: 'REFERRAL' | 'OVERRIDE'
  readonly currency: string
  /** Less what was taken back. */
  readonly net: bigint
  readonly creditedAt: Date
}

/**
 * What payments, oldest first, would have earned affiliates and recruiters under these terms: by the very rules by which
 * payments earn (`claims`, `splitBase`, `tierOf`, `reversalOf`). What was given back since counts as gone from the
 * start. Pure.
 */
export const replay = (payments: readonly ReplayedPayment[], terms: ReplayTerms): ReplayedShare[] => {
  const shares: ReplayedShare[] = []
  const standings = new Standings()
  for (const payment of payments) {
    const referrer = {
      ...payment.referrer,
      rate: terms.rate ?? payment.referrer.rate,
      holdDays: terms.holdDays ?? payment.referrer.holdDays,
    }
    const tier =
      terms.referralTiers.length === 0
        ? null
        : tierOf(standings.of(referrer.userId, payment.paidAt), terms.referralTiers)
    const { earned, withheld } = splitBase(payment.base, payment.buyer, [
      ...(payment.sale === null ? [] : [payment.sale]),
      referralClaim(referrer, tier, payment.paidAt),
      ...overrideClaims(payment.recruiters, referrer.holdDays, terms),
    ])
    for (const { kind, userId, amount } of earned) {
      if (kind === 'SALE') continue
      const refused = payment.refused.has(userId)
      const { reversedAmount } = reversalOf(
        { amount, baseAmount: payment.base, verdict: refused ? 'REFUSED' : null },
        { lost: payment.lost, atRisk: payment.lost },
      )
      const share: ReplayedShare = {
        paymentId: payment.paymentId,
        userId,
        kind,
        currency: payment.currency,
        net: amount - reversedAmount,
        creditedAt: holdEnd(payment.paidAt, referrer.holdDays),
      }
      shares.push(share)
      if (!payment.suspected.has(userId)) standings.earn(share)
    }
    const own = withheld.some(({ userId, reason }) => userId === referrer.userId && reason === 'SAME_EMAIL')
    if (payment.counts && !own && !payment.suspected.has(referrer.userId))
      standings.win(referrer.userId, payment.buyer.userId)
  }
  return shares
}

/** How far each has come as the payments go by. */
class Standings {
  private readonly customers = new Map<string, Set<string>>()
  private readonly credited = new Map<string, Map<string, bigint>>()
  private readonly waiting = new Map<string, ReplayedShare[]>()

  of(userId: string, at: Date): Standing {
    const earnings = this.credited.get(userId) ?? new Map<string, bigint>()
    const left: ReplayedShare[] = []
    for (const share of this.waiting.get(userId) ?? []) {
      if (share.creditedAt > at) left.push(share)
      else earnings.set(share.currency, (earnings.get(share.currency) ?? 0n) + share.net)
    }
    this.credited.set(userId, earnings)
    this.waiting.set(userId, left)
    return { conversions: this.customers.get(userId)?.size ?? 0, earnings }
  }

  earn(share: ReplayedShare): void {
    this.waiting.set(share.userId, [...(this.waiting.get(share.userId) ?? []), share])
  }

  win(userId: string, customerId: string): void {
    const known = this.customers.get(userId) ?? new Set<string>()
    this.customers.set(userId, known.add(customerId))
  }
}
