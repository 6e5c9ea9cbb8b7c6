import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { affiliateLinks } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { oneLink } from './list-links'
import type { LinkView } from './schemas'

/** One of one's own links. @throws DomainError 404 LINK_NOT_FOUND, for someone else's too. */
export const readLink = async (ctx: Context, { id }: { id: string }): Promise<LinkView> => {
  const { userId } = signedIn(ctx)
  const [own] = z.uuid().safeParse(id).success
    ? await ctx.db
        .select({ id: affiliateLinks.id })
        .from(affiliateLinks)
        .where(and(eq(affiliateLinks.id, id), eq(affiliateLinks.sellerId, userId)))
    : []
  if (own === undefined) throw notFound('LINK_NOT_FOUND', 'There is no such link.')
  return oneLink(ctx, own.id)
}
