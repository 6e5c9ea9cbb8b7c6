import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, id, moment } from '../columns'

export const webhookStatusEnum = pgEnum('webhook_status', [
  'RECEIVED',
  'PROCESSED',
  'IGNORED',
  'QUARANTINED',
  'DEAD',
])

/** The inbox: what a provider told us, word for word, and what became of it. */
export const webhookEvents = pgTable(
  'webhook_events',
  {
    id: id(),
    provider: text('provider').notNull(),
    eventId: text('event_id').notNull(),
    type: text('type').notNull(),
    apiVersion: text('api_version'),
    livemode: boolean('livemode').notNull(),
    status: webhookStatusEnum('status').notNull().default('RECEIVED'),
    /** The body as it came. */
    body: text('body').notNull(),
    bodySha256: bytea('body_sha256').notNull(),
    /** What it did, or why it did nothing. */
    outcome: text('outcome'),
    /** The moment the provider made it. */
    occurredAt: moment('occurred_at').notNull(),
    receivedAt: moment('received_at').notNull(),
    processedAt: moment('processed_at'),
  },
  (t) => [
    unique('webhook_events_once').on(t.provider, t.eventId),
    index('webhook_events_status').on(t.status, t.receivedAt.desc(), t.id.desc()),
  ],
)

/**
 * Work to do after a commit: claimed in batches under a lease measured by the database's clock, so a killed worker's
 * job is taken up by another, and a worker that comes back late finds its lease gone.
 */
export const jobs = pgTable(
  'jobs',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text('kind').notNull(),
    /** One job per key, while it is there. */
    key: text('key').notNull().unique(),
    payload: jsonb('payload').$type<Record<string, unknown>>().notNull(),
    runAt: moment('run_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    leaseToken: uuid('lease_token'),
    leasedUntil: moment('leased_until'),
    /** Set after the last attempt: nothing runs it any more but an admin's replay. */
    deadAt: moment('dead_at'),
    lastError: text('last_error'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('jobs_due').on(t.runAt, t.id).where(sql`${t.deadAt} is null`)],
)
