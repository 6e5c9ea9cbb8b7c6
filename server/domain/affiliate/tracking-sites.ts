import { and, desc, eq, isNull } from 'drizzle-orm'
import { trackingSites } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { recordActivity } from '../audit'
import type { AddTrackingSiteInput, TrackingSite } from './schemas'

/** Lets the pages of a site outside record clicks, from the origins named and no other. For admins. */
export const addTrackingSite = (
  ctx: Context,
  { name, origins }: AddTrackingSiteInput,
): Promise<TrackingSite> =>
  inTransaction(ctx, async (tx) => {
    const [row] = await tx.db
      .insert(trackingSites)
      .values({
        id: newId(tx),
        name,
        publicKey: `osp_${tx.outside.random(18).toString('base64url')}`,
        origins,
        createdBy: signedIn(tx).userId,
        createdAt: tx.now(),
      })
      .returning()
    if (row === undefined) throw new Error('no site came back')
    await recordActivity(tx, {
      action: 'tracking_site_added',
      description: 'A site outside may record clicks',
      subject: { type: 'tracking_site', id: row.id },
      after: { name, origins },
    })
    return toView(row)
  })

/** Every site there was, newest first. For admins. */
export const listTrackingSites = async (ctx: Context): Promise<TrackingSite[]> => {
  const rows = await ctx.db
    .select()
    .from(trackingSites)
    .orderBy(desc(trackingSites.createdAt), desc(trackingSites.id))
    .limit(200)
  return rows.map(toView)
}

/** Ends a site's key at once. What it recorded stays. @throws DomainError 404 TRACKING_SITE_NOT_FOUND, for an ended one too. */
export const revokeTrackingSite = (ctx: Context, { id }: { id: string }): Promise<TrackingSite> =>
  inTransaction(ctx, async (tx) => {
    const [row] = await tx.db
      .update(trackingSites)
      .set({ revokedAt: tx.now() })
      .where(and(eq(trackingSites.id, id), isNull(trackingSites.revokedAt)))
      .returning()
    if (row === undefined) throw notFound('TRACKING_SITE_NOT_FOUND', 'There is no such site.')
    await recordActivity(tx, {
      action: 'tracking_site_revoked',
      description: 'A site outside may record clicks no longer',
      subject: { type: 'tracking_site', id },
      before: { name: row.name, origins: row.origins },
    })
    return toView(row)
  })

/** May pages of this origin record clicks under this key? */
export const isTrackingSite = async (ctx: Context, publicKey: string, origin: string): Promise<boolean> => {
  if (!/^osp_[A-Za-z0-9_-]{24}$/.test(publicKey)) return false
  const [row] = await ctx.db
    .select({ origins: trackingSites.origins })
    .from(trackingSites)
    .where(and(eq(trackingSites.publicKey, publicKey), isNull(trackingSites.revokedAt)))
  return row?.origins.includes(origin) ?? false
}

const toView = (row: typeof trackingSites.$inferSelect): TrackingSite => ({
  id: row.id,
  name: row.name,
  key: row.publicKey,
  origins: row.origins,
  createdAt: row.createdAt.toISOString(),
  revokedAt: row.revokedAt?.toISOString() ?? null,
})
