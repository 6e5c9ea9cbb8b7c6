import { and, eq } from 'drizzle-orm'
import { affiliateLinks } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { conflict, notFound } from '../../kit/errors'
import { basisPoints } from '../../kit/money'
import { recordActivity } from '../audit'
import { ownRate } from '../marketplace'
import { lockShares } from '../program'
import { isUuid } from './affiliate-queries'
import { oneLink } from './list-links'
import type { LinkView } from './schemas'

/**
 * Gives one of one's own links the rate that a new one would take, if it is higher. Checkouts that are open, and
 * subscriptions that run, keep the rate they were made with.
 * @throws DomainError 404 LINK_NOT_FOUND, for someone else's too; 409 NOTHING_TO_LIFT
 */
export const liftLink = (ctx: Context, { id }: { id: string }): Promise<LinkView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    // No rate is lowered meanwhile to make room for somebody else's.
    await lockShares(tx)
    const [link] = isUuid(id)
      ? await tx.db
          .select()
          .from(affiliateLinks)
          .where(and(eq(affiliateLinks.id, id), eq(affiliateLinks.sellerId, userId)))
          .for('no key update')
      : []
    if (link === undefined) throw notFound('LINK_NOT_FOUND', 'There is no such link.')
    const rate = await ownRate(tx, userId)
    if (link.status !== 'ACTIVE' || basisPoints(rate) <= basisPoints(link.commissionPercentage))
      throw conflict('NOTHING_TO_LIFT', 'This link has the rate you would get today, or a better one.')
    await tx.db.update(affiliateLinks).set({ commissionPercentage: rate }).where(eq(affiliateLinks.id, id))
    await recordActivity(tx, {
      action: 'link_lifted',
      description: `Lifted the link “${link.name}” to ${Number(rate)} %`,
      subject: { type: 'affiliate_link', id },
      before: { rate: link.commissionPercentage },
      after: { rate },
    })
    return oneLink(tx, id)
  })
