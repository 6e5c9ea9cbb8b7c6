import type { ChargeName, ProviderEvent } from '../../kit/ports'
import { idOf, integer, isRecord, type Json, members, moment, record, text } from './json'
import {
  money,
  readAccount,
  readCheckout,
  readDispute,
  readInvoice,
  readRefund,
  readSubscription,
} from './snapshots'

/** What an event of any version tells, in our words; whatever it does not know or cannot read is ignored, with a reason. */
export const readEvent = (body: string): ProviderEvent => {
  const event = parse(body)
  const type = text(event.type)
  const object = record(event.data).object
  if (event.object !== 'event' || type === null || !isRecord(object)) return ignored('not an event')
  const read = READERS.find(([kind]) => kind.test(type))?.[1]
  return read ? read(object, type, event) : ignored(`${type} tells nothing that is acted upon`)
}

type Reader = (object: Json, type: string, event: Json) => ProviderEvent

const checkout: Reader = (session, type) => {
  const snapshot = readCheckout(session)
  if (snapshot === null) return ignored(`${type} has no total that can be read`)
  const outcome = type.endsWith('_failed') ? 'failed' : type.endsWith('expired') ? 'expired' : 'completed'
  return { kind: 'checkout', checkout: snapshot, outcome }
}

const invoice: Reader = (object, type) => {
  const snapshot = readInvoice(object)
  return snapshot === null
    ? ignored(`${type} has no amounts that can be read`)
    : { kind: 'invoice', invoice: snapshot }
}

const failedInvoice: Reader = (object, type) => {
  const snapshot = readInvoice(object)
  if (snapshot === null) return ignored(`${type} has no amounts that can be read`)
  return {
    kind: 'invoice-failed',
    invoice: snapshot,
    attempt: integer(object.attempt_count) ?? 1,
    nextAttemptAt: moment(object.next_payment_attempt),
    payUrl: webAddress(object.hosted_invoice_url),
    confirm: type === 'invoice.payment_action_required',
  }
}

const subscription: Reader = (object, type) => {
  const snapshot = readSubscription(object)
  return snapshot === null
    ? ignored(`${type} has no status that is known`)
    : {
        kind: 'subscription',
        subscription: snapshot,
        ...(type.endsWith('trial_will_end') ? { trialEnds: true } : {}),
      }
}

const webAddress = (value: unknown): string | null => {
  const address = text(value)
  return address !== null && /^https?:\/\//.test(address) ? address : null
}

const charge: Reader = (object, type) => {
  const chargeId = text(object.id)
  const transaction = record(object.balance_transaction)
  const fee = money(transaction.fee, transaction.currency)
  if (chargeId === null || fee === null) return ignored(`${type} does not say the fee`)
  return { kind: 'fee', paymentIntentId: idOf(object.payment_intent), chargeId, fee }
}

/** The charge itself: its cumulative figure, and in older versions the refunds one by one. */
const refundedCharge: Reader = (object, type) => {
  const chargeId = text(object.id)
  const refunded = money(object.amount_refunded, object.currency)
  if (chargeId === null || refunded === null || refunded.amount < 0n)
    return unreadable(object, `${type} does not say what was given back`)
  const refunds = members(object.refunds).flatMap((refund) => readRefund(refund) ?? [])
  return { kind: 'refund', paymentIntentId: idOf(object.payment_intent), chargeId, refunded, refunds }
}

const refund: Reader = (object, type) => {
  const found = readRefund(object)
  const name = { paymentIntentId: idOf(object.payment_intent), chargeId: idOf(object.charge) }
  if (found === null || !isNamed(name))
    return unreadable(object, `${type} has no refund of a charge that can be read`)
  return { kind: 'refund', ...name, refunded: null, refunds: [found] }
}

const dispute: Reader = (object, type) => {
  const found = readDispute(object)
  const name = { paymentIntentId: idOf(object.payment_intent), chargeId: idOf(object.charge) }
  if (found === null || !isNamed(name))
    return unreadable(object, `${type} has no dispute of a charge that can be read`)
  return { kind: 'dispute', ...name, dispute: found }
}

const transfer: Reader = (object, type) => {
  const ref = text(object.id)
  if (ref === null) return ignored(`${type} has no transfer that can be read`)
  return { kind: 'payout', ref, withdrawalId: text(record(object.metadata).withdrawalId) }
}

const account: Reader = (object, type) => {
  const found = object.object === 'account' ? readAccount(object) : null
  return found === null ? ignored(`${type} has no account`) : { kind: 'payee-account', account: found }
}

/** About a part of an account, or that it was taken from us: which one, the object or the envelope says. */
const aboutAccount: Reader = (object, type, event) => {
  const ref = idOf(object.account) ?? text(event.account)
  if (ref === null) return ignored(`${type} names no account`)
  return { kind: 'payee-account', account: { ref, detailsSubmitted: false, payoutsEnabled: false } }
}

/** Stripe's own payment to a bank: the payee's, or the platform's. What we sent had arrived before. */
const bankPayout: Reader = (_object, type, event) => {
  const whose = text(event.account)
  return ignored(
    `${type}: ${whose === null ? 'from the platform to its bank' : `from account ${whose} to its bank`}`,
  )
}

/** Money that goes back, or that a bank holds back, is never passed over. One payment's events are about one thing. */
const unreadable = (object: Record<string, unknown>, reason: string): ProviderEvent => ({
  kind: 'unhandled',
  reason,
  about: idOf(object.payment_intent) ?? idOf(object.charge) ?? text(object.id) ?? reason,
})

const isNamed = (name: ChargeName): boolean => name.paymentIntentId !== null || name.chargeId !== null

const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/^checkout\.session\.(completed|async_payment_succeeded|async_payment_failed|expired)$/, checkout],
  [/^invoice\.(paid|payment_succeeded)$/, invoice],
  [/^invoice\.payment_(failed|action_required)$/, failedInvoice],
  [/^customer\.subscription\.[a-z_]+$/, subscription],
  [/^charge\.(updated|succeeded)$/, charge],
  [/^charge\.refunded$/, refundedCharge],
  [/^(refund\.(created|updated|failed)|charge\.refund\.updated)$/, refund],
  [/^charge\.dispute\.[a-z_]+$/, dispute],
  [/^transfer\.[a-z_]+$/, transfer],
  [/^account\.updated$/, account],
  [
    /^(capability\.updated|account\.external_account\.[a-z]+|account\.application\.deauthorized)$/,
    aboutAccount,
  ],
  [/^payout\.[a-z_]+$/, bankPayout],
]

const ignored = (reason: string): ProviderEvent => ({ kind: 'ignored', reason: reason.slice(0, 200) })

const parse = (body: string): Json => {
  try {
    return record(JSON.parse(body))
  } catch {
    return {}
  }
}
