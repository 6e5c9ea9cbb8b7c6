import { and, eq, inArray } from 'drizzle-orm'
import { organizations, subscriptions } from '../../../db/schema'
import type { Context } from '../../kit/context'
import type { PaymentProvider, SubscriptionSnapshot } from '../../kit/ports'
import { setPaidPlan } from '../identity'
import type { Verdict } from './verdict'

const RANK = { FREE: 0, BUSINESS: 1, AGENCY: 2 } as const

/** The highest plan an organization's running subscriptions include becomes its paid plan. */
export const refreshPaidPlan = async (ctx: Context, organizationId: string): Promise<void> => {
  // First, so that of two changes at once the second sees what the first one left.
  await lockOrganization(ctx, organizationId)
  const running = await ctx.db
    .select({ plan: subscriptions.plan })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        inArray(subscriptions.status, ['TRIALING', 'ACTIVE', 'PAST_DUE']),
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

/** Takes over what the provider says of a subscription that is known here. */
export const applySubscription = async (
  ctx: Context,
  provider: PaymentProvider,
  snapshot: SubscriptionSnapshot,
): Promise<Verdict> => {
  const [row] = await ctx.db
    .select()
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.provider, provider.name),
        eq(subscriptions.mode, provider.mode),
        eq(subscriptions.externalId, snapshot.ref),
      ),
    )
    .for('no key update')
  if (row === undefined)
    return { status: 'IGNORED', outcome: `subscription ${snapshot.ref} is not settled here (yet)` }
  if (snapshot.status === 'INCOMPLETE')
    return { status: 'IGNORED', outcome: 'the first payment is not through' }
  // A provider never takes a cancellation back: whatever says so was made before it.
  if (row.status === 'CANCELLED')
    return { status: 'PROCESSED', outcome: `subscription ${snapshot.ref} was cancelled already` }
  await ctx.db
    .update(subscriptions)
    .set({
      status: snapshot.status,
      currentPeriodEnd: snapshot.currentPeriodEnd ?? row.currentPeriodEnd,
      cancelAtPeriodEnd: snapshot.cancelAtPeriodEnd,
      updatedAt: ctx.now(),
    })
    .where(eq(subscriptions.id, row.id))
  await refreshPaidPlan(ctx, row.organizationId)
  return { status: 'PROCESSED', outcome: `subscription ${snapshot.ref} is ${snapshot.status}` }
}
