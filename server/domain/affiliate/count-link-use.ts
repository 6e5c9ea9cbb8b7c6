import { eq, sql } from 'drizzle-orm'
import { affiliateLinks } from '../../../db/schema'
import type { Context } from '../../kit/context'

/**
 * Counts a fulfilled purchase, in its transaction. The last use allowed exhausts the link; a checkout that was open
 * then is counted beyond it, for its buyer has paid.
 */
export const countLinkUse = async (ctx: Context, linkId: string): Promise<void> => {
  await ctx.db
    .update(affiliateLinks)
    .set({
      uses: sql`${affiliateLinks.uses} + 1`,
      status: sql`case when ${affiliateLinks.status} = 'ACTIVE' and ${affiliateLinks.uses} + 1 >= ${affiliateLinks.maxUses}
        then 'EXHAUSTED'::link_status else ${affiliateLinks.status} end`,
    })
    .where(eq(affiliateLinks.id, linkId))
}
