import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { orders, organizations, subscriptions } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeUser, type MakeUser, makeUser } from '../../../db/testing/factories/identity'
import type { Plan } from '../../kit/plans'
import { createMamoProvider } from '../../providers/mamopay'
import { billingPortal, currentPlan, planOffers, planProgress, setPlanCancellation } from '.'

const database = useDatabase({ broken: 'has subscriptions and orders that nobody paid' })
const mamopay = createMamoProvider({
  apiKey: 'sk-never-used',
  webhookSecrets: [],
  // Nobody listens there: what is asked of it would be seen.
  apiBase: 'http://127.0.0.1:9',
  mode: 'sandbox',
})
let ctx: TestContext
beforeEach(() => {
  ctx = testContext(database.db, { outside: { payments: new Map([['mamopay', mamopay]]) } })
})
const inDays = (days: number) => new Date(ctx.now().getTime() + days * 86_400_000)

const ordered = async (user: MadeUser, more: Partial<typeof orders.$inferInsert> = {}) => {
  const [order] = await database.db
    .insert(orders)
    .values({
      id: randomUUID(),
      paymentType: 'PLAN_PURCHASE',
      provider: 'mamopay',
      mode: 'sandbox',
      buyerId: user.id,
      email: user.email,
      firstName: user.firstName,
      lastName: user.lastName,
      buyerKey: `user:${user.id}`,
      offerKey: `plan:${randomUUID()}`,
      status: 'FULFILLED',
      planType: 'BUSINESS',
      offerMode: 'SUBSCRIPTION',
      priceAmount: 2_900n,
      priceCurrency: 'USD',
      createdAt: ctx.now(),
      expiresAt: inDays(1),
      ...more,
    })
    .returning()
  if (order === undefined) throw new Error('no order came back')
  return order
}

/** Somebody whose organization pays for a plan, with a subscription as it stands. */
const subscriber = async (
  more: Partial<typeof subscriptions.$inferInsert> = {},
  options: MakeUser & { paidPlan?: Plan } = {},
) => {
  const user = await makeUser(ctx, options)
  const { id: orderId } = await ordered(user)
  await database.db.insert(subscriptions).values({
    id: randomUUID(),
    provider: 'mamopay',
    mode: 'sandbox',
    externalId: `sub_${orderId}`,
    orderId,
    organizationId: user.organizationId,
    userId: user.id,
    plan: 'BUSINESS',
    status: 'ACTIVE',
    isPlan: true,
    frequency: 'MONTHLY',
    priceAmount: 2_900n,
    priceCurrency: 'USD',
    currentPeriodEnd: inDays(20),
    createdAt: ctx.now(),
    updatedAt: ctx.now(),
    ...more,
  })
  await paidFor(user, options.paidPlan ?? 'BUSINESS')
  return user
}
const paidFor = (user: MadeUser, paidPlan: Plan) =>
  database.db.update(organizations).set({ paidPlan }).where(eq(organizations.id, user.organizationId))
const shown = (user: MadeUser) => currentPlan(ctx.as(user.actor))

describe('the plan of somebody without a subscription', () => {
  it('is the free one', async () => {
    expect(await shown(await makeUser(ctx))).toMatchObject({
      planType: 'FREE',
      source: 'NONE',
      trialEndsAt: null,
      subscription: null,
      staysUntil: null,
      payments: [],
    })
  })
  it('is that of the trial while it runs, and none afterwards', async () => {
    const user = await makeUser(ctx, { trialEndsAt: inDays(3) })
    expect(await shown(user)).toMatchObject({
      planType: 'BUSINESS',
      source: 'TRIAL',
      trialEndsAt: inDays(3).toISOString(),
    })
    ctx.clock.advance(3 * 86_400_000)
    expect(await shown(user)).toMatchObject({ planType: 'FREE', source: 'NONE', trialEndsAt: null })
  })
  it('is what was granted', async () => {
    expect(await shown(await makeUser(ctx, { plan: 'AGENCY' }))).toMatchObject({
      planType: 'AGENCY',
      source: 'GRANTED',
      subscription: null,
    })
  })
  it('is what came with a workspace that was bought', async () => {
    const user = await makeUser(ctx)
    await paidFor(user, 'BUSINESS')
    expect(await shown(user)).toMatchObject({ planType: 'BUSINESS', source: 'INCLUDED', subscription: null })
  })
})

describe('the plan of somebody who pays for it through MamoPay', () => {
  it('is told with what it costs, and nothing there can be changed here', async () => {
    const user = await subscriber()
    expect(await shown(user)).toMatchObject({
      planType: 'BUSINESS',
      source: 'SUBSCRIPTION',
      subscription: {
        planType: 'BUSINESS',
        billingCycle: 'MONTHLY',
        status: 'ACTIVE',
        entitled: true,
        price: { amount: 2_900, currency: 'USD' },
        periodEnd: inDays(20).toISOString(),
        ends: false,
        provider: 'mamopay',
        canChange: false,
        next: null,
      },
    })
    const me = ctx.as(user.actor)
    await expect(setPlanCancellation(me, { cancel: true })).rejects.toMatchObject({
      status: 422,
      code: 'NOT_CHANGEABLE',
    })
    await expect(billingPortal(me)).rejects.toMatchObject({ status: 409, code: 'NO_SUBSCRIPTION' })
  })
  it('has no page for cards there, also where its customer has a name', async () => {
    const user = await subscriber({ customerRef: 'cus_1' })
    await expect(billingPortal(ctx.as(user.actor))).rejects.toMatchObject({ code: 'NOT_CHANGEABLE' })
  })
  it.each([
    [{ status: 'TRIALING' as const }, { status: 'TRIALING', entitled: true }],
    [{ status: 'PAST_DUE' as const }, { status: 'PAST_DUE', entitled: true }],
    [
      { status: 'PAST_DUE' as const, entitled: false },
      { status: 'PAST_DUE', entitled: false },
    ],
    [{ cancelAtPeriodEnd: true }, { status: 'ACTIVE', ends: true, next: null }],
    [
      { frequency: 'YEARLY' as const, priceAmount: 29_000n },
      { billingCycle: 'YEARLY', price: { amount: 29_000 } },
    ],
    [{ currentPeriodEnd: null }, { periodEnd: null }],
  ])('with %o shows it', async (row, subscription) => {
    expect(await shown(await subscriber(row))).toMatchObject({ source: 'SUBSCRIPTION', subscription })
  })
  it('is shown also when it was made before its price was kept', async () => {
    const user = await subscriber({ frequency: null, priceAmount: null, priceCurrency: null })
    expect((await shown(user)).subscription).toMatchObject({
      billingCycle: 'MONTHLY',
      price: { amount: 0, currency: 'USD' },
    })
  })
  it('is the higher one that was granted beside it', async () => {
    expect(await shown(await subscriber({}, { plan: 'AGENCY' }))).toMatchObject({
      planType: 'AGENCY',
      source: 'GRANTED',
      subscription: { planType: 'BUSINESS' },
    })
  })
  it('is included where another purchase gives more than the subscription', async () => {
    expect(await shown(await subscriber({}, { paidPlan: 'AGENCY' }))).toMatchObject({
      planType: 'AGENCY',
      source: 'INCLUDED',
    })
  })
  it('stays after it is cancelled until what was paid is over', async () => {
    const user = await subscriber({ status: 'CANCELLED', planStaysUntil: inDays(5) })
    expect(await shown(user)).toMatchObject({
      source: 'SUBSCRIPTION',
      subscription: null,
      staysUntil: inDays(5).toISOString(),
    })
    ctx.clock.advance(6 * 86_400_000)
    expect(await shown(user)).toMatchObject({ staysUntil: null })
  })
  it('that rests unpaid under a trial is that of the trial', async () => {
    const user = await subscriber(
      { status: 'PAST_DUE', entitled: false },
      { trialEndsAt: inDays(2), paidPlan: 'FREE' },
    )
    expect(await shown(user)).toMatchObject({ source: 'TRIAL', subscription: { entitled: false } })
  })
  it('is told also when its provider is switched off', async () => {
    const user = await subscriber()
    const off = testContext(database.db, { clock: ctx.clock })
    expect((await currentPlan(off.as(user.actor))).subscription).toMatchObject({
      canChange: false,
      next: null,
    })
  })
})

it('the plans cost what they cost where MamoPay is the only one', async () => {
  const { plans, providers } = await planOffers(ctx)
  expect(providers).toEqual(['mamopay'])
  expect(plans.map(({ monthly }) => monthly.amount)).toEqual([0, 2_900, 9_900])
})

describe('how far the checkout of a plan is', () => {
  it('is told to whoever names it, and whose it is', async () => {
    const user = await makeUser(ctx)
    const { id } = await ordered(user, { status: 'FAILED', failure: 'It was paid twice.' })
    expect(await planProgress(ctx.as(user.actor), { orderId: id })).toEqual({
      status: 'FAILED',
      planType: 'BUSINESS',
      addon: null,
      billingCycle: 'MONTHLY',
      price: { amount: 2_900, currency: 'USD' },
      trialDays: 0,
      failure: 'It was paid twice.',
      mine: true,
    })
    const other = await makeUser(ctx)
    expect(await planProgress(ctx.as(other.actor), { orderId: id })).toMatchObject({ mine: false })
    expect(await planProgress(ctx, { orderId: id })).toMatchObject({ mine: false })
  })
  it('is not told of the purchase of a workspace', async () => {
    const user = await makeUser(ctx)
    const { id } = await ordered(user, { paymentType: 'WORKSPACE_PURCHASE' })
    await expect(planProgress(ctx, { orderId: id })).rejects.toMatchObject({ code: 'ORDER_NOT_FOUND' })
  })
})
