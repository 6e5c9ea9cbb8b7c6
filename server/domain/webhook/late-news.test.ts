import { and, eq, like, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { jobs, mails, orders, payments, subscriptions, webhookEvents } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  MONTHLY,
  makeOffer,
  makeOrder,
  type Order,
  paidSession,
  signedHeaders,
  stripeEvent,
} from '../../../db/testing/factories/payment'
import type { PaymentProvider, SubscriptionSnapshot } from '../../kit/ports'
import { createStripeProvider } from '../../providers/stripe'
import { learnSubscription } from '../payment'
import { processWebhook, receiveWebhook } from '.'

const database = useDatabase()
let ctx: TestContext
beforeEach(() => {
  ctx = withProvider({})
})

/** Stripe's own reading of events; what it answers is said by each test, and nothing else answers. */
const withProvider = (more: Partial<PaymentProvider>): TestContext => {
  const stripe = createStripeProvider({
    secretKey: 'sk_test_x',
    webhookSecrets: ['whsec_sandbox'],
    apiBase: 'http://127.0.0.1:9',
    mode: 'sandbox',
  })
  const silent = { fetchCheckout: async () => null, fetchSubscription: async () => null }
  return testContext(database.db, {
    outside: { payments: new Map([['stripe', { ...stripe, ...silent, ...more }]]) },
  })
}
const away = async (): Promise<never> => {
  throw new Error('out of reach')
}
const takeIn = async (type: string, object: Record<string, unknown>): Promise<string> => {
  const body = stripeEvent(ctx.now(), type, object)
  await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
  const { id } = JSON.parse(body) as { id: string }
  const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.eventId, id))
  return row?.id ?? ''
}
const stateOf = async (id: string) => {
  const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.id, id))
  return row?.status
}
const monthly = async () => makeOrder(ctx, await makeOffer(ctx, { offer: MONTHLY }))
const ref = (order: Order) => `sub_${order.id}`
const snapshot = (order: Order, more: Partial<SubscriptionSnapshot> = {}): SubscriptionSnapshot => ({
  ref: ref(order),
  orderId: order.id,
  status: 'ACTIVE',
  currentPeriodEnd: null,
  cancelAtPeriodEnd: false,
  ...more,
})
const subscriptionObject = (order: Order, status: string) => ({
  id: ref(order),
  status,
  metadata: { orderId: order.id },
})
const paidInvoice = (order: Order, amount_paid = 5_000) => ({
  id: `in_${order.id}`,
  status: 'paid',
  billing_reason: 'subscription_create',
  currency: 'usd',
  total: 5_000,
  amount_paid,
  subscription: ref(order),
  subscription_details: { metadata: { orderId: order.id } },
})
const session = (order: Order) =>
  paidSession(order, { subscription: ref(order), invoice: `in_${order.id}`, payment_intent: null })
const subscriptionOf = async (order: Order) => {
  const [row] = await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, order.id))
  return row
}
const paymentOf = async (order: Order) => {
  const [row] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
  return row
}

describe('a subscription that ended before its order was settled', () => {
  it('is not answered and forgotten: its event waits for the order', async () => {
    const order = await monthly()
    const deleted = await takeIn('customer.subscription.deleted', subscriptionObject(order, 'canceled'))
    await expect(processWebhook(ctx, deleted)).rejects.toThrow('not settled')
    expect(await stateOf(deleted)).toBe('RECEIVED')
    await processWebhook(
      withProvider({ fetchSubscription: async () => snapshot(order) }),
      await takeIn('invoice.paid', paidInvoice(order)),
    )
    expect(await subscriptionOf(order)).toMatchObject({ status: 'ACTIVE' })
    await processWebhook(ctx, deleted)
    expect(await stateOf(deleted)).toBe('PROCESSED')
    expect(await subscriptionOf(order)).toMatchObject({ status: 'CANCELLED' })
  })

  it('is passed over when the order has failed, or the first payment is not through', async () => {
    const order = await monthly()
    const begun = await takeIn('customer.subscription.created', subscriptionObject(order, 'incomplete'))
    await processWebhook(ctx, begun)
    expect(await stateOf(begun)).toBe('IGNORED')
    await database.db.update(orders).set({ status: 'FAILED' }).where(eq(orders.id, order.id))
    const ended = await takeIn('customer.subscription.deleted', subscriptionObject(order, 'canceled'))
    await processWebhook(ctx, ended)
    expect(await stateOf(ended)).toBe('IGNORED')
  })

  it('is learned later when it could not be read while settling', async () => {
    const order = await monthly()
    const broken = withProvider({ fetchSubscription: away })
    await processWebhook(broken, await takeIn('invoice.paid', paidInvoice(order)))
    const row = await subscriptionOf(order)
    if (row === undefined) throw new Error('the subscription was not kept')
    expect(row.status).toBe('ACTIVE')
    const waiting = await database.db
      .select()
      .from(jobs)
      .where(eq(jobs.key, `subscription:${row.id}`))
    expect(waiting.map(({ kind, payload }) => [kind, payload])).toEqual([
      ['payment.learnSubscription', { subscriptionId: row.id }],
    ])
    await expect(learnSubscription(broken, row.id)).rejects.toThrow('out of reach')
    await expect(learnSubscription(testContext(database.db), row.id)).rejects.toThrow('switched off')
    await learnSubscription(ctx, row.id)
    expect((await subscriptionOf(order))?.status).toBe('ACTIVE')
    await learnSubscription(
      withProvider({ fetchSubscription: async () => snapshot(order, { status: 'CANCELLED' }) }),
      row.id,
    )
    expect((await subscriptionOf(order))?.status).toBe('CANCELLED')
    await learnSubscription(ctx, '00000000-0000-7000-8000-000000000000')
  })
})

describe('of two answers about one subscription', () => {
  it('the older never overwrites the newer, whichever is written last', async () => {
    const order = await monthly()
    await processWebhook(ctx, await takeIn('invoice.paid', paidInvoice(order)))
    const [older, newer] = [
      await takeIn('customer.subscription.updated', subscriptionObject(order, 'active')),
      await takeIn('customer.subscription.updated', subscriptionObject(order, 'past_due')),
    ]
    const today = snapshot(order, { status: 'PAST_DUE', cancelAtPeriodEnd: true })
    // While the first answer is under way, the second is asked for and written.
    const slow = withProvider({
      fetchSubscription: async () => {
        await processWebhook(withProvider({ fetchSubscription: async () => today }), newer)
        return snapshot(order)
      },
    })
    await expect(processWebhook(slow, older)).rejects.toThrow('meanwhile')
    expect(await subscriptionOf(order)).toMatchObject({ status: 'PAST_DUE', cancelAtPeriodEnd: true })
    await processWebhook(withProvider({ fetchSubscription: async () => today }), older)
    expect([await stateOf(older), await stateOf(newer)]).toEqual(['PROCESSED', 'PROCESSED'])
    expect(await subscriptionOf(order)).toMatchObject({ status: 'PAST_DUE', cancelAtPeriodEnd: true })
  })

  it('nor does one asked for before the order was settled', async () => {
    const order = await monthly()
    const checkout = await takeIn('checkout.session.completed', session(order))
    const invoice = await takeIn('invoice.paid', paidInvoice(order))
    const today = snapshot(order, { status: 'PAST_DUE' })
    const slow = withProvider({
      fetchSubscription: async () => {
        await processWebhook(withProvider({ fetchSubscription: async () => today }), invoice)
        return snapshot(order)
      },
    })
    await expect(processWebhook(slow, checkout)).rejects.toThrow('meanwhile')
    expect(await subscriptionOf(order)).toMatchObject({ status: 'PAST_DUE' })
  })
})

describe('a subscription’s checkout whose cash is not known', () => {
  it('waits for its invoice while the provider is out of reach', async () => {
    const order = await monthly()
    const checkout = await takeIn('checkout.session.completed', session(order))
    const unreachable = withProvider({ fetchCheckout: away, fetchSubscription: away })
    await expect(processWebhook(unreachable, checkout)).rejects.toThrow('out of reach')
    expect(await stateOf(checkout)).toBe('RECEIVED')
    await processWebhook(unreachable, await takeIn('invoice.paid', paidInvoice(order, 3_000)))
    expect(await paymentOf(order)).toMatchObject({ capturedAmount: 3_000n })
  })

  it('is settled by the signed total after a few minutes: who paid gets a copy', async () => {
    const order = await monthly()
    const checkout = await takeIn('checkout.session.completed', session(order))
    const unreachable = withProvider({ fetchCheckout: away, fetchSubscription: away })
    await expect(processWebhook(unreachable, checkout, 7)).rejects.toThrow('out of reach')
    await processWebhook(unreachable, checkout, 8)
    expect(await paymentOf(order)).toMatchObject({ capturedAmount: 5_000n })
  })

  it('waits as well when the answer does not say the cash', async () => {
    const order = await monthly()
    const checkout = await takeIn('checkout.session.completed', session(order))
    const vague = withProvider({
      fetchCheckout: async () => ({
        ref: order.checkoutRef ?? '',
        orderId: order.id,
        state: 'paid',
        total: { amount: 5_000n, currency: 'USD' },
        tax: 0n,
        customerRef: null,
        paymentIntentId: null,
        chargeId: null,
        invoiceId: null,
        subscriptionId: ref(order),
        fee: null,
        payerEmail: null,
      }),
    })
    await expect(processWebhook(vague, checkout)).rejects.toThrow('cash')
  })

  it('stands as it was told when the provider does not know it', async () => {
    const order = await monthly()
    await processWebhook(ctx, await takeIn('checkout.session.completed', session(order)))
    expect(await paymentOf(order)).toMatchObject({ capturedAmount: 5_000n })
  })
})

describe('money that goes back or is disputed', () => {
  it('is set aside for the admin, who is told once per payment', async () => {
    const events = [
      await takeIn('charge.refunded', { id: 'ch_back', payment_intent: 'pi_back' }),
      await takeIn('refund.created', { id: 're_back', payment_intent: 'pi_back' }),
      await takeIn('charge.refund.updated', { id: 're_back', payment_intent: 'pi_back' }),
      await takeIn('charge.dispute.created', { id: 'dp_back', payment_intent: 'pi_back' }),
      await takeIn('refund.failed', { id: 're_other' }),
    ]
    for (const id of events) await processWebhook(ctx, id)
    expect(await Promise.all(events.map(stateOf))).toEqual(Array(5).fill('QUARANTINED'))
    const told = await database.db
      .select()
      .from(mails)
      .where(and(eq(mails.template, 'admin-alert'), like(sql`${mails.key}`, '%_back%')))
    expect(told).toHaveLength(1)
    const other = await database.db
      .select()
      .from(mails)
      .where(like(sql`${mails.key}`, '%re_other%'))
    expect(other).toHaveLength(1)
  })
})
