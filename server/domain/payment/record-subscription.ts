import { type orders, subscriptions } from '../../../db/schema'
import { type Context, newId } from '../../kit/context'
import { enqueueJob } from '../../kit/queue'
import { lockOrganization, refreshPaidPlan } from './subscriptions'

type Order = typeof orders.$inferSelect

/** Seconds. */
const SUBSCRIPTION_READ_AFTER = 60

/** Keeps the subscription an order began, under the terms of the order. To be called in the transaction of its first payment. */
export const recordSubscription = async (
  ctx: Context,
  order: Order,
  begun: { readonly externalId: string; readonly customerRef: string | null },
  buyer: { readonly userId: string; readonly organizationId: string },
): Promise<void> => {
  // Before the insert, whose weaker lock on the same row two at once would not give up for each other.
  await lockOrganization(ctx, buyer.organizationId)
  const [made] = await ctx.db
    .insert(subscriptions)
    .values({
      id: newId(ctx),
      provider: order.provider,
      mode: order.mode,
      ...begun,
      orderId: order.id,
      organizationId: buyer.organizationId,
      userId: buyer.userId,
      plan: order.planType,
      isPlan: order.paymentType === 'PLAN_PURCHASE',
      addon: order.addon,
      quantity: order.quantity,
      frequency: order.frequency,
      priceAmount: order.priceAmount,
      priceCurrency: order.priceCurrency,
      status: order.freeTrialPeriodInDays > 0 ? 'TRIALING' : 'ACTIVE',
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    .onConflictDoNothing()
    .returning({ id: subscriptions.id })
  // Its events from before this commit found no row: one more look, after it.
  if (made !== undefined)
    await enqueueJob(ctx, {
      kind: 'payment.learnSubscription',
      key: `subscription:${made.id}`,
      payload: { subscriptionId: made.id },
      after: SUBSCRIPTION_READ_AFTER,
    })
  await refreshPaidPlan(ctx, buyer.organizationId)
}
