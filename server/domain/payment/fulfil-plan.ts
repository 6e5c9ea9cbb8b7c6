import { eq } from 'drizzle-orm'
import { orders, type payments } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { payBack } from './pay-back'
import { runningPlan } from './plan-subscription'
import { recordEarnings } from './record-payment'
import { recordSubscription } from './record-subscription'
import { dueOf } from './rules'
import { lockOrganization } from './subscriptions'
import type { Verdict } from './verdict'

type Order = typeof orders.$inferSelect
type Payment = typeof payments.$inferSelect

export interface PlanBuyer {
  readonly userId: string
  readonly organizationId: string
  readonly firstName: string
  readonly email: string
  readonly created: boolean
  readonly openTokenId: string | null
}

/**
 * A plan that was paid for, or begun with a trial: the subscription, the organization's plan, what the payment earns,
 * one mail. An organization has one such subscription: whoever pays for a second, in another tab or as a guest, gets
 * that back. To be called in the transaction that booked the payment.
 */
export const fulfilPlan = async (
  ctx: Context,
  order: Order,
  payment: Payment,
  buyer: PlanBuyer,
  customerRef: string | null,
): Promise<Verdict> => {
  const what = `the ${order.planType} plan`
  if (payment.subscriptionId === null)
    return payBack(ctx, order, payment, buyer, { what, reason: 'No subscription was made for it.' })
  await lockOrganization(ctx, buyer.organizationId)
  const running = await runningPlan(ctx, buyer.organizationId)
  if (running !== undefined)
    return payBack(ctx, order, payment, buyer, {
      what,
      reason: `You have a subscription already, of the plan ${running.plan}. That one goes on; the second has ended.`,
    })
  await recordSubscription(ctx, order, { externalId: payment.subscriptionId, customerRef }, buyer)
  await recordEarnings(ctx, order, payment, buyer)
  await closeOrder(ctx, order, payment, buyer)
  await tellBuyer(ctx, order, payment, buyer)
  await recordActivity(ctx, {
    action: 'plan_purchased',
    description: `Subscribed to the plan ${order.planType}, ${order.frequency === 'YEARLY' ? 'yearly' : 'monthly'}`,
    organizationId: buyer.organizationId,
    userId: buyer.userId,
    subject: { type: 'payment', id: payment.id },
    after: {
      plan: order.planType,
      ...moneyToJson({ amount: payment.capturedAmount, currency: payment.currency }),
    },
  })
  return { status: 'PROCESSED', outcome: `order ${order.id} fulfilled: ${order.planType}` }
}

/** The order is fulfilled. */
export const closeOrder = async (
  ctx: Context,
  order: Order,
  payment: Payment,
  { userId }: Pick<PlanBuyer, 'userId'>,
): Promise<void> => {
  await ctx.db
    .update(orders)
    .set({
      status: 'FULFILLED',
      paidAt: payment.paidAt,
      fulfilledAt: ctx.now(),
      buyerId: userId,
      failure: null,
    })
    .where(eq(orders.id, order.id))
}

const DAY = 86_400_000

/** What each period costs in the end; minor units. */
const laterPrice = (order: Order): bigint =>
  order.couponId !== null && order.discountMonths === null ? dueOf(order) : order.priceAmount

const tellBuyer = (ctx: Context, order: Order, payment: Payment, buyer: PlanBuyer): Promise<void> =>
  enqueueMail(ctx, {
    key: `plan:${payment.id}:buyer`,
    to: buyer.email,
    template: 'plan-started',
    data: {
      firstName: buyer.firstName,
      tokenId: buyer.openTokenId,
      existingAccount: !buyer.created,
      plan: order.planType,
      yearly: order.frequency === 'YEARLY',
      ...moneyToJson({ amount: payment.capturedAmount, currency: payment.currency }),
      price: moneyToJson({ amount: laterPrice(order), currency: order.priceCurrency }).amount,
      firstPaymentAt:
        order.freeTrialPeriodInDays > 0
          ? new Date(payment.paidAt.getTime() + order.freeTrialPeriodInDays * DAY).toISOString()
          : null,
      orderId: order.id,
      paidAt: payment.paidAt.toISOString(),
    },
  })
