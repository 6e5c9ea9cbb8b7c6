import type { Money } from '../../kit/money'
import type {
  CheckoutSnapshot,
  DisputeSnapshot,
  InvoiceSnapshot,
  PayeeAccountSnapshot,
  PayoutSnapshot,
  RefundSnapshot,
  SubscriptionSnapshot,
} from '../../kit/ports'
import { fromStripeAmount } from './amounts'
import { idOf, integer, type Json, list, members, moment, record, text } from './json'

/**
 * Stripe's objects in our words. The shape is told by which fields are there, never by a version: events of an old
 * version rendered today carry old and new fields at once. Every reader answers null when it cannot be read.
 */

/** A Checkout Session, from an event or read back; what hangs on it may be ids or expanded objects. */
export const readCheckout = (session: Json): CheckoutSnapshot | null => {
  const ref = text(session.id)
  const total = money(session.amount_total, session.currency)
  if (ref === null || total === null) return null
  const tax = money(record(session.total_details).amount_tax ?? 0, session.currency)
  if (tax === null) return null
  const intent = session.payment_intent
  const invoice = record(session.invoice)
  const charge = record(intent).latest_charge
  const cash = money(invoice.amount_paid, session.currency)
  return {
    ref,
    orderId: orderOf(session.metadata),
    state: checkoutState(session),
    total,
    ...(cash === null || isPaidOutOfBand(invoice) ? {} : { captured: cash.amount }),
    tax: tax.amount,
    customerRef: idOf(session.customer),
    paymentIntentId: idOf(intent) ?? paymentOf(invoice).paymentIntentId,
    chargeId: idOf(charge) ?? paymentOf(invoice).chargeId,
    invoiceId: idOf(session.invoice),
    subscriptionId: idOf(session.subscription),
    fee: readFee(charge, total.currency),
    payerEmail: text(record(session.customer_details).email) ?? text(session.customer_email),
    ...readCard(charge),
  }
}

/** The card of a charge that is expanded: its fingerprint is the same whoever pays with it. */
export const readCard = (charge: unknown): { cardFingerprint?: string } => {
  const fingerprint = text(record(record(record(charge).payment_method_details).card).fingerprint)
  return fingerprint === null ? {} : { cardFingerprint: fingerprint }
}

/** The fee of a charge whose balance transaction is expanded; null in any other case, another currency included. */
export const readFee = (charge: unknown, currency: string): bigint | null => {
  const transaction = record(record(charge).balance_transaction)
  const fee = money(transaction.fee, transaction.currency)
  return fee !== null && fee.currency === currency ? fee.amount : null
}

export const readSubscription = (subscription: Json): SubscriptionSnapshot | null => {
  const ref = text(subscription.id)
  const status = STATUSES.get(text(subscription.status) ?? '')
  if (ref === null || status === undefined) return null
  return {
    ref,
    orderId: orderOf(subscription.metadata),
    status,
    entitled: !GIVEN_UP.has(text(subscription.status) ?? ''),
    currentPeriodStart: periodStart(subscription),
    currentPeriodEnd: periodEnd(subscription),
    endedAt: moment(subscription.ended_at),
    customerRef: idOf(subscription.customer),
    priceRef: priceOf(subscription),
    // Newer versions say it with a date.
    cancelAtPeriodEnd: subscription.cancel_at_period_end === true || integer(subscription.cancel_at) !== null,
  }
}

export const readInvoice = (invoice: Json): InvoiceSnapshot | null => {
  const ref = text(invoice.id)
  const total = money(invoice.total, invoice.currency)
  const captured = money(invoice.amount_paid, invoice.currency)
  const tax = money(taxOf(invoice), invoice.currency)
  if (ref === null || total === null || captured === null || tax === null) return null
  const reason = text(invoice.billing_reason)
  return {
    ref,
    orderId: orderOfInvoice(invoice),
    subscriptionId: subscriptionOf(invoice),
    reason:
      reason === 'subscription_create' ? 'first' : reason === 'subscription_cycle' ? 'renewal' : 'other',
    paid: invoice.status === 'paid' || (invoice.status === undefined && invoice.paid === true),
    total,
    captured: captured.amount,
    ...(isPaidOutOfBand(invoice) ? { paidElsewhere: true } : {}),
    tax: tax.amount,
    ...paymentOf(invoice),
    customerRef: idOf(invoice.customer),
    fee: null,
  }
}

export const readRefund = (refund: Json): RefundSnapshot | null => {
  const ref = text(refund.id)
  const amount = money(refund.amount, refund.currency)
  // The oldest versions say no status: there a refund was done when it was made.
  const status = REFUND_STATUSES.get(text(refund.status) ?? 'succeeded')
  if (ref === null || amount === null || amount.amount < 0n || status === undefined) return null
  return { ref, requestId: text(record(refund.metadata).refundId), amount, status }
}

export const readDispute = (dispute: Json): DisputeSnapshot | null => {
  // The oldest versions give a dispute no id of its own: a charge had one at most.
  const ref = text(dispute.id) ?? idOf(dispute.charge)
  const amount = money(dispute.amount, dispute.currency)
  if (ref === null || amount === null || amount.amount < 0n) return null
  return { ref, amount, state: DISPUTE_STATES.get(text(dispute.status) ?? '') ?? 'no_money_moved' }
}

/** A transfer to a payee's account. It is paid at once; what was reversed of it came back. */
export const readTransfer = (transfer: Json): PayoutSnapshot | null => {
  const ref = text(transfer.id)
  const amount = money(transfer.amount, transfer.currency)
  const reversed = money(transfer.amount_reversed ?? 0, transfer.currency)
  if (ref === null || amount === null || reversed === null || amount.amount <= 0n || reversed.amount < 0n)
    return null
  return {
    ref,
    withdrawalId: text(record(transfer.metadata).withdrawalId),
    amount,
    status: reversed.amount > 0n || transfer.reversed === true ? 'returned' : 'paid',
    returned: transfer.reversed === true ? amount.amount : reversed.amount,
    fee: readFee(transfer, amount.currency),
    reason: null,
  }
}

/**
 * A payee's account. It can be paid when money can be sent to it and leave it; the oldest versions say the one of
 * these, newer ones both.
 */
export const readAccount = (account: Json): PayeeAccountSnapshot | null => {
  const ref = text(account.id)
  if (ref === null) return null
  const transfers = text(record(account.capabilities).transfers)
  const enabled = (account.payouts_enabled ?? account.transfers_enabled) === true
  return {
    ref,
    detailsSubmitted: account.details_submitted === true,
    payoutsEnabled: enabled && (transfers === null || transfers === 'active'),
  }
}

/** Somebody said it was paid elsewhere: no cash came through Stripe. */
const isPaidOutOfBand = (invoice: Json): boolean =>
  invoice.paid_out_of_band === true ||
  (integer(invoice.amount_paid_off_stripe) ?? 0) > 0 ||
  members(invoice.payments).some((payment) => record(payment.payment).type === 'payment_record')

/** An amount of Stripe's, or null when it is none. */
export const money = (amount: unknown, currency: unknown): Money | null => {
  const value = integer(amount)
  const code = text(currency)
  if (value === null || code === null) return null
  try {
    return fromStripeAmount(value, code)
  } catch {
    return null
  }
}

const STATUSES: ReadonlyMap<string, SubscriptionSnapshot['status']> = new Map([
  ['trialing', 'TRIALING'],
  ['active', 'ACTIVE'],
  ['past_due', 'PAST_DUE'],
  ['unpaid', 'PAST_DUE'],
  // A trial that ended without a card.
  ['paused', 'PAST_DUE'],
  ['canceled', 'CANCELLED'],
  ['incomplete_expired', 'CANCELLED'],
  ['incomplete', 'INCOMPLETE'],
])

/** Not ended, and not charged any more; a trial that ended without a card among them. */
const GIVEN_UP = new Set(['unpaid', 'paused'])

const REFUND_STATUSES: ReadonlyMap<string, RefundSnapshot['status']> = new Map([
  ['pending', 'pending'],
  ['requires_action', 'pending'],
  ['succeeded', 'succeeded'],
  ['failed', 'failed'],
  ['canceled', 'canceled'],
])

/** Warnings, prevented ones and whatever Stripe may add move nothing. */
const DISPUTE_STATES: ReadonlyMap<string, DisputeSnapshot['state']> = new Map([
  ['needs_response', 'open'],
  ['under_review', 'open'],
  ['won', 'won'],
  ['lost', 'lost'],
  // Of old: closed because the seller gave the money back; the refund tells of itself.
  ['charge_refunded', 'won'],
])

const checkoutState = (session: Json): CheckoutSnapshot['state'] => {
  if (session.status === 'expired') return 'expired'
  if (session.status === 'open') return 'open'
  return session.payment_status === 'paid' || session.payment_status === 'no_payment_required'
    ? 'paid'
    : 'unpaid'
}

const orderOf = (metadata: unknown): string | null => text(record(metadata).orderId)

const orderOfInvoice = (invoice: Json): string | null => {
  const found =
    orderOf(record(record(invoice.parent).subscription_details).metadata) ??
    orderOf(record(invoice.subscription_details).metadata) ??
    orderOf(invoice.metadata)
  if (found !== null) return found
  return firstOf(members(invoice.lines), (line) => orderOf(line.metadata))
}

const subscriptionOf = (invoice: Json): string | null =>
  idOf(record(record(invoice.parent).subscription_details).subscription) ??
  idOf(invoice.subscription) ??
  firstOf(
    members(invoice.lines),
    (line) =>
      idOf(record(record(line.parent).subscription_item_details).subscription) ?? idOf(line.subscription),
  )

const paymentOf = (invoice: Json): Pick<InvoiceSnapshot, 'paymentIntentId' | 'chargeId'> => {
  const payments = members(invoice.payments)
  const paid = payments.filter((payment) => payment.status === 'paid')
  const payment = record((paid.length > 0 ? paid : payments).at(-1)?.payment)
  const intent = payment.payment_intent ?? invoice.payment_intent
  return {
    paymentIntentId: idOf(intent),
    chargeId: idOf(payment.charge) ?? idOf(record(intent).latest_charge) ?? idOf(invoice.charge),
  }
}

const taxOf = (invoice: Json): number | null => {
  for (const taxes of [invoice.total_taxes, invoice.total_tax_amounts]) {
    if (!Array.isArray(taxes)) continue
    return list(taxes).reduce((sum, { amount }) => sum + (integer(amount) ?? 0), 0)
  }
  return integer(invoice.tax ?? 0)
}

const periodEnd = (subscription: Json): Date | null => {
  const ends = members(subscription.items).flatMap((item) => moment(item.current_period_end) ?? [])
  if (ends.length === 0) return moment(subscription.current_period_end)
  return new Date(Math.max(...ends.map((end) => end.getTime())))
}

const periodStart = (subscription: Json): Date | null => {
  const starts = members(subscription.items).flatMap((item) => moment(item.current_period_start) ?? [])
  if (starts.length === 0) return moment(subscription.current_period_start)
  return new Date(Math.min(...starts.map((start) => start.getTime())))
}

/** Of the one thing it is about; older versions say it beside the items. */
const priceOf = (subscription: Json): string | null => {
  const items = members(subscription.items)
  if (items.length > 1) return null
  return idOf(items[0]?.price) ?? idOf(items[0]?.plan) ?? idOf(subscription.plan)
}

const firstOf = (items: readonly Json[], find: (item: Json) => string | null): string | null => {
  for (const item of items) {
    const found = find(item)
    if (found !== null) return found
  }
  return null
}
