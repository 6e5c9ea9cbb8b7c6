import { type Context, signedIn } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { PLANS } from '../../kit/plans'
import { planOf } from '../identity'
import type { SellingTerms } from './schemas'
import { sellerLevel } from './seller-level'

/** Under which terms the signed-in person would sell now: their plan, their rate, and what each plan costs by itself. */
export const sellingTerms = async (ctx: Context): Promise<SellingTerms> => {
  const { userId } = signedIn(ctx)
  const [{ rate, ...level }, planType] = await Promise.all([sellerLevel(ctx, userId), planOf(ctx, userId)])
  return {
    planType,
    commissionPercentage: rate,
    level,
    plans: (['FREE', 'BUSINESS', 'AGENCY'] as const).map((plan) => ({
      plan,
      monthly: moneyToJson(PLANS[plan].MONTHLY),
      yearly: moneyToJson(PLANS[plan].YEARLY),
    })),
  }
}
