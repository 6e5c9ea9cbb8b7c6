import { refused } from '../../kit/errors'
import type { Money } from '../../kit/money'
import { type BillingCycle, PLANS, type Plan } from '../../kit/plans'
import type { PaymentProvider } from '../../kit/ports'

export interface PlanPrice {
  readonly price: Money
  /** The provider's own name of it; not there: it is sent along. */
  readonly ref?: string
}

/**
 * What a plan costs where it is paid: the price that the settings name at the provider, else the plan's own.
 * @throws DomainError 422 PLAN_NOT_FOR_SALE when the settings name a price that is none of this rhythm,
 *   503 PROVIDER_UNAVAILABLE while it cannot be asked for.
 */
export const planPrice = async (
  provider: PaymentProvider,
  plan: Exclude<Plan, 'FREE'>,
  cycle: BillingCycle,
): Promise<PlanPrice> => {
  const ref = provider.billing?.planPrices[`${plan}_${cycle}`]
  if (provider.billing === undefined || ref === undefined) return { price: PLANS[plan][cycle] }
  const known = await provider.billing.fetchPrice(ref)
  if (known === null || !known.active || known.frequency !== cycle)
    throw refused(
      'PLAN_NOT_FOR_SALE',
      'This plan cannot be bought just now: its price is not set up. Please tell us.',
    )
  return { price: known.price, ref }
}

/** What makes a checkout of a plan. */
export const planWords = (plan: Plan, cycle: BillingCycle): { title: string; description: string } => ({
  title: `Offshoot ${plan}, ${cycle === 'MONTHLY' ? 'monthly' : 'yearly'}`,
  description: `The ${plan} plan. It goes on ${cycle === 'MONTHLY' ? 'each month' : 'each year'} until you cancel.`,
})
