import { sql } from 'drizzle-orm'
import { check, index, integer, pgEnum, pgTable, text, unique, uuid } from 'drizzle-orm/pg-core'
import { bytea, id, moment } from '../columns'
import { users } from './identity'

export const endpointStatusEnum = pgEnum('endpoint_status', ['ACTIVE', 'OFF'])

/** Where a user has what concerns them announced to a program of theirs, signed. */
export const endpoints = pgTable(
  'endpoints',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    url: text('url').notNull(),
    /** Which announcements go there. */
    kinds: text('kinds').array().notNull(),
    status: endpointStatusEnum('status').notNull().default('ACTIVE'),
    /** The secret its messages are signed with, sealed. */
    secret: bytea('secret').notNull(),
    /** The one before it, which signs beside it until then. */
    formerSecret: bytea('former_secret'),
    formerUntil: moment('former_until'),
    /** Since when nothing was taken; null: the last one was. */
    failingSince: moment('failing_since'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('endpoints_user').on(t.userId, t.createdAt, t.id),
    check('endpoints_kinds', sql`cardinality(${t.kinds}) > 0`),
    check('endpoints_former', sql`(${t.formerSecret} is null) = (${t.formerUntil} is null)`),
  ],
)

export const deliveryStatusEnum = pgEnum('endpoint_delivery_status', ['QUEUED', 'DELIVERED', 'FAILED'])

/** One message for one endpoint, written in the transaction of what it announces, posted by a job. */
export const endpointDeliveries = pgTable(
  'endpoint_deliveries',
  {
    /** The message's id, the same with every try. */
    id: id(),
    endpointId: uuid('endpoint_id')
      .notNull()
      .references(() => endpoints.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    /** Says what is announced there once. */
    key: text('key').notNull(),
    /** Word for word what is posted. */
    body: text('body').notNull(),
    status: deliveryStatusEnum('status').notNull().default('QUEUED'),
    attempts: integer('attempts').notNull().default(0),
    /** What the last try was answered with; null: nothing, then `problem` says why. */
    answer: integer('answer'),
    problem: text('problem'),
    nextAt: moment('next_at'),
    deliveredAt: moment('delivered_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    unique('endpoint_deliveries_once').on(t.endpointId, t.key),
    index('endpoint_deliveries_log').on(t.endpointId, t.createdAt, t.id),
    index('endpoint_deliveries_old').on(t.createdAt),
  ],
)
