import { and, desc, eq, gt, inArray, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { orders, organizations, payments, subscriptions, users } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import type { PaymentProvider, SubscriptionSnapshot } from '../../kit/ports'
import { enqueueJob, enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { planOf, setPaidPlan } from '../identity'
import { awaitsBank } from './delayed'
import { daysTold, tellAddonChange, tellAddonEnd, tellEndedAddons } from './tell-addons'
import type { Verdict } from './verdict'

const RANK = { FREE: 0, BUSINESS: 1, AGENCY: 2 } as const

type Subscription = typeof subscriptions.$inferSelect

/**
 * The highest plan an organization's subscriptions include becomes its paid plan: of those that run and have not been
 * given up by their provider, and of those that were cancelled in the middle of a period that is paid.
 */
export const refreshPaidPlan = async (ctx: Context, organizationId: string): Promise<void> => {
  // First, so that of two changes at once the second sees what the first one left.
  await lockOrganization(ctx, organizationId)
  const running = await ctx.db
    .select({ plan: subscriptions.plan })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        or(
          and(
            inArray(subscriptions.status, ['TRIALING', 'ACTIVE', 'PAST_DUE']),
            eq(subscriptions.entitled, true),
          ),
          gt(subscriptions.planStaysUntil, ctx.now()),
        ),
      ),
    )
  const best = running
    .map(({ plan }) => plan)
    .reduce((a, b) => (RANK[b] > RANK[a] ? b : a), 'FREE' as keyof typeof RANK)
  await setPaidPlan(ctx, organizationId, best)
}

export const lockOrganization = async (ctx: Context, id: string): Promise<void> => {
  await ctx.db
    .select({ id: organizations.id })
    .from(organizations)
    .where(eq(organizations.id, id))
    .for('update')
}

/** Another product on the same account may name orders of its own. */
export const isOurs = (orderId: string | null): orderId is string => z.guid().safeParse(orderId).success

const named = (provider: Pick<PaymentProvider, 'name' | 'mode'>, ref: string) =>
  and(
    eq(subscriptions.provider, provider.name),
    eq(subscriptions.mode, provider.mode),
    eq(subscriptions.externalId, ref),
  )

/** The version of our row; every change makes another. Null: there is none. To be read before the provider is asked. */
const VERSION = sql<string>`${subscriptions}.xmin::text`

export const seenSubscription = async (
  ctx: Context,
  provider: PaymentProvider,
  ref: string,
): Promise<string | null> => {
  const [row] = await ctx.db.select({ version: VERSION }).from(subscriptions).where(named(provider, ref))
  return row?.version ?? null
}

/**
 * An answer counts only when nobody wrote a later one since it was asked for.
 * @throws Error when somebody did; the job asks again.
 */
export const refuseStale = (ref: string, seen: string | null, now: string | null): void => {
  if (seen !== now) throw new Error(`subscription ${ref} was changed meanwhile`)
}

/**
 * Takes over what the provider says of a subscription that is known here.
 * @param asked the row's version when the provider was asked; left out where the caller has compared it
 * @throws Error when its order is still to be settled, or the row was changed meanwhile; the job tries again.
 */
export const applySubscription = async (
  ctx: Context,
  provider: PaymentProvider,
  snapshot: SubscriptionSnapshot,
  asked?: { seen: string | null },
): Promise<Verdict> => {
  const [found] = await ctx.db
    .select({ row: subscriptions, version: VERSION })
    .from(subscriptions)
    .where(named(provider, snapshot.ref))
    .for('no key update')
  if (snapshot.status === 'INCOMPLETE')
    return { status: 'IGNORED', outcome: 'the first payment is not through' }
  if (asked !== undefined) refuseStale(snapshot.ref, asked.seen, found?.version ?? null)
  if (found === undefined) return unsettled(ctx, provider, snapshot)
  const { row } = found
  // A provider never takes a cancellation back: whatever says so was made before it.
  if (row.status === 'CANCELLED')
    return { status: 'PROCESSED', outcome: `subscription ${snapshot.ref} was cancelled already` }
  const ended = snapshot.status === 'CANCELLED'
  const adopted = adoptedTerms(row, snapshot)
  const changes = {
    ...adopted,
    status: snapshot.status,
    entitled: snapshot.entitled ?? true,
    currentPeriodEnd: snapshot.currentPeriodEnd ?? row.currentPeriodEnd,
    paidUntil: paidUntil(row, snapshot),
    cancelAtPeriodEnd: snapshot.cancelAtPeriodEnd,
    customerRef: snapshot.customerRef ?? row.customerRef,
    planStaysUntil: ended ? await planStaysUntil(ctx, row, snapshot) : null,
  }
  const toldDaysLeft = daysTold(ctx, row, { ...row, ...changes })
  await ctx.db
    .update(subscriptions)
    .set({ ...changes, toldDaysLeft, updatedAt: ctx.now() })
    .where(eq(subscriptions.id, row.id))
  await refreshPaidPlan(ctx, row.organizationId)
  if (row.addon !== null) await tellAddonChange(ctx, row, { ...row, ...changes })
  if (ended) await endOfPlan(ctx, row, changes.planStaysUntil)
  else await tellChange(ctx, row, { ...row, ...changes }, adopted !== null)
  return { status: 'PROCESSED', outcome: `subscription ${snapshot.ref} is ${snapshot.status}` }
}

/** A change that was asked for counts as soon as the provider names its price: what it is for stands in our row alone. */
const adoptedTerms = (row: Subscription, { priceRef }: SubscriptionSnapshot) =>
  row.nextPlan === null || row.nextPriceRef === null || priceRef !== row.nextPriceRef
    ? null
    : {
        plan: row.nextPlan,
        frequency: row.nextFrequency,
        priceAmount: row.nextPriceAmount,
        nextPlan: null,
        nextFrequency: null,
        nextPriceAmount: null,
        nextPriceRef: null,
      }

/** Of what changed about a plan that goes on, its owner is told. */
const tellChange = async (
  ctx: Context,
  before: Subscription,
  after: Subscription,
  changed: boolean,
): Promise<void> => {
  if (!after.isPlan) return
  const ending = after.cancelAtPeriodEnd && !before.cancelAtPeriodEnd
  const goesOn = before.cancelAtPeriodEnd && !after.cancelAtPeriodEnd
  if (!changed && !ending && !goesOn) return
  const [owner] = await ctx.db.select().from(users).where(eq(users.id, after.userId))
  if (owner === undefined) return
  const words = changed
    ? `The plan is ${after.plan} now, paid ${after.frequency === 'YEARLY' ? 'yearly' : 'monthly'}`
    : ending
      ? `The subscription of the plan ${after.plan} ends with its period`
      : `The subscription of the plan ${after.plan} goes on after all`
  await recordActivity(ctx, {
    action: changed ? 'plan_changed' : ending ? 'plan_cancelled' : 'plan_resumed',
    description: words,
    organizationId: after.organizationId,
    userId: 'userId' in ctx.actor ? ctx.actor.userId : owner.id,
    subject: { type: 'subscription', id: after.id },
    before: { plan: before.plan, frequency: before.frequency, ends: before.cancelAtPeriodEnd },
    after: { plan: after.plan, frequency: after.frequency, ends: after.cancelAtPeriodEnd },
  })
  if (goesOn && !changed) return
  await enqueueMail(ctx, {
    key: `plan-change:${after.id}:${ctx.now().getTime()}`,
    to: owner.email,
    template: changed ? 'plan-changed' : 'plan-ending',
    data: {
      firstName: owner.firstName,
      plan: after.plan,
      yearly: after.frequency === 'YEARLY',
      ...moneyToJson({ amount: after.priceAmount ?? 0n, currency: after.priceCurrency ?? 'USD' }),
      at: after.currentPeriodEnd?.toISOString() ?? null,
    },
  })
}

/** The trial is almost over: the first payment comes. Told once. */
export const tellTrialEnd = async (
  ctx: Context,
  provider: Pick<PaymentProvider, 'name' | 'mode'>,
  ref: string,
): Promise<void> => {
  const [row] = await ctx.db.select().from(subscriptions).where(named(provider, ref))
  if (row === undefined || !row.isPlan || row.status !== 'TRIALING' || row.cancelAtPeriodEnd) return
  const [owner] = await ctx.db.select().from(users).where(eq(users.id, row.userId))
  if (owner === undefined) return
  await enqueueMail(ctx, {
    key: `trial-ending:${row.id}`,
    to: owner.email,
    template: 'plan-trial-ending',
    data: {
      firstName: owner.firstName,
      plan: row.plan,
      yearly: row.frequency === 'YEARLY',
      ...moneyToJson({ amount: row.priceAmount ?? 0n, currency: row.priceCurrency ?? 'USD' }),
      at: row.currentPeriodEnd?.toISOString() ?? null,
    },
  })
}

/** While it is charged, to the end of the period that runs; when that fails, to its beginning. */
const paidUntil = (row: Subscription, snapshot: SubscriptionSnapshot): Date | null => {
  if (snapshot.status === 'ACTIVE' || snapshot.status === 'TRIALING')
    return snapshot.currentPeriodEnd ?? row.paidUntil
  return snapshot.status === 'PAST_DUE' ? (snapshot.currentPeriodStart ?? row.paidUntil) : row.paidUntil
}

/**
 * What is paid stays to its end, unless the money went back. By our own clock: how much of the period was left when it
 * ended is the provider's to say, and its clock may be another.
 */
const planStaysUntil = async (
  ctx: Context,
  row: Subscription,
  { endedAt, ref }: SubscriptionSnapshot,
): Promise<Date | null> => {
  const left = (row.paidUntil?.getTime() ?? 0) - (endedAt ?? row.paidUntil ?? ctx.now()).getTime()
  if (left <= 0) return null
  const last = await lastPayment(ctx, { ...row, subscriptionId: ref })
  return last?.status === 'REFUNDED' ? null : new Date(ctx.now().getTime() + left)
}

/** The latest payment of a subscription in which money came. */
const lastPayment = async (
  ctx: Context,
  of: Pick<typeof payments.$inferSelect, 'provider' | 'mode' | 'subscriptionId'>,
) => {
  const [last] = await ctx.db
    .select({ id: payments.id, status: payments.status })
    .from(payments)
    .where(
      and(
        eq(payments.provider, of.provider),
        eq(payments.mode, of.mode),
        eq(payments.subscriptionId, of.subscriptionId ?? ''),
        gt(payments.capturedAmount, 0n),
      ),
    )
    .orderBy(desc(payments.paidAt), desc(payments.id))
    .limit(1)
  return last
}

/** What stayed because it was paid stays no longer when the money went back. */
export const endStay = async (ctx: Context, payment: typeof payments.$inferSelect): Promise<void> => {
  const { provider, mode, subscriptionId } = payment
  if (subscriptionId === null || (await lastPayment(ctx, payment))?.id !== payment.id) return
  const ended = await ctx.db
    .update(subscriptions)
    .set({ planStaysUntil: null, updatedAt: ctx.now() })
    .where(
      and(
        eq(subscriptions.provider, provider),
        eq(subscriptions.mode, mode),
        eq(subscriptions.externalId, subscriptionId),
        eq(subscriptions.status, 'CANCELLED'),
        gt(subscriptions.planStaysUntil, ctx.now()),
      ),
    )
    .returning()
  for (const row of ended) {
    await refreshPaidPlan(ctx, row.organizationId)
    if (row.addon !== null) await tellAddonEnd(ctx, row)
  }
}

/** The owner is told once; a plan that stays for a while ends by a job. */
const endOfPlan = async (ctx: Context, row: Subscription, staysUntil: Date | null): Promise<void> => {
  if (staysUntil !== null)
    await enqueueJob(ctx, {
      kind: 'payment.endPlan',
      key: `end-plan:${row.id}`,
      payload: { organizationId: row.organizationId },
      after: Math.ceil((staysUntil.getTime() - ctx.now().getTime()) / 1000) + 1,
    })
  if (!row.isPlan) return
  const [owner] = await ctx.db.select().from(users).where(eq(users.id, row.userId))
  if (owner === undefined) return
  await enqueueMail(ctx, {
    key: `plan-ended:${row.id}`,
    to: owner.email,
    template: 'plan-ended',
    data: { firstName: owner.firstName, plan: row.plan, now: await planOf(ctx, owner.id) },
  })
}

/** The end of a period whose subscription was cancelled in its middle. Safe to repeat. */
export const endPlan = (ctx: Context, organizationId: string): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    await refreshPaidPlan(tx, organizationId)
    await tellEndedAddons(tx, organizationId)
  })

/** What is told of a subscription while its order waits for the payment is not answered and forgotten. */
const unsettled = async (
  ctx: Context,
  provider: PaymentProvider,
  { ref, orderId }: SubscriptionSnapshot,
): Promise<Verdict> => {
  const order = isOurs(orderId)
    ? await ctx.db.query.orders.findFirst({
        columns: { id: true, createdAt: true, expiresAt: true },
        where: and(
          eq(orders.id, orderId),
          eq(orders.provider, provider.name),
          eq(orders.mode, provider.mode),
          eq(orders.status, 'OPEN'),
        ),
      })
    : undefined
  // Days, not seconds: it is read anew when the order is settled.
  if (order !== undefined && awaitsBank(order))
    return { status: 'IGNORED', outcome: `order ${order.id} of subscription ${ref} waits for its bank` }
  if (order !== undefined) throw new Error(`order ${order.id} of subscription ${ref} is not settled yet`)
  return { status: 'IGNORED', outcome: `subscription ${ref} is not one of ours` }
}
