import { eq } from 'drizzle-orm'
import { affiliates, attributions, commissions, type Suspicion, users } from '../../../db/schema'
import { announce } from '../../kit/announce'
import { type Context, newId } from '../../kit/context'
import { moneyToJson, safeNumber } from '../../kit/money'
import { type Posting, postTransfers } from '../balance'
import { type Program, programAt } from '../program'
import { type Earner, overrideClaims, overrideLevels, referralClaim } from './claims'
import { type Claim, type Earned, holdEnd, splitBase, type Withheld } from './rules'
import { suspicionsOf } from './self-referral'
import { standingOf, tierOf } from './standing'

type Commission = typeof commissions.$inferSelect

/** What was paid, in minor units: captured = base + tax. */
export interface CommissionedPayment {
  readonly paymentId: string
  readonly orderId?: string
  readonly baseAmount: bigint
  readonly taxAmount: bigint
  readonly capturedAmount: bigint
  readonly currency: string
  readonly paidAt: Date
  readonly buyerId: string
  readonly buyerOrganizationId: string
  readonly sellerId: string | null
  /** Per cent, frozen in what sold it; null: nobody earns the sale. */
  readonly saleRate: string | null
  readonly saleRateSource: string
}

export interface RecordedCommissions {
  readonly commissions: Commission[]
  /** Shares nobody earned, and why. */
  readonly withheld: Withheld[]
}

/**
 * What a payment earns whom: the seller, the approved affiliate its buyer is attributed to, and whoever recruited that
 * affiliate, as many levels up as the programme says. Call it once, in the
 * transaction that records the payment. Without a hold each share is credited in it too, else it is kept pending; so is
 * one that looks like a self-referral, until an admin has judged it.
 */
export const recordCommissions = async (
  ctx: Context,
  payment: CommissionedPayment,
): Promise<RecordedCommissions> => {
  const program = await programAt(ctx, payment.paidAt)
  const claims = [...(await saleClaim(ctx, payment)), ...(await referralClaims(ctx, payment, program))]
  const { earned, withheld } = splitBase(payment.baseAmount, await buyerOf(ctx, payment), claims)
  if (earned.length === 0) return { commissions: [], withheld }
  const suspicions = await suspicionsOfAll(ctx, payment, earned)
  const rows = await ctx.db
    .insert(commissions)
    .values(
      earned.map((share, i) =>
        toRow(ctx, payment, share, share.holdDays ?? program.commissionHoldDays, suspicions[i] ?? []),
      ),
    )
    .returning()
  await postTransfers(ctx, [...rows].sort(byBeneficiary).map(toPosting))
  await announce(
    ctx,
    rows.map(({ id, beneficiaryId, paymentId, kind, status, amount, currency }) => ({
      userId: beneficiaryId,
      kind: 'commission.created',
      key: `commission:${id}`,
      data: { commissionId: id, paymentId, kind, status, amount: moneyToJson({ amount, currency }) },
    })),
  )
  return { commissions: rows, withheld }
}

const buyerOf = async (ctx: Context, { buyerId, buyerOrganizationId }: CommissionedPayment) => {
  const [buyer] = await ctx.db.select({ email: users.email }).from(users).where(eq(users.id, buyerId))
  if (buyer === undefined) throw new Error(`buyer ${buyerId} is gone`)
  return { userId: buyerId, organizationId: buyerOrganizationId, email: buyer.email }
}

/** Of each share, in the shares' order. Who recruited an affiliate waits with them: theirs hangs on the same referral. */
const suspicionsOfAll = async (
  ctx: Context,
  payment: CommissionedPayment,
  earned: readonly Earned[],
): Promise<readonly (readonly Suspicion[])[]> => {
  const all: (readonly Suspicion[])[] = []
  let referralWaits = false
  for (const share of earned) {
    const found = await suspicionsOf(ctx, payment, share)
    if (share.kind === 'REFERRAL') referralWaits = found.length > 0
    all.push(
      share.kind === 'OVERRIDE' && referralWaits
        ? [...found, { rule: 'REFERRAL_HELD', found: payment.paymentId }]
        : found,
    )
  }
  return all
}

/** Whoever is just closing their account is waited for: they earn before it, or not at all. */
const saleClaim = async (
  ctx: Context,
  { sellerId, saleRate, saleRateSource }: CommissionedPayment,
): Promise<Claim[]> => {
  if (sellerId === null || saleRate === null) return []
  const sellers = await ctx.db
    .select({
      userId: users.id,
      organizationId: users.organizationId,
      email: users.email,
      closedAt: users.closedAt,
    })
    .from(users)
    .where(eq(users.id, sellerId))
    .for('key share')
  return sellers.map(({ closedAt, ...seller }) => ({
    ...seller,
    closed: closedAt !== null,
    kind: 'SALE',
    rate: saleRate,
    rateSource: saleRateSource,
    approved: true,
  }))
}

/**
 * Rate, hold and duration are pinned to the customer; the affiliate's status counts as it is now, and so does their
 * tier, if its rate is higher. Its recruiters follow.
 */
const referralClaims = async (
  ctx: Context,
  { buyerId, paidAt, paymentId }: CommissionedPayment,
  program: Program,
): Promise<Claim[]> => {
  // The customer is not moved meanwhile; in a statement of its own, so that the next sees whose they are by then.
  await ctx.db
    .select({ customerId: attributions.customerId })
    .from(attributions)
    .where(eq(attributions.customerId, buyerId))
    .for('key share')
  const [referrer] = await ctx.db
    .select({
      affiliateId: affiliates.id,
      recruiterId: affiliates.recruiterId,
      userId: users.id,
      organizationId: users.organizationId,
      closedAt: users.closedAt,
      email: users.email,
      rate: attributions.ratePercentage,
      holdDays: attributions.holdDays,
      earnsUntil: attributions.earnsUntil,
      status: affiliates.status,
    })
    .from(attributions)
    .innerJoin(affiliates, eq(affiliates.id, attributions.affiliateId))
    .innerJoin(users, eq(users.id, affiliates.userId))
    .where(eq(attributions.customerId, buyerId))
    // Whoever is just closing their account is waited for.
    .for('key share', { of: users })
  if (referrer === undefined) return []
  const { affiliateId, recruiterId, status, closedAt, ...pinned } = referrer
  const { userId, holdDays } = pinned
  const tier =
    program.referralTiers.length === 0
      ? null
      : tierOf(
          await standingOf(ctx, { affiliateId, userId, exceptPaymentId: paymentId }),
          program.referralTiers,
        )
  const earner = { ...pinned, approved: status === 'APPROVED', closed: closedAt !== null }
  return [
    referralClaim(earner, tier, paidAt),
    ...overrideClaims(await recruitersOf(ctx, recruiterId, overrideLevels(program)), holdDays, program),
  ]
}

/** Who recruited, and who recruited them, so many levels up. */
const recruitersOf = async (ctx: Context, recruiterId: string | null, levels: number): Promise<Earner[]> => {
  const recruiters: Earner[] = []
  let next = recruiterId
  while (next !== null && recruiters.length < levels) {
    const [recruiter] = await ctx.db
      .select({
        recruiterId: affiliates.recruiterId,
        userId: users.id,
        organizationId: users.organizationId,
        closedAt: users.closedAt,
        email: users.email,
        status: affiliates.status,
      })
      .from(affiliates)
      .innerJoin(users, eq(users.id, affiliates.userId))
      .where(eq(affiliates.id, next))
      .for('key share', { of: users })
    if (recruiter === undefined) break
    const { userId, organizationId, email, status, closedAt } = recruiter
    recruiters.push({
      userId,
      organizationId,
      email,
      approved: status === 'APPROVED',
      closed: closedAt !== null,
    })
    next = recruiter.recruiterId
  }
  return recruiters
}

const toRow = (
  ctx: Context,
  payment: CommissionedPayment,
  share: Earned,
  days: number,
  suspicion: readonly Suspicion[],
): typeof commissions.$inferInsert => {
  const holdUntil = holdEnd(payment.paidAt, days)
  const credited = days === 0 && suspicion.length === 0
  return {
    id: newId(ctx),
    paymentId: payment.paymentId,
    kind: share.kind,
    status: credited ? 'CREDITED' : 'PENDING',
    beneficiaryId: share.userId,
    currency: payment.currency,
    baseAmount: payment.baseAmount,
    ratePercentage: share.rate,
    amount: share.amount,
    explanation: {
      orderId: payment.orderId ?? null,
      currency: payment.currency,
      captured: safeNumber(payment.capturedAmount),
      taxRemoved: safeNumber(payment.taxAmount),
      base: safeNumber(payment.baseAmount),
      rate: share.rate,
      rateSource: share.rateSource,
      rounding: 'half away from zero, to the minor unit',
      amount: safeNumber(share.amount),
      capped: share.capped,
      holdDays: days,
      holdUntil: holdUntil.toISOString(),
    },
    holdUntil,
    creditedAt: credited ? ctx.now() : null,
    suspicion: suspicion.length === 0 ? null : suspicion,
    createdAt: ctx.now(),
  }
}

/** So that two payments to the same two people lock them in the same order. */
const byBeneficiary = (a: Commission, b: Commission): number => (a.beneficiaryId < b.beneficiaryId ? -1 : 1)

const NOTES = {
  SALE: 'Commission on a sale',
  REFERRAL: 'Commission on a referral',
  OVERRIDE: 'Commission on a recruit’s referral',
  BONUS: 'Bonus',
} as const

const toPosting = (commission: Commission): Posting => {
  const { id, beneficiaryId: userId, amount, currency } = commission
  const credited = commission.status === 'CREDITED'
  return {
    key: `commission:${id}:${credited ? 'credit' : 'pending'}`,
    kind: credited ? 'commission_credited' : 'commission_created',
    currency,
    referenceType: 'commission',
    referenceId: id,
    notes: NOTES[commission.kind],
    entries: [
      { account: { kind: 'revenue' }, amount: -amount },
      credited
        ? { account: { kind: 'available', userId }, amount, lineType: 'COMMISSION' }
        : { account: { kind: 'pending', userId }, amount },
    ],
  }
}
