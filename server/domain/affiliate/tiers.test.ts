import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  affiliateBonuses,
  affiliates,
  attributions,
  commissions,
  mails,
  paymentDisputes,
  payments,
} from '../../../db/schema'
import { testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  makeAffiliate,
  makeBareWorkspace,
  makePayment,
  makeSeller,
} from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { getBalances } from '../balance'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import { grantBonuses, recordCommissions } from '.'
import { hasReached, tierOf } from './standing'

const database = useDatabase()
const DAY = 86_400_000

/** Tests of this file share one programme: each begins a year after the one before. */
let begun = 0
const given = async (settings: Record<string, unknown> = {}) => {
  begun += 1
  const ctx = testContext(database.db, {
    clock: testClock(new Date(Date.parse('2027-01-01T00:00:00Z') + begun * 365 * DAY)),
  })
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  await changeProgram(
    admin,
    ChangeProgramInput.parse({
      referralTiers: [],
      affiliateBonuses: [],
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
  const customerOf = async (affiliateId: string) => {
    const customer = await makeUser(ctx)
    await database.db.insert(attributions).values({
      customerId: customer.id,
      affiliateId,
      ratePercentage: '15.00',
      createdAt: ctx.now(),
    })
    return customer
  }
  const pay = async (customer: { id: string; organizationId: string }, baseAmount = 10_000n) => {
    const facts = { buyerId: customer.id, sellerId: seller.id, workspaceId: workspace.id, baseAmount }
    const payment = await makePayment(ctx, facts)
    const recorded = await recordCommissions(ctx, {
      ...facts,
      paymentId: payment.id,
      taxAmount: 0n,
      capturedAmount: payment.capturedAmount,
      currency: 'USD',
      paidAt: ctx.now(),
      buyerOrganizationId: customer.organizationId,
      saleRate: '20.00',
      saleRateSource: 'link',
    })
    const of = (kind: string) => recorded.commissions.filter((row) => row.kind === kind)
    return { ...recorded, of }
  }
  return { ctx, admin, affiliate, customerOf, pay }
}
const available = async (ctx: Parameters<typeof getBalances>[0], userId: string) =>
  (await getBalances(ctx, userId)).map(({ balance }) => balance)

describe('a tier', () => {
  it('counts as it is when the payment is captured: the customer who completes it does not earn it yet', async () => {
    const { affiliate, customerOf, pay } = await given({
      referralTiers: [{ name: 'Gold', percentage: 20, conversions: 2 }],
    })
    const { id } = await affiliate()
    const [first, second] = [await customerOf(id), await customerOf(id)]
    const rates: (string | undefined)[] = []
    for (const customer of [first, second, first])
      rates.push((await pay(customer)).of('REFERRAL')[0]?.ratePercentage)
    expect(rates).toEqual(['15.00', '15.00', '20.00'])
  })

  it('never lowers a customer’s pinned rate, and says in the commission where the rate comes from', async () => {
    const { affiliate, customerOf, pay } = await given({
      referralTiers: [
        { name: 'Low', percentage: 5, conversions: 1 },
        { name: 'By earnings', percentage: 30, earnings: { USD: 1_500, EUR: 1 } },
      ],
    })
    const { id } = await affiliate()
    const customer = await customerOf(id)
    expect((await pay(customer)).of('REFERRAL')).toMatchObject([{ amount: 1_500n }])
    expect((await pay(customer)).of('REFERRAL')).toMatchObject([
      { amount: 3_000n, explanation: { rateSource: 'tier “By earnings” of the affiliate' } },
    ])
  })

  it('is the one with the highest rate of those reached, whatever their order', () => {
    const tiers = [
      { name: 'a', percentage: '20.00', conversions: 5 },
      { name: 'b', percentage: '9.00', conversions: 1 },
      { name: 'c', percentage: '99.00', conversions: 6 },
    ]
    const at = (conversions: number) => tierOf({ conversions, earnings: new Map() }, tiers)?.name
    expect([at(0), at(1), at(5), at(6)]).toEqual([undefined, 'b', 'a', 'c'])
    expect(hasReached({ conversions: 0, earnings: new Map([['USD', 99n]]) }, { earnings: { EUR: 1 } })).toBe(
      false,
    )
  })

  it('cannot be set so high that a payment’s shares come to more than all of it', async () => {
    const { admin } = await given()
    const tiers = (percentage: number) =>
      changeProgram(
        admin,
        ChangeProgramInput.parse({ referralTiers: [{ name: 'x', percentage, conversions: 1 }] }),
      )
    await expect(tiers(81)).rejects.toMatchObject({ status: 422, code: 'SHARES_TOO_HIGH' })
    await expect(tiers(80)).resolves.toBeDefined()
  })

  it.each([
    { name: 'x', percentage: 10 },
    { name: 'x', percentage: 10, earnings: {} },
    { name: ' ', percentage: 10, conversions: 1 },
    { name: 'x', percentage: 100.01, conversions: 1 },
    { name: 'x', percentage: 10, conversions: 1.5 },
    { name: 'x', percentage: 10, earnings: { XXX: 1 } },
  ])('is refused as %j', (tier) => {
    expect(ChangeProgramInput.safeParse({ referralTiers: [tier] }).success).toBe(false)
    const twice = { ...tier, name: 'y', percentage: 1, conversions: 1, earnings: undefined }
    expect(ChangeProgramInput.safeParse({ referralTiers: [twice, twice] }).success).toBe(false)
  })
})

describe('an override', () => {
  it('goes to the recruiter, one level up and no more by default', async () => {
    const { affiliate, customerOf, pay } = await given({ overrideCommissionPercentage: 3 })
    const top = await affiliate()
    const middle = await affiliate(top.id)
    const below = await affiliate(middle.id)
    const { of } = await pay(await customerOf(below.id))
    expect(of('OVERRIDE')).toMatchObject([{ beneficiaryId: middle.user.id, amount: 300n }])
  })

  it('goes as many levels up as the programme says, each the whole rate, past who is suspended', async () => {
    const { affiliate, customerOf, pay } = await given({ overrideCommissionPercentage: 3, overrideDepth: 3 })
    const chain = [await affiliate()]
    for (let i = 0; i < 4; i += 1) chain.push(await affiliate(chain[i]?.id))
    await database.db
      .update(affiliates)
      .set({ status: 'SUSPENDED' })
      .where(eq(affiliates.id, chain[2]?.id ?? ''))
    const paid = await pay(await customerOf(chain[4]?.id ?? ''))
    expect(
      paid
        .of('OVERRIDE')
        .map(({ beneficiaryId }) => beneficiaryId)
        .sort(),
    ).toEqual([chain[3]?.user.id, chain[1]?.user.id].sort())
    expect(paid.withheld).toMatchObject([{ kind: 'OVERRIDE', reason: 'NOT_APPROVED' }])
  })

  it('is not earned where the referral is not, and not by the buyer', async () => {
    const { ctx, affiliate, customerOf, pay } = await given({ overrideCommissionPercentage: 3 })
    const top = await affiliate()
    const below = await affiliate(top.id)
    await database.db.update(affiliates).set({ status: 'SUSPENDED' }).where(eq(affiliates.id, below.id))
    const paid = await pay(await customerOf(below.id))
    expect(paid.of('OVERRIDE')).toEqual([])
    expect(paid.withheld).toMatchObject([
      { kind: 'REFERRAL', reason: 'NOT_APPROVED' },
      { kind: 'OVERRIDE', reason: 'REFERRAL_NOT_EARNED' },
    ])
    const other = await affiliate(top.id)
    await database.db.insert(attributions).values({
      customerId: top.user.id,
      affiliateId: other.id,
      ratePercentage: '15.00',
      createdAt: ctx.now(),
    })
    expect((await pay(top.user)).withheld).toMatchObject([{ kind: 'OVERRIDE', reason: 'SELF_PURCHASE' }])
  })
})

describe('a bonus', () => {
  it('is granted once, also by many at once, with its line on the statement and one mail', async () => {
    const bonus = { name: 'First', amount: { amount: 5_000, currency: 'USD' }, conversions: 1 }
    const { ctx, affiliate, customerOf, pay } = await given({ affiliateBonuses: [bonus] })
    const [reached, not] = [await affiliate(), await affiliate()]
    await pay(await customerOf(reached.id))
    const counts = await Promise.all(Array.from({ length: 6 }, () => grantBonuses(ctx)))
    // Those of the tests before have reached it too.
    const all = await database.db.$count(affiliateBonuses, eq(affiliateBonuses.name, 'First'))
    expect(counts.reduce((a, b) => a + b)).toBe(all)
    expect(await grantBonuses(ctx)).toBe(0)
    expect(await available(ctx, reached.user.id)).toEqual([{ amount: 6_500, currency: 'USD' }])
    expect(await available(ctx, not.user.id)).toEqual([])
    const rows = await database.db
      .select()
      .from(commissions)
      .where(and(eq(commissions.beneficiaryId, reached.user.id), eq(commissions.kind, 'BONUS')))
    expect(rows).toMatchObject([{ amount: 5_000n, status: 'CREDITED', paymentId: null }])
    expect(await database.db.$count(mails, eq(mails.template, 'bonus-granted'))).toBe(all)
  })

  it('is not reached by customers whose payments were given back or are disputed', async () => {
    const bonus = { name: 'Left', amount: { amount: 100, currency: 'USD' }, conversions: 1 }
    const { ctx, affiliate, customerOf, pay } = await given({ affiliateBonuses: [bonus] })
    const { id, user } = await affiliate()
    const customer = await customerOf(id)
    await pay(customer)
    const own = eq(payments.buyerId, customer.id)
    const [payment] = await database.db.select().from(payments).where(own)
    const dispute = {
      provider: 'stripe',
      mode: 'sandbox',
      externalId: id,
      currency: 'USD',
      amount: 0n,
    } as const
    const stamps = { createdAt: ctx.now(), updatedAt: ctx.now() }
    const [open] = await database.db
      .insert(paymentDisputes)
      .values({ id, paymentId: payment?.id ?? '', status: 'OPEN', ...dispute, ...stamps })
      .returning()
    const granted = () => database.db.$count(affiliateBonuses, eq(affiliateBonuses.affiliateId, id))
    await grantBonuses(ctx)
    expect(await granted()).toBe(0)
    await database.db
      .update(paymentDisputes)
      .set({ status: 'WON' })
      .where(eq(paymentDisputes.id, open?.id ?? ''))
    await grantBonuses(ctx)
    expect(await granted()).toBe(1)
    expect(await available(ctx, user.id)).toEqual([{ amount: 1_600, currency: 'USD' }])
  })

  it('is granted to none who is not approved, and not again when its threshold changes', async () => {
    const bonus = (conversions: number) => ({
      affiliateBonuses: [{ name: 'Once', amount: { amount: 100, currency: 'USD' }, conversions }],
    })
    const { ctx, admin, affiliate, customerOf, pay } = await given(bonus(1))
    const [good, suspended] = [await affiliate(), await affiliate()]
    for (const { id } of [good, suspended]) await pay(await customerOf(id))
    await database.db.update(affiliates).set({ status: 'SUSPENDED' }).where(eq(affiliates.id, suspended.id))
    await grantBonuses(ctx)
    expect(await available(ctx, good.user.id)).toEqual([{ amount: 1_600, currency: 'USD' }])
    expect(await available(ctx, suspended.user.id)).toEqual([{ amount: 1_500, currency: 'USD' }])
    await changeProgram(admin, ChangeProgramInput.parse({ affiliateBonuses: [] }))
    ctx.clock.advance(1_000)
    expect(await grantBonuses(ctx)).toBe(0)
    await changeProgram(admin, ChangeProgramInput.parse(bonus(1)))
    ctx.clock.advance(1_000)
    expect(await grantBonuses(ctx)).toBe(0)
  })
})
