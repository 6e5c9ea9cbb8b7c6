import { sql } from 'drizzle-orm'
import { proveStory } from '../../../../db/testing/plant'
import { ledger } from './ledger'

const LAST = sql`(select max(id) from ledger_transfers)`

proveStory(ledger.invariants, {
  I01: [
    sql`update ledger_entries set amount = amount + 1 where id = (select max(id) from ledger_entries where balance_after is null)`,
  ],
  I02: [
    sql`update ledger_entries set amount = amount + 1 where id = (select max(id) from ledger_entries where balance_after is null)`,
  ],
  I03: [sql`delete from ledger_entries where transfer_id = ${LAST}`],
  I04: [
    sql`update ledger_accounts set balance = balance + 1 where id = (select max(id) from ledger_accounts where version > 0)`,
  ],
  I05: [
    sql`update ledger_accounts set balance = -1 where id = (select max(id) from ledger_accounts where kind = 'pending')`,
  ],
  I06: [sql`update ledger_entries set currency = 'EUR' where id = (select max(id) from ledger_entries)`],
  I07: [sql`drop index ledger_entries_seq`, sql`update ledger_entries set seq = 1 where seq = 2`],
  I08: [
    sql`update ledger_entries set seq = seq + 10 where id = (select max(id) from ledger_entries where seq > 1)`,
  ],
  I09: [
    sql`alter table ledger_entries drop constraint ledger_entries_amount`,
    sql`update ledger_entries set amount = 0 where id = (select max(id) from ledger_entries where balance_after is null)`,
  ],
  L1: [
    sql`update ledger_accounts set balance = balance + 1 where id = (select max(id) from ledger_accounts where version > 0)`,
  ],
  L2: [
    sql`update commissions set amount = amount - 1 where id = (select max(id::text)::uuid from commissions where reversed_amount = 0 and held_amount = 0)`,
  ],
  L3: [sql`delete from withdrawals where status = 'CANCELLED'`],
})
