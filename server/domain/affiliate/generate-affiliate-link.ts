import { and, eq } from 'drizzle-orm'
import { affiliateLinks } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict } from '../../kit/errors'
import { recordActivity } from '../audit'
import { offerColumns, ownRate, requireChargeable, requireSellable, termsOf } from '../marketplace'
import { editableWorkspace, workspaceFor } from '../workspace'
import { linkToken, linkUrl } from './link-token'
import { futureMoment } from './rules'
import type { GenerateAffiliateLinkInput, GeneratedAffiliateLink } from './schemas'

/**
 * Makes a link that sells one of one's workspaces. Price, plan and the seller's rate are frozen into it.
 * @throws DomainError 400 for an `expiresAt` that is over; then 404 WORKSPACE_NOT_FOUND, 403 NOT_PERMITTED, 409 LINK_NAME_TAKEN,
 * 422 NOT_SELLABLE, NOT_FOR_RESALE, OVER_PLAN_LIMIT, FREE_NEEDS_OFFER, ONE_OFF_INCLUDES_NO_PLAN, PRICE_BELOW_PLAN,
 * PRICE_NOT_CHARGEABLE, asked in this order.
 */
export const generateAffiliateLink = async (
  ctx: Context,
  input: GenerateAffiliateLinkInput,
): Promise<GeneratedAffiliateLink> => {
  signedIn(ctx)
  const expiresAt = futureMoment(input.expiresAt, ctx.now())
  return inTransaction(ctx, async (tx) => {
    const workspace = await workspaceFor(tx, input.workspaceId, 'sell')
    // Whoever makes it, its owner sells and earns.
    const sellerId = workspace.ownerId
    await requireFreeName(tx, sellerId, input.name)
    await requireSellable(tx, sellerId, workspace)
    // As all that changes it: not what is over a limit, nor by who is.
    await editableWorkspace(tx, input.workspaceId, undefined, 'sell')
    const { planType, offer } = termsOf(input)
    requireChargeable(tx, offer)
    const [link] = await tx.db
      .insert(affiliateLinks)
      .values({
        id: newId(tx),
        sellerId,
        workspaceId: workspace.id,
        name: input.name,
        planType,
        ...offerColumns(offer),
        commissionPercentage: await ownRate(tx, sellerId),
        settings: input.settings ?? {},
        expiresAt,
        maxUses: input.maxUses ?? null,
        createdAt: tx.now(),
      })
      .onConflictDoNothing({ target: [affiliateLinks.sellerId, affiliateLinks.name] })
      .returning()
    if (link === undefined) throw nameTaken()
    await recordActivity(tx, {
      action: 'link_created',
      description: `Made the link “${link.name}” for “${workspace.name}”`,
      subject: { type: 'affiliate_link', id: link.id },
      after: {
        name: link.name,
        workspaceId: workspace.publicId,
        planType,
        offer,
        rate: link.commissionPercentage,
      },
    })
    const token = await linkToken(tx, link, workspace.publicId)
    return { message: 'Your affiliate link is ready.', id: link.id, url: linkUrl(tx, token), token }
  })
}

const requireFreeName = async (ctx: Context, sellerId: string, name: string): Promise<void> => {
  const [taken] = await ctx.db
    .select({ id: affiliateLinks.id })
    .from(affiliateLinks)
    .where(and(eq(affiliateLinks.sellerId, sellerId), eq(affiliateLinks.name, name)))
  if (taken !== undefined) throw nameTaken()
}

const nameTaken = () => conflict('LINK_NAME_TAKEN', 'You have a link of this name already.')
