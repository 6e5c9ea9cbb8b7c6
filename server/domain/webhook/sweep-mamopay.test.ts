import { eq, like, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jobs, sandboxObjects, subscriptions, webhookEvents } from '../../../db/schema'
import type { TestContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { FULFILLED, useMamoHouse } from '../../../db/testing/factories/mamopay'
import { MONTHLY, makeOffer } from '../../../db/testing/factories/payment'
import { createHandlers } from '../../jobs/handlers'
import { runDueJobs } from '../../jobs/worker'
import { createLog } from '../../kit/log'
import type { MamoHarness } from '../../providers/sandbox/mamopay/mamopay.harness'
import { learnSubscription } from '../payment'
import { readReconciliation, sweepProviders } from '.'

const database = useDatabase()
const house = useMamoHouse(database)
const { alerts, buy, endOf, paymentsOf } = house
let h: MamoHarness
let ctx: TestContext

const MINUTE = 60_000
const DAY = 86_400_000

beforeEach(async () => {
  ;({ h, ctx } = house.now())
  // Each test days of its own, after the ones before it.
  ctx.clock.advance(25 * DAY)
  await database.db.delete(jobs)
  await h.arm('drop', { times: '' })
})
afterEach(() => h.form('/sandbox/faults/disarm'))

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
const sweep = async () => {
  ctx.clock.advance(10 * MINUTE)
  await sweepProviders(ctx)
  await work()
  const run = (await readReconciliation(ctx)).providers[0]?.last
  expect(run?.error).toBeNull()
  return run
}
/** Paid, with nobody told of it. */
const buyUntold = async (...args: Parameters<typeof buy>) => {
  const made = await buy(...args)
  await h.pay(made.url)
  expect(h.hooks).toEqual([])
  return made
}
const AED = { mode: 'ONE_OFF' as const, price: { amount: 10_000, currency: 'AED' } }

describe('a sweep of MamoPay', () => {
  it('makes up for webhooks that never came, once, and leaves what is not ours alone', async () => {
    const { id } = await buyUntold()
    const foreign = await h.api('POST', '/links', { title: 'Not ours', amount: 9, amount_currency: 'USD' })
    await h.pay(((await foreign.json()) as { payment_url: string }).payment_url)
    ctx.clock.advance(10 * MINUTE)
    await Promise.all([sweepProviders(ctx), sweepProviders(ctx)])
    await work()
    expect(await endOf(id)).toEqual(FULFILLED)
    expect(await sweep()).toMatchObject({ found: 0, checked: { charges: 2 } })
    expect(await database.db.$count(webhookEvents, like(webhookEvents.type, 'charge.%'))).toBe(1)
  })

  it('finds refunds nobody told of: new ones of late charges each time, those of older ones once a day', async () => {
    const { id } = await buyUntold(await makeOffer(ctx, { offer: AED }))
    await sweep()
    const [payment] = await paymentsOf(id)
    const refund = (amount: number) => h.api('POST', `/charges/${payment?.chargeId}/refunds`, { amount })
    await refund(10)
    await refund(20)
    expect(await sweep()).toMatchObject({ found: 1, done: { processed: 1 } })
    expect(await endOf(id)).toMatchObject({ payments: [['PARTIALLY_REFUNDED', 10_000n, 3_000n]] })
    ctx.clock.advance(20 * DAY)
    await refund(5)
    expect(await sweep()).toMatchObject({ found: 1, done: { processed: 1 } })
    expect(await endOf(id)).toMatchObject({ payments: [['PARTIALLY_REFUNDED', 10_000n, 3_500n]] })
  })

  it('tells once of money it finds and cannot book, and does not find it again', async () => {
    const { id, url } = await buyUntold()
    const link = url.split('/').at(-1) ?? ''
    await database.db
      .update(sandboxObjects)
      .set({ body: sql`${sandboxObjects.body} || '{"amount":99}'::jsonb` })
      .where(
        sql`${sandboxObjects.type} = 'charge' and ${sandboxObjects.body} ->> 'payment_link_id' = ${link}`,
      )
    expect(await sweep()).toMatchObject({ found: 1, done: { aside: 1 } })
    expect(await sweep()).toMatchObject({ found: 0 })
    expect(await alerts('due were 10000')).toHaveLength(1)
    expect(await endOf(id)).toMatchObject({ order: 'OPEN', payments: [] })
  })
})

describe('a subscription nobody tells of', () => {
  const subscribed = async () => {
    const { id } = await buyUntold(await makeOffer(ctx, { offer: MONTHLY }))
    await sweep()
    const now = async () => {
      const [row] = await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, id))
      if (row === undefined) throw new Error('there is none')
      return row
    }
    const ref = (await now()).externalId
    const [subscriber] = (await (await h.api('GET', `/subscriptions/${ref}/subscribers`)).json()) as {
      id: string
    }[]
    return { id, now, ref, subscriber: subscriber?.id ?? '' }
  }
  const types = async (id: string) => (await paymentsOf(id)).map(({ type }) => type)

  it('is renewed by the charge a sweep finds', async () => {
    const { id, now, subscriber } = await subscribed()
    ctx.clock.advance(30 * DAY)
    await h.form(`/sandbox/mamopay/subscribers/${subscriber}/renew`)
    await sweep()
    expect(await types(id)).toEqual(['WORKSPACE_PURCHASE', 'WORKSPACE_RENEWAL'])
    expect((await now()).status).toBe('ACTIVE')
  })

  it('is renewed by looking at it, though its charge is too old for the sweep, and once', async () => {
    const { id, now, subscriber } = await subscribed()
    await h.form(`/sandbox/mamopay/subscribers/${subscriber}/renew`)
    const row = await now()
    await Promise.all([learnSubscription(ctx, row.id), learnSubscription(ctx, row.id)].map(settled))
    await learnSubscription(ctx, row.id)
    expect(await types(id)).toEqual(['WORKSPACE_PURCHASE', 'WORKSPACE_RENEWAL'])
  })

  it('is past due, then cancelled, as soon as the sweep’s next look', async () => {
    const { id, now, ref, subscriber } = await subscribed()
    ctx.clock.advance(2 * DAY)
    await h.form(`/sandbox/mamopay/subscribers/${subscriber}/decline`)
    await sweep()
    const looked = ctx.now()
    expect(await now()).toMatchObject({ status: 'PAST_DUE', lookedAt: looked })
    await h.api('DELETE', `/subscriptions/${ref}/subscribers/${subscriber}`)
    // Looked at already today.
    await sweep()
    expect(await now()).toMatchObject({ status: 'PAST_DUE', lookedAt: looked })
    ctx.clock.advance(DAY)
    await sweep()
    expect((await now()).status).toBe('CANCELLED')
    expect(await types(id)).toEqual(['WORKSPACE_PURCHASE'])
  })

  it('that somebody else pays too is told to the admin by the look, once', async () => {
    const { id, now } = await subscribed()
    const { checkoutRef } = await house.orderNow(id)
    const [link] = await database.db
      .select()
      .from(sandboxObjects)
      .where(eq(sandboxObjects.id, checkoutRef ?? ''))
    await h.api('PATCH', `/links/${checkoutRef}`, { active: true })
    await h.pay(String(link?.body.payment_url), { email: 'second@payer.example' })
    for (let n = 0; n < 2; n += 1) await learnSubscription(ctx, (await now()).id)
    expect(await alerts('not paid by who subscribed')).toHaveLength(1)
    expect(await types(id)).toEqual(['WORKSPACE_PURCHASE'])
  })
})

/** Of two at once, one may find that the other was quicker, and is tried again. */
const settled = (work: Promise<void>): Promise<void> => work.catch(() => {})
