import { eq } from 'drizzle-orm'
import { affiliates, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict, notFound, refused } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { isUuid, readAffiliate } from './affiliate-queries'
import type { AdminAffiliateView } from './schemas'

type Status = AdminAffiliateView['status']

/** What an admin may make of an account; the database holds the same table. */
const NEXT: Readonly<Record<Status, readonly Status[]>> = {
  PENDING: ['APPROVED', 'REJECTED'],
  APPROVED: ['SUSPENDED'],
  REJECTED: ['APPROVED'],
  SUSPENDED: ['APPROVED'],
}

/** Lets an affiliate earn from now on, or again. Errors as `rejectAffiliate`. */
export const approveAffiliate = (ctx: Context, { id }: { id: string }): Promise<AdminAffiliateView> =>
  review(ctx, { id, to: 'APPROVED', reason: null })

/**
 * Refuses an application, with a reason that is mailed. One that is rejected already stays as it is.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND; 422 OWN_APPLICATION; 409 AFFILIATE_STATE
 */
export const rejectAffiliate = (
  ctx: Context,
  { id, reason }: { id: string; reason: string },
): Promise<AdminAffiliateView> => review(ctx, { id, to: 'REJECTED', reason })

/** From now on nothing new is earned; what was earned stays. Errors as `rejectAffiliate`. */
export const suspendAffiliate = (
  ctx: Context,
  { id, reason }: { id: string; reason: string },
): Promise<AdminAffiliateView> => review(ctx, { id, to: 'SUSPENDED', reason })

/** One after the other under the row's lock: two admins at once are one change and one mail. */
const review = (
  ctx: Context,
  { id, to, reason }: { id: string; to: 'APPROVED' | 'REJECTED' | 'SUSPENDED'; reason: string | null },
): Promise<AdminAffiliateView> =>
  inTransaction(ctx, async (tx) => {
    const { userId: adminId } = signedIn(tx)
    const [row] = isUuid(id)
      ? await tx.db.select().from(affiliates).where(eq(affiliates.id, id)).for('no key update')
      : []
    if (row === undefined) throw notFound('AFFILIATE_NOT_FOUND', 'There is no such affiliate.')
    if (row.userId === adminId)
      throw refused('OWN_APPLICATION', 'Nobody decides on an application of their own. Another admin can.')
    if (row.status === to) return readAffiliate(tx, id)
    if (!NEXT[row.status].includes(to))
      throw conflict(
        'AFFILIATE_STATE',
        `An affiliate who is ${row.status.toLowerCase()} cannot become ${to.toLowerCase()}.`,
      )
    const [user] = await tx.db.select().from(users).where(eq(users.id, row.userId)).for('share')
    if (user === undefined) throw new Error(`user ${row.userId} is gone`)
    if (user.closedAt !== null)
      throw conflict('AFFILIATE_STATE', 'This account was closed: nobody could be paid any more.')
    await tx.db
      .update(affiliates)
      .set({ status: to, statusReason: reason, statusChangedBy: adminId, statusChangedAt: tx.now() })
      .where(eq(affiliates.id, id))
    await recordActivity(tx, {
      action: `affiliate_${to.toLowerCase()}`,
      description: `An affiliate was ${to.toLowerCase()}`,
      organizationId: user.organizationId,
      subject: { type: 'affiliate', id },
      before: { status: row.status, reason: row.statusReason },
      after: { status: to, reason },
    })
    await enqueueMail(tx, {
      // Each decision is told once: the row's lock lets no other make the same.
      key: `affiliate:${id}:${newId(tx)}`,
      to: user.email,
      template: 'affiliate-reviewed',
      data: {
        firstName: user.firstName,
        status: to,
        again: row.status === 'SUSPENDED',
        reason: reason ?? '',
      },
    })
    return readAffiliate(tx, id)
  })
