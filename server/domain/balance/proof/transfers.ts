import { type SQL, sql } from 'drizzle-orm'
import type { Stretch } from './stretch'

/**
 * A transfer is two or more entries in its currency that sum to zero, and is what it was posted as, to the last column.
 * The fingerprint has the form of `ledger_fingerprint`, for many at once.
 */
export const wrongTransfers = ({ sinceTransfer }: Stretch): SQL => sql`
  select 'TRANSFER' kind, id, null::bigint account_id, id transfer_id, concat_ws('; ',
    case when few then format('it has %s entries', n) end,
    case when unbalanced then format('its entries sum to %s', total) end,
    case when mixed then 'its entries are not all in its currency' end,
    case when otherwise_asked then 'it is not what was posted' end,
    case when altered then 'its hash is not that of its columns' end) problem
  from (
    select t.id, coalesce(g.n, 0) n, g.total,
      coalesce(g.n, 0) < 2 few,
      coalesce(g.total, 0) <> 0 unbalanced,
      g.n > 0 and not coalesce(g.least = t.currency and g.most = t.currency and g.same_as_accounts, false) mixed,
      t.fingerprint is distinct from coalesce(g.moved, '') otherwise_asked,
      t.hash is distinct from ledger_transfer_hash(t.id, t.idempotency_key, t.fingerprint, t.kind, t.currency,
        t.reference_type, t.reference_id, t.notes, t.created_at) altered
    from ledger_transfers t left join (
      select e.transfer_id, count(*) n, sum(e.amount) total, min(e.currency) least, max(e.currency) most,
        bool_and(e.currency = a.currency) same_as_accounts,
        string_agg(ledger_entry_bytes(e.account_id, e.amount, e.line_type), '' order by e.id) moved
      from ledger_entries e left join ledger_accounts a on a.id = e.account_id
      where e.transfer_id > ${sinceTransfer}::bigint group by e.transfer_id
    ) g on g.transfer_id = t.id
    where t.id > ${sinceTransfer}::bigint
  ) looked where few or unbalanced or mixed or otherwise_asked or altered`
