import { eq } from 'drizzle-orm'
import { orders, type payments } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { safeNumber } from '../../kit/money'
import { enqueueJob, enqueueMail } from '../../kit/queue'
import { refreshPaidPlan } from './subscriptions'
import type { Verdict } from './verdict'

type Order = typeof orders.$inferSelect
type Payment = typeof payments.$inferSelect

/**
 * What was paid for cannot be delivered: the money goes back by itself, a subscription that began with it ends, and
 * buyer and admin are told why. To be called in the transaction that booked the payment.
 */
export const payBack = async (
  ctx: Context,
  order: Order,
  payment: Payment,
  buyer: {
    readonly userId: string
    readonly organizationId: string
    readonly firstName: string
    readonly email: string
  },
  told: { readonly what: string; readonly reason: string },
): Promise<Verdict> => {
  const { what, reason } = told
  await ctx.db
    .update(orders)
    .set({ status: 'FAILED', failure: reason, paidAt: payment.paidAt, buyerId: buyer.userId })
    .where(eq(orders.id, order.id))
  // Nothing was sold, so the account that was made for it has no plan either.
  await refreshPaidPlan(ctx, buyer.organizationId)
  await enqueueJob(ctx, {
    kind: 'payment.refundUnfulfillable',
    key: `refund:${payment.id}`,
    payload: { paymentId: payment.id },
  })
  const canCancel = ctx.outside.payments.get(payment.provider)?.billing !== undefined
  if (payment.subscriptionId !== null && canCancel)
    await enqueueJob(ctx, {
      kind: 'payment.endSubscription',
      key: `end-subscription:${payment.id}`,
      payload: { paymentId: payment.id },
    })
  await enqueueMail(ctx, {
    key: `refunded:${payment.id}:buyer`,
    to: buyer.email,
    template: 'purchase-refunded',
    data: {
      firstName: buyer.firstName,
      workspaceName: what,
      reason,
      amount: safeNumber(payment.capturedAmount),
      currency: payment.currency,
    },
  })
  if (ctx.config.admin !== null)
    await enqueueMail(ctx, {
      key: `refunded:${payment.id}:admin`,
      to: ctx.config.admin.email,
      template: 'admin-alert',
      data: {
        title: 'A paid order could not be fulfilled',
        text: `Order ${order.id}: ${reason} It is being refunded.${
          payment.subscriptionId === null || canCancel
            ? ''
            : ` Cancel subscription ${payment.subscriptionId} at ${payment.provider}, or it goes on charging.`
        }`,
      },
    })
  return { status: 'PROCESSED', outcome: `order ${order.id} could not be fulfilled: ${reason}` }
}
