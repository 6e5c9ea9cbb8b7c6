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
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import { createStripeProvider } from '../../providers/stripe'
import { createPaymentLink } from '../payment'
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

describe('a checkout of which credit paid a part', () => {
  it('books the cash its invoice says, whichever of the two comes first', async () => {
    const monthly = await makeOffer(ctx, { offer: MONTHLY })
    const { orderId, events } = await buy(monthly, 'credit@example.test')
    const bodies = ['checkout.session.completed', 'invoice.paid'].map(
      (type) => events.find((body) => typeOf(body) === type) ?? '',
    )
    // 20.00 of the 50.00 were credit at the provider: the session says 50.00, its invoice what was captured.
    await database.db.execute(sql`update sandbox_objects set body = body || '{"amount_paid": 3000}'
      where type = 'invoice' and body->'parent'->'subscription_details'->'metadata'->>'orderId' = ${orderId}`)
    const cash = bodies.map((body) => body.replace('"amount_paid":5000', '"amount_paid":3000'))
    const ends = [await endOf(orderId, cash), await endOf(orderId, [...cash].reverse())]
    expect(ends[0]).toEqual(ends[1])
    expect(ends[0]).toMatchObject({ commissions: [['SALE', 'CREDITED', 600]] })
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

/** Pays on the sandbox's hosted page, and gives back every event that came of it. */
const buy = async (terms: MadeOffer, email: string): Promise<{ orderId: string; events: string[] }> => {
  const { id, url } = await createPaymentLink(ctx, {
    paymentType: 'WORKSPACE_PURCHASE',
    email,
    firstName: 'Bo',
    lastName: 'Buyer',
    affiliateToken: terms.token,
    attempt: null,
  })
  h.received.length = 0
  expect((await h.form(new URL(url).pathname, PAYMENT)).status).toBe(303)
  await h.until('checkout.session.completed')
  await expect
    .poll(
      async () => {
        const [row] = await database.db.execute<{ n: number }>(
          sql`select count(*)::int n from sandbox_deliveries where not delivered`,
        )
        return row?.n
      },
      { timeout: 20_000 },
    )
    .toBe(0)
  return { orderId: id, events: h.received.map(({ body }) => body) }
}
const typeOf = (body: string) => (JSON.parse(body) as { type: string }).type

/** What is there in the end, without what is made anew each time. */
const summary = async (as: Context, orderId: string): Promise<unknown> => {
  const [row] = await as.db.execute<{ it: unknown }>(sql`select jsonb_build_object(
    'order', (select jsonb_build_array(status, failure) from orders where id = ${orderId}),
    'payments', (select jsonb_agg(jsonb_build_array(status, external_id, payment_intent_id, charge_id, invoice_id, subscription_id,
      captured_amount, tax_amount, base_amount, fee_amount, withheld)) from payments where order_id = ${orderId}),
    'subscriptions', (select jsonb_agg(jsonb_build_array(s.status, s.plan, s.external_id, s.current_period_end, s.cancel_at_period_end, g.paid_plan))
      from subscriptions s join organizations g on g.id = s.organization_id where s.order_id = ${orderId}),
    'copies', (select count(*) from workspace_clones c join payments p on p.id = c.payment_id where p.order_id = ${orderId}),
    'uses', (select l.uses from affiliate_links l join orders o on o.affiliate_link_id = l.id where o.id = ${orderId}),
    'commissions', (select jsonb_agg(jsonb_build_array(c.kind, c.status, c.amount)) from commissions c join payments p on p.id = c.payment_id where p.order_id = ${orderId}),
    'posted', (select jsonb_agg(jsonb_build_array(t.kind, a.kind, e.amount) order by t.kind, a.kind) from ledger_transfers t
      join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id
      where t.reference_id in (select p.id::text from payments p where p.order_id = ${orderId} union all
        select c.id::text from commissions c join payments p on p.id = c.payment_id where p.order_id = ${orderId})),
    'mails', (select jsonb_agg(jsonb_build_array(template, to_address, data->'amount', data->'commission') order by template, to_address) from mails
      where created_at >= ${ctx.now().toISOString()}::timestamptz and template <> 'admin-alert')) as it`)
  return row?.it
}

class Undo extends Error {}

/** The end of one order of arrival, on a database that forgets it again. */
const endOf = async (orderId: string, arrivals: readonly string[]): Promise<unknown> => {
  let end: unknown
  await database.db
    .transaction(async (db) => {
      const inside: Context = { ...ctx, db }
      // What waits for something else is tried again, as its job would.
      let waiting = arrivals
      for (let round = 1; waiting.length > 0; round += 1) {
        const again: string[] = []
        for (const body of waiting)
          await deliver(body, inside).catch((error: unknown) => {
            if (round > 2 || !String(error).includes('not settled yet')) throw error
            again.push(body)
          })
        waiting = again
      }
      await db.execute(sql`set constraints all immediate`)
      expect(await brokenBooks(inside)).toEqual([])
      end = await summary(inside, orderId)
      throw new Undo()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
  return end
}

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) =>
        permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
      )

/** Repeatable, and the same in every run. */
const shuffled = <T>(items: readonly T[], seed: number): T[] => {
  const mixed = [...items]
  let x = seed
  for (let i = mixed.length - 1; i > 0; i -= 1) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    const j = x % (i + 1)
    const [a, b] = [mixed[i] as T, mixed[j] as T]
    mixed[i] = b
    mixed[j] = a
  }
  return mixed
}

describe('whatever the order of arrival, and however often each comes', () => {
  const provenFor = async (terms: MadeOffer, email: string, kinds: readonly string[], random: number) => {
    // A day of its own, by which its mails are known.
    ctx.clock.advance(86_400_000 * kinds.length)
    const { orderId, events } = await buy(terms, email)
    const chosen = events.filter((body) => kinds.includes(typeOf(body)))
    expect(chosen.map(typeOf).sort()).toEqual([...kinds].sort())
    const wanted = await endOf(orderId, chosen)
    expect(wanted).toMatchObject({ order: ['FULFILLED', null], copies: 1, uses: 1 })
    // Each comes again at once, and all of them once more at the end.
    for (const order of permutations(chosen))
      expect(
        await endOf(orderId, [...order.flatMap((body) => [body, body]), ...order]),
        order.map(typeOf).join(),
      ).toEqual(wanted)
    for (let seed = 1; seed <= random; seed += 1) {
      const order = shuffled([...events, ...events], seed)
      expect(await endOf(orderId, order), order.map(typeOf).join()).toEqual(wanted)
    }
    return wanted
  }

  it('a one-off purchase ends the same', async () => {
    const kinds = ['charge.succeeded', 'payment_intent.succeeded', 'checkout.session.completed']
    expect(await provenFor(offer, 'one-off@example.test', kinds, 10)).toMatchObject({
      payments: [
        [
          'CAPTURED',
          expect.stringMatching(/^pi_/),
          expect.any(String),
          expect.stringMatching(/^ch_/),
          null,
          null,
          10_000,
          0,
          10_000,
          320,
          [],
        ],
      ],
      commissions: [['SALE', 'CREDITED', 2_000]],
      mails: [
        ['purchase-ready', 'one-off@example.test', 10_000, null],
        ['workspace-sold', expect.any(String), 10_000, 2_000],
      ],
    })
  })

  it('a subscription ends the same', async () => {
    const kinds = [
      'customer.subscription.created',
      'invoice.paid',
      'invoice.payment_succeeded',
      'checkout.session.completed',
    ]
    const monthly = await makeOffer(ctx, { offer: MONTHLY })
    expect(await provenFor(monthly, 'subscriber@example.test', kinds, 20)).toMatchObject({
      payments: [
        [
          'CAPTURED',
          expect.stringMatching(/^in_/),
          expect.stringMatching(/^pi_/),
          expect.anything(),
          expect.any(String),
          expect.stringMatching(/^sub_/),
          5_000,
          0,
          5_000,
          175,
          [],
        ],
      ],
      subscriptions: [['ACTIVE', 'BUSINESS', expect.any(String), expect.any(String), false, 'BUSINESS']],
    })
  })

  it('a trial ends the same', async () => {
    const kinds = ['customer.subscription.created', 'invoice.paid', 'checkout.session.completed']
    const trial = await makeOffer(ctx, { offer: { ...MONTHLY, freeTrialPeriodInDays: 14 } })
    expect(await provenFor(trial, 'trial@example.test', kinds, 10)).toMatchObject({
      subscriptions: [['TRIALING', 'BUSINESS', expect.any(String), expect.any(String), false, 'BUSINESS']],
      commissions: null,
      posted: null,
    })
  })
})
