import { and, eq, like } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  activityLog,
  commissions,
  mails,
  orders,
  organizations,
  payments,
  subscriptions,
} from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { makeAddonOrder, makePaidAddon, paidFacts } from '../../../db/testing/factories/payment'
import { plansOf } from '../../../db/testing/plans'
import { inTransaction } from '../../kit/context'
import type { Addon } from '../../kit/plans'
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import { workspaceUsage } from '../workspace'
import {
  applyDispute,
  applyRefund,
  createPaymentLink,
  currentPlan,
  endPlan,
  listAllPayments,
  openAddonInvoice,
  planProgress,
  readPurchase,
  remindAddons,
  setAddonCancellation,
  settleOrder,
} from '.'
import { CreatePaymentLinkInput } from './schemas'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let plans: ReturnType<typeof plansOf>
const clock = testClock()
const DAY = 86_400_000

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { clock, outside: { payments: new Map([['stripe', h.provider]]) } })
  plans ??= plansOf(h, () => ctx)
})

const ask = (user: MadeUser, addon: Addon = 'EXTRA_WORKSPACE', quantity = 2, attempt: string | null = null) =>
  createPaymentLink(ctx.as(user.actor), { paymentType: 'ADDON_PURCHASE', addon, quantity, attempt })
const bought = async (user: MadeUser, addon?: Addon, quantity?: number) => {
  const { id, url } = await ask(user, addon, quantity)
  await plans.pay(url)
  await plans.deliver()
  return id
}
const addonsOf = async (user: MadeUser) => (await currentPlan(ctx.as(user.actor))).addons
const limitOf = async (user: MadeUser) => (await workspaceUsage(ctx.as(user.actor))).limit
const rowOf = async (id: string) => {
  const row = await database.db.query.subscriptions.findFirst({ where: eq(subscriptions.id, id) })
  if (row === undefined) throw new Error('no such subscription')
  return row
}

describe('an add-on', () => {
  it('is bought for each month, raises its limit, earns each time, and ends with its period', async () => {
    const user = await makeUser(ctx)
    const affiliate = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: user.id })
    const me = ctx.as(user.actor)
    const orderId = await bought(user)
    expect(await limitOf(user)).toBe(3)
    const [addon] = await addonsOf(user)
    expect(addon).toMatchObject({
      addon: 'EXTRA_WORKSPACE',
      quantity: 2,
      words: '2 extra workspaces',
      status: 'ACTIVE',
      price: { amount: 1_800, currency: 'USD' },
      ends: false,
      canChange: true,
    })
    expect(await planProgress(me, { orderId })).toMatchObject({
      status: 'FULFILLED',
      addon: { addon: 'EXTRA_WORKSPACE', quantity: 2 },
      mine: true,
    })
    await plans.advance('month')
    const paid = await plans.paymentsOf(user)
    expect(paid.map(({ type, capturedAmount }) => [type, capturedAmount]).sort()).toEqual([
      ['ADDON_PURCHASE', 1_800n],
      ['ADDON_RENEWAL', 1_800n],
    ])
    const earned = await database.db
      .select()
      .from(commissions)
      .where(eq(commissions.beneficiaryId, affiliate.id))
    expect(earned.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['REFERRAL', 270n],
      ['REFERRAL', 270n],
    ])
    expect((await currentPlan(me)).payments.map(({ sold }) => sold)).toEqual(
      Array(2).fill('2 extra workspaces'),
    )
    expect(
      await readPurchase(me, { id: paid.find(({ type }) => type === 'ADDON_PURCHASE')?.id ?? '' }),
    ).toMatchObject({
      type: 'ADDON_PURCHASE',
      sold: '2 extra workspaces',
      workspace: null,
    })
    const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
    expect((await listAllPayments(admin, { limit: 1 })).items).toMatchObject([{ sold: '2 extra workspaces' }])
    const id = addon?.id ?? ''
    await setAddonCancellation(me, { id, cancel: true })
    expect(await addonsOf(user)).toMatchObject([{ ends: true }])
    clock.advance(1_000)
    await setAddonCancellation(me, { id, cancel: false })
    await setAddonCancellation(me, { id, cancel: true })
    await plans.deliver()
    expect(await limitOf(user)).toBe(3)
    await plans.advance('month')
    await plans.advance('day')
    expect(await addonsOf(user)).toEqual([])
    expect(await limitOf(user)).toBe(1)
    expect(await plans.paymentsOf(user)).toHaveLength(2)
    expect(await plans.mailsTo(user.email)).toEqual([
      'addon-started',
      'renewal-paid',
      'addon-ending',
      'addon-ending',
      'addon-ended',
    ])
    const log = await database.db
      .select({ action: activityLog.action })
      .from(activityLog)
      .where(and(eq(activityLog.organizationId, user.organizationId), like(activityLog.action, 'addon_%')))
    expect(log.map(({ action }) => action).sort()).toEqual([
      'addon_cancelled',
      'addon_cancelled',
      'addon_ended',
      'addon_purchased',
      'addon_resumed',
    ])
    // The plan itself was never touched by it.
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    expect((await currentPlan(me)).staysUntil).toBeNull()
  }, 60_000)

  it('that cannot be charged is past due and told of, and goes on when it is paid', async () => {
    const user = await makeUser(ctx)
    await bought(user)
    await plans.useCard(user, '4000 0000 0000 0341')
    await plans.advance('month')
    await plans.advance('hour')
    expect(await addonsOf(user)).toMatchObject([{ status: 'PAST_DUE', entitled: true }])
    expect(await limitOf(user)).toBe(3)
    const failed = await database.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, user.email), eq(mails.template, 'renewal-failed')))
    expect(failed).toMatchObject([{ data: { what: '2 extra workspaces', amount: 1_800 } }])
    const [addon] = await addonsOf(user)
    const { url } = await openAddonInvoice(ctx.as(user.actor), { id: addon?.id ?? '' })
    expect((await h.form(new URL(url ?? '').pathname, PAYMENT)).status).toBe(303)
    await plans.deliver()
    expect(await addonsOf(user)).toMatchObject([{ status: 'ACTIVE' }])
  }, 60_000)

  it('stands beside a plan, and beside more of its kind', async () => {
    const user = await plans.subscribed()
    await bought(user, 'EXTRA_WORKSPACE', 1)
    await bought(user, 'EXTRA_WORKSPACE', 3)
    expect(await limitOf(user)).toBe(9)
    expect(await addonsOf(user)).toHaveLength(2)
    expect(await currentPlan(ctx.as(user.actor))).toMatchObject({
      planType: 'BUSINESS',
      source: 'SUBSCRIPTION',
      subscription: { planType: 'BUSINESS' },
    })
  }, 30_000)

  it('is one checkout for who asks twice, and one order whatever is told how often', async () => {
    const user = await makeUser(ctx)
    const [one, two] = await Promise.all([ask(user), ask(user)])
    expect(two).toEqual(one)
    expect((await ask(user, 'EXTRA_WORKSPACE', 3)).id).not.toBe(one.id)
    await plans.pay(one.url)
    await plans.deliver((events) => [...events, ...events].reverse())
    expect(await addonsOf(user)).toHaveLength(1)
    expect(await limitOf(user)).toBe(3)
    expect(await plans.paymentsOf(user)).toHaveLength(1)
    expect(await plans.mailsTo(user.email)).toEqual(['addon-started'])
  }, 30_000)
})

describe('what cannot be bought', () => {
  it('is what the plan sets no limit to', async () => {
    const user = await makeUser(ctx, { plan: 'AGENCY' })
    for (const addon of ['EXTRA_WORKSPACE', 'EXTRA_FUNNEL', 'EXTRA_PAGE'] as const)
      await expect(ask(user, addon)).rejects.toMatchObject({
        status: 422,
        code: 'NO_SUCH_LIMIT',
        message: expect.stringContaining('AGENCY'),
      })
    expect(await ask(user, 'EXTRA_MEMBER')).toMatchObject({ url: expect.any(String) })
    expect(await database.db.$count(orders, eq(orders.buyerId, user.id))).toBe(1)
  })

  it('is anything for a guest, of whom nobody knows whose limit it would raise', async () => {
    await expect(
      createPaymentLink(ctx, {
        paymentType: 'ADDON_PURCHASE',
        addon: 'EXTRA_PAGE',
        quantity: 1,
        attempt: null,
      }),
    ).rejects.toMatchObject({ status: 401, code: 'SIGN_IN_REQUIRED' })
  })

  it.each([
    { quantity: 0 },
    { quantity: -1 },
    { quantity: 1.5 },
    { quantity: 101 },
    { quantity: 1e308 },
    { quantity: Number.NaN },
    { quantity: '2' },
    { quantity: null },
    { quantity: undefined },
    { addon: 'EXTRA_CAT' },
    { addon: 'toString' },
    { addon: undefined },
    { paymentType: 'ADDON_RENEWAL' },
    { price: 1 },
    { planType: 'BUSINESS' },
    { provider: 'cash' },
  ])('is %j', (wrong) => {
    const input = { paymentType: 'ADDON_PURCHASE', addon: 'EXTRA_PAGE', quantity: 1, ...wrong }
    expect(CreatePaymentLinkInput.safeParse(input).success).toBe(false)
  })

  it('is given back when the plan has no such limit by the time it is paid', async () => {
    const user = await makeUser(ctx)
    const order = await makeAddonOrder(ctx, user, { addon: 'EXTRA_FUNNEL', quantity: 1 })
    await database.db
      .update(organizations)
      .set({ grantedPlan: 'AGENCY' })
      .where(eq(organizations.id, user.organizationId))
    const verdict = await inTransaction(ctx, (tx) =>
      settleOrder(tx, paidFacts(order, { subscriptionId: `sub_${order.id}` })),
    )
    expect(verdict.outcome).toContain('could not be fulfilled')
    expect(await addonsOf(user)).toEqual([])
    const [payment] = await plans.paymentsOf(user)
    expect(await plans.jobsOf('payment.refundUnfulfillable')).toContainEqual({ paymentId: payment?.id })
    expect(await plans.jobsOf('payment.endSubscription')).toContainEqual({ paymentId: payment?.id })
    expect(await planProgress(ctx, { orderId: order.id })).toMatchObject({
      status: 'FAILED',
      failure: expect.stringContaining('AGENCY'),
    })
  })

  it('is given back too when no subscription came of it', async () => {
    const user = await makeUser(ctx)
    const order = await makeAddonOrder(ctx, user, { addon: 'EXTRA_FUNNEL', quantity: 1 })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
    expect(await addonsOf(user)).toEqual([])
    expect(await planProgress(ctx, { orderId: order.id })).toMatchObject({ status: 'FAILED' })
  })
})

it('somebody else’s add-on is not there, nor one that has ended, nor a plan', async () => {
  const user = await makeUser(ctx)
  const { subscriptionId: id } = await makePaidAddon(ctx, user, { addon: 'EXTRA_PAGE', quantity: 1 })
  const other = ctx.as((await makeUser(ctx)).actor)
  const missing = { status: 404, code: 'ADDON_NOT_FOUND' }
  for (const asked of [id, 'x', '00000000-0000-4000-8000-000000000000']) {
    await expect(setAddonCancellation(other, { id: asked, cancel: true })).rejects.toMatchObject(missing)
    await expect(openAddonInvoice(other, { id: asked })).rejects.toMatchObject(missing)
  }
  await expect(setAddonCancellation(ctx, { id, cancel: true })).rejects.toMatchObject({ status: 401 })
  await database.db.update(subscriptions).set({ status: 'CANCELLED' }).where(eq(subscriptions.id, id))
  await expect(setAddonCancellation(ctx.as(user.actor), { id, cancel: true })).rejects.toMatchObject(missing)
})

describe('money that goes back', () => {
  const earning = async () => {
    const user = await makeUser(ctx)
    const affiliate = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: user.id })
    const { order, subscriptionId } = await makePaidAddon(ctx, user, {
      addon: 'EXTRA_WORKSPACE',
      quantity: 1,
    })
    const name = {
      provider: 'stripe',
      mode: 'sandbox',
      paymentIntentId: `pi_${order.id}`,
      chargeId: `ch_${order.id}`,
    }
    const commission = async () =>
      (await database.db.select().from(commissions).where(eq(commissions.beneficiaryId, affiliate.id)))[0]
    return { user, subscriptionId, order, commission, name: name as typeof name & { mode: 'sandbox' } }
  }

  it('takes back what it earned, and with all of it what had stayed because it was paid', async () => {
    const { user, subscriptionId, name, commission } = await earning()
    const refund = (cents: bigint) =>
      inTransaction(ctx, (tx) =>
        applyRefund(tx, { ...name, refunded: { amount: cents, currency: 'USD' }, refunds: [] }),
      )
    await refund(300n)
    expect(await commission()).toMatchObject({ amount: 135n, reversedAmount: 45n })
    await database.db
      .update(subscriptions)
      .set({ status: 'CANCELLED', planStaysUntil: new Date(ctx.now().getTime() + DAY) })
      .where(eq(subscriptions.id, subscriptionId))
    expect(await limitOf(user)).toBe(2)
    await refund(900n)
    expect(await commission()).toMatchObject({ status: 'REVERSED', reversedAmount: 135n })
    expect(await limitOf(user)).toBe(1)
    const told = await database.db.select().from(mails).where(eq(mails.to, user.email))
    expect(told.filter(({ template }) => template === 'payment-refunded')).toMatchObject([
      { data: { workspaceName: '1 extra workspace', amount: 300, frozen: false } },
      { data: { amount: 600, frozen: false } },
    ])
    expect(told.map(({ template }) => template)).toContain('addon-ended')
  })

  it('is held while it is disputed, and released when that is won', async () => {
    const { user, name, commission } = await earning()
    const dispute = (state: 'open' | 'won') =>
      inTransaction(ctx, (tx) =>
        applyDispute(tx, {
          ...name,
          dispute: { ref: `dp_${name.chargeId}`, amount: { amount: 900n, currency: 'USD' }, state },
        }),
      )
    await dispute('open')
    expect(await commission()).toMatchObject({ heldAmount: 135n })
    await dispute('won')
    expect(await commission()).toMatchObject({ heldAmount: 0n, reversedAmount: 0n })
    expect(await limitOf(user)).toBe(2)
    const [payment] = await database.db.select().from(payments).where(eq(payments.buyerId, user.id))
    expect(payment?.status).toBe('CAPTURED')
  })
})

describe('the end of an add-on', () => {
  const ending = async (days: number, more: Partial<typeof subscriptions.$inferInsert> = {}) => {
    const user = await makeUser(ctx)
    const { subscriptionId } = await makePaidAddon(ctx, user, { addon: 'EXTRA_DOMAIN', quantity: 1 })
    const end = new Date(ctx.now().getTime() + days * DAY)
    await database.db
      .update(subscriptions)
      .set({ cancelAtPeriodEnd: true, currentPeriodEnd: end, ...more })
      .where(eq(subscriptions.id, subscriptionId))
    const reminders = async () =>
      (
        await database.db
          .select()
          .from(mails)
          .where(and(eq(mails.to, user.email), eq(mails.template, 'addon-ending')))
          .orderBy(mails.createdAt)
      ).map(({ key }) => Number(key.split(':').at(-1)))
    return { user, end, subscriptionId, reminders }
  }
  const round = () => Promise.all([remindAddons(ctx), remindAddons(ctx), remindAddons(ctx)])

  it('is told of 7, 3 and 1 days before, once each, however many ask at once', async () => {
    const { reminders } = await ending(10)
    const told: number[][] = []
    for (let day = 0; day <= 10; day += 1) {
      await round()
      told.push(await reminders())
      clock.advance(DAY)
    }
    expect(told[2]).toEqual([])
    expect(told[3]).toEqual([7])
    expect(told[6]).toEqual([7])
    expect(told[7]).toEqual([7, 3])
    expect(told[8]).toEqual([7, 3])
    expect(told[9]).toEqual([7, 3, 1])
    expect(told[10]).toEqual([7, 3, 1])
  })

  it('is told of once where several were missed, and not at all of what goes on or is over', async () => {
    const late = await ending(2)
    const running = await ending(2, { cancelAtPeriodEnd: false })
    const over = await ending(-1)
    const staying = await ending(9, {
      status: 'CANCELLED',
      cancelAtPeriodEnd: false,
      planStaysUntil: new Date(ctx.now().getTime() + 3 * DAY),
    })
    await round()
    expect(await late.reminders()).toEqual([3])
    expect(await running.reminders()).toEqual([])
    expect(await over.reminders()).toEqual([])
    expect(await staying.reminders()).toEqual([3])
    const [mail] = await database.db
      .select()
      .from(mails)
      .where(and(eq(mails.to, staying.user.email), eq(mails.template, 'addon-ending')))
    expect(mail?.data).toMatchObject({ what: '1 extra custom domain', reminder: true, canResume: false })
  })

  it('is told of again when it was taken back and decided anew, and not right after deciding it', async () => {
    const user = await makeUser(ctx)
    await bought(user, 'EXTRA_MEMBER', 1)
    const [addon] = await addonsOf(user)
    const id = addon?.id ?? ''
    const ends = (await rowOf(id)).currentPeriodEnd
    clock.advance((ends?.getTime() ?? 0) - ctx.now().getTime() - 5 * DAY)
    const me = ctx.as(user.actor)
    const told = async () => (await plans.mailsTo(user.email)).filter((one) => one === 'addon-ending').length
    await setAddonCancellation(me, { id, cancel: true })
    await setAddonCancellation(me, { id, cancel: true })
    await round()
    expect(await told()).toBe(1)
    expect((await rowOf(id)).toldDaysLeft).toBe(7)
    clock.advance(2.5 * DAY)
    await round()
    expect(await told()).toBe(2)
    await setAddonCancellation(me, { id, cancel: false })
    expect((await rowOf(id)).toldDaysLeft).toBeNull()
    await round()
    expect(await told()).toBe(2)
  }, 30_000)

  it('comes by our own clock where it stayed as it was paid, and is told once', async () => {
    const { user, subscriptionId } = await ending(9, {
      status: 'CANCELLED',
      cancelAtPeriodEnd: false,
      planStaysUntil: new Date(ctx.now().getTime() + DAY),
    })
    await endPlan(ctx, user.organizationId)
    expect(await addonsOf(user)).toMatchObject([{ id: subscriptionId, ends: true, canChange: false }])
    clock.advance(DAY)
    await Promise.all([endPlan(ctx, user.organizationId), endPlan(ctx, user.organizationId)])
    expect(await addonsOf(user)).toEqual([])
    expect((await plans.mailsTo(user.email)).filter((one) => one === 'addon-ended')).toHaveLength(1)
  })
})
