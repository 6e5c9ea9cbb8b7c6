import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'

export interface SealStep {
  /** The seal that was made, counted from 1; null: nothing was ripe. */
  readonly sealed: bigint | null
  /** Up to which transfer the next seal is proposed, if that was done in this step. */
  readonly proposedUpto: bigint | null
}

/**
 * One step of sealing the ledger: makes the seal proposed earlier, if all that was under way then has ended, and
 * proposes the next. Call it again and again; two at once have one effect, and no sale waits for it.
 */
export const sealLedger = async (ctx: Context): Promise<SealStep> => {
  const [row] = await ctx.db.execute<Record<'sealed' | 'upto', string | null>>(
    sql`select sealed_no::text sealed, proposed_upto::text upto from ledger_seal(${ctx.now().toISOString()}::timestamptz)`,
  )
  const number = (text: string | null | undefined) => (text == null ? null : BigInt(text))
  return { sealed: number(row?.sealed), proposedUpto: number(row?.upto) }
}
