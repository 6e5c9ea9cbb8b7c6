import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributions, clicks } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import {
  makeAffiliate,
  makeBareWorkspace,
  makePayment,
  makeSeller,
  visit,
} from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { affiliateDashboard, clickedReferral, recordCommissions, reverseCommissions, rollUpClicks } from '.'
import { DashboardInput } from './schemas'

const database = useDatabase({ broken: 'a share is taken back here without the refund that does so' })

const given = async (now?: string) => {
  const ctx = testContext(database.db)
  if (now !== undefined) ctx.clock.set(new Date(now))
  const user = await makeUser(ctx)
  const affiliate = await makeAffiliate(ctx, { userId: user.id })
  const as = ctx.as(user.actor)
  const dashboard = (input: unknown) => affiliateDashboard(as, DashboardInput.parse(input))
  return { ctx, as, user, ...affiliate, dashboard }
}
/** A click as it is kept, by a visitor of its own. */
const clicked = (affiliateId: string, at: Date, n: number, source = 'news') => ({
  day: at.toISOString().slice(0, 10),
  affiliateId,
  visitor: Buffer.from(n.toString(16).padStart(32, '0'), 'hex'),
  clickedAt: at,
  source,
  medium: '',
  campaign: '',
  landingPage: '/auth/sign-up',
})

describe('an affiliate’s dashboard', () => {
  it('is not there for who has not joined', async () => {
    const ctx = testContext(database.db)
    const user = await makeUser(ctx)
    await expect(affiliateDashboard(ctx.as(user.actor), DashboardInput.parse({}))).rejects.toMatchObject({
      status: 404,
      code: 'AFFILIATE_NOT_FOUND',
    })
  })

  it('shows nothing where nothing was, and no rate over no clicks', async () => {
    const { dashboard } = await given()
    expect(await dashboard({ timeframe: 'year' })).toMatchObject({
      clicks: 0,
      signups: 0,
      conversions: 0,
      earnings: [],
      signupRate: null,
      conversionRate: null,
      affiliate: { totalReferrals: 0, totalEarnings: [], pendingEarnings: [], paidEarnings: [] },
      sources: [],
    })
  })

  it('counts every click in exactly one part, in any zone, whatever of them is rolled up already', async () => {
    const zones = [
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kathmandu',
      'Pacific/Apia',
      'Australia/Lord_Howe',
    ]
    let n = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ hours: fc.double({ min: -9_000, max: 200, noNaN: true }), rolled: fc.boolean() }),
          {
            minLength: 5,
            maxLength: 60,
          },
        ),
        fc.constantFrom(...zones),
        fc.constantFrom('day', 'week', 'month', 'year', 'custom'),
        async (made, timezone, timeframe) => {
          const { ctx, id, dashboard } = await given('2026-10-25T12:00:00.000Z')
          const now = ctx.now().getTime()
          const times = made.map(({ hours }) => new Date(now + Math.round(hours * 3_600_000)))
          const rows = times.map((at) => clicked(id, at, ++n))
          const [first, second] = [
            rows.filter((_, i) => made[i]?.rolled),
            rows.filter((_, i) => !made[i]?.rolled),
          ]
          if (first.length > 0) await database.db.insert(clicks).values(first)
          await rollUpClicks(ctx)
          if (second.length > 0) await database.db.insert(clicks).values(second)
          const shown = await dashboard({ timeframe, timezone, from: '2026-03-01', to: '2026-10-31' })
          const within = (from: string, to: string) =>
            times.filter((at) => at >= new Date(from) && at < new Date(to)).length
          expect(shown.clicks).toBe(within(shown.period.from, shown.period.to))
          expect(shown.previous.clicks).toBe(within(shown.previous.from, shown.previous.to))
          expect(shown.series.map((part) => part.clicks)).toEqual(
            shown.series.map((part) => within(part.from, part.to)),
          )
          expect(shown.series.reduce((sum, part) => sum + part.clicks, 0)).toBe(shown.clicks)
          expect(shown.sources.reduce((sum, source) => sum + source.clicks, 0)).toBe(shown.clicks)
        },
      ),
      { numRuns: 25 },
    )
  })

  it.each([
    ['2026-03-29T10:00:00Z', 23],
    ['2026-10-25T10:00:00Z', 25],
    ['2026-06-01T10:00:00Z', 24],
  ])('has as many hours as the day of %s: %d', async (now, hours) => {
    const { dashboard } = await given(now)
    expect((await dashboard({ timeframe: 'day', timezone: 'Europe/Berlin' })).series).toHaveLength(hours)
  })

  it('compares a week from Monday with the one before, and a month with the one before', async () => {
    const { dashboard } = await given('2026-03-01T12:00:00Z')
    expect(await dashboard({ timeframe: 'week' })).toMatchObject({
      period: { from: '2026-02-23T00:00:00.000Z', to: '2026-03-02T00:00:00.000Z' },
      previous: { from: '2026-02-16T00:00:00.000Z', to: '2026-02-23T00:00:00.000Z' },
    })
    const month = await dashboard({ timeframe: 'month' })
    expect(month.series).toHaveLength(31)
    expect(month.previous.from).toBe('2026-02-01T00:00:00.000Z')
    expect((await dashboard({ timeframe: 'year' })).series).toHaveLength(12)
  })

  it.each([
    [{ from: '1826-01-01', to: '2026-01-01' }, undefined],
    [{ from: '1990-01-01', to: '2190-01-01' }, 'from'],
    [{ from: '2026-02-02', to: '2026-02-01' }, 'to'],
    [{ from: '2026-02-02' }, 'to'],
    [{ to: '2026-02-02' }, 'from'],
    [{ from: '2026-02-30', to: '2026-03-02' }, undefined],
  ])('refuses the range %j', async (range, member) => {
    const { as } = await given()
    const parsed = DashboardInput.safeParse({ timeframe: 'custom', ...range })
    if (!parsed.success) return expect(member).toBeUndefined()
    await expect(affiliateDashboard(as, parsed.data)).rejects.toMatchObject({
      status: 400,
      issues: [{ path: [member] }],
    })
  })

  it('tells where sign-ups, first payments and earnings came from, and takes back what was refunded when it was', async () => {
    const { ctx, id, code, dashboard } = await given('2026-11-10T09:00:00Z')
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
      await clickedReferral(ctx, visit(code, { visitor: { address, userAgent: 'Browser' } }))
    const customer = await makeUser(ctx)
    await database.db.insert(attributions).values({
      customerId: customer.id,
      affiliateId: id,
      ratePercentage: '15.00',
      clickedAt: ctx.now(),
      code,
      origin: visit(code).origin,
      createdAt: ctx.now(),
    })
    const seller = await makeSeller(ctx)
    const workspace = await makeBareWorkspace(ctx, seller.id)
    const facts = { buyerId: customer.id, sellerId: seller.id, workspaceId: workspace.id }
    const pay = async () => {
      const payment = await makePayment(ctx, facts)
      await recordCommissions(ctx, {
        ...facts,
        paymentId: payment.id,
        baseAmount: payment.baseAmount,
        taxAmount: 0n,
        capturedAmount: payment.capturedAmount,
        currency: 'USD',
        paidAt: ctx.now(),
        buyerOrganizationId: customer.organizationId,
        saleRate: '20.00',
        saleRateSource: 'link',
      })
      return payment
    }
    const first = await pay()
    await pay()
    const usd = (amount: number) => [{ amount, currency: 'USD' }]
    const november = await dashboard({ timeframe: 'month' })
    expect(november).toMatchObject({
      clicks: 3,
      signups: 1,
      conversions: 1,
      signupRate: '33.33',
      conversionRate: '33.33',
      affiliate: {
        totalReferrals: 1,
        totalEarnings: usd(3_000),
        pendingEarnings: usd(0),
        paidEarnings: usd(3_000),
      },
      sources: [{ name: 'news', clicks: 3, signups: 1, conversions: 1 }],
      mediums: [{ name: 'mail', clicks: 3, signups: 1, conversions: 1 }],
      campaigns: [{ name: 'summer', clicks: 3, signups: 1, conversions: 1 }],
      landingPages: [{ name: '/auth/sign-up', clicks: 3, signups: 1, conversions: 1 }],
    })
    expect(november.earnings).toEqual(usd(3_000))
    await reverseCommissions(ctx, { paymentId: first.id, lost: 10_000n, atRisk: 10_000n, change: 1 })
    const after = await dashboard({ timeframe: 'year' })
    expect(after.affiliate.totalEarnings).toEqual(usd(1_500))
    expect(after.earnings).toEqual(usd(1_500))
  })
})
