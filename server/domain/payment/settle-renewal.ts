import { and, eq } from 'drizzle-orm'
import { orders, payments, subscriptions, users, workspaces } from '../../../db/schema'
import { announce } from '../../kit/announce'
import type { Context } from '../../kit/context'
import { type Money, moneyToJson, safeNumber } from '../../kit/money'
import type { InvoiceSnapshot, PaymentProvider, ProviderEvent } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { completePayment } from './complete-payment'
import { payerOf } from './payer'
import { recordEarnings, recordPayment } from './record-payment'
import { soldWords } from './sold-words'
import { isOurs } from './subscriptions'
import type { Verdict } from './verdict'

type Order = typeof orders.$inferSelect
type Payment = typeof payments.$inferSelect
type Subscription = typeof subscriptions.$inferSelect

/**
 * Books a later invoice of a subscription, once, whichever event tells of it and however often: its payment, what it
 * earns by the terms of the order, mails and audit. A new period and a change in mid-period alike earn on the cash. To
 * be called in a transaction.
 * @param cash what was captured, and the tax's share of it (minor units)
 * @throws Error while the subscription's first payment is still to be settled; the job tries again.
 */
export const settleRenewal = async (
  ctx: Context,
  provider: PaymentProvider,
  invoice: InvoiceSnapshot,
  cash: { readonly captured: Money; readonly tax: bigint },
): Promise<Verdict> => {
  const found = await subscriptionOf(ctx, provider, invoice)
  if (found === null) return unknownSubscription(ctx, provider, invoice)
  const { subscription, order } = found
  const { captured, tax } = cash
  if (captured.currency !== order.priceCurrency)
    return {
      status: 'QUARANTINED',
      outcome: `a later period of order ${order.id} was paid in ${captured.currency}, quoted in ${order.priceCurrency}`,
    }
  const [buyer] = await ctx.db.select().from(users).where(eq(users.id, subscription.userId))
  if (buyer === undefined) throw new Error(`the owner of subscription ${subscription.id} is gone`)
  const payment = await recordPayment(ctx, order, {
    type: LATER[order.paymentType],
    externalId: invoice.ref,
    captured,
    tax,
    paymentIntentId: invoice.paymentIntentId,
    chargeId: invoice.chargeId,
    invoiceId: invoice.ref,
    subscriptionId: subscription.externalId,
    fee: invoice.fee,
    buyerId: buyer.id,
    payer: payerOf(invoice),
    paidElsewhere: invoice.paidElsewhere ?? false,
  })
  if (payment === null) return bookedBefore(ctx, provider, invoice, captured)
  const earned = await recordEarnings(ctx, order, payment, {
    userId: buyer.id,
    organizationId: buyer.organizationId,
  })
  const what = await soldAs(ctx, order, subscription)
  if (payment.capturedAmount > 0n) {
    await tellBuyer(ctx, payment, buyer, what, { ...subscription, changed: invoice.reason === 'other' })
    await tellSeller(ctx, order, payment, what, earned.commissions)
  }
  await recordActivity(ctx, {
    action: 'subscription_renewed',
    description: invoice.reason === 'other' ? `Paid a change of ${what}` : `Paid the next period of ${what}`,
    organizationId: buyer.organizationId,
    userId: buyer.id,
    subject: { type: 'payment', id: payment.id },
    after: moneyToJson(captured),
  })
  return { status: 'PROCESSED', outcome: `invoice ${invoice.ref} of order ${order.id} booked` }
}

const LATER = {
  PLAN_PURCHASE: 'PLAN_RENEWAL',
  PLAN_RENEWAL: 'PLAN_RENEWAL',
  ADDON_PURCHASE: 'ADDON_RENEWAL',
  ADDON_RENEWAL: 'ADDON_RENEWAL',
  WORKSPACE_PURCHASE: 'WORKSPACE_RENEWAL',
  WORKSPACE_RENEWAL: 'WORKSPACE_RENEWAL',
} as const satisfies Record<Order['paymentType'], Payment['type']>

const subscriptionOf = async (
  ctx: Context,
  provider: PaymentProvider,
  { subscriptionId }: InvoiceSnapshot,
): Promise<{ subscription: Subscription; order: Order } | null> => {
  if (subscriptionId === null) return null
  const [found] = await ctx.db
    .select({ subscription: subscriptions, order: orders })
    .from(subscriptions)
    .innerJoin(orders, eq(orders.id, subscriptions.orderId))
    .where(
      and(
        eq(subscriptions.provider, provider.name),
        eq(subscriptions.mode, provider.mode),
        eq(subscriptions.externalId, subscriptionId),
      ),
    )
  return found ?? null
}

/** Of an order of ours it waits for the first payment, or is the admin's; else it belongs to another product. */
const unknownSubscription = async (
  ctx: Context,
  provider: PaymentProvider,
  { ref, orderId, subscriptionId }: InvoiceSnapshot,
): Promise<Verdict> => {
  const order = isOurs(orderId)
    ? await ctx.db.query.orders.findFirst({
        where: and(
          eq(orders.id, orderId),
          eq(orders.provider, provider.name),
          eq(orders.mode, provider.mode),
        ),
      })
    : undefined
  if (order === undefined) return { status: 'IGNORED', outcome: 'an invoice that is not one of ours' }
  if (order.fulfilledAt === null && order.status !== 'FAILED' && subscriptionId !== null)
    throw new Error(`order ${order.id} of invoice ${ref} is not settled yet`)
  return {
    status: 'QUARANTINED',
    outcome: `invoice ${ref} was paid for order ${order.id}, which has no subscription ${subscriptionId ?? ''}`,
  }
}

/** The same invoice again may know what its first event did not: the charge, the fee. */
const bookedBefore = async (
  ctx: Context,
  provider: PaymentProvider,
  invoice: InvoiceSnapshot,
  captured: Money,
): Promise<Verdict> => {
  const [payment] = await ctx.db
    .select()
    .from(payments)
    .where(
      and(
        eq(payments.provider, provider.name),
        eq(payments.mode, provider.mode),
        eq(payments.externalId, invoice.ref),
      ),
    )
    .for('no key update')
  if (payment === undefined) throw new Error(`the payment of invoice ${invoice.ref} is gone`)
  if (payment.capturedAmount !== captured.amount || payment.currency !== captured.currency)
    return {
      status: 'QUARANTINED',
      outcome: `invoice ${invoice.ref} was booked with ${payment.capturedAmount} ${payment.currency}, and now says ${captured.amount} ${captured.currency}`,
    }
  await completePayment(ctx, payment, { ...invoice, invoiceId: invoice.ref, payer: payerOf(invoice) })
  return { status: 'PROCESSED', outcome: `invoice ${invoice.ref} was booked already` }
}

/** What the subscription is for, in words. */
const soldAs = async (ctx: Context, order: Order, { plan }: Subscription): Promise<string> => {
  if (order.workspaceId === null) return soldWords({ ...order, planType: plan }, null)
  const workspace = await ctx.db.query.workspaces.findFirst({ where: eq(workspaces.id, order.workspaceId) })
  return `“${workspace?.name ?? 'a workspace'}”`
}

type User = typeof users.$inferSelect

const tellBuyer = (
  ctx: Context,
  payment: Payment,
  buyer: User,
  what: string,
  { currentPeriodEnd, changed }: Subscription & { changed: boolean },
): Promise<void> =>
  enqueueMail(ctx, {
    key: `renewal:${payment.id}:buyer`,
    to: buyer.email,
    template: 'renewal-paid',
    data: {
      firstName: buyer.firstName,
      what,
      changed,
      ...moneyToJson({ amount: payment.capturedAmount, currency: payment.currency }),
      paidAt: payment.paidAt.toISOString(),
      nextAt:
        currentPeriodEnd !== null && currentPeriodEnd > payment.paidAt
          ? currentPeriodEnd.toISOString()
          : null,
    },
  })

const tellSeller = async (
  ctx: Context,
  order: Order,
  payment: Payment,
  what: string,
  earned: readonly { kind: string; amount: bigint; status: string }[],
): Promise<void> => {
  if (order.sellerId === null) return
  const seller = await ctx.db.query.users.findFirst({ where: eq(users.id, order.sellerId) })
  const sale = earned.find(({ kind }) => kind === 'SALE')
  if (seller === undefined || sale === undefined) return
  await announce(ctx, [
    {
      userId: seller.id,
      kind: 'sale.created',
      key: `sale:${payment.id}`,
      data: {
        paymentId: payment.id,
        what,
        renewal: true,
        price: moneyToJson({ amount: payment.capturedAmount, currency: payment.currency }),
        commission: moneyToJson({ amount: sale.amount, currency: payment.currency }),
      },
    },
  ])
  await enqueueMail(ctx, {
    key: `renewal:${payment.id}:seller`,
    to: seller.email,
    template: 'renewal-earned',
    data: {
      firstName: seller.firstName,
      what,
      ...moneyToJson({ amount: payment.capturedAmount, currency: payment.currency }),
      commission: safeNumber(sale.amount),
      credited: sale.status === 'CREDITED',
      paidAt: payment.paidAt.toISOString(),
    },
  })
}

/**
 * Tells the owner of a subscription that the charge of its next period failed; once for each try. What becomes of the
 * subscription itself is told by its own state.
 */
export const tellFailedRenewal = async (
  ctx: Context,
  provider: PaymentProvider,
  invoice: InvoiceSnapshot,
  tried: Omit<Extract<ProviderEvent, { kind: 'invoice-failed' }>, 'kind' | 'invoice'>,
): Promise<Verdict> => {
  // Of the first period the checkout itself tells.
  if (invoice.reason === 'first') return { status: 'IGNORED', outcome: 'the first payment is not through' }
  const found = await subscriptionOf(ctx, provider, invoice)
  if (found === null) return { status: 'IGNORED', outcome: 'an invoice that is not one of ours' }
  const [owner] = await ctx.db.select().from(users).where(eq(users.id, found.subscription.userId))
  if (owner === undefined) throw new Error(`the owner of subscription ${found.subscription.id} is gone`)
  await enqueueMail(ctx, {
    key: `renewal-failed:${provider.name}:${invoice.ref}:${tried.attempt}`,
    to: owner.email,
    template: 'renewal-failed',
    data: {
      firstName: owner.firstName,
      what: await soldAs(ctx, found.order, found.subscription),
      ...moneyToJson(invoice.total),
      nextAt: tried.nextAttemptAt?.toISOString() ?? null,
      payUrl: tried.payUrl ?? null,
      confirm: tried.confirm ?? false,
    },
  })
  return { status: 'PROCESSED', outcome: `invoice ${invoice.ref} was not paid, try ${tried.attempt}` }
}
