import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { affiliates, attributions, orders, payments } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  makeAffiliate,
  makeBareWorkspace,
  makePayment,
  makeSeller,
} from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { inTransaction } from '../../kit/context'
import { processUnpaidCommissions, recordCommissions } from '../affiliate'
import { applyRefund } from '../payment'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import { whatIf } from '.'
import { WhatIfInput } from './schemas'

const database = useDatabase()
const DAY = 86_400_000
/** Each test begins ten years after the one before: they share one programme and one past. */
let begun = 0
const given = async (settings: Record<string, unknown> = {}) => {
  begun += 1
  const ctx = testContext(database.db, {
    clock: testClock(new Date(Date.parse('2030-01-01T00:00:00Z') + begun * 3_650 * DAY)),
  })
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  await changeProgram(
    admin,
    ChangeProgramInput.parse({
      referralTiers: [],
      overrideCommissionPercentage: 0,
      overrideDepth: 1,
      ...settings,
    }),
  )
  ctx.clock.advance(1_000)
  const seller = await makeSeller(ctx)
  const workspace = await makeBareWorkspace(ctx, seller.id)
  const affiliate = async (recruiterId?: string) => {
    const user = await makeUser(ctx)
    const { id } = await makeAffiliate(ctx, { userId: user.id })
    if (recruiterId !== undefined)
      await database.db.update(affiliates).set({ recruiterId }).where(eq(affiliates.id, id))
    return { id, user }
  }
  const customerOf = async (affiliateId: string, more: Partial<typeof attributions.$inferInsert> = {}) => {
    const customer = await makeUser(ctx)
    await database.db.insert(attributions).values({
      customerId: customer.id,
      affiliateId,
      ratePercentage: '15.00',
      createdAt: ctx.now(),
      ...more,
    })
    return customer
  }
  const pay = async (
    customer: { id: string; organizationId: string },
    baseAmount = 10_000n,
    currency = 'USD',
  ) => {
    ctx.clock.advance(60_000)
    const facts = {
      buyerId: customer.id,
      sellerId: seller.id,
      workspaceId: workspace.id,
      baseAmount,
      currency,
    }
    const payment = await makePayment(ctx, facts)
    await database.db
      .update(orders)
      .set({ commissionPercentage: '20.00' })
      .where(eq(orders.id, payment.orderId))
    await recordCommissions(ctx, {
      ...facts,
      paymentId: payment.id,
      taxAmount: 0n,
      capturedAmount: payment.capturedAmount,
      paidAt: ctx.now(),
      buyerOrganizationId: customer.organizationId,
      saleRate: '20.00',
      saleRateSource: 'link',
    })
    return payment
  }
  const ask = (input: object = {}) => whatIf(admin, WhatIfInput.parse(input))
  return { ctx, admin, affiliate, customerOf, pay, ask }
}
/** What is compared, per affiliate. */
const figures = ({ affiliates: rows }: Awaited<ReturnType<typeof whatIf>>) =>
  new Map(rows.map(({ userId, paid, would }) => [userId, [paid.amount, would.amount]]))
const refund = async (
  ctx: TestContext,
  { id, currency }: { id: string; currency: string },
  amount: bigint,
) => {
  await database.db
    .update(payments)
    .set({ chargeId: `ch_${id}` })
    .where(eq(payments.id, id))
  await inTransaction(ctx, (tx) =>
    applyRefund(tx, {
      provider: 'sandbox',
      mode: 'sandbox',
      paymentIntentId: null,
      chargeId: `ch_${id}`,
      refunded: { amount, currency },
      refunds: [],
    }),
  )
}

describe('what if', () => {
  it('nothing were different: it would be exactly what it was, tiers, overrides and caps included', async () => {
    const { ctx, affiliate, customerOf, pay, ask } = await given({
      referralTiers: [
        { name: 'Silver', percentage: 17.5, conversions: 2 },
        { name: 'Gold', percentage: 30, earnings: { USD: 5_000 } },
      ],
      overrideCommissionPercentage: 3.33,
      overrideDepth: 2,
    })
    const top = await affiliate()
    const middle = await affiliate(top.id)
    const bottom = await affiliate(middle.id)
    const customers = [
      await customerOf(bottom.id),
      await customerOf(bottom.id, { ratePercentage: '22.50', holdDays: 5 }),
      await customerOf(middle.id, { earnsUntil: new Date(ctx.now().getTime() + 3 * DAY) }),
      await customerOf(top.id),
    ]
    for (let i = 0; i < 24; i += 1) {
      const customer = customers[(i * 7) % customers.length]
      if (customer !== undefined) await pay(customer, BigInt(1_001 + i * 733), i % 5 === 0 ? 'EUR' : 'USD')
      if (i % 6 === 5) {
        ctx.clock.advance(2 * DAY)
        await processUnpaidCommissions(ctx)
      }
    }
    const result = await ask()
    expect(result.payments).toBe(24)
    expect(result.affiliates).toHaveLength(6)
    for (const { difference } of [...result.affiliates, ...result.totals]) expect(difference.amount).toBe(0)
  })

  it('the rate were another: each pays it, and currencies are never added', async () => {
    const { affiliate, customerOf, pay, ask } = await given()
    const { id, user } = await affiliate()
    const customer = await customerOf(id)
    await pay(customer, 999n)
    await pay(customer, 10_000n, 'JPY')
    const { totals } = await ask({ referralCommissionPercentage: '20' })
    expect(totals.map(({ paid, would, difference }) => [paid, would, difference.amount])).toEqual([
      [{ amount: 1_500, currency: 'JPY' }, { amount: 2_000, currency: 'JPY' }, 500],
      [{ amount: 150, currency: 'USD' }, { amount: 200, currency: 'USD' }, 50],
    ])
    expect(figures(await ask({ referralCommissionPercentage: 0 })).get(user.id)).toBeDefined()
  })

  it('there were tiers, an override and a hold', async () => {
    const { affiliate, customerOf, pay, ask } = await given()
    const recruiter = await affiliate()
    const { id, user } = await affiliate(recruiter.id)
    const [first, second] = [await customerOf(id), await customerOf(id)]
    for (const customer of [first, second, first]) await pay(customer)
    const result = await ask({
      referralTiers: [{ name: 'Two', percentage: 25, conversions: 2 }],
      overrideCommissionPercentage: 5,
      commissionHoldDays: 30,
    })
    expect(figures(result)).toEqual(
      new Map([
        [recruiter.user.id, [0, 1_500]],
        [user.id, [4_500, 5_500]],
      ]),
    )
    expect(result.totals).toMatchObject([{ waiting: { amount: 7_000 } }])
    expect((await ask({ commissionHoldDays: 0 })).totals).toMatchObject([{ waiting: { amount: 0 } }])
  })

  it('counts what was given back as gone, and what is older than the months as before them', async () => {
    const { ctx, affiliate, customerOf, pay, ask } = await given()
    const { id, user } = await affiliate()
    const customer = await customerOf(id)
    await pay(customer)
    ctx.clock.advance(100 * DAY)
    const payment = await pay(customer)
    await refund(ctx, payment, 5_000n)
    const month = { months: 1, referralCommissionPercentage: 30 }
    expect(figures(await ask(month)).get(user.id)).toEqual([750, 1_500])
    expect(figures(await ask({ months: 6 })).get(user.id)).toEqual([2_250, 2_250])
  })

  it('refuses what could not be set, and what is no setting', async () => {
    const { ask } = await given()
    await expect(ask({ referralCommissionPercentage: 90 })).rejects.toMatchObject({
      status: 422,
      code: 'SHARES_TOO_HIGH',
    })
    for (const wrong of [
      { months: 0 },
      { months: 25 },
      { months: 1.5 },
      { referralCommissionPercentage: '10.005' },
      { overrideDepth: 6 },
      { commissionHoldDays: -1 },
      { referralTiers: [{ name: 'x', percentage: 5 }] },
      { more: 1 },
    ])
      expect(WhatIfInput.safeParse(wrong).success).toBe(false)
  })
})
