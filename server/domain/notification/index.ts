export { type MailboxMail, readMailbox } from './mailbox'
export { giveUpMail, sendMail } from './send-mail'
