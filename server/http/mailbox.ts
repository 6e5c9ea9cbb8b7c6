import { type MailboxMail, readMailbox } from '../domain/notification'
import { notFound } from '../kit/errors'
import type { ApiContext } from '../trpc'

/** Whether mails are kept here to be read instead of sent: outside production, without a mail server. */
export const hasMailbox = ({ config }: Pick<ApiContext, 'config'>): boolean =>
  !config.production && config.smtpUrl === null

/** Every mail sent, newest first. @throws DomainError 404 where there is no mailbox. */
export const mailboxMails = async (api: ApiContext): Promise<MailboxMail[]> => {
  if (!hasMailbox(api)) throw notFound('NOT_FOUND', 'There is nothing here.')
  return readMailbox(api)
}
