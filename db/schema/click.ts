import { sql } from 'drizzle-orm'
import { bigint, boolean, date, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { bytea, moment } from '../columns'
import { affiliateLinks, affiliates } from './affiliate'

/** Where a click came from and where it led; empty where nothing was said. */
const origin = {
  source: text('source').notNull(),
  medium: text('medium').notNull(),
  campaign: text('campaign').notNull(),
  landingPage: text('landing_page').notNull(),
}

/**
 * A visit through an affiliate's link: one for each visitor and day. Partitioned by month of `day` (the migrations make
 * the partitions, a job keeps them ahead), so that old ones go by dropping a table.
 */
export const clicks = pgTable(
  'clicks',
  {
    /** In UTC: the day for which the visitor's hash holds. */
    day: date('day').notNull(),
    affiliateId: uuid('affiliate_id')
      .notNull()
      .references(() => affiliates.id),
    /** Address and browser, hashed under a key of that day: nobody can be followed into the next. */
    visitor: bytea('visitor').notNull(),
    clickedAt: moment('clicked_at').notNull(),
    ...origin,
    /** It came with the mark of an advertisement in a search engine. */
    paidSearch: boolean('paid_search').notNull().default(false),
    /** The transaction that wrote it, by which the roll-up tells what it has counted. */
    xid: bigint('xid', { mode: 'bigint' }).notNull().default(sql`pg_current_xact_id()::text::bigint`),
  },
  (t) => [
    primaryKey({ columns: [t.day, t.affiliateId, t.visitor] }),
    /** What is not rolled up yet, of one affiliate. */
    index('clicks_recent').on(t.affiliateId, t.xid),
    index('clicks_xid').using('brin', t.xid).with({ pages_per_range: 16, autosummarize: true }),
  ],
)

/** Clicks by quarter of an hour: no zone's day begins in the middle of one. */
export const clickQuarters = pgTable(
  'click_quarters',
  {
    affiliateId: uuid('affiliate_id').notNull(),
    quarter: moment('quarter').notNull(),
    ...origin,
    clicks: integer('clicks').notNull(),
  },
  (t) => [primaryKey({ columns: [t.affiliateId, t.quarter, t.source, t.medium, t.campaign, t.landingPage] })],
)

/** Clicks by day in UTC: the whole days within a period are read here, its ends from the quarters. */
export const clickDays = pgTable(
  'click_days',
  {
    affiliateId: uuid('affiliate_id').notNull(),
    day: date('day').notNull(),
    ...origin,
    clicks: bigint('clicks', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.affiliateId, t.day, t.source, t.medium, t.campaign, t.landingPage] })],
)

/**
 * How far the clicks are rolled up: everything of transactions before this one. A single row. The numbers are those of
 * one cluster; restored into another they mean nothing there, so whose they are stands beside them.
 */
export const clickRollup = pgTable('click_rollup', {
  id: integer('id').primaryKey(),
  upto: bigint('upto', { mode: 'bigint' }).notNull(),
  /** The cluster's system identifier; null: not known, so all that is kept is counted anew. */
  cluster: text('cluster'),
  /** What is added to this cluster's transaction ids, so that they come after those of the clusters before it. */
  shift: bigint('shift', { mode: 'bigint' }).notNull().default(sql`0`),
})

/** How often a seller's link was opened, each visitor once a day. Counted up, never down. */
export const linkClicks = pgTable('link_clicks', {
  linkId: uuid('link_id')
    .primaryKey()
    .references(() => affiliateLinks.id),
  clicks: bigint('clicks', { mode: 'number' }).notNull(),
})

/** Who opened a seller's link today, so that a repeat counts nothing. A job clears the days that are over. */
export const linkClickVisitors = pgTable(
  'link_click_visitors',
  {
    /** In UTC: the day for which the visitor's hash holds. */
    day: date('day').notNull(),
    linkId: uuid('link_id')
      .notNull()
      .references(() => affiliateLinks.id),
    /** As of `clicks`. */
    visitor: bytea('visitor').notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.linkId, t.visitor] })],
)
