import { eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { createPaymentLink } from '../../../server/domain/payment'
import { processWebhook, receiveWebhook } from '../../../server/domain/webhook'
import type { PaymentProvider } from '../../../server/kit/ports'
import {
  type Hook,
  MAMO_SECRET,
  type MamoHarness,
  startMamoHarness,
} from '../../../server/providers/sandbox/mamopay/mamopay.harness'
import { commissions, mails, orders, payments, webhookEvents, workspaceClones } from '../../schema'
import { type TestContext, testClock, testContext } from '../context'
import type { TestDatabase } from '../database'
import { brokenBooks, type MadeOffer, makeOffer } from './payment'

export const mamoHeaders = (authorization = MAMO_SECRET) =>
  new Headers({ authorization, 'content-type': 'application/json' })

/** A plain purchase of an offer of 100.00 USD that gives its seller 20 %, as `endOf` tells it. */
export const FULFILLED = {
  order: 'FULFILLED',
  payments: [['CAPTURED', 10_000n, 0n]],
  commissions: [['SALE', 'CREDITED', 2_000n, 0n]],
  clones: 1,
  mails: ['purchase-ready'],
}

/**
 * Sales through MamoPay with the sandbox as its far end, and an offer of its own for each test. Call it at the top of a
 * file; the members are there inside tests. What each test leaves behind has to add up.
 */
export const useMamoHouse = (database: TestDatabase) => {
  const clock = testClock()
  let harness: MamoHarness | undefined
  let made: { ctx: TestContext; offer: MadeOffer } | undefined
  let buyers = 0

  const now = () => {
    if (harness === undefined || made === undefined) throw new Error('it is there inside tests only')
    return { h: harness, ...made }
  }
  const contextWith = (provider: PaymentProvider): TestContext =>
    testContext(database.db, { clock, outside: { payments: new Map([['mamopay', provider]]) } })

  beforeAll(async () => {
    harness = await startMamoHarness(database.db, clock.now)
  })
  afterAll(() => harness?.stop())
  beforeEach(async () => {
    if (harness === undefined) throw new Error('the sandbox did not start')
    const ctx = contextWith(harness.provider)
    made = { ctx, offer: await makeOffer(ctx) }
    harness.hooks.length = 0
  })
  afterEach(async () => {
    await harness?.settled()
    if (made !== undefined) expect(await brokenBooks(made.ctx)).toEqual([])
  })

  const rows = () => database.db.select().from(webhookEvents).where(eq(webhookEvents.provider, 'mamopay'))
  const paymentsOf = (id: string) =>
    database.db.select().from(payments).where(eq(payments.orderId, id)).orderBy(payments.createdAt)
  const orderNow = async (id: string) => {
    const [order] = await database.db.select().from(orders).where(eq(orders.id, id))
    if (order === undefined) throw new Error('the order is gone')
    return order
  }

  return {
    now,
    clock,
    contextWith,
    rows,
    paymentsOf,
    orderNow,

    buy: async (from: MadeOffer = now().offer) => {
      buyers += 1
      const email = `buyer-${buyers}@example.test`
      const { id, url } = await createPaymentLink(now().ctx, {
        paymentType: 'WORKSPACE_PURCHASE',
        affiliateToken: from.token,
        email,
        firstName: 'Bo',
        lastName: 'Buyer',
        attempt: null,
        provider: 'mamopay',
      })
      return { id, url, email }
    },

    /** Taken in and processed, as the job does; the row it became. */
    deliver: async (body: string | Record<string, unknown>) => {
      const { ctx } = now()
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      const before = new Set((await rows()).map(({ id }) => id))
      await receiveWebhook(ctx, { provider: 'mamopay', body: text, headers: mamoHeaders() })
      const row = (await rows()).find(({ id }) => !before.has(id))
      if (row === undefined) return null
      await processWebhook(ctx, row.id, 20)
      const [after] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.id, row.id))
      return after ?? null
    },

    /** The webhooks of one purchase, as MamoPay sent them. */
    hooksOf: async (url: string): Promise<Hook[]> => {
      const { h } = now()
      await h.settled()
      const link = url.split('/').at(-1)
      return h.hooks.filter(({ object }) => object.id === link || object.payment_link_id === link)
    },

    /** Told to the admin about something. */
    alerts: (about: string) =>
      database.db
        .select()
        .from(mails)
        .where(
          sql`${mails.template} = 'admin-alert' and (strpos(${mails.key}, ${about}) > 0
            or strpos(${mails.data}::text, ${about}) > 0)`,
        ),

    /** What a purchase left behind, without what differs from one to the next. */
    endOf: async (id: string) => {
      const all = await paymentsOf(id)
      const paymentId = all[0]?.id ?? id
      const earned = await database.db.select().from(commissions).where(eq(commissions.paymentId, paymentId))
      const clones = await database.db
        .select()
        .from(workspaceClones)
        .where(eq(workspaceClones.paymentId, paymentId))
      const order = await orderNow(id)
      const sent = await database.db.select().from(mails).where(eq(mails.to, order.email))
      return {
        order: order.status,
        payments: all.map((one) => [one.status, one.capturedAmount, one.refundedAmount]),
        commissions: earned.map(({ kind, status, amount, reversedAmount }) => [
          kind,
          status,
          amount,
          reversedAmount,
        ]),
        clones: clones.length,
        mails: sent.map(({ template }) => template).sort(),
      }
    },
  }
}
