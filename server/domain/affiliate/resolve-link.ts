import { eq } from 'drizzle-orm'
import { affiliateLinks, users, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { refused } from '../../kit/errors'
import { planOf } from '../identity'
import { readLinkToken } from './link-token'

export interface ResolvedLink {
  readonly link: typeof affiliateLinks.$inferSelect
  readonly workspace: typeof workspaces.$inferSelect
  readonly seller: {
    readonly id: string
    readonly organizationId: string
    readonly firstName: string
    readonly lastName: string
    readonly email: string
  }
}

/**
 * What a token sells, as the rows say now; the token is believed for the link's id alone.
 * @throws DomainError 400 LINK_INVALID for a token that is not ours; 422 LINK_NOT_AVAILABLE when the link is revoked,
 * expired or used up, or its workspace is gone, no longer its seller's, or no longer to be sold.
 */
export const resolveLink = async (ctx: Context, token: string): Promise<ResolvedLink> => {
  const { linkId, expiresAt } = await readLinkToken(ctx, token)
  const [found] = await ctx.db
    .select({
      link: affiliateLinks,
      workspace: workspaces,
      seller: {
        id: users.id,
        organizationId: users.organizationId,
        firstName: users.firstName,
        lastName: users.lastName,
        email: users.email,
      },
    })
    .from(affiliateLinks)
    .innerJoin(workspaces, eq(workspaces.id, affiliateLinks.workspaceId))
    .innerJoin(users, eq(users.id, affiliateLinks.sellerId))
    .where(eq(affiliateLinks.id, linkId))
  if (found === undefined || expiresAt <= ctx.now() || !isSold(found, ctx.now())) throw notAvailable()
  if ((await planOf(ctx, found.seller.id)) !== 'AGENCY') throw notAvailable()
  return found
}

const isSold = ({ link, workspace }: ResolvedLink, now: Date): boolean =>
  link.status === 'ACTIVE' &&
  (link.expiresAt === null || link.expiresAt > now) &&
  (link.maxUses === null || link.uses < link.maxUses) &&
  workspace.status === 'ACTIVE' &&
  !workspace.notForResale &&
  workspace.ownerId === link.sellerId

const notAvailable = () => refused('LINK_NOT_AVAILABLE', 'This offer is not available any more.')
