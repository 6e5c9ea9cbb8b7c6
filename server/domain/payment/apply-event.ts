import { and, eq } from 'drizzle-orm'
import { orders, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import type { CheckoutSnapshot, InvoiceSnapshot, PaymentProvider, ProviderEvent } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { type PaidFacts, recordFeeOfCharge, settleOrder } from './settle-order'
import { applySubscription } from './subscriptions'
import type { Verdict } from './verdict'

/**
 * Adds to an event what its payload leaves out (charge, fee, the state of today), asked of the provider.
 * A signed payload is enough to fulfil: when the provider does not know or cannot say more, it stands as it is.
 * Call it outside any transaction: it waits for the network.
 */
export const completeEvent = async (
  _ctx: Context,
  provider: PaymentProvider,
  event: ProviderEvent,
): Promise<ProviderEvent> => {
  if (event.kind === 'checkout' && event.outcome === 'completed') {
    const today = await orNull(provider.fetchCheckout(event.checkout.ref))
    return today === null ? event : { ...event, checkout: merged(event.checkout, today) }
  }
  if (event.kind === 'subscription') {
    const today = await orNull(provider.fetchSubscription(event.subscription.ref))
    return today === null ? event : { ...event, subscription: today }
  }
  return event
}

const orNull = <T>(asked: Promise<T | null>): Promise<T | null> => asked.catch(() => null)

/** Money and names are what was signed; what was not said is filled in. */
const merged = (told: CheckoutSnapshot, today: CheckoutSnapshot): CheckoutSnapshot => ({
  ...told,
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
  event: ProviderEvent,
): Promise<Verdict> => {
  switch (event.kind) {
    case 'checkout':
      return applyCheckout(ctx, provider, event)
    case 'invoice':
      return applyInvoice(ctx, provider, event.invoice)
    case 'subscription':
      return applySubscription(ctx, provider, event.subscription)
    case 'fee': {
      const booked = await recordFeeOfCharge(ctx, { ...event, provider: provider.name, mode: provider.mode })
      return booked
        ? { status: 'PROCESSED', outcome: `fee of ${event.chargeId} booked` }
        : { status: 'IGNORED', outcome: `no payment with charge ${event.chargeId} yet` }
    }
    case 'ignored':
      return { status: 'IGNORED', outcome: event.reason }
  }
}

type CheckoutEvent = Extract<ProviderEvent, { kind: 'checkout' }>

const applyCheckout = async (
  ctx: Context,
  provider: PaymentProvider,
  { checkout, outcome }: CheckoutEvent,
): Promise<Verdict> => {
  if (checkout.orderId === null) return { status: 'IGNORED', outcome: 'a checkout that is not one of ours' }
  if (outcome === 'failed') return failOrder(ctx, checkout.orderId)
  if (outcome === 'expired') return expireOrder(ctx, checkout.orderId)
  if (checkout.state !== 'paid')
    return { status: 'PROCESSED', outcome: 'completed, to be paid by a delayed method' }
  return settleOrder(ctx, {
    ...checkout,
    orderId: checkout.orderId,
    provider: provider.name,
    mode: provider.mode,
    checkoutRef: checkout.ref,
    captured: checkout.total,
  })
}

const applyInvoice = async (
  ctx: Context,
  provider: PaymentProvider,
  invoice: InvoiceSnapshot,
): Promise<Verdict> => {
  if (invoice.orderId === null) return { status: 'IGNORED', outcome: 'an invoice that is not one of ours' }
  if (!invoice.paid) return { status: 'IGNORED', outcome: 'an invoice that is not paid' }
  if (invoice.reason !== 'first')
    return { status: 'QUARANTINED', outcome: `a later period of order ${invoice.orderId} was paid` }
  const facts: PaidFacts = {
    orderId: invoice.orderId,
    provider: provider.name,
    mode: provider.mode,
    checkoutRef: null,
    captured: { amount: invoice.captured, currency: invoice.total.currency },
    tax: invoice.tax,
    paymentIntentId: invoice.paymentIntentId,
    chargeId: invoice.chargeId,
    invoiceId: invoice.ref,
    subscriptionId: invoice.subscriptionId,
    customerRef: invoice.customerRef,
    fee: null,
  }
  return settleOrder(ctx, facts)
}

const failOrder = async (ctx: Context, orderId: string): Promise<Verdict> => {
  const [order] = await ctx.db
    .update(orders)
    .set({ status: 'FAILED', failure: 'The payment did not go through.' })
    .where(and(eq(orders.id, orderId), eq(orders.status, 'OPEN')))
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
