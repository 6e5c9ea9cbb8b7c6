import type { affiliateLinks, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { DomainError, type Issue, refused } from '../../kit/errors'
import { moneyFromJson, moneyToJson, safeNumber } from '../../kit/money'
import { PLANS, type Plan } from '../../kit/plans'
import { planOf } from '../identity'
import type { Offer, OfferInput } from './schemas'

export interface Terms {
  readonly planType: Plan
  readonly offer: Offer
}

/**
 * What a link or listing sells, with everything that was left unsaid filled in.
 * Without an offer: the monthly subscription of its plan (BUSINESS) at the plan's price. A one-off offer sells the copy
 * alone, so its plan is FREE; a subscription includes its plan, at no less than that plan's own price for the period,
 * which can be told in that price's currency only.
 * @throws DomainError 422 FREE_NEEDS_OFFER, ONE_OFF_INCLUDES_NO_PLAN, PRICE_BELOW_PLAN
 */
export const termsOf = ({
  planType,
  offer,
}: {
  readonly planType?: Plan | undefined
  readonly offer?: OfferInput | undefined
}): Terms => {
  if (offer === undefined) return planAlone(planType ?? 'BUSINESS')
  if (offer.mode === 'ONE_OFF') {
    if (planType !== undefined && planType !== 'FREE')
      throw refused('ONE_OFF_INCLUDES_NO_PLAN', 'A one-off offer sells the copy alone: its plan is FREE.')
    return { planType: 'FREE', offer: { mode: 'ONE_OFF', price: offer.price } }
  }
  const plan = planType ?? 'BUSINESS'
  if (plan !== 'FREE') requirePlanPrice(plan, offer)
  return { planType: plan, offer }
}

const requirePlanPrice = (plan: Plan, offer: Extract<Offer, { mode: 'SUBSCRIPTION' }>): void => {
  const least = PLANS[plan][offer.frequency]
  if (offer.price.currency !== least.currency)
    throw belowPlan(
      `A subscription that includes ${plan} is priced in ${least.currency}: that plan has no price in ${offer.price.currency}.`,
      'currency',
    )
  if (offer.price.amount < safeNumber(least.amount) * offer.frequencyInterval)
    throw belowPlan(`A subscription that includes ${plan} costs no less than that plan by itself.`, 'amount')
}

const belowPlan = (message: string, member: 'amount' | 'currency'): DomainError =>
  priceRefused('PRICE_BELOW_PLAN', message, member)

/** A refusal that a form can show beside its field. */
const priceRefused = (code: string, message: string, member: 'amount' | 'currency'): DomainError => {
  const issues: Issue[] = [{ path: ['offer', 'price', member], message }]
  return new DomainError(422, code, message, { issues })
}

const planAlone = (planType: Plan): Terms => {
  if (planType === 'FREE') throw refused('FREE_NEEDS_OFFER', 'A link that sells no plan needs an offer.')
  const { amount, currency } = PLANS[planType].MONTHLY
  return {
    planType,
    offer: {
      mode: 'SUBSCRIPTION',
      price: { amount: safeNumber(amount), currency },
      frequency: 'MONTHLY',
      frequencyInterval: 1,
      freeTrialPeriodInDays: 0,
    },
  }
}

/**
 * Asks whether somebody may sell this workspace of theirs now.
 * @throws DomainError 422 NOT_SELLABLE, NOT_FOR_RESALE
 */
export const requireSellable = async (
  ctx: Context,
  sellerId: string,
  workspace: Pick<typeof workspaces.$inferSelect, 'status' | 'notForResale'>,
): Promise<void> => {
  if ((await planOf(ctx, sellerId)) !== 'AGENCY' || workspace.status !== 'ACTIVE')
    throw refused('NOT_SELLABLE', 'Only an active workspace of an account with the AGENCY plan can be sold.')
  if (workspace.notForResale) throw refused('NOT_FOR_RESALE', 'This copy was sold as not for resale.')
}

/**
 * Of the providers that are on, one must be able to take the price: buyers choose among those that can.
 * @throws DomainError 422 PRICE_NOT_CHARGEABLE
 */
export const requireChargeable = (ctx: Context, { price }: Offer): void => {
  const money = moneyFromJson(price)
  const on = [...ctx.outside.payments.values()]
  if (on.length > 0 && on.every(({ canCharge }) => canCharge?.(money) === false))
    throw priceRefused(
      'PRICE_NOT_CHARGEABLE',
      `This amount of ${price.currency} cannot be charged. Choose another price.`,
      'amount',
    )
}

/** The providers that can charge this, the default one first. */
export const providersFor = (ctx: Context, sold: SoldTerms): string[] => {
  const price = { amount: sold.priceAmount, currency: sold.priceCurrency }
  const terms = { freeTrialDays: sold.freeTrialPeriodInDays }
  return [...ctx.outside.payments.values()]
    .filter(({ canCharge }) => canCharge?.(price, terms) !== false)
    .map(({ name }) => name)
}

/** An offer as its row keeps it. */
export type SoldTerms = Pick<
  typeof affiliateLinks.$inferSelect,
  'offerMode' | 'priceAmount' | 'priceCurrency' | 'frequency' | 'frequencyInterval' | 'freeTrialPeriodInDays'
>

/** The same as columns. */
export const offerColumns = (offer: Offer): SoldTerms => ({
  offerMode: offer.mode,
  priceAmount: BigInt(offer.price.amount),
  priceCurrency: offer.price.currency,
  frequency: offer.mode === 'SUBSCRIPTION' ? offer.frequency : null,
  frequencyInterval: offer.mode === 'SUBSCRIPTION' ? offer.frequencyInterval : null,
  freeTrialPeriodInDays: offer.mode === 'SUBSCRIPTION' ? offer.freeTrialPeriodInDays : 0,
})

/** The offer of a link or listing as it travels. */
export const offerOf = (sold: SoldTerms): Offer => {
  const price = moneyToJson({ amount: sold.priceAmount, currency: sold.priceCurrency })
  if (sold.offerMode === 'ONE_OFF') return { mode: 'ONE_OFF', price }
  return {
    mode: 'SUBSCRIPTION',
    price,
    frequency: sold.frequency ?? 'MONTHLY',
    frequencyInterval: sold.frequencyInterval ?? 1,
    freeTrialPeriodInDays: sold.freeTrialPeriodInDays,
  }
}
