import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'

/** By the database's clock, which all processes share. */
export const databaseNow = async (ctx: Context): Promise<Date> => {
  const [row] = await ctx.db.execute<{ ms: string }>(
    sql`select floor(extract(epoch from clock_timestamp()) * 1000)::text ms`,
  )
  return new Date(Number(row?.ms))
}
