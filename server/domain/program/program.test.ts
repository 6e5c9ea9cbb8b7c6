import { and, desc, eq, like } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activityLog, mails, orders, programSettings, subscriptions } from '../../../db/schema'
import { testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  makeBareWorkspace,
  makePayment,
  makeReferral,
  makeSeller,
} from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeOffer, makeOrder } from '../../../db/testing/factories/payment'
import { newId } from '../../kit/context'
import { generateAffiliateLink, recordCommissions } from '../affiliate'
import { updateUser } from '../identity'
import { changeProgram, describeProgram, programAt } from '.'
import { ChangeProgramInput } from './schemas'

const database = useDatabase()
const DAY = 86_400_000

/** Tests of this file share one programme: each begins a day after all that was set before. */
let begun = 0
const given = async () => {
  begun += 1
  const ctx = testContext(database.db, {
    clock: testClock(new Date(Date.parse('2027-01-01T00:00:00.000Z') + begun * 400 * DAY)),
  })
  const admin = async () => ctx.as((await makeUser(ctx, { role: 'ADMIN', firstName: 'Root' })).actor)
  return { ctx, admin: await admin(), other: await admin() }
}
const change = (ctx: Parameters<typeof changeProgram>[0], input: unknown) =>
  changeProgram(ctx, ChangeProgramInput.parse(input))
const rows = (name: string) =>
  database.db
    .select()
    .from(programSettings)
    .where(eq(programSettings.name, name))
    .orderBy(desc(programSettings.createdAt), desc(programSettings.id))

describe('the settings of the programme', () => {
  it('are the environment’s until an admin sets them, each from its moment on', async () => {
    const { ctx, admin } = await given()
    const env = testContext(database.db, { clock: ctx.clock, env: { COMMISSION_HOLD_DAYS: '9' } })
    expect(await programAt(env)).toMatchObject({
      commissionHoldDays: 9,
      overrideDepth: 1,
      minWithdrawals: {},
    })
    const from = new Date(ctx.now().getTime() + DAY)
    const view = await change(admin, { commissionHoldDays: 14, effectiveFrom: from.toISOString() })
    expect(view).toMatchObject({ commissionHoldDays: 0, sources: { commissionHoldDays: null } })
    expect(view.upcoming).toMatchObject([{ name: 'commissionHoldDays', value: 14 }])
    expect((await programAt(env)).commissionHoldDays).toBe(9)
    expect((await programAt(env, new Date(from.getTime() - 1))).commissionHoldDays).toBe(9)
    expect((await programAt(env, from)).commissionHoldDays).toBe(14)
    ctx.clock.set(from)
    expect(await describeProgram(admin)).toMatchObject({
      commissionHoldDays: 14,
      sources: { commissionHoldDays: { changedBy: { name: 'Root Example' } } },
      upcoming: [],
    })
  })

  it('count from now on though the clock goes on while they are set', async () => {
    const { admin } = await given()
    const now = () => {
      admin.clock.advance(1)
      return admin.now()
    }
    expect(await change({ ...admin, now }, { commissionHoldDays: 3 })).toMatchObject({
      commissionHoldDays: 3,
    })
  })

  it('keep every change, with who and why, in history and log; the same again is none', async () => {
    const { ctx, admin } = await given()
    await change(admin, { twoPersonLimits: { USD: 100_000 }, reason: 'More care' })
    ctx.clock.advance(1_000)
    await change(admin, { twoPersonLimits: { USD: 100_000 } })
    await change(admin, { twoPersonLimits: { EUR: 1, USD: 50_000 }, taxThresholds: { USD: 60_000 } })
    const { history, twoPersonLimits } = await describeProgram(admin)
    expect(twoPersonLimits).toEqual({ EUR: 1, USD: 50_000 })
    // The two that were changed together stand in either order.
    const [first, second, third] = history.map(({ name, reason }) => `${name}: ${reason}`)
    expect([[first, second].sort(), third]).toEqual([
      ['taxThresholds: ', 'twoPersonLimits: '],
      'twoPersonLimits: More care',
    ])
    const [line] = await database.db
      .select()
      .from(activityLog)
      .where(eq(activityLog.subjectId, 'twoPersonLimits'))
      .orderBy(desc(activityLog.createdAt))
      .limit(1)
    expect(line).toMatchObject({
      action: 'program_changed',
      before: { twoPersonLimits: { USD: 100_000 } },
      after: { twoPersonLimits: { EUR: 1, USD: 50_000 } },
    })
  })

  it('are never changed in the past, nor written over by anybody', async () => {
    const { ctx, admin } = await given()
    const past = new Date(ctx.now().getTime() - 1).toISOString()
    await expect(change(admin, { commissionHoldDays: 1, effectiveFrom: past })).rejects.toMatchObject({
      status: 400,
      issues: [{ path: ['effectiveFrom'] }],
    })
    await change(admin, { commissionHoldDays: 3 })
    await expect(database.db.update(programSettings).set({ value: 4 })).rejects.toThrow()
    await expect(database.owner.delete(programSettings)).rejects.toThrow()
  })

  it('of two admins at once keep both, and the later one counts', async () => {
    const { ctx, admin, other } = await given()
    const before = (await rows('commissionHoldDays')).length
    await Promise.all([
      change(admin, { commissionHoldDays: 21 }),
      change(other, { commissionHoldDays: 22 }),
      change(admin, { commissionHoldDays: 23 }),
    ])
    const all = await rows('commissionHoldDays')
    expect(all).toHaveLength(before + 3)
    expect((await programAt(ctx)).commissionHoldDays).toBe(all[0]?.value)
    await change(other, { commissionHoldDays: 30 })
    expect((await programAt(ctx)).commissionHoldDays).toBe(30)
    await change(admin, { commissionHoldDays: 31 })
    expect((await programAt(ctx)).commissionHoldDays).toBe(31)
  })

  it('count in the order in which they were made, even when another machine’s clock is ahead', async () => {
    const { ctx, admin, other } = await given()
    const ahead = testContext(database.db, {
      clock: testClock(new Date(ctx.now().getTime() + 5)),
      actor: other.actor,
    })
    await change(ahead, { commissionHoldDays: 41 })
    await change(admin, { commissionHoldDays: 42 })
    ctx.clock.advance(5)
    expect((await programAt(ctx)).commissionHoldDays).toBe(42)
  })
})

describe('the limit from which on two admins are needed', () => {
  const told = (subject: { actor: unknown }) =>
    database.db
      .select({ data: mails.data })
      .from(mails)
      .where(
        and(
          like(mails.key, 'program:two-person:%'),
          eq(mails.to, (subject.actor as { email: string }).email),
        ),
      )
  const limits = async (ctx: Parameters<typeof programAt>[0], hours = 0) =>
    (await programAt(ctx, new Date(ctx.now().getTime() + hours * 3_600_000))).twoPersonLimits

  /** A world in which these have long been the limits. */
  const givenLimits = async (twoPersonLimits: Record<string, number>) => {
    await change((await given()).admin, { twoPersonLimits })
    return given()
  }

  it('counts at once where it is set or lowered, and nobody is told', async () => {
    const { ctx, admin, other } = await givenLimits({ USD: 100 })
    await change(admin, { twoPersonLimits: { USD: 50, EUR: 10 } })
    expect(await limits(ctx)).toEqual({ USD: 50, EUR: 10 })
    expect(await told(other)).toEqual([])
  })

  it.each([
    ['raised', { USD: 51, EUR: 10 }],
    ['removed for a currency', { USD: 50 }],
    ['removed', {}],
  ])('is %s after 24 hours at the earliest, and every other admin is told', async (_, value) => {
    const { ctx, admin, other } = await givenLimits({ USD: 50, EUR: 10 })
    const soon = new Date(ctx.now().getTime() + 3_600_000).toISOString()
    for (const effectiveFrom of [undefined, soon]) {
      const { upcoming } = await change(admin, { twoPersonLimits: value, effectiveFrom, reason: 'Holidays' })
      expect(upcoming).toHaveLength(1)
      expect(await limits(ctx, 23.9)).toEqual({ USD: 50, EUR: 10 })
      expect(await limits(ctx, 24)).toEqual(value)
    }
    const [mail, ...more] = await told(other)
    expect(more).toEqual([])
    expect(JSON.stringify(mail)).toContain('Holidays')
    expect(await told(admin)).toEqual([])
  })

  it('may be raised for any moment beyond that, and what is to come can be called off at once', async () => {
    const { ctx, admin, other } = await givenLimits({ USD: 50 })
    const effectiveFrom = new Date(ctx.now().getTime() + 3 * DAY).toISOString()
    await change(admin, { twoPersonLimits: { USD: 900 }, effectiveFrom })
    expect(await limits(ctx, 71)).toEqual({ USD: 50 })
    expect(await limits(ctx, 72)).toEqual({ USD: 900 })
    await change(other, { twoPersonLimits: { USD: 50 }, effectiveFrom })
    expect(await limits(ctx, 72)).toEqual({ USD: 50 })
  })

  it('is held to the strictest until then: what hides behind a pending change waits and is told too', async () => {
    const { ctx, admin, other } = await givenLimits({ USD: 100 })
    await change(admin, { twoPersonLimits: {} })
    ctx.clock.advance(23 * 3_600_000)
    const mailsBefore = (await told(other)).length
    const behind = new Date(ctx.now().getTime() + 3_600_001).toISOString()
    await change(admin, { twoPersonLimits: { USD: 10 ** 12 }, effectiveFrom: behind })
    expect(await limits(ctx, 23.9)).toEqual({})
    expect(await limits(ctx, 24)).toEqual({ USD: 10 ** 12 })
    expect(await told(other)).toHaveLength(mailsBefore + 1)
  })

  it('that is set for a moment calls off all that is looser and pending for later', async () => {
    for (const at of ['then', 'now'] as const) {
      const { ctx, admin, other } = await givenLimits({ USD: 100 })
      const then = ctx.now().getTime() + DAY
      const moment = (ms: number) => new Date(then + ms).toISOString()
      await change(admin, { twoPersonLimits: {}, effectiveFrom: moment(0) })
      await change(admin, { twoPersonLimits: { USD: 10 ** 12 }, effectiveFrom: moment(1) })
      await change(other, {
        twoPersonLimits: { USD: 100 },
        effectiveFrom: at === 'then' ? moment(0) : undefined,
      })
      for (const ms of [0, 1, 1_000])
        expect((await programAt(ctx, new Date(then + ms))).twoPersonLimits).toEqual({ USD: 100 })
    }
  })

  it('that is pending stays where it is stricter than what is set before it', async () => {
    const { ctx, admin } = await givenLimits({ USD: 100 })
    const effectiveFrom = new Date(ctx.now().getTime() + DAY).toISOString()
    await change(admin, { twoPersonLimits: { USD: 10, EUR: 500 }, effectiveFrom })
    await change(admin, { twoPersonLimits: { USD: 50, EUR: 20 } })
    expect(await limits(ctx)).toEqual({ USD: 50, EUR: 20 })
    expect(await limits(ctx, 24)).toEqual({ USD: 10, EUR: 20 })
  })
})

describe('the shares of one payment', () => {
  const tooHigh = { status: 422, code: 'SHARES_TOO_HIGH' }
  /** Of nobody's frozen rate but those the test makes. */
  const rates = async () => {
    const world = await given()
    await change(world.admin, {
      sellerCommissionPercentage: 20,
      referralCommissionPercentage: 15,
      overrideCommissionPercentage: 0,
      overrideDepth: 1,
    })
    return world
  }

  it('are refused above 100 % where they are set, with the place', async () => {
    const { ctx, admin } = await rates()
    const before = await rows('referralCommissionPercentage')
    await expect(
      change(admin, { referralCommissionPercentage: '80.01', commissionHoldDays: 1 }),
    ).rejects.toMatchObject({ ...tooHigh, issues: [{ path: ['referralCommissionPercentage'] }] })
    expect(await rows('referralCommissionPercentage')).toEqual(before)
    await expect(change(admin, { overrideCommissionPercentage: 33, overrideDepth: 2 })).rejects.toMatchObject(
      tooHigh,
    )
    await change(admin, { overrideCommissionPercentage: 32.5, overrideDepth: 2 })
    expect(await programAt(ctx)).toMatchObject({ overrideCommissionPercentage: '32.50' })
    await expect(change(admin, { sellerCommissionPercentage: 20.01 })).rejects.toMatchObject(tooHigh)
    await change(admin, { overrideCommissionPercentage: 0 })
  })

  it('are weighed with what will count later', async () => {
    const { ctx, admin } = await rates()
    const later = new Date(ctx.now().getTime() + DAY).toISOString()
    await change(admin, { referralCommissionPercentage: 60, effectiveFrom: later })
    await expect(change(admin, { sellerCommissionPercentage: 41 })).rejects.toMatchObject(tooHigh)
    await change(admin, { referralCommissionPercentage: 15, effectiveFrom: later })
    await change(admin, { sellerCommissionPercentage: 41 })
    await change(admin, { sellerCommissionPercentage: 20 })
  })

  it('count what open checkouts and running subscriptions were sold under', async () => {
    const { ctx, admin } = await rates()
    const offer = await makeOffer(ctx)
    const order = await makeOrder(ctx, offer, { commissionPercentage: '75.00' })
    const raise = () => change(admin, { referralCommissionPercentage: 26 })
    await expect(raise()).rejects.toMatchObject(tooHigh)
    await database.db.update(orders).set({ status: 'EXPIRED' }).where(eq(orders.id, order.id))
    await raise()
    await change(admin, { referralCommissionPercentage: 15 })
    const { id: userId, organizationId } = offer.seller
    const [row] = await database.db
      .insert(subscriptions)
      .values({
        id: newId(ctx),
        provider: order.provider,
        mode: order.mode,
        externalId: `sub_${order.id}`,
        orderId: order.id,
        organizationId,
        userId,
        plan: 'BUSINESS',
        status: 'PAST_DUE',
        createdAt: ctx.now(),
        updatedAt: ctx.now(),
      })
      .returning()
    await expect(raise()).rejects.toMatchObject(tooHigh)
    await database.db
      .update(subscriptions)
      .set({ status: 'CANCELLED' })
      .where(eq(subscriptions.id, row?.id ?? ''))
    await raise()
    await change(admin, { referralCommissionPercentage: 15 })
  })

  it('count what sellers, their links and referred customers were promised', async () => {
    const { ctx, admin } = await rates()
    const seller = await makeSeller(ctx, { commissionPercentage: '70.00' })
    await expect(change(admin, { referralCommissionPercentage: 31 })).rejects.toMatchObject(tooHigh)
    const workspace = await makeBareWorkspace(ctx, seller.id)
    await generateAffiliateLink(ctx.as(seller.actor), { name: 'Link', workspaceId: workspace.publicId })
    await updateUser(admin, { id: seller.id, commissionPercentage: '20.00' })
    await expect(change(admin, { referralCommissionPercentage: 31 })).rejects.toMatchObject(tooHigh)
    await change(admin, { referralCommissionPercentage: 30 })
    const [affiliate, customer] = [await makeUser(ctx), await makeUser(ctx)]
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: customer.id, rate: '30.00' })
    await change(admin, { referralCommissionPercentage: 15 })
    await expect(updateUser(admin, { id: seller.id, commissionPercentage: '70.01' })).rejects.toMatchObject({
      status: 422,
      code: 'COMMISSION_TOO_HIGH',
    })
    await updateUser(admin, { id: seller.id, commissionPercentage: '20.00' })
  })

  it('never come to more than 100 % when two admins raise one each at once', async () => {
    const { admin, other } = await rates()
    const settled = await Promise.allSettled([
      change(admin, { referralCommissionPercentage: 25 }),
      change(other, { overrideCommissionPercentage: 15 }),
      change(admin, { referralCommissionPercentage: 28 }),
      change(other, { overrideCommissionPercentage: 14 }),
    ])
    expect(settled.some(({ status }) => status === 'rejected')).toBe(true)
    const view = await describeProgram(admin)
    // 70 % stands in the link of the test before.
    expect(view.referralCommissionPercentage + view.overrideCommissionPercentage).toBeLessThanOrEqual(30)
    await change(admin, { overrideCommissionPercentage: 0 })
  })
})

describe('the terms of a payment', () => {
  it('hold a sale by the setting of the day it was paid, and a referral by what was pinned to the customer', async () => {
    const { ctx, admin } = await given()
    await change(admin, { commissionHoldDays: 5 })
    const [seller, affiliate, buyer] = [await makeSeller(ctx), await makeUser(ctx), await makeUser(ctx)]
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id, holdDays: 2 })
    const paidAt = ctx.now()
    ctx.clock.advance(DAY)
    await change(admin, { commissionHoldDays: 30 })
    const workspace = await makeBareWorkspace(ctx, seller.id)
    const payment = await makePayment(ctx, {
      buyerId: buyer.id,
      sellerId: seller.id,
      workspaceId: workspace.id,
      paidAt,
    })
    const facts = {
      paymentId: payment.id,
      baseAmount: 10_000n,
      taxAmount: 0n,
      capturedAmount: 10_000n,
      currency: 'USD',
      paidAt,
      buyerId: buyer.id,
      buyerOrganizationId: buyer.organizationId,
      sellerId: seller.id,
      saleRate: '20.00',
      saleRateSource: 'link',
    }
    const { commissions } = await recordCommissions(ctx, facts)
    expect(commissions.map(({ kind, holdUntil }) => [kind, holdUntil])).toEqual([
      ['SALE', new Date(paidAt.getTime() + 5 * DAY)],
      ['REFERRAL', new Date(paidAt.getTime() + 2 * DAY)],
    ])
  })

  it('earn an affiliate nothing once the customer’s time is over', async () => {
    const { ctx } = await given()
    const [affiliate, buyer] = [await makeUser(ctx), await makeUser(ctx)]
    await makeReferral(ctx, {
      affiliateUserId: affiliate.id,
      customerId: buyer.id,
      earnsUntil: ctx.now(),
    })
    const { withheld } = await recordCommissions(ctx, {
      paymentId: 'none',
      baseAmount: 10_000n,
      taxAmount: 0n,
      capturedAmount: 10_000n,
      currency: 'USD',
      paidAt: ctx.now(),
      buyerId: buyer.id,
      buyerOrganizationId: buyer.organizationId,
      sellerId: null,
      saleRate: null,
      saleRateSource: '',
    })
    expect(withheld).toEqual([{ kind: 'REFERRAL', userId: affiliate.id, reason: 'TERM_OVER' }])
  })
})

describe('what a change may hold', () => {
  const issuesOf = (input: unknown) => {
    const result = ChangeProgramInput.safeParse(input)
    return result.success ? null : result.error.issues.map(({ path }) => path.join('.'))
  }

  it.each<[unknown, string[]]>([
    [{}, ['']],
    [{ reason: 'Nothing' }, ['']],
    [{ unknown: 1 }, ['', '']],
    [{ referralCommissionPercentage: 100.01 }, ['referralCommissionPercentage']],
    [{ referralCommissionPercentage: -5 }, ['referralCommissionPercentage']],
    [{ referralCommissionPercentage: 15.005 }, ['referralCommissionPercentage']],
    [{ referralCommissionPercentage: '１５' }, ['referralCommissionPercentage']],
    [{ referralCommissionPercentage: '1e1' }, ['referralCommissionPercentage']],
    [{ referralCommissionPercentage: null }, ['referralCommissionPercentage']],
    [{ referralCommissionPercentage: [15] }, ['referralCommissionPercentage']],
    [{ commissionHoldDays: 366 }, ['commissionHoldDays']],
    [{ commissionHoldDays: '7' }, ['commissionHoldDays']],
    [
      { minWithdrawals: { USD: 0.5, UЅD: 1, JPY: -1 } },
      ['minWithdrawals.USD', 'minWithdrawals.UЅD', 'minWithdrawals.JPY'],
    ],
    [{ minWithdrawals: { USD: 2 ** 53 } }, ['minWithdrawals.USD']],
    [{ minWithdrawals: [5_000] }, ['minWithdrawals']],
    [{ twoPersonLimits: { USD: 0 } }, ['twoPersonLimits.USD']],
    [{ payoutFees: { CHEQUE: {} } }, ['payoutFees']],
    [
      { payoutFees: { PAYPAL: { fixed: { USD: '100' }, percentage: 101 } } },
      ['payoutFees.PAYPAL.percentage', 'payoutFees.PAYPAL.fixed.USD'],
    ],
    [{ payoutDocumentsFor: ['CHEQUE'] }, ['payoutDocumentsFor.0']],
    [{ overrideDepth: 0 }, ['overrideDepth']],
    [{ clickRetentionMonths: 1 }, ['clickRetentionMonths']],
    [{ clickRetentionMonths: 121 }, ['clickRetentionMonths']],
    [{ commissionHoldDays: 1, effectiveFrom: 'tomorrow' }, ['effectiveFrom']],
  ])('is refused with the place: %j', (input, places) => {
    const found = issuesOf(input)
    expect(found).not.toBeNull()
    expect([...new Set(found)].sort()).toEqual([...new Set(places)].sort())
  })

  it('keeps a percentage as it was written, whatever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (points) => {
        const written = points / 100
        const { referralCommissionPercentage } = ChangeProgramInput.parse({
          referralCommissionPercentage: written,
        })
        expect(referralCommissionPercentage).toBe(written.toFixed(2))
      }),
    )
  })
})
