import { index, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { id, moment } from '../columns'

/** Who did what to what, and how it was before and after. Append-only; written in the transaction of what it records. */
export const activityLog = pgTable(
  'activity_log',
  {
    id: id(),
    organizationId: uuid('organization_id'),
    /** Who acted; null for a job or a webhook. */
    userId: uuid('user_id'),
    /** user, admin, job, webhook, visitor. */
    actorKind: text('actor_kind').notNull(),
    /** Such as user_registered, link_created, sale_fulfilled. */
    action: text('action').notNull(),
    description: text('description').notNull(),
    subjectType: text('subject_type'),
    subjectId: text('subject_id'),
    before: jsonb('before'),
    after: jsonb('after'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('activity_log_organization').on(t.organizationId, t.createdAt, t.id),
    index('activity_log_subject').on(t.subjectType, t.subjectId),
  ],
)
