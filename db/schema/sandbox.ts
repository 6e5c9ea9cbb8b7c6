import { bigint, boolean, index, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { moment } from '../columns'

/** What the stand-in for the payment providers remembers: one row per object of their interfaces. */
export const sandboxObjects = pgTable(
  'sandbox_objects',
  {
    id: text('id').primaryKey(),
    provider: text('provider').notNull(),
    /** As in the object's own member: checkout.session, customer, charge, … */
    type: text('type').notNull(),
    body: jsonb('body').$type<Record<string, unknown>>().notNull(),
    seq: bigint('seq', { mode: 'bigint' }).generatedAlwaysAsIdentity(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [index('sandbox_objects_type').on(t.provider, t.type, t.seq)],
)

/** A webhook on its way to the application, retried until it is taken. */
export const sandboxDeliveries = pgTable(
  'sandbox_deliveries',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    provider: text('provider').notNull(),
    eventId: text('event_id').notNull(),
    url: text('url').notNull(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: moment('next_attempt_at'),
    delivered: boolean('delivered').notNull().default(false),
    lastStatus: integer('last_status'),
    /** The fault it met, in words; null: none yet. */
    met: text('met'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('sandbox_deliveries_due').on(t.nextAttemptAt)],
)

/** The first answer to each idempotency key, given again to whoever repeats it. */
export const sandboxIdempotencyKeys = pgTable(
  'sandbox_idempotency_keys',
  {
    provider: text('provider').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status'),
    body: jsonb('body'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.provider, t.key] })],
)
