import { eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mails, orders, payments, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import {
  brokenBooks,
  type MadeOffer,
  makeOffer,
  makeOrder,
  type Order,
  paidFacts,
  postedFor,
} from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import {
  createPaymentLink,
  learnFee,
  listPurchases,
  orderProgress,
  type PaidFacts,
  readPurchase,
  refundUnfulfillable,
  reportStuckRefund,
  settleOrder,
} from '.'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let off: TestContext
let offer: MadeOffer

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { outside: { payments: new Map([['stripe', h.provider]]) } })
  off = testContext(database.db, { clock: ctx.clock })
  offer = await makeOffer(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

let guests = 0
const settle = (order: Order, more: Partial<PaidFacts> = {}) =>
  inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order, more)))
const orderNow = async (id: string) => {
  const [row] = await database.db.select().from(orders).where(eq(orders.id, id))
  if (row === undefined) throw new Error('no such order')
  return row
}
const paymentOf = async (orderId: string) => {
  const [row] = await database.db.select().from(payments).where(eq(payments.orderId, orderId))
  if (row === undefined) throw new Error('no such payment')
  return row
}
/** Paid for at the provider, not yet known here. */
const paidAtProvider = async (as: TestContext = ctx) => {
  guests += 1
  const { id, url } = await createPaymentLink(as, {
    paymentType: 'WORKSPACE_PURCHASE',
    email: `paid-${guests}@example.test`,
    firstName: 'Bo',
    lastName: 'Buyer',
    affiliateToken: offer.token,
    attempt: null,
  })
  expect((await h.form(new URL(url).pathname, PAYMENT)).status).toBe(303)
  const order = await orderNow(id)
  const said = await h.provider.fetchCheckout(order.checkoutRef ?? '')
  if (said === null) throw new Error('no such checkout')
  return { order, said }
}
const refundsOf = async (paymentIntentId: string | null) => {
  const rows = await database.db.execute<{ body: { amount: number } }>(
    sql`select body from sandbox_objects where type = 'refund' and body->>'payment_intent' = ${paymentIntentId}`,
  )
  return rows.map(({ body }) => body.amount)
}

describe('giving back what could not be fulfilled', () => {
  const unfulfillable = async (more: Partial<PaidFacts> = {}) => {
    const { order, said } = await paidAtProvider()
    await database.db.update(orders).set({ workspaceId: null }).where(eq(orders.id, order.id))
    await settle(order, { paymentIntentId: said.paymentIntentId, ...more })
    return paymentOf(order.id)
  }

  it('is done once in the provider and in the books, however often and at once it is asked for', async () => {
    const payment = await unfulfillable({ captured: { amount: 10_000n, currency: 'USD' }, tax: 500n })
    await Promise.all([refundUnfulfillable(ctx, payment.id), refundUnfulfillable(ctx, payment.id)])
    await refundUnfulfillable(ctx, payment.id)
    expect(await refundsOf(payment.paymentIntentId)).toEqual([10_000])
    expect(await paymentOf(payment.orderId)).toMatchObject({ status: 'REFUNDED', refundedAmount: 10_000n })
    expect(
      (await postedFor(database.db, payment.id)).filter((line) => line.startsWith('payment_refunded')),
    ).toEqual([
      'payment_refunded: revenue -9500',
      'payment_refunded: tax -500',
      'payment_refunded: provider stripe 10000',
    ])
  })

  it('goes on where a crash between provider and books left it', async () => {
    const payment = await unfulfillable()
    await database.owner.execute(
      sql`create function fail() returns trigger language plpgsql as 'begin raise exception ''broken''; end'`,
    )
    await database.owner.execute(
      sql`create trigger fails before insert on ledger_entries for each row execute function fail()`,
    )
    await expect(refundUnfulfillable(ctx, payment.id)).rejects.toThrow()
    await database.owner.execute(sql`drop function fail cascade`)
    expect(await refundsOf(payment.paymentIntentId)).toEqual([10_000])
    expect(await paymentOf(payment.orderId)).toMatchObject({ status: 'CAPTURED' })
    await refundUnfulfillable(ctx, payment.id)
    expect(await refundsOf(payment.paymentIntentId)).toEqual([10_000])
    expect(await paymentOf(payment.orderId)).toMatchObject({ status: 'REFUNDED' })
  })

  it('waits for the provider and for the charge, and then is the admin’s', async () => {
    const payment = await unfulfillable({ paymentIntentId: null, chargeId: null })
    await expect(refundUnfulfillable(off, payment.id)).rejects.toThrow('switched off')
    await expect(refundUnfulfillable(ctx, payment.id)).rejects.toThrow('no charge')
    await Promise.all([1, 2].map(() => reportStuckRefund(ctx, payment.id, 'no charge')))
    await reportStuckRefund({ ...ctx, config: { ...ctx.config, admin: null } }, payment.id, 'no charge')
    const told = await database.db
      .select()
      .from(mails)
      .where(eq(mails.key, `alert:refund:${payment.id}`))
    expect(told.map(({ to }) => to)).toEqual([ctx.config.admin?.email])
    expect(await paymentOf(payment.orderId)).toMatchObject({ status: 'CAPTURED' })
  })

  it('asks for nothing where nothing was paid, and nothing is there', async () => {
    const payment = await unfulfillable({ captured: { amount: 0n, currency: 'USD' }, paymentIntentId: null })
    await refundUnfulfillable(off, payment.id)
    expect(await paymentOf(payment.orderId)).toMatchObject({ status: 'REFUNDED', refundedAmount: 0n })
    await refundUnfulfillable(ctx, '00000000-0000-7000-8000-000000000000')
  })

  it('never takes back a purchase that was fulfilled', async () => {
    const { order, said } = await paidAtProvider()
    await settle(order, { paymentIntentId: said.paymentIntentId })
    const payment = await paymentOf(order.id)
    await expect(refundUnfulfillable(ctx, payment.id)).rejects.toThrow('fulfilled')
    expect(await refundsOf(payment.paymentIntentId)).toEqual([])
  })
})

describe('a fee that was unknown', () => {
  it('is asked for and booked once', async () => {
    const { order, said } = await paidAtProvider()
    await settle(order, { paymentIntentId: said.paymentIntentId, chargeId: null })
    const { id } = await paymentOf(order.id)
    await expect(learnFee(off, id)).rejects.toThrow('switched off')
    await Promise.all([learnFee(ctx, id), learnFee(ctx, id)])
    await learnFee(ctx, id)
    expect(await paymentOf(order.id)).toMatchObject({ feeAmount: 320n, chargeId: said.chargeId })
  })

  it('is waited for while the provider does not say it, and left when it knows no such checkout', async () => {
    const { id } = await createPaymentLink(ctx, {
      paymentType: 'WORKSPACE_PURCHASE',
      email: 'unsaid@example.test',
      firstName: 'Bo',
      lastName: 'Buyer',
      affiliateToken: offer.token,
      attempt: null,
    })
    await settle(await orderNow(id))
    await expect(learnFee(ctx, (await paymentOf(id)).id)).rejects.toThrow('not known yet')
    const foreign = await makeOrder(ctx, offer)
    await settle(foreign)
    await learnFee(ctx, (await paymentOf(foreign.id)).id)
    expect(await paymentOf(foreign.id)).toMatchObject({ feeAmount: null })
    await learnFee(ctx, '00000000-0000-7000-8000-000000000000')
  })
})

describe('what is shown of it', () => {
  it('follows an order for who knows it and its checkout, and says where the copy is to its buyer alone', async () => {
    const order = await makeOrder(ctx, offer)
    const asked = { orderId: order.id, checkoutRef: order.checkoutRef ?? '' }
    expect(await orderProgress(ctx, asked)).toEqual({
      status: 'OPEN',
      atBank: false,
      workspaceName: 'Premium Templates',
      email: order.email,
      price: { amount: 10_000, currency: 'USD' },
      failure: null,
      funnels: null,
      pages: null,
      copyId: null,
    })
    await settle(order)
    expect(await orderProgress(ctx, asked)).toMatchObject({
      status: 'FULFILLED',
      funnels: 2,
      pages: 6,
      copyId: null,
    })
    const stranger = await makeUser(ctx)
    expect(await orderProgress(ctx.as(stranger.actor), asked)).toMatchObject({ copyId: null })
    const { buyerId } = await paymentOf(order.id)
    const buyer = ctx.as({ kind: 'user', userId: buyerId, organizationId: '', email: order.email })
    expect(await orderProgress(buyer, asked)).toMatchObject({ copyId: expect.any(String) })
    for (const wrong of [{ checkoutRef: 'cs_other' }, { orderId: '00000000-0000-7000-8000-000000000000' }])
      await expect(orderProgress(ctx, { ...asked, ...wrong })).rejects.toMatchObject({
        status: 404,
        code: 'ORDER_NOT_FOUND',
      })
  })

  it('lists one’s own purchases, newest first, none twice and none left out', async () => {
    const buyer = await makeUser(ctx)
    const as = ctx.as(buyer.actor)
    const bought: string[] = []
    for (let n = 0; n < 5; n += 1) {
      const order = await makeOrder(ctx, offer, {
        buyerId: buyer.id,
        email: buyer.email,
        ...(n === 0 ? { workspaceId: null, sellerId: null } : {}),
      })
      await settle(order)
      bought.unshift((await paymentOf(order.id)).id)
      if (n > 2) ctx.clock.advance(1_000)
    }
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await listPurchases(as, { limit: 2, cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(new Set(seen)).toEqual(new Set(bought))
    expect(seen).toHaveLength(5)
    const { items } = await listPurchases(as, { limit: 10 })
    expect(items[0]).toMatchObject({
      amount: { amount: 10_000, currency: 'USD' },
      seller: 'Ann Example',
      pages: 6,
      workspace: { name: 'Premium Templates' },
    })
    expect(items.find(({ id }) => id === bought.at(-1))).toMatchObject({
      workspace: null,
      seller: '',
      pages: 0,
    })
    await database.db
      .update(workspaces)
      .set({ status: 'DELETED' })
      .where(eq(workspaces.publicId, items[0]?.workspace?.id ?? ''))
    expect((await listPurchases(as, { limit: 1 })).items[0]?.workspace).toBeNull()
    expect(await readPurchase(as, { id: items[0]?.id ?? '' })).toMatchObject({
      workspace: null,
      net: { amount: 10_000, currency: 'USD' },
    })
    const stranger = ctx.as((await makeUser(ctx)).actor)
    for (const id of [items[0]?.id ?? '', 'nonsense'])
      await expect(readPurchase(stranger, { id })).rejects.toMatchObject({ status: 404 })
    expect(await listPurchases(stranger, { limit: 2 })).toEqual({ items: [], nextCursor: null })
  })
})
