import type { AppLoadContext } from '@remix-run/node'
import * as mailbox from '../../server/http/mailbox'
import { load } from './api.server'

/** Whether mails are kept here to be read instead of sent. */
export const hasMailbox = ({ api }: AppLoadContext): boolean => mailbox.hasMailbox(api)

/** Every mail sent, newest first. @throws Response 404 where there is no mailbox. */
export const mailsOf = (asked: { readonly request: Request; readonly context: AppLoadContext }) =>
  load(asked, () => mailbox.mailboxMails(asked.context.api))
