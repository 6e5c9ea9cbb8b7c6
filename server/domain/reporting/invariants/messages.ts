import { sql } from 'drizzle-orm'
import { type Story, secondsAgo, writtenSince } from './invariant'

/** A provider or mail server may be away for a day; jobs try again that long. */
const PATIENCE = 86_400

export const messages: Story = {
  story: 'inbox and outbox',
  todo: 'See whether the worker runs and the provider or mail server answers; then replay the event, or send the mail again.',
  invariants: [
    {
      id: 'I26',
      name: 'An event of a provider is kept once.',
      when: 'always',
      query: () => sql`
        select format('%s %s', provider, event_id) subject, format('kept %s times', count(*)) problem
        from webhook_events group by provider, event_id having count(*) > 1`,
    },
    {
      id: 'I27',
      name: 'Five minutes after it came, an event is done, or a job still tries.',
      when: 'within 300',
      query: (scope) => sql`
        select 'event ' || w.id subject, format('%s came at %s and was not processed', w.type, w.received_at) problem
        from webhook_events w where w.status = 'RECEIVED' and (w.received_at < ${secondsAgo(PATIENCE, scope)}
          or (w.received_at < ${secondsAgo(300, scope)} and not exists (select from jobs j where j.kind = 'webhook.process'
            and j.payload->>'eventRowId' = w.id::text and j.dead_at is null)))`,
    },
    {
      id: 'I28',
      name: 'A minute after its lease is over, a job was taken up by another worker.',
      when: 'within 60',
      // Leases live by the database's clock.
      query: () => sql`
        select 'job ' || id subject, format('%s was leased until %s', kind, leased_until) problem
        from jobs where dead_at is null and leased_until < clock_timestamp() - interval '60 seconds'`,
    },
    {
      id: 'I29',
      name: 'Of every event that was given up, an admin was told.',
      when: 'quiet',
      query: (scope) => sql`
        select 'event ' || w.id subject, format('%s was given up, and no alert was written', w.type) problem
        from webhook_events w where w.status = 'DEAD' and ${writtenSince(sql`w.received_at`, scope)}
          and not exists (select from mails m where m.template = 'admin-alert' and m.key like 'alert:webhook:' || w.id || ':%')`,
      todo: 'Look at the event, mend what stopped it, and replay it. Set ADMIN_EMAIL so that somebody is told.',
    },
    {
      id: 'I30',
      name: 'A quarter of an hour after it was written, a mail is sent, or a job still tries.',
      when: 'within 900',
      query: (scope) => sql`
        select 'mail ' || m.id subject, format('%s of %s was not sent', m.template, m.created_at) problem
        from mails m where m.status = 'QUEUED' and (m.created_at < ${secondsAgo(PATIENCE, scope)}
          or (m.created_at < ${secondsAgo(900, scope)} and not exists (select from jobs j where j.kind = 'mail.send'
            and j.payload->>'mailId' = m.id::text and j.dead_at is null)))`,
    },
    {
      id: 'I31',
      name: 'What is told once is in the outbox once.',
      when: 'always',
      query: () => sql`
        select 'mail ' || key subject, format('written %s times', count(*)) problem
        from mails group by key having count(*) > 1`,
    },
    {
      id: 'I32',
      name: 'A purchase is confirmed to its buyer by exactly one mail.',
      when: 'always',
      // An address under .example reaches nobody (RFC 2606); the demo's buyers have such.
      query: (scope) => sql`
        select 'order ' || o.id subject, format('its buyer was told %s times', count(m.id)) problem
        from orders o left join mails m on m.template = 'purchase-ready' and m.data->>'orderId' = o.id::text
        where o.status = 'FULFILLED' and o.payment_type = 'WORKSPACE_PURCHASE' and ${writtenSince(sql`o.fulfilled_at`, scope)}
        group by o.id having count(m.id) > 1 or (count(m.id) = 0 and o.email not like '%.example')`,
      todo: 'Write to the buyer: the order names them.',
    },
    {
      id: 'I45',
      name: 'No event comes more than five minutes before it happened.',
      when: 'always',
      query: (scope) => sql`
        select 'event ' || id subject, format('of %s, received %s', occurred_at, received_at) problem
        from webhook_events where occurred_at > received_at + interval '5 minutes' and ${writtenSince(sql`received_at`, scope)}`,
      todo: 'Set the clock of this machine.',
    },
  ],
}
