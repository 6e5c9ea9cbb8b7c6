import { type SQL, sql } from 'drizzle-orm'
import { wrongSeals, wrongSnapshots } from './seals'
import type { Stretch } from './stretch'

/**
 * Whether all of the ledger holds, and how much that is, in one walk along the transfers, one along the chains of users'
 * accounts and one sum by account: all that the other files of this folder name, without the names.
 * @param highest id of a transfer; walked along in as many parts as PostgreSQL has processes for one statement by default.
 */
export const soundness = (whole: Stretch, highest: bigint): SQL => sql`
  with kept as materialized (select sum(transfers)::int transfers, sum(entries)::int entries, sum(fitting) fitting
      from (${transfersUpTo(highest)}) parts), books as materialized (${accounts})
  select kept.transfers, books.entries, books.accounts, (select count(*)::int from ledger_seals) seals,
    (select max(no)::text from ledger_seals) "sealNo",
    kept.fitting = (select count(*) from ledger_transfers) and kept.fitting = kept.transfers
      and kept.entries = books.entries and books.fitting = books.accounts and books.homeless = 0
      and not exists (${wrongSeals(whole)}) and not exists (${wrongSnapshots(whole)}) sound
  from kept, books`

/** Each transfer beside its entries. The few of one transfer are put in the order of their ids among themselves. */
const transfers = (part: SQL): SQL => sql`
  select count(*) transfers, coalesce(sum(n), 0) entries, count(*) filter (where fits) fitting
  from (
    select count(*) n, count(*) > 1 and sum(e.amount) = 0
      and count(*) = count(*) filter (where e.currency = t.currency and (e.seq is not null or (e.created_at = t.created_at
        and e.hash = ledger_entry_mark(e.id, t.hash) and e.balance_before is null and e.balance_after is null)))
      and t.fingerprint = string_agg(ledger_entry_bytes(e.account_id, e.amount, e.line_type), '' order by e.id)
      and t.hash = ledger_transfer_hash(t.id, t.idempotency_key, t.fingerprint, t.kind, t.currency, t.reference_type,
        t.reference_id, t.notes, t.created_at) fits
    from ledger_transfers t join ledger_entries e on e.transfer_id = t.id where ${part} group by t.id
  ) looked`

const transfersUpTo = (highest: bigint): SQL => {
  const [one, two] = [sql`${String(highest / 3n)}::bigint`, sql`${String((highest * 2n) / 3n)}::bigint`]
  return sql.join(
    [
      sql`t.id <= ${one} and e.transfer_id <= ${one}`,
      sql`t.id > ${one} and t.id <= ${two} and e.transfer_id > ${one} and e.transfer_id <= ${two}`,
      sql`t.id > ${two} and e.transfer_id > ${two}`,
    ].map(transfers),
    sql` union all `,
  )
}

/**
 * Each entry of a user's account beside the one before it: as every one but the first has one, and no two have the same
 * count, they are counted without a gap.
 */
const chains = sql`
  select a.id account_id, count(*) n, coalesce(sum(l.amount) filter (where ledger_earns(l.line_type, t.reference_type)), 0) earned,
    bool_or(l.seq = a.version and l.hash = a.head) ends_at_head,
    count(*) = count(*) filter (where (l.seq = 1) = (p.seq is null) and l.balance_before = coalesce(p.balance_after, 0)
      and l.balance_after = l.balance_before + l.amount and l.created_at >= coalesce(p.created_at, l.created_at)
      and (l.created_at = greatest(t.created_at, p.created_at)
        or s.period_to >= greatest(t.created_at, p.created_at))
      and l.hash = ledger_entry_hash(coalesce(p.hash, a.identity), t.hash, l.id, l.balance_after, l.created_at,
        l.line_type)) fits
  from ledger_entries l join ledger_transfers t on t.id = l.transfer_id join ledger_accounts a on a.id = l.account_id
    left join ledger_entries p on p.account_id = l.account_id and p.seq = l.seq - 1 and p.seq is not null
    left join (select distinct user_id, currency, period_to from issued_statements) s
      on s.user_id = a.user_id and s.currency = a.currency and s.period_to = l.created_at
  where a.user_id is not null and l.seq is not null group by a.id`

/** Every account beside what its entries come to; those in another currency have no home. */
const accounts = sql`
  select coalesce(sum(n), 0)::int entries, count(id)::int accounts, count(*) filter (where id is null) homeless,
    count(*) filter (where identity = ledger_account_hash(id, kind, user_id, name, currency)
      and closed_until is not distinct from issued_until
      and case when user_id is null
        then n > 0 and chained = 0 and lines = 0
          and (balance, version, head, earned, closed_until) is not distinct from (null, null, null, null, null)
        else balance = total and version = n and chained = n and chain_length = n and lines = case kind when 'available' then n else 0 end
          and earned is not distinct from earned_by_entries and chain_fits and (ends_at_head or n = 0 and head = identity)
        end) fitting
  from (
    select a.*, coalesce(s.n, 0) n, coalesce(s.total, 0) total, coalesce(s.chained, 0) chained, coalesce(s.lines, 0) lines,
      coalesce(c.n, 0) chain_length, coalesce(c.fits, true) chain_fits, coalesce(c.ends_at_head, false) ends_at_head,
      case when a.kind = 'available' then coalesce(c.earned, 0) end earned_by_entries, issued.until issued_until
    from ledger_accounts a
      full join (select account_id, currency, count(*) n, sum(amount) total, count(seq) chained, count(line_type) lines
        from ledger_entries group by account_id, currency) s on s.account_id = a.id and s.currency = a.currency
      left join (${chains}) c on c.account_id = a.id
      left join (select user_id, currency, max(period_to) until from issued_statements group by user_id, currency) issued
        on issued.user_id = a.user_id and issued.currency = a.currency and a.kind = 'available'
  ) looked`
