import { sql } from 'drizzle-orm'
import { boolean, index, jsonb, pgEnum, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { id, moment } from '../columns'
import { users } from './identity'

/** OFF: its owner wants no such mail. DIGEST: it waits for the next digest, which makes it OFF. */
export const mailStatusEnum = pgEnum('mail_status', ['QUEUED', 'SENT', 'DEAD', 'OFF', 'DIGEST'])

/**
 * The outbox: written in the transaction of what it tells about, sent by a job. Holds names and ids, never a token;
 * subject and text are kept only where the mailbox page stands in for a mail server.
 */
export const mails = pgTable(
  'mails',
  {
    id: id(),
    /** Says what is told to whom once: sale:PAYMENT:seller. Becomes the Message-ID. */
    key: text('key').notNull().unique(),
    status: mailStatusEnum('status').notNull().default('QUEUED'),
    to: text('to_address').notNull(),
    template: text('template').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    subject: text('subject'),
    text: text('text'),
    html: text('html'),
    createdAt: moment('created_at').notNull(),
    sentAt: moment('sent_at'),
  },
  (t) => [index('mails_sent').on(t.sentAt, t.id)],
)

/** What somebody is told of in the application: a mail of the outbox to them, whether it is mailed or not. */
export const notifications = pgTable(
  'notifications',
  {
    /** The mail's id: words and link are made of it when they are shown. */
    id: uuid('id')
      .primaryKey()
      .references(() => mails.id, { onDelete: 'cascade' }),
    /** No reference: telling somebody does not wait for who holds their account. */
    userId: uuid('user_id').notNull(),
    /** As in `NOTIFICATION_KINDS`. */
    kind: text('kind').notNull(),
    readAt: moment('read_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('notifications_user').on(t.userId, t.createdAt, t.id),
    index('notifications_unread').on(t.userId).where(sql`${t.readAt} is null`),
  ],
)

/** How mails of a kind reach their owner. */
export const mailRhythmEnum = pgEnum('mail_rhythm', ['NOW', 'DAILY', 'OFF'])

/** What somebody wants otherwise than everybody: without a row, in the application and by mail at once. */
export const notificationPreferences = pgTable(
  'notification_preferences',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: text('kind').notNull(),
    inApp: boolean('in_app').notNull(),
    mail: mailRhythmEnum('mail').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.kind] })],
)

/** Addresses whose mail server refused a mail for good: nothing more is sent there until its owner says so. */
export const bouncedAddresses = pgTable('bounced_addresses', {
  /** Lower case. */
  email: text('email').primaryKey(),
  /** The server's answer, such as 550. */
  code: text('code').notNull(),
  bouncedAt: moment('bounced_at').notNull(),
})
