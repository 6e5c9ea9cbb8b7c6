import { and, eq, exists, isNull, ne, notInArray, or, sql } from 'drizzle-orm'
import { commissions, payments, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { basisPoints } from '../../kit/money'
import { programAt } from '../program'
import type { SellerLevel } from './schemas'

/**
 * What share of its sales somebody gets, per cent: frozen into each link and listing when it is made. It is the rate of
 * the level they have reached, or their own where that is higher.
 */
export const ownRate = async (ctx: Context, userId: string): Promise<string> =>
  (await sellerLevel(ctx, userId)).rate

/**
 * How far a seller has come by sales: purchases of their workspaces by others, of which something is left: not what is
 * disputed, nor what earned them nothing because it was sold to themselves or a colleague, or may have been. The sale that
 * completes a level's count reaches it, so what is made from then on takes its rate.
 */
export const sellerLevel = async (ctx: Context, userId: string): Promise<SellerLevel & { rate: string }> => {
  const { sellerLevels } = await programAt(ctx)
  const [seller] = await ctx.db
    .select({ rate: users.commissionPercentage })
    .from(users)
    .where(eq(users.id, userId))
  if (seller === undefined) throw new Error('a signed-in user without a row')
  const earned = ctx.db
    .select({ id: commissions.id })
    .from(commissions)
    .where(
      and(
        eq(commissions.paymentId, payments.id),
        eq(commissions.beneficiaryId, userId),
        eq(commissions.kind, 'SALE'),
        or(isNull(commissions.suspicion), eq(commissions.verdict, 'RELEASED')),
      ),
    )
  const sales = await ctx.db.$count(
    payments,
    and(
      eq(payments.sellerId, userId),
      ne(payments.buyerId, userId),
      eq(payments.type, 'WORKSPACE_PURCHASE'),
      sql`${payments.capturedAmount} > ${payments.refundedAmount}`,
      notInArray(payments.status, ['REFUNDED', 'DISPUTED']),
      exists(earned),
    ),
  )
  const reached = sellerLevels.filter((level) => level.sales <= sales)
  const next = sellerLevels[reached.length]
  const rates = [seller.rate, ...reached.flatMap(({ percentage }) => percentage ?? [])]
  return {
    rate: rates.reduce((best, rate) => (basisPoints(rate) > basisPoints(best) ? rate : best)),
    number: reached.length,
    of: sellerLevels.length,
    sales,
    next: next === undefined ? null : { sales: next.sales, percentage: next.percentage ?? null },
  }
}
