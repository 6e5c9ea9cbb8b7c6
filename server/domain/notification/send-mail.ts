import { and, eq } from 'drizzle-orm'
import { mails, users } from '../../../db/schema'
import { closedAddress } from '../../kit/closed-accounts'
import { type Context, inTransaction } from '../../kit/context'
import { mailedToken, sha256 } from '../../kit/crypto'
import { enqueueMail, type MailTemplates } from '../../kit/queue'
import { layOut } from './layout'
import { type MailText, templates } from './templates'

/**
 * Writes and sends one mail of the outbox. Sent again after a crash in between, it carries the same Message-ID.
 * @throws Error when the mail server did not take it; the job tries again.
 */
export const sendMail = async (ctx: Context, mailId: string): Promise<void> => {
  const mail = await ctx.db.query.mails.findFirst({ where: eq(mails.id, mailId) })
  if (mail === undefined || mail.status !== 'QUEUED') return
  const words = write(ctx, mail.template as keyof MailTemplates, mail.data)
  const { text, html } = layOut(words)
  const user = await ctx.db.query.users.findFirst({ where: eq(users.email, mail.to) })
  await ctx.outside.mail.send({
    messageId: `<${sha256(mail.key).toString('hex').slice(0, 32)}@${new URL(ctx.config.appUrl).hostname}>`,
    to: { name: user === undefined ? '' : `${user.firstName} ${user.lastName}`, address: mail.to },
    subject: words.subject,
    text,
    html,
  })
  const kept = ctx.outside.mail.kind === 'mailbox' ? { subject: words.subject, text, html } : {}
  await ctx.db
    .update(mails)
    .set({ status: 'SENT', sentAt: ctx.now(), ...kept, ...lastAddress(mail) })
    .where(and(eq(mails.id, mail.id), eq(mails.status, 'QUEUED')))
}

/** The address of a closed account is kept until the mail that says so is sent, and no longer. */
const lastAddress = ({ id, template }: { id: string; template: string }): { to?: string } =>
  template === 'account-closed' ? { to: closedAddress(id) } : {}

/** After the last attempt: nobody gets it, and the admin is told once. */
export const giveUpMail = async (ctx: Context, mailId: string): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const [mail] = await tx.db
      .update(mails)
      .set({ status: 'DEAD' })
      .where(and(eq(mails.id, mailId), eq(mails.status, 'QUEUED')))
      .returning()
    if (mail?.template === 'account-closed')
      await tx.db.update(mails).set(lastAddress(mail)).where(eq(mails.id, mail.id))
    if (mail === undefined || mail.template === 'admin-alert' || tx.config.admin === null) return
    await enqueueMail(tx, {
      key: `alert:mail:${mail.id}`,
      to: tx.config.admin.email,
      template: 'admin-alert',
      data: {
        title: 'A mail could not be sent',
        text: `The mail “${mail.template}” to ${lastAddress(mail).to ?? mail.to} was given up after a day of attempts. Check the mail server, then send it again.`,
      },
    })
  })

const write = <T extends keyof MailTemplates>(ctx: Context, name: T, data: unknown): MailText =>
  templates[name](data as MailTemplates[T], {
    appUrl: ctx.config.appUrl,
    token: (tokenId) => mailedToken(ctx.config.appSecret, tokenId),
  })
