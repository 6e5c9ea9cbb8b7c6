import type { orders } from '../../../db/schema'
import { addonWords } from '../../kit/plans'

type Sold = Pick<typeof orders.$inferSelect, 'paymentType' | 'planType' | 'addon' | 'quantity'>

/** What an order is for, in the middle of a sentence; of a workspace, its name as it is. */
export const soldWords = (
  { paymentType, planType, addon, quantity }: Sold,
  workspaceName: string | null | undefined,
): string => {
  if (paymentType === 'PLAN_PURCHASE') return `the ${planType} plan`
  if (addon !== null) return addonWords(addon, quantity ?? 1)
  return workspaceName ?? 'the workspace'
}
