import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commissions, mails } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { plansOf } from '../../../db/testing/plans'
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import { currentPlan, openPlanInvoice, setPlanCancellation, tellTrials } from '.'

const database = useDatabase()
let h: Harness
let ctx: TestContext
let plans: ReturnType<typeof plansOf>
const clock = testClock()

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { clock, outside: { payments: new Map([['stripe', h.provider]]) } })
  plans ??= plansOf(h, () => ctx)
})

const referred = async () => {
  const user = await plans.buyer()
  const affiliate = await makeUser(ctx)
  await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: user.id })
  return { user, affiliate }
}
const earnedBy = async (affiliate: MadeUser) =>
  (
    await database.db
      .select({ amount: commissions.amount })
      .from(commissions)
      .where(eq(commissions.beneficiaryId, affiliate.id))
      .orderBy(commissions.createdAt, commissions.id)
  )
    .map(({ amount }) => Number(amount))
    .sort((a, b) => a - b)
const capturedOf = async (user: MadeUser) =>
  (await plans.paymentsOf(user)).map(({ capturedAmount }) => Number(capturedAmount)).sort((a, b) => a - b)
describe('a plan subscription', () => {
  it('is charged each period and earns each time, however far the clock is moved at once', async () => {
    const { user, affiliate } = await referred()
    await plans.subscribed({ user })
    await plans.advance('month')
    expect(await capturedOf(user)).toEqual([2_900, 2_900])
    await plans.advance('month')
    await plans.advance('month')
    expect(await capturedOf(user)).toEqual([2_900, 2_900, 2_900, 2_900])
    expect(await earnedBy(affiliate)).toEqual([435, 435, 435, 435])
    expect(await plans.planOf(user)).toMatchObject({ status: 'ACTIVE', entitled: true })
    expect(await plans.mailsTo(user.email)).toEqual([
      'plan-started',
      'renewal-paid',
      'renewal-paid',
      'renewal-paid',
    ])
  }, 30_000)

  it('is told of before its trial ends, then charged for the first time', async () => {
    const user = await makeUser(ctx, { trialEndsAt: new Date(ctx.now().getTime() + 10 * 86_400_000) })
    await plans.subscribed({ user, afterTrial: true })
    await plans.advance('week')
    expect(await plans.mailsTo(user.email)).toEqual(['plan-started', 'plan-trial-ending'])
    expect(await capturedOf(user)).toEqual([0])
    await plans.advance('week')
    expect(await capturedOf(user)).toEqual([0, 2_900])
    expect(await plans.planOf(user)).toMatchObject({ status: 'ACTIVE' })
  }, 30_000)

  it('that cannot be charged is past due, goes on when it is paid, and ends after the last try', async () => {
    const { user, affiliate } = await referred()
    await plans.subscribed({ user })
    await plans.useCard(user, '4000 0000 0000 0341')
    await plans.advance('month')
    await plans.advance('hour')
    expect(await plans.planOf(user)).toMatchObject({ status: 'PAST_DUE', entitled: true })
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    expect(await earnedBy(affiliate)).toEqual([435])
    const { url } = await openPlanInvoice(ctx.as(user.actor))
    expect((await h.form(new URL(url ?? '').pathname, PAYMENT)).status).toBe(303)
    await plans.deliver()
    expect(await plans.planOf(user)).toMatchObject({ status: 'ACTIVE' })
    expect(await earnedBy(affiliate)).toEqual([435, 435])
    await plans.advance('month')
    for (let weeks = 0; weeks < 3; weeks += 1) await plans.advance('week')
    expect(await plans.planOf(user)).toMatchObject({ status: 'CANCELLED', planStaysUntil: null })
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    expect(await earnedBy(affiliate)).toEqual([435, 435])
    const told = await plans.mailsTo(user.email)
    expect(told.filter((one) => one === 'renewal-failed')).toHaveLength(5)
    expect(told).toContain('plan-ended')
  }, 60_000)

  it('that is given up without ending rests, with its plan, until it is paid', async () => {
    const user = await plans.subscribed()
    await plans.useCard(user, '4000 0000 0000 0341')
    await h.form('/sandbox/clock/after-retries/unpaid', {})
    await plans.advance('month')
    for (let weeks = 0; weeks < 3; weeks += 1) await plans.advance('week')
    await h.form('/sandbox/clock/after-retries/cancel', {})
    expect(await plans.planOf(user)).toMatchObject({ status: 'PAST_DUE', entitled: false })
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    const { url } = await openPlanInvoice(ctx.as(user.actor))
    await h.form(new URL(url ?? '').pathname, PAYMENT)
    await plans.deliver()
    expect(await plans.planOf(user)).toMatchObject({ status: 'ACTIVE', entitled: true })
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
  }, 60_000)

  it('ends with its period when it is cancelled, and goes on when that is taken back before', async () => {
    const user = await plans.subscribed()
    const me = ctx.as(user.actor)
    await setPlanCancellation(me, { cancel: true })
    expect(await currentPlan(me)).toMatchObject({ subscription: { ends: true, next: null } })
    await setPlanCancellation(me, { cancel: false })
    expect(await currentPlan(me)).toMatchObject({
      subscription: { ends: false, next: { due: { amount: 2_900 } } },
    })
    await setPlanCancellation(me, { cancel: true })
    await setPlanCancellation(me, { cancel: true })
    await plans.deliver()
    await plans.advance('month')
    await plans.advance('day')
    expect(await plans.planOf(user)).toMatchObject({ status: 'CANCELLED' })
    expect(await plans.paidPlanOf(user)).toBe('FREE')
    expect(await capturedOf(user)).toEqual([2_900])
    await expect(setPlanCancellation(me, { cancel: true })).rejects.toMatchObject({
      status: 409,
      code: 'NO_SUBSCRIPTION',
    })
  }, 30_000)
})

it('a coupon lowers what is paid and what it earns, for as long as it holds', async () => {
  const { user, affiliate } = await referred()
  const { url } = await plans.open(user)
  const refused = await h.form(new URL(url).pathname, { ...PAYMENT, coupon: 'NOPE' })
  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('not valid')
  await plans.pay(url, { coupon: 'welcome20' })
  await plans.deliver()
  await plans.advance('month')
  expect(await capturedOf(user)).toEqual([2_320, 2_900])
  expect(await earnedBy(affiliate)).toEqual([348, 435])
}, 30_000)

it('a coupon over everything is a purchase that earns nothing', async () => {
  const { user, affiliate } = await referred()
  await plans.pay((await plans.open(user)).url, { coupon: 'FIRSTFREE' })
  await plans.deliver()
  expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
  expect(await earnedBy(affiliate)).toEqual([])
})

it('whose trial ends soon or is over is told once each', async () => {
  const user = await makeUser(ctx, { trialEndsAt: new Date(ctx.now().getTime() + 5 * 86_400_000) })
  const told = async () =>
    (await database.db.select().from(mails).where(eq(mails.to, user.email))).map(
      ({ key }) => key.split(':')[2],
    )
  await tellTrials(ctx)
  expect(await told()).toEqual([])
  clock.advance(2.5 * 86_400_000)
  await tellTrials(ctx)
  await tellTrials(ctx)
  expect(await told()).toEqual(['soon'])
  clock.advance(3 * 86_400_000)
  await tellTrials(ctx)
  await tellTrials(ctx)
  expect((await told()).sort()).toEqual(['over', 'soon'])
})
