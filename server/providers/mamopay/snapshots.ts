import { divideHalfAway, type Money } from '../../kit/money'
import type { ChargeSnapshot, CheckoutSnapshot, RefundSnapshot, SubscriptionSnapshot } from '../../kit/ports'
import { type Json, list, record, text } from '../stripe/json'
import { readMoment } from './dates'
import { fromDecimal, fromLabelled } from './decimals'

/** What is asked for, and what MamoPay puts on top of it for the payment itself. */
export interface LinkAmounts {
  readonly price: Money
  readonly due: Money
}

const readLinkAmounts = (link: Json): LinkAmounts | null => {
  const price = money(link.amount, link.amount_currency)
  // Per cent with two decimals: 2 and 2.75 alike as hundredths of a per cent.
  const rate =
    link.processing_fee_percentage == null ? 0n : fromDecimal(link.processing_fee_percentage, 'AED')
  if (price === null || price.amount < 0n || rate === null || rate < 0n) return null
  const fee = divideHalfAway(price.amount * rate, 10_000n)
  return { price, due: { ...price, amount: price.amount + fee } }
}

/** A link and the charges made with it, as one checkout. Null: it has no amount that can be read. */
export const readCheckout = (link: Json, charges: readonly ChargeSnapshot[]): CheckoutSnapshot | null => {
  const ref = text(link.id)
  const amounts = readLinkAmounts(link)
  if (ref === null || amounts === null) return null
  const paid = charges.find(({ state }) => state === 'captured')
  return {
    ref,
    orderId: text(link.external_id),
    state: paid !== undefined ? 'paid' : link.active === false ? 'expired' : 'open',
    total: amounts.price,
    due: amounts.due,
    tax: 0n,
    customerRef: null,
    paymentIntentId: paid?.ref ?? null,
    chargeId: paid?.ref ?? null,
    invoiceId: null,
    subscriptionId: paid?.subscriptionId ?? text(record(link.subscription).identifier),
    fee: paid?.fee ?? null,
    payerEmail: paid?.payerEmail ?? null,
    charges,
  }
}

/**
 * @param checkoutRef of the link that listed it: an older answer names none
 * Null: its status or its amount is none that can be read.
 */
export const readCharge = (charge: Json, checkoutRef: string | null = null): ChargeSnapshot | null => {
  const ref = text(charge.id)
  const status = STATE[text(charge.status) ?? '']
  const paid = money(charge.amount, charge.amount_currency)
  if (ref === null || status === undefined || paid === null || paid.amount < 0n) return null
  const refunded = charge.refund_amount == null ? 0n : fromDecimal(charge.refund_amount, paid.currency)
  if (refunded === null || refunded < 0n) return null
  return {
    ref,
    checkoutRef: text(charge.payment_link_id) ?? checkoutRef,
    orderId: text(charge.external_id),
    // Which status a charge has of which a part was given back is not documented: the amounts say it.
    state:
      status === 'refunding' ? (refunded > 0n && refunded < paid.amount ? 'captured' : 'returned') : status,
    paid,
    refunded: charge.status === 'voided' ? paid.amount : refunded,
    refunds: list(charge.refunds).flatMap((refund) => readRefund(refund, charge, paid.currency) ?? []),
    ...(charge.status === 'refund_initiated' ? { refunding: true } : {}),
    madeAt: readMoment(charge.created_date ?? charge.created_at),
    subscriptionId: text(charge.subscription_id),
    payerEmail: text(record(charge.customer_details).email),
    fee: feeOf(charge, paid),
  }
}

/** Only captured is money. An `error_code` says nothing: captured charges have been seen with one. */
const STATE: Readonly<Record<string, ChargeSnapshot['state'] | 'refunding'>> = {
  confirmation_required: 'pending',
  processing: 'pending',
  captured: 'captured',
  failed: 'failed',
  voided: 'returned',
  refund_initiated: 'refunding',
  refunded: 'refunding',
}

const readRefund = (refund: Json, charge: Json, currency: string): RefundSnapshot | null => {
  const ref = text(refund.id)
  const amount = fromDecimal(refund.amount, currency)
  if (ref === null || amount === null || amount <= 0n) return null
  return {
    ref,
    requestId: null,
    amount: { amount, currency },
    status: charge.status === 'refund_initiated' ? 'pending' : 'succeeded',
  }
}

/**
 * What MamoPay kept of a charge in AED. Settlements are in AED whatever was charged, so for any other currency, and
 * where the figures do not add up, there is none to book. Null: it has not said yet.
 */
const feeOf = (charge: Json, paid: Money): bigint | null => {
  const parts = [fromLabelled(charge.settlement_fee), fromLabelled(charge.settlement_vat)]
  const settled = fromDecimal(charge.settlement_amount, 'AED')
  if (paid.currency !== 'AED') return 0n
  if (settled === null) return null
  const kept = parts.reduce((total, part) => total + (part?.currency === 'AED' ? part.amount : 0n), 0n)
  return settled + kept === paid.amount ? kept : 0n
}

/**
 * A subscription as its first payer has it: it is made for one buyer, and who else found its page is not them. Null: no
 * subscriber is known.
 */
export const readSubscribers = (
  ref: string,
  subscribers: readonly Json[],
  charges: readonly Json[],
): SubscriptionSnapshot | null => {
  const payer = firstPayer(charges)
  const isOurs = (email: unknown) => payer === null || addressOf(email) === payer
  const named = subscribers.filter(({ customer }) => isOurs(record(customer).email))
  // The only one there is may have come by another address.
  const ours = named.length === 0 && subscribers.length === 1 ? subscribers : named
  if (ours.length === 0) return null
  const active = ours.filter(({ status }) => text(status)?.toLowerCase() === 'active')
  const ends = active.flatMap(({ next_payment_date: next }) => readMoment(next) ?? [])
  const unpaid = latestFailed(charges.filter(({ customer_email: email }) => isOurs(email)))
  return {
    ref,
    orderId: null,
    status: active.length === 0 ? 'CANCELLED' : unpaid ? 'PAST_DUE' : 'ACTIVE',
    currentPeriodEnd: ends.sort((a, b) => a.getTime() - b.getTime())[0] ?? null,
    cancelAtPeriodEnd: false,
  }
}

/** Who paid the earliest charge that went through. Null: it is not told. */
const firstPayer = (charges: readonly Json[]): string | null => {
  const paid = charges.flatMap((charge) => {
    const [at, payer] = [readMoment(charge.created_at)?.getTime(), addressOf(charge.customer_email)]
    return charge.status === 'failed' || at === undefined || payer === null ? [] : [{ at, payer }]
  })
  // Listed latest first: of two in one second, the last is the earlier.
  return paid.reverse().sort((a, b) => a.at - b.at)[0]?.payer ?? null
}

const addressOf = (email: unknown): string | null => text(email)?.trim().toLowerCase() ?? null

/** Nothing else says whether a period is unpaid. */
const latestFailed = (charges: readonly Json[]): boolean => {
  const made = charges.map((charge) => ({ at: readMoment(charge.created_at)?.getTime() ?? 0, charge }))
  const latest = made.sort((a, b) => b.at - a.at)[0]
  return latest?.charge.status === 'failed'
}

const money = (amount: unknown, currency: unknown): Money | null => {
  const read = fromDecimal(amount, currency)
  return read === null ? null : { amount: read, currency: String(currency) }
}
