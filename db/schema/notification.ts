import { index, jsonb, pgEnum, pgTable, text } from 'drizzle-orm/pg-core'
import { id, moment } from '../columns'

export const mailStatusEnum = pgEnum('mail_status', ['QUEUED', 'SENT', 'DEAD'])

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
