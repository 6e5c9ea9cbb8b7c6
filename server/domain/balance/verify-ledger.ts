import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import type { LedgerProof, Violation } from './schemas'

/**
 * Proves the books from the rows alone, in one statement and so of one moment: every transfer is of two or more entries
 * in its currency that sum to zero, and is what it was posted as; every entry of a user's account continues that
 * account's count, balance and hash chain; every running balance is the sum of its entries and the chain's end.
 * @returns what does not hold, each with the ids of what it is about.
 */
export const verifyLedger = async (ctx: Context): Promise<LedgerProof> => {
  const rows = await ctx.db.execute<ProofRow>(sql`
    with sums as (
      select t.id, count(e.id) n, coalesce(sum(e.amount), 0) total,
        coalesce(bool_and(e.currency = t.currency and a.currency = t.currency), false) one_currency,
        t.fingerprint = ledger_fingerprint(t.id) as posted
      from ledger_transfers t
        left join ledger_entries e on e.transfer_id = t.id left join ledger_accounts a on a.id = e.account_id
      group by t.id
    ), chain as (
      select e.*, a.head, a.balance, a.version, a.kind,
        lag(e.hash, 1, ''::bytea) over own before_hash, lag(e.balance_after, 1, 0::bigint) over own running,
        row_number() over own no, lag(e.created_at) over own before_at
      from ledger_entries e join ledger_accounts a on a.id = e.account_id where a.user_id is not null
      window own as (partition by e.account_id order by e.seq, e.id)
    ), ends as (
      select a.id, a.balance, a.version, a.head, coalesce(sum(e.amount), 0) total, count(e.id) n,
        coalesce((select l.hash from ledger_entries l where l.account_id = a.id and l.seq is not null
          order by l.seq desc limit 1), ''::bytea) last_hash
      from ledger_accounts a left join ledger_entries e on e.account_id = a.id
      where a.user_id is not null group by a.id
    ), found as (
      select 'TRANSFER' kind, id, null::bigint account_id, id transfer_id, concat_ws('; ',
        case when n < 2 then format('it has %s entries', n) end,
        case when total <> 0 then format('its entries sum to %s', total) end,
        case when not one_currency and n > 0 then 'its entries are not all in its currency' end,
        case when posted is not true then 'it is not what was posted' end) problem
      from sums
      union all
      select 'ENTRY', c.id, c.account_id, c.transfer_id, concat_ws('; ',
        case when c.seq is distinct from c.no then format('it is counted %s instead of %s', c.seq, c.no) end,
        case when c.balance_before is distinct from c.running
          then format('the balance before it is %s instead of %s', c.balance_before, c.running) end,
        case when c.balance_after is distinct from c.balance_before + c.amount
          then format('the balance after it is %s instead of %s', c.balance_after, c.balance_before + c.amount) end,
        case when (c.kind = 'available') <> (c.line_type is not null) then 'its line type does not fit its account' end,
        case when c.created_at < c.before_at then 'it is older than the entry before it' end,
        case when c.hash is distinct from ledger_entry_hash(c.before_hash, t.hash, c.id, c.transfer_id, c.account_id,
          c.currency, c.amount, c.line_type, c.balance_before, c.balance_after, c.seq, c.created_at) then 'its hash does not continue the chain' end)
      from chain c left join ledger_transfers t on t.id = c.transfer_id
      union all
      select 'ACCOUNT', id, id, null, concat_ws('; ',
        case when balance is distinct from total then format('its balance is %s, its entries sum to %s', balance, total) end,
        case when version is distinct from n then format('it counts %s entries of %s', version, n) end,
        case when head is distinct from last_hash then 'its chain ends elsewhere' end)
      from ends
    )
    select (select count(*)::int from ledger_transfers) transfers, (select count(*)::int from ledger_entries) entries,
      (select count(*)::int from ledger_accounts) accounts,
      (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'id', id::text, 'accountId', account_id::text,
        'transferId', transfer_id::text, 'problem', problem) order by kind, id), '[]') from found where problem <> '') violations`)
  const [row] = rows
  if (row === undefined) throw new Error('the proof returned nothing')
  const { violations, ...checked } = row
  return { ok: violations.length === 0, checked, violations }
}

type ProofRow = Record<string, unknown> & {
  transfers: number
  entries: number
  accounts: number
  violations: Violation[]
}
