import { and, eq, gt } from 'drizzle-orm'
import { affiliates, attributions, coupons, payments, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { recordActivity } from '../audit'
import { groupTerms, type ReferralTerms } from './group-terms'
import { activeAffiliate, isRunning, type Referral } from './referral'

export type Attributed = 'ATTRIBUTED' | 'NO_AFFILIATE' | 'OVER' | 'EXISTED_BEFORE' | 'SELF' | 'ALREADY'

/**
 * Fixes who referred a customer, for life and under the terms of today, their affiliate's group's or the
 * programme's: rate and hold are theirs from now on. Whoever
 * had an account before the click is referred by nobody, and whoever has an affiliate keeps them. To be called in the
 * transaction in which the account is made.
 * @param at the moment by which the click must have been fresh: a checkout's beginning, however late it is paid; now by
 *   default
 */
export const attributeCustomer = async (
  ctx: Context,
  { customerId, referral, at = ctx.now() }: { customerId: string; referral: Referral; at?: Date },
): Promise<Attributed> => {
  if (!isRunning(referral.clickedAt, at)) return 'OVER'
  const affiliate = await activeAffiliate(ctx, referral.code)
  if (affiliate === null) return 'NO_AFFILIATE'
  const [customer] = await ctx.db.select().from(users).where(eq(users.id, customerId))
  const [referrer] = await ctx.db.select().from(users).where(eq(users.id, affiliate.userId))
  if (customer === undefined || referrer === undefined) return 'NO_AFFILIATE'
  if (customer.createdAt < referral.clickedAt) return 'EXISTED_BEFORE'
  const terms = await groupTerms(ctx, affiliate.groupId)
  if (!isRunning(referral.clickedAt, at, terms.windowDays)) return 'OVER'
  return fix(ctx, {
    customer,
    referrer,
    affiliateId: affiliate.id,
    terms,
    by: { clickedAt: referral.clickedAt, code: referral.code, origin: referral.origin },
  })
}

/**
 * The same for who entered an affiliate's code at their first purchase. Who has paid before is nobody's new customer.
 * To be called in the transaction that books the purchase, before its payment.
 */
export const attributeByCoupon = async (
  ctx: Context,
  { customerId, couponId }: { customerId: string; couponId: string },
): Promise<Attributed> => {
  const [found] = await ctx.db
    .select({ code: coupons.code, affiliate: affiliates, referrer: users })
    .from(coupons)
    .innerJoin(affiliates, eq(affiliates.id, coupons.affiliateId))
    .innerJoin(users, eq(users.id, affiliates.userId))
    .where(eq(coupons.id, couponId))
  const [customer] = await ctx.db.select().from(users).where(eq(users.id, customerId))
  if (found === undefined || customer === undefined) return 'NO_AFFILIATE'
  // Suspended since the checkout began: the price stays, nothing new is earned.
  if (found.affiliate.status !== 'APPROVED') return 'NO_AFFILIATE'
  const paid = and(eq(payments.buyerId, customerId), gt(payments.capturedAmount, 0n))
  if ((await ctx.db.$count(payments, paid)) > 0) return 'EXISTED_BEFORE'
  return fix(ctx, {
    customer,
    referrer: found.referrer,
    affiliateId: found.affiliate.id,
    terms: await groupTerms(ctx, found.affiliate.groupId),
    by: { code: found.code, couponId },
  })
}

const fix = async (
  ctx: Context,
  {
    customer,
    referrer,
    affiliateId,
    terms,
    by,
  }: {
    customer: typeof users.$inferSelect
    referrer: typeof users.$inferSelect
    affiliateId: string
    terms: ReferralTerms
    by: Pick<typeof attributions.$inferInsert, 'clickedAt' | 'code' | 'origin' | 'couponId'>
  },
): Promise<Attributed> => {
  if (customer.id === referrer.id || customer.organizationId === referrer.organizationId) return 'SELF'
  const [made] = await ctx.db
    .insert(attributions)
    .values({
      customerId: customer.id,
      affiliateId,
      ratePercentage: terms.rate,
      holdDays: terms.holdDays,
      ...by,
      createdAt: ctx.now(),
    })
    .onConflictDoNothing()
    .returning({ customerId: attributions.customerId })
  if (made === undefined) return 'ALREADY'
  await recordActivity(ctx, {
    action: 'customer_referred',
    description:
      by.couponId == null
        ? 'Somebody you referred signed up'
        : `Somebody bought with your code ${by.code?.toUpperCase()}`,
    organizationId: referrer.organizationId,
    userId: referrer.id,
    subject: { type: 'affiliate', id: affiliateId },
    after: {
      clickedAt: by.clickedAt?.toISOString() ?? null,
      rate: terms.rate,
      group: terms.group?.name ?? null,
    },
  })
  return 'ATTRIBUTED'
}
