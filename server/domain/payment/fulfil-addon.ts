import type { orders, payments } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { ADDONS, addonWords } from '../../kit/plans'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { limitTerms } from '../workspace'
import { closeOrder, type PlanBuyer } from './fulfil-plan'
import { payBack } from './pay-back'
import { recordEarnings } from './record-payment'
import { recordSubscription } from './record-subscription'
import { lockOrganization } from './subscriptions'
import type { Verdict } from './verdict'

type Order = typeof orders.$inferSelect
type Payment = typeof payments.$inferSelect

/**
 * An add-on that was paid for: the subscription, which raises the limit as long as it runs, what the payment earns, one
 * mail. What raises nothing any more, as the plan has no such limit by now, is given back. To be called in the
 * transaction that booked the payment.
 */
export const fulfilAddon = async (
  ctx: Context,
  order: Order,
  payment: Payment,
  buyer: PlanBuyer,
  customerRef: string | null,
): Promise<Verdict> => {
  const { addon, quantity } = order
  if (addon === null || quantity === null) throw new Error(`order ${order.id} is of no add-on`)
  const what = addonWords(addon, quantity)
  if (payment.subscriptionId === null)
    return payBack(ctx, order, payment, buyer, { what, reason: 'No subscription was made for it.' })
  await lockOrganization(ctx, buyer.organizationId)
  const { plan, limits } = await limitTerms(ctx, buyer.userId)
  if (limits[ADDONS[addon].raises] === null)
    return payBack(ctx, order, payment, buyer, {
      what,
      reason: `Your plan is ${plan} by now, which has no such limit.`,
    })
  await recordSubscription(ctx, order, { externalId: payment.subscriptionId, customerRef }, buyer)
  await recordEarnings(ctx, order, payment, buyer)
  await closeOrder(ctx, order, payment, buyer)
  const paid = moneyToJson({ amount: payment.capturedAmount, currency: payment.currency })
  await enqueueMail(ctx, {
    key: `addon:${payment.id}:buyer`,
    to: buyer.email,
    template: 'addon-started',
    data: {
      firstName: buyer.firstName,
      what,
      ...paid,
      price: moneyToJson({ amount: order.priceAmount, currency: order.priceCurrency }).amount,
      orderId: order.id,
      paidAt: payment.paidAt.toISOString(),
    },
  })
  await recordActivity(ctx, {
    action: 'addon_purchased',
    description: `Bought ${what}, paid monthly`,
    organizationId: buyer.organizationId,
    userId: buyer.userId,
    subject: { type: 'payment', id: payment.id },
    after: { addon, quantity, ...paid },
  })
  return { status: 'PROCESSED', outcome: `order ${order.id} fulfilled: ${quantity} × ${addon}` }
}
