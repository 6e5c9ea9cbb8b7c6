import { and, eq, isNotNull, isNull, ne, or, sql } from 'drizzle-orm'
import { commissions } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { basisPoints } from '../../kit/money'
import type { Program } from '../program'

/** How far an affiliate has come. */
export interface Standing {
  /** Customers of whose payments something is left: neither given back nor disputed. */
  readonly conversions: number
  /** Minor units by currency: what their referrals earned them and was credited, less what was taken back or is held. */
  readonly earnings: ReadonlyMap<string, bigint>
}

type Tier = Program['referralTiers'][number]

/**
 * Where an affiliate stands; `exceptPaymentId` is not counted, so that a payment is judged by what was before it. What
 * they paid themselves counts nothing, nor what looks like it until an admin has let it pass.
 */
export const standingOf = async (
  ctx: Context,
  { affiliateId, userId, exceptPaymentId }: { affiliateId: string; userId: string; exceptPaymentId?: string },
): Promise<Standing> => {
  const except = exceptPaymentId ?? null
  const [row] = await ctx.db.execute<{ n: string }>(sql`
    select count(*) as n from attributions a where a.affiliate_id = ${affiliateId} and exists (
      select from payments p where p.buyer_id = a.customer_id and p.captured_amount > p.refunded_amount
        and p.id is distinct from ${except}::uuid
        and not exists (select from payment_disputes d where d.payment_id = p.id and d.status in ('OPEN', 'LOST'))
        and not p.withheld @> jsonb_build_array(jsonb_build_object('userId', ${userId}::text, 'reason', 'SAME_EMAIL'))
        and not exists (select from commissions c where c.payment_id = p.id and c.beneficiary_id = ${userId}
          and c.suspicion is not null and c.verdict is distinct from 'RELEASED'))`)
  const earned = await ctx.db
    .select({
      currency: commissions.currency,
      amount: sql<string>`sum(${commissions.amount} - ${commissions.reversedAmount} - ${commissions.heldAmount})::text`,
    })
    .from(commissions)
    .where(
      and(
        eq(commissions.beneficiaryId, userId),
        ne(commissions.kind, 'SALE'),
        ne(commissions.kind, 'BONUS'),
        isNotNull(commissions.creditedAt),
        or(isNull(commissions.suspicion), eq(commissions.verdict, 'RELEASED')),
      ),
    )
    .groupBy(commissions.currency)
  return {
    conversions: Number(row?.n ?? 0),
    earnings: new Map(earned.map(({ currency, amount }) => [currency, BigInt(amount)])),
  }
}

/** Whether somebody has come as far as that: by customers, or by earnings in any of the currencies named. */
export const hasReached = (
  standing: Standing,
  {
    conversions,
    earnings,
  }: { conversions?: number | undefined; earnings?: Readonly<Record<string, number>> | undefined },
): boolean =>
  (conversions !== undefined && standing.conversions >= conversions) ||
  Object.entries(earnings ?? {}).some(
    ([currency, least]) => (standing.earnings.get(currency) ?? 0n) >= BigInt(least),
  )

/** Of the tiers somebody has reached, the one with the highest rate. */
export const tierOf = (standing: Standing, tiers: readonly Tier[]): Tier | null =>
  tiers
    .filter((tier) => hasReached(standing, tier))
    .reduce<Tier | null>(
      (best, tier) =>
        best === null || basisPoints(tier.percentage) > basisPoints(best.percentage) ? tier : best,
      null,
    )
