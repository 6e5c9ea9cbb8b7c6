import { type AppLoadContext, json } from '@remix-run/node'
import { type MailboxMail, readMailbox } from '../../server/domain/notification'

/** Whether this installation keeps its mails to be read here: outside production, without a mail server. */
export const hasMailbox = ({ api }: AppLoadContext): boolean =>
  !api.config.production && api.config.smtpUrl === null

/** Every mail sent, newest first. @throws Response 404 where there is no mailbox. */
export const mailsOf = async (context: AppLoadContext): Promise<MailboxMail[]> => {
  if (!hasMailbox(context))
    throw json({ code: 'NOT_FOUND', message: 'There is nothing here.' }, { status: 404 })
  return readMailbox(context.api)
}
