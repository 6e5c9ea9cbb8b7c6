import type { Context } from '../../kit/context'
import { refused } from '../../kit/errors'
import { applyCoupon, resolveLink } from '../affiliate'
import { resolveListing, type SoldTerms } from '../marketplace'
import { buyAddon } from './buy-addon'
import { buyPlan } from './buy-plan'
import { type BuyerInput, chosenProvider, openCheckout, type Sale } from './open-checkout'
import type { CreatePaymentLinkInput, PaymentLink, WorkspacePurchaseInput } from './schemas'

type Asked<I> = I & Pick<BuyerInput, 'attempt' | 'referral'>

/**
 * Makes the provider's hosted checkout for one buyer and one offer: a workspace's, by a link or a listing, a plan of the
 * platform's own, or add-ons to it. Idempotent by (buyer, offer, attempt), see `openCheckout`.
 * @throws DomainError 400 LINK_INVALID, 422 LINK_NOT_AVAILABLE, 404 LISTING_NOT_FOUND, 422 LISTING_NOT_AVAILABLE,
 *   422 WORKSPACE_MISMATCH, 422 PROVIDER_OFF, 503 PROVIDER_UNAVAILABLE; of a code those of
 *   `applyCoupon`; of plans those of `buyPlan`, of add-ons those of `buyAddon`.
 */
export const createPaymentLink = async (
  ctx: Context,
  input: Asked<CreatePaymentLinkInput>,
): Promise<PaymentLink> => {
  const { id, url } = await checkoutOf(ctx, input)
  return { id, url }
}

const checkoutOf = (ctx: Context, input: Asked<CreatePaymentLinkInput>) => {
  switch (input.paymentType) {
    case 'PLAN_PURCHASE':
      return buyPlan(ctx, input)
    case 'ADDON_PURCHASE':
      return buyAddon(ctx, input)
    case 'WORKSPACE_PURCHASE':
      return buyWorkspace(ctx, input)
  }
}

const buyWorkspace = async (ctx: Context, input: Asked<WorkspacePurchaseInput>): Promise<PaymentLink> => {
  const { workspacePublicId, sale } =
    input.listingSlug === undefined
      ? await soldByLink(ctx, input.affiliateToken ?? '')
      : await soldByListing(ctx, input.listingSlug)
  if (input.workspaceId !== undefined && input.workspaceId !== workspacePublicId)
    throw refused('WORKSPACE_MISMATCH', 'This sells another workspace.')
  const price = { amount: sale.priceAmount, currency: sale.priceCurrency }
  const coupon =
    input.coupon === undefined
      ? undefined
      : await applyCoupon(ctx, {
          code: input.coupon,
          price,
          what: 'WORKSPACES',
          recurring: sale.frequency !== null,
          buyer: null,
        })
  const provider = chosenProvider(ctx, input.provider, price, sale.freeTrialPeriodInDays, coupon)
  const reduced =
    coupon === undefined ? sale : { ...sale, coupon, cancelUrl: `${sale.cancelUrl}&coupon=${coupon.code}` }
  return openCheckout(ctx, provider, reduced, input)
}

interface Sold {
  readonly workspacePublicId: string
  readonly sale: Sale
}

const soldByLink = async (ctx: Context, token: string): Promise<Sold> => {
  const { link, workspace } = await resolveLink(ctx, token)
  return {
    workspacePublicId: workspace.publicId,
    sale: {
      ...termsOfSale(ctx, link),
      offerKey: `link:${link.id}`,
      affiliateLinkId: link.id,
      listingId: null,
      title: workspace.name,
      cancelUrl: `${ctx.config.appUrl}/buy/${token}?cancelled=1`,
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
    },
  }
}

const soldByListing = async (ctx: Context, slug: string): Promise<Sold> => {
  const { listing, workspace } = await resolveListing(ctx, slug)
  const { priceAmount, priceCurrency, planType, frequency, frequencyInterval } = listing
  // With the terms in it: an open order of before is not for what the listing asks now.
  const terms = [
    `${priceAmount}${priceCurrency}`,
    planType,
    frequency,
    frequencyInterval,
    listing.freeTrialPeriodInDays,
  ]
  return {
    workspacePublicId: workspace.id,
    sale: {
      ...termsOfSale(ctx, listing),
      offerKey: `listing:${listing.id}:${terms.join(':')}`,
      affiliateLinkId: null,
      listingId: listing.id,
      title: listing.title,
      cancelUrl: `${ctx.config.appUrl}/marketplace/${encodeURIComponent(slug)}?cancelled=1`,
      metadata: { workspaceId: workspace.id, listingId: listing.id },
      details: {
        workspace: { id: workspace.id, name: workspace.name, sellerId: listing.sellerId },
        listing: {
          id: listing.id,
          slug: listing.slug,
          userId: listing.sellerId,
          planType,
          commissionPercentage: Number(listing.commissionPercentage),
        },
      },
    },
  }
}

/** What a link and a listing freeze alike. */
const termsOfSale = (
  ctx: Context,
  sold: SoldTerms &
    Pick<Sale, 'planType'> & { workspaceId: bigint; sellerId: string; commissionPercentage: string },
) =>
  ({
    paymentType: 'WORKSPACE_PURCHASE',
    workspaceId: sold.workspaceId,
    sellerId: sold.sellerId,
    commissionPercentage: sold.commissionPercentage,
    planType: sold.planType,
    offerMode: sold.offerMode,
    priceAmount: sold.priceAmount,
    priceCurrency: sold.priceCurrency,
    frequency: sold.frequency,
    frequencyInterval: sold.frequencyInterval,
    freeTrialPeriodInDays: sold.freeTrialPeriodInDays,
    description:
      sold.offerMode === 'ONE_OFF'
        ? 'A complete, independent copy of this workspace.'
        : `A complete, independent copy of this workspace, with the ${sold.planType} plan.`,
    successUrl: (order) =>
      `${ctx.config.appUrl}/buy/success?order=${order.id}&session_id={CHECKOUT_SESSION_ID}`,
  }) satisfies Partial<Sale>
