import { sql } from 'drizzle-orm'
import { check, index, integer, jsonb, numeric, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { bytea, id, moment } from '../columns'
import { affiliates, type ClickOrigin } from './affiliate'
import { users } from './identity'

/** A site outside this application whose pages record clicks. */
export const trackingSites = pgTable(
  'tracking_sites',
  {
    id: id(),
    name: text('name').notNull(),
    /** Stands in the site's pages for all to read; it counts from the site's own origins only. */
    publicKey: text('public_key').notNull().unique(),
    /** As a browser names them: https://shop.example */
    origins: text('origins').array().notNull(),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => users.id),
    createdAt: moment('created_at').notNull(),
    revokedAt: moment('revoked_at'),
  },
  (t) => [check('tracking_sites_origins', sql`cardinality(${t.origins}) between 1 and 20`)],
)

/**
 * Somebody who came through an affiliate and signed up at a site outside: who referred them is fixed, under the terms of
 * that moment. Whoever opens an account here is attributed by it, and the row goes.
 */
export const signUpsElsewhere = pgTable(
  'sign_ups_elsewhere',
  {
    id: id(),
    /** Keyed hash of their mailbox: to be recognized by, not to write to. */
    mailbox: bytea('mailbox').notNull().unique(),
    affiliateId: uuid('affiliate_id')
      .notNull()
      .references(() => affiliates.id),
    ratePercentage: numeric('rate_percentage', { precision: 5, scale: 2 }).notNull(),
    holdDays: integer('hold_days').notNull(),
    code: text('code').notNull(),
    clickedAt: moment('clicked_at').notNull(),
    origin: jsonb('origin').$type<ClickOrigin>(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('sign_ups_elsewhere_affiliate').on(t.affiliateId, t.createdAt)],
)
