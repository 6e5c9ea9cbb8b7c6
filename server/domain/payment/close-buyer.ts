import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import { orders, paymentDisputes, payments, providerCustomers, subscriptions } from '../../../db/schema'
import type { Context } from '../../kit/context'

/** What of somebody's buying and selling is not over yet. */
export const unfinishedBusiness = async (ctx: Context, userId: string) => {
  const [running] = await ctx.db
    .select({ plan: subscriptions.plan, until: subscriptions.currentPeriodEnd })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.userId, userId),
        inArray(subscriptions.status, ['TRIALING', 'ACTIVE', 'PAST_DUE']),
      ),
    )
    .limit(1)
  const [checkout] = await ctx.db
    .select({ until: orders.expiresAt })
    .from(orders)
    .where(and(eq(orders.buyerId, userId), inArray(orders.status, ['OPEN', 'PAID'])))
    .limit(1)
  const [dispute] = await ctx.db
    .select({ id: paymentDisputes.id })
    .from(paymentDisputes)
    .innerJoin(payments, eq(payments.id, paymentDisputes.paymentId))
    .where(and(eq(payments.sellerId, userId), eq(paymentDisputes.status, 'OPEN')))
    .limit(1)
  return { subscription: running ?? null, checkout: checkout ?? null, dispute: dispute ?? null }
}

/**
 * Puts a pseudonym in the place of a buyer's name and address in their orders; what was bought and paid stays. What a
 * guest typed at a checkout with this address goes too: a payment that still comes in is given back. Of the provider's
 * customer only the provider knows any more.
 */
export const forgetBuyer = async (
  ctx: Context,
  person: { readonly userId: string; readonly email: string },
  closed: { readonly email: string; readonly firstName: string; readonly lastName: string },
): Promise<void> => {
  await ctx.db
    .update(orders)
    .set({
      ...closed,
      // Names the guest that the buyer was; nothing is asked for under it any more.
      buyerKey: sql`case when ${orders.buyerKey} like 'email:%' then 'closed:' || ${orders.id} else ${orders.buyerKey} end`,
      checkoutUrl: null,
      referralCode: null,
      referralClickedAt: null,
      referralOrigin: null,
    })
    .where(or(eq(orders.buyerId, person.userId), and(isNull(orders.buyerId), eq(orders.email, person.email))))
  await ctx.db
    .delete(providerCustomers)
    .where(inArray(providerCustomers.buyerKey, [`user:${person.userId}`, `email:${person.email}`]))
  await ctx.db
    .update(payments)
    .set({ payerMark: null, cardMark: null })
    .where(eq(payments.buyerId, person.userId))
}
