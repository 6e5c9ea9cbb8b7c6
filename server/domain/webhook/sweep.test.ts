import { eq, like, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  jobs,
  mails,
  orders,
  payments,
  reconciliationCheckpoints,
  reconciliationDays,
  reconciliationRuns,
  sandboxObjects,
  webhookEvents,
} from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { brokenBooks, type MadeOffer, makeOffer } from '../../../db/testing/factories/payment'
import { createHandlers } from '../../jobs/handlers'
import { runDueJobs } from '../../jobs/worker'
import { createLog } from '../../kit/log'
import type { PaymentProvider } from '../../kit/ports'
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import { createPaymentLink, syncCheckout } from '../payment'
import { readReconciliation, receiveWebhook, sweepNow, sweepProviders } from '.'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let offer: MadeOffer

const MINUTE = 60_000
const DAY = 86_400_000

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = contextWith(h.provider)
  offer = await makeOffer(ctx)
  // Each test a day of its own, after the ones before it.
  ctx.clock.advance(12 * DAY)
  await database.db.delete(jobs)
})
afterEach(async () => {
  await h.form('/sandbox/faults/disarm', {})
  expect(await brokenBooks(ctx)).toEqual([])
})

const contextWith = (provider: PaymentProvider): TestContext =>
  testContext(database.db, {
    outside: { payments: new Map([['stripe', provider]]) },
    ...(ctx === undefined ? {} : { clock: ctx.clock }),
  })

const work = async () => {
  const options = {
    db: database.db,
    handlers: createHandlers(ctx),
    onDead: async () => {},
    log: createLog('silent'),
    lease: 30,
  }
  while ((await runDueJobs(options)) > 0);
}
const buy = async () => {
  const { id, url } = await createPaymentLink(ctx, {
    paymentType: 'WORKSPACE_PURCHASE',
    affiliateToken: offer.token,
    email: `buyer-${crypto.randomUUID()}@example.test`,
    firstName: 'Bo',
    lastName: 'Buyer',
    attempt: null,
    provider: 'stripe',
  })
  return { id, path: new URL(url).pathname }
}
/** Paid, and not told of. */
const buyUntold = async () => {
  await h.arm('drop', { times: '' })
  const order = await buy()
  expect((await h.form(order.path, PAYMENT)).status).toBe(303)
  ctx.clock.advance(15 * MINUTE)
  return order
}
const statusOf = async (id: string) =>
  (await database.db.select().from(orders).where(eq(orders.id, id)))[0]?.status
const paymentsOf = (id: string) => database.db.select().from(payments).where(eq(payments.orderId, id))
const lastRun = async () => (await readReconciliation(ctx)).providers[0]?.last
const checkpoint = async () => (await database.db.select().from(reconciliationCheckpoints))[0]?.upto

describe('a sweep', () => {
  it('makes up for webhooks that were dropped, once, and takes one that comes late for what it is', async () => {
    const { id } = await buyUntold()
    await work()
    expect(await statusOf(id)).toBe('OPEN')
    await sweepProviders(ctx)
    expect((await lastRun())?.error).toBeNull()
    await work()
    expect(await statusOf(id)).toBe('FULFILLED')
    expect(await paymentsOf(id)).toHaveLength(1)
    const run = await lastRun()
    expect(run).toMatchObject({ provider: 'stripe', error: null, done: { waiting: 0, aside: 0 } })
    expect(run?.found).toBeGreaterThan(0)
    expect(run?.done.processed).toBe(run?.found)
    ctx.clock.advance(MINUTE)
    await sweepProviders(ctx)
    expect(await lastRun()).toMatchObject({ found: 0 })
    const [found] = await database.db
      .select()
      .from(webhookEvents)
      .where(like(webhookEvents.type, 'checkout.session.completed'))
      .orderBy(sql`${webhookEvents.receivedAt} desc`)
      .limit(1)
    const before = h.received.length
    await h.form(`/sandbox/events/${found?.eventId}/send`, {})
    await expect.poll(() => h.received.length).toBeGreaterThan(before)
    const late = h.received.at(-1)
    if (late === undefined) throw new Error('it did not come')
    expect(await receiveWebhook(ctx, { provider: 'stripe', ...late })).toBe('duplicate')
  })

  it('by two processes at once finds everything once', async () => {
    const { id } = await buyUntold()
    await Promise.all([sweepProviders(ctx), sweepProviders(ctx), sweepProviders(ctx)])
    const runs = await database.db
      .select()
      .from(reconciliationRuns)
      .where(eq(reconciliationRuns.startedAt, ctx.now()))
    const found = await database.db.$count(
      webhookEvents,
      sql`${webhookEvents.runId} in (${sql.join(
        runs.map((run) => sql`${run.id}`),
        sql`, `,
      )})`,
    )
    expect(found).toBeGreaterThan(0)
    expect(runs.reduce((sum, run) => sum + run.found, 0)).toBe(found)
    await work()
    expect(await paymentsOf(id)).toHaveLength(1)
    expect(await statusOf(id)).toBe('FULFILLED')
  })

  it('that is killed or fails half-way is done again from where the last good one ended', async () => {
    await sweepProviders(ctx)
    const before = await checkpoint()
    const { id } = await buyUntold()
    let asked = 0
    const failing: PaymentProvider = {
      ...h.provider,
      listEvents: async (page) => {
        asked += 1
        if (asked === 2) throw new Error('the line went dead')
        const { items } = (await h.provider.listEvents?.(page)) ?? { items: [] }
        return { items, next: 'more' }
      },
    }
    await sweepProviders(contextWith(failing))
    expect(await lastRun()).toMatchObject({ found: 0, error: 'the line went dead' })
    expect(await checkpoint()).toEqual(before)
    // As if killed: begun, and never ended.
    await database.db.update(reconciliationRuns).set({ finishedAt: null, error: null })
    await sweepProviders(ctx)
    await work()
    expect(await statusOf(id)).toBe('FULFILLED')
    expect(await checkpoint()).toEqual(new Date(ctx.now().getTime() - 2 * MINUTE))
  })

  it('leaves what was just made to its webhook, unless an admin asks now', async () => {
    await h.arm('drop', { times: '' })
    const { id, path } = await buy()
    await h.form(path, PAYMENT)
    await sweepProviders(ctx)
    expect(await lastRun()).toMatchObject({ found: 0 })
    ctx.clock.advance(1_000)
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    expect((await sweepNow(admin)).providers[0]?.last?.found).toBeGreaterThan(0)
    await work()
    expect(await statusOf(id)).toBe('FULFILLED')
  })

  it('that found nothing is forgotten after a month; one that found something never', async () => {
    const countOf = (found: ReturnType<typeof sql>) => database.db.$count(reconciliationRuns, found)
    await buyUntold()
    await sweepProviders(ctx)
    ctx.clock.advance(MINUTE)
    await sweepProviders(ctx)
    await work()
    const useful = await countOf(sql`found > 0`)
    expect(await countOf(sql`found = 0`)).toBeGreaterThan(0)
    ctx.clock.advance(31 * DAY)
    await sweepProviders(ctx)
    expect([await countOf(sql`found > 0`), await countOf(sql`found = 0`)]).toEqual([useful, 1])
  })

  it('has open orders looked up, though their provider’s events are gone', async () => {
    const { id } = await buyUntold()
    await database.db.delete(sandboxObjects).where(eq(sandboxObjects.type, 'event'))
    await sweepProviders(ctx)
    await work()
    expect(await statusOf(id)).toBe('FULFILLED')
    await Promise.all([syncCheckout(ctx, id), syncCheckout(ctx, id)])
    expect(await paymentsOf(id)).toHaveLength(1)
  })

  it('that fails for a day tells the admin, once a day', async () => {
    await sweepProviders(ctx)
    const away: PaymentProvider = {
      ...h.provider,
      listEvents: () => Promise.reject(new Error('nobody is there')),
    }
    const told = () => database.db.$count(mails, like(mails.key, 'alert:reconciliation:%'))
    for (const [wait, expected] of [
      [DAY - MINUTE, 0],
      [MINUTE, 1],
      [MINUTE, 1],
      [DAY, 2],
    ] as const) {
      ctx.clock.advance(wait)
      await sweepProviders(contextWith(away))
      expect(await told()).toBe(expected)
    }
  })
})

describe('the days', () => {
  const dayNow = () => ctx.now().toISOString().slice(0, 10)
  const rowOf = async (day: string) =>
    (await readReconciliation(ctx)).days.find((one) => one.day === day && one.charges > 0)
  const alertsOf = (charge: string) =>
    database.db.$count(mails, like(mails.key, `alert:difference:stripe:sandbox:${charge}:%`))
  /** Sold, booked, and a day has passed. */
  const soldYesterday = async () => {
    const order = await buyUntold()
    await sweepProviders(ctx)
    await work()
    const [payment] = await paymentsOf(order.id)
    const day = dayNow()
    ctx.clock.advance(DAY)
    return { ...order, day, payment, charge: payment?.chargeId ?? '' }
  }
  const change = (id: string, changes: Record<string, unknown>) =>
    database.db
      .update(sandboxObjects)
      .set({ body: sql`${sandboxObjects.body} || ${JSON.stringify(changes)}::jsonb` })
      .where(eq(sandboxObjects.id, id))

  it('that add up are shown so, compared once a day', async () => {
    const { day } = await soldYesterday()
    await sweepProviders(ctx)
    const usd = (amount: number) => ({ amount, currency: 'USD' })
    const row = await rowOf(day)
    expect(row).toMatchObject({
      charges: 1,
      charged: { there: usd(10_000), here: usd(10_000) },
      refunded: { there: usd(0), here: usd(0) },
      differences: [],
    })
    ctx.clock.advance(MINUTE)
    await sweepProviders(ctx)
    expect((await rowOf(day))?.checkedAt).toBe(row?.checkedAt)
    expect((await lastRun())?.checked).not.toHaveProperty('days')
  })

  it('name what was given back and is not known here, and what is not there, and tell the admin once of each', async () => {
    const { day, charge, payment } = await soldYesterday()
    await change(charge, { amount_refunded: 2_500 })
    for (let n = 0; n < 2; n += 1) {
      await sweepProviders(ctx)
      ctx.clock.advance(DAY)
    }
    const of = { charge, paymentId: payment?.id }
    expect((await rowOf(day))?.differences).toEqual([{ kind: 'REFUNDED', there: 2_500, here: 0, ...of }])
    expect(await alertsOf(charge)).toBe(1)
    await database.db.delete(sandboxObjects).where(eq(sandboxObjects.id, charge))
    await sweepProviders(ctx)
    const [row] = await database.db.select().from(reconciliationDays).where(eq(reconciliationDays.day, day))
    expect(row).toMatchObject({
      charges: 0,
      providerCharged: 0n,
      bookedCharged: 10_000n,
      differences: [{ kind: 'NOT_THERE', there: 0, here: 10_000, ...of }],
    })
    expect(await alertsOf(charge)).toBe(2)
  })

  it('name what is ours and not booked, and say nothing of what is not ours', async () => {
    const { day, charge } = await soldYesterday()
    const [row] = await database.db.select().from(sandboxObjects).where(eq(sandboxObjects.id, charge))
    const like = { ...row?.body, payment_intent: null, amount: 700, amount_captured: 700 }
    for (const [id, more] of [
      ['ch_ours', {}],
      ['ch_foreign', { metadata: {}, customer: 'cus_foreign' }],
      ['ch_declined', { status: 'failed', captured: false }],
    ] as const)
      await database.db.insert(sandboxObjects).values({
        id,
        provider: 'stripe',
        type: 'charge',
        body: { ...like, id, ...more },
        createdAt: ctx.now(),
        updatedAt: ctx.now(),
      })
    await sweepProviders(ctx)
    expect(await rowOf(day)).toMatchObject({
      charges: 2,
      charged: { there: { amount: 10_700 }, here: { amount: 10_000 } },
      differences: [{ kind: 'NOT_BOOKED', charge: 'ch_ours', there: 700, here: 0 }],
    })
    expect([await alertsOf('ch_ours'), await alertsOf('ch_foreign')]).toEqual([1, 0])
  })
})
