import { and, eq, inArray, sql } from 'drizzle-orm'
import { z } from 'zod'
import { orders, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { divideHalfAway } from '../../kit/money'
import type {
  CheckoutSnapshot,
  InvoiceSnapshot,
  PaymentProvider,
  ProviderEvent,
  SubscriptionSnapshot,
} from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { type PaidFacts, recordFeeOfCharge, settleOrder } from './settle-order'
import { applySubscription } from './subscriptions'
import { applyDispute, applyRefund } from './take-back'
import type { Verdict } from './verdict'

/** An event, and the subscription it is about as it stands today. */
export interface CompleteEvent {
  readonly event: ProviderEvent
  readonly subscription: SubscriptionSnapshot | null
}

/**
 * Adds to an event what its payload leaves out (charge, fee, the state of today), asked of the provider.
 * A signed payload is enough to fulfil: when the provider does not know or cannot say more, it stands as it is.
 * Call it outside any transaction: it waits for the network.
 * @throws DomainError 503 when what a subscription has become cannot be asked; nobody waits for that.
 */
export const completeEvent = async (
  provider: PaymentProvider,
  event: ProviderEvent,
): Promise<CompleteEvent> => {
  if (event.kind === 'checkout' && event.outcome === 'completed') {
    const today = await orNull(provider.fetchCheckout(event.checkout.ref))
    const checkout = today === null ? event.checkout : merged(event.checkout, today)
    return {
      event: { ...event, checkout },
      subscription: await subscriptionToday(provider, checkout.subscriptionId),
    }
  }
  if (event.kind === 'invoice')
    return { event, subscription: await subscriptionToday(provider, event.invoice.subscriptionId) }
  if (event.kind === 'subscription')
    return {
      event,
      subscription: (await provider.fetchSubscription(event.subscription.ref)) ?? event.subscription,
    }
  if (event.kind === 'refund') {
    const today = await orNull(provider.fetchRefunds(event))
    const told = event.refunds.filter(({ ref }) => !today?.some((one) => one.ref === ref))
    return { event: { ...event, refunds: [...told, ...(today ?? [])] }, subscription: null }
  }
  if (event.kind === 'dispute') {
    const today = await orNull(provider.fetchDispute(event.dispute.ref))
    return { event: { ...event, dispute: today ?? event.dispute }, subscription: null }
  }
  return { event, subscription: null }
}

/** Events about it that came before its order was settled were passed over, so settling looks itself. */
const subscriptionToday = async (
  provider: PaymentProvider,
  ref: string | null,
): Promise<SubscriptionSnapshot | null> => (ref === null ? null : orNull(provider.fetchSubscription(ref)))

const orNull = <T>(asked: Promise<T | null>): Promise<T | null> => asked.catch(() => null)

/** Money and names are what was signed; what was not said is filled in. */
const merged = (told: CheckoutSnapshot, today: CheckoutSnapshot): CheckoutSnapshot => ({
  ...told,
  ...(today.captured === undefined ? {} : { captured: today.captured }),
  state: told.state === 'paid' || today.state === 'paid' ? 'paid' : told.state,
  orderId: told.orderId ?? today.orderId,
  customerRef: told.customerRef ?? today.customerRef,
  paymentIntentId: told.paymentIntentId ?? today.paymentIntentId,
  chargeId: told.chargeId ?? today.chargeId,
  invoiceId: told.invoiceId ?? today.invoiceId,
  subscriptionId: told.subscriptionId ?? today.subscriptionId,
  fee: told.fee ?? today.fee,
})

/** Does what an event says, in the transaction it is called in; idempotent whatever the order of arrival. */
export const applyProviderEvent = async (
  ctx: Context,
  provider: PaymentProvider,
  { event, subscription }: CompleteEvent,
): Promise<Verdict> => {
  switch (event.kind) {
    case 'checkout':
    case 'invoice': {
      const verdict =
        event.kind === 'checkout'
          ? await applyCheckout(ctx, provider, event)
          : await applyInvoice(ctx, provider, event.invoice)
      if (verdict.status === 'PROCESSED' && subscription !== null)
        await applySubscription(ctx, provider, subscription)
      return verdict
    }
    case 'subscription':
      return applySubscription(ctx, provider, subscription ?? event.subscription)
    case 'fee': {
      const booked = await recordFeeOfCharge(ctx, { ...event, provider: provider.name, mode: provider.mode })
      return booked
        ? { status: 'PROCESSED', outcome: `fee of ${event.chargeId} booked` }
        : { status: 'IGNORED', outcome: `no payment with charge ${event.chargeId} yet` }
    }
    case 'refund':
      return applyRefund(ctx, { ...event, provider: provider.name, mode: provider.mode })
    case 'dispute':
      return applyDispute(ctx, { ...event, provider: provider.name, mode: provider.mode })
    case 'ignored':
      return { status: 'IGNORED', outcome: event.reason }
  }
}

/** Another product on the same account may name orders of its own. */
const isOurs = (orderId: string | null): orderId is string => z.guid().safeParse(orderId).success

type CheckoutEvent = Extract<ProviderEvent, { kind: 'checkout' }>

const applyCheckout = async (
  ctx: Context,
  provider: PaymentProvider,
  { checkout, outcome }: CheckoutEvent,
): Promise<Verdict> => {
  if (!isOurs(checkout.orderId)) return { status: 'IGNORED', outcome: 'a checkout that is not one of ours' }
  if (outcome === 'failed') return failOrder(ctx, checkout.orderId)
  if (outcome === 'expired') return expireOrder(ctx, checkout.orderId)
  if (checkout.state !== 'paid')
    return { status: 'PROCESSED', outcome: 'completed, to be paid by a delayed method' }
  const captured = checkout.captured ?? checkout.total.amount
  return settleOrder(ctx, {
    ...checkout,
    orderId: checkout.orderId,
    provider: provider.name,
    mode: provider.mode,
    checkoutRef: checkout.ref,
    captured: { amount: captured, currency: checkout.total.currency },
    tax: taxOfCash({ ...checkout, captured }),
  })
}

const applyInvoice = async (
  ctx: Context,
  provider: PaymentProvider,
  invoice: InvoiceSnapshot,
): Promise<Verdict> => {
  if (!isOurs(invoice.orderId)) return { status: 'IGNORED', outcome: 'an invoice that is not one of ours' }
  if (!invoice.paid) return { status: 'IGNORED', outcome: 'an invoice that is not paid' }
  if (invoice.reason !== 'first')
    return { status: 'QUARANTINED', outcome: `a later period of order ${invoice.orderId} was paid` }
  const facts: PaidFacts = {
    orderId: invoice.orderId,
    provider: provider.name,
    mode: provider.mode,
    checkoutRef: null,
    captured: { amount: invoice.captured, currency: invoice.total.currency },
    tax: taxOfCash(invoice),
    paymentIntentId: invoice.paymentIntentId,
    chargeId: invoice.chargeId,
    invoiceId: invoice.ref,
    subscriptionId: invoice.subscriptionId,
    customerRef: invoice.customerRef,
    fee: null,
  }
  return settleOrder(ctx, facts)
}

/** Where credit paid a part, the cash bears its share of the tax: base = cash × (total - tax) / total. */
const taxOfCash = ({ captured, tax, total }: Pick<InvoiceSnapshot, 'captured' | 'tax' | 'total'>): bigint =>
  total.amount <= 0n ? 0n : captured - divideHalfAway(captured * (total.amount - tax), total.amount)

/** A delayed payment may fail when the order has expired already: that, and who waits, is told all the same. */
const failOrder = async (ctx: Context, orderId: string): Promise<Verdict> => {
  const [order] = await ctx.db
    .update(orders)
    .set({
      status: sql`case ${orders.status} when 'OPEN' then 'FAILED'::order_status else ${orders.status} end`,
      failure: 'The payment did not go through.',
    })
    .where(and(eq(orders.id, orderId), inArray(orders.status, ['OPEN', 'EXPIRED'])))
    .returning()
  if (order === undefined) return { status: 'PROCESSED', outcome: `order ${orderId} is not open` }
  const workspace =
    order.workspaceId === null
      ? undefined
      : await ctx.db.query.workspaces.findFirst({ where: eq(workspaces.id, order.workspaceId) })
  await enqueueMail(ctx, {
    key: `order:${order.id}:failed`,
    to: order.email,
    template: 'payment-failed',
    data: { firstName: order.firstName, workspaceName: workspace?.name ?? 'the workspace' },
  })
  return { status: 'PROCESSED', outcome: `order ${orderId} failed` }
}

/** An open order whose checkout can no longer be paid. */
export const expireOrder = async (ctx: Context, orderId: string): Promise<Verdict> => {
  const expired = await ctx.db
    .update(orders)
    .set({ status: 'EXPIRED' })
    .where(and(eq(orders.id, orderId), eq(orders.status, 'OPEN')))
    .returning({ id: orders.id })
  return {
    status: 'PROCESSED',
    outcome: expired.length > 0 ? `order ${orderId} expired` : 'nothing to expire',
  }
}
