import { createTransport } from 'nodemailer'
import { MailBouncedError, type MailTransport } from '../../kit/ports'

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
      const sent = smtp.sendMail({
        from,
        // As an object: a string would be parsed for more than one recipient.
        to: { name: mail.to.name, address: mail.to.address },
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        messageId: mail.messageId,
        disableFileAccess: true,
        disableUrlAccess: true,
        ...(mail.unsubscribeUrl === undefined
          ? {}
          : {
              headers: {
                'List-Unsubscribe': `<${mail.unsubscribeUrl}>`,
                'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
              },
            }),
      })
      await sent.catch((error: unknown) => {
        throw bounced(error) ?? error
      })
    },
  }
}

/** Refused for good and because of whom it is to; what is refused because of us, or for now, is tried again. */
const bounced = (error: unknown): MailBouncedError | null => {
  const { code, command, responseCode } = error as { code?: string; command?: string; responseCode?: number }
  const isOfRecipient = code === 'EENVELOPE' && (command === undefined || command === 'RCPT TO')
  return isOfRecipient && [550, 551, 553].includes(responseCode ?? 0)
    ? new MailBouncedError(String(responseCode))
    : null
}

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }

/** Nothing leaves: the outbox keeps what was written, for the mailbox page. */
export const createMailbox = (): MailTransport => ({ kind: 'mailbox', send: async () => {} })
