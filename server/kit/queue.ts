import { and, eq, inArray, isNotNull, lte, or, sql } from 'drizzle-orm'
import type { AnyPgColumn } from 'drizzle-orm/pg-core'
import { jobs, mails, notificationPreferences, notifications, users } from '../../db/schema'
import { isClosedAddress } from './closed-accounts'
import { type Context, newId } from './context'
import { NOTIFICATION_KINDS, type NotificationKind } from './notification-kinds'

/** What the worker knows how to do; the handlers stand in server/jobs. */
export interface JobPayloads {
  'webhook.process': { eventRowId: string }
  'mail.send': { mailId: string }
  'checkout.expire': { orderId: string }
  'payment.syncOrder': { orderId: string; look: number | null }
  'payment.closeCheckout': { orderId: string }
  'payment.syncCheckout': { orderId: string }
  'payment.refundUnfulfillable': { paymentId: string }
  'payment.endSubscription': { paymentId: string }
  'payment.endPlan': { organizationId: string }
  'payment.tellTrials': Record<string, never>
  'payment.remindAddons': Record<string, never>
  'affiliate.processCommissions': Record<string, never>
  'affiliate.grantBonuses': Record<string, never>
  'affiliate.rollUpClicks': Record<string, never>
  'affiliate.keepClickPartitions': Record<string, never>
  'endpoint.deliver': { deliveryId: string }
  'endpoint.removeOld': Record<string, never>
  'identity.deleteExpiredSessions': Record<string, never>
  'picture.collect': Record<string, never>
  'payment.learnFee': { paymentId: string }
  'identity.requestPasswordReset': { email: string }
  'notification.sendDigests': Record<string, never>
  'payment.learnSubscription': { subscriptionId: string }
  'payment.sendRefund': { refundId: string }
  'payout.send': { withdrawalId: string }
  'payout.followWithdrawals': Record<string, never>
  'webhook.sweep': Record<string, never>
  /** The owners of copies, of a release. */
  'workspace.tellOwners': { releaseId: string }
  'workspace.removeContents': Record<string, never>
  'reporting.proveBooks': Record<string, never>
  'reporting.sealLedger': Record<string, never>
}

/**
 * Leaves work to be done after this transaction's commit. A key that is already waiting is left as it is; one whose
 * job is dead begins anew.
 * Jobs live by the database's clock, which all workers share.
 * @param after seconds from now before which it is not begun; 0 by default.
 */
export const enqueueJob = async <K extends keyof JobPayloads>(
  ctx: Context,
  job: { kind: K; key: string; payload: JobPayloads[K]; after?: number },
): Promise<void> => {
  await ctx.db
    .insert(jobs)
    .values({
      kind: job.kind,
      key: job.key,
      payload: { ...job.payload },
      runAt: sql`now() + make_interval(secs => ${job.after ?? 0})`,
      createdAt: ctx.now(),
    })
    .onConflictDoUpdate({
      target: jobs.key,
      set: { deadAt: null, attempts: 0, leaseToken: null, leasedUntil: null, runAt: sql`excluded.run_at` },
      setWhere: isNotNull(jobs.deadAt),
    })
}

/**
 * What each mail needs to know. Ids of tokens, never tokens: the link is made when the mail is written.
 * Times are ISO 8601; amounts integers of minor units with their currency.
 */
export interface MailTemplates {
  'verify-email': { firstName: string; tokenId: string }
  'address-taken': { firstName: string }
  'reset-password': { firstName: string; tokenId: string }
  'password-changed': { firstName: string }
  /** To either side of a change of address, with the other side's address. */
  'email-change': { firstName: string; tokenId: string; side: 'old' | 'new'; other: string }
  'email-changed': { firstName: string; email: string }
  'second-factor-changed': {
    firstName: string
    what: 'ON' | 'REPLACED' | 'OFF' | 'CODES' | 'CODE_USED'
    /** Recovery codes that are left, where one was used. */
    left?: number
  }
  /** Somebody who knows the password guesses codes. */
  'second-factor-tries': { firstName: string }
  'new-device': { firstName: string; device: string; at: string }
  'purchase-ready': {
    firstName: string
    /** Null: the address has an account with a password; the link then leads to signing in. */
    tokenId: string | null
    existingAccount: boolean
    workspaceName: string
    workspacePublicId: string
    sellerName: string
    amount: number
    currency: string
    orderId: string
    paidAt: string
    funnels: number
    pages: number
    needsInput: string[]
  }
  'workspace-sold': {
    firstName: string
    workspaceName: string
    buyerName: string
    amount: number
    currency: string
    commission: number
    commissionStatus: 'CREDITED' | 'PENDING' | 'NONE'
    paidAt: string
  }
  'plan-started': {
    firstName: string
    /** As in `purchase-ready`. */
    tokenId: string | null
    existingAccount: boolean
    plan: string
    yearly: boolean
    /** Paid now, and each period from then on. */
    amount: number
    price: number
    currency: string
    /** After a trial; null: it was paid now. */
    firstPaymentAt: string | null
    orderId: string
    paidAt: string
  }
  'plan-changed': PlanMail
  /** It was cancelled, and stays to the end of its period. */
  'plan-ending': PlanMail
  'plan-trial-ending': PlanMail
  /** Of the trial that came with the account. */
  'account-trial': { firstName: string; endsAt: string; over: boolean }
  'addon-started': {
    firstName: string
    /** In words, with how many. */
    what: string
    /** Paid now, and each month from then on. */
    amount: number
    price: number
    currency: string
    orderId: string
    paidAt: string
  }
  /** It was cancelled, or will end in some days. */
  'addon-ending': {
    firstName: string
    what: string
    /** What each month costs. */
    amount: number
    currency: string
    at: string
    reminder: boolean
    canResume: boolean
  }
  'addon-ended': { firstName: string; what: string }
  /** To people without an account too, so without a name. */
  'workspace-invitation': {
    tokenId: string
    workspaceName: string
    inviterName: string
    role: 'OWNER' | 'ADMIN' | 'EDITOR' | 'VIEWER'
    expiresAt: string
  }
  'invitation-answered': {
    firstName: string
    email: string
    workspaceName: string
    workspacePublicId: string
    accepted: boolean
    /** It was the workspace that was offered. */
    ownership: boolean
  }
  'plan-ended': { firstName: string; plan: string; now: string }
  'renewal-paid': {
    firstName: string
    /** What the subscription is for, in words. */
    what: string
    /** It was no new period but a change in the middle of one. */
    changed: boolean
    amount: number
    currency: string
    paidAt: string
    /** When the next period begins; null: not known. */
    nextAt: string | null
  }
  'renewal-earned': {
    firstName: string
    what: string
    amount: number
    currency: string
    commission: number
    credited: boolean
    paidAt: string
  }
  'renewal-failed': {
    firstName: string
    what: string
    amount: number
    currency: string
    /** When it is tried again; null: not any more. */
    nextAt: string | null
    /** Where it can be paid by hand; null: not known. */
    payUrl: string | null
    /** The bank wants the payer to say that it is them. */
    confirm: boolean
  }
  'release-available': {
    firstName: string
    sellerName: string
    /** The copy's. */
    workspaceName: string
    workspacePublicId: string
    label: string
    notes: string
  }
  'payment-failed': { firstName: string; workspaceName: string }
  'purchase-refunded': {
    firstName: string
    workspaceName: string
    reason: string
    amount: number
    currency: string
  }
  'payment-refunded': {
    firstName: string
    workspaceName: string
    /** Given back now, and in all. */
    amount: number
    total: number
    currency: string
    frozen: boolean
  }
  'sale-reversed': {
    firstName: string
    workspaceName: string
    what: 'REFUNDED' | 'REFUND_FAILED' | 'DISPUTED' | 'DISPUTE_WON' | 'DISPUTE_LOST'
    currency: string
    /** Of the commission: taken back now (negative: restored), held back now (negative: released). */
    reversed: number
    held: number
  }
  'payout-details-changed': {
    firstName: string
    /** In words. */
    method: string
    masked: string
    /** Until when nothing is withdrawn to them; null: they were the first. */
    holdUntil: string | null
  }
  'withdrawal-approved': WithdrawalMail
  'withdrawal-rejected': WithdrawalMail
  'withdrawal-paid': WithdrawalMail
  /** It could not be paid, or came back. */
  'withdrawal-failed': WithdrawalMail
  'api-key-created': { firstName: string; name: string; start: string }
  /** An address for announcements took nothing for days and was switched off. */
  'endpoint-off': { firstName: string; url: string; since: string }
  'form-answered': {
    firstName: string
    /** Its heading. */
    form: string
    page: string
    workspaceName: string
    workspacePublicId: string
  }
  'review-answered': { firstName: string; message: string; answer: string }
  /** A commission that was held for review. */
  'commission-judged': {
    firstName: string
    verdict: 'RELEASED' | 'REFUSED'
    amount: number
    currency: string
    reason: string
    commissionId: string
  }
  'bonus-granted': { firstName: string; bonus: string; amount: number; currency: string }
  'listing-rated': { firstName: string; title: string; slug: string; rating: number }
  'listing-reviewed': {
    firstName: string
    title: string
    slug: string
    status: 'LIVE' | 'REJECTED' | 'SUSPENDED'
    /** It was on the market before. */
    again: boolean
    reason: string
  }
  'affiliate-reviewed': {
    firstName: string
    status: 'APPROVED' | 'REJECTED' | 'SUSPENDED'
    /** It was suspended and is no longer. */
    again: boolean
    /** Empty where there is none. */
    reason: string
  }
  /** Without a name: it is the last thing that is written to them. */
  'account-closed': Record<string, never>
  'admin-alert': { title: string; text: string }
  /** What came within a day, of the kinds its owner wants so. */
  digest: { firstName: string; items: { title: string; text: string }[]; more: number }
}

interface PlanMail {
  firstName: string
  plan: string
  yearly: boolean
  /** What each period costs. */
  amount: number
  currency: string
  /** The end of the period that runs; null: not known. */
  at: string | null
}

interface WithdrawalMail {
  firstName: string
  amount: number
  /** Kept of the amount; nothing by default. */
  fee?: number
  currency: string
  /** Empty where there is none. */
  reason: string
  reference: string
}

/**
 * Puts a mail into the outbox of this transaction, and, for who has an account, a notification beside it: each as they
 * want that kind. The same key is sent once, however often it is asked for; to whom closed their account, never.
 */
export const enqueueMail = async <T extends keyof MailTemplates>(
  ctx: Context,
  mail: { key: string; to: string; template: T; data: MailTemplates[T] },
): Promise<void> => {
  if (isClosedAddress(mail.to)) return
  const wanted = await wishesOf(ctx, mail.to, KIND_OF[mail.template])
  const [row] = await ctx.db
    .insert(mails)
    .values({
      id: newId(ctx),
      key: mail.key,
      to: mail.to,
      template: mail.template,
      status: wanted.mail === 'NOW' ? 'QUEUED' : wanted.mail === 'DAILY' ? 'DIGEST' : 'OFF',
      data: { ...mail.data },
      createdAt: ctx.now(),
    })
    .onConflictDoNothing({ target: mails.key })
    .returning({ id: mails.id })
  if (row === undefined) return
  if (wanted.userId !== null && wanted.inApp)
    await ctx.db
      .insert(notifications)
      .values({ id: row.id, userId: wanted.userId, kind: KIND_OF[mail.template], createdAt: ctx.now() })
  if (wanted.mail === 'NOW')
    await enqueueJob(ctx, { kind: 'mail.send', key: `mail:${row.id}`, payload: { mailId: row.id } })
}

/** What each mail tells of. A new mail does not compile until it stands here: then it is a notification as well. */
export const KIND_OF = {
  'verify-email': 'account',
  'address-taken': 'account',
  'form-answered': 'account',
  'reset-password': 'account',
  'account-closed': 'account',
  'email-change': 'account',
  'password-changed': 'security',
  'email-changed': 'security',
  'second-factor-changed': 'security',
  'second-factor-tries': 'security',
  'new-device': 'security',
  'api-key-created': 'security',
  'payout-details-changed': 'security',
  'purchase-ready': 'receipts',
  'plan-started': 'receipts',
  'addon-started': 'receipts',
  'plan-trial-ending': 'receipts',
  'renewal-paid': 'receipts',
  'renewal-failed': 'receipts',
  'payment-failed': 'receipts',
  'purchase-refunded': 'receipts',
  'payment-refunded': 'receipts',
  'workspace-sold': 'sales',
  'renewal-earned': 'sales',
  'sale-reversed': 'refunds',
  'commission-judged': 'commissions',
  'bonus-granted': 'commissions',
  'withdrawal-approved': 'withdrawals',
  'withdrawal-rejected': 'withdrawals',
  'withdrawal-paid': 'withdrawals',
  'withdrawal-failed': 'withdrawals',
  'plan-changed': 'plan',
  'plan-ending': 'plan',
  'plan-ended': 'plan',
  'addon-ending': 'plan',
  'workspace-invitation': 'account',
  'invitation-answered': 'account',
  'addon-ended': 'plan',
  'account-trial': 'plan',
  'affiliate-reviewed': 'affiliate',
  'review-answered': 'affiliate',
  'listing-rated': 'listings',
  'listing-reviewed': 'listings',
  'release-available': 'releases',
  'endpoint-off': 'webhooks',
  'admin-alert': 'admin',
  digest: 'account',
} as const satisfies Readonly<Record<keyof MailTemplates, NotificationKind>>

interface Wishes {
  /** Null: nobody has an account under this address. */
  readonly userId: string | null
  readonly inApp: boolean
  readonly mail: 'NOW' | 'DAILY' | 'OFF'
}

const wishesOf = async (ctx: Context, email: string, name: NotificationKind): Promise<Wishes> => {
  const kind = NOTIFICATION_KINDS[name]
  const asEverybody = { userId: null, inApp: kind.inApp, mail: 'NOW' } as const
  if (!kind.inApp) return asEverybody
  const [row] = await ctx.db
    .select({
      userId: users.id,
      inApp: notificationPreferences.inApp,
      mail: notificationPreferences.mail,
    })
    .from(users)
    .leftJoin(
      notificationPreferences,
      and(eq(notificationPreferences.userId, users.id), eq(notificationPreferences.kind, name)),
    )
    .where(eq(users.email, email))
  if (row === undefined) return asEverybody
  const { userId, inApp, mail } = row
  // What may not be switched off is told, whatever a row says.
  if (!kind.switchable || inApp === null || mail === null) return { ...asEverybody, userId }
  return { userId, inApp, mail }
}

/**
 * Takes a person out of the outbox. Of each mail to them the key, template, times and the order it told of stay, and one
 * that waits is not sent any more; in mails to others a pseudonym stands for their name and address.
 */
export const redactMails = async (
  ctx: Context,
  person: { readonly email: string; readonly name: string },
  closed: { readonly email: string; readonly name: string },
): Promise<void> => {
  await ctx.db.update(mails).set(redactedFor(closed.email)).where(eq(mails.to, person.email))
  await ctx.db.delete(jobs).where(sql`${jobs.payload}->>'email' = ${person.email}`)
  await eraseInMails(ctx, person.email, closed.email)
  await eraseInMails(ctx, person.name, closed.name)
}

const redactedFor = (to: string) => ({
  to,
  status: sql`case when ${mails.status} = 'QUEUED' then 'DEAD' else ${mails.status} end`,
  data: sql`case when ${mails.data} ? 'orderId' then jsonb_build_object('orderId', ${mails.data}->'orderId') else '{}'::jsonb end`,
  subject: null,
  text: null,
  html: null,
})

const eraseInMails = async (ctx: Context, word: string, instead: string): Promise<void> => {
  const without = (column: AnyPgColumn) =>
    sql`regexp_replace(${column}, whole_words(${word}), ${instead}, 'gi')`
  await ctx.db
    .update(mails)
    .set({
      data: sql`erase_words(${mails.data}, whole_words(${word}), ${instead}, false)`,
      subject: without(mails.subject),
      text: without(mails.text),
      html: without(mails.html),
    })
    .where(sql`erase_words(${mails.data}, whole_words(${word}), '', false) <> ${mails.data}`)
}

/**
 * The same for what somebody was called or where they were written to before: mails to such an address only up to the
 * moment it was no longer theirs, for it may be somebody else's since.
 * @param keys mails to addresses that never became theirs
 */
export const redactFormerMails = async (
  ctx: Context,
  former: {
    readonly emails: readonly { readonly email: string; readonly until: Date }[]
    readonly names: readonly string[]
    readonly keys: readonly string[]
  },
  closed: { readonly email: string; readonly name: string },
): Promise<void> => {
  const theirs = [
    ...former.emails.map(({ email, until }) => and(eq(mails.to, email), lte(mails.createdAt, until))),
    ...(former.keys.length === 0 ? [] : [inArray(mails.key, [...former.keys])]),
  ]
  if (theirs.length > 0)
    await ctx.db
      .update(mails)
      .set(redactedFor(closed.email))
      .where(or(...theirs))
  for (const { email } of former.emails) await eraseInMails(ctx, email, closed.email)
  for (const name of former.names) await eraseInMails(ctx, name, closed.name)
}
