import { createTransport } from 'nodemailer'
import type { MailTransport } from '../../kit/ports'

/**
 * Hands mails to an SMTP server.
 * @param from as in a From header: Name <address>
 */
export const createSmtpTransport = (smtpUrl: string, from: string): MailTransport => {
  // Milliseconds; in the address, where the library reads them together with host and account.
  const address = new URL(smtpUrl)
  for (const [name, value] of Object.entries(TIMEOUTS)) address.searchParams.set(name, String(value))
  const smtp = createTransport(address.href)
  return {
    kind: 'smtp',
    send: async (mail) => {
      await smtp.sendMail({
        from,
        // As an object: a string would be parsed for more than one recipient.
        to: { name: mail.to.name, address: mail.to.address },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: mail.messageId,
        disableFileAccess: true,
        disableUrlAccess: true,
      })
    },
  }
}

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

/** Nothing leaves: the outbox keeps what was written, for the mailbox page. */
export const createMailbox = (): MailTransport => ({ kind: 'mailbox', send: async () => {} })
