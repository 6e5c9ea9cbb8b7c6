import { type SQL, sql } from 'drizzle-orm'
import type { Stretch } from './stretch'

/**
 * A user's account holds what its entries come to and ends where its chain ends; the platform's carries nothing of that.
 * A period is closed exactly as far as statements were given out.
 */
export const wrongAccounts = (stretch: Stretch): SQL => sql`
  select 'ACCOUNT' kind, id, id account_id, null::bigint transfer_id, concat_ws('; ',
    case when carrying then 'it is the platform''s and carries a balance' end,
    case when unused then 'no entry is its own' end,
    case when off then format('its balance is %s, its entries sum to %s', balance, total) end,
    case when miscounted then format('it counts %s entries of %s', version, n) end,
    case when severed then 'its chain ends elsewhere' end,
    case when misearned then format('it says %s was earned, its entries say %s', earned, earned_by_entries) end,
    case when misclosed then format('it is closed until %s, statements were given out until %s', closed_until, issued_until) end) problem
  from (
    select a.*, l.total, l.n, l.earned_by_entries, issued.until issued_until,
      a.user_id is null and (a.balance, a.version, a.head, a.earned, a.closed_until) is distinct from (null, null, null, null, null) carrying,
      a.user_id is null and l.n = 0 unused,
      a.user_id is not null and a.balance is distinct from l.total off,
      a.user_id is not null and a.version is distinct from l.n miscounted,
      a.user_id is not null and a.head is distinct from l.last_hash severed,
      a.user_id is not null and a.earned is distinct from l.earned_by_entries misearned,
      a.kind = 'available' and a.closed_until is distinct from issued.until misclosed
    from ledger_accounts a
      join (${stretch.scope === 'FULL' ? summed : touched(stretch)}) l on l.account_id = a.id
      left join (select user_id, currency, max(period_to) until from issued_statements group by user_id, currency) issued
        on issued.user_id = a.user_id and issued.currency = a.currency
  ) looked where carrying or unused or off or miscounted or severed or misearned or misclosed`

/** An account that was given another kind, owner, name or currency. */
export const renamedAccounts = ({ scope, sinceTransfer }: Stretch): SQL => sql`
  select 'ACCOUNT' kind, a.id, a.id account_id, null::bigint transfer_id, 'it was another account' problem
  from ledger_accounts a
  where a.identity is distinct from ledger_account_hash(a.id, a.kind, a.user_id, a.name, a.currency)${
    scope === 'FULL'
      ? sql``
      : sql` and a.id in (select account_id from ledger_entries where transfer_id > ${sinceTransfer}::bigint)`
  }`

/** What all entries of every account come to. */
const summed = sql`
  select a.id account_id, coalesce(s.n, 0) n, coalesce(s.total, 0) total,
    case when a.kind = 'available' then coalesce(earning.earned, 0) end earned_by_entries, coalesce(ends.hash, a.identity) last_hash
  from ledger_accounts a
    left join (select account_id, count(*) n, sum(amount) total, max(seq) last_seq from ledger_entries group by account_id) s
      on s.account_id = a.id
    left join (select e.account_id, sum(e.amount) earned from ledger_entries e join ledger_transfers t on t.id = e.transfer_id
      where ledger_earns(e.line_type, t.reference_type) group by e.account_id) earning on earning.account_id = a.id
    left join ledger_entries ends on ends.account_id = a.id and ends.seq = s.last_seq`

/** Where the chains of the accounts end that were posted to; what was earned is summed in full runs only. */
const touched = ({ sinceTransfer }: Stretch) => sql`
  select a.id account_id, coalesce(last.seq, 0) n, coalesce(last.balance_after, 0) total, a.earned earned_by_entries,
    coalesce(last.hash, a.identity) last_hash
  from ledger_accounts a left join lateral (select seq, balance_after, hash from ledger_entries
    where account_id = a.id and seq is not null order by seq desc limit 1) last on true
  where a.user_id is not null
    and a.id in (select account_id from ledger_entries where transfer_id > ${sinceTransfer}::bigint)`
