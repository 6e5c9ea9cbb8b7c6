import { z } from 'zod'
import type { Money } from './money'

export const Plan = z.enum(['FREE', 'BUSINESS', 'AGENCY'])
export type Plan = z.infer<typeof Plan>
export type BillingCycle = 'MONTHLY' | 'YEARLY'

/** What each plan costs per cycle unless settings say otherwise; only AGENCY may sell. */
export const PLANS: Readonly<Record<Plan, Readonly<Record<BillingCycle, Money>>>> = {
  FREE: { MONTHLY: { amount: 0n, currency: 'USD' }, YEARLY: { amount: 0n, currency: 'USD' } },
  BUSINESS: { MONTHLY: { amount: 29_00n, currency: 'USD' }, YEARLY: { amount: 290_00n, currency: 'USD' } },
  AGENCY: { MONTHLY: { amount: 99_00n, currency: 'USD' }, YEARLY: { amount: 990_00n, currency: 'USD' } },
}
