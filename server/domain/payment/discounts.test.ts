import { and, eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { attributions, commissions, jobs, orders, payments, users } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate, visit } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import {
  brokenBooks,
  type MadeOffer,
  MONTHLY,
  makeOffer,
  paidFacts,
} from '../../../db/testing/factories/payment'
import { plansOf } from '../../../db/testing/plans'
import { inTransaction } from '../../kit/context'
import { type Harness, startHarness } from '../../providers/sandbox/sandbox.harness'
import { clickedReferral, makeCoupon, referralTimeline } from '../affiliate'
import { MakeCouponInput } from '../affiliate/schemas'
import { closeCheckout, createPaymentLink, settleOrder } from '.'
import { dueOf } from './rules'

const database = useDatabase()
const clock = testClock()
let h: Harness
let ctx: TestContext
let plans: ReturnType<typeof plansOf>
let offer: MadeOffer
let anna: MadeUser
let annaCode: string
let admin: TestContext
let count = 0

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { clock, outside: { payments: new Map([['stripe', h.provider]]) } })
  plans ??= plansOf(h, () => ctx)
  admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  anna = await makeUser(ctx)
  annaCode = (await makeAffiliate(ctx, { userId: anna.id })).code
  offer = await makeOffer(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

const make = async (more: Partial<MakeCouponInput> = {}) => {
  count += 1
  const terms = { affiliate: annaCode, code: `ANNA-${count}`, percentage: '20', ...more }
  return makeCoupon(admin, MakeCouponInput.parse(terms))
}
const guest = () => {
  count += 1
  return `discounted-${count}@example.test`
}
const ask = (
  coupon: string,
  more: { email?: string; as?: TestContext; token?: string; referral?: string | null; attempt?: string } = {},
) =>
  createPaymentLink(more.as ?? ctx, {
    paymentType: 'WORKSPACE_PURCHASE',
    email: more.email ?? guest(),
    firstName: 'Gus',
    lastName: 'Guest',
    affiliateToken: more.token ?? offer.token,
    coupon,
    attempt: more.attempt ?? null,
    referral: more.referral ?? null,
  })
const orderOf = async (id: string) => {
  const [order] = await database.db.select().from(orders).where(eq(orders.id, id))
  if (order === undefined) throw new Error('no such order')
  return order
}
const sessionOf = async (id: string) => {
  const [row] = await database.db.execute<{ body: Record<string, unknown> }>(
    sql`select body from sandbox_objects where type = 'checkout.session' and body->'metadata'->>'orderId' = ${id}`,
  )
  return row?.body
}
const settle = async (id: string, paid?: bigint) => {
  const order = await orderOf(id)
  const captured = { amount: paid ?? dueOf(order), currency: order.priceCurrency }
  return inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order, { captured })))
}
const sharesOf = async (orderId: string) => {
  const rows = await database.db
    .select({ kind: commissions.kind, base: commissions.baseAmount, amount: commissions.amount })
    .from(commissions)
    .innerJoin(payments, eq(payments.id, commissions.paymentId))
    .where(eq(payments.orderId, orderId))
    .orderBy(commissions.kind)
  return rows.map(({ kind, base, amount }) => [kind, base, amount])
}
const whoseIs = async (email: string) => {
  const [row] = await database.db
    .select({ affiliateId: attributions.affiliateId, couponId: attributions.couponId, id: users.id })
    .from(users)
    .leftJoin(attributions, eq(attributions.customerId, users.id))
    .where(eq(users.email, email))
  return row
}

describe('a code at the checkout of a workspace', () => {
  it('lowers what the provider asks for, the base of every share, and makes the buyer its affiliate’s', async () => {
    const coupon = await make()
    const email = guest()
    const { id } = await ask(coupon.code.toLowerCase(), { email })
    expect(await orderOf(id)).toMatchObject({
      priceAmount: 10_000n,
      discountAmount: 2_000n,
      couponId: coupon.id,
    })
    expect(await sessionOf(id)).toMatchObject({
      amount_subtotal: 10_000,
      amount_total: 8_000,
      discounts: [{ coupon: `offshoot-${coupon.id}-0` }],
    })
    expect(await settle(id)).toMatchObject({ status: 'PROCESSED' })
    expect(await sharesOf(id)).toEqual([
      ['SALE', 8_000n, 1_600n],
      ['REFERRAL', 8_000n, 1_200n],
    ])
    const buyer = await whoseIs(email)
    expect(buyer).toMatchObject({ affiliateId: annaCode, couponId: coupon.id })
    const timeline = await referralTimeline(ctx.as(anna.actor), { id: buyer?.id ?? '' })
    expect(timeline.rule).toContain(`your code ${coupon.code}`)
    expect(timeline.events.map(({ kind }) => kind)).toEqual(['COUPON', 'PAYMENT'])
  })

  it('is settled once, however often it is told', async () => {
    const { id } = await ask((await make()).code)
    await settle(id)
    expect(await settle(id)).toMatchObject({ outcome: `order ${id} was settled already` })
    expect(await sharesOf(id)).toHaveLength(2)
  })

  it('is never paid at more than was quoted', async () => {
    const { id } = await ask((await make()).code)
    expect(await settle(id, 10_000n)).toMatchObject({ status: 'QUARANTINED' })
    expect(await sharesOf(id)).toEqual([])
  })

  it('of all of it is a purchase that earns nothing, and a customer all the same', async () => {
    const email = guest()
    const { id } = await ask((await make({ percentage: '100' })).code, { email })
    expect(await sessionOf(id)).toMatchObject({ amount_total: 0 })
    await settle(id)
    expect(await sharesOf(id)).toEqual([])
    expect(await whoseIs(email)).toMatchObject({ affiliateId: annaCode })
  })

  it('another time is another checkout; without one the price is whole', async () => {
    const email = guest()
    const coupon = await make()
    const [one, again] = [await ask(coupon.code, { email }), await ask(coupon.code, { email })]
    expect(again).toEqual(one)
    const other = await ask('   ', { email }).catch((error: unknown) => error)
    expect(other).toMatchObject({ code: 'COUPON_UNKNOWN' })
  })

  it.each(['', 'nope', 'a'.repeat(200), '=1+1', 'ann\u0000a', '../..'])(
    'that is %j is refused, and no order is made',
    async (code) => {
      const before = await database.db.$count(orders)
      await expect(ask(code)).rejects.toMatchObject({ status: 422, code: 'COUPON_UNKNOWN' })
      expect(await database.db.$count(orders)).toBe(before)
    },
  )
})

describe('whose customer somebody with a code is', () => {
  it('a guest who clicked another’s link before: the code comes first', async () => {
    const other = await makeUser(ctx)
    const { code } = await makeAffiliate(ctx, { userId: other.id })
    const referral = await clickedReferral(ctx, visit(code))
    const email = guest()
    const { id } = await ask((await make()).code, { email, referral })
    await settle(id)
    expect((await whoseIs(email))?.affiliateId).toBe(annaCode)
  })

  it('who signed up through another’s link stays theirs, and gets the discount', async () => {
    const other = await makeUser(ctx)
    const { id: affiliateId } = await makeAffiliate(ctx, { userId: other.id })
    const buyer = await makeUser(ctx)
    await database.db.insert(attributions).values({
      customerId: buyer.id,
      affiliateId,
      ratePercentage: '15.00',
      createdAt: ctx.now(),
    })
    const { id } = await ask((await make()).code, { as: ctx.as(buyer.actor) })
    await settle(id)
    expect((await whoseIs(buyer.email))?.affiliateId).toBe(affiliateId)
    expect(await sharesOf(id)).toEqual([
      ['SALE', 8_000n, 1_600n],
      ['REFERRAL', 8_000n, 1_200n],
    ])
  })

  it('who has an account and never paid is new; who has paid is nobody’s', async () => {
    const buyer = await makeUser(ctx)
    const { id } = await ask((await make()).code, { as: ctx.as(buyer.actor) })
    await settle(id)
    expect((await whoseIs(buyer.email))?.affiliateId).toBe(annaCode)

    const old = await makeUser(ctx)
    const first = await createPaymentLink(ctx.as(old.actor), {
      paymentType: 'WORKSPACE_PURCHASE',
      email: old.email,
      firstName: 'Old',
      lastName: 'Hand',
      affiliateToken: offer.token,
      attempt: null,
    })
    await settle(first.id)
    const second = await ask((await make()).code, { as: ctx.as(old.actor) })
    await settle(second.id)
    expect((await whoseIs(old.email))?.affiliateId).toBeNull()
    expect(await sharesOf(second.id)).toEqual([['SALE', 8_000n, 1_600n]])
  })

  it('whose address a guest typed is not attributed, for it proves nothing', async () => {
    const known = await makeUser(ctx)
    const { id } = await ask((await make()).code, { email: known.email })
    await settle(id)
    expect((await whoseIs(known.email))?.affiliateId).toBeNull()
  })

  it('nobody uses their own, signed in or by their mailbox', async () => {
    const { code } = await make()
    for (const more of [{ as: ctx.as(anna.actor) }, { email: anna.email.replace('@', '+me@') }])
      await expect(ask(code, more)).rejects.toMatchObject({ status: 422, code: 'OWN_COUPON' })
  })

  it('of an affiliate suspended since keeps the price, and earns them nothing', async () => {
    const email = guest()
    const { id } = await ask((await make()).code, { email })
    await database.db.execute(sql`update affiliates set status = 'SUSPENDED' where id = ${annaCode}`)
    await settle(id)
    expect((await whoseIs(email))?.affiliateId).toBeNull()
    expect(await sharesOf(id)).toEqual([['SALE', 8_000n, 1_600n]])
  })
})

describe('how often a code is used', () => {
  it('is no more than it may be, of two at once and while a checkout is open', async () => {
    const { code } = await make({ maxUses: 1 })
    const [mine, yours] = [guest(), guest()]
    const results = await Promise.allSettled([ask(code, { email: mine }), ask(code, { email: yours })])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const winner = results[0]?.status === 'fulfilled' ? mine : yours
    // Asking for the same checkout again holds no second use.
    const { id } = await ask(code, { email: winner })
    await settle(id)
    await expect(ask(code)).rejects.toMatchObject({ status: 422, code: 'COUPON_OVER' })
  })

  it('is free again once an open checkout is over', async () => {
    const { code } = await make({ maxUses: 1 })
    const { id } = await ask(code)
    await expect(ask(code)).rejects.toMatchObject({ code: 'COUPON_OVER' })
    await database.db.update(orders).set({ status: 'EXPIRED' }).where(eq(orders.id, id))
    await ask(code)
  })

  it('is once for each buyer', async () => {
    const { code } = await make()
    const email = guest()
    const { id } = await ask(code, { email })
    await settle(id)
    await expect(ask(code, { email })).rejects.toMatchObject({ status: 422, code: 'COUPON_USED' })
  })
})

describe('a buyer who entered a code more than once', () => {
  const open = (email: string) =>
    database.db
      .select({ id: orders.id })
      .from(orders)
      .where(and(eq(orders.email, email), eq(orders.status, 'OPEN')))
  const stripeSays = async (id: string) => {
    await closeCheckout(ctx, id)
    return (await sessionOf(id))?.status
  }

  it('has one open checkout with it: the last; the others are over, at the provider too', async () => {
    const { code } = await make({ maxUses: 1 })
    const email = guest()
    const [first, again] = [await ask(code, { email }), await ask(code, { email })]
    expect(again).toEqual(first)
    const second = await makeOffer(ctx)
    const last = await ask(code, { email, token: second.token })
    expect(await open(email)).toEqual([{ id: last.id }])
    const [close] = await database.db
      .select({ kind: jobs.kind })
      .from(jobs)
      .where(eq(jobs.key, `order:${first.id}:close`))
    expect(close).toEqual({ kind: 'payment.closeCheckout' })
    expect([await stripeSays(first.id), await stripeSays(last.id)]).toEqual(['expired', 'open'])
    // Nobody is told of an error when it is over there already.
    expect(await stripeSays(first.id)).toBe('expired')
  })

  it('has one of three asked for at once', async () => {
    const { code } = await make()
    const email = guest()
    const others = [offer, await makeOffer(ctx), await makeOffer(ctx)]
    await Promise.allSettled(others.map(({ token }) => ask(code, { email, token })))
    expect(await open(email)).toHaveLength(1)
  })

  it('has one of two attempts at the same, and what an attempt that is over asks again ends nothing', async () => {
    const { code } = await make()
    const email = guest()
    await ask(code, { email, attempt: 'one' })
    const two = await ask(code, { email, attempt: 'two' })
    await ask(code, { email, attempt: 'one' })
    expect(await open(email)).toEqual([{ id: two.id }])
  })

  it('has used it while a bank is at work on the payment', async () => {
    const { code } = await make()
    const email = guest()
    const { id } = await ask(code, { email })
    const expiresAt = new Date(ctx.now().getTime() + 14 * 86_400_000)
    await database.db.update(orders).set({ expiresAt }).where(eq(orders.id, id))
    const { token } = await makeOffer(ctx)
    await expect(ask(code, { email, token })).rejects.toMatchObject({ status: 422, code: 'COUPON_USED' })
    expect(await open(email)).toEqual([{ id }])
  })

  it('has no checkout with it that was still being made meanwhile', async () => {
    const { code } = await make()
    const email = guest()
    const { id } = await ask(code, { email, attempt: 'slow' })
    await database.db
      .update(orders)
      .set({ status: 'EXPIRED', checkoutRef: null, checkoutUrl: null })
      .where(eq(orders.id, id))
    await expect(ask(code, { email, attempt: 'slow' })).rejects.toMatchObject({ code: 'TRY_AGAIN' })
    expect((await sessionOf(id))?.status).toBe('expired')
  })
})

describe('a code on a subscription', () => {
  const invoices = (userId: string) =>
    database.db
      .select({ captured: payments.capturedAmount, type: payments.type })
      .from(payments)
      .where(eq(payments.buyerId, userId))
      .orderBy(payments.paidAt)

  it('of two months lowers two payments of a plan and what they earn, and not the third', async () => {
    const coupon = await make({ percentage: '50', months: 2, scope: 'PLANS' })
    const user = await plans.subscribed({ coupon: coupon.code })
    await plans.advance('month')
    await plans.advance('month')
    // One after the other within a moment of the test's clock: as a set.
    expect((await invoices(user.id)).map(({ captured }) => captured).sort()).toEqual([1_450n, 1_450n, 2_900n])
    const earned = await database.db
      .select({ amount: commissions.amount })
      .from(commissions)
      .where(and(eq(commissions.beneficiaryId, anna.id), eq(commissions.kind, 'REFERRAL')))
      .orderBy(commissions.createdAt)
    expect(earned.map(({ amount }) => amount).sort()).toEqual([218n, 218n, 435n])
  }, 60_000)

  it('of an amount is taken off each payment', async () => {
    const coupon = await make({
      percentage: undefined,
      amount: { amount: 900, currency: 'USD' },
      months: null,
    } as Partial<MakeCouponInput>)
    const user = await plans.subscribed({ coupon: coupon.code })
    await plans.advance('month')
    expect((await invoices(user.id)).map(({ captured }) => captured)).toEqual([2_000n, 2_000n])
  }, 60_000)

  it('of every payment lasts, though it was entered for a single one first', async () => {
    const coupon = await make({ percentage: '50', months: null })
    await ask(coupon.code)
    const user = await plans.subscribed({ coupon: coupon.code })
    await plans.advance('month')
    expect((await invoices(user.id)).map(({ captured }) => captured)).toEqual([1_450n, 1_450n])
  }, 60_000)

  it('of a workspace lowers the seller’s base too', async () => {
    const monthly = await makeOffer(ctx, { offer: MONTHLY, planType: 'BUSINESS' })
    const { id } = await ask((await make({ months: null })).code, { token: monthly.token })
    expect(await sessionOf(id)).toMatchObject({ amount_total: 4_000 })
  })
})
