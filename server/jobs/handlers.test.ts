import { eq, inArray, like, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  affiliateLinks,
  commissions,
  jobs,
  mails,
  orders,
  payments,
  sessions,
  webhookEvents,
  workspaceClones,
  workspaces,
} from '../../db/schema'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser } from '../../db/testing/factories/identity'
import {
  brokenBooks,
  type MadeOffer,
  makeOffer,
  makeOrder,
  type Order,
  paidFacts,
  paidSession,
  signedHeaders,
  stripeEvent,
} from '../../db/testing/factories/payment'
import { verifyLedger } from '../domain/balance'
import { createPaymentLink, settleOrder } from '../domain/payment'
import { receiveWebhook } from '../domain/webhook'
import { inTransaction } from '../kit/context'
import { createLog } from '../kit/log'
import { enqueueJob } from '../kit/queue'
import { type Harness, startHarness } from '../providers/sandbox/sandbox.harness'
import { createHandlers, createUndertaker } from './handlers'
import { MAX_ATTEMPTS, runDueJobs } from './worker'

const database = useDatabase({ max: 20 })
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
  await database.db.delete(jobs)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

const work = () =>
  runDueJobs({
    db: database.db,
    handlers: createHandlers(ctx),
    onDead: createUndertaker(ctx),
    log: createLog('silent'),
    lease: 30,
  })
const drain = async () => {
  while ((await work()) > 0);
}
const drainWith = (workers: number) => Promise.all(Array.from({ length: workers }, drain))
const paidWebhook = async (order: Order, more: Record<string, unknown> = {}) => {
  const body = stripeEvent(ctx.now(), 'checkout.session.completed', paidSession(order, more))
  await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
  return (JSON.parse(body) as { id: string }).id
}
const eventNow = async (eventId: string) => {
  const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.eventId, eventId))
  return row
}
const statuses = async (of: readonly Order[]) => {
  const rows = await database.db
    .select({ status: orders.status })
    .from(orders)
    .where(
      inArray(
        orders.id,
        of.map(({ id }) => id),
      ),
    )
  return rows.map(({ status }) => status)
}
const lastAttempt = (key: string) =>
  database.db
    .update(jobs)
    .set({ attempts: MAX_ATTEMPTS - 1, runAt: sql`now()` })
    .where(like(jobs.key, key))
const linkNow = async () => {
  const [link] = await database.db.select().from(affiliateLinks).where(eq(affiliateLinks.id, offer.link.id))
  return link
}

describe('twenty purchases of one link, by four workers at once', () => {
  it('are twenty copies with twenty slugs, twenty mails each, and books that verify', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => makeOrder(ctx, offer)))
    await Promise.all(all.flatMap((order) => [paidWebhook(order), paidWebhook(order)]))
    await drainWith(4)
    expect(await statuses(all)).toEqual(Array(20).fill('FULFILLED'))
    const copies = await database.db
      .select({ slug: workspaces.slug })
      .from(workspaceClones)
      .innerJoin(workspaces, eq(workspaces.id, workspaceClones.copyWorkspaceId))
      .where(eq(workspaceClones.sellerId, offer.seller.id))
    expect(copies).toHaveLength(20)
    expect(new Set(copies.map(({ slug }) => slug)).size).toBe(20)
    expect(await linkNow()).toMatchObject({ uses: 20 })
    expect(await verifyLedger(ctx)).toMatchObject({ ok: true, violations: [] })
    const [balance] = await database.db.execute<{ balance: string }>(
      sql`select balance from ledger_accounts where user_id = ${offer.seller.id} and kind = 'available'`,
    )
    expect(balance?.balance).toBe('40000')
    expect(ctx.sent.filter(({ to }) => to.address === offer.seller.email)).toHaveLength(20)
    expect(new Set(ctx.sent.map(({ messageId }) => messageId)).size).toBe(ctx.sent.length)
  })

  it('of which five were allowed and eight were open are all fulfilled, and a ninth checkout is refused', async () => {
    await database.db.update(affiliateLinks).set({ maxUses: 5 }).where(eq(affiliateLinks.id, offer.link.id))
    const open = await Promise.all(Array.from({ length: 8 }, () => makeOrder(ctx, offer)))
    await Promise.all(open.map((order) => paidWebhook(order)))
    await drainWith(4)
    expect(await statuses(open)).toEqual(Array(8).fill('FULFILLED'))
    expect(await linkNow()).toMatchObject({ uses: 8, status: 'EXHAUSTED' })
    const asked = createPaymentLink(ctx, {
      paymentType: 'WORKSPACE_PURCHASE',
      email: 'ninth@example.test',
      firstName: 'Ni',
      lastName: 'Nth',
      affiliateToken: offer.token,
      attempt: null,
    })
    await expect(asked).rejects.toMatchObject({ status: 422, code: 'LINK_NOT_AVAILABLE' })
  })
})

describe('an event that cannot be processed', () => {
  it('is dead after its last attempt, with one alert that shows no bound value, while others flow on', async () => {
    const [poison, good] = [await makeOrder(ctx, offer, { firstName: 'Poison' }), await makeOrder(ctx, offer)]
    await database.owner.execute(sql`create function poisoned() returns trigger language plpgsql as $$
      begin if new.first_name = 'Poison' then raise exception 'broken'; end if; return new; end $$`)
    await database.owner.execute(
      sql`create trigger poisoned before insert on users for each row execute function poisoned()`,
    )
    const [bad, fine] = [await paidWebhook(poison), await paidWebhook(good)]
    await drainWith(2)
    expect(await eventNow(fine)).toMatchObject({ status: 'PROCESSED' })
    expect(await eventNow(bad)).toMatchObject({ status: 'RECEIVED' })
    await lastAttempt('webhook:%')
    await drainWith(2)
    expect(await eventNow(bad)).toMatchObject({ status: 'DEAD' })
    const alerts = await database.db
      .select()
      .from(mails)
      .where(like(sql`${mails.data}::text`, `%${bad}%`))
    expect(alerts).toHaveLength(1)
    expect(JSON.stringify(alerts)).not.toContain(poison.email)
    expect((await eventNow(bad))?.outcome).not.toContain(poison.email)
    await database.owner.execute(sql`drop function poisoned cascade`)
    // Replayed by hand, it completes.
    const row = await eventNow(bad)
    await database.db.update(webhookEvents).set({ status: 'RECEIVED' }).where(eq(webhookEvents.eventId, bad))
    await database.db
      .update(jobs)
      .set({ deadAt: null, attempts: 0, runAt: sql`now()` })
      .where(eq(jobs.key, `webhook:${row?.id}`))
    await drain()
    expect(await statuses([poison])).toEqual(['FULFILLED'])
  })
})

describe('the other jobs', () => {
  it('expire an order, ask for a fee, give a payment back, and send the mails', async () => {
    const [late, gone] = [await makeOrder(ctx, offer), await makeOrder(ctx, offer, { workspaceId: null })]
    await database.db.insert(jobs).values({
      kind: 'checkout.expire',
      key: `checkout:${late.id}`,
      payload: { orderId: late.id },
      runAt: sql`now()`,
      createdAt: ctx.now(),
    })
    await inTransaction(ctx, (tx) =>
      settleOrder(tx, paidFacts(gone, { captured: { amount: 0n, currency: 'USD' } })),
    )
    await drain()
    expect(await statuses([late])).toEqual(['EXPIRED'])
    const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, gone.id))
    expect(payment?.status).toBe('REFUNDED')
    const paid = await makeOrder(ctx, offer)
    await paidWebhook(paid)
    await drain()
    await database.db.update(jobs).set({ runAt: sql`now()` })
    await drain()
    expect(await database.db.select().from(jobs)).toEqual([])
    expect(ctx.sent.map(({ to }) => to.address).sort()).toEqual(
      [gone.email, ctx.config.admin?.email, paid.email, offer.seller.email].sort(),
    )
  })

  it('credit what is no longer held, and clear sessions that are over', async () => {
    const buyer = await makeUser(ctx)
    await database.db.insert(sessions).values({
      idHash: '0'.repeat(64),
      userId: buyer.id,
      createdAt: ctx.now(),
      expiresAt: ctx.now(),
      absoluteExpiresAt: ctx.now(),
    })
    const held = testContext(database.db, { clock: ctx.clock, env: { COMMISSION_HOLD_DAYS: '1' } })
    const order = await makeOrder(ctx, offer)
    await inTransaction(held, (tx) => settleOrder(tx, paidFacts(order, { fee: 320n })))
    ctx.clock.advance(2 * 86_400_000)
    await enqueueJob(ctx, { kind: 'affiliate.processCommissions', key: 'credit', payload: {} })
    await enqueueJob(ctx, { kind: 'identity.deleteExpiredSessions', key: 'clear', payload: {} })
    await drain()
    const earned = await database.db
      .select()
      .from(commissions)
      .where(eq(commissions.beneficiaryId, offer.seller.id))
    expect(earned).toMatchObject([{ status: 'CREDITED', creditedAt: ctx.now() }])
    expect(await database.db.select().from(sessions).where(eq(sessions.userId, buyer.id))).toEqual([])
  })

  it('tell the admin of a refund that does not go through, and give up a mail nobody takes', async () => {
    const gone = await makeOrder(ctx, offer, { workspaceId: null })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(gone, { paymentIntentId: 'pi_unknown' })))
    ctx = testContext(database.db, {
      outside: {
        ...ctx.outside,
        mail: { kind: 'smtp', send: async () => Promise.reject(new Error('no server')) },
      },
    })
    await database.db.update(jobs).set({ attempts: MAX_ATTEMPTS - 1 })
    await drain()
    const told = await database.db.select().from(mails).where(like(mails.key, 'alert:refund:%'))
    expect(told).toHaveLength(1)
    const [mail] = await database.db.select().from(mails).where(eq(mails.to, gone.email))
    expect(mail?.status).toBe('DEAD')
    await createUndertaker(ctx)(
      {
        id: 2n,
        kind: 'payment.sendRefund',
        key: 'y',
        payload: { refundId: 'r1' },
        attempts: 12,
        leaseToken: '',
      },
      new Error('away'),
    )
    const alerts = await database.db.select().from(mails).where(eq(mails.key, 'alert:refund-request:r1'))
    expect(alerts).toHaveLength(1)
    const proof = {
      id: 3n,
      kind: 'reporting.proveBooks',
      key: 'z',
      payload: {},
      attempts: 12,
      leaseToken: '',
    }
    await createUndertaker(ctx)(proof, new Error('no room left'))
    await createUndertaker(ctx)(proof, new Error('no room left'))
    const unproved = await database.db.select().from(mails).where(like(mails.key, 'alert:unproved:%'))
    expect(unproved).toEqual([
      expect.objectContaining({
        to: ctx.config.admin?.email,
        data: expect.objectContaining({ text: expect.stringContaining('no room left') }),
      }),
    ])
    await enqueueJob(ctx, {
      kind: 'payment.sendRefund',
      key: 'refund:send:none',
      payload: { refundId: '00000000-0000-7000-8000-000000000000' },
    })
    await drain()
    await createUndertaker(ctx)(
      { id: 1n, kind: 'checkout.expire', key: 'x', payload: {}, attempts: 12, leaseToken: '' },
      'not an error',
    )
  })
})
