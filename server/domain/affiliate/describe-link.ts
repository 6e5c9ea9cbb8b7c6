import { eq } from 'drizzle-orm'
import { organizations } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { describeSale } from '../marketplace'
import { resolveLink } from './resolve-link'
import type { Landing } from './schemas'

/**
 * What a link sells, for whoever opened it.
 * @throws DomainError 400 LINK_INVALID, 422 LINK_NOT_AVAILABLE
 */
export const describeLink = async (ctx: Context, { token }: { token: string }): Promise<Landing> => {
  const { link, seller } = await resolveLink(ctx, token)
  const [organization] = await ctx.db
    .select({ name: organizations.name })
    .from(organizations)
    .where(eq(organizations.id, seller.organizationId))
  return describeSale(ctx, link, {
    name: `${seller.firstName} ${seller.lastName}`.trim(),
    organization: organization?.name ?? '',
  })
}
