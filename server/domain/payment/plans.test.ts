import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commissions, orders, providerCustomers, subscriptions, users } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { paidFacts, paidSession, signedHeaders, stripeEvent } from '../../../db/testing/factories/payment'
import { plansOf } from '../../../db/testing/plans'
import { inTransaction } from '../../kit/context'
import { type Harness, startHarness } from '../../providers/sandbox/sandbox.harness'
import { processWebhook, receiveWebhook } from '../webhook'
import {
  applyRefund,
  createCheckoutSession,
  createPaymentLink,
  currentPlan,
  endCheckout,
  endPlan,
  endSubscription,
  planOffers,
  planProgress,
  refundUnfulfillable,
  settleOrder,
} from '.'
import { CreateCheckoutSessionInput, CreatePaymentLinkInput } from './schemas'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let plans: ReturnType<typeof plansOf>
/** Goes on from test to test: what one has left on its way comes to the next. */
const clock = testClock()
const inDays = (days: number) => new Date(clock.now().getTime() + days * 86_400_000)

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { clock, outside: { payments: new Map([['stripe', h.provider]]) } })
  plans ??= plansOf(h, () => ctx)
})

const sharesOf = (paymentId: string | undefined) =>
  database.db
    .select({ kind: commissions.kind, amount: commissions.amount, status: commissions.status })
    .from(commissions)
    .where(eq(commissions.paymentId, paymentId ?? ''))

describe('a plan that is bought', () => {
  it('is the organization’s once it is paid, and earns the affiliate who referred the buyer', async () => {
    const user = await plans.buyer()
    const affiliate = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: user.id })
    const { sessionId, url } = await plans.open(user)
    expect(sessionId).toMatch(/^cs_/)
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    expect(await plans.pay(url)).toBe(`${ctx.config.appUrl}/billing/success?session_id=${sessionId}`)
    await plans.deliver()
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    const [payment, ...others] = await plans.paymentsOf(user)
    expect(others).toEqual([])
    expect(payment).toMatchObject({ type: 'PLAN_PURCHASE', capturedAmount: 2_900n, sellerId: null })
    expect(await sharesOf(payment?.id)).toEqual([{ kind: 'REFERRAL', amount: 435n, status: 'CREDITED' }])
    expect(await plans.planOf(user)).toMatchObject({
      isPlan: true,
      plan: 'BUSINESS',
      status: 'ACTIVE',
      frequency: 'MONTHLY',
      priceAmount: 2_900n,
      customerRef: expect.stringMatching(/^cus_/),
      currentPeriodEnd: inDays(30),
      paidUntil: inDays(30),
    })
    expect(await plans.mailsTo(user.email)).toEqual(['plan-started'])
    expect(await planProgress(ctx, { checkoutRef: sessionId })).toMatchObject({
      status: 'FULFILLED',
      mine: false,
    })
    expect(await currentPlan(ctx.as(user.actor))).toMatchObject({
      planType: 'BUSINESS',
      source: 'SUBSCRIPTION',
      subscription: { billingCycle: 'MONTHLY', price: { amount: 2_900, currency: 'USD' }, ends: false },
      payments: [{ amount: { amount: 2_900 } }],
    })
  })

  it('ends the same whatever order its events come in, and however often', async () => {
    for (const order of [
      (all: typeof h.received) => [...all].reverse(),
      (all: typeof h.received) => [...all, ...all],
    ]) {
      const user = await plans.buyer()
      await plans.pay((await plans.open(user, { billingCycle: 'YEARLY' })).url)
      await plans.deliver(order)
      expect(await plans.paymentsOf(user)).toMatchObject([{ capturedAmount: 29_000n }])
      expect(await plans.planOf(user)).toMatchObject({ status: 'ACTIVE', frequency: 'YEARLY' })
      expect(await plans.mailsTo(user.email)).toEqual(['plan-started'])
    }
  })

  it('by a guest makes the account, which only the mailed link opens', async () => {
    const email = `guest-${randomUUID()}@example.test`
    const { id, url } = await createPaymentLink(ctx, {
      paymentType: 'PLAN_PURCHASE',
      email,
      firstName: 'Gus',
      lastName: 'Guest',
      planType: 'AGENCY',
      billingCycle: 'MONTHLY',
      attempt: null,
    })
    await plans.pay(url)
    await plans.deliver()
    const [user] = await database.db.select().from(users).where(eq(users.email, email))
    expect(user).toMatchObject({ passwordHash: null, emailVerifiedAt: null })
    expect(await database.db.query.orders.findFirst({ where: eq(orders.id, id) })).toMatchObject({
      status: 'FULFILLED',
      buyerId: user?.id,
      priceAmount: 9_900n,
    })
    expect(await plans.mailsTo(email)).toEqual(['plan-started'])
  })

  it('is paid by the customer the provider knows from the last time', async () => {
    const user = await plans.subscribed()
    await database.db
      .update(subscriptions)
      .set({ status: 'CANCELLED' })
      .where(eq(subscriptions.userId, user.id))
    await plans.subscribed({ user, planType: 'AGENCY' })
    const customers = await database.db
      .select()
      .from(providerCustomers)
      .where(eq(providerCustomers.buyerKey, `user:${user.id}`))
    expect(customers).toHaveLength(1)
    const rows = await database.db.select().from(subscriptions).where(eq(subscriptions.userId, user.id))
    expect(rows.map(({ customerRef }) => customerRef)).toEqual([
      customers[0]?.externalId,
      customers[0]?.externalId,
    ])
  })

  it('after the trial is charged when that ends, and earns nothing before', async () => {
    const user = await makeUser(ctx, { trialEndsAt: new Date(ctx.now().getTime() + 9.5 * 86_400_000) })
    const affiliate = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: user.id })
    await plans.subscribed({ user, afterTrial: true })
    const [payment] = await plans.paymentsOf(user)
    expect(payment).toMatchObject({ capturedAmount: 0n })
    expect(await sharesOf(payment?.id)).toEqual([])
    expect(await plans.planOf(user)).toMatchObject({
      status: 'TRIALING',
      currentPeriodEnd: new Date(ctx.now().getTime() + 10 * 86_400_000),
    })
  })

  it('is not waited for where there is no trial, or for a plan the trial is not of', async () => {
    const user = await plans.buyer()
    await expect(plans.open(user, { afterTrial: true })).rejects.toMatchObject({
      status: 422,
      code: 'NO_TRIAL_LEFT',
    })
    const onTrial = await makeUser(ctx, { trialEndsAt: new Date(ctx.now().getTime() + 86_400_000) })
    await expect(plans.open(onTrial, { planType: 'AGENCY', afterTrial: true })).rejects.toMatchObject({
      code: 'NO_TRIAL_LEFT',
    })
    expect(await database.db.select().from(orders).where(eq(orders.buyerId, user.id))).toEqual([])
  })
})

describe('a plan that is paid by a delayed method', () => {
  const told = async (order: typeof orders.$inferSelect, type: string, paid: boolean) => {
    const session = paidSession(order, {
      payment_status: paid ? 'paid' : 'unpaid',
      subscription: `sub_${order.id}`,
      invoice: { id: `in_${order.id}`, object: 'invoice', amount_paid: paid ? 2_900 : 0 },
    })
    const body = stripeEvent(ctx.now(), type, session)
    await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
    const { id } = JSON.parse(body) as { id: string }
    const row = await database.db.query.webhookEvents.findFirst({ where: (t, { eq }) => eq(t.eventId, id) })
    await processWebhook(ctx, row?.id ?? '', 9)
  }
  const waiting = async () => {
    const user = await plans.buyer()
    await plans.open(user)
    const [order] = await database.db
      .update(orders)
      .set({ checkoutRef: `cs_${randomUUID()}` })
      .where(eq(orders.buyerId, user.id))
      .returning()
    if (order === undefined) throw new Error('no order')
    await told(order, 'checkout.session.completed', false)
    expect(await plans.paymentsOf(user)).toEqual([])
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    return { user, order }
  }

  it('is the organization’s when it is paid, not before', async () => {
    const { user, order } = await waiting()
    await told(order, 'checkout.session.async_payment_succeeded', true)
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    expect(await plans.paymentsOf(user)).toMatchObject([{ capturedAmount: 2_900n }])
  })

  it('is waited for longer than a checkout lasts, and what is told of it meanwhile does not pile up', async () => {
    const { user, order } = await waiting()
    clock.advance(3 * 86_400_000)
    await endCheckout(ctx, order.id)
    const subscription = {
      id: `sub_${order.id}`,
      object: 'subscription',
      status: 'active',
      metadata: { orderId: order.id },
    }
    const body = stripeEvent(ctx.now(), 'customer.subscription.created', subscription)
    await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
    const row = await database.db.query.webhookEvents.findFirst({ where: (t, { eq }) => eq(t.body, body) })
    await processWebhook(ctx, row?.id ?? '')
    const later = await database.db.query.webhookEvents.findFirst({
      where: (t, { eq }) => eq(t.id, row?.id ?? ''),
    })
    expect(later).toMatchObject({ status: 'IGNORED', outcome: expect.stringContaining('waits for its bank') })
    expect(await plans.jobsOf('checkout.expire')).toContainEqual({ orderId: order.id })
    const now = await database.db.query.orders.findFirst({ where: eq(orders.id, order.id) })
    expect(now?.status).toBe('OPEN')
    await told(order, 'checkout.session.async_payment_succeeded', true)
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
  })

  it('is not theirs when that fails, and they are told', async () => {
    const { user, order } = await waiting()
    await told(order, 'checkout.session.async_payment_failed', false)
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    expect(await plans.mailsTo(user.email)).toEqual(['payment-failed'])
  })
})

describe('the price of a plan', () => {
  const priced = (planPrices: Partial<Record<string, string>>) =>
    testContext(database.db, {
      clock,
      outside: {
        payments: new Map([['stripe', { ...h.provider, billing: { ...h.provider.billing, planPrices } }]]),
      },
    })
  const AGENCY = { planType: 'AGENCY', billingCycle: 'YEARLY', attempt: null } as const

  it('is the one the settings name at the provider', async () => {
    const price = { amount: 77_700n, currency: 'USD' }
    const ref = await h.provider.billing.keepPrice({ title: 'Agency', price, frequency: 'YEARLY' })
    const shop = priced({ AGENCY_YEARLY: ref })
    expect((await planOffers(shop)).plans.at(-1)).toMatchObject({
      monthly: { amount: 9_900 },
      yearly: { amount: 77_700 },
    })
    const user = await plans.buyer()
    const { url } = await createCheckoutSession(shop.as(user.actor), AGENCY)
    await plans.pay(url)
    await plans.deliver()
    expect(await plans.paymentsOf(user)).toMatchObject([{ capturedAmount: 77_700n }])
  })

  it.each([
    ['is unknown', 'price_none'],
    ['has another rhythm', 'MONTHLY'],
  ])('that %s sells nothing, and nothing is written', async (_why, given) => {
    const price = { amount: 100n, currency: 'USD' }
    const ref =
      given === 'MONTHLY'
        ? await h.provider.billing.keepPrice({ title: 'x', price, frequency: 'MONTHLY' })
        : given
    const user = await plans.buyer()
    await expect(
      createCheckoutSession(priced({ AGENCY_YEARLY: ref }).as(user.actor), AGENCY),
    ).rejects.toMatchObject({ status: 422, code: 'PLAN_NOT_FOR_SALE' })
    expect(await database.db.select().from(orders).where(eq(orders.buyerId, user.id))).toEqual([])
  })
})

describe('a second subscription', () => {
  it('is refused to whoever has one, in words that say what to do', async () => {
    const user = await plans.subscribed()
    await expect(plans.open(user)).rejects.toMatchObject({ status: 409, code: 'SAME_PLAN' })
    await expect(plans.open(user, { billingCycle: 'YEARLY' })).rejects.toMatchObject({
      status: 409,
      code: 'SUBSCRIPTION_EXISTS',
    })
  })

  it('that is paid in another tab is cancelled and given back; the first goes on', async () => {
    const user = await plans.buyer()
    const affiliate = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: user.id })
    const first = await plans.open(user)
    const second = await plans.open(user, { planType: 'AGENCY' })
    await plans.pay(first.url)
    await plans.pay(second.url)
    await plans.deliver()
    const paid = await plans.paymentsOf(user)
    const [kept, back] = [2_900n, 9_900n].map((amount) => paid.find((one) => one.capturedAmount === amount))
    expect(await plans.planOf(user)).toMatchObject({ plan: 'BUSINESS', status: 'ACTIVE' })
    expect(await sharesOf(back?.id)).toEqual([])
    expect(await planProgress(ctx, { checkoutRef: second.sessionId })).toMatchObject({
      status: 'FAILED',
      failure: expect.stringContaining('That one goes on'),
    })
    await refundUnfulfillable(ctx, back?.id ?? '')
    await endSubscription(ctx, back?.id ?? '')
    await endSubscription(ctx, back?.id ?? '')
    await h.until('customer.subscription.deleted')
    await plans.deliver()
    const standing = new Map((await plans.paymentsOf(user)).map(({ id, status }) => [id, status]))
    expect([standing.get(kept?.id ?? ''), standing.get(back?.id ?? '')]).toEqual(['CAPTURED', 'REFUNDED'])
    expect(await plans.planOf(user)).toMatchObject({ plan: 'BUSINESS', status: 'ACTIVE' })
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    expect(await plans.mailsTo(user.email)).toEqual(['plan-started', 'purchase-refunded'])
  })

  it('that is settled at the same moment leaves one of the two, and books both', async () => {
    const user = await plans.buyer()
    const [a, b] = [await plans.open(user), await plans.open(user, { billingCycle: 'YEARLY' })]
    const rows = await database.db.select().from(orders).where(eq(orders.buyerId, user.id))
    const verdicts = await Promise.all(
      rows.map((order) =>
        inTransaction(ctx, (tx) =>
          settleOrder(
            tx,
            paidFacts(order, { subscriptionId: `sub_${order.id}`, invoiceId: `in_${order.id}` }),
          ),
        ),
      ),
    )
    // Whichever came first.
    const outcomes = verdicts.map(({ outcome }) => outcome)
    expect(outcomes.filter((said) => said.includes('could not be fulfilled'))).toHaveLength(1)
    expect(outcomes.filter((said) => said.includes('fulfilled: BUSINESS'))).toHaveLength(1)
    const states = await Promise.all(
      [a, b].map(({ sessionId }) => planProgress(ctx, { checkoutRef: sessionId })),
    )
    expect(states.map(({ status }) => status).sort()).toEqual(['FAILED', 'FULFILLED'])
    expect(await plans.paymentsOf(user)).toHaveLength(2)
  })

  it('is one checkout when the button is pressed twice', async () => {
    const user = await plans.buyer()
    const [a, b] = await Promise.all([plans.open(user), plans.open(user)])
    expect(a).toEqual(b)
  })
})

describe('a subscription that ends', () => {
  const end = async (user: MadeUser) => {
    const before = h.received.filter(({ type }) => type === 'customer.subscription.deleted').length
    await h.api('DELETE', `/v1/subscriptions/${(await plans.planOf(user))?.externalId}`)
    await h.until('customer.subscription.deleted', before + 1)
    await plans.deliver()
  }

  it('in the middle of a period that is paid leaves the plan until that is over', async () => {
    const user = await plans.subscribed()
    const paidUntil = (await plans.planOf(user))?.paidUntil
    clock.advance(10 * 86_400_000)
    await end(user)
    expect(await plans.planOf(user)).toMatchObject({ status: 'CANCELLED', planStaysUntil: paidUntil })
    expect(await currentPlan(ctx.as(user.actor))).toMatchObject({
      planType: 'BUSINESS',
      source: 'SUBSCRIPTION',
      subscription: null,
      staysUntil: paidUntil?.toISOString(),
    })
    expect(await plans.jobsOf('payment.endPlan')).toContainEqual({ organizationId: user.organizationId })
    await endPlan(ctx, user.organizationId)
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    clock.advance(21 * 86_400_000)
    await endPlan(ctx, user.organizationId)
    expect(await plans.paidPlanOf(user)).toBe('FREE')
  })

  it('and whose money goes back afterwards ends the plan then', async () => {
    const user = await plans.subscribed()
    await end(user)
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    const [payment] = await plans.paymentsOf(user)
    if (payment === undefined) throw new Error('nothing was paid')
    const part = { amount: 1_000n, currency: 'USD' }
    await inTransaction(ctx, (tx) => applyRefund(tx, { ...payment, refunded: part, refunds: [] }))
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    const all = { amount: 2_900n, currency: 'USD' }
    await inTransaction(ctx, (tx) => applyRefund(tx, { ...payment, refunded: all, refunds: [] }))
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    expect(await currentPlan(ctx.as(user.actor))).toMatchObject({ source: 'NONE', staysUntil: null })
  })

  it('after its money went back ends the plan at once', async () => {
    const user = await plans.subscribed()
    const [payment] = await plans.paymentsOf(user)
    if (payment === undefined) throw new Error('nothing was paid')
    const refunded = { amount: 2_900n, currency: 'USD' }
    await inTransaction(ctx, (tx) => applyRefund(tx, { ...payment, refunded, refunds: [] }))
    await end(user)
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    expect(await plans.mailsTo(user.email)).toContain('plan-ended')
  })
})

it.each([
  ['no plan', { planType: undefined }],
  ['an unknown plan', { planType: 'GOLD' }],
  ['the plan that costs nothing', { planType: 'FREE' }],
  ['an unknown rhythm', { billingCycle: 'WEEKLY' }],
  ['a price of the caller’s own', { priceId: 'price_123' }],
  ['an amount of the caller’s own', { price: { amount: 1, currency: 'USD' } }],
  ['a currency of the caller’s own', { currency: 'EUR' }],
  ['a trial of the caller’s own', { trialDays: 400 }],
])('a checkout with %s is not valid', (_what, more) => {
  const terms = { planType: 'BUSINESS', billingCycle: 'MONTHLY', ...more }
  const guest = { paymentType: 'PLAN_PURCHASE', email: 'a@example.test', firstName: 'A', lastName: 'B' }
  expect(CreateCheckoutSessionInput.safeParse(terms).success).toBe(false)
  expect(CreatePaymentLinkInput.safeParse({ ...guest, ...terms }).success).toBe(false)
})

it('what a checkout is about is not told to who only guesses', async () => {
  for (const asked of [{}, { checkoutRef: 'MB-LINK-12' }, { checkoutRef: `cs_test_${'x'.repeat(24)}` }])
    await expect(planProgress(ctx, asked)).rejects.toMatchObject({ status: 404, code: 'ORDER_NOT_FOUND' })
})

it('the plans are told with their limits and prices', async () => {
  const { plans: offers, providers } = await planOffers(ctx)
  expect(providers).toEqual(['stripe'])
  expect(offers).toMatchObject([
    { planType: 'FREE', limits: { workspaces: 1 }, monthly: { amount: 0 } },
    { planType: 'BUSINESS', canSell: false, monthly: { amount: 2_900 }, yearly: { amount: 29_000 } },
    { planType: 'AGENCY', canSell: true, limits: { workspaces: null }, yearly: { amount: 99_000 } },
  ])
})
