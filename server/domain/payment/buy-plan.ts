import type { Context } from '../../kit/context'
import { signedIn } from '../../kit/context'
import { conflict, refused } from '../../kit/errors'
import type { Money } from '../../kit/money'
import { PLANS } from '../../kit/plans'
import { applyCoupon } from '../affiliate'
import { me } from '../identity'
import { type BuyerInput, chosenProvider, type OpenCheckout, openCheckout } from './open-checkout'
import { planPrice, planWords } from './plan-prices'
import { runningPlan } from './plan-subscription'
import type { CheckoutSession, CreateCheckoutSessionInput, PlanPurchaseInput } from './schemas'

/**
 * A checkout of one of the platform's own plans for the signed-in person, or for a guest whose account is made when
 * they have paid.
 * @throws DomainError 409 SAME_PLAN, 409 SUBSCRIPTION_EXISTS (it can be changed), 422 NO_TRIAL_LEFT, 422 PROVIDER_OFF,
 *   422 PROVIDER_CANNOT_CHARGE, 422 PLAN_NOT_FOR_SALE, 503 PROVIDER_UNAVAILABLE; of a code those of `applyCoupon`.
 */
export const buyPlan = async (
  ctx: Context,
  input: Omit<PlanPurchaseInput, 'paymentType'> & Pick<BuyerInput, 'attempt' | 'referral'>,
): Promise<OpenCheckout> => {
  const { planType: plan, billingCycle: cycle } = input
  await refuseSecond(ctx, input)
  const trialDays = input.afterTrial === true ? await trialDaysLeft(ctx, plan) : 0
  const couponOn = async (of: Money) =>
    input.coupon === undefined
      ? undefined
      : applyCoupon(ctx, { code: input.coupon, price: of, what: 'PLANS', recurring: true, buyer: null })
  const listed = PLANS[plan][cycle]
  const provider = chosenProvider(ctx, input.provider, listed, trialDays, await couponOn(listed))
  const { price, ref } = await planPrice(provider, plan, cycle)
  const coupon = await couponOn(price)
  const { appUrl } = ctx.config
  return openCheckout(
    ctx,
    provider,
    {
      // With the price in it: an open order of before is not for what the plan costs now.
      offerKey: `plan:${plan}:${cycle}:${price.amount}${price.currency}:${trialDays}`,
      paymentType: 'PLAN_PURCHASE',
      affiliateLinkId: null,
      listingId: null,
      workspaceId: null,
      sellerId: null,
      commissionPercentage: null,
      planType: plan,
      offerMode: 'SUBSCRIPTION',
      priceAmount: price.amount,
      priceCurrency: price.currency,
      frequency: cycle,
      frequencyInterval: 1,
      freeTrialPeriodInDays: trialDays,
      ...planWords(plan, cycle),
      ...(coupon === undefined ? {} : { coupon }),
      ...(ref === undefined ? {} : { priceRef: ref }),
      takesCoupons: true,
      // A provider that names its checkout by itself says nothing that only the buyer could know.
      successUrl: ({ id }) =>
        provider.doorbell === undefined
          ? `${appUrl}/billing/success?session_id={CHECKOUT_SESSION_ID}`
          : `${appUrl}/billing/success?order=${id}`,
      cancelUrl: `${appUrl}/billing/upgrade`,
      metadata: {},
      details: {},
    },
    input,
  )
}

/** The same for the signed-in person. Errors as `buyPlan`, and 401 SIGN_IN_REQUIRED. */
export const createCheckoutSession = async (
  ctx: Context,
  input: CreateCheckoutSessionInput & { attempt: string | null },
): Promise<CheckoutSession> => {
  const { email } = signedIn(ctx)
  // Whose account it is knows the name.
  const { ref, url } = await buyPlan(ctx, { ...input, email, firstName: '', lastName: '' })
  return { sessionId: ref, url }
}

/** One organization, one plan subscription. Of a guest nobody knows yet; a second one that is paid goes back. */
const refuseSecond = async (
  ctx: Context,
  { planType, billingCycle }: Pick<PlanPurchaseInput, 'planType' | 'billingCycle'>,
): Promise<void> => {
  if (!('organizationId' in ctx.actor)) return
  const running = await runningPlan(ctx, ctx.actor.organizationId)
  if (running === undefined) return
  if (running.plan === planType && running.frequency === billingCycle)
    throw conflict('SAME_PLAN', `You have the plan ${planType} already, paid ${CYCLE[billingCycle]}.`)
  throw conflict(
    'SUBSCRIPTION_EXISTS',
    `You have the plan ${running.plan} already. Change it on the billing page instead of buying another.`,
  )
}

const CYCLE = { MONTHLY: 'monthly', YEARLY: 'yearly' } as const

const DAY = 86_400_000

/** What is left of the account's own trial, a day begun counting whole. It is a trial of BUSINESS. */
const trialDaysLeft = async (ctx: Context, plan: PlanPurchaseInput['planType']): Promise<number> => {
  const ends = 'userId' in ctx.actor ? (await me(ctx)).organization.trialEndsAt : null
  const left = ends === null ? 0 : Math.ceil((Date.parse(ends) - ctx.now().getTime()) / DAY)
  if (left < 1 || plan !== 'BUSINESS')
    throw refused(
      'NO_TRIAL_LEFT',
      left < 1
        ? 'There is no trial left to wait for.'
        : `Your trial is of BUSINESS; ${plan} is paid at once.`,
    )
  return left
}
