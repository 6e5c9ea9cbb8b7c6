import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { inTransaction } from '../../kit/context'

/**
 * Adds the clicks that are new to the counts by quarter of an hour and by day. Safe to run at once and any number of
 * times: whoever comes second waits, then finds nothing. It reaches as far as the oldest transaction that is still
 * open, not as far as the newest click, so that one that commits late is not missed. In a database that was restored into
 * another cluster it first counts anew what is kept (see `begin_click_rollup`).
 * @returns how many clicks were added
 */
export const rollUpClicks = (ctx: Context): Promise<number> =>
  inTransaction(ctx, async ({ db }) => {
    // The lock in a statement of its own: what the next one sees is then at least what the last holder wrote.
    // After a restore there is more to do than a statement is given.
    await db.execute(sql`set local statement_timeout = '10min'`)
    await db.execute(sql`select begin_click_rollup()`)
    const [row] = await db.execute<{ added: string }>(sql`
      with bound as (
        select r.upto as since, pg_snapshot_xmin(pg_current_snapshot())::text::bigint + r.shift as before
        from click_rollup r where r.id = 1
      ), counted as materialized (
        select c.affiliate_id, date_bin('15 minutes', c.clicked_at, timestamptz '2000-01-01 00:00:00Z') as quarter,
          c.source, c.medium, c.campaign, c.landing_page, count(*)::integer as clicks
        from clicks c, bound b where c.xid >= b.since and c.xid < b.before
        group by 1, 2, 3, 4, 5, 6
      ), by_quarter as (
        insert into click_quarters as q (affiliate_id, quarter, source, medium, campaign, landing_page, clicks)
        select * from counted
        on conflict (affiliate_id, quarter, source, medium, campaign, landing_page)
          do update set clicks = q.clicks + excluded.clicks
      ), by_day as (
        insert into click_days as d (affiliate_id, day, source, medium, campaign, landing_page, clicks)
        select affiliate_id, (quarter at time zone 'UTC')::date, source, medium, campaign, landing_page, sum(clicks)
        from counted group by 1, 2, 3, 4, 5, 6
        on conflict (affiliate_id, day, source, medium, campaign, landing_page)
          do update set clicks = d.clicks + excluded.clicks
      ), moved as (
        update click_rollup set upto = greatest(upto, b.before) from bound b where id = 1
      )
      select coalesce(sum(clicks), 0)::text as added from counted`)
    return Number(row?.added ?? 0)
  })
