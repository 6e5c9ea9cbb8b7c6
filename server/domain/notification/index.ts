export { type MailboxMail, readMailbox } from './mailbox'
export { countUnread, listNotifications, markRead } from './notifications'
export {
  preferencesView,
  readUnsubscribe,
  setPreferences,
  tryAddressAgain,
  unsubscribe,
} from './preferences'
export { sendDigests } from './send-digests'
export { giveUpMail, sendMail } from './send-mail'
