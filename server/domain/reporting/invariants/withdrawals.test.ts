import { type SQL, sql } from 'drizzle-orm'
import { proveStory } from '../../../../db/testing/plant'
import { withdrawals } from './withdrawals'

const transferOf = (
  status: string,
  sign: SQL,
) => sql`(select max(t.id) from ledger_transfers t join withdrawals w on w.id::text = t.reference_id
  join ledger_entries e on e.transfer_id = t.id join ledger_accounts a on a.id = e.account_id
  where w.status = ${status} and a.kind = 'available' and ${sign})`

proveStory(withdrawals.invariants, {
  I33: [
    sql`update ledger_transfers set reference_id = 'gone' where id = ${transferOf('REQUESTED', sql`e.amount < 0`)}`,
  ],
  I34: [
    sql`update ledger_transfers set reference_id = 'gone' where id = ${transferOf('RETURNED', sql`e.amount > 0`)}`,
  ],
  W1: [sql`update withdrawals set status = 'APPROVED' where status = 'PAID'`],
  I35: [sql`update withdrawals set amount = 20000 where status = 'PAID'`],
  I36: [
    sql`update withdrawals set status = 'PROCESSING', provider = 'stripe', sent_at = updated_at - interval '2 hours' where status = 'APPROVED'`,
  ],
  I37: [
    sql`alter table withdrawals drop constraint withdrawals_not_own`,
    sql`update withdrawals set approved_by = user_id where status = 'PAID'`,
  ],
  I38: [sql`update withdrawals set status = 'CANCELLED' where status = 'REQUESTED'`],
  W2: [
    sql`drop index withdrawals_open`,
    sql`update withdrawals set user_id = (select user_id from withdrawals where status = 'APPROVED') where status = 'REQUESTED'`,
  ],
})
