import { basisPoints } from '../../kit/money'
import type { Program } from '../program'
import type { Claim } from './rules'

type Tier = Program['referralTiers'][number]

/** Somebody who may earn, as they are when a payment is captured. */
export interface Earner {
  readonly userId: string
  readonly organizationId: string
  readonly email: string
  readonly closed: boolean
  readonly approved: boolean
}

/** The affiliate a buyer is attributed to, and what is pinned to that buyer. */
export interface Referrer extends Earner {
  /** Per cent, two decimals. */
  readonly rate: string
  readonly holdDays: number
  /** Null: for life. */
  readonly earnsUntil: Date | null
}

/** The referrer's claim: at the pinned rate, or at that of the tier they have reached, if it is higher. */
export const referralClaim = (referrer: Referrer, tier: Tier | null, paidAt: Date): Claim => {
  const { earnsUntil, rate, ...earner } = referrer
  const lifted = tier !== null && basisPoints(tier.percentage) > basisPoints(rate) ? tier : null
  return {
    ...earner,
    kind: 'REFERRAL',
    rate: lifted?.percentage ?? rate,
    rateSource: lifted === null ? 'attribution' : `tier “${lifted.name}” of the affiliate`,
    over: earnsUntil !== null && earnsUntil <= paidAt,
  }
}

/** How many recruiters above an affiliate earn. */
export const overrideLevels = ({
  overrideCommissionPercentage: rate,
  overrideDepth,
}: Pick<Program, 'overrideCommissionPercentage' | 'overrideDepth'>): number =>
  basisPoints(rate) === 0 ? 0 : overrideDepth

/** The recruiters' claims, the nearest first; each takes the whole rate. */
export const overrideClaims = (
  recruiters: readonly Earner[],
  holdDays: number,
  program: Pick<Program, 'overrideCommissionPercentage' | 'overrideDepth'>,
): Claim[] =>
  recruiters.slice(0, overrideLevels(program)).map((earner) => ({
    ...earner,
    kind: 'OVERRIDE',
    rate: program.overrideCommissionPercentage,
    rateSource: 'programme’s override',
    holdDays,
  }))
