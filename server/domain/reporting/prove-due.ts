import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { proveBooks } from './prove-books'
import type { ProofScope } from './schemas'

/**
 * Runs the proof that is due, by the database's clock, however many processes ask and however often: a full one each
 * week (from Monday, 02:00 UTC), or each night while the last full one was not fine; else an incremental one each night
 * (from 02:00 UTC). One that was missed is made up for.
 * @returns what was run; null: nothing was due
 * @throws whatever ended a full proof, after the night's incremental one
 */
export const proveDue = async (ctx: Context): Promise<ProofScope | null> => {
  const [due] = await ctx.db.execute<{ full: boolean; incremental: boolean }>(sql`
    select coalesce(max(started_at) filter (where scope = 'FULL'), '-infinity') < ${since('week')}
        or coalesce(max(started_at) filter (where scope = 'FULL'), '-infinity') < ${since('day')}
          and not (select ok from ledger_proofs where scope = 'FULL' order by started_at desc, id desc limit 1) "full",
      coalesce(max(started_at), '-infinity') < ${since('day')} incremental
    from ledger_proofs`)
  const scope = due?.full ? 'FULL' : due?.incremental ? 'INCREMENTAL' : null
  if (scope === null) return null
  try {
    await proveBooks(ctx, { scope })
  } catch (error) {
    // One that cannot finish stays due, and must not keep what is new from being looked at.
    if (scope === 'FULL' && due?.incremental) await proveBooks(ctx, { scope: 'INCREMENTAL' })
    throw error
  }
  return scope
}

const since = (period: 'week' | 'day') =>
  sql`(date_trunc(${period}, now() at time zone 'UTC' - interval '2 hours') + interval '2 hours') at time zone 'UTC'`
