import type { Context } from '../../kit/context'
import { refused } from '../../kit/errors'
import { type AppliedCoupon, applyCoupon, resolveLink } from '../affiliate'
import { buyPlan } from './buy-plan'
import { type BuyerInput, chosenProvider, openCheckout, type Sale } from './open-checkout'
import type { CreatePaymentLinkInput, PaymentLink, WorkspacePurchaseInput } from './schemas'

type Asked<I> = I & Pick<BuyerInput, 'attempt' | 'referral'>

/**
 * Makes the provider's hosted checkout for one buyer and one offer: a workspace's, or a plan of the platform's own.
 * Idempotent by (buyer, offer, attempt), see `openCheckout`.
 * @throws DomainError 400 LINK_INVALID, 422 LINK_NOT_AVAILABLE, 422 WORKSPACE_MISMATCH, 422 PROVIDER_OFF,
 *   503 PROVIDER_UNAVAILABLE; of a code those of `applyCoupon`; of plans those of `buyPlan`.
 */
export const createPaymentLink = async (
  ctx: Context,
  input: Asked<CreatePaymentLinkInput>,
): Promise<PaymentLink> => {
  const { id, url } = await (input.paymentType === 'PLAN_PURCHASE'
    ? buyPlan(ctx, input)
    : buyWorkspace(ctx, input))
  return { id, url }
}

const buyWorkspace = async (ctx: Context, input: Asked<WorkspacePurchaseInput>): Promise<PaymentLink> => {
  const resolved = await resolveLink(ctx, input.affiliateToken)
  const { link, workspace } = resolved
  if (input.workspaceId !== undefined && input.workspaceId !== workspace.publicId)
    throw refused('WORKSPACE_MISMATCH', 'This link sells another workspace.')
  const price = { amount: link.priceAmount, currency: link.priceCurrency }
  const coupon =
    input.coupon === undefined
      ? undefined
      : await applyCoupon(ctx, {
          code: input.coupon,
          price,
          what: 'WORKSPACES',
          recurring: link.frequency !== null,
          buyer: null,
        })
  const provider = chosenProvider(ctx, input.provider, price, link.freeTrialPeriodInDays, coupon)
  return openCheckout(ctx, provider, saleOf(ctx, resolved, input.affiliateToken, coupon), input)
}

const saleOf = (
  ctx: Context,
  { link, workspace }: Awaited<ReturnType<typeof resolveLink>>,
  token: string,
  coupon: AppliedCoupon | undefined,
): Sale => ({
  offerKey: `link:${link.id}`,
  ...(coupon === undefined ? {} : { coupon }),
  paymentType: 'WORKSPACE_PURCHASE',
  affiliateLinkId: link.id,
  workspaceId: link.workspaceId,
  sellerId: link.sellerId,
  commissionPercentage: link.commissionPercentage,
  planType: link.planType,
  offerMode: link.offerMode,
  priceAmount: link.priceAmount,
  priceCurrency: link.priceCurrency,
  frequency: link.frequency,
  frequencyInterval: link.frequencyInterval,
  freeTrialPeriodInDays: link.freeTrialPeriodInDays,
  title: workspace.name,
  description:
    link.offerMode === 'ONE_OFF'
      ? 'A complete, independent copy of this workspace.'
      : `A complete, independent copy of this workspace, with the ${link.planType} plan.`,
  successUrl: (order) =>
    `${ctx.config.appUrl}/buy/success?order=${order.id}&session_id={CHECKOUT_SESSION_ID}`,
  cancelUrl: `${ctx.config.appUrl}/buy/${token}?cancelled=1${coupon === undefined ? '' : `&coupon=${coupon.code}`}`,
  metadata: { workspaceId: workspace.publicId, affiliateLinkId: link.id },
  details: {
    workspace: {
      id: workspace.publicId,
      name: workspace.name,
      slug: workspace.slug,
      sellerId: link.sellerId,
    },
    affiliateLink: {
      id: link.id,
      userId: link.sellerId,
      planType: link.planType,
      commissionPercentage: Number(link.commissionPercentage),
    },
  },
})
