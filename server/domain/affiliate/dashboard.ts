import { and, eq, ne, type SQL, sql } from 'drizzle-orm'
import { affiliates, attributions, commissions } from '../../../db/schema'
import { type Context, inSnapshot, readLagging, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { divideHalfAway, type MoneyJson, moneyToJson, percentage } from '../../kit/money'
import type { Period } from '../../kit/periods'
import { toAffiliate } from './affiliate-queries'
import { dashboardPeriods } from './dashboard-periods'
import { groupTerms } from './group-terms'
import type { AffiliateDashboard, DashboardFigures, DashboardInput, DashboardSource } from './schemas'

/**
 * What an affiliate's links brought in a stretch of time, in its parts, and in the stretch before it; all of it as of
 * one moment. Counts include clicks that are not rolled up yet.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND for whoever has not joined; 400 for a range that cannot be.
 */
export const affiliateDashboard = async (
  ctx: Context,
  input: DashboardInput,
): Promise<AffiliateDashboard> => {
  const { userId } = signedIn(ctx)
  const { period, previous, unit, parts } = dashboardPeriods(input, ctx.now())
  // Not lagging: who has just joined is there.
  const [affiliate] = await ctx.db.select().from(affiliates).where(eq(affiliates.userId, userId))
  if (affiliate === undefined)
    throw notFound('AFFILIATE_NOT_FOUND', 'You have not joined the affiliate programme.')
  const read = async (at: Context): Promise<AffiliateDashboard> => {
    // What is read is little, by many paths: compiling the queries, or workers for them, cost many times what they do.
    await at.db.execute(sql`set local jit = off`)
    await at.db.execute(sql`set local max_parallel_workers_per_gather = 0`)
    const whole = { affiliateId: affiliate.id, userId }
    // The parts follow each other without gap or overlap: what is true of the period is their sum.
    const [before, ...series] = await figuresOf(at, whole, [previous, ...parts])
    if (before === undefined) throw new Error('a period has no figures')
    const now = sumOf(series)
    return {
      affiliate: {
        ...toAffiliate(at, affiliate),
        rate: (await groupTerms(at, affiliate.groupId)).rate,
        totalReferrals: await at.db.$count(attributions, eq(attributions.affiliateId, affiliate.id)),
        ...(await earningsOfAllTime(at, userId)),
      },
      timezone: input.timezone,
      unit,
      period: said(period),
      ...now,
      signupRate: rateOf(now.signups, now.clicks),
      conversionRate: rateOf(now.conversions, now.clicks),
      series: parts.flatMap((part, i) => {
        const figures = series[i]
        return figures === undefined ? [] : [{ ...said(part), ...figures }]
      }),
      previous: { ...said(previous), ...before },
      ...(await sourcesOf(at, affiliate.id, period)),
    }
  }
  return readLagging(ctx, (near) => inSnapshot(near, read))
}

interface Whose {
  readonly affiliateId: string
  readonly userId: string
}

const said = ({ from, to }: Period) => ({ from: from.toISOString(), to: to.toISOString() })

/** Per cent with two decimals, half away from zero; over nothing there is none. */
const rateOf = (part: number, whole: number): string | null =>
  whole === 0 ? null : percentage(Number(divideHalfAway(BigInt(part) * 10_000n, BigInt(whole))))

/** The figures of each period, in the periods' order. */
const figuresOf = async (
  ctx: Context,
  whose: Whose,
  periods: readonly Period[],
): Promise<DashboardFigures[]> => {
  const clicks = await countedBy(
    ctx,
    sql`select i, sum(n) as n from (${clicksIn(whose.affiliateId, periods)}) c group by i`,
  )
  const signups = await countedBy(
    ctx,
    sql`select w.i, count(*) as n from ${wanted(periods)} join (${signUpsOf(whose.affiliateId)}) a
      on a.created_at >= w.since and a.created_at < w.before group by w.i`,
  )
  const conversions = await countedBy(
    ctx,
    sql`select w.i, count(*) as n from (${firstPayments(whose.affiliateId)}) p
      join ${wanted(periods)} on p.paid_at >= w.since and p.paid_at < w.before group by w.i`,
  )
  const earnings = await earningsIn(ctx, whose.userId, periods)
  return periods.map((_, i) => ({
    clicks: clicks.get(i) ?? 0,
    signups: signups.get(i) ?? 0,
    conversions: conversions.get(i) ?? 0,
    earnings: earnings.get(i) ?? [],
  }))
}

const sumOf = (figures: readonly DashboardFigures[]): DashboardFigures => {
  const sum = (name: 'clicks' | 'signups' | 'conversions') => figures.reduce((all, one) => all + one[name], 0)
  const earned = new Map<string, bigint>()
  for (const { amount, currency } of figures.flatMap(({ earnings }) => earnings))
    earned.set(currency, (earned.get(currency) ?? 0n) + BigInt(amount))
  return {
    clicks: sum('clicks'),
    signups: sum('signups'),
    conversions: sum('conversions'),
    earnings: [...earned].sort().map(([currency, amount]) => moneyToJson({ amount, currency })),
  }
}

const countedBy = async (ctx: Context, query: SQL): Promise<Map<number, number>> => {
  const rows = await ctx.db.execute<{ i: number; n: string }>(query)
  return new Map([...rows].map(({ i, n }) => [i, Number(n)]))
}

const wanted = (periods: readonly Period[]): SQL =>
  sql`jsonb_to_recordset(${JSON.stringify(periods.map(({ from, to }, i) => ({ i, since: from, before: to })))}::jsonb)
    as w(i integer, since timestamptz, before timestamptz)`

const DAY = 86_400_000

/**
 * The clicks of each period with their origins: whole days in UTC from the counts by day, what is left at both ends
 * from the counts by quarter of an hour, and what is not rolled up yet from the clicks themselves.
 */
const clicksIn = (affiliateId: string, periods: readonly Period[]): SQL => {
  const days: { i: number; since: string; before: string }[] = []
  const ends: { i: number; since: Date; before: Date }[] = []
  for (const [i, { from, to }] of periods.entries()) {
    const first = new Date(Math.ceil(from.getTime() / DAY) * DAY)
    const last = new Date(Math.floor(to.getTime() / DAY) * DAY)
    if (first < last) {
      days.push({ i, since: first.toISOString().slice(0, 10), before: last.toISOString().slice(0, 10) })
      ends.push({ i, since: from, before: first }, { i, since: last, before: to })
    } else ends.push({ i, since: from, before: to })
  }
  return sql`
    select w.i, d.source, d.medium, d.campaign, d.landing_page, d.clicks as n
    from jsonb_to_recordset(${JSON.stringify(days)}::jsonb) as w(i integer, since date, before date)
    join click_days d on d.affiliate_id = ${affiliateId} and d.day >= w.since and d.day < w.before
    union all
    select w.i, q.source, q.medium, q.campaign, q.landing_page, q.clicks
    from jsonb_to_recordset(${JSON.stringify(ends)}::jsonb) as w(i integer, since timestamptz, before timestamptz)
    join click_quarters q on q.affiliate_id = ${affiliateId} and q.quarter >= w.since and q.quarter < w.before
    union all
    select w.i, c.source, c.medium, c.campaign, c.landing_page, 1
    from ${wanted(periods)} join clicks c on c.clicked_at >= w.since and c.clicked_at < w.before
    where c.affiliate_id = ${affiliateId} and c.xid >= (select r.upto from click_rollup r where r.id = 1)`
}

/** Customers attributed, and those who signed up at a site outside and have no account here yet. */
const signUpsOf = (affiliateId: string): SQL => sql`
  select created_at, origin from attributions where affiliate_id = ${affiliateId}
  union all select created_at, origin from sign_ups_elsewhere where affiliate_id = ${affiliateId}`

/** When each referred customer first paid anything. */
const firstPayments = (affiliateId: string): SQL => sql`
  select a.customer_id, a.origin, min(p.paid_at) as paid_at
  from attributions a join payments p on p.buyer_id = a.customer_id and p.captured_amount > 0
  where a.affiliate_id = ${affiliateId} group by a.customer_id, a.origin`

/**
 * Read from the ledger, so that what was taken back counts when it was. Between pending and available nothing is
 * earned: such entries add up to nothing.
 */
const earningsIn = async (
  ctx: Context,
  userId: string,
  periods: readonly Period[],
): Promise<Map<number, MoneyJson[]>> => {
  const rows = await ctx.db.execute<{ i: number; currency: string; amount: string }>(sql`
    select w.i, e.currency, sum(e.amount)::text as amount
    from ledger_accounts a
    join ledger_entries e on e.account_id = a.id
    join ${wanted(periods)} on e.created_at >= w.since and e.created_at < w.before
    join ledger_transfers t on t.id = e.transfer_id and t.reference_type = 'commission'
    join commissions c on c.id = t.reference_id::uuid and c.kind <> 'SALE'
    where a.user_id = ${userId} and a.kind in ('available', 'pending')
    group by w.i, e.currency order by e.currency`)
  const found = new Map<number, MoneyJson[]>()
  for (const { i, currency, amount } of rows)
    found.set(i, [...(found.get(i) ?? []), moneyToJson({ amount: BigInt(amount), currency })])
  return found
}

const earningsOfAllTime = async (ctx: Context, userId: string) => {
  const left = sql`${commissions.amount} - ${commissions.reversedAmount}`
  const rows = await ctx.db
    .select({
      currency: commissions.currency,
      total: sql<string>`sum(${left})::text`,
      pending: sql<string>`sum(case when ${commissions.creditedAt} is null then ${left} else ${commissions.heldAmount} end)::text`,
    })
    .from(commissions)
    .where(and(eq(commissions.beneficiaryId, userId), ne(commissions.kind, 'SALE')))
    .groupBy(commissions.currency)
    .orderBy(commissions.currency)
  const amounts = (of: (row: (typeof rows)[number]) => bigint) =>
    rows.map((row) => moneyToJson({ amount: of(row), currency: row.currency }))
  return {
    totalEarnings: amounts(({ total }) => BigInt(total)),
    pendingEarnings: amounts(({ pending }) => BigInt(pending)),
    paidEarnings: amounts(({ total, pending }) => BigInt(total) - BigInt(pending)),
  }
}

/** How many of a kind are listed; the figures above count all. */
const SHOWN = 50

type Kind = 'source' | 'medium' | 'campaign' | 'landing_page'

/** The origins that brought most. */
const sourcesOf = async (
  ctx: Context,
  affiliateId: string,
  period: Period,
): Promise<Pick<AffiliateDashboard, 'sources' | 'mediums' | 'campaigns' | 'landingPages'>> => {
  const said = (member: string) => sql`coalesce(origin->>${member}, '')`
  const origin = sql`${said('source')} as source, ${said('medium')} as medium, ${said('campaign')} as campaign, ${said('landingPage')} as landing_page`
  const within = (column: SQL) =>
    sql`${column} >= ${period.from.toISOString()}::timestamptz and ${column} < ${period.to.toISOString()}::timestamptz`
  const rows = await ctx.db.execute<
    { kind: string; name: string } & Record<'clicks' | 'signups' | 'conversions', string>
  >(sql`
    with counted as (
      select source, medium, campaign, landing_page, n as clicks, 0 as signups, 0 as conversions
        from (${clicksIn(affiliateId, [period])}) c
      union all
      select ${origin}, 0, 1, 0 from (${signUpsOf(affiliateId)}) s where ${within(sql`created_at`)}
      union all
      select ${origin}, 0, 0, 1 from (${firstPayments(affiliateId)}) p where ${within(sql`paid_at`)}
    ), named as (
      select case grouping(source, medium, campaign, landing_page)
          when 7 then 'source' when 11 then 'medium' when 13 then 'campaign' else 'landing_page' end as kind,
        coalesce(source, medium, campaign, landing_page) as name,
        sum(clicks)::text as clicks, sum(signups)::text as signups, sum(conversions)::text as conversions,
        row_number() over (partition by grouping(source, medium, campaign, landing_page)
          order by sum(clicks) desc, sum(signups) desc, coalesce(source, medium, campaign, landing_page)) as place
      from counted group by grouping sets ((source), (medium), (campaign), (landing_page))
    )
    select kind, name, clicks, signups, conversions from named where place <= ${SHOWN} order by kind, place`)
  const of = (kind: Kind): DashboardSource[] =>
    [...rows]
      .filter((row) => row.kind === kind)
      .map(({ name, clicks, signups, conversions }) => ({
        name,
        clicks: Number(clicks),
        signups: Number(signups),
        conversions: Number(conversions),
      }))
  return {
    sources: of('source'),
    mediums: of('medium'),
    campaigns: of('campaign'),
    landingPages: of('landing_page'),
  }
}
