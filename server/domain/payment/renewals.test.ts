import { randomUUID } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  activityLog,
  commissions,
  mails,
  organizations,
  payments,
  subscriptions,
  webhookEvents,
} from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import {
  brokenBooks,
  type MadeOffer,
  MONTHLY,
  makeOffer,
  makeOrder,
  type Order,
  paidFacts,
  paidSession,
  signedHeaders,
  stripeEvent,
} from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { type Harness, startHarness } from '../../providers/sandbox/sandbox.harness'
import { countPaidElsewhere, processWebhook, receiveWebhook, replayWebhook } from '../webhook'
import { orderProgress, requestRefund, settleOrder } from '.'

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
  offer = await makeOffer(ctx, { offer: MONTHLY })
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

const event = (type: string, object: Record<string, unknown>) => stripeEvent(ctx.now(), type, object)
const receive = async (body: string): Promise<string> => {
  await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
  const { id } = JSON.parse(body) as { id: string }
  const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.eventId, id))
  return row?.id ?? ''
}
const deliver = async (body: string) => {
  const id = await receive(body)
  await processWebhook(ctx, id)
  const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.id, id))
  return row
}

/** A buyer whose first month is paid, 50.00 USD. */
const subscribed = async (more: { trial?: boolean; buyerId?: string } = {}) => {
  const ref = `sub_${randomUUID()}`
  const order = await makeOrder(ctx, offer, more.buyerId === undefined ? {} : { buyerId: more.buyerId })
  await inTransaction(ctx, (tx) =>
    settleOrder(
      tx,
      paidFacts(order, {
        subscriptionId: ref,
        invoiceId: `in_${randomUUID()}`,
        ...(more.trial === true ? { captured: { amount: 0n, currency: 'USD' }, chargeId: null } : {}),
      }),
    ),
  )
  return { order, ref }
}
/** An invoice of a later period as Stripe of today sends it: no charge, no payment. */
const invoice = (ref: string, order: Order | null, more: Record<string, unknown> = {}) => ({
  id: `in_${randomUUID()}`,
  object: 'invoice',
  status: 'paid',
  total: 5_000,
  amount_paid: 5_000,
  currency: 'usd',
  billing_reason: 'subscription_cycle',
  parent: {
    type: 'subscription_details',
    subscription_details: { subscription: ref, metadata: order === null ? {} : { orderId: order.id } },
  },
  ...more,
})
const paymentsOf = ({ id }: Order) =>
  database.db.select().from(payments).where(eq(payments.orderId, id)).orderBy(payments.createdAt, payments.id)
const later = async (order: Order) =>
  (await paymentsOf(order)).filter(({ type }) => type === 'WORKSPACE_RENEWAL')
const sharesOf = (paymentId: string | undefined) =>
  database.db
    .select({ kind: commissions.kind, amount: commissions.amount, status: commissions.status })
    .from(commissions)
    .where(eq(commissions.paymentId, paymentId ?? ''))
    .orderBy(commissions.kind)
const mailsOf = async (template: string, to: string) =>
  (
    await database.db
      .select()
      .from(mails)
      .where(and(eq(mails.template, template), eq(mails.to, to)))
  ).length
const subscriptionNow = async (ref: string) =>
  database.db.query.subscriptions.findFirst({ where: eq(subscriptions.externalId, ref) })

describe('a renewal', () => {
  it('is a payment of its own that earns the seller and the affiliate again', async () => {
    const buyer = await makeUser(ctx)
    const affiliate = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
    const { order, ref } = await subscribed({ buyerId: buyer.id })
    ctx.clock.advance(30 * 86_400_000)
    expect(await deliver(event('invoice.paid', invoice(ref, order)))).toMatchObject({ status: 'PROCESSED' })
    const [renewal, ...others] = await later(order)
    expect(others).toEqual([])
    expect(renewal).toMatchObject({
      type: 'WORKSPACE_RENEWAL',
      status: 'CAPTURED',
      capturedAmount: 5_000n,
      buyerId: buyer.id,
      sellerId: offer.seller.id,
      paidAt: ctx.now(),
    })
    expect(await sharesOf(renewal?.id)).toEqual([
      { kind: 'SALE', amount: 1_000n, status: 'CREDITED' },
      { kind: 'REFERRAL', amount: 750n, status: 'CREDITED' },
    ])
    expect(await mailsOf('renewal-paid', buyer.email)).toBe(1)
    expect(await mailsOf('renewal-earned', offer.seller.email)).toBe(1)
  })

  it('is booked once, though two kinds of event tell of it, many times and at once', async () => {
    const { order, ref } = await subscribed()
    const object = invoice(ref, order)
    const ids = await Promise.all(
      ['invoice.paid', 'invoice.payment_succeeded', 'invoice.paid', 'invoice.payment_succeeded'].map((type) =>
        receive(event(type, object)),
      ),
    )
    await Promise.all([...ids, ...ids].map((id) => processWebhook(ctx, id)))
    const renewals = await later(order)
    expect(renewals).toHaveLength(1)
    expect(await sharesOf(renewals[0]?.id)).toHaveLength(1)
    expect(await mailsOf('renewal-earned', offer.seller.email)).toBe(1)
  })

  it('of each of three periods is booked, in whatever order they come', async () => {
    const { order, ref } = await subscribed()
    const bodies = [1, 2, 3].map(() => event('invoice.paid', invoice(ref, order)))
    for (const body of bodies.reverse()) await deliver(body)
    expect(await later(order)).toHaveLength(3)
  })

  it('is found by its subscription, though the invoice does not name the order', async () => {
    const { order, ref } = await subscribed()
    expect(await deliver(event('invoice.paid', invoice(ref, null)))).toMatchObject({ status: 'PROCESSED' })
    expect(await later(order)).toHaveLength(1)
  })

  it('of the classic shape is read too', async () => {
    const { order, ref } = await subscribed()
    const { parent: _, ...object } = invoice(ref, order)
    const classic = {
      ...object,
      subscription: ref,
      subscription_details: { metadata: { orderId: order.id } },
      payment_intent: 'pi_classic',
      charge: 'ch_classic',
      tax: 833,
    }
    await deliver(event('invoice.payment_succeeded', classic))
    expect((await later(order))[0]).toMatchObject({
      paymentIntentId: 'pi_classic',
      chargeId: 'ch_classic',
      taxAmount: 833n,
      baseAmount: 4_167n,
    })
  })

  it('earns on the cash: of credit, discount and tax nothing', async () => {
    const { order, ref } = await subscribed()
    // 50.00 of which 8.00 is tax; 30.00 came out of credit.
    const object = invoice(ref, order, { amount_paid: 2_000, total_taxes: [{ amount: 800 }] })
    await deliver(event('invoice.paid', object))
    const [renewal] = await later(order)
    expect(renewal).toMatchObject({ capturedAmount: 2_000n, taxAmount: 320n, baseAmount: 1_680n })
    expect(await sharesOf(renewal?.id)).toEqual([{ kind: 'SALE', amount: 336n, status: 'CREDITED' }])
  })

  it('paid wholly out of credit is kept, and earns and mails nothing', async () => {
    const { order, ref } = await subscribed()
    await deliver(event('invoice.paid', invoice(ref, order, { amount_paid: 0 })))
    const [renewal] = await later(order)
    expect(renewal).toMatchObject({ capturedAmount: 0n })
    expect(await sharesOf(renewal?.id)).toEqual([])
    expect(await mailsOf('renewal-earned', offer.seller.email)).toBe(0)
  })

  it('after a trial is the first that earns', async () => {
    const { order, ref } = await subscribed({ trial: true })
    const [first] = await paymentsOf(order)
    expect(await sharesOf(first?.id)).toEqual([])
    await deliver(event('invoice.paid', invoice(ref, order)))
    expect(await sharesOf((await later(order))[0]?.id)).toHaveLength(1)
  })

  it('in mid-period earns on the cash of its proration, never on a sum of its lines', async () => {
    const { order, ref } = await subscribed()
    const upgrade = invoice(ref, order, {
      billing_reason: 'subscription_update',
      total: 3_500,
      amount_paid: 3_500,
      lines: { data: [{ amount: 10_000 }, { amount: -6_500 }] },
    })
    await deliver(event('invoice.paid', upgrade))
    expect(await sharesOf((await later(order))[0]?.id)).toEqual([
      { kind: 'SALE', amount: 700n, status: 'CREDITED' },
    ])
  })

  it('that lowers the plan takes nothing away; its credit lowers what the next one earns on', async () => {
    const { order, ref } = await subscribed()
    const [first] = await paymentsOf(order)
    const before = await sharesOf(first?.id)
    const downgrade = { billing_reason: 'subscription_update', total: -3_000, amount_paid: 0 }
    await deliver(event('invoice.paid', invoice(ref, order, downgrade)))
    expect(await sharesOf(first?.id)).toEqual(before)
    await deliver(event('invoice.paid', invoice(ref, order, { total: 5_000, amount_paid: 2_000 })))
    const cash = (await later(order)).find(({ capturedAmount }) => capturedAmount > 0n)
    expect(await sharesOf(cash?.id)).toEqual([{ kind: 'SALE', amount: 400n, status: 'CREDITED' }])
  })

  describe('that was paid out of band', () => {
    const told = async () => {
      const { order, ref } = await subscribed()
      const marked = invoice(ref, order, { paid_out_of_band: true, payment_intent: null, charge: null })
      const rows = [
        await deliver(event('invoice.paid', marked)),
        await deliver(event('invoice.payment_succeeded', marked)),
      ]
      const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
      return { order, admin, ids: rows.map((row) => row?.id ?? ''), rows }
    }
    const statusOf = async (id: string) =>
      (await database.db.select().from(webhookEvents).where(eq(webhookEvents.id, id)))[0]?.status

    it('earns nothing, and is set aside for the admin with one alert', async () => {
      const before = await database.db.$count(mails, eq(mails.template, 'admin-alert'))
      const { order, rows } = await told()
      expect(rows.map((row) => row?.status)).toEqual(['QUARANTINED', 'QUARANTINED'])
      expect(await later(order)).toEqual([])
      expect(await database.db.$count(mails, eq(mails.template, 'admin-alert'))).toBe(before + 1)
    })

    it('earns nothing by being processed again', async () => {
      const { order, admin, ids } = await told()
      await replayWebhook(admin, { id: ids[0] ?? '' })
      await processWebhook(ctx, ids[0] ?? '')
      expect(await later(order)).toEqual([])
    })

    it('is booked and earns once when two admins say so at once, past the provider’s account', async () => {
      const { order, admin, ids } = await told()
      const reason = 'Seen on the bank statement'
      await Promise.all(ids.map((id) => countPaidElsewhere(admin, { id, reason })))
      await countPaidElsewhere(admin, { id: ids[0] ?? '', reason })
      await Promise.all(ids.map((id) => processWebhook(ctx, id)))
      expect(await Promise.all(ids.map(statusOf))).toEqual(['PROCESSED', 'PROCESSED'])
      const [payment, ...more] = await later(order)
      expect(more).toEqual([])
      expect(payment).toMatchObject({ capturedAmount: 5_000n, paidElsewhere: true, feeAmount: null })
      expect(await sharesOf(payment?.id)).toEqual([{ kind: 'SALE', amount: 1_000n, status: 'CREDITED' }])
      const accounts = await database.db.execute<{ name: string; amount: string }>(
        sql`select a.name, e.amount::text from ledger_transfers t join ledger_entries e on e.transfer_id = t.id
          join ledger_accounts a on a.id = e.account_id
          where t.reference_id = ${payment?.id} and t.kind = 'payment_captured' and a.kind = 'provider'`,
      )
      expect([...accounts]).toEqual([{ name: 'elsewhere', amount: '-5000' }])
      const said = await database.db.$count(activityLog, eq(activityLog.action, 'payment_counted'))
      expect(said).toBe(1)
      await expect(requestRefund(admin, { id: payment?.id ?? '', reason: 'Asked' })).rejects.toMatchObject({
        code: 'PAYMENT_NOT_REFUNDABLE',
      })
    })

    it('is nobody’s to count when the event tells of something else', async () => {
      const { order, ref } = await subscribed()
      const row = await deliver(event('invoice.paid', invoice(ref, order, { currency: 'eur' })))
      const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
      await expect(countPaidElsewhere(admin, { id: row?.id ?? '', reason: 'Because' })).rejects.toMatchObject(
        { status: 422, code: 'NOT_PAID_ELSEWHERE' },
      )
      await expect(countPaidElsewhere(admin, { id: 'nothing', reason: 'Because' })).rejects.toMatchObject({
        status: 404,
      })
    })
  })

  it('in another currency than was agreed is the admin’s', async () => {
    const { order, ref } = await subscribed()
    const row = await deliver(event('invoice.paid', invoice(ref, order, { currency: 'eur' })))
    expect(row).toMatchObject({ status: 'QUARANTINED' })
    expect(await later(order)).toEqual([])
  })

  it('whose amount is told otherwise a second time is the admin’s', async () => {
    const { order, ref } = await subscribed()
    const object = invoice(ref, order)
    await deliver(event('invoice.paid', object))
    const row = await deliver(event('invoice.payment_succeeded', { ...object, amount_paid: 4_000 }))
    expect(row).toMatchObject({ status: 'QUARANTINED' })
    expect(await later(order)).toHaveLength(1)
  })

  it('that comes before the first payment waits for it, and is not forgotten', async () => {
    const ref = `sub_${randomUUID()}`
    const order = await makeOrder(ctx, offer)
    const body = event('invoice.paid', invoice(ref, order))
    await expect(deliver(body)).rejects.toThrow('not settled yet')
    const session = paidSession(order, { subscription: ref, invoice: { id: 'in_first', amount_paid: 5_000 } })
    await deliver(event('checkout.session.completed', { ...session, invoice: `in_${order.id}` })).catch(
      () => {},
    )
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order, { subscriptionId: ref })))
    await deliver(body)
    expect(await later(order)).toHaveLength(1)
  })

  it('of a subscription nobody here knows is another product’s', async () => {
    expect(await deliver(event('invoice.paid', invoice('sub_elsewhere', null)))).toMatchObject({
      status: 'IGNORED',
    })
  })

  it('goes on earning when the rate of the seller or the price has changed since', async () => {
    const { order, ref } = await subscribed()
    await deliver(event('invoice.paid', invoice(ref, order, { total: 6_000, amount_paid: 6_000 })))
    expect(await sharesOf((await later(order))[0]?.id)).toEqual([
      { kind: 'SALE', amount: 1_200n, status: 'CREDITED' },
    ])
  })

  it('leaves the order’s progress and its copy as they were', async () => {
    const { order, ref } = await subscribed()
    const asked = { orderId: order.id, checkoutRef: order.checkoutRef ?? '' }
    const before = await orderProgress(ctx, asked)
    await deliver(event('invoice.paid', invoice(ref, order)))
    expect(await orderProgress(ctx, asked)).toEqual(before)
    expect(before).toMatchObject({ status: 'FULFILLED', pages: 6 })
  })

  it('given back takes back its own commission only', async () => {
    const { order, ref } = await subscribed()
    const { parent, ...object } = invoice(ref, order)
    const classic = { ...object, parent, payment_intent: `pi_${ref}`, charge: `ch_${ref}` }
    await deliver(event('invoice.paid', classic))
    await deliver(
      event('charge.refunded', {
        id: `ch_${ref}`,
        payment_intent: `pi_${ref}`,
        amount_refunded: 5_000,
        currency: 'usd',
      }),
    )
    const [renewal] = await later(order)
    const first = (await paymentsOf(order)).find(({ id }) => id !== renewal?.id)
    expect(await sharesOf(renewal?.id)).toEqual([{ kind: 'SALE', amount: 1_000n, status: 'REVERSED' }])
    expect(await sharesOf(first?.id)).toEqual([{ kind: 'SALE', amount: 1_000n, status: 'CREDITED' }])
  })
})

describe('a renewal that fails', () => {
  const failed = (ref: string, order: Order, attempt: number, next: Date | null) =>
    event('invoice.payment_failed', {
      ...invoice(ref, order, { id: `in_${ref}`, status: 'open', amount_paid: 0 }),
      attempt_count: attempt,
      next_payment_attempt: next === null ? null : Math.floor(next.getTime() / 1_000),
    })

  it('is mailed to the owner once for each try, and books nothing', async () => {
    const { order, ref } = await subscribed()
    const owner = (await subscriptionNow(ref))?.userId ?? ''
    const user = await database.db.query.users.findFirst({ where: (row, { eq }) => eq(row.id, owner) })
    for (const attempt of [1, 1, 2]) await deliver(failed(ref, order, attempt, ctx.now()))
    expect(await mailsOf('renewal-failed', user?.email ?? '')).toBe(2)
    expect(await later(order)).toEqual([])
  })

  it('puts the subscription past due and leaves the plan, until it ends', async () => {
    const { order, ref } = await subscribed()
    const subscription = await subscriptionNow(ref)
    const state = (status: string) =>
      event(`customer.subscription.${status === 'canceled' ? 'deleted' : 'updated'}`, {
        id: ref,
        status,
        metadata: { orderId: order.id },
      })
    const planNow = async () =>
      (
        await database.db.query.organizations.findFirst({
          where: eq(organizations.id, subscription?.organizationId ?? ''),
        })
      )?.paidPlan
    await deliver(failed(ref, order, 1, null))
    await deliver(state('past_due'))
    expect(await subscriptionNow(ref)).toMatchObject({ status: 'PAST_DUE' })
    expect(await planNow()).toBe('BUSINESS')
    await deliver(state('canceled'))
    expect(await subscriptionNow(ref)).toMatchObject({ status: 'CANCELLED' })
    expect(await planNow()).toBe('FREE')
  })

  it.each([
    ['of a first period', 'subscription_create', true],
    ['of another product', 'subscription_cycle', false],
  ])('%s tells nobody', async (_what, reason, ours) => {
    const { order, ref } = await subscribed()
    const object = invoice(ours ? ref : 'sub_elsewhere', ours ? order : null, {
      billing_reason: reason,
      status: 'open',
      amount_paid: 0,
    })
    expect(await deliver(event('invoice.payment_failed', object))).toMatchObject({ status: 'IGNORED' })
  })
})
