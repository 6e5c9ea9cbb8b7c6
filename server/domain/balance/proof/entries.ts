import { type SQL, sql } from 'drizzle-orm'
import type { Stretch } from './stretch'

const unasked = sql`position(ledger_entry_bytes(e.account_id, e.amount, e.line_type) in t.fingerprint) = 0`

/**
 * An entry of a user's account continues that account's count, balance, times and hash chain; one of the platform's
 * stands for itself. Each belongs to a transfer and an account that are there.
 */
export const wrongEntries = (stretch: Stretch): SQL => sql`
  select 'ENTRY' kind, id, account_id, transfer_id, concat_ws('; ',
    case when homeless then 'its transfer or its account is missing' end,
    case when miscounted then format('it is counted %s instead of %s', coalesce(seq::text, 'not at all'), no) end,
    case when jumped then format('the balance before it is %s instead of %s', balance_before, before_balance) end,
    case when miscalculated then format('the balance after it is %s instead of %s', balance_after, balance_before + amount) end,
    case when misplaced then 'its line type does not fit its account' end,
    case when exchanged then 'its transfer is in another currency' end,
    case when unasked then 'it is none of those its transfer was posted with' end,
    case when created_at < before_at then 'it is older than the entry before it' end,
    case when misdated then 'its time is not that of its transfer, nor of the entry before it, nor the end of a closed period' end,
    case when altered then 'its hash does not continue the chain' end) problem
  from (
    select e.*,
      t.id is null or e.account_kind is null homeless,
      e.seq is distinct from e.no miscounted,
      e.balance_before is distinct from e.before_balance jumped,
      e.balance_after is distinct from e.balance_before + e.amount miscalculated,
      (e.account_kind = 'available') is distinct from (e.line_type is not null) misplaced,
      e.currency <> t.currency exchanged,
      ${unasked} unasked,
      e.created_at is distinct from greatest(t.created_at, e.before_at) and not exists (select from issued_statements s
        where s.user_id = e.user_id and s.currency = e.currency and s.period_to = e.created_at
          and s.period_to >= greatest(t.created_at, e.before_at)) misdated,
      e.hash is distinct from ledger_entry_hash(e.before_hash, t.hash, e.id, e.balance_after, e.created_at, e.line_type) altered
    from (${chained(stretch)}) e left join ledger_transfers t on t.id = e.transfer_id
  ) looked where homeless or miscounted or jumped or miscalculated or misplaced or exchanged or unasked or misdated or altered
  union all
  select 'ENTRY', id, account_id, transfer_id, concat_ws('; ',
    case when homeless then 'its transfer or its account is missing' end,
    case when running then 'it carries a balance or a count, which an entry of the platform does not' end,
    case when misplaced then 'its line type does not fit its account' end,
    case when exchanged then 'its transfer is in another currency' end,
    case when unasked then 'it is none of those its transfer was posted with' end,
    case when misdated then 'its time is not that of its transfer' end,
    case when altered then 'its hash is not that of its id and its transfer' end)
  from (
    select e.id, e.account_id, e.transfer_id,
      t.id is null or a.id is null homeless,
      e.balance_before is not null or e.balance_after is not null or e.seq is not null running,
      e.line_type is not null misplaced,
      e.currency <> t.currency exchanged,
      ${unasked} unasked,
      e.created_at is distinct from t.created_at misdated,
      e.hash is distinct from ledger_entry_mark(e.id, t.hash) altered
    from ledger_entries e left join ledger_transfers t on t.id = e.transfer_id
      left join ledger_accounts a on a.id = e.account_id
    where e.transfer_id > ${stretch.sinceTransfer}::bigint and a.user_id is null
  ) looked where homeless or running or misplaced or exchanged or unasked or misdated or altered`

/**
 * The entries of users' accounts, each with what the one before it left behind. Over all of the ledger that is a walk
 * along each account; of a day's entries each looks for its own.
 */
const chained = ({ scope, sinceTransfer }: Stretch): SQL =>
  scope === 'FULL'
    ? sql`
      select e.*, a.kind account_kind, a.user_id, row_number() over own no, lag(e.hash, 1, a.identity) over own before_hash,
        lag(e.balance_after, 1, 0::bigint) over own before_balance, lag(e.created_at) over own before_at
      from ledger_entries e join ledger_accounts a on a.id = e.account_id where a.user_id is not null
      window own as (partition by e.account_id order by e.seq, e.id)`
    : sql`
      select e.*, a.kind account_kind, a.user_id, coalesce(b.seq, 0) + 1 no, coalesce(b.hash, a.identity) before_hash,
        coalesce(b.balance_after, 0) before_balance, b.created_at before_at
      from ledger_entries e join ledger_accounts a on a.id = e.account_id
        left join ledger_entries b on b.account_id = e.account_id and b.seq = e.seq - 1
      where a.user_id is not null and e.transfer_id > ${sinceTransfer}::bigint`
