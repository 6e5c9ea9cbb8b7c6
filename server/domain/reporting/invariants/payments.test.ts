import { sql } from 'drizzle-orm'
import { proveStory } from '../../../../db/testing/plant'
import { payments } from './payments'

const CAPTURED = sql`(select min(id::text)::uuid from payments where status = 'CAPTURED')`

proveStory(payments.invariants, {
  I11: [
    sql`delete from ledger_transfers where kind = 'payment_captured' and reference_id = ${CAPTURED}::text`,
  ],
  P1: [sql`delete from payments where id = ${CAPTURED}`],
  I16: [sql`update payments set refunded_amount = refunded_amount + 1 where id = ${CAPTURED}`],
  I17: [sql`update payment_refunds set amount = amount - 1 where status = 'SUCCEEDED'`],
  P2: [
    sql`update ledger_entries set amount = amount - 1 where account_id = (select id from ledger_accounts where kind = 'tax')
      and transfer_id in (select id from ledger_transfers where kind = 'payment_refunded')`,
  ],
  P3: [sql`update payments set status = 'DISPUTED' where id = ${CAPTURED}`],
  P4: [
    sql`alter table payments drop constraint payments_base`,
    sql`update payments set base_amount = base_amount + 1 where id = ${CAPTURED}`,
  ],
  I24: [
    sql`update orders set price_amount = 1 where id = (select order_id from payments where id = ${CAPTURED})`,
  ],
  I25: [
    sql`create temp table twice on commit drop as select * from payments where id = ${CAPTURED}`,
    sql`update twice set id = gen_random_uuid(), external_id = 'another'`,
    sql`insert into payments select * from twice`,
  ],
  P5: [
    sql`alter table payments drop constraint payments_external`,
    sql`update payments set external_id = 'the same' where status = 'CAPTURED'`,
  ],
  P6: [sql`delete from workspace_clones where payment_id = ${CAPTURED}`],
  I48: [
    sql`alter table orders drop constraint orders_checkout`,
    sql`update orders set checkout_ref = 'cs_same'`,
  ],
})
