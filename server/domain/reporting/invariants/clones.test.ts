import { sql } from 'drizzle-orm'
import { proveStory } from '../../../../db/testing/plant'
import { clones } from './clones'

const BOUGHT = sql`(select min(c.id::text)::uuid from workspace_clones c join payments p on p.id = c.payment_id where p.status = 'CAPTURED')`
const COPY = sql`(select copy_workspace_id from workspace_clones where id = ${BOUGHT})`

proveStory(clones.invariants, {
  I19: [sql`delete from workspace_clones where id = ${BOUGHT}`],
  I20: [
    sql`update payments set status = 'FAILED' where id = (select payment_id from workspace_clones where id = ${BOUGHT})`,
  ],
  I21: [
    sql`alter table workspace_clones drop constraint workspace_clones_payment_id_unique, drop constraint workspace_clones_copy_workspace_id_unique`,
    sql`create temp table twice on commit drop as select * from workspace_clones where id = ${BOUGHT}`,
    sql`update twice set id = gen_random_uuid()`,
    sql`insert into workspace_clones select * from twice`,
  ],
  I22: [sql`delete from pages where workspace_id = ${COPY} and page_no = 1`],
  I23: [
    sql`update workspaces w set owner_id = c.seller_id from workspace_clones c where c.id = ${BOUGHT} and w.id = c.copy_workspace_id`,
  ],
  K1: [sql`update workspaces set status = 'FROZEN' where id = ${COPY}`],
})
