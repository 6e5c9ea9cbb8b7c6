import { eq } from 'drizzle-orm'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { activityLog, jobs, payments, webhookEvents } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import {
  brokenBooks,
  type MadeOffer,
  makeOffer,
  makeOrder,
  paidSession,
  signedHeaders,
  stripeEvent,
} from '../../../db/testing/factories/payment'
import { createStripeProvider } from '../../providers/stripe'
import {
  buryWebhook,
  listWebhookEvents,
  processWebhook,
  readWebhookEvent,
  receiveWebhook,
  replayWebhook,
} from '.'

const database = useDatabase()
let ctx: TestContext
let admin: TestContext
let offer: MadeOffer

/** Stripe cannot be reached: nothing listens there. */
const provider = createStripeProvider({
  secretKey: 'sk_test_x',
  webhookSecrets: ['whsec_sandbox'],
  apiBase: 'http://127.0.0.1:9',
  mode: 'sandbox',
})

beforeAll(async () => {
  ctx = testContext(database.db, { outside: { payments: new Map([['stripe', provider]]) } })
  admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  offer = await makeOffer(ctx)
})
beforeEach(() => ctx.clock.advance(1_000))
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

const receive = async (type: string, object: Record<string, unknown>): Promise<string> => {
  const body = stripeEvent(ctx.now(), type, object)
  await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
  const { id } = JSON.parse(body) as { id: string }
  const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.eventId, id))
  return row?.id ?? ''
}
/** All the jobs there are for an event, done one after the other, as a worker does them. */
const work = async (id: string) => {
  const waiting = await database.db.select().from(jobs).where(eq(jobs.kind, 'webhook.process'))
  for (const job of waiting.filter(({ payload }) => payload.eventRowId === id)) {
    await processWebhook(ctx, id, 99)
    await database.db.delete(jobs).where(eq(jobs.id, job.id))
  }
}
const paid = async () => {
  const order = await makeOrder(ctx, offer)
  return { order, id: await receive('checkout.session.completed', paidSession(order)) }
}

describe('a replay', () => {
  it('of a dead event does what the first time could not, by the same way', async () => {
    const { order, id } = await paid()
    await database.db.delete(jobs).where(eq(jobs.key, `webhook:${id}`))
    await buryWebhook(ctx, id, 'the database was away')
    expect(await replayWebhook(admin, { id })).toMatchObject({
      status: 'RECEIVED',
      outcome: null,
      waiting: { attempts: 0 },
    })
    await work(id)
    expect(await readWebhookEvent(admin, { id })).toMatchObject({ status: 'PROCESSED', waiting: null })
    expect(await database.db.$count(payments, eq(payments.orderId, order.id))).toBe(1)
  })

  it('of a processed event, twice and at once, does nothing twice', async () => {
    const { order, id } = await paid()
    await work(id)
    await Promise.all([replayWebhook(admin, { id }), replayWebhook(admin, { id })])
    await work(id)
    expect(await readWebhookEvent(admin, { id })).toMatchObject({ status: 'PROCESSED' })
    expect(await database.db.$count(payments, eq(payments.orderId, order.id))).toBe(1)
  })

  it('is never lost to the job that is just ending', async () => {
    const { id } = await paid()
    await processWebhook(ctx, id, 99)
    // The event is done, its job not yet gone.
    await replayWebhook(admin, { id })
    await database.db.delete(jobs).where(eq(jobs.key, `webhook:${id}`))
    await work(id)
    expect(await readWebhookEvent(admin, { id })).toMatchObject({ status: 'PROCESSED' })
  })

  it('is written down with what stood there before', async () => {
    const id = await receive('customer.created', { id: 'cus_1' })
    await work(id)
    await replayWebhook(admin, { id })
    const [line] = await database.db.select().from(activityLog).where(eq(activityLog.subjectId, id))
    expect(line).toMatchObject({
      action: 'webhook_replayed',
      before: { status: 'IGNORED', outcome: expect.any(String) },
    })
    await work(id)
  })

  it.each(['nobody', '0198c0de-0000-7000-8000-000000000000'])('of %s finds nothing', async (id) => {
    const notThere = { status: 404, code: 'WEBHOOK_EVENT_NOT_FOUND' }
    await expect(replayWebhook(admin, { id })).rejects.toMatchObject(notThere)
    await expect(readWebhookEvent(admin, { id })).rejects.toMatchObject(notThere)
  })
})

describe('the list of events', () => {
  it('is narrowed by state, provider and the beginning of a type, page by page', async () => {
    for (let n = 0; n < 5; n += 1) await work(await receive('customer.updated', { id: 'cus_1' }))
    const seen: string[] = []
    const filter = { status: 'IGNORED', provider: 'stripe', search: 'customer.up', limit: 2 } as const
    for (let cursor: string | undefined; ; ) {
      const page = await listWebhookEvents(admin, { ...filter, cursor })
      expect(page.items.every(({ type }) => type === 'customer.updated')).toBe(true)
      seen.push(...page.items.map(({ id }) => id))
      if (page.nextCursor === null) break
      cursor = page.nextCursor
    }
    expect(seen).toHaveLength(5)
    expect(new Set(seen).size).toBe(5)
    expect((await listWebhookEvents(admin, { ...filter, provider: 'mamopay' })).items).toEqual([])
    expect((await listWebhookEvents(admin, { ...filter, search: '%' })).items).toEqual([])
    const cursor = Buffer.from('2026-01-01T00:00:00.000Z|x').toString('base64url')
    await expect(listWebhookEvents(admin, { limit: 2, cursor })).rejects.toMatchObject({ status: 400 })
  })

  it('says of what waits when it is tried next, and shows the body word for word with one event', async () => {
    const { id } = await paid()
    const [row] = (await listWebhookEvents(admin, { limit: 1 })).items
    expect(row).toMatchObject({
      id,
      status: 'RECEIVED',
      waiting: { attempts: 0, nextAt: expect.any(String) },
    })
    expect(row).not.toHaveProperty('body')
    const { body } = await readWebhookEvent(admin, { id })
    expect(JSON.parse(body)).toMatchObject({ type: 'checkout.session.completed' })
    await work(id)
  })
})
