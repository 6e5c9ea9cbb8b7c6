import type { Context } from '../../kit/context'
import type { Plan } from '../../kit/plans'
import { planOf } from '../identity'
import { programAt } from '../program'
import { describeForSale } from '../workspace'
import { offerOf, providersFor, type SoldTerms } from './offer'
import type { Landing } from './schemas'

/** What a link or a listing holds of what it sells. */
export interface Sold extends SoldTerms {
  readonly workspaceId: bigint
  readonly planType: Plan
  readonly expiresAt: Date | null
}

/**
 * What is sold, for whoever opened its page: the workspace, the offer, who sells it (a name, no address), and what the
 * reader's plan will be after buying.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND when it is gone
 */
export const describeSale = async (ctx: Context, sold: Sold, seller: Landing['seller']): Promise<Landing> => {
  const [workspace, planAfter] = await Promise.all([
    describeForSale(ctx, sold.workspaceId),
    // A one-off offer sells the copy alone; a subscription includes its plan.
    sold.offerMode === 'SUBSCRIPTION' ? sold.planType : readersPlan(ctx),
  ])
  const { funnels, pagesPerFunnel } = (await programAt(ctx)).planLimits[planAfter]
  return {
    workspace,
    offer: offerOf(sold),
    providers: providersFor(ctx, sold),
    seller,
    expiresAt: sold.expiresAt?.toISOString() ?? null,
    planAfter,
    limits: { funnels, pagesPerFunnel },
  }
}

const readersPlan = async (ctx: Context): Promise<Plan> =>
  ctx.actor.kind === 'user' || ctx.actor.kind === 'admin' ? planOf(ctx, ctx.actor.userId) : 'FREE'
