import postgres from 'postgres'
import { connect } from '../db/client'
import { type TestContext, testClock, testContext } from '../db/testing/context'
import { makeAffiliate } from '../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../db/testing/factories/identity'
import { affiliateDashboard, rollUpClicks } from '../server/domain/affiliate'
import { inTurns, printGoal, timed } from './measure'

const ROUNDS = 5

/**
 * The year of affiliates with 10,000, 500,000 and 10,000,000 clicks (C-4, C-6): through the dashboard, and from the clicks
 * themselves.
 * @param url of an empty migrated database, as its owner
 * @param appUrl the same, as the application's role
 */
export const benchYear = async (url: string, appUrl: string): Promise<void> => {
  const owner = postgres(url, { max: 1, onnotice: () => {} })
  const connection = connect({ url: appUrl }, { role: null })
  try {
    await measureYear(testContext(connection.db, { clock: testClock(new Date()) }), owner)
  } finally {
    await owner.end({ timeout: 5 })
    await connection.close()
  }
}

const measureYear = async (ctx: TestContext, owner: postgres.Sql): Promise<void> => {
  const made = async (clicks: number) => {
    const user = await makeUser(ctx)
    return { clicks, user, id: (await makeAffiliate(ctx, { userId: user.id })).id }
  }
  const [light, heavy, heaviest] = [await made(10_000), await made(500_000), await made(10_000_000)]
  await plantYear(ctx, owner, [light, heavy, heaviest])
  const year =
    ({ user, clicks }: { user: MadeUser; clicks: number }) =>
    async () => {
      let counted = 0
      const took = await timed(async () => {
        const shown = await affiliateDashboard(ctx.as(user.actor), {
          timeframe: 'custom',
          ...yearOf(ctx),
          timezone: 'UTC',
        })
        counted = shown.clicks
      })
      if (counted !== clicks) throw new Error(`${counted} of ${clicks} clicks are on the dashboard`)
      return took
    }
  const raw =
    ({ id }: { id: string }) =>
    () =>
      timed(() => fromClicks(ctx, owner, id))
  const times = await inTurns(ROUNDS, {
    light: year(light),
    heavy: year(heavy),
    heaviest: year(heaviest),
    raw: raw(heavy),
  })
  printGoal({
    id: 'C-4',
    what: 'a year of an affiliate with 500,000 clicks: how many times as fast as from the clicks themselves',
    measured: times.raw / times.heavy,
    atLeast: 30,
    behind: `${times.heavy.toFixed(0)} and ${times.raw.toFixed(0)} ms`,
  })
  printGoal({
    id: 'C-6',
    what: 'a year of an affiliate with 10,000,000 clicks against one with 10,000',
    measured: times.heaviest / times.light,
    atMost: 3,
    behind: `${times.heaviest.toFixed(0)} and ${times.light.toFixed(0)} ms`,
  })
}

/** The 365 days before today. */
const yearOf = (ctx: TestContext) => {
  const day = (back: number) => new Date(ctx.now().getTime() - back * 86_400_000).toISOString().slice(0, 10)
  return { from: day(365), to: day(1) }
}

/** Spread evenly over the year, from five sources, then counted as after a restore. Keys are made afterwards, for speed. */
const plantYear = async (
  ctx: TestContext,
  owner: postgres.Sql,
  affiliates: readonly { id: string; clicks: number }[],
): Promise<void> => {
  const { from } = yearOf(ctx)
  await owner`select keep_click_partitions((${from}::date + ${0} * interval '1 month')::date, '1970-01-01')`
  for (let month = 0; month <= 12; month += 3)
    await owner`select keep_click_partitions((${from}::date + ${month} * interval '1 month')::date, '1970-01-01')`
  await owner.unsafe(
    `alter table clicks drop constraint clicks_day_affiliate_id_visitor_pk; drop index clicks_recent`,
  )
  for (const { id, clicks } of affiliates)
    await owner`
      insert into clicks (day, affiliate_id, visitor, clicked_at, source, medium, campaign, landing_page)
      select (at at time zone 'UTC')::date, ${id}, int8send(n) || int8send(0), at,
        's' || n % 5, 'mail', 'summer', '/'
      from (select n, ${from}::timestamptz + n * (interval '365 days' / ${clicks}) as at
        from generate_series(0::bigint, ${clicks - 1}::bigint) n) c`
  await owner.unsafe(`
    alter table clicks add primary key (day, affiliate_id, visitor);
    create index clicks_recent on clicks (affiliate_id, xid);
    update click_rollup set cluster = null`)
  await rollUpClicks(ctx)
  await owner.unsafe('vacuum analyze clicks')
  await owner.unsafe('vacuum analyze click_days')
  await owner.unsafe('vacuum analyze click_quarters')
}

/** What the dashboard shows of clicks, counted from them: by month, and by each kind of origin. */
const fromClicks = async (ctx: TestContext, owner: postgres.Sql, id: string): Promise<void> => {
  const { from, to } = yearOf(ctx)
  const within = owner`affiliate_id = ${id} and day between ${from} and ${to}`
  await owner`select date_trunc('month', clicked_at) as month, count(*) from clicks where ${within} group by 1`
  await owner`select source, medium, campaign, landing_page, count(*) from clicks where ${within}
    group by grouping sets ((source), (medium), (campaign), (landing_page))`
}
