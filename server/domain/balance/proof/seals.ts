import { type SQL, sql } from 'drizzle-orm'
import type { Stretch } from './stretch'

/** A seal goes on from the one before it and fits the rows of its stretch: none altered, added or removed. */
export const wrongSeals = ({ sinceSeal }: Stretch): SQL => sql`
  select 'SEAL' kind, no id, null::bigint account_id, null::bigint transfer_id, concat_ws('; ',
    case when misnumbered then format('it is number %s instead of %s', no, expected_no) end,
    case when apart then format('it begins after transfer %s instead of %s', from_transfer_id, expected_from) end,
    case when miscounted then format('it speaks of %s transfers and %s entries, there are %s and %s',
      transfers, entries, transfers_there, entries_there) end,
    case when altered then 'its hash is not that of its stretch and of the seals before it' end) problem
  from (
    select s.*, d.transfers transfers_there, d.entries entries_there,
      s.no <> s.expected_no misnumbered,
      s.from_transfer_id <> s.expected_from apart,
      (s.transfers, s.entries) is distinct from (d.transfers, d.entries) miscounted,
      s.hash is distinct from ledger_seal_hash(s.before_hash, s.no, s.from_transfer_id, s.upto_transfer_id, s.transfers,
        s.entries, d.digest, s.sealed_at) altered
    from (
      select *, greatest(${sinceSeal}::bigint, 1) - 1 + row_number() over own expected_no, lag(upto_transfer_id, 1, 0::bigint) over own expected_from,
        lag(hash, 1, ''::bytea) over own before_hash
      from ledger_seals where no >= ${sinceSeal}::bigint window own as (order by no)
    ) s, lateral ledger_digest(s.from_transfer_id, s.upto_transfer_id) d
  ) looked where no > ${sinceSeal}::bigint and (misnumbered or apart or miscounted or altered)
  union all
  select 'SEAL', missing.no, null, null, 'it was made, and is not there'
  from (
    select ${sinceSeal}::bigint no where ${sinceSeal}::bigint > 0
    union select seal_no from ledger_proofs where seal_no > 0
    union select seal_no from ledger_snapshots where seal_no > ${sinceSeal}::bigint
  ) missing where not exists (select from ledger_seals s where s.no = missing.no)`

/** A snapshot is the one before it and what the platform's accounts moved by in the stretch. */
export const wrongSnapshots = ({ sinceSeal, sinceTransfer }: Stretch): SQL => sql`
  select 'SNAPSHOT' kind, seal_no id, account_id, null::bigint transfer_id,
    case when there is null then 'it was made, and is not there'
      else format('it says %s in %s entries instead of %s in %s', balance, entries, expected_balance, expected_entries) end problem
  from (
    select s.no seal_no, a.id account_id, now_held.seal_no there, now_held.balance, now_held.entries,
      coalesce(before.balance, 0) + coalesce(moved.total, 0) expected_balance,
      coalesce(before.entries, 0) + coalesce(moved.n, 0) expected_entries
    from ledger_seals s cross join ledger_accounts a
      left join ledger_snapshots now_held on now_held.seal_no = s.no and now_held.account_id = a.id
      left join ledger_snapshots before on before.seal_no = s.no - 1 and before.account_id = a.id
      left join (
        select stretches.no, e.account_id, count(*) n, sum(e.amount) total
        from ledger_entries e, (select array_agg(no order by no) nos, array_agg(upto_transfer_id + 1 order by no) beyond
          from ledger_seals where no > ${sinceSeal}::bigint) seals,
          lateral (select seals.nos[width_bucket(e.transfer_id, seals.beyond) + 1] no) stretches
        where e.seq is null and e.transfer_id > ${sinceTransfer}::bigint group by stretches.no, e.account_id
      ) moved on moved.no = s.no and moved.account_id = a.id
    where s.no > ${sinceSeal}::bigint and a.user_id is null
  ) looked
  where (expected_entries > 0 or there is not null)
    and (balance, entries) is distinct from (expected_balance, expected_entries)
  union all
  select 'SNAPSHOT', s.seal_no, s.account_id, null, 'it is of no account of the platform'
  from ledger_snapshots s left join ledger_accounts a on a.id = s.account_id and a.user_id is null
  where s.seal_no > ${sinceSeal}::bigint and a.id is null`
