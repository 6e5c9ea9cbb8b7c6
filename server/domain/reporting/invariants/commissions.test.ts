import { sql } from 'drizzle-orm'
import { proveStory } from '../../../../db/testing/plant'
import { commissions } from './commissions'

const CREDITED = sql`(select min(id::text)::uuid from commissions where status = 'CREDITED' and held_amount = 0)`

proveStory(commissions.invariants, {
  I12: [sql`delete from commissions where kind = 'REFERRAL'`],
  I13: [
    sql`update users e set organization_id = b.organization_id from users b, payments p, commissions c
      where b.id = p.buyer_id and p.id = c.payment_id and c.id = ${CREDITED} and e.id = c.beneficiary_id`,
  ],
  I14: [sql`update commissions set rate_percentage = 1 where id = ${CREDITED}`],
  I15: [
    sql`alter table commissions drop constraint commissions_reversed, drop constraint commissions_held`,
    sql`update commissions set reversed_amount = amount + 1 where id = ${CREDITED}`,
  ],
  I18: [sql`update commissions set reversed_amount = 1 where id = ${CREDITED}`],
  I10: [
    sql`delete from ledger_entries e using ledger_transfers t, ledger_accounts a where t.id = e.transfer_id
      and a.id = e.account_id and a.kind = 'revenue' and t.kind = 'commission_credited'`,
  ],
  C1: [
    sql`update commissions set amount = base_amount where payment_id in
      (select payment_id from commissions where kind = 'REFERRAL')`,
  ],
  C2: [
    sql`alter table commissions drop constraint commissions_once`,
    sql`create temp table twice on commit drop as select * from commissions where id = ${CREDITED}`,
    sql`update twice set id = gen_random_uuid()`,
    sql`insert into commissions select * from twice`,
  ],
  C3: [sql`update commissions set status = 'PENDING' where id = ${CREDITED}`],
  C4: [sql`update commissions set credited_at = null where id = ${CREDITED}`],
  C6: [
    sql`alter table commissions drop constraint commissions_unjudged, disable trigger commissions_judged_once`,
    sql`update commissions set suspicion = '[]' where id = ${CREDITED}`,
  ],
  C7: [sql`update commissions set kind = 'OVERRIDE' where id = ${CREDITED}`],
  C5: [sql`update ledger_accounts set balance = balance + 5 where kind = 'pending'`],
})
