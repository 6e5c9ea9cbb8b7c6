import { and, desc, eq, gt, inArray, isNotNull, isNull, or } from 'drizzle-orm'
import { orders, organizations, payments, subscriptions } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import type { Plan } from '../../kit/plans'
import { planOf } from '../identity'
import { programAt } from '../program'
import { planUsage } from '../workspace'
import { addonsOf } from './addons'
import { lookNow } from './apply-charge'
import { chosenProvider } from './open-checkout'
import { planPrice } from './plan-prices'
import { runningPlan, type Subscription } from './plan-subscription'
import { dueOf } from './rules'
import type { CurrentPlan, PlanOffers, PlanProgress } from './schemas'
import { soldWords } from './sold-words'

/** The signed-in person's plan: why it is that one, what pays for it, how much of it is used. */
export const currentPlan = async (ctx: Context): Promise<CurrentPlan> => {
  const { userId, organizationId } = signedIn(ctx)
  const planType = await planOf(ctx, userId)
  const organization = await ctx.db.query.organizations.findFirst({
    where: eq(organizations.id, organizationId),
  })
  const running = await runningPlan(ctx, organizationId)
  const trialEndsAt = organization?.trialEndsAt ?? null
  const onTrial = trialEndsAt !== null && trialEndsAt > ctx.now()
  const [staying] = await ctx.db
    .select({ until: subscriptions.planStaysUntil })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        gt(subscriptions.planStaysUntil, ctx.now()),
        eq(subscriptions.plan, planType),
        isNull(subscriptions.addon),
      ),
    )
    .orderBy(desc(subscriptions.planStaysUntil))
    .limit(1)
  return {
    planType,
    source: sourceOf({
      planType,
      paid: organization?.paidPlan ?? 'FREE',
      granted: organization?.grantedPlan ?? null,
      onTrial,
      running,
      staying: staying !== undefined,
    }),
    trialEndsAt: onTrial ? trialEndsAt.toISOString() : null,
    subscription: running === undefined ? null : await toSubscription(ctx, running),
    staysUntil: staying?.until?.toISOString() ?? null,
    usage: await planUsage(ctx),
    addons: await addonsOf(ctx, organizationId),
    payments: await planPayments(ctx, organizationId),
  }
}

const sourceOf = (of: {
  planType: Plan
  paid: Plan
  granted: Plan | null
  onTrial: boolean
  running: Subscription | undefined
  staying: boolean
}): CurrentPlan['source'] => {
  if (of.planType === 'FREE') return 'NONE'
  if (of.paid === of.planType)
    return of.running?.plan === of.planType || of.staying ? 'SUBSCRIPTION' : 'INCLUDED'
  if (of.granted === of.planType) return 'GRANTED'
  return of.onTrial ? 'TRIAL' : 'INCLUDED'
}

const toSubscription = async (ctx: Context, row: Subscription): Promise<CurrentPlan['subscription']> => ({
  planType: row.plan,
  billingCycle: row.frequency ?? 'MONTHLY',
  status: row.status === 'CANCELLED' ? 'PAST_DUE' : row.status,
  entitled: row.entitled,
  price: moneyToJson({ amount: row.priceAmount ?? 0n, currency: row.priceCurrency ?? 'USD' }),
  periodEnd: row.currentPeriodEnd?.toISOString() ?? null,
  ends: row.cancelAtPeriodEnd,
  provider: row.provider,
  canChange: ctx.outside.payments.get(row.provider)?.billing !== undefined,
  next: await nextPayment(ctx, row),
})

/** Milliseconds. */
const PATIENCE = 3_000

/** A page about the plan is there also while the provider is not. */
const nextPayment = async (ctx: Context, row: Subscription) => {
  const billing = ctx.outside.payments.get(row.provider)?.billing
  if (billing === undefined || row.cancelAtPeriodEnd || !row.entitled) return null
  const next = await Promise.race([
    billing.nextPayment(row.externalId).catch(() => null),
    new Promise<null>((resolve) => setTimeout(resolve, PATIENCE, null).unref()),
  ])
  return next === null ? null : { due: moneyToJson(next.due), at: next.at?.toISOString() ?? null }
}

const MOST_PAYMENTS = 24

/** Also of add-ons. */
const planPayments = async (ctx: Context, organizationId: string): Promise<CurrentPlan['payments']> => {
  const { userId } = signedIn(ctx)
  const own = ctx.db
    .select({ ref: subscriptions.externalId })
    .from(subscriptions)
    .where(
      and(
        eq(subscriptions.organizationId, organizationId),
        or(eq(subscriptions.isPlan, true), isNotNull(subscriptions.addon)),
      ),
    )
  const rows = await ctx.db
    .select({ payment: payments, order: orders })
    .from(payments)
    .innerJoin(orders, eq(orders.id, payments.orderId))
    .where(
      and(
        eq(payments.buyerId, userId),
        inArray(payments.type, ['PLAN_PURCHASE', 'PLAN_RENEWAL', 'ADDON_PURCHASE', 'ADDON_RENEWAL']),
        inArray(payments.subscriptionId, own),
      ),
    )
    .orderBy(desc(payments.paidAt), desc(payments.id))
    .limit(MOST_PAYMENTS)
  return rows.map(({ payment: row, order }) => ({
    id: row.id,
    sold: order.addon === null ? 'the plan' : soldWords(order, null),
    paidAt: row.paidAt.toISOString(),
    status: row.status,
    amount: moneyToJson({ amount: row.capturedAmount, currency: row.currency }),
    refunded: moneyToJson({ amount: row.refundedAmount, currency: row.currency }),
  }))
}

/** The plans, their limits and what they cost where they would be paid. Errors as `planPrice`. */
export const planOffers = async (ctx: Context): Promise<PlanOffers> => {
  const on = [...ctx.outside.payments.values()]
  const { planLimits } = await programAt(ctx)
  const free = moneyToJson({ amount: 0n, currency: 'USD' })
  const paid = async (plan: Exclude<Plan, 'FREE'>) => {
    const provider = chosenProvider(ctx, undefined, { amount: 2_900n, currency: 'USD' }, 0)
    return {
      monthly: moneyToJson((await planPrice(provider, plan, 'MONTHLY')).price),
      yearly: moneyToJson((await planPrice(provider, plan, 'YEARLY')).price),
    }
  }
  const offer = (planType: Plan, prices: { monthly: typeof free; yearly: typeof free }) => ({
    planType,
    canSell: planType === 'AGENCY',
    limits: planLimits[planType],
    ...prices,
  })
  return {
    plans: [
      offer('FREE', { monthly: free, yearly: free }),
      offer('BUSINESS', await paid('BUSINESS')),
      offer('AGENCY', await paid('AGENCY')),
    ],
    providers: on.map(({ name }) => name),
  }
}

/**
 * How far the checkout of a plan or an add-on is, for the page a buyer comes back to. The name of the checkout entitles to ask, where
 * nobody can guess it; else the order's own id does. The answer grants nothing.
 * @throws DomainError 404 ORDER_NOT_FOUND
 */
export const planProgress = async (
  ctx: Context,
  { checkoutRef, orderId }: { checkoutRef?: string | undefined; orderId?: string | undefined },
): Promise<PlanProgress> => {
  const named =
    orderId !== undefined
      ? eq(orders.id, orderId)
      : checkoutRef !== undefined && checkoutRef.length >= UNGUESSABLE
        ? eq(orders.checkoutRef, checkoutRef)
        : undefined
  const order =
    named === undefined
      ? undefined
      : await ctx.db.query.orders.findFirst({
          where: and(named, inArray(orders.paymentType, ['PLAN_PURCHASE', 'ADDON_PURCHASE'])),
        })
  if (order === undefined) throw notFound('ORDER_NOT_FOUND', 'There is no such order.')
  await lookNow(ctx, order)
  return {
    status: order.status,
    planType: order.planType,
    addon:
      order.addon === null
        ? null
        : { addon: order.addon, quantity: order.quantity ?? 1, words: soldWords(order, null) },
    billingCycle: order.frequency ?? 'MONTHLY',
    price: moneyToJson({ amount: dueOf(order), currency: order.priceCurrency }),
    trialDays: order.freeTrialPeriodInDays,
    failure: order.failure,
    mine: 'userId' in ctx.actor && order.buyerId === ctx.actor.userId,
  }
}

/** Letters of a name that is drawn by chance. */
const UNGUESSABLE = 20
