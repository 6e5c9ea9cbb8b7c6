import { asc, eq } from 'drizzle-orm'
import { commissions, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { type Posting, postTransfers } from '../balance'
import { reversalOf } from './rules'

type Commission = typeof commissions.$inferSelect

/** Where a payment's base stands, in minor units and in all, not since the last time. */
export interface LostBase {
  readonly paymentId: string
  /** Given back or lost for good. */
  readonly lost: bigint
  /** Lost if the disputes that are open were lost; at least `lost`. */
  readonly atRisk: bigint
  /** Names this change of the payment, for the keys of its postings. */
  readonly change: number
}

/** What a change did to one share. */
export interface CommissionChange {
  readonly userId: string
  readonly organizationId: string
  readonly kind: Commission['kind']
  /** Taken back by it; negative: restored. */
  readonly reversed: bigint
  /** Held back by it; negative: released. */
  readonly held: bigint
}

/**
 * Sets what is taken back, and what is held back, of every share of a payment: cumulative, so that neither the order
 * nor the number of refunds and disputes matters. Call it under the payment's lock, in the transaction of the change.
 * A share not yet credited is changed in `pending`; a credited one by a line of the statement, which may go below zero.
 */
export const reverseCommissions = async (ctx: Context, base: LostBase): Promise<CommissionChange[]> => {
  const rows = await sharesOf(ctx, base.paymentId).for('update', { of: commissions })
  const changes: CommissionChange[] = []
  const postings: Posting[] = []
  for (const { commission: row, organizationId } of rows) {
    const target = targetOf(row, base)
    const reversed = target.reversedAmount - row.reversedAmount
    const held = target.heldAmount - row.heldAmount
    if (reversed === 0n && held === 0n) continue
    await ctx.db.update(commissions).set(target).where(eq(commissions.id, row.id))
    changes.push({ userId: row.beneficiaryId, organizationId, kind: row.kind, reversed, held })
    const posting = toPosting(row, reversed, held, base.change)
    if (posting !== null) postings.push(posting)
  }
  await postTransfers(ctx, postings)
  return changes
}

/** What such a change would do, with nothing written; by now, for nothing is locked. */
export const previewReversal = async (
  ctx: Context,
  base: Omit<LostBase, 'change'>,
): Promise<CommissionChange[]> =>
  (await sharesOf(ctx, base.paymentId)).map(({ commission, organizationId }) => {
    const target = targetOf(commission, base)
    return {
      userId: commission.beneficiaryId,
      organizationId,
      kind: commission.kind,
      reversed: target.reversedAmount - commission.reversedAmount,
      held: target.heldAmount - commission.heldAmount,
    }
  })

const sharesOf = (ctx: Context, paymentId: string) =>
  ctx.db
    .select({ commission: commissions, organizationId: users.organizationId })
    .from(commissions)
    .innerJoin(users, eq(users.id, commissions.beneficiaryId))
    .where(eq(commissions.paymentId, paymentId))
    .orderBy(asc(commissions.beneficiaryId))

const targetOf = (
  commission: Commission,
  base: Omit<LostBase, 'paymentId' | 'change'>,
): Pick<Commission, 'reversedAmount' | 'heldAmount' | 'status'> => {
  const { reversedAmount, heldAmount } = reversalOf(commission, base)
  const whole = commission.creditedAt === null ? 'PENDING' : 'CREDITED'
  return {
    reversedAmount,
    heldAmount,
    status:
      reversedAmount === 0n
        ? whole
        : reversedAmount === commission.amount
          ? 'REVERSED'
          : 'PARTIALLY_REVERSED',
  }
}

/** What is held of a share not yet credited is in `pending` already: it only waits there. */
const toPosting = (
  { id, beneficiaryId: userId, creditedAt, currency }: Commission,
  reversed: bigint,
  held: bigint,
  change: number,
): Posting | null => {
  const available = creditedAt === null ? 0n : -reversed - held
  const pending = creditedAt === null ? -reversed : held
  if (reversed === 0n && pending === 0n) return null
  return {
    key: `commission:${id}:change:${change}`,
    kind: reversed === 0n ? 'commission_held' : 'commission_reversed',
    currency,
    referenceType: 'commission',
    referenceId: id,
    notes: notesOf(reversed, held, available),
    entries: [
      { account: { kind: 'revenue' }, amount: reversed },
      { account: { kind: 'pending', userId }, amount: pending },
      {
        account: { kind: 'available', userId },
        amount: available,
        // What was held is more than what is lost: the line gives back, and is no refund.
        lineType: reversed > 0n && available <= 0n ? 'REFUND' : 'ADJUSTMENT',
      },
    ],
  }
}

const notesOf = (reversed: bigint, held: bigint, available: bigint): string => {
  if (reversed > 0n && available > 0n)
    return 'The dispute was lost for less than was held: a part of it is released'
  if (reversed > 0n) return 'The sale was given back or its dispute lost'
  if (reversed < 0n) return 'A refund of the sale failed: your commission is restored'
  return held > 0n ? 'Held while the payment is disputed' : 'Released: the dispute of the payment is over'
}
