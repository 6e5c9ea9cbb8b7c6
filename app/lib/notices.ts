import { withQuery } from './paths'

/**
 * What a page says once after something was done elsewhere. Named by code in the address (`?notice=…`): nothing to
 * keep between two requests, and nobody can put words of their own on our pages by a link.
 */
const NOTICES = {
  'signed-out': 'You are signed out.',
  'account-closed': 'Your account is closed. What named you is removed; a last mail says so.',
  'password-set': 'Your password is set. Sign in with it.',
  'link-made': 'The link is made. Copy it and send it to whoever may want to buy.',
  'link-lifted': 'The link has your rate of today. Purchases from now on earn it.',
  'link-revoked': 'The link is revoked. Nobody can buy through it any more.',
  'listing-saved': 'Saved.',
  'listing-submitted': 'Handed in. An admin looks at it next, and you get a mail.',
  'listing-withdrawn': 'The listing is a draft again.',
  'listing-paused': 'The listing is paused. Nobody can find or buy it.',
  'listing-resumed': 'The listing is live again.',
  'listing-decided': 'Done. The seller gets a mail.',
  'workspace-made': 'The workspace is made.',
  'workspace-imported': 'The workspace is imported.',
  'workspace-saved': 'Saved.',
  'release-made': 'The release is made. Buyers get it from now on, and whoever has a copy gets a mail.',
  'update-taken': 'Taken. You can undo it below.',
  'update-undone': 'Undone: your copy is as it was before. You can take the release again.',
  'page-restored': 'The page shows this version again. What it showed before is in its history.',
  'workspace-deleted': 'The workspace is deleted.',
  'pictures-added': 'Uploaded. Choose them in your pages, or copy their address.',
  'picture-saved': 'Saved.',
  'picture-replaced': 'Replaced, wherever this workspace shows it.',
  'picture-removed': 'Removed from the library. Pages that show it keep it.',
  'withdrawal-requested': 'Your withdrawal is requested.',
  'withdrawal-cancelled': 'The withdrawal is cancelled; the money is available again.',
  'withdrawal-decided': 'Done. The withdrawal has its new state.',
  'batch-made': 'The batch is made. Download it below, pay what is in it, and mark each withdrawal.',
  'withdrawal-first-approved': 'Noted. An amount like this needs a second admin, who approves it too.',
  'tax-details-saved': 'Your tax details are saved.',
  'document-added': 'The document is attached.',
  'program-changed': 'The programme is changed. What counts later stands under “What is to come”.',
  'payout-details-saved': 'Your payout details are saved.',
  'review-asked': 'Asked. An admin looks at it, and you get a mail.',
  'review-answered': 'Answered. They get a mail.',
  'attribution-moved': 'Done. It counts from their next payment on.',
  'notifications-read': 'All are marked as read.',
  'preferences-saved': 'Saved.',
  'profile-saved': 'Saved.',
  'password-changed':
    'Your password is changed. You are signed out everywhere but here, and your API keys have ended.',
  'email-asked': 'Asked. Both addresses get a mail; nothing changes before both have agreed.',
  'email-kept': 'Called off. Your address stays as it is.',
  'second-factor-off': 'The second factor is off. Signing in asks for the password alone.',
  'session-ended': 'That session is signed out.',
  'sessions-ended': 'You are signed out everywhere but here.',
  'key-revoked': 'The key no longer works.',
  'site-added': 'Added. Put its line into its pages.',
  'site-revoked': 'Ended. Its pages record nothing any more.',
  'commission-judged': 'Decided. Who earns it gets a mail.',
  'tracking-chosen': 'Your choice is kept.',
  'affiliate-joined': 'You have joined. An admin looks at it next, and you get a mail.',
  'affiliate-decided': 'Done. The affiliate gets a mail.',
  'funnel-saved': 'The funnel is saved.',
  'funnel-published': 'The funnel is published.',
  'funnel-deleted': 'The funnel is gone.',
  'page-deleted': 'The page is gone.',
  'order-changed': 'The order is changed.',
  'endpoint-changed': 'Saved.',
  'endpoint-removed': 'Nothing is sent there any more.',
  'endpoint-tested': 'A test message is on its way. Load this page again to see what became of it.',
  'endpoint-again': 'The message is on its way again.',
  'payment-counted': 'The payment counts. It is being booked now.',
  'group-made': 'The group is made. Send its invite to whoever should join under its terms.',
  'group-changed': 'The group has other terms from now on, for new customers.',
  'group-opened': 'Done. The invite counts, or no longer does.',
  'group-moved': 'Done. The terms count for their new customers from now on.',
  'leaderboard-set': 'Done. The leaderboard shows it from now on.',
  'material-published': 'Published. Affiliates find it among their materials.',
  'material-withdrawn': 'Withdrawn. Affiliates no longer find it.',
  'code-made': 'The code is made. It counts from now on.',
  'code-ended': 'The code is ended. Checkouts that are open keep their price.',
  'webhook-replayed': 'The event is being processed again.',
  'payment-refunded': 'The refund is asked for. Below is what it has changed so far.',
  'balance-adjusted': 'The balance is adjusted.',
  'statement-issued': 'The statement is issued. It never changes from now on; what you download is it.',
  'providers-swept': 'Done. What the providers had not told us stands below, and is being processed.',
  'plan-cancelled': 'The subscription is cancelled. What you paid for stays to the end of the period.',
  'plan-resumed': 'The subscription goes on.',
  'plan-changed': 'Your plan is changed.',
  'addon-cancelled': 'The add-on is cancelled. It stays to the end of its period.',
  'addon-resumed': 'The add-on goes on.',
  'books-proven': 'Done. What the proof found stands below.',
} as const

export type Notice = keyof typeof NOTICES

/** A path that says something when it is opened. */
export const withNotice = (path: string, notice: Notice): string => withQuery(path, { notice })

/** What is to be said, if anything. */
export const noticeText = (search: URLSearchParams): string | null => {
  const code = search.get('notice')
  return code !== null && Object.hasOwn(NOTICES, code) ? NOTICES[code as Notice] : null
}
