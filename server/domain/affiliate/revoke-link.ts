import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { affiliateLinks } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { recordActivity } from '../audit'
import { oneLink } from './list-links'
import type { LinkView } from './schemas'

/**
 * Ends one of one's own links; a checkout already open is still honoured. Again: the same answer.
 * @throws DomainError 404 LINK_NOT_FOUND, for someone else's too.
 */
export const revokeLink = async (ctx: Context, { id }: { id: string }): Promise<LinkView> => {
  const { userId } = signedIn(ctx)
  if (!z.uuid().safeParse(id).success) throw noSuchLink()
  return inTransaction(ctx, async (tx) => {
    const [link] = await tx.db
      .select()
      .from(affiliateLinks)
      .where(and(eq(affiliateLinks.id, id), eq(affiliateLinks.sellerId, userId)))
      .for('update')
    if (link === undefined) throw noSuchLink()
    if (link.status !== 'REVOKED') {
      await tx.db
        .update(affiliateLinks)
        .set({ status: 'REVOKED', revokedAt: tx.now() })
        .where(eq(affiliateLinks.id, id))
      await recordActivity(tx, {
        action: 'link_revoked',
        description: `Revoked the link “${link.name}”`,
        subject: { type: 'affiliate_link', id },
        before: { status: link.status },
        after: { status: 'REVOKED' },
      })
    }
    return oneLink(tx, id)
  })
}

const noSuchLink = () => notFound('LINK_NOT_FOUND', 'There is no such link.')
