import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { proveBooks } from './prove-books'
import type { ProofScope } from './schemas'

/**
 * Runs the proof that is due, by the database's clock, however many processes ask and however often: a full one each
 * week (from Monday, 02:00 UTC), else an incremental one each night (from 02:00 UTC). One that was missed is made up for.
 * @returns what was run; null: nothing was due
 */
export const proveDue = async (ctx: Context): Promise<ProofScope | null> => {
  const [due] = await ctx.db.execute<{ full: boolean; incremental: boolean }>(sql`
    select coalesce(max(started_at) filter (where scope = 'FULL'), '-infinity') < ${since('week')} "full",
      coalesce(max(started_at), '-infinity') < ${since('day')} incremental
    from ledger_proofs`)
  const scope = due?.full ? 'FULL' : due?.incremental ? 'INCREMENTAL' : null
  if (scope !== null) await proveBooks(ctx, { scope })
  return scope
}

const since = (period: 'week' | 'day') =>
  sql`(date_trunc(${period}, now() at time zone 'UTC' - interval '2 hours') + interval '2 hours') at time zone 'UTC'`
