import { and, eq, inArray, sql } from 'drizzle-orm'
import { orders, workspaces } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { divideHalfAway } from '../../kit/money'
import type {
  CheckoutSnapshot,
  InvoiceSnapshot,
  PaymentProvider,
  ProviderEvent,
  SubscriptionSnapshot,
} from '../../kit/ports'
import { enqueueJob, enqueueMail } from '../../kit/queue'
import { applyCharge, closeCheckout, type ReadBack, readBackCharge, tellOfCharge } from './apply-charge'
import { recordFeeOfCharge } from './complete-payment'
import { awaitBank, awaitsBank } from './delayed'
import { payerOf } from './payer'
import { type PaidFacts, settleOrder } from './settle-order'
import { settleRenewal, tellFailedRenewal } from './settle-renewal'
import { soldWords } from './sold-words'
import { applySubscription, isOurs, refuseStale, seenSubscription, tellTrialEnd } from './subscriptions'
import { applyDispute, applyRefund } from './take-back'
import type { Verdict } from './verdict'

/** An event, and the subscription it is about as it stands today. */
export interface CompleteEvent {
  readonly event: ProviderEvent
  readonly subscription: SubscriptionSnapshot | null
  /** Which version of our row stood when the provider was asked: an answer to an older one is not written. */
  readonly seen: string | null
  /** Of a charge of which only the name was told. */
  readonly readBack?: ReadBack
}

/**
 * Adds to an event what its payload leaves out (charge, fee, the state of today), asked of the provider.
 * A signed payload is enough to fulfil: when the provider does not know or cannot say more, it stands as it is. Only
 * the cash of a subscription's checkout is waited for, see `checkoutToday`.
 * Call it outside any transaction: it waits for the network.
 * @param attempt which try of the job this is, from 1
 * @throws DomainError 503 when what a subscription has become cannot be asked; nobody waits for that.
 */
export const completeEvent = async (
  ctx: Context,
  provider: PaymentProvider,
  event: ProviderEvent,
  attempt = 1,
): Promise<CompleteEvent> => {
  if (event.kind === 'checkout' && event.outcome === 'completed') {
    const checkout = await checkoutToday(provider, event.checkout, attempt)
    return {
      event: { ...event, checkout },
      ...(await subscriptionToday(ctx, provider, checkout.subscriptionId)),
    }
  }
  if (event.kind === 'invoice')
    return {
      event: { ...event, invoice: await invoiceToday(provider, event.invoice, attempt) },
      ...(await subscriptionToday(ctx, provider, event.invoice.subscriptionId)),
    }
  if (event.kind === 'invoice-failed')
    return { event, ...(await subscriptionToday(ctx, provider, event.invoice.subscriptionId)) }
  if (event.kind === 'subscription') {
    const { ref } = event.subscription
    const seen = await seenSubscription(ctx, provider, ref)
    return { event, seen, subscription: (await provider.fetchSubscription(ref)) ?? event.subscription }
  }
  if (event.kind === 'charge') {
    const readBack = await readBackCharge(ctx, provider, event.chargeId, attempt)
    const today = await subscriptionToday(ctx, provider, readBack.charge?.subscriptionId ?? null)
    // Of the first period, settling makes the row; a later one finds it there.
    return { event, readBack, ...(today.seen === null ? NO_SUBSCRIPTION : today) }
  }
  if (event.kind === 'refund') {
    const today = await orNull(provider.fetchRefunds(event))
    const told = event.refunds.filter(({ ref }) => !today?.some((one) => one.ref === ref))
    return { ...NO_SUBSCRIPTION, event: { ...event, refunds: [...told, ...(today ?? [])] } }
  }
  if (event.kind === 'dispute') {
    const today = await orNull(provider.fetchDispute(event.dispute.ref))
    return { ...NO_SUBSCRIPTION, event: { ...event, dispute: today ?? event.dispute } }
  }
  return { ...NO_SUBSCRIPTION, event }
}

const NO_SUBSCRIPTION = { subscription: null, seen: null }

const orNull = <T>(asked: Promise<T | null>): Promise<T | null> => asked.catch(() => null)

/** About two minutes of tries. */
const TRIES_FOR_CASH = 8

/**
 * The total of a subscription's checkout is what was owed; credit at the provider may have paid a part, and only the
 * invoice tells. So it is tried again until the cash is known: by then the invoice's own event has mostly settled the
 * order. But who paid gets a copy: a checkout the provider does not know stands as it was signed, and after
 * TRIES_FOR_CASH so does one that cannot be asked about. An invoice that then says less is set aside for the admin.
 */
const checkoutToday = async (
  provider: PaymentProvider,
  told: CheckoutSnapshot,
  attempt: number,
): Promise<CheckoutSnapshot> => {
  const patient = attempt < TRIES_FOR_CASH
  const today = await provider.fetchCheckout(told.ref).catch((error: unknown) => {
    if (patient && lacksCash(told)) throw error
    return null
  })
  if (today === null) return told
  const checkout = merged(told, today)
  if (patient && lacksCash(checkout)) throw new Error(`the cash of checkout ${told.ref} is not known yet`)
  return checkout
}

/**
 * Newer versions leave the charge out of an invoice's events, and by it a refund or dispute finds the payment: so a
 * later period's is read back. Its amounts are what was signed; after TRIES_FOR_CASH it stands without.
 */
const invoiceToday = async (
  provider: PaymentProvider,
  told: InvoiceSnapshot,
  attempt: number,
): Promise<InvoiceSnapshot> => {
  if (provider.fetchInvoice === undefined || told.reason === 'first' || !told.paid || told.captured === 0n)
    return told
  const today = await provider.fetchInvoice(told.ref).catch((error: unknown) => {
    if (attempt < TRIES_FOR_CASH && told.paymentIntentId === null) throw error
    return null
  })
  return {
    ...told,
    paymentIntentId: told.paymentIntentId ?? today?.paymentIntentId ?? null,
    chargeId: told.chargeId ?? today?.chargeId ?? null,
    fee: told.fee ?? today?.fee ?? null,
    ...(today?.cardFingerprint === undefined ? {} : { cardFingerprint: today.cardFingerprint }),
  }
}

const lacksCash = ({ subscriptionId, state, total, captured }: CheckoutSnapshot): boolean =>
  subscriptionId !== null && state === 'paid' && total.amount > 0n && captured === undefined

/** Events about it may have come before its order was settled, so settling looks itself; what it cannot read is learned later. */
const subscriptionToday = async (
  ctx: Context,
  provider: PaymentProvider,
  ref: string | null,
): Promise<Pick<CompleteEvent, 'subscription' | 'seen'>> => {
  if (ref === null) return NO_SUBSCRIPTION
  const seen = await seenSubscription(ctx, provider, ref)
  return { seen, subscription: await orNull(provider.fetchSubscription(ref)) }
}

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
  payerEmail: told.payerEmail ?? today.payerEmail,
  ...(today.cardFingerprint === undefined ? {} : { cardFingerprint: today.cardFingerprint }),
})

/** Does what an event says, in the transaction it is called in; idempotent whatever the order of arrival. */
export const applyProviderEvent = async (
  ctx: Context,
  provider: PaymentProvider,
  { event, subscription, seen, readBack }: CompleteEvent,
  { counted }: { readonly counted: boolean } = { counted: false },
): Promise<Verdict> => {
  switch (event.kind) {
    case 'checkout':
    case 'invoice': {
      if (subscription !== null) await holdSettling(ctx, provider, event, subscription.ref, seen)
      const verdict =
        event.kind === 'checkout'
          ? await applyCheckout(ctx, provider, event)
          : await applyInvoice(ctx, provider, event.invoice, counted)
      if (verdict.status === 'PROCESSED' && subscription !== null)
        await applySubscription(ctx, provider, subscription)
      return verdict
    }
    case 'invoice-failed': {
      if (subscription !== null) await applySubscription(ctx, provider, subscription, { seen })
      return tellFailedRenewal(ctx, provider, event.invoice, event)
    }
    case 'subscription': {
      const verdict = await applySubscription(ctx, provider, subscription ?? event.subscription, { seen })
      if (event.trialEnds === true) await tellTrialEnd(ctx, provider, event.subscription.ref)
      return verdict
    }
    case 'fee': {
      const booked = await recordFeeOfCharge(ctx, { ...event, provider: provider.name, mode: provider.mode })
      return booked
        ? { status: 'PROCESSED', outcome: `fee of ${event.chargeId} booked` }
        : { status: 'IGNORED', outcome: `no payment with charge ${event.chargeId} yet` }
    }
    case 'charge': {
      const nothing = { charge: null, orderId: null, checkout: null }
      const verdict = await applyCharge(ctx, provider, event, readBack ?? nothing)
      if (verdict.status === 'PROCESSED' && subscription !== null)
        await applySubscription(ctx, provider, subscription, { seen })
      return verdict
    }
    case 'unhandled':
      return { status: 'QUARANTINED', outcome: event.reason, about: event.about }
    case 'refund':
      return applyRefund(ctx, { ...event, provider: provider.name, mode: provider.mode })
    case 'dispute':
      return applyDispute(ctx, { ...event, provider: provider.name, mode: provider.mode })
    case 'payout':
    case 'payee-account':
      return { status: 'IGNORED', outcome: 'of payouts' }
    case 'ignored':
      return { status: 'IGNORED', outcome: event.reason }
  }
}

/** Holds what another event of the same order would write, and makes sure that it wrote nothing since we asked. */
const holdSettling = async (
  ctx: Context,
  provider: PaymentProvider,
  event: Extract<ProviderEvent, { kind: 'checkout' | 'invoice' }>,
  ref: string,
  seen: string | null,
): Promise<void> => {
  const { orderId } = event.kind === 'checkout' ? event.checkout : event.invoice
  if (!isOurs(orderId)) return
  await ctx.db.select({ id: orders.id }).from(orders).where(eq(orders.id, orderId)).for('no key update')
  refuseStale(ref, seen, await seenSubscription(ctx, provider, ref))
}

type CheckoutEvent = Extract<ProviderEvent, { kind: 'checkout' }>

const applyCheckout = async (
  ctx: Context,
  provider: PaymentProvider,
  { checkout, outcome }: CheckoutEvent,
): Promise<Verdict> => {
  if (!isOurs(checkout.orderId)) return { status: 'IGNORED', outcome: 'a checkout that is not one of ours' }
  if (outcome === 'failed') return failOrder(ctx, checkout.orderId)
  if (outcome === 'expired') return expireOrder(ctx, checkout.orderId)
  if (checkout.state !== 'paid') {
    if (outcome === 'completed') await awaitBank(ctx, checkout.orderId)
    return { status: 'PROCESSED', outcome: 'completed, to be paid by a delayed method' }
  }
  const captured = checkout.captured ?? checkout.total.amount
  return settleOrder(ctx, {
    ...checkout,
    orderId: checkout.orderId,
    provider: provider.name,
    mode: provider.mode,
    checkoutRef: checkout.ref,
    captured: { amount: captured, currency: checkout.total.currency },
    tax: taxOfCash({ ...checkout, captured }),
    payer: payerOf(checkout),
  })
}

const applyInvoice = async (
  ctx: Context,
  provider: PaymentProvider,
  told: InvoiceSnapshot,
  counted: boolean,
): Promise<Verdict> => {
  if (!told.paid) return { status: 'IGNORED', outcome: 'an invoice that is not paid' }
  if (told.paidElsewhere === true && !counted) return waitForAdmin(ctx, provider, told)
  // Of what came past it the provider takes no fee.
  const invoice = told.paidElsewhere === true ? { ...told, fee: 0n } : told
  if (invoice.reason !== 'first')
    return settleRenewal(ctx, provider, invoice, {
      captured: { amount: invoice.captured, currency: invoice.total.currency },
      tax: taxOfCash(invoice),
    })
  if (!isOurs(invoice.orderId)) return { status: 'IGNORED', outcome: 'an invoice that is not one of ours' }
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
    fee: invoice.fee,
    payer: payerOf(invoice),
    paidElsewhere: invoice.paidElsewhere ?? false,
  }
  return settleOrder(ctx, facts)
}

/** An invoice paid out of band earns nothing until an admin says so (rule 9); one of another product never does. */
const waitForAdmin = async (
  ctx: Context,
  provider: PaymentProvider,
  { ref, orderId, subscriptionId }: InvoiceSnapshot,
): Promise<Verdict> => {
  const known = subscriptionId !== null && (await seenSubscription(ctx, provider, subscriptionId)) !== null
  if (!known && !isOurs(orderId)) return { status: 'IGNORED', outcome: 'an invoice that is not one of ours' }
  return {
    status: 'QUARANTINED',
    outcome: `invoice ${ref} was marked as paid outside of ${provider.name}: it earns nothing until you count it`,
    about: `elsewhere:${ref}`,
  }
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
    data: {
      firstName: order.firstName,
      workspaceName: soldWords(order, workspace?.name),
    },
  })
  return { status: 'PROCESSED', outcome: `order ${orderId} failed` }
}

/** An open order whose checkout can no longer be paid. */
const expireOrder = async (ctx: Context, orderId: string): Promise<Verdict> => {
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

/**
 * Looks at the checkout of an order that is open, and settles it if it was paid, as its webhook would have.
 * @throws DomainError 503 when the provider cannot be asked; the job tries again.
 */
export const syncCheckout = async (ctx: Context, orderId: string): Promise<void> => {
  const order = await ctx.db.query.orders.findFirst({ where: eq(orders.id, orderId) })
  const provider = order === undefined ? undefined : ctx.outside.payments.get(order.provider)
  if (order?.status !== 'OPEN' || order.checkoutRef === null) return
  if (provider === undefined || provider.mode !== order.mode) return
  const checkout = await provider.fetchCheckout(order.checkoutRef)
  if (checkout?.state !== 'paid') return
  const event = await completeEvent(ctx, provider, { kind: 'checkout', checkout, outcome: 'completed' })
  await inTransaction(ctx, async (tx) => {
    const verdict = await applyProviderEvent(tx, provider, event)
    if (verdict.status === 'QUARANTINED')
      await tellOfCharge(tx, provider.name, verdict.about ?? checkout.ref, verdict.outcome)
  })
}

/** The end of a checkout's time: first at its provider, where it might be paid until then. Safe to repeat. */
export const endCheckout = async (ctx: Context, orderId: string): Promise<void> => {
  const order = await ctx.db.query.orders.findFirst({ where: eq(orders.id, orderId) })
  if (order?.status === 'OPEN' && awaitsBank(order) && order.expiresAt > ctx.now())
    return enqueueJob(ctx, {
      kind: 'checkout.expire',
      key: `checkout:${orderId}:late`,
      payload: { orderId },
      after: Math.ceil((order.expiresAt.getTime() - ctx.now().getTime()) / 1000) + 1,
    })
  await closeCheckout(ctx, orderId)
  await expireOrder(ctx, orderId)
}
