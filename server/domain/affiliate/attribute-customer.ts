import { eq } from 'drizzle-orm'
import { attributions, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { recordActivity } from '../audit'
import { signUp } from '../identity'
import type { SignUpInput, SignUpView } from '../identity/schemas'
import { programAt } from '../program'
import { activeAffiliate, isRunning, type Referral, readReferral } from './referral'

export type Attributed = 'ATTRIBUTED' | 'NO_AFFILIATE' | 'OVER' | 'EXISTED_BEFORE' | 'SELF' | 'ALREADY'

/**
 * Fixes who referred a customer, for life and under the terms of today: rate and hold are theirs from now on. Whoever
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
  if (customer.id === referrer.id || customer.organizationId === referrer.organizationId) return 'SELF'
  const program = await programAt(ctx)
  const [made] = await ctx.db
    .insert(attributions)
    .values({
      customerId,
      affiliateId: affiliate.id,
      ratePercentage: program.referralCommissionPercentage,
      holdDays: program.commissionHoldDays,
      clickedAt: referral.clickedAt,
      code: referral.code,
      origin: referral.origin,
      createdAt: ctx.now(),
    })
    .onConflictDoNothing()
    .returning({ customerId: attributions.customerId })
  if (made === undefined) return 'ALREADY'
  await recordActivity(ctx, {
    action: 'customer_referred',
    description: 'Somebody you referred signed up',
    organizationId: referrer.organizationId,
    userId: referrer.id,
    subject: { type: 'affiliate', id: affiliate.id },
    after: { clickedAt: referral.clickedAt.toISOString(), rate: program.referralCommissionPercentage },
  })
  return 'ATTRIBUTED'
}

/**
 * Signs somebody up as `identity.signUp`, and fixes who referred them, both or neither.
 * @param cookie the value of the referral cookie that came along, if any
 */
export const signUpReferred = (
  ctx: Context,
  input: SignUpInput,
  cookie: string | null | undefined,
): Promise<SignUpView> => {
  const referral = readReferral(ctx, cookie)
  return signUp(ctx, input, async (tx, customerId) => {
    if (referral !== null) await attributeCustomer(tx, { customerId, referral })
  })
}
