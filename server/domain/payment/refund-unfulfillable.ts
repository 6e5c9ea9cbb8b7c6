import { and, eq } from 'drizzle-orm'
import { orders, payments } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { enqueueMail } from '../../kit/queue'
import { applyRefund } from './take-back'

/**
 * Gives back the whole of a payment whose order could not be fulfilled: the provider first, under a key that never
 * refunds twice, then the books. Safe to repeat at any point.
 */
export const refundUnfulfillable = async (ctx: Context, paymentId: string): Promise<void> => {
  const [row] = await ctx.db
    .select({ payment: payments, orderStatus: orders.status })
    .from(payments)
    .innerJoin(orders, eq(orders.id, payments.orderId))
    .where(eq(payments.id, paymentId))
  if (row === undefined || row.payment.status === 'REFUNDED') return
  const { payment, orderStatus } = row
  if (orderStatus === 'FULFILLED') throw new Error(`the order of payment ${payment.id} was fulfilled`)
  if (payment.capturedAmount > 0n) {
    const provider = ctx.outside.payments.get(payment.provider)
    if (provider === undefined) throw new Error(`${payment.provider} is switched off`)
    if (payment.paymentIntentId === null)
      throw new Error(`payment ${payment.id} names no charge to refund yet`)
    const made = await provider.refund({
      paymentIntentId: payment.paymentIntentId,
      amount: { amount: payment.capturedAmount, currency: payment.currency },
      idempotencyKey: `refund:${payment.id}:unfulfillable`,
    })
    await inTransaction(ctx, (tx) => applyRefund(tx, { ...payment, refunded: null, refunds: [made] }))
    return
  }
  // Nothing was paid: there is nothing to give back but the payment's standing.
  await ctx.db
    .update(payments)
    .set({ status: 'REFUNDED' })
    .where(and(eq(payments.id, payment.id), eq(payments.status, 'CAPTURED')))
}

/** Ends a subscription that began with a payment which is given back. Safe to repeat. */
export const endSubscription = async (ctx: Context, paymentId: string): Promise<void> => {
  const payment = await ctx.db.query.payments.findFirst({ where: eq(payments.id, paymentId) })
  if (payment === undefined || payment.subscriptionId === null) return
  const billing = ctx.outside.payments.get(payment.provider)?.billing
  if (billing === undefined) throw new Error(`${payment.provider} is switched off`)
  await billing.cancelNow(payment.subscriptionId)
}

/** Money that is owed back and does not go back by itself is the admin's. */
export const reportStuckRefund = async (ctx: Context, paymentId: string, reason: string): Promise<void> => {
  const { admin } = ctx.config
  if (admin === null) return
  await inTransaction(ctx, (tx) =>
    enqueueMail(tx, {
      key: `alert:refund:${paymentId}`,
      to: admin.email,
      template: 'admin-alert',
      data: {
        title: 'A refund did not go through',
        text: `Payment ${paymentId} could not be fulfilled, and giving it back failed for the last time: ${reason}`,
      },
    }),
  )
}
