import { currencyExponent } from '../../kit/money'
import type { MailTemplates } from '../../kit/queue'

/** A mail's words, before they are laid out. */
export interface MailText {
  readonly subject: string
  readonly greeting: string
  readonly paragraphs: readonly string[]
  /** Label and value, one a line: a receipt, a report. */
  readonly facts?: readonly (readonly [string, string])[]
  readonly action?: { readonly label: string; readonly url: string }
  /** After the action: what else may be done, why it came. */
  readonly after?: readonly string[]
}

export interface Links {
  /** Without a trailing slash. */
  readonly appUrl: string
  /** The token of a mailed link, by its row's id. */
  readonly token: (tokenId: string) => string
}

type Templates = { readonly [T in keyof MailTemplates]: (data: MailTemplates[T], links: Links) => MailText }

export const templates: Templates = {
  'verify-email': ({ firstName, tokenId }, { appUrl, token }) => ({
    subject: 'Confirm your e-mail address',
    greeting: `Hello ${firstName},`,
    paragraphs: ['welcome to Offshoot. Confirm that this address is yours, and you can sign in.'],
    action: { label: 'Confirm this address', url: `${appUrl}/api/auth/verify-email?token=${token(tokenId)}` },
    after: [
      'The link works for 24 hours. If you did not sign up, nothing happens when you ignore this mail.',
    ],
  }),
  'address-taken': ({ firstName }, { appUrl }) => ({
    subject: 'You already have an account',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      'somebody, probably you, signed up with this address again. You have an account already, and nothing about it has changed.',
    ],
    action: { label: 'Sign in', url: `${appUrl}/auth/sign-in` },
    after: [`Forgotten the password? Set a new one: ${appUrl}/auth/forgot-password`],
  }),
  'reset-password': ({ firstName, tokenId }, { appUrl, token }) => ({
    subject: 'Set a new password',
    greeting: `Hello ${firstName},`,
    paragraphs: ['here is the link to set a new password for your account.'],
    action: { label: 'Set a new password', url: `${appUrl}/auth/reset-password?token=${token(tokenId)}` },
    after: [
      'The link works once, within 60 minutes. If you did not ask for it, ignore this mail: your password stays as it is.',
    ],
  }),
  'password-changed': ({ firstName }, { appUrl }) => ({
    subject: 'Your password was changed',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      'the password of your account was just changed, and every session was signed out. If that was you, all is well.',
    ],
    action: { label: 'It was not me', url: `${appUrl}/auth/forgot-password` },
  }),
  'email-change': ({ firstName, tokenId, side, other }, { appUrl, token }) => ({
    subject: side === 'old' ? 'May your account move to another address?' : 'Confirm your new e-mail address',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      side === 'old'
        ? `somebody, probably you, asked to move your account to ${other}. Nothing changes before both addresses have agreed.`
        : `your account is to move here from ${other}. Nothing changes before both addresses have agreed.`,
    ],
    action: {
      label: side === 'old' ? 'Agree, or stop it' : 'Confirm this address',
      url: `${appUrl}/auth/change-email?token=${token(tokenId)}`,
    },
    after: [
      side === 'old'
        ? 'The link works for 24 hours. If that was not you, stop it there, and set a new password: whoever asked knows yours.'
        : 'The link works once, within 24 hours. If you know nothing of it, nothing happens when you ignore this mail.',
    ],
  }),
  'email-changed': ({ firstName, email }, { appUrl }) => ({
    subject: 'Your account has a new e-mail address',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      `both addresses have agreed: from now on your account is that of ${email}. Sign in with it.`,
    ],
    action: { label: 'See your settings', url: `${appUrl}/settings` },
  }),
  'second-factor-changed': ({ firstName, what, left }, { appUrl }) => ({
    ...SECOND_FACTOR[what](left ?? 0),
    greeting: `Hello ${firstName},`,
    action: { label: 'See your security settings', url: `${appUrl}/settings/security` },
    after: [
      `If that was not you, somebody knows your password: set a new one at once (${appUrl}/auth/forgot-password).`,
    ],
  }),
  'second-factor-tries': ({ firstName }, { appUrl }) => ({
    subject: 'Somebody tries to sign in to your account',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      'somebody gave your right password and then wrong codes, again and again. Nobody got in, and for ten minutes no code is taken; a recovery code still works.',
    ],
    action: { label: 'It was not me: set a new password', url: `${appUrl}/auth/forgot-password` },
  }),
  'new-device': ({ firstName, device, at }, { appUrl }) => ({
    subject: 'A sign-in from a new device',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      'somebody, probably you, signed in to your account from a kind of device it had not seen before.',
    ],
    facts: [
      ['Device', device],
      ['When', day(at)],
    ],
    action: { label: 'See where you are signed in', url: `${appUrl}/settings/security` },
    after: [
      `If that was not you, set a new password, which signs everybody out: ${appUrl}/auth/forgot-password`,
    ],
  }),
  'purchase-ready': (data, { appUrl, token }) => ({
    subject: `Your copy of ${data.workspaceName} is ready`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      `thank you for your purchase. Your own, independent copy of “${data.workspaceName}” is waiting for you.`,
      ...(data.tokenId !== null && data.existingAccount
        ? ['It is in the account that this address already has. Confirm the address by setting a password.']
        : []),
      ...(data.tokenId === null
        ? ['It is in the account that this address already has; your password is unchanged.']
        : []),
    ],
    facts: [
      ['Paid', money(data.amount, data.currency)],
      ['On', day(data.paidAt)],
      ['To', data.sellerName],
      ['Order', data.orderId],
      ['Copied', `${count(data.funnels, 'funnel')}, ${count(data.pages, 'page')}, themes and role templates`],
      ['Reset', 'address, members, visit counts, tracking ids and passwords: the copy is yours alone'],
      ['Needs your input', data.needsInput.length === 0 ? 'nothing' : data.needsInput.join('; ')],
    ],
    action:
      data.tokenId === null
        ? { label: 'Open your workspace', url: `${appUrl}/workspaces/${data.workspacePublicId}` }
        : {
            label: 'Open your workspace',
            url: `${appUrl}/auth/reset-password?token=${token(data.tokenId)}`,
          },
    after:
      data.tokenId === null
        ? []
        : [
            'The link works once, within 7 days: it lets you set a password and opens the copy. This mail is your receipt.',
          ],
  }),
  'workspace-sold': (data, { appUrl }) => ({
    subject: `You sold a copy of ${data.workspaceName}`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [`${data.buyerName} bought a copy of “${data.workspaceName}”. Your original is untouched.`],
    facts: [
      ['Paid', money(data.amount, data.currency)],
      ['On', day(data.paidAt)],
      ['You earned', money(data.commission, data.currency)],
      [
        'State',
        {
          CREDITED: 'credited to your balance',
          PENDING: 'pending until the hold is over',
          NONE: 'nothing is earned on this payment',
        }[data.commissionStatus],
      ],
    ],
    action: { label: 'See your sales', url: `${appUrl}/sales` },
  }),
  'release-available': (data, { appUrl }) => ({
    subject: `There is a new version of ${data.workspaceName}`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      `${data.sellerName || 'The seller'} released “${data.label}” of the workspace that your copy “${data.workspaceName}” was made of.`,
      ...(data.notes === '' ? [] : [`What they say about it: ${data.notes}`]),
      'Your copy has not changed. See what is new page by page, and take what you like; what you changed yourself stays unless you decide otherwise.',
    ],
    action: { label: 'See what is new', url: `${appUrl}/workspaces/${data.workspacePublicId}/updates` },
    after: ['You can undo it.'],
  }),
  'plan-started': (data, { appUrl, token }) => ({
    subject: `Your plan is ${data.plan}`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      data.firstPaymentAt === null
        ? `thank you: the plan ${data.plan} is yours from now on. This mail is your receipt.`
        : `the plan ${data.plan} is yours from now on. Until your trial ends nothing is charged.`,
      ...(data.tokenId === null
        ? []
        : [
            data.existingAccount
              ? 'It is in the account that this address already has. Confirm the address by setting a password.'
              : 'We made an account for this address. Set a password to open it.',
          ]),
    ],
    facts: [
      ['Paid', money(data.amount, data.currency)],
      ['On', day(data.paidAt)],
      ...(data.firstPaymentAt === null ? [] : [['First payment', day(data.firstPaymentAt)] as const]),
      [data.yearly ? 'Each year' : 'Each month', money(data.price, data.currency)],
      ['Order', data.orderId],
    ],
    action:
      data.tokenId === null
        ? { label: 'See your plan', url: `${appUrl}/billing` }
        : { label: 'Set a password', url: `${appUrl}/auth/reset-password?token=${token(data.tokenId)}` },
    after: [
      ...(data.tokenId === null ? [] : ['The link works once, within 7 days.']),
      `It goes on until you cancel, which you can do at any time: ${appUrl}/billing`,
    ],
  }),
  'plan-changed': (data, { appUrl }) => ({
    subject: `Your plan is ${data.plan} now`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [`your subscription was changed: the plan ${data.plan} is yours from now on.`],
    facts: planFacts(data, 'Next payment'),
    action: { label: 'See your plan', url: `${appUrl}/billing` },
    after: ['What you had paid for the rest of the period before is taken into account.'],
  }),
  'plan-ending': (data, { appUrl }) => ({
    subject: `Your ${data.plan} subscription is cancelled`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      `your subscription for the plan ${data.plan} is cancelled. Nothing more is charged, and what you paid for stays to the end of the period.`,
    ],
    facts: data.at === null ? [] : [['Stays until', day(data.at)]],
    action: { label: 'Go on with it after all', url: `${appUrl}/billing` },
    after: ['Nothing of yours is deleted when it ends.'],
  }),
  'plan-trial-ending': (data, { appUrl }) => ({
    subject: 'Your trial ends soon',
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      `the trial of your plan ${data.plan} is almost over. Then it is charged for the first time; if you do not want that, cancel before.`,
    ],
    facts: planFacts(data, 'First payment'),
    action: { label: 'See your plan', url: `${appUrl}/billing` },
  }),
  'account-trial': ({ firstName, endsAt, over }, { appUrl }) => ({
    subject: over ? 'Your trial is over' : 'Your trial ends soon',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      over
        ? 'the trial that came with your account is over, and you are on the plan FREE now. Nothing is deleted: what is over its limits can still be read, exported and published as it was. Only nothing more can be made.'
        : `the trial that came with your account ends on ${day(endsAt)}. Nothing is charged, and nothing is deleted; without a plan you go on with what FREE allows.`,
    ],
    action: { label: 'See the plans', url: `${appUrl}/billing/upgrade` },
  }),
  'addon-started': (data, { appUrl }) => ({
    subject: `You have ${data.what} now`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [`thank you: ${data.what} can be used from now on. This mail is your receipt.`],
    facts: [
      ['Paid', money(data.amount, data.currency)],
      ['On', day(data.paidAt)],
      ['Each month', money(data.price, data.currency)],
      ['Order', data.orderId],
    ],
    action: { label: 'See what you use', url: `${appUrl}/billing` },
    after: [`It goes on until you cancel, which you can do at any time: ${appUrl}/billing`],
  }),
  'addon-ending': (data, { appUrl }) => ({
    subject: data.reminder ? `Your add-on ends on ${day(data.at)}` : 'Your add-on is cancelled',
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      data.reminder
        ? `your add-on ends soon: ${data.what}. Nothing more is charged.`
        : `your add-on is cancelled: ${data.what}. Nothing more is charged, and what you paid for stays to its end.`,
      'Nothing of yours is deleted then. What is over your limit, the newest first, can still be read, exported and published as it was.',
    ],
    facts: [['Ends', day(data.at)]],
    action: {
      label: data.canResume ? 'Go on with it after all' : 'See what you use',
      url: `${appUrl}/billing`,
    },
  }),
  'addon-ended': ({ firstName, what }, { appUrl }) => ({
    subject: 'Your add-on has ended',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      `your add-on has ended: ${what}. Nothing more is charged.`,
      'Nothing of yours is deleted: what is over your limit, the newest first, can still be read, exported and published as it was.',
    ],
    action: { label: 'See what you use', url: `${appUrl}/billing` },
  }),
  'workspace-invitation': (data, { appUrl, token }) => ({
    subject:
      data.role === 'OWNER'
        ? `${data.inviterName} offers you the workspace ${data.workspaceName}`
        : `${data.inviterName} invites you to ${data.workspaceName}`,
    greeting: 'Hello,',
    paragraphs: [
      data.role === 'OWNER'
        ? `${data.inviterName} wants to hand the workspace “${data.workspaceName}” over to you. When you accept, it is yours and counts against your plan.`
        : `${data.inviterName} invites you to work together in the workspace “${data.workspaceName}” as ${ROLE_WORDS[data.role]}.`,
      'You can say yes or no. If you have no account yet, open one with this address first.',
    ],
    action: { label: 'Look at the invitation', url: `${appUrl}/join/${token(data.tokenId)}` },
    after: [
      `The link holds until ${day(data.expiresAt)}, for this address alone.`,
      'If you do not know who this is, do nothing.',
    ],
  }),
  'invitation-answered': (data, { appUrl }) => ({
    subject: `${data.email} said ${data.accepted ? 'yes' : 'no'}`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      data.ownership
        ? data.accepted
          ? `${data.email} has taken over the workspace “${data.workspaceName}”. You are an admin of it now.`
          : `${data.email} does not want to take over the workspace “${data.workspaceName}”. It stays yours.`
        : data.accepted
          ? `${data.email} has joined the workspace “${data.workspaceName}”.`
          : `${data.email} does not want to join the workspace “${data.workspaceName}”.`,
    ],
    action: { label: 'See the members', url: `${appUrl}/workspaces/${data.workspacePublicId}/members` },
  }),
  'plan-ended': ({ firstName, plan, now }, { appUrl }) => ({
    subject: `Your ${plan} subscription has ended`,
    greeting: `Hello ${firstName},`,
    paragraphs: [
      `your subscription for the plan ${plan} has ended, and nothing more is charged. Your plan is ${now} now.`,
      'Nothing of yours is deleted: what is over the limits of your plan can still be read, exported and published as it was. Only nothing more can be made.',
    ],
    action: { label: 'See the plans', url: `${appUrl}/billing/upgrade` },
  }),
  'renewal-paid': (data, { appUrl }) => ({
    subject: `Receipt: ${money(data.amount, data.currency)}`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      data.changed
        ? `your subscription for ${data.what} was changed, and the change is paid.`
        : `your subscription for ${data.what} goes on: its next period is paid.`,
    ],
    facts: [
      ['Paid', money(data.amount, data.currency)],
      ['On', day(data.paidAt)],
      ...(data.nextAt === null ? [] : [['Next payment', day(data.nextAt)] as const]),
    ],
    action: { label: 'See your purchases', url: `${appUrl}/purchases` },
  }),
  'renewal-earned': (data, { appUrl }) => ({
    subject: `A buyer stays: you earned ${money(data.commission, data.currency)}`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [`the next period of a subscription for ${data.what} was paid.`],
    facts: [
      ['Paid', money(data.amount, data.currency)],
      ['On', day(data.paidAt)],
      ['You earned', money(data.commission, data.currency)],
      ['State', data.credited ? 'credited to your balance' : 'pending until the hold is over'],
    ],
    action: { label: 'See your sales', url: `${appUrl}/sales` },
  }),
  'renewal-failed': (data, { appUrl }) => ({
    subject: data.confirm
      ? `Please confirm your payment of ${money(data.amount, data.currency)}`
      : `Your payment of ${money(data.amount, data.currency)} did not go through`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      data.confirm
        ? `your bank asks you to confirm the payment for ${data.what}. Until then it is not paid.`
        : `we could not charge the next period of ${data.what}. ${
            data.nextAt === null
              ? 'It is not tried again: without a payment the subscription ends. Nothing of yours is deleted.'
              : `It is tried again on ${day(data.nextAt)}. Please see that your card can be charged by then.`
          }`,
    ],
    action:
      data.payUrl === null
        ? { label: 'See your purchases', url: `${appUrl}/purchases` }
        : { label: data.confirm ? 'Confirm the payment' : 'Pay it now', url: data.payUrl },
  }),
  'payment-failed': ({ firstName, workspaceName }) => ({
    subject: 'Your payment did not go through',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      `the payment for “${workspaceName}” did not go through, and nothing was charged. You can try again with the link you came by.`,
    ],
  }),
  'purchase-refunded': (data) => ({
    subject: 'Your payment is being refunded',
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      `what you paid for ${data.workspaceName} could not be delivered: ${data.reason} ${data.amount === 0 ? 'Nothing was charged for it.' : 'You get all of it back.'}`,
    ],
    facts: data.amount === 0 ? [] : [['Refunded', money(data.amount, data.currency)]],
  }),
  'payment-refunded': (data, { appUrl }) => ({
    subject: `A refund for ${data.workspaceName}`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [
      `what you paid for “${data.workspaceName}” is being given back. Your bank shows it within a few days.`,
      ...(data.frozen ? ['Your copy is frozen: you can read and export it, no longer edit it.'] : []),
    ],
    facts: [
      ['Refunded now', money(data.amount, data.currency)],
      ['Refunded in all', money(data.total, data.currency)],
    ],
    action: { label: 'See your purchases', url: `${appUrl}/purchases` },
  }),
  'sale-reversed': (data, { appUrl }) => ({
    subject: `${REVERSED[data.what].subject}: ${data.workspaceName}`,
    greeting: `Hello ${data.firstName},`,
    paragraphs: [`${REVERSED[data.what].text} It was a sale of “${data.workspaceName}”.`],
    facts: [
      ...(data.reversed === 0
        ? []
        : [
            [
              data.reversed > 0 ? 'Taken back of your commission' : 'Restored of your commission',
              money(Math.abs(data.reversed), data.currency),
            ] as const,
          ]),
      ...(data.held === 0
        ? []
        : [
            [
              data.held > 0 ? 'Held of your commission' : 'No longer held',
              money(Math.abs(data.held), data.currency),
            ] as const,
          ]),
    ],
    action: { label: 'See your balance', url: `${appUrl}/balance` },
  }),
  'payout-details-changed': ({ firstName, method, masked, holdUntil }, { appUrl }) => ({
    subject: holdUntil === null ? 'Your payout details are set' : 'Your payout details were changed',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      holdUntil === null
        ? 'you just said where you want to be paid.'
        : 'where you are paid was just changed. To keep your money safe, nothing new can be withdrawn to the new details for 48 hours. A withdrawal that was already requested still goes to the old ones.',
    ],
    facts: [
      ['Paid by', method],
      ['To', masked],
      ...(holdUntil === null ? [] : ([['Withdrawals possible from', day(holdUntil)]] as const)),
    ],
    action: { label: 'See your payout details', url: `${appUrl}/balance/payout-method` },
    after: [`Was it not you? Set a new password at once: ${appUrl}/auth/forgot-password`],
  }),
  'withdrawal-approved': ({ firstName, amount, currency }, { appUrl }) => ({
    subject: 'Your withdrawal is approved',
    greeting: `Hello ${firstName},`,
    paragraphs: ['your withdrawal is approved and will be paid next.'],
    facts: [['Amount', money(amount, currency)]],
    action: { label: 'See your balance', url: `${appUrl}/balance` },
  }),
  'withdrawal-rejected': ({ firstName, amount, currency, reason }, { appUrl }) => ({
    subject: 'Your withdrawal was rejected',
    greeting: `Hello ${firstName},`,
    paragraphs: ['your withdrawal was rejected. The money is back in your available balance.'],
    facts: [
      ['Amount', money(amount, currency)],
      ['Reason', reason],
    ],
    action: { label: 'See your balance', url: `${appUrl}/balance` },
  }),
  'withdrawal-paid': ({ firstName, amount, fee = 0, currency, reference }, { appUrl }) => ({
    subject: 'Your withdrawal is paid',
    greeting: `Hello ${firstName},`,
    paragraphs: ['your withdrawal is paid. Depending on your bank it may take a few days to arrive.'],
    facts: [
      ['Amount', money(amount, currency)],
      ...(fee === 0
        ? []
        : ([
            ['Fee', money(fee, currency)],
            ['You get', money(amount - fee, currency)],
          ] as const)),
      ...(reference === '' ? [] : ([['Reference', reference]] as const)),
    ],
    action: { label: 'See your balance', url: `${appUrl}/balance` },
  }),
  'withdrawal-failed': ({ firstName, amount, currency, reason }, { appUrl }) => ({
    subject: 'Your withdrawal could not be paid',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      'your withdrawal could not be paid, or the payment came back. The money is back in your available balance. Check your payout details before you ask again.',
    ],
    facts: [
      ['Amount', money(amount, currency)],
      ['Reason', reason],
    ],
    action: { label: 'See your payout details', url: `${appUrl}/balance/payout-method` },
  }),
  'api-key-created': ({ firstName, name, start }, { appUrl }) => ({
    subject: 'A new API key of yours',
    greeting: `Hello ${firstName},`,
    paragraphs: ['a key to the API was made with your account. Whoever has it can do what it allows.'],
    facts: [
      ['Name', name],
      ['Begins with', start],
    ],
    action: { label: 'See your keys', url: `${appUrl}/settings` },
    after: ['It was not you? Revoke it there, and set a new password: that ends every key and session.'],
  }),
  // What was filled in is a visitor's own, and is not sent around.
  'form-answered': ({ firstName, form, page, workspaceName, workspacePublicId }, { appUrl }) => ({
    subject: `New answer: ${form}`,
    greeting: `Hello ${firstName},`,
    paragraphs: ['somebody filled in a form of yours.'],
    facts: [
      ['Form', form],
      ['Page', page],
      ['Workspace', workspaceName],
    ],
    action: { label: 'Read the answer', url: `${appUrl}/workspaces/${workspacePublicId}/submissions` },
  }),
  'review-answered': ({ firstName, message, answer }, { appUrl }) => ({
    subject: 'An answer to your question about a referral',
    greeting: `Hello ${firstName},`,
    paragraphs: ['we looked at what you asked about a referral.'],
    facts: [
      ['You wrote', message],
      ['Our answer', answer],
    ],
    action: { label: 'See your referrals', url: `${appUrl}/affiliate/referrals` },
  }),
  'commission-judged': ({ firstName, verdict, amount, currency, reason, commissionId }, { appUrl }) => ({
    subject:
      verdict === 'RELEASED'
        ? 'A commission of yours was reviewed: it is released'
        : 'A commission of yours was reviewed: it is refused',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      verdict === 'RELEASED'
        ? 'we held a commission of yours to look at it. It is released: it is credited to your balance as soon as its hold is over.'
        : 'we held a commission of yours to look at it. It is refused: it is not paid, and no longer counts among what is pending.',
    ],
    facts: [
      ['Amount', money(amount, currency)],
      ['Reason', reason],
    ],
    action: { label: 'See the commission', url: `${appUrl}/balance/commissions/${commissionId}` },
  }),
  'endpoint-off': ({ firstName, url, since }, { appUrl }) => ({
    subject: 'Announcements to your program were switched off',
    greeting: `Hello ${firstName},`,
    paragraphs: [
      `since ${day(since)} nothing we sent to ${url} was taken, so we have switched it off. What happened in between is in its log, and can be sent again.`,
    ],
    action: { label: 'See what went wrong', url: `${appUrl}/settings/webhooks` },
  }),
  'bonus-granted': ({ firstName, bonus, amount, currency }, { appUrl }) => ({
    subject: `A bonus for you: ${bonus}`,
    greeting: `Hello ${firstName},`,
    paragraphs: ['you have come far enough for a bonus. It is on your balance.'],
    facts: [
      ['Bonus', bonus],
      ['Amount', money(amount, currency)],
    ],
    action: { label: 'See your balance', url: `${appUrl}/balance` },
  }),
  'listing-rated': ({ firstName, title, slug, rating }, { appUrl }) => ({
    subject: `A review of “${title}”`,
    greeting: `Hello ${firstName},`,
    paragraphs: [
      `a buyer rated your listing “${title}” with ${rating} of 5. You can answer what they wrote.`,
    ],
    action: { label: 'See the review', url: `${appUrl}/marketplace/${encodeURIComponent(slug)}#reviews` },
  }),
  'listing-reviewed': ({ firstName, title, slug, status, again, reason }, { appUrl }) => {
    const greeting = `Hello ${firstName},`
    const facts = reason === '' ? [] : [['Reason', reason] as const]
    switch (status) {
      case 'LIVE':
        return {
          subject: again ? `“${title}” is on the marketplace again` : `“${title}” is on the marketplace`,
          greeting,
          paragraphs: [`your listing “${title}” was approved. From now on everybody can find and buy it.`],
          action: { label: 'See your listing', url: `${appUrl}/marketplace/${encodeURIComponent(slug)}` },
        }
      case 'REJECTED':
        return {
          subject: `“${title}” needs a change`,
          greeting,
          paragraphs: [
            `we looked at your listing “${title}”, and cannot put it on the marketplace as it is. Change what is said here and hand it in again.`,
          ],
          facts,
          action: { label: 'See your listings', url: `${appUrl}/listings` },
        }
      case 'SUSPENDED':
        return {
          subject: `“${title}” was taken off the marketplace`,
          greeting,
          paragraphs: [
            `your listing “${title}” was taken off the marketplace. Copies that were bought stay with their buyers, and what you earned stays yours. Change what is said here and hand it in again.`,
          ],
          facts,
          action: { label: 'See your listings', url: `${appUrl}/listings` },
        }
    }
  },
  'affiliate-reviewed': ({ firstName, status, again, reason }, { appUrl }) => {
    const see = { label: 'See your affiliate page', url: `${appUrl}/affiliate` }
    const greeting = `Hello ${firstName},`
    const facts = reason === '' ? [] : [['Reason', reason] as const]
    switch (status) {
      case 'APPROVED':
        return {
          subject: again ? 'Your affiliate account works again' : 'Welcome to the affiliate programme',
          greeting,
          paragraphs: [
            again
              ? 'your affiliate account is no longer suspended. From now on payments of those you referred earn again.'
              : 'your affiliate account is approved. Share your link: whoever signs up through it is yours, and every payment they make earns you a commission.',
          ],
          action: see,
        }
      case 'REJECTED':
        return {
          subject: 'Your application to the affiliate programme',
          greeting,
          paragraphs: ['we looked at your application, and for now we do not take it.'],
          facts,
          after: ['If something has changed since, answer this mail.'],
        }
      case 'SUSPENDED':
        return {
          subject: 'Your affiliate account is suspended',
          greeting,
          paragraphs: [
            'your affiliate account is suspended. Nothing new is earned meanwhile; what you have earned stays yours.',
          ],
          facts,
          action: see,
        }
    }
  },
  'account-closed': (_data, { appUrl }) => ({
    subject: 'Your account is closed',
    greeting: 'Hello,',
    paragraphs: [
      'your account at Offshoot was closed, as you asked. What named you is removed: name, addresses, payout details, workspaces. The books of what was bought, sold and paid stay, under a pseudonym.',
      'This is the last mail to this address. Statements that you have downloaded can still be verified.',
    ],
    action: { label: 'Sign up anew', url: `${appUrl}/auth/sign-up` },
  }),
  digest: ({ firstName, items, more }, { appUrl }) => ({
    subject: items.length + more === 1 ? 'One thing happened' : `${items.length + more} things happened`,
    greeting: `Hello ${firstName},`,
    paragraphs: [
      'this is what happened in your account since yesterday, of what you want to read once a day.',
    ],
    facts: items.map(({ title, text }) => [title, text] as const),
    action: { label: 'See all notifications', url: `${appUrl}/notifications` },
    after: [
      ...(more === 0 ? [] : [`And ${more} more.`]),
      `What you get, and how often, is up to you: ${appUrl}/settings/notifications`,
    ],
  }),
  'admin-alert': ({ title, text }, { appUrl }) => ({
    subject: title,
    greeting: 'Hello,',
    paragraphs: [text],
    action: { label: 'Open Offshoot', url: `${appUrl}/dashboard` },
  }),
}

const SECOND_FACTOR = {
  ON: () => ({
    subject: 'Your second factor is on',
    paragraphs: [
      'signing in to your account now asks for a code of your authenticator app as well. Keep your recovery codes where you find them without your phone.',
    ],
  }),
  REPLACED: () => ({
    subject: 'Your second factor was replaced',
    paragraphs: [
      'the authenticator app of your account was replaced by another, with new recovery codes. The ones before no longer work.',
    ],
  }),
  OFF: () => ({
    subject: 'Your second factor is off',
    paragraphs: ['signing in to your account asks for the password alone from now on.'],
  }),
  CODES: () => ({
    subject: 'You have new recovery codes',
    paragraphs: ['new recovery codes were made for your account. The ones before no longer work.'],
  }),
  CODE_USED: (left: number) => ({
    subject: 'A recovery code was used',
    paragraphs: [
      `a recovery code was used in place of a code of your authenticator app. ${count(left, 'recovery code')} ${left === 1 ? 'is' : 'are'} left${left < 3 ? ': make new ones soon.' : '.'}`,
    ],
  }),
} as const

const REVERSED = {
  REFUNDED: {
    subject: 'A sale was refunded',
    text: 'the buyer was given money back, and your commission goes down in proportion.',
  },
  REFUND_FAILED: {
    subject: 'A refund failed',
    text: 'a refund did not reach the buyer, so what it took of your commission is yours again.',
  },
  DISPUTED: {
    subject: 'A sale is disputed',
    text: 'the buyer disputes the payment with their bank. Your commission is held until that is decided.',
  },
  DISPUTE_WON: { subject: 'A dispute is over', text: 'the dispute was decided for the sale.' },
  DISPUTE_LOST: {
    subject: 'A dispute was lost',
    text: 'the bank gave the money back to the buyer, and your commission with it.',
  },
} as const

const planFacts = (
  { yearly, amount, currency, at }: MailTemplates['plan-changed'],
  next: string,
): (readonly [string, string])[] => [
  [yearly ? 'Each year' : 'Each month', money(amount, currency)],
  ...(at === null ? [] : [[next, day(at)] as const]),
]

const count = (n: number, thing: string) => `${n} ${thing}${n === 1 ? '' : 's'}`

/** 11500 USD → "115.00 USD"; exact for every size. */
const money = (amount: number, currency: string): string => {
  const digits = currencyExponent(currency)
  const text = String(Math.abs(amount)).padStart(digits + 1, '0')
  const whole = digits === 0 ? text : text.slice(0, -digits)
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${amount < 0 ? '-' : ''}${grouped}${digits === 0 ? '' : `.${text.slice(-digits)}`} ${currency}`
}

const day = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`

const ROLE_WORDS = { OWNER: 'its owner', ADMIN: 'an admin', EDITOR: 'an editor', VIEWER: 'a viewer' } as const
