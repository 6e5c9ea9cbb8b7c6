import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'

/** How long single clicks are kept. Their counts stay. */
const KEPT_MONTHS = 25

/**
 * Makes the partitions of the months ahead, and drops those whose clicks are older than 25 months: two years and the
 * month under way, so that a year can be compared with the one before.
 * @returns how many were made or dropped
 */
export const keepClickPartitions = async (ctx: Context): Promise<number> => {
  const today = ctx.now().toISOString().slice(0, 10)
  const [row] = await ctx.db.execute<{ changed: number }>(
    sql`select keep_click_partitions(${today}::date, (${today}::date - make_interval(months => ${KEPT_MONTHS}))::date) as changed`,
  )
  return row?.changed ?? 0
}
