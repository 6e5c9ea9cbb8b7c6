import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { bytea, moment } from '../columns'

/**
 * A picture that is in the store, once per distinct content, whoever uploaded it. Whatever shows it points here by a
 * foreign key; one that nothing points at is removed some time later. Nothing outside may learn whether a hash exists.
 */
export const pictureFiles = pgTable(
  'picture_files',
  {
    /** Keyed SHA-256 of the re-encoded picture: part of its address, and no way to ask whether we have somebody's file. */
    hash: bytea('hash').primaryKey(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    /** Of the full size. */
    bytes: integer('bytes').notNull(),
    /** When the job last found somebody who shows it; looked at in this order. */
    seenAt: moment('seen_at').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    check('picture_files_sha256', sql`octet_length(${t.hash}) = 32`),
    check('picture_files_size', sql`${t.width} > 0 and ${t.height} > 0 and ${t.bytes} > 0`),
    index('picture_files_seen').on(t.seenAt),
  ],
)

/**
 * Files that may be in the store without a row: written down before a file is, and before a row is removed, so that no
 * crash leaves a file that nobody knows of.
 */
export const pictureLeftovers = pgTable(
  'picture_leftovers',
  {
    hash: bytea('hash').primaryKey(),
    /** The names of its files in the store, separated by spaces. */
    names: text('names').notNull(),
    since: moment('since').notNull(),
  },
  (t) => [index('picture_leftovers_since').on(t.since)],
)
