import Stripe from 'stripe'
import { DomainError } from '../../kit/errors'
import type { Money } from '../../kit/money'
import type {
  CheckoutSnapshot,
  Discount,
  InvoiceSnapshot,
  PaymentProvider,
  ProviderMode,
} from '../../kit/ports'
import { canCharge, toStripeAmount } from './amounts'
import { stripeBilling } from './billing'
import { checkoutParams, couponParams } from './create-checkout'
import { asking, isMissing, underKey } from './errors'
import { idOf, type Json, members, moment, record, text } from './json'
import { listCharges, listEvents } from './lists'
import { stripePayouts } from './payouts'
import { readEvent } from './read-event'
import {
  readCard,
  readCheckout,
  readDispute,
  readFee,
  readInvoice,
  readRefund,
  readSubscription,
} from './snapshots'
import { verifyWebhook } from './verify-webhook'

export interface StripeOptions {
  readonly secretKey: string
  /** Signing secrets of the webhook endpoint; two while one is being replaced. */
  readonly webhookSecrets: readonly string[]
  /** Null: Stripe's own host. */
  readonly apiBase: string | null
  readonly mode: ProviderMode
  /** Prices of the plans, by PLAN_CYCLE; the others are sent along. */
  readonly planPrices?: Readonly<Partial<Record<string, string>>>
}

/** Stripe keeps customers, and their subscriptions can be changed. */
export type StripeProvider = PaymentProvider & Required<Pick<PaymentProvider, 'createCustomer' | 'billing'>>

/**
 * Stripe, through its own package.
 * Every call throws DomainError 503 PROVIDER_UNAVAILABLE or 422 PROVIDER_REFUSED when Stripe does not do it.
 */
export const createStripeProvider = (options: StripeOptions): StripeProvider => {
  const stripe = lazily(() => new Stripe(options.secretKey, clientConfig(options.apiBase)))
  return {
    name: 'stripe',
    mode: options.mode,
    canCharge,

    createCustomer: ({ email, name, idempotencyKey }) =>
      asking(async () => {
        const params = { email, ...(name.trim() === '' ? {} : { name: name.trim().slice(0, 256) }) }
        const { id } = await underKey(idempotencyKey, (key) =>
          stripe().customers.create(params, { idempotencyKey: key }),
        )
        return { ref: id }
      }),

    createCheckout: (request) =>
      asking(async () => {
        if (request.discount !== undefined) await keepCoupon(stripe(), request.discount)
        const session = await underKey(request.idempotencyKey, (idempotencyKey) =>
          stripe().checkout.sessions.create(checkoutParams(request), { idempotencyKey }),
        )
        const url = text(session.url)
        if (url === null) throw unreadable('the checkout has no address')
        return { ref: session.id, url, expiresAt: moment(session.expires_at) }
      }),

    fetchCheckout: (ref) => asking(() => orNull(() => fetchCheckout(stripe(), ref))),

    closeCheckout: (ref) =>
      asking(async () => {
        try {
          await stripe().checkout.sessions.expire(ref)
        } catch (error) {
          // It is over or paid, or there is none: nothing is left to be ended.
          if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error
        }
      }),

    fetchSubscription: (ref) =>
      asking(() =>
        orNull(async () => {
          const found = readSubscription(toJson(await stripe().subscriptions.retrieve(ref)))
          if (found === null) throw unreadable('the subscription has a status that is not known')
          return found
        }),
      ),

    fetchInvoice: (ref) => asking(() => orNull(() => fetchInvoice(stripe(), ref))),

    refund: ({ paymentIntentId, amount, requestId, idempotencyKey }) =>
      asking(async () => {
        const params = {
          payment_intent: paymentIntentId,
          amount: toStripeAmount(amount).amount,
          ...(requestId === undefined ? {} : { metadata: { refundId: requestId } }),
        }
        const made = readRefund(toJson(await stripe().refunds.create(params, { idempotencyKey })))
        if (made === null) throw unreadable('the refund has no amount that can be read')
        return made
      }),

    fetchRefunds: ({ chargeId, paymentIntentId }) =>
      asking(() =>
        orNull(async () => {
          if (chargeId === null && paymentIntentId === null) return null
          const charge = chargeId === null ? { payment_intent: paymentIntentId ?? '' } : { charge: chargeId }
          const page = await stripe().refunds.list({ ...charge, limit: 100 })
          return members(toJson(page)).flatMap((refund) => readRefund(refund) ?? [])
        }),
      ),

    fetchDispute: (ref) =>
      asking(() => orNull(async () => readDispute(toJson(await stripe().disputes.retrieve(ref))))),

    billing: stripeBilling(stripe, options.planPrices ?? {}),
    listEvents: (page) => asking(() => listEvents(stripe(), page)),
    listCharges: (page) => asking(() => listCharges(stripe(), page)),

    payouts: stripePayouts(stripe),

    verifyWebhook: (webhook) =>
      verifyWebhook({ webhookSecrets: options.webhookSecrets, live: options.mode === 'live' }, webhook),
    readEvent,
  }
}

/** The same terms have the same name, and are there once. */
const keepCoupon = async (stripe: Stripe, discount: Discount): Promise<void> => {
  try {
    await underKey(`coupon:${discount.ref}`, (idempotencyKey) =>
      stripe.coupons.create(couponParams(discount), { idempotencyKey }),
    )
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError) || error.code !== 'resource_already_exists') throw error
  }
}

const clientConfig = (apiBase: string | null): Stripe.StripeConfig => {
  const common = { telemetry: false, maxNetworkRetries: 2, timeout: 10_000 }
  if (apiBase === null) return common
  const { protocol, hostname, port } = new URL(apiBase)
  const secure = protocol === 'https:'
  return {
    ...common,
    host: hostname,
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    protocol: secure ? 'https' : 'http',
  }
}

/**
 * The session with its charge and fee. Expanding is asked for but not relied upon: what comes as an id is read by
 * itself, and when that fails the charge and the fee are unknown, which stops nobody's purchase.
 */
const fetchCheckout = async (stripe: Stripe, ref: string): Promise<CheckoutSnapshot> => {
  const session = await stripe.checkout.sessions.retrieve(ref, {
    expand: ['payment_intent.latest_charge.balance_transaction', 'invoice.payments'],
  })
  const snapshot = readCheckout(toJson(session))
  if (snapshot === null) throw unreadable('the checkout has no total that can be read')
  return withCharge(stripe, snapshot, record(toJson(session).payment_intent))
}

/** An invoice with its charge and fee; its payments are expanded, for webhooks of newer versions leave them out. */
const fetchInvoice = async (stripe: Stripe, ref: string): Promise<InvoiceSnapshot> => {
  const invoice = await stripe.invoices.retrieve(ref, { expand: ['payments'] })
  const snapshot = readInvoice(toJson(invoice))
  if (snapshot === null) throw unreadable('the invoice has no amounts that can be read')
  return withCharge(stripe, snapshot, {})
}

/** The same with the charge of its payment intent and the fee. */
const withCharge = async <
  T extends { paymentIntentId: string | null; chargeId: string | null; fee: bigint | null; total: Money },
>(
  stripe: Stripe,
  snapshot: T,
  expandedIntent: Json,
): Promise<T> => {
  if (snapshot.paymentIntentId === null || snapshot.fee !== null) return snapshot
  try {
    const charge = await fetchCharge(stripe, snapshot.paymentIntentId, expandedIntent)
    return {
      ...snapshot,
      ...readCard(charge),
      chargeId: idOf(charge) ?? snapshot.chargeId,
      fee: readFee(charge, snapshot.total.currency),
    }
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return snapshot
    throw error
  }
}

const fetchCharge = async (stripe: Stripe, paymentIntentId: string, expanded: Json): Promise<unknown> => {
  const intent =
    expanded.latest_charge === undefined
      ? toJson(
          await stripe.paymentIntents.retrieve(paymentIntentId, {
            expand: ['latest_charge.balance_transaction'],
          }),
        )
      : expanded
  const chargeId = idOf(intent.latest_charge)
  if (chargeId === null) return null
  const charge =
    typeof intent.latest_charge === 'string'
      ? toJson(await stripe.charges.retrieve(chargeId, { expand: ['balance_transaction'] }))
      : record(intent.latest_charge)
  if (typeof charge.balance_transaction !== 'string') return charge
  const transaction = await stripe.balanceTransactions.retrieve(charge.balance_transaction)
  return { ...charge, balance_transaction: toJson(transaction) }
}

const orNull = async <T>(call: () => Promise<T>): Promise<T | null> => {
  try {
    return await call()
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Read as the JSON it is, so that answers and events go through the same readers. */
const toJson = (object: object): Json => object as Json

/** An answer this version cannot read: worth another try, and seen by the admin when it stays. */
const unreadable = (what: string) =>
  new DomainError(503, 'PROVIDER_UNAVAILABLE', `Stripe's answer could not be read: ${what}.`, {
    retryAfter: 60,
  })

const lazily = <T>(make: () => T): (() => T) => {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
