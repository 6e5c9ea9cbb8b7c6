import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, currencyCode, id, minorUnits, moment } from '../columns'
import { providerModeEnum } from './enums'

export const webhookStatusEnum = pgEnum('webhook_status', [
  'RECEIVED',
  'PROCESSED',
  'IGNORED',
  'QUARANTINED',
  'DEAD',
])

/** One sweep: a provider was asked for what the inbox should have. */
export const reconciliationRuns = pgTable(
  'reconciliation_runs',
  {
    id: id(),
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    /** Asked for what was made between these moments. */
    since: moment('since').notNull(),
    upto: moment('upto').notNull(),
    startedAt: moment('started_at').notNull(),
    /** Null: under way, or ended before its time. */
    finishedAt: moment('finished_at'),
    /** How many of each were looked at: { events, charges, payouts, subscriptions, orders }. */
    checked: jsonb('checked').$type<Record<string, number>>().notNull().default({}),
    /** How many of them the inbox did not have. */
    found: integer('found').notNull().default(0),
    /** Why it ended before its time. */
    error: text('error'),
  },
  (t) => [index('reconciliation_runs_latest').on(t.provider, t.mode, t.startedAt, t.id)],
)

/** Up to when everything a provider lists was looked at. It only moves on. */
export const reconciliationCheckpoints = pgTable(
  'reconciliation_checkpoints',
  {
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    upto: moment('upto').notNull(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.mode] })],
)

/** A day (UTC) of a provider's charges in one currency beside what the books have of them, in minor units. */
export const reconciliationDays = pgTable(
  'reconciliation_days',
  {
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    day: date('day').notNull(),
    currency: currencyCode().notNull(),
    charges: integer('charges').notNull(),
    providerCharged: minorUnits('provider_charged').notNull(),
    bookedCharged: minorUnits('booked_charged').notNull(),
    providerRefunded: minorUnits('provider_refunded').notNull(),
    bookedRefunded: minorUnits('booked_refunded').notNull(),
    /** What differs, charge by charge. */
    differences: jsonb('differences').$type<Difference[]>().notNull().default([]),
    checkedAt: moment('checked_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.mode, t.day, t.currency] })],
)

interface Difference {
  readonly kind: 'NOT_BOOKED' | 'NOT_THERE' | 'AMOUNT' | 'REFUNDED'
  /** The provider's name of the charge. */
  readonly charge: string
  readonly paymentId: string | null
  /** Minor units of the row's currency. */
  readonly there: number
  readonly here: number
}

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
    /** The first event of the same name, where nothing but the name tells them apart: the bell was rung again. */
    repeatOf: uuid('repeat_of').references((): AnyPgColumn => webhookEvents.id),
    /** An admin said that what it tells, though paid past the provider, counts; the audit log says who and why. */
    countedAt: moment('counted_at'),
    /** The sweep that found it; null: the provider told it itself. */
    runId: uuid('run_id').references(() => reconciliationRuns.id),
  },
  (t) => [
    unique('webhook_events_once').on(t.provider, t.eventId),
    index('webhook_events_status').on(t.status, t.receivedAt, t.id),
    index('webhook_events_repeat').on(t.repeatOf).where(sql`${t.repeatOf} is not null`),
    index('webhook_events_run').on(t.runId).where(sql`${t.runId} is not null`),
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
