import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commissions } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { plansOf } from '../../../db/testing/plans'
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import { changePlan, currentPlan, previewPlanChange, setPlanCancellation } from '.'
import type { PlanChangeInput } from './schemas'

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
const change = async (user: MadeUser, input: PlanChangeInput) => {
  const preview = await previewPlanChange(ctx.as(user.actor), input)
  const answer = await changePlan(ctx.as(user.actor), { ...input, quote: preview.quote })
  await plans.deliver()
  return { preview, answer }
}
const AGENCY = { planType: 'AGENCY', billingCycle: 'MONTHLY' } as const

describe('a change of plan', () => {
  it('upwards costs what was shown, at once, and earns on that cash', async () => {
    const { user, affiliate } = await referred()
    await plans.subscribed({ user })
    const { preview, answer } = await change(user, AGENCY)
    expect(preview).toMatchObject({
      from: { planType: 'BUSINESS' },
      to: AGENCY,
      price: { amount: 9_900 },
      credit: { amount: 0 },
      endsTrial: false,
    })
    expect(preview.due.amount).toBeGreaterThan(6_900)
    expect(preview.due.amount).toBeLessThanOrEqual(7_000)
    expect(answer).toEqual({ changed: true, payUrl: null })
    expect(await plans.planOf(user)).toMatchObject({ plan: 'AGENCY', priceAmount: 9_900n, nextPlan: null })
    expect(await plans.paidPlanOf(user)).toBe('AGENCY')
    expect(await capturedOf(user)).toEqual([2_900, preview.due.amount])
    expect(await earnedBy(affiliate)).toEqual([435, Math.round(preview.due.amount * 0.15)])
    await plans.advance('month')
    expect(await capturedOf(user)).toEqual([2_900, preview.due.amount, 9_900])
  }, 30_000)

  it('downwards takes nothing away; its credit pays the periods to come', async () => {
    const { user, affiliate } = await referred()
    await plans.subscribed({ user, planType: 'AGENCY' })
    const { preview } = await change(user, { planType: 'BUSINESS', billingCycle: 'MONTHLY' })
    expect(preview.due.amount).toBe(0)
    expect(preview.credit.amount).toBeGreaterThan(6_900)
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    expect(await earnedBy(affiliate)).toEqual([1_485])
    await plans.advance('month')
    await plans.advance('month')
    await plans.advance('month')
    const left = 3 * 2_900 - preview.credit.amount
    expect(await capturedOf(user)).toEqual([0, 0, 0, left, 9_900])
    expect(await earnedBy(affiliate)).toEqual([Math.round(left * 0.15), 1_485])
  }, 30_000)

  it('to another rhythm begins a new period', async () => {
    const user = await plans.subscribed()
    const { preview } = await change(user, { planType: 'BUSINESS', billingCycle: 'YEARLY' })
    expect(preview.due.amount).toBeGreaterThanOrEqual(26_100)
    expect(preview.due.amount).toBeLessThan(26_200)
    expect(await plans.planOf(user)).toMatchObject({ frequency: 'YEARLY', priceAmount: 29_000n })
  })

  it('whose payment is declined changes nothing until it is paid by hand', async () => {
    const user = await plans.subscribed()
    await plans.useCard(user, '4000 0000 0000 0341')
    const { answer } = await change(user, AGENCY)
    expect(answer).toMatchObject({ changed: false, payUrl: expect.stringContaining('/invoices/in_') })
    expect(await plans.paidPlanOf(user)).toBe('BUSINESS')
    const path = new URL(answer.payUrl ?? '').pathname
    const asked = await h.form(path, { ...PAYMENT, number: '4000 0027 6000 3184' })
    expect(await asked.text()).toContain('Complete authentication')
    await h.form(path, { ...PAYMENT, number: '4000 0027 6000 3184', outcome: 'complete' })
    await plans.deliver()
    expect(await plans.paidPlanOf(user)).toBe('AGENCY')
    expect(await plans.planOf(user)).toMatchObject({ plan: 'AGENCY', status: 'ACTIVE' })
  })

  it('that waits for its payment gives way to another one', async () => {
    const user = await plans.subscribed()
    await plans.useCard(user, '4000 0000 0000 0341')
    const first = await change(user, AGENCY)
    const second = await change(user, { planType: 'BUSINESS', billingCycle: 'YEARLY' })
    const pay = (payUrl: string | null) => h.form(new URL(payUrl ?? '').pathname, PAYMENT)
    await pay(first.answer.payUrl)
    await plans.deliver()
    expect(await plans.planOf(user)).toMatchObject({ plan: 'BUSINESS', frequency: 'MONTHLY' })
    await pay(second.answer.payUrl)
    await plans.deliver()
    expect(await plans.planOf(user)).toMatchObject({ plan: 'BUSINESS', frequency: 'YEARLY' })
  })

  it('whose payment is never made is forgotten', async () => {
    const user = await plans.subscribed()
    await plans.useCard(user, '4000 0000 0000 0341')
    await change(user, AGENCY)
    await plans.advance('day')
    expect(await plans.planOf(user)).toMatchObject({ plan: 'BUSINESS', status: 'ACTIVE' })
    expect((await currentPlan(ctx.as(user.actor))).subscription?.next).toMatchObject({
      due: { amount: 2_900 },
    })
  })

  it('to a higher plan ends a trial: nobody has that for nothing', async () => {
    const user = await makeUser(ctx, { trialEndsAt: new Date(ctx.now().getTime() + 10 * 86_400_000) })
    await plans.subscribed({ user, afterTrial: true })
    const { preview } = await change(user, AGENCY)
    expect(preview).toMatchObject({ endsTrial: true, due: { amount: 9_900 } })
    expect(await plans.planOf(user)).toMatchObject({ plan: 'AGENCY', status: 'ACTIVE' })
  })

  it('is refused where it is none, without a subscription, while it ends, or while something is owed', async () => {
    const nobody = await plans.buyer()
    await expect(previewPlanChange(ctx.as(nobody.actor), AGENCY)).rejects.toMatchObject({
      status: 409,
      code: 'NO_SUBSCRIPTION',
    })
    const user = await plans.subscribed()
    const me = ctx.as(user.actor)
    await expect(
      previewPlanChange(me, { planType: 'BUSINESS', billingCycle: 'MONTHLY' }),
    ).rejects.toMatchObject({ status: 409, code: 'SAME_PLAN' })
    await setPlanCancellation(me, { cancel: true })
    await expect(previewPlanChange(me, AGENCY)).rejects.toMatchObject({ code: 'ENDING' })
    await setPlanCancellation(me, { cancel: false })
    await plans.useCard(user, '4000 0000 0000 0341')
    await plans.advance('month')
    await expect(previewPlanChange(me, AGENCY)).rejects.toMatchObject({ code: 'PAYMENT_DUE' })
  }, 30_000)

  it('is reckoned from the moment that was shown, and from no other', async () => {
    const user = await plans.subscribed()
    const me = ctx.as(user.actor)
    const { quote } = await previewPlanChange(me, AGENCY)
    const [at = '', ...rest] = quote.split('.')
    for (const forged of ['', 'x', [String(Number(at) + 86_400_000), ...rest].join('.')])
      await expect(changePlan(me, { ...AGENCY, quote: forged })).rejects.toMatchObject({
        status: 400,
        code: 'QUOTE_INVALID',
      })
    await expect(changePlan(me, { planType: 'AGENCY', billingCycle: 'YEARLY', quote })).rejects.toMatchObject(
      { code: 'QUOTE_INVALID' },
    )
    clock.advance(31 * 60_000)
    await expect(changePlan(me, { ...AGENCY, quote })).rejects.toMatchObject({
      status: 409,
      code: 'QUOTE_EXPIRED',
    })
    expect(await plans.planOf(user)).toMatchObject({ plan: 'BUSINESS', nextPlan: null })
  })
})
