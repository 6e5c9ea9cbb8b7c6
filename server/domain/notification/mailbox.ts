import { desc, eq } from 'drizzle-orm'
import { mails } from '../../../db/schema'
import type { Context } from '../../kit/context'

export interface MailboxMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly links: readonly string[]
  readonly sentAt: string
}

/** Every mail sent while the mailbox stands in for a mail server, newest first, at most 500. */
export const readMailbox = async (ctx: Context): Promise<MailboxMail[]> => {
  const rows = await ctx.db
    .select()
    .from(mails)
    .where(eq(mails.status, 'SENT'))
    .orderBy(desc(mails.sentAt), desc(mails.id))
    .limit(500)
  return rows.map((mail) => ({
    to: mail.to,
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    links: [...(mail.text ?? '').matchAll(/https?:\/\/\S+/g)].map(([link]) => link),
    sentAt: mail.sentAt?.toISOString() ?? '',
  }))
}
