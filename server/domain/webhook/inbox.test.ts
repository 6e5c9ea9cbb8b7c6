import { and, eq, like, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { jobs, mails, orders, payments, subscriptions, webhookEvents } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  brokenBooks,
  type MadeOffer,
  MONTHLY,
  makeOffer,
  makeOrder,
  type Order,
  paidSession,
  signedHeaders,
  stripeEvent,
} from '../../../db/testing/factories/payment'
import type { Context } from '../../kit/context'
import type { PaymentProvider } from '../../kit/ports'
import { type Harness, startHarness } from '../../providers/sandbox/sandbox.harness'
import { createStripeProvider } from '../../providers/stripe'
import { buryWebhook, processWebhook, receiveWebhook } from '.'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let offer: MadeOffer

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { outside: { payments: new Map([['stripe', h.provider]]) } })
  offer = await makeOffer(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

const receive = (body: string, headers = signedHeaders(body, ctx.now()), as: Context = ctx) =>
  receiveWebhook(as, { provider: 'stripe', body, headers })
const rowOf = async (body: string, as: Context = ctx) => {
  const { id } = JSON.parse(body) as { id: string }
  const [row] = await as.db.select().from(webhookEvents).where(eq(webhookEvents.eventId, id))
  if (row === undefined) throw new Error('the event was not kept')
  return row
}
/** Taken in and processed, as the job does. */
const deliver = async (body: string, as: Context = ctx) => {
  await receive(body, undefined, as)
  await processWebhook(as, (await rowOf(body, as)).id)
  return rowOf(body, as)
}
const event = (type: string, object: Record<string, unknown>, id?: string) =>
  stripeEvent(ctx.now(), type, object, id)
const completed = (order: Order, more: Record<string, unknown> = {}) =>
  event('checkout.session.completed', paidSession(order, more))
const orderNow = async (id: string) => {
  const [row] = await database.db.select().from(orders).where(eq(orders.id, id))
  return row
}
const alerts = async (about: string) =>
  database.db
    .select()
    .from(mails)
    .where(and(eq(mails.template, 'admin-alert'), like(sql`${mails.data}::text`, `%${about}%`)))
/** Stripe cannot be reached: nothing listens there. */
const away = () =>
  createStripeProvider({
    secretKey: 'sk_test_x',
    webhookSecrets: ['whsec_sandbox'],
    apiBase: 'http://127.0.0.1:9',
    mode: 'sandbox',
  })
const withProvider = (provider: PaymentProvider): TestContext =>
  testContext(database.db, { clock: ctx.clock, outside: { payments: new Map([['stripe', provider]]) } })

describe('the inbox', () => {
  it('takes one event a hundred times at once, and has one effect', async () => {
    const order = await makeOrder(ctx, offer)
    const body = completed(order)
    const answers = await Promise.all(Array.from({ length: 100 }, () => receive(body)))
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1)
    expect(answers.filter((answer) => answer === 'duplicate')).toHaveLength(99)
    const { id } = await rowOf(body)
    expect(
      await database.db
        .select()
        .from(jobs)
        .where(eq(jobs.key, `webhook:${id}`)),
    ).toHaveLength(1)
    await Promise.all(Array.from({ length: 20 }, () => processWebhook(ctx, id)))
    expect(await rowOf(body)).toMatchObject({ status: 'PROCESSED', processedAt: ctx.now(), body })
    expect(await orderNow(order.id)).toMatchObject({ status: 'FULFILLED' })
    expect(await receive(body)).toBe('duplicate')
  })

  it('sets another body under a known id aside, once, with one alert', async () => {
    const order = await makeOrder(ctx, offer)
    const first = completed(order)
    const { id } = JSON.parse(first) as { id: string }
    const second = event('checkout.session.completed', paidSession(order, { amount_total: 1 }), id)
    await receive(first)
    expect(await Promise.all([receive(second), receive(second), receive(second)])).toEqual(
      Array(3).fill('conflicting'),
    )
    await processWebhook(ctx, (await rowOf(first)).id)
    const kept = await database.db
      .select()
      .from(webhookEvents)
      .where(like(webhookEvents.eventId, `${id}#%`))
    expect(kept.map(({ status, body }) => [status, body])).toEqual([['QUARANTINED', second]])
    expect(await alerts(id)).toHaveLength(1)
    const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
    expect(payment?.capturedAmount).toBe(10_000n)
  })

  it('sees two bodies of one id though they come in the same instant', async () => {
    const order = await makeOrder(ctx, offer)
    for (let round = 0; round < 10; round += 1) {
      const id = `evt_race_${round}_${order.id}`
      const bodies = [1, 2].map((n) => event('customer.created', { id: `cus_${n}` }, id))
      const answers = await Promise.all(bodies.map((body) => receive(body)))
      expect(answers.sort()).toEqual(['conflicting', 'stored'])
    }
  })

  it('keeps an event and its job together or neither', async () => {
    const body = event('customer.created', { id: 'cus_1' })
    await database.owner.execute(
      sql`create function fail() returns trigger language plpgsql as 'begin raise exception ''broken''; end'`,
    )
    await database.owner.execute(
      sql`create trigger fails before insert on jobs for each row execute function fail()`,
    )
    await expect(receive(body)).rejects.toThrow()
    await database.owner.execute(sql`drop function fail cascade`)
    await expect(rowOf(body)).rejects.toThrow('not kept')
    expect(await receive(body)).toBe('stored')
  })

  it('refuses a provider that is off, and does not process for one that was switched off meanwhile', async () => {
    const body = event('customer.created', { id: 'cus_1' })
    const off = testContext(database.db, { clock: ctx.clock })
    await expect(receive(body, undefined, off)).rejects.toMatchObject({ status: 404, code: 'PROVIDER_OFF' })
    await receive(body)
    const { id } = await rowOf(body)
    await expect(processWebhook(off, id)).rejects.toThrow('switched off')
    await processWebhook(ctx, '00000000-0000-7000-8000-000000000000')
  })

  it.each<[string, () => string]>([
    ['a type nobody knows', () => event('radar.rule.matched', { id: 'x' })],
    [
      'a checkout without an order',
      () =>
        event('checkout.session.completed', {
          id: 'cs_x',
          status: 'complete',
          payment_status: 'paid',
          amount_total: 1,
          currency: 'usd',
          metadata: {},
        }),
    ],
    [
      'a checkout of another product with orders of its own',
      () =>
        event('checkout.session.completed', {
          id: 'cs_y',
          amount_total: 1,
          currency: 'usd',
          status: 'complete',
          payment_status: 'paid',
          metadata: { orderId: 'order-1' },
        }),
    ],
    [
      'an invoice of another product',
      () =>
        event('invoice.paid', {
          id: 'in_y',
          status: 'paid',
          total: 1,
          amount_paid: 1,
          currency: 'usd',
          billing_reason: 'subscription_create',
          metadata: { orderId: '7' },
        }),
    ],
    [
      'an invoice that is not paid',
      () =>
        event('invoice.paid', {
          id: 'in_y',
          status: 'open',
          total: 1,
          amount_paid: 0,
          currency: 'usd',
          metadata: { orderId: ZERO },
        }),
    ],
    [
      'a subscription that is not ours',
      () => event('customer.subscription.updated', { id: 'sub_y', status: 'active', metadata: {} }),
    ],
    [
      'the fee of a charge that is not ours',
      () =>
        event('charge.updated', {
          id: 'ch_y',
          payment_intent: 'pi_y',
          balance_transaction: { fee: 3, currency: 'usd' },
        }),
    ],
    [
      'the fee of a charge without a payment',
      () => event('charge.updated', { id: 'ch_y', balance_transaction: { fee: 3, currency: 'usd' } }),
    ],
  ])('keeps and ignores %s', async (_name, make) => {
    const row = await deliver(make())
    expect(row).toMatchObject({ status: 'IGNORED', outcome: expect.any(String) })
    expect(await alerts(row.eventId)).toEqual([])
  })

  it('sets the payment of an order nobody knows aside, with one alert', async () => {
    const row = await deliver(
      completed({ id: ZERO, checkoutRef: 'cs_nobody', priceAmount: 1n, priceCurrency: 'USD' } as Order),
    )
    expect(row).toMatchObject({ status: 'QUARANTINED' })
    expect(await alerts(row.eventId)).toHaveLength(1)
  })

  it('sets a later period’s invoice that names no subscription aside: its money is not forgotten', async () => {
    const order = await makeOrder(ctx, await makeOffer(ctx, { offer: MONTHLY }))
    const invoice = {
      id: 'in_2',
      status: 'paid',
      total: 5_000,
      amount_paid: 5_000,
      currency: 'usd',
      billing_reason: 'subscription_cycle',
    }
    const row = await deliver(event('invoice.paid', { ...invoice, metadata: { orderId: order.id } }))
    expect(row).toMatchObject({ status: 'QUARANTINED' })
  })

  it('buries an event after its last attempt, once, and alerts once', async () => {
    const body = event('customer.created', { id: 'cus_1' })
    await receive(body)
    const { id, eventId } = await rowOf(body)
    await Promise.all([buryWebhook(ctx, id, 'x'.repeat(2_000)), buryWebhook(ctx, id, 'again')])
    expect((await rowOf(body)).status).toBe('DEAD')
    expect((await rowOf(body)).outcome?.length).toBeLessThanOrEqual(500)
    expect(await alerts(eventId)).toHaveLength(1)
    await processWebhook(ctx, id)
    expect((await rowOf(body)).status).toBe('DEAD')
  })

  it('works without an admin to alert', async () => {
    const nobody: TestContext = { ...ctx, config: { ...ctx.config, admin: null } }
    const unknown = completed({
      id: ZERO,
      checkoutRef: 'cs_nobody',
      priceAmount: 1n,
      priceCurrency: 'USD',
    } as Order)
    expect(await deliver(unknown, nobody)).toMatchObject({ status: 'QUARANTINED' })
    const { id } = JSON.parse(unknown) as { id: string }
    expect(await receive(event('customer.created', { id: 'cus' }, id), undefined, nobody)).toBe('conflicting')
    expect(await alerts(id)).toEqual([])
  })
})

const ZERO = '00000000-0000-7000-8000-000000000000'

describe('a delayed payment', () => {
  it('fulfils when it is paid, not before, whichever event says so', async () => {
    const order = await makeOrder(ctx, offer)
    await deliver(completed(order, { payment_status: 'unpaid' }))
    expect(await orderNow(order.id)).toMatchObject({ status: 'OPEN' })
    await deliver(event('checkout.session.async_payment_succeeded', paidSession(order)))
    await deliver(completed(order))
    expect(await orderNow(order.id)).toMatchObject({ status: 'FULFILLED' })
  })

  it('tells the buyer once when it fails, also after its order has expired, and forgets nothing that was paid', async () => {
    const [open, expired, paid] = [
      await makeOrder(ctx, offer),
      await makeOrder(ctx, offer),
      await makeOrder(ctx, offer),
    ]
    await deliver(event('checkout.session.expired', paidSession(expired, { status: 'expired' })))
    expect(await orderNow(expired.id)).toMatchObject({ status: 'EXPIRED' })
    await deliver(completed(paid))
    for (const order of [open, expired, paid])
      for (let n = 0; n < 2; n += 1)
        await deliver(
          event('checkout.session.async_payment_failed', paidSession(order, { payment_status: 'unpaid' })),
        )
    const told = await database.db.select().from(mails).where(eq(mails.template, 'payment-failed'))
    expect(told.map(({ to }) => to).sort()).toEqual([open.email, expired.email].sort())
    expect((await orderNow(open.id))?.status).toBe('FAILED')
    expect((await orderNow(expired.id))?.status).toBe('EXPIRED')
    expect((await orderNow(paid.id))?.status).toBe('FULFILLED')
    await deliver(event('checkout.session.expired', paidSession(paid, { status: 'expired' })))
    expect((await orderNow(paid.id))?.status).toBe('FULFILLED')
  })

  it('speaks of a workspace that is gone in general words', async () => {
    const order = await makeOrder(ctx, offer, { workspaceId: null })
    await deliver(event('checkout.session.async_payment_failed', paidSession(order)))
    const [mail] = await database.db.select().from(mails).where(eq(mails.to, order.email))
    expect(mail?.data).toMatchObject({ workspaceName: 'the workspace' })
  })
})

describe('with the provider out of reach', () => {
  it('a signed payment fulfils all the same', async () => {
    const order = await makeOrder(ctx, offer)
    expect(await deliver(completed(order), withProvider(away()))).toMatchObject({ status: 'PROCESSED' })
    expect(await orderNow(order.id)).toMatchObject({ status: 'FULFILLED' })
  })

  it('a subscription’s change waits, lest an older one overwrite a newer', async () => {
    const body = event('customer.subscription.updated', { id: 'sub_1', status: 'active' })
    const unreachable = withProvider(away())
    await expect(deliver(body, unreachable)).rejects.toMatchObject({ status: 503 })
    expect(await rowOf(body)).toMatchObject({ status: 'RECEIVED' })
  })
})

describe('a subscription', () => {
  const invoiceOf = (order: Order, more: Record<string, unknown> = {}) => ({
    id: `in_${order.id}`,
    status: 'paid',
    billing_reason: 'subscription_create',
    currency: 'usd',
    total: 5_000,
    amount_paid: 5_000,
    subscription: `sub_${order.id}`,
    subscription_details: { metadata: { orderId: order.id } },
    ...more,
  })
  const subscribe = async (more: Record<string, unknown> = {}) => {
    const order = await makeOrder(ctx, await makeOffer(ctx, { offer: MONTHLY }))
    await deliver(event('invoice.paid', invoiceOf(order, more)))
    return order
  }
  const told = (order: Order, status: string, more: Record<string, unknown> = {}) =>
    deliver(event('customer.subscription.updated', { id: `sub_${order.id}`, status, ...more }))
  const subscriptionOf = async (order: Order) => {
    const [row] = await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, order.id))
    return row
  }
  const planPaid = async (order: Order) => {
    const [row] = await database.db.execute<{ plan: string }>(sql`
      select o.paid_plan as plan from organizations o join subscriptions s on s.organization_id = o.id where s.order_id = ${order.id}`)
    return row?.plan
  }

  it('of which credit paid a part earns on the cash, less the tax’s share of it', async () => {
    const order = await subscribe({ total: 5_500, tax: 500, amount_paid: 2_750 })
    const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
    expect(payment).toMatchObject({ capturedAmount: 2_750n, taxAmount: 250n, baseAmount: 2_500n })
    const credited = await subscribe({ total: 5_500, tax: 500, amount_paid: 0 })
    const [nothing] = await database.db.select().from(payments).where(eq(payments.orderId, credited.id))
    expect(nothing).toMatchObject({ capturedAmount: 0n, taxAmount: 0n, baseAmount: 0n })
  })

  it('takes over status, period and cancellation, and the plan with them', async () => {
    const order = await subscribe()
    expect(await planPaid(order)).toBe('BUSINESS')
    await told(order, 'past_due', { cancel_at_period_end: true, current_period_end: 1_800_000_000 })
    expect(await subscriptionOf(order)).toMatchObject({
      status: 'PAST_DUE',
      cancelAtPeriodEnd: true,
      currentPeriodEnd: new Date(1_800_000_000_000),
    })
    expect(await planPaid(order)).toBe('BUSINESS')
    expect(await told(order, 'incomplete')).toMatchObject({ status: 'IGNORED' })
    await told(order, 'canceled')
    expect(await planPaid(order)).toBe('FREE')
    await told(order, 'active')
    expect(await subscriptionOf(order)).toMatchObject({ status: 'CANCELLED' })
    expect(await planPaid(order)).toBe('FREE')
  })

  it('that ends in the same instant as the other leaves no plan behind', async () => {
    const [first, second] = [await subscribe(), await subscribe()]
    await database.db.execute(sql`update subscriptions set (organization_id, user_id) =
      (select organization_id, user_id from subscriptions where order_id = ${first.id}) where order_id = ${second.id}`)
    let both: Promise<unknown> = Promise.resolve()
    await database.owner.transaction(async (holder) => {
      await holder.execute(sql`select from organizations o join subscriptions s on s.organization_id = o.id
        where s.order_id = ${first.id} for no key update of o`)
      both = Promise.all([told(first, 'canceled'), told(second, 'canceled')])
      await expect
        .poll(
          async () => {
            const [row] = await database.owner.execute<{ n: number }>(
              sql`select count(*)::int n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
            )
            return row?.n
          },
          { timeout: 10_000 },
        )
        .toBe(2)
    })
    await both
    expect(await planPaid(first)).toBe('FREE')
  })
})
