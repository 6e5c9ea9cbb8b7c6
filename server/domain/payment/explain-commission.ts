import { and, asc, eq, inArray, isNotNull, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import {
  commissions,
  ledgerAccounts,
  ledgerEntries,
  ledgerTransfers,
  paymentDisputes,
  paymentRefunds,
  payments,
} from '../../../db/schema'
import { type Context, inSnapshot } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { holdEnd, oneCommission, reversalOf, shareOf } from '../affiliate'
import { standingOf } from './rules'
import type { CommissionExplanation } from './schemas'

type Commission = typeof commissions.$inferSelect
type Payment = typeof payments.$inferSelect

/** What a commission keeps of how it was computed. */
const Kept = z.object({
  captured: z.number().optional(),
  taxRemoved: z.number().optional(),
  base: z.number().optional(),
  rate: z.string().optional(),
  rateSource: z.string().default('not noted'),
  rounding: z.string().default('half away from zero, to the minor unit'),
  amount: z.number().optional(),
  capped: z.boolean().default(false),
  holdDays: z.number().default(0),
  /** The transfer that credited it together with others. */
  creditedBy: z.string().optional(),
})
type Kept = z.infer<typeof Kept>

/**
 * Why a commission is as high as it is (rule 10), to its beneficiary and to admins. Every figure is computed again, from
 * the payment's rows and by the rules it was made by; one that differs from what is stored is named. All is of one
 * moment, so that what changes meanwhile is no difference.
 * @throws DomainError 404 COMMISSION_NOT_FOUND
 */
export const explainCommission = (ctx: Context, { id }: { id: string }): Promise<CommissionExplanation> =>
  inSnapshot(ctx, (snapshot) => explain(snapshot, id))

const explain = async (ctx: Context, id: string): Promise<CommissionExplanation> => {
  const { commission, view } = await oneCommission(ctx, id)
  const kept = Kept.parse(commission.explanation)
  const facts = commission.paymentId === null ? null : await factsOf(ctx, commission, commission.paymentId)
  const booked = await bookedOf(ctx, commission)
  const money = (amount: bigint) => moneyToJson({ amount, currency: commission.currency })
  const { payment, refunds = [], disputes = [] } = facts ?? {}
  return {
    commission: view,
    payment:
      payment === undefined
        ? null
        : {
            id: payment.id,
            paidAt: payment.paidAt.toISOString(),
            status: payment.status,
            captured: money(payment.capturedAmount),
            taxRemoved: money(payment.taxAmount),
          },
    base: money(commission.baseAmount),
    rate: commission.ratePercentage,
    rateSource: kept.rateSource,
    rounding: kept.rounding,
    share: money(facts === null ? commission.amount : facts.share.whole),
    capped: kept.capped,
    hold: { days: kept.holdDays, until: commission.holdUntil.toISOString() },
    credited: await creditedOf(ctx, commission, kept),
    takenBack: [
      ...refunds.map((row) => ({ what: 'REFUND' as const, ...row })),
      ...disputes.map((row) => ({ what: 'DISPUTE' as const, ...row })),
    ]
      .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
      .map(({ what, status, amount, createdAt, updatedAt }) => ({
        what,
        status,
        amount: money(amount),
        at: createdAt.toISOString(),
        changedAt: updatedAt.toISOString(),
      })),
    booked: booked.map(({ entryId, kind, lineType, amount, notes, createdAt }) => ({
      lineId: lineType === null ? null : String(entryId),
      account: kind === 'available' ? 'available' : 'pending',
      amount: money(amount),
      notes,
      at: createdAt.toISOString(),
    })),
    differences: differencesOf(commission, kept, facts, booked),
  }
}

interface Facts {
  readonly payment: Payment
  readonly refunds: readonly (typeof paymentRefunds.$inferSelect)[]
  readonly disputes: readonly (typeof paymentDisputes.$inferSelect)[]
  /** The share computed again. */
  readonly share: { readonly whole: bigint; readonly amount: bigint }
}

const factsOf = async (ctx: Context, commission: Commission, paymentId: string): Promise<Facts> => {
  const [payment] = await ctx.db.select().from(payments).where(eq(payments.id, paymentId))
  if (payment === undefined) throw new Error(`payment ${paymentId} is gone`)
  // The kinds are in the order in which they take their shares.
  const [before] = await ctx.db
    .select({ taken: sql<string>`coalesce(sum(${commissions.amount}), 0)` })
    .from(commissions)
    .where(and(eq(commissions.paymentId, paymentId), lt(commissions.kind, commission.kind)))
  return {
    payment,
    refunds: await ctx.db.select().from(paymentRefunds).where(eq(paymentRefunds.paymentId, paymentId)),
    disputes: await ctx.db.select().from(paymentDisputes).where(eq(paymentDisputes.paymentId, paymentId)),
    share: shareOf(payment.baseAmount, commission.ratePercentage, BigInt(before?.taken ?? 0)),
  }
}

/** What was booked under this commission's own name on its beneficiary's accounts. */
const bookedOf = (ctx: Context, { id, beneficiaryId }: Commission) =>
  ctx.db
    .select({
      entryId: ledgerEntries.id,
      kind: ledgerAccounts.kind,
      lineType: ledgerEntries.lineType,
      amount: ledgerEntries.amount,
      notes: ledgerTransfers.notes,
      createdAt: ledgerEntries.createdAt,
    })
    .from(ledgerTransfers)
    .innerJoin(ledgerEntries, eq(ledgerEntries.transferId, ledgerTransfers.id))
    .innerJoin(ledgerAccounts, eq(ledgerAccounts.id, ledgerEntries.accountId))
    .where(
      and(
        eq(ledgerTransfers.referenceType, 'commission'),
        eq(ledgerTransfers.referenceId, id),
        eq(ledgerAccounts.userId, beneficiaryId),
        inArray(ledgerAccounts.kind, ['available', 'pending']),
      ),
    )
    .orderBy(asc(ledgerEntries.id))

const creditedOf = async (
  ctx: Context,
  { id, beneficiaryId, creditedAt, currency }: Commission,
  { creditedBy }: Kept,
): Promise<CommissionExplanation['credited']> => {
  if (creditedAt === null) return null
  const [line] = await ctx.db
    .select({
      id: ledgerEntries.id,
      amount: ledgerEntries.amount,
      at: ledgerEntries.createdAt,
      referenceType: ledgerTransfers.referenceType,
      referenceId: ledgerTransfers.referenceId,
    })
    .from(ledgerTransfers)
    .innerJoin(ledgerEntries, eq(ledgerEntries.transferId, ledgerTransfers.id))
    .innerJoin(ledgerAccounts, eq(ledgerAccounts.id, ledgerEntries.accountId))
    .where(
      and(
        creditedBy === undefined
          ? and(eq(ledgerTransfers.referenceType, 'commission'), eq(ledgerTransfers.referenceId, id))
          : eq(ledgerTransfers.id, BigInt(creditedBy)),
        eq(ledgerAccounts.userId, beneficiaryId),
        isNotNull(ledgerEntries.lineType),
      ),
    )
    .orderBy(asc(ledgerEntries.id))
    .limit(1)
  if (line === undefined) return null
  return {
    lineId: String(line.id),
    at: line.at.toISOString(),
    amount: moneyToJson({ amount: line.amount, currency }),
    batch: line.referenceType === 'commission_batch' ? line.referenceId : null,
  }
}

type Figure = bigint | number | string | undefined

const differencesOf = (
  commission: Commission,
  kept: Kept,
  facts: Facts | null,
  booked: readonly { readonly amount: bigint }[],
): CommissionExplanation['differences'] => {
  const { amount, baseAmount, reversedAmount, heldAmount, holdUntil } = commission
  const onBooks = booked.reduce((sum, entry) => sum + entry.amount, 0n)
  const figures: [figure: string, stored: Figure, recomputed: Figure][] = [
    ['amount, as noted', kept.amount ?? amount, amount],
    ['on your accounts', onBooks, amount - reversedAmount],
  ]
  if (facts !== null) {
    const { payment, share } = facts
    const standing = standingOf(payment, facts.refunds, facts.disputes)
    const again = reversalOf(commission, { lost: standing.lostBase, atRisk: standing.baseAtRisk })
    figures.push(
      ['captured', kept.captured ?? payment.capturedAmount, payment.capturedAmount],
      ['tax removed', kept.taxRemoved ?? payment.taxAmount, payment.taxAmount],
      ['base', baseAmount, payment.capturedAmount - payment.taxAmount],
      ['base, as noted', kept.base ?? baseAmount, baseAmount],
      ['amount', amount, share.amount],
      ['hold', holdUntil.toISOString(), holdEnd(payment.paidAt, kept.holdDays).toISOString()],
      ['taken back', reversedAmount, again.reversedAmount],
      ['held', heldAmount, again.heldAmount],
    )
  }
  return figures
    .map(([figure, stored, recomputed]) => ({
      figure,
      stored: String(stored),
      recomputed: String(recomputed),
    }))
    .filter(({ stored, recomputed }) => stored !== recomputed)
}
