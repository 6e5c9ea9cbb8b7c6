import { and, eq, gt, isNotNull, isNull, lte, or } from 'drizzle-orm'
import { subscriptions, users } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { addonWords } from '../../kit/plans'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'

type Subscription = typeof subscriptions.$inferSelect

const DAY = 86_400_000

/** How many days before an add-on ends its owner is reminded, once each. */
const REMINDERS = [1, 3, 7] as const

/** When an add-on that does not go on ends, by our clock or its provider's; null: it goes on. */
const endOf = (row: Subscription): Date | null => {
  if (row.status === 'CANCELLED') return row.planStaysUntil
  return row.cancelAtPeriodEnd ? row.currentPeriodEnd : null
}

/** The reminder whose time it is; null: it is too early for any. */
const reminderAt = (ends: Date, now: Date): number | null => {
  const left = ends.getTime() - now.getTime()
  return REMINDERS.find((days) => left <= days * DAY) ?? null
}

/** Whoever has just said that it shall end is not reminded of what they were told at once. */
export const daysTold = (ctx: Context, before: Subscription, after: Subscription): number | null => {
  const ends = after.addon === null ? null : endOf(after)
  if (ends === null) return null
  return endOf(before) === null ? reminderAt(ends, ctx.now()) : before.toldDaysLeft
}

/** What changed about an add-on, in the log of its organization and, where it ends, by mail. */
export const tellAddonChange = async (
  ctx: Context,
  before: Subscription,
  after: Subscription,
): Promise<void> => {
  if (after.status === 'CANCELLED' && endOf(after) === null) return tellAddonEnd(ctx, after)
  const ends = endOf(after)
  if ((ends === null) === (endOf(before) === null)) return
  await record(
    ctx,
    after,
    ends === null ? 'addon_resumed' : 'addon_cancelled',
    SAID[ends === null ? 'on' : 'ending'],
  )
  if (ends !== null) await tellOwner(ctx, after, ends, `addon-ending:${after.id}:${ctx.now().getTime()}`)
}

const SAID = {
  on: 'The subscription goes on after all',
  ending: 'The subscription ends with its period',
  over: 'The subscription has ended',
} as const

/** It raises the limit no more. Told once. */
export const tellAddonEnd = async (ctx: Context, row: Subscription): Promise<void> => {
  if (row.addon === null) return
  await record(ctx, row, 'addon_ended', SAID.over)
  const [owner] = await ctx.db.select().from(users).where(eq(users.id, row.userId))
  if (owner === undefined) return
  await enqueueMail(ctx, {
    key: `addon-ended:${row.id}`,
    to: owner.email,
    template: 'addon-ended',
    data: { firstName: owner.firstName, what: addonWords(row.addon, row.quantity ?? 1) },
  })
}

/** Those that stayed for a while, as they were paid, and do so no longer. */
export const tellEndedAddons = async (ctx: Context, organizationId: string): Promise<void> => {
  const over = await ctx.db
    .update(subscriptions)
    .set({ planStaysUntil: null, updatedAt: ctx.now() })
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        isNotNull(subscriptions.addon),
        eq(subscriptions.status, 'CANCELLED'),
        lte(subscriptions.planStaysUntil, ctx.now()),
      ),
    )
    .returning()
  for (const row of over) await tellAddonEnd(ctx, row)
}

/**
 * Reminds the owners of add-ons that end: 7, 3 and 1 days before. Each is claimed before its mail is written, so that
 * any number of workers at once tell it once; one that was missed is not made up for by two at once.
 * @returns how many were told
 */
export const remindAddons = async (ctx: Context): Promise<number> => {
  const last = new Date(ctx.now().getTime() + Math.max(...REMINDERS) * DAY)
  const soon = (end: typeof subscriptions.currentPeriodEnd | typeof subscriptions.planStaysUntil) =>
    and(gt(end, ctx.now()), lte(end, last))
  const ending = await ctx.db
    .select()
    .from(subscriptions)
    .where(
      and(
        isNotNull(subscriptions.addon),
        or(
          and(eq(subscriptions.cancelAtPeriodEnd, true), soon(subscriptions.currentPeriodEnd)),
          soon(subscriptions.planStaysUntil),
        ),
      ),
    )
  let told = 0
  for (const row of ending) if (await remind(ctx, row)) told += 1
  return told
}

const remind = (ctx: Context, row: Subscription): Promise<boolean> =>
  inTransaction(ctx, async (tx) => {
    const ends = endOf(row)
    const days = ends === null ? null : reminderAt(ends, tx.now())
    if (ends === null || days === null) return false
    const [claimed] = await tx.db
      .update(subscriptions)
      .set({ toldDaysLeft: days })
      .where(
        and(
          eq(subscriptions.id, row.id),
          eq(subscriptions.status, row.status),
          eq(subscriptions.cancelAtPeriodEnd, row.cancelAtPeriodEnd),
          or(isNull(subscriptions.toldDaysLeft), gt(subscriptions.toldDaysLeft, days)),
        ),
      )
      .returning({ id: subscriptions.id })
    if (claimed === undefined) return false
    await tellOwner(tx, row, ends, `addon-reminder:${row.id}:${ends.getTime()}:${days}`, days)
    return true
  })

const tellOwner = async (
  ctx: Context,
  row: Subscription,
  ends: Date,
  key: string,
  days: number | null = null,
): Promise<void> => {
  const [owner] = await ctx.db.select().from(users).where(eq(users.id, row.userId))
  if (owner === undefined || row.addon === null) return
  await enqueueMail(ctx, {
    key,
    to: owner.email,
    template: 'addon-ending',
    data: {
      firstName: owner.firstName,
      what: addonWords(row.addon, row.quantity ?? 1),
      ...moneyToJson({ amount: row.priceAmount ?? 0n, currency: row.priceCurrency ?? 'USD' }),
      at: ends.toISOString(),
      reminder: days !== null,
      // One that its provider has ended cannot be taken up again.
      canResume: row.status !== 'CANCELLED',
    },
  })
}

const record = (ctx: Context, row: Subscription, action: string, said: string): Promise<void> =>
  recordActivity(ctx, {
    action,
    description: `${said}: ${addonWords(row.addon ?? 'EXTRA_PAGE', row.quantity ?? 1)}`,
    organizationId: row.organizationId,
    userId: 'userId' in ctx.actor ? ctx.actor.userId : row.userId,
    subject: { type: 'subscription', id: row.id },
    after: { addon: row.addon, quantity: row.quantity, ends: endOf(row)?.toISOString() ?? null },
  })
