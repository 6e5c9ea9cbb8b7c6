import { sql } from 'drizzle-orm'
import { proveStory } from '../../../../db/testing/plant'
import { messages } from './messages'

proveStory(messages.invariants, {
  I26: [
    sql`alter table webhook_events drop constraint webhook_events_once`,
    sql`update webhook_events set event_id = 'evt_same'`,
  ],
  I27: [
    sql`update webhook_events set status = 'RECEIVED', received_at = received_at - interval '10 minutes'`,
    sql`delete from jobs where kind = 'webhook.process'`,
  ],
  I28: [
    sql`insert into jobs (kind, key, payload, run_at, leased_until, created_at) values
      ('mail.send', 'stuck', '{}', now(), now() - interval '2 minutes', now())`,
  ],
  I29: [sql`delete from mails where template = 'admin-alert'`],
  I30: [
    sql`update mails set status = 'QUEUED', created_at = created_at - interval '20 minutes'`,
    sql`delete from jobs where kind = 'mail.send'`,
  ],
  I31: [sql`alter table mails drop constraint mails_key_unique`, sql`update mails set key = 'the same'`],
  I32: [sql`delete from mails where template = 'purchase-ready'`],
  I45: [sql`update webhook_events set occurred_at = received_at + interval '6 minutes'`],
})
