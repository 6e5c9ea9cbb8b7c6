import { sql } from 'drizzle-orm'
import { check, index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { id, moment } from '../columns'
import { users } from './identity'

/**
 * The programme's settings, each with the moment from which it counts. Nothing is changed, only added: what counted at
 * any moment can be told. Where there is no row, the environment's value counts.
 */
export const programSettings = pgTable(
  'program_settings',
  {
    id: id(),
    name: text('name').notNull(),
    /** As the setting's schema wants it. */
    value: jsonb('value').$type<unknown>().notNull(),
    effectiveFrom: moment('effective_from').notNull(),
    reason: text('reason').notNull().default(''),
    changedBy: uuid('changed_by')
      .notNull()
      .references(() => users.id),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('program_settings_name').on(t.name, t.effectiveFrom, t.createdAt, t.id),
    /** What has counted is never rewritten. */
    check('program_settings_not_before', sql`${t.effectiveFrom} >= ${t.createdAt}`),
  ],
)
