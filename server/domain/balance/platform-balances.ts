import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'

export interface PlatformBalance {
  readonly kind: 'provider' | 'revenue' | 'fees' | 'tax' | 'paid_out' | 'adjustments'
  /** Which provider; else empty. */
  readonly name: string
  readonly currency: string
  /** Minor units. */
  readonly balance: bigint
}

/**
 * What each of the platform's own accounts holds, by currency, kind and name: the latest snapshot and what came since,
 * so that it costs the same however long the ledger is. A seal never changes, so it may be read before the sum: should
 * another be made in between, this one and a longer tail come to the same.
 */
export const platformBalances = async (ctx: Context): Promise<PlatformBalance[]> => {
  const [seal] = await ctx.db.execute<{ no: string; upto: string }>(
    sql`select no::text, upto_transfer_id::text upto from ledger_seals order by no desc limit 1`,
  )
  const rows = await ctx.db.execute<
    Record<'name' | 'currency' | 'balance', string> & Pick<PlatformBalance, 'kind'>
  >(sql`
    select a.kind, a.name, a.currency, (coalesce(s.balance, 0) + coalesce(tail.moved, 0))::text balance
    from ledger_accounts a
      left join ledger_snapshots s on s.account_id = a.id and s.seal_no = ${seal?.no ?? '0'}::bigint
      left join (select account_id, sum(amount) moved from ledger_entries
        where transfer_id > ${seal?.upto ?? '0'}::bigint and seq is null group by account_id) tail on tail.account_id = a.id
    where a.user_id is null order by a.currency, a.kind, a.name`)
  return rows.map(({ balance, ...account }) => ({ ...account, balance: BigInt(balance) }))
}
