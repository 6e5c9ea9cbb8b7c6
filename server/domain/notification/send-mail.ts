import { and, eq } from 'drizzle-orm'
import { bouncedAddresses, mails, users } from '../../../db/schema'
import { closedAddress } from '../../kit/closed-accounts'
import { type Context, inTransaction } from '../../kit/context'
import { mailedToken, sha256 } from '../../kit/crypto'
import { NOTIFICATION_KINDS, type NotificationKind } from '../../kit/notification-kinds'
import { MailBouncedError, type OutgoingMail } from '../../kit/ports'
import { enqueueMail, KIND_OF, type MailTemplates } from '../../kit/queue'
import { layOut } from './layout'
import { unsubscribeToken } from './preferences'
import { type MailText, templates } from './templates'

/**
 * Writes and sends one mail of the outbox. Sent again after a crash in between, it carries the same Message-ID.
 * @throws Error when the mail server did not take it; the job tries again.
 */
export const sendMail = async (ctx: Context, mailId: string): Promise<void> => {
  const mail = await ctx.db.query.mails.findFirst({ where: eq(mails.id, mailId) })
  if (mail === undefined || mail.status !== 'QUEUED') return
  const words = write(ctx, mail.template as keyof MailTemplates, mail.data)
  const user = await ctx.db.query.users.findFirst({ where: eq(users.email, mail.to) })
  const kind = KIND_OF[mail.template as keyof MailTemplates]
  // Links that somebody asked for themselves are tried in any case: they may have mended their mailbox.
  if (kind !== 'account' && (await hasBounced(ctx, mail.to))) return bury(ctx, mail.id)
  const footer = user === undefined ? undefined : footerOf(ctx, user.id, kind)
  const { text, html } = layOut(words, footer)
  const sent = await handOver(ctx, {
    messageId: `<${sha256(mail.key).toString('hex').slice(0, 32)}@${new URL(ctx.config.appUrl).hostname}>`,
    to: { name: user === undefined ? '' : `${user.firstName} ${user.lastName}`, address: mail.to },
    subject: words.subject,
    text,
    html,
    ...(footer === undefined ? {} : { unsubscribeUrl: footer.unsubscribeUrl }),
  })
  if (!sent) return bury(ctx, mail.id)
  const kept = ctx.outside.mail.kind === 'mailbox' ? { subject: words.subject, text, html } : {}
  await ctx.db
    .update(mails)
    .set({ status: 'SENT', sentAt: ctx.now(), ...kept, ...lastAddress(mail) })
    .where(and(eq(mails.id, mail.id), eq(mails.status, 'QUEUED')))
}

/** What may be switched off says how. */
const footerOf = (ctx: Context, userId: string, name: NotificationKind) => {
  const { label, switchable } = NOTIFICATION_KINDS[name]
  if (!switchable) return undefined
  const token = unsubscribeToken(ctx, userId, name)
  return {
    about: `You get this as one of your mails about: ${label}.`,
    unsubscribeUrl: `${ctx.config.appUrl}/unsubscribe?token=${token}`,
  }
}

const hasBounced = async (ctx: Context, email: string): Promise<boolean> =>
  (await ctx.db.$count(bouncedAddresses, eq(bouncedAddresses.email, email))) > 0

/** False: the address takes no mails, which is noted. One that took this takes others too. */
const handOver = async (ctx: Context, mail: OutgoingMail): Promise<boolean> => {
  const email = mail.to.address
  try {
    await ctx.outside.mail.send(mail)
    if (await hasBounced(ctx, email))
      await ctx.db.delete(bouncedAddresses).where(eq(bouncedAddresses.email, email))
    return true
  } catch (error) {
    if (!(error instanceof MailBouncedError)) throw error
    const { code } = error
    await ctx.db
      .insert(bouncedAddresses)
      .values({ email, code, bouncedAt: ctx.now() })
      .onConflictDoUpdate({ target: bouncedAddresses.email, set: { code, bouncedAt: ctx.now() } })
    return false
  }
}

/** Nobody gets it. */
const bury = async (ctx: Context, mailId: string): Promise<void> => {
  const [mail] = await ctx.db
    .update(mails)
    .set({ status: 'DEAD' })
    .where(and(eq(mails.id, mailId), eq(mails.status, 'QUEUED')))
    .returning()
  if (mail?.template === 'account-closed')
    await ctx.db.update(mails).set(lastAddress(mail)).where(eq(mails.id, mail.id))
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
