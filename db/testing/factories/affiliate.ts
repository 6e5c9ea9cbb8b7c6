import type { Visit } from '../../../server/domain/affiliate'
import { postTransfer } from '../../../server/domain/balance'
import type { Context } from '../../../server/kit/context'
import { inTransaction, newId } from '../../../server/kit/context'
import {
  affiliateCodes,
  affiliates,
  attributions,
  orders,
  payments,
  workspaceMembers,
  workspaces,
} from '../../schema'
import { type MadeUser, type MakeUser, makeUser } from './identity'

/** Somebody who may sell. */
export const makeSeller = (ctx: Context, more: MakeUser = {}): Promise<MadeUser> =>
  makeUser(ctx, { plan: 'AGENCY', ...more })

/** A workspace without contents, owned by this user. */
export const makeBareWorkspace = async (
  ctx: Context,
  ownerId: string,
  more: Partial<typeof workspaces.$inferInsert> = {},
): Promise<typeof workspaces.$inferSelect> => {
  const publicId = newId(ctx).replaceAll('-', '').slice(-16)
  const [workspace] = await ctx.db
    .insert(workspaces)
    .values({
      publicId,
      ownerId,
      name: 'Premium Templates',
      slug: publicId,
      slugBase: publicId,
      slugNo: 0,
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
      ...more,
    })
    .returning()
  if (workspace === undefined) throw new Error('no workspace came back')
  await ctx.db
    .insert(workspaceMembers)
    .values({ workspaceId: workspace.id, userId: ownerId, role: 'OWNER', createdAt: ctx.now() })
  return workspace
}

/** A captured payment for a workspace as the books have it, with its order; nothing was handed over for it. */
export const makePayment = async (
  ctx: Context,
  facts: { buyerId: string; sellerId: string; workspaceId: bigint } & Partial<typeof payments.$inferInsert>,
): Promise<typeof payments.$inferSelect> => {
  const base = facts.baseAmount ?? 10_000n
  const tax = facts.taxAmount ?? 0n
  const orderId = newId(ctx)
  await ctx.db.insert(orders).values({
    id: orderId,
    paymentType: 'WORKSPACE_PURCHASE',
    provider: 'sandbox',
    mode: 'sandbox',
    buyerId: facts.buyerId,
    email: 'buyer@example.test',
    firstName: 'Bo',
    lastName: 'Buyer',
    buyerKey: facts.buyerId,
    offerKey: orderId,
    status: 'PAID',
    sellerId: facts.sellerId,
    workspaceId: facts.workspaceId,
    planType: 'FREE',
    offerMode: 'ONE_OFF',
    priceAmount: base + tax,
    priceCurrency: facts.currency ?? 'USD',
    createdAt: ctx.now(),
    expiresAt: ctx.now(),
  })
  const [payment] = await ctx.db
    .insert(payments)
    .values({
      id: newId(ctx),
      orderId,
      type: 'WORKSPACE_PURCHASE',
      status: 'CAPTURED',
      provider: 'sandbox',
      mode: 'sandbox',
      externalId: orderId,
      currency: 'USD',
      capturedAmount: base + tax,
      taxAmount: tax,
      baseAmount: base,
      paidAt: ctx.now(),
      createdAt: ctx.now(),
      ...facts,
    })
    .returning()
  if (payment === undefined) throw new Error('no payment came back')
  if (payment.capturedAmount > 0n)
    await postTransfer(ctx, {
      key: `capture:${payment.id}`,
      kind: 'payment_captured',
      currency: payment.currency,
      referenceType: 'payment',
      referenceId: payment.id,
      entries: [
        { account: { kind: 'provider', name: payment.provider }, amount: -payment.capturedAmount },
        { account: { kind: 'revenue' }, amount: payment.baseAmount },
        { account: { kind: 'tax' }, amount: payment.taxAmount },
      ],
    })
  return payment
}

/** Somebody in the referral programme; their code is their id. */
export const makeAffiliate = async (
  ctx: Context,
  {
    userId,
    status = 'APPROVED',
  }: { userId: string; status?: (typeof affiliates.$inferSelect)['status'] | undefined },
): Promise<{ id: string; code: string }> => {
  const id = newId(ctx)
  await inTransaction(ctx, async ({ db }) => {
    await db.insert(affiliates).values({ id, userId, code: id, status, createdAt: ctx.now() })
    await db.insert(affiliateCodes).values({ code: id, affiliateId: id, createdAt: ctx.now() })
  })
  return { id, code: id }
}

/** An affiliate to whom this customer is attributed. */
export const makeReferral = async (
  ctx: Context,
  facts: {
    affiliateUserId: string
    customerId: string
    rate?: string
    status?: 'PENDING' | 'APPROVED' | 'REJECTED' | 'SUSPENDED'
    /** The settings' by default. */
    holdDays?: number
    earnsUntil?: Date
  },
): Promise<void> => {
  const { id } = await makeAffiliate(ctx, { userId: facts.affiliateUserId, status: facts.status })
  await ctx.db.insert(attributions).values({
    customerId: facts.customerId,
    affiliateId: id,
    ratePercentage: facts.rate ?? '15.00',
    holdDays: facts.holdDays ?? ctx.config.commissionHoldDays,
    earnsUntil: facts.earnsUntil ?? null,
    createdAt: ctx.now(),
  })
}

/** A visit through an affiliate's link, as the way in would tell of it. */
export const visit = (code: string, more: Partial<Visit> = {}): Visit => ({
  code,
  origin: { source: 'news', medium: 'mail', campaign: 'summer', landingPage: '/auth/sign-up' },
  paidSearch: false,
  visitor: { address: '192.0.2.1', userAgent: 'Browser' },
  ...more,
})
