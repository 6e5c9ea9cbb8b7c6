import { randomUUID } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, commissions, mails, payments } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { closingWorld, refusalOf } from '../../../db/testing/factories/closing'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { brokenBooks, MONTHLY, makeOffer, makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { givenBalance } from '../../../db/testing/factories/payout'
import { type Context, inTransaction } from '../../kit/context'
import { createBalanceTransaction, getBalances } from '../balance'
import { applyDispute, settleOrder } from '../payment'
import { cancelWithdrawal, closingView, createAdjustment, requestWithdrawal } from '.'

const database = useDatabase({ max: 8 })
const { given, close, rowOf, givenSeller, waiting, traces } = closingWorld(database)
const settle = (ctx: Context, ...args: Parameters<typeof paidFacts>) =>
  inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(...args)))

describe('an account is not closed', () => {
  const refused = async (ctx: TestContext, user: MadeUser, code: string) => {
    const as = ctx.as(user.actor)
    expect((await closingView(as)).obstacles.map((one) => one.code)).toContain(code)
    expect((await refusalOf(close(as)))?.[0]).toBe(422)
    expect(await rowOf(user.id)).toMatchObject({ email: user.email, closedAt: null })
  }

  it('while there is a balance that can be paid out, in any currency', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await givenBalance(ctx, user.id, 50_000n, 'KWD')
    await refused(ctx, user, 'BALANCE_LEFT')
    expect((await closingView(ctx.as(user.actor))).obstacles[0]?.message).toBe(
      'You have 50.000 KWD left. Withdraw it first.',
    )
  })

  it('but what is less than is paid out is in nobody’s way, and stays in the books', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await givenBalance(ctx, user.id, 49_999n, 'KWD')
    expect(await closingView(ctx.as(user.actor))).toEqual({
      obstacles: [],
      leftovers: [{ amount: 49_999, currency: 'KWD' }],
    })
    await close(ctx.as(user.actor))
    expect((await getBalances(ctx, user.id))[0]?.balance).toEqual({ amount: 49_999, currency: 'KWD' })
  })

  it('while the balance is below zero', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    await createBalanceTransaction(ctx, {
      userId: user.id,
      type: 'REFUND',
      amount: -500n,
      currency: 'USD',
      referenceType: 'payment',
      referenceId: 'test',
      notes: 'Refund',
      idempotencyKey: randomUUID(),
    })
    await refused(ctx, user, 'BALANCE_NEGATIVE')
  })

  it('while a commission is not credited', async () => {
    const ctx = given()
    const { seller, link } = await givenSeller(ctx)
    const held = testContext(database.db, { clock: ctx.clock, env: { COMMISSION_HOLD_DAYS: '14' } })
    await settle(held, await makeOrder(ctx, { link }, { priceAmount: 100_000n }), {
      captured: { amount: 100_000n, currency: 'USD' },
    })
    await refused(ctx, seller, 'COMMISSION_PENDING')
  })

  it('while a withdrawal is open; after it was taken back, the money is in the way', async () => {
    const ctx = given()
    const { seller, as } = await givenSeller(ctx)
    await givenBalance(ctx, seller.id, 10_000n)
    const { id } = await requestWithdrawal(as, { amount: 10_000, currency: 'USD' })
    await refused(ctx, seller, 'WITHDRAWAL_OPEN')
    await cancelWithdrawal(as, { id })
    await refused(ctx, seller, 'BALANCE_LEFT')
  })

  it('while a sale is disputed, though its commission was paid out', async () => {
    const ctx = given()
    const { seller, link } = await givenSeller(ctx)
    const order = await makeOrder(ctx, { link })
    await settle(ctx, order)
    await inTransaction(ctx, (tx) =>
      applyDispute(tx, {
        provider: 'stripe',
        mode: 'sandbox',
        paymentIntentId: `pi_${order.id}`,
        chargeId: `ch_${order.id}`,
        dispute: { ref: `dp_${order.id}`, amount: { amount: 10_000n, currency: 'USD' }, state: 'open' },
      } as never),
    )
    await refused(ctx, seller, 'DISPUTE_OPEN')
  })

  it('while a subscription of one’s own runs', async () => {
    const ctx = given()
    const { link } = await makeOffer(ctx, { planType: 'BUSINESS', offer: MONTHLY })
    const buyer = await makeUser(ctx)
    const order = await makeOrder(ctx, { link }, { buyerId: buyer.id })
    await settle(ctx, order, { subscriptionId: `sub_${order.id}`, invoiceId: `in_${order.id}` })
    await refused(ctx, buyer, 'SUBSCRIPTION_RUNNING')
  })

  it('while a checkout of one’s own is open', async () => {
    const ctx = given()
    const { link } = await makeOffer(ctx)
    const buyer = await makeUser(ctx)
    await makeOrder(ctx, { link }, { buyerId: buyer.id })
    await refused(ctx, buyer, 'CHECKOUT_OPEN')
  })

  it('of an admin', async () => {
    const ctx = given()
    const admin = await makeUser(ctx, { role: 'ADMIN' })
    expect(await refusalOf(close(ctx.as(admin.actor)))).toEqual([422, 'ADMIN_ACCOUNT'])
  })
})

describe('closing an account beside a sale', () => {
  it('ends in one of two ways: the sale earns and the account stays, or it is closed and the sale earns nothing', async () => {
    for (let round = 0; round < 6; round += 1) {
      const ctx = given()
      const { seller, link, as } = await givenSeller(ctx)
      const order = await makeOrder(ctx, { link }, { priceAmount: 100_000n })
      const sale = () => settle(ctx, order, { captured: { amount: 100_000n, currency: 'USD' } })
      const [closing, sold] = await Promise.allSettled(
        round % 2 === 0 ? [close(as), sale()] : [sale(), close(as)].reverse(),
      )
      expect(sold).toMatchObject({ status: 'fulfilled', value: { status: 'PROCESSED' } })
      const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
      const earned = await database.db
        .select()
        .from(commissions)
        .where(eq(commissions.paymentId, payment?.id ?? ''))
      const isClosed = (await rowOf(seller.id)).closedAt !== null
      expect(isClosed).toBe(closing?.status === 'fulfilled')
      expect(earned).toHaveLength(isClosed ? 0 : 1)
      if (isClosed)
        expect(payment?.withheld).toEqual([{ kind: 'SALE', userId: seller.id, reason: 'ACCOUNT_CLOSED' }])
    }
    expect(await brokenBooks(given())).toEqual([])
  })

  it('waits for a sale that is under way, and then sees what it earned', async () => {
    const ctx = given()
    const { seller, link, as } = await givenSeller(ctx)
    const order = await makeOrder(ctx, { link }, { priceAmount: 100_000n })
    let closing: Promise<unknown> = Promise.resolve()
    await inTransaction(ctx, async (tx) => {
      await settleOrder(tx, paidFacts(order, { captured: { amount: 100_000n, currency: 'USD' } }))
      closing = refusalOf(close(as))
      await waiting()
    })
    expect(await closing).toEqual([422, 'BALANCE_LEFT'])
    expect((await rowOf(seller.id)).closedAt).toBeNull()
  })

  it('holds back a referral’s commission of a payment that comes after it', async () => {
    const ctx = given()
    const { link } = await makeOffer(ctx)
    const [affiliate, buyer] = [await makeUser(ctx), await makeUser(ctx)]
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
    await close(ctx.as(affiliate.actor))
    const order = await makeOrder(ctx, { link }, { buyerId: buyer.id })
    await settle(ctx, order)
    const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
    expect(payment?.withheld).toEqual([{ kind: 'REFERRAL', userId: affiliate.id, reason: 'ACCOUNT_CLOSED' }])
    expect(await brokenBooks(ctx)).toEqual([])
  })

  it('waits for an adjustment, and one that comes after it is an admin’s to make', async () => {
    const ctx = given()
    const user = await makeUser(ctx)
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    let closing: Promise<unknown> = Promise.resolve()
    await inTransaction(admin, async (tx) => {
      await createAdjustment(tx, { userId: user.id, amount: 10_000, currency: 'USD', reason: 'A gift' })
      closing = refusalOf(close(ctx.as(user.actor)))
      await waiting()
    })
    expect(await closing).toEqual([422, 'BALANCE_LEFT'])
  })
})

describe('closing an account that is cut off half-way', () => {
  it('has changed nothing, and can be done again', async () => {
    const ctx = given()
    const { seller, as, name } = await givenSeller(ctx)
    const before = await rowOf(seller.id)
    const [mail] = await database.db.select().from(mails).where(eq(mails.to, seller.email))
    let closing: Promise<unknown> = Promise.resolve()
    await database.owner.transaction(async (tx) => {
      await tx.execute(sql`select from mails where id = ${mail?.id} for update`)
      closing = close(as).then(
        () => 'closed',
        () => 'cut off',
      )
      const pid = await waiting()
      await tx.execute(sql`select pg_cancel_backend(${pid})`)
      expect(await closing).toBe('cut off')
    })
    expect(await rowOf(seller.id)).toEqual(before)
    expect(await traces(name.split(' ')[0] ?? '')).toContain('users')
    const done = () => database.db.select().from(activityLog).where(eq(activityLog.userId, seller.id))
    expect((await done()).map(({ action }) => action)).not.toContain('account_closed')
    await close(as)
    expect(await traces(name.split(' ')[0] ?? '')).toEqual([])
    expect(await brokenBooks(ctx)).toEqual([])
  })
})
