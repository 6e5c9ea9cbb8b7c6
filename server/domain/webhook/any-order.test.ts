import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Db, Tx } from '../../../db/client'
import { webhookEvents } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  brokenBooks,
  type MadeOffer,
  MONTHLY,
  makeOffer,
  signedHeaders,
} from '../../../db/testing/factories/payment'
import type { Context } from '../../kit/context'
import type { PaymentProvider } from '../../kit/ports'
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import { createPaymentLink } from '../payment'
import { processWebhook, receiveWebhook } from '.'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let offer: MadeOffer

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, {
    outside: { payments: new Map([['stripe', h.provider]]) },
    ...(ctx === undefined ? {} : { clock: ctx.clock }),
  })
  // A day of its own, by which its mails are known.
  ctx.clock.advance(86_400_000)
  offer = await makeOffer(ctx)
})

/** Taken in and processed, as the job does. @throws Error while it waits for another one */
const deliver = async (as: Context, body: string): Promise<void> => {
  await receiveWebhook(as, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
  const { id } = JSON.parse(body) as { id: string }
  const [row] = await as.db
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(eq(webhookEvents.eventId, id))
  await processWebhook(as, row?.id ?? '')
}

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
  await delivered()
  return { orderId: id, events: h.received.map(({ body }) => body) }
}

/** Waits until everything on its way has come. */
const delivered = async (): Promise<void> => {
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
    'refunds', (select jsonb_agg(jsonb_build_array(r.status, r.amount, p.refunded_amount) order by r.amount) from payment_refunds r
      join payments p on p.id = r.payment_id where p.order_id = ${orderId}),
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

/** What the provider answers does not change any more: each thing is asked of it once. */
const remembering = (provider: PaymentProvider): PaymentProvider => {
  const answers = new Map<string, unknown>()
  const once = <In, Out>(name: string, ask: (input: In) => Promise<Out>) => {
    return (input: In): Promise<Out> => {
      const key = `${name} ${JSON.stringify(input, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`
      if (!answers.has(key)) answers.set(key, ask(input))
      return answers.get(key) as Promise<Out>
    }
  }
  return {
    ...provider,
    fetchCheckout: once('checkout', provider.fetchCheckout),
    fetchSubscription: once('subscription', provider.fetchSubscription),
    fetchRefunds: once('refunds', provider.fetchRefunds),
    ...(provider.fetchInvoice && { fetchInvoice: once('invoice', provider.fetchInvoice) }),
  }
}

/** Works within a transaction, and forgets it. */
const undone = async (db: Db | Tx, work: (inside: Context) => Promise<void>): Promise<void> => {
  await db
    .transaction(async (nested) => {
      await work({ ...ctx, db: nested })
      throw new Undo()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
}

/** An event comes, twice at once, and what waits is tried again, as its job would. @returns what still waits */
const arrive = async (as: Context, bodies: readonly string[], waiting: readonly string[]) => {
  let left = [...bodies, ...waiting]
  for (let before = left.length + 1; left.length > 0 && left.length < before; ) {
    before = left.length
    const still: string[] = []
    for (const body of left)
      await deliver(as, body)
        .then(() => deliver(as, body))
        .catch(() => still.push(body))
    left = still
  }
  return left
}

/** What all of them leave behind, in this order of arrival; each comes once more at the end. */
const endOf = async (orderId: string, arrivals: readonly string[]): Promise<unknown> => {
  let end: unknown
  await undone(database.db, async (inside) => {
    let waiting: string[] = []
    for (const body of arrivals) waiting = await arrive(inside, [body], waiting)
    end = await checkedEnd(inside, orderId, arrivals, waiting)
  })
  return end
}

const checkedEnd = async (
  inside: Context,
  orderId: string,
  arrivals: readonly string[],
  waiting: readonly string[],
) => {
  expect(waiting.map(typeOf)).toEqual([])
  for (const body of arrivals) await deliver(inside, body)
  await inside.db.execute(sql`set constraints all immediate`)
  expect(await brokenBooks(inside)).toEqual([])
  return summary(inside, orderId)
}

/** What was left to be done later: that may differ in the end, for a job asks again. */
const jobsNow = async (as: Context): Promise<unknown> =>
  as.db.execute(
    sql`select kind, count(*)::int n from jobs where kind not in ('webhook.process', 'mail.send') group by kind order by kind`,
  )

/**
 * Every order in which these can arrive. Two of them that lead to the same rows after the same events go on alike, so
 * each such state is gone on from once: what comes to the end is every order there is.
 * @returns how many states there were
 */
const everyOrder = async (orderId: string, events: readonly string[], wanted: unknown): Promise<number> => {
  const seen = new Set<string>()
  const goOn = async (db: Db | Tx, arrived: readonly string[], waiting: readonly string[]): Promise<void> => {
    for (const body of events.filter((one) => !arrived.includes(one)))
      await undone(db, async (inside) => {
        const order = [...arrived, body]
        const still = await arrive(inside, [body], waiting)
        const rows = [await summary(inside, orderId), await jobsNow(inside)]
        const state = [[...order].sort(), [...still].sort(), ...rows]
        if (seen.has(JSON.stringify(state))) return
        seen.add(JSON.stringify(state))
        if (order.length < events.length) return goOn(inside.db, order, still)
        expect(await checkedEnd(inside, orderId, order, still), order.map(typeOf).join()).toEqual(wanted)
      })
  }
  await goOn(database.db, [], [])
  return seen.size
}

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

/** All orders of what is acted upon, and some of everything that came, twice. */
const proven = async (
  { orderId, events }: { orderId: string; events: string[] },
  kinds: readonly string[],
): Promise<unknown> => {
  ctx = { ...ctx, outside: { ...ctx.outside, payments: new Map([['stripe', remembering(h.provider)]]) } }
  const chosen = events.filter((body) => kinds.includes(typeOf(body)))
  expect(chosen.map(typeOf).sort()).toEqual([...kinds].sort())
  const wanted = await endOf(orderId, chosen)
  expect(wanted).toMatchObject({ order: ['FULFILLED', null], copies: 1, uses: 1 })
  expect(await everyOrder(orderId, chosen, wanted)).toBeGreaterThanOrEqual(2 ** kinds.length - 1)
  for (let seed = 1; seed <= 4; seed += 1) {
    const order = shuffled([...events, ...events], seed)
    expect(await endOf(orderId, order), order.map(typeOf).join()).toEqual(wanted)
  }
  return wanted
}

/** What of a purchase comes of giving it back on the provider's side. */
const givenBack = async (made: { orderId: string; events: string[] }) => {
  const charge = made.events.map(objectOf).find(({ object }) => object === 'charge')
  h.received.length = 0
  expect((await h.form(`/sandbox/charges/${charge?.id}/refund`, {})).status).toBe(303)
  await h.until('charge.refunded')
  await delivered()
  return { ...made, events: [...made.events, ...h.received.map(({ body }) => body)] }
}
const objectOf = (body: string) =>
  (JSON.parse(body) as { data: { object: { object: string; id: string } } }).data.object

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

describe('whatever the order of arrival, and however often each comes', () => {
  it('a one-off purchase ends the same', async () => {
    const kinds = ['charge.succeeded', 'payment_intent.succeeded', 'checkout.session.completed']
    expect(await proven(await buy(offer, 'one-off@example.test'), kinds)).toMatchObject({
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
    expect(await proven(await buy(monthly, 'subscriber@example.test'), kinds)).toMatchObject({
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

  it('a subscription that is given back ends the same, in all 5,040 orders of its seven events', async () => {
    const kinds = [
      'customer.subscription.created',
      'invoice.paid',
      'invoice.payment_succeeded',
      'checkout.session.completed',
      'charge.succeeded',
      'refund.created',
      'charge.refunded',
    ]
    const monthly = await makeOffer(ctx, { offer: MONTHLY })
    const made = await givenBack(await buy(monthly, 'returner@example.test'))
    expect(await proven(made, kinds)).toMatchObject({
      payments: [['REFUNDED', ...Array(10).fill(expect.anything())]],
      commissions: [['SALE', 'REVERSED', expect.any(Number)]],
    })
  }, 60_000)

  it('a trial ends the same', async () => {
    const kinds = ['customer.subscription.created', 'invoice.paid', 'checkout.session.completed']
    const trial = await makeOffer(ctx, { offer: { ...MONTHLY, freeTrialPeriodInDays: 14 } })
    expect(await proven(await buy(trial, 'trial@example.test'), kinds)).toMatchObject({
      subscriptions: [['TRIALING', 'BUSINESS', expect.any(String), expect.any(String), false, 'BUSINESS']],
      commissions: null,
      posted: null,
    })
  })
})
