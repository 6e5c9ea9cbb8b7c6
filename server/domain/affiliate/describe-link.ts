import { eq } from 'drizzle-orm'
import { organizations } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { planOf } from '../identity'
import { offerOf, providersFor } from '../marketplace'
import { programAt } from '../program'
import { describeForSale } from '../workspace'
import { resolveLink } from './resolve-link'
import type { Landing } from './schemas'

/**
 * What a link sells, for whoever opened it: the workspace, the offer, who sells it (a name, no address), and what the
 * reader's plan will be after buying.
 * @throws DomainError 400 LINK_INVALID, 422 LINK_NOT_AVAILABLE
 */
export const describeLink = async (ctx: Context, { token }: { token: string }): Promise<Landing> => {
  const { link, seller } = await resolveLink(ctx, token)
  const [workspace, planAfter, [organization]] = await Promise.all([
    describeForSale(ctx, link.workspaceId),
    // A one-off offer sells the copy alone; a subscription includes its plan.
    link.offerMode === 'SUBSCRIPTION' ? link.planType : readersPlan(ctx),
    ctx.db
      .select({ name: organizations.name })
      .from(organizations)
      .where(eq(organizations.id, seller.organizationId)),
  ])
  const { funnels, pagesPerFunnel } = (await programAt(ctx)).planLimits[planAfter]
  return {
    workspace,
    offer: offerOf(link),
    providers: providersFor(ctx, link),
    seller: { name: `${seller.firstName} ${seller.lastName}`.trim(), organization: organization?.name ?? '' },
    expiresAt: link.expiresAt?.toISOString() ?? null,
    planAfter,
    limits: { funnels, pagesPerFunnel },
  }
}

const readersPlan = async (ctx: Context) =>
  ctx.actor.kind === 'user' || ctx.actor.kind === 'admin' ? planOf(ctx, ctx.actor.userId) : 'FREE'
