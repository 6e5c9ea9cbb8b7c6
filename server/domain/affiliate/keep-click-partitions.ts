import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { programAt } from '../program'
import { forgetLinkVisitors } from './count-link-click'

/**
 * Makes the partitions of the months ahead, and drops those whose clicks are older than the programme keeps them, as soon
 * as all of theirs are rolled up: the counts stay.
 * @returns how many were made or dropped
 */
export const keepClickPartitions = async (ctx: Context): Promise<number> => {
  await forgetLinkVisitors(ctx)
  const { clickRetentionMonths: months } = await programAt(ctx)
  const today = ctx.now().toISOString().slice(0, 10)
  const [row] = await ctx.db.execute<{ changed: number }>(
    sql`select keep_click_partitions(${today}::date, (${today}::date - make_interval(months => ${months}))::date) as changed`,
  )
  return row?.changed ?? 0
}
