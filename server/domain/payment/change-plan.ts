import { createHmac } from 'node:crypto'
import { and, desc, eq, isNotNull } from 'drizzle-orm'
import { subscriptions } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { derivedKey, equalSecrets } from '../../kit/crypto'
import { conflict, DomainError, refused } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import type { PaymentProvider, PriceChange, SubscriptionService } from '../../kit/ports'
import { follow, providerOf, setCancellation } from './change-subscription'
import { type PlanPrice, planPrice, planWords } from './plan-prices'
import { runningPlan, type Subscription } from './plan-subscription'
import type { ChangedPlan, ChangePlanInput, PlanChange, PlanChangeInput, ProviderPage } from './schemas'

/**
 * What a change of the signed-in person's plan would cost at this moment, and what is left as credit. Nothing is changed.
 * @throws DomainError 409 NO_SUBSCRIPTION, SAME_PLAN, PAYMENT_DUE or ENDING; 422 NOT_CHANGEABLE where its provider cannot,
 *   CURRENCY_MISMATCH; 503 PROVIDER_UNAVAILABLE
 */
export const previewPlanChange = async (ctx: Context, input: PlanChangeInput): Promise<PlanChange> => {
  const { row, billing, price, change } = await changeOf(ctx, input)
  const preview = await billing.previewChange(change)
  return {
    from: { planType: row.plan, billingCycle: row.frequency ?? 'MONTHLY' },
    to: { planType: input.planType, billingCycle: input.billingCycle },
    price: moneyToJson(price.price),
    due: moneyToJson(preview.due),
    credit: moneyToJson(preview.credit),
    nextAt: preview.nextAt?.toISOString() ?? null,
    endsTrial: change.endTrial,
    quote: quoteOf(ctx, row, change.priceRef, preview.reckonedAt),
  }
}

/**
 * Does what was previewed, reckoned from the same moment. Where the payment is declined or has to be confirmed, the plan
 * stays as it is until that is done at `payUrl`.
 * @throws DomainError as `previewPlanChange`; 400 QUOTE_INVALID, 409 QUOTE_EXPIRED after half an hour
 */
export const changePlan = async (ctx: Context, input: ChangePlanInput): Promise<ChangedPlan> => {
  const { row, provider, billing, price, change } = await changeOf(ctx, input)
  const at = readQuote(ctx, row, change.priceRef, input.quote)
  // What was asked for is kept first: whatever tells of it later, the price names it.
  await ctx.db
    .update(subscriptions)
    .set({
      nextPlan: input.planType,
      nextFrequency: input.billingCycle,
      nextPriceAmount: price.price.amount,
      nextPriceRef: change.priceRef,
    })
    .where(eq(subscriptions.id, row.id))
  const key = `change:${row.id}:${change.priceRef}:${input.quote.slice(-32)}`
  const { payUrl } = await billing.changePrice({ ...change, at, idempotencyKey: key })
  await follow(ctx, provider, row)
  return { changed: payUrl === null, payUrl }
}

/**
 * Lets the subscription end with its period, or go on after all.
 * @throws DomainError 409 NO_SUBSCRIPTION, 422 NOT_CHANGEABLE, 503 PROVIDER_UNAVAILABLE
 */
export const setPlanCancellation = async (ctx: Context, { cancel }: { cancel: boolean }): Promise<void> => {
  const { row } = await changeable(ctx)
  await setCancellation(ctx, row, cancel)
}

/**
 * Where an invoice that could not be charged is paid by hand. Null: none is open.
 * @throws DomainError as `setPlanCancellation`
 */
export const openPlanInvoice = async (ctx: Context): Promise<ProviderPage> => {
  const { row, billing } = await changeable(ctx)
  return { url: await billing.openInvoiceUrl(row.externalId) }
}

/**
 * The provider's page for cards and invoices, also after the subscription has ended.
 * @throws DomainError 409 NO_SUBSCRIPTION where nobody ever paid, 422 NOT_CHANGEABLE, 503 PROVIDER_UNAVAILABLE
 */
export const billingPortal = async (ctx: Context): Promise<ProviderPage> => {
  const { organizationId } = signedIn(ctx)
  const [row] = await ctx.db
    .select()
    .from(subscriptions)
    .where(and(eq(subscriptions.organizationId, organizationId), isNotNull(subscriptions.customerRef)))
    .orderBy(desc(subscriptions.isPlan), desc(subscriptions.createdAt))
    .limit(1)
  if (row === undefined || row.customerRef === null) throw noSubscription()
  const { billing } = providerOf(ctx, row)
  const returnUrl = `${ctx.config.appUrl}/billing`
  return { url: await billing.portalUrl({ customerRef: row.customerRef, returnUrl }) }
}

interface Wanted {
  readonly row: Subscription
  readonly provider: PaymentProvider
  readonly billing: SubscriptionService
  readonly price: PlanPrice
  readonly change: PriceChange
}

const changeOf = async (
  ctx: Context,
  { planType, billingCycle }: Pick<PlanChangeInput, 'planType' | 'billingCycle'>,
): Promise<Wanted> => {
  const { row, provider, billing } = await changeable(ctx)
  if (row.plan === planType && row.frequency === billingCycle)
    throw conflict('SAME_PLAN', 'That is the plan you have.')
  if (row.status === 'PAST_DUE')
    throw conflict('PAYMENT_DUE', 'The last payment is still open. Pay it first, then change the plan.')
  if (row.cancelAtPeriodEnd)
    throw conflict('ENDING', 'The subscription is cancelled. Let it go on first, then change the plan.')
  const price = await planPrice(provider, planType, billingCycle)
  if (row.priceCurrency !== null && price.price.currency !== row.priceCurrency)
    throw refused(
      'CURRENCY_MISMATCH',
      `You pay in ${row.priceCurrency}, and this plan costs ${price.price.currency}. Let the one end first.`,
    )
  const { title } = planWords(planType, billingCycle)
  const priceRef =
    price.ref ?? (await billing.keepPrice({ title, price: price.price, frequency: billingCycle }))
  // A trial is of what it began with: nobody has the higher plan for nothing.
  const endTrial = row.status === 'TRIALING' && row.plan !== planType
  return { row, provider, billing, price, change: { ref: row.externalId, priceRef, at: null, endTrial } }
}

const changeable = async (ctx: Context) => {
  const row = await runningPlan(ctx, signedIn(ctx).organizationId)
  if (row === undefined) throw noSubscription()
  return { row, ...providerOf(ctx, row) }
}

const noSubscription = () => conflict('NO_SUBSCRIPTION', 'You have no subscription. Choose a plan first.')

const QUOTE_LIFE = 30 * 60_000

/** What a change was reckoned from, so that it cannot be reckoned from another moment: `at.issued.signature`. */
const quoteOf = (ctx: Context, row: Subscription, priceRef: string, at: Date | null): string => {
  const times = `${at?.getTime() ?? 0}.${ctx.now().getTime()}`
  return `${times}.${signatureOf(ctx, row, priceRef, times)}`
}

const readQuote = (ctx: Context, row: Subscription, priceRef: string, quote: string): Date | null => {
  const [at = '', issued = '', signature = ''] = quote.split('.')
  if (!equalSecrets(signature, signatureOf(ctx, row, priceRef, `${at}.${issued}`)))
    throw new DomainError(400, 'QUOTE_INVALID', 'This is not what was shown. Look at the change once more.')
  if (Math.abs(ctx.now().getTime() - Number(issued)) > QUOTE_LIFE)
    throw conflict('QUOTE_EXPIRED', 'What was shown is too old by now. Look at the change once more.')
  return at === '0' ? null : new Date(Number(at))
}

const signatureOf = (ctx: Context, row: Subscription, priceRef: string, times: string): string =>
  createHmac('sha256', derivedKey(ctx.config.appSecret, 'plan-change'))
    .update([row.id, priceRef, times].join(' '))
    .digest('hex')
