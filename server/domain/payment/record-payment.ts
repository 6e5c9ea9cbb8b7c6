import { eq } from 'drizzle-orm'
import { type orders, payments } from '../../../db/schema'
import { type Context, newId } from '../../kit/context'
import type { Money } from '../../kit/money'
import { enqueueJob } from '../../kit/queue'
import { type RecordedCommissions, recordCommissions } from '../affiliate'
import { postTransfer } from '../balance'
import { recordFee } from './complete-payment'
import { type Payer, payerMarks } from './payer'

type Order = typeof orders.$inferSelect
type Payment = typeof payments.$inferSelect

/** One charge of an order: its first, or that of a later period. Minor units. */
export interface Charge {
  readonly type: Payment['type']
  /** What makes it one payment whichever event tells of it. */
  readonly externalId: string
  /** Cash captured, tax included. */
  readonly captured: Money
  readonly tax: bigint
  readonly paymentIntentId: string | null
  readonly chargeId: string | null
  readonly invoiceId: string | null
  readonly subscriptionId: string | null
  /** Null while unknown. */
  readonly fee: bigint | null
  readonly buyerId: string
  readonly payer?: Payer
  /** It came past the provider: the provider has no charge and no fee of it. */
  readonly paidElsewhere?: boolean
}

/**
 * Books a charge: its row, and its money from the provider to revenue and tax. The fee is booked with it or learned
 * later.
 * @returns null when it was booked before; nothing changed
 */
export const recordPayment = async (ctx: Context, order: Order, charge: Charge): Promise<Payment | null> => {
  const { captured, tax, fee, payer, ...names } = charge
  const now = ctx.now()
  const [payment] = await ctx.db
    .insert(payments)
    .values({
      ...names,
      ...payerMarks(ctx, order.mode, payer),
      id: newId(ctx),
      orderId: order.id,
      status: 'CAPTURED',
      provider: order.provider,
      mode: order.mode,
      sellerId: order.sellerId,
      workspaceId: order.workspaceId,
      currency: captured.currency,
      capturedAmount: captured.amount,
      taxAmount: tax,
      baseAmount: captured.amount - tax,
      paidAt: now,
      createdAt: now,
    })
    .onConflictDoNothing({ target: [payments.provider, payments.mode, payments.externalId] })
    .returning()
  if (payment === undefined) return null
  if (payment.capturedAmount > 0n)
    await postTransfer(ctx, {
      key: `capture:${payment.id}`,
      kind: 'payment_captured',
      currency: payment.currency,
      referenceType: 'payment',
      referenceId: payment.id,
      entries: [
        { account: { kind: 'provider', name: cameThrough(payment) }, amount: -payment.capturedAmount },
        { account: { kind: 'revenue' }, amount: payment.baseAmount },
        { account: { kind: 'tax' }, amount: payment.taxAmount },
      ],
    })
  if (fee !== null) await recordFee(ctx, payment, fee)
  else if (payment.capturedAmount > 0n)
    await enqueueJob(ctx, {
      kind: 'payment.learnFee',
      key: `fee:${payment.id}`,
      payload: { paymentId: payment.id },
      after: FEE_KNOWN_AFTER,
    })
  return payment
}

const cameThrough = ({ provider, paidElsewhere }: Payment): string => (paidElsewhere ? 'elsewhere' : provider)

/** Seconds within which a provider usually knows its fee. */
const FEE_KNOWN_AFTER = 300

/** What a booked charge earns whom, by the terms its order was made under; what nobody earns is kept with the reason. */
export const recordEarnings = async (
  ctx: Context,
  order: Order,
  payment: Payment,
  buyer: { readonly userId: string; readonly organizationId: string },
): Promise<RecordedCommissions> => {
  const earned = await recordCommissions(ctx, {
    paymentId: payment.id,
    orderId: order.id,
    baseAmount: payment.baseAmount,
    taxAmount: payment.taxAmount,
    capturedAmount: payment.capturedAmount,
    currency: payment.currency,
    paidAt: payment.paidAt,
    buyerId: buyer.userId,
    buyerOrganizationId: buyer.organizationId,
    sellerId: order.sellerId,
    saleRate: order.commissionPercentage,
    saleRateSource: order.affiliateLinkId === null ? 'listing' : 'affiliate link',
  })
  if (earned.withheld.length > 0)
    await ctx.db
      .update(payments)
      .set({ withheld: [...earned.withheld] })
      .where(eq(payments.id, payment.id))
  return earned
}
