import { and, eq, inArray, max } from 'drizzle-orm'
import {
  ledgerTransfers,
  paymentDisputes,
  paymentRefunds,
  payments,
  workspaceClones,
  workspaces,
} from '../../../db/schema'
import type { Context } from '../../kit/context'
import { freezeCopy, thawCopy } from '../workspace'
import { standingOf } from './rules'

type Payment = typeof payments.$inferSelect

/**
 * Freezes and thaws a buyer's copies of one workspace as their payments stand. A copy whose payment was given back, or
 * lost to a dispute, is frozen, unless the buyer bought the workspace again since, and that payment stands; while its
 * own dispute is open it stays frozen whatever was bought. To be called when the payment that changed is written.
 */
export const settleCopies = async (
  ctx: Context,
  { payment, organizationId, reason }: { payment: Payment; organizationId: string; reason: string },
): Promise<void> => {
  const bought = await heldPurchases(ctx, payment)
  for (const one of bought) {
    const copy = { paymentId: one.payment.id, organizationId, reason }
    if (one.standing.frozen && (one.standing.disputed || !isBoughtAgain(one, bought)))
      await freezeCopy(ctx, copy)
    // Whatever else froze the copy of another payment is not this one's to thaw.
    else if (one.standing.frozen || one.payment.id === payment.id) await thawCopy(ctx, copy)
  }
}

type Purchase = Awaited<ReturnType<typeof heldPurchases>>[number]

const isBoughtAgain = (one: Purchase, all: readonly Purchase[]): boolean =>
  all.some(({ payment, standing }) => !standing.frozen && payment.paidAt > one.backAt)

/** The buyer's purchases of the same workspace. Their copies are locked first, so that two changes see one another. */
const heldPurchases = async (ctx: Context, { buyerId, workspaceId }: Payment) => {
  if (workspaceId === null) return []
  const copies = await ctx.db
    .select({ paymentId: workspaceClones.paymentId })
    .from(workspaceClones)
    .innerJoin(workspaces, eq(workspaces.id, workspaceClones.copyWorkspaceId))
    .where(and(eq(workspaceClones.buyerId, buyerId), eq(workspaceClones.sourceWorkspaceId, workspaceId)))
    .orderBy(workspaces.id)
    .for('no key update', { of: workspaces })
  const ids = copies.flatMap(({ paymentId }) => (paymentId === null ? [] : [paymentId]))
  const rows = await ctx.db.select().from(payments).where(inArray(payments.id, ids))
  const refunds = await ctx.db.select().from(paymentRefunds).where(inArray(paymentRefunds.paymentId, ids))
  const disputes = await ctx.db.select().from(paymentDisputes).where(inArray(paymentDisputes.paymentId, ids))
  const back = await ctx.db
    .select({ id: ledgerTransfers.referenceId, at: max(ledgerTransfers.createdAt) })
    .from(ledgerTransfers)
    .where(
      and(
        eq(ledgerTransfers.referenceType, 'payment'),
        inArray(ledgerTransfers.referenceId, ids),
        eq(ledgerTransfers.kind, 'payment_refunded'),
      ),
    )
    .groupBy(ledgerTransfers.referenceId)
  return rows.map((payment) => ({
    payment,
    standing: standingOf(
      payment,
      refunds.filter(({ paymentId }) => paymentId === payment.id),
      disputes.filter(({ paymentId }) => paymentId === payment.id),
    ),
    /** When the last of it went back. */
    backAt: back.find(({ id }) => id === payment.id)?.at ?? payment.paidAt,
  }))
}
