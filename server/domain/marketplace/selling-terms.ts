import { eq } from 'drizzle-orm'
import { users } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import { PLANS } from '../../kit/plans'
import { planOf } from '../identity'
import type { SellingTerms } from './schemas'

/** Under which terms the signed-in person would sell now: their plan, their rate, and what each plan costs by itself. */
export const sellingTerms = async (ctx: Context): Promise<SellingTerms> => {
  const { userId } = signedIn(ctx)
  const [[seller], planType] = await Promise.all([
    ctx.db.select({ rate: users.commissionPercentage }).from(users).where(eq(users.id, userId)),
    planOf(ctx, userId),
  ])
  if (seller === undefined) throw new Error('a signed-in user without a row')
  return {
    planType,
    commissionPercentage: seller.rate,
    plans: (['FREE', 'BUSINESS', 'AGENCY'] as const).map((plan) => ({
      plan,
      monthly: moneyToJson(PLANS[plan].MONTHLY),
      yearly: moneyToJson(PLANS[plan].YEARLY),
    })),
  }
}
