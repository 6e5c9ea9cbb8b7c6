import { and, asc, eq, gt } from 'drizzle-orm'
import { users, workspaceClones, workspaceReleases, workspaces } from '../../../db/schema'
import { announce } from '../../kit/announce'
import { type Context, inTransaction } from '../../kit/context'
import { enqueueMail } from '../../kit/queue'
import { latestRelease } from './releases'

/** How many mails are written in one transaction. */
const AT_ONCE = 100

/**
 * Mails the owner of each copy that may be edited that there is a release to take; each once, however often it is
 * begun. A release that is no longer the latest is told by the one after it.
 */
export const tellOwners = async (ctx: Context, releaseId: string): Promise<void> => {
  const [told] = await ctx.db
    .select({ release: workspaceReleases, seller: users })
    .from(workspaceReleases)
    .innerJoin(workspaces, eq(workspaces.id, workspaceReleases.workspaceId))
    .innerJoin(users, eq(users.id, workspaces.ownerId))
    .where(eq(workspaceReleases.id, releaseId))
  if (told === undefined) return
  const { release, seller } = told
  for (let after = ''; ; ) {
    if ((await latestRelease(ctx, release.workspaceId))?.id !== release.id) return
    const copies = await copiesAfter(ctx, release.workspaceId, after)
    await inTransaction(ctx, async (tx) => {
      await announce(
        tx,
        copies.map(({ id, copy, owner }) => ({
          userId: owner.id,
          kind: 'release.available',
          key: `release:${release.id}:${id}`,
          data: { workspaceId: copy.publicId, label: release.label, notes: release.notes },
        })),
      )
      for (const { id, copy, owner } of copies)
        await enqueueMail(tx, {
          key: `release:${release.id}:${id}`,
          to: owner.email,
          template: 'release-available',
          data: {
            firstName: owner.firstName,
            sellerName: `${seller.firstName} ${seller.lastName}`.trim(),
            workspaceName: copy.name,
            workspacePublicId: copy.publicId,
            label: release.label,
            notes: release.notes,
          },
        })
    })
    const last = copies.at(-1)
    if (last === undefined || copies.length < AT_ONCE) return
    after = last.id
  }
}

const copiesAfter = (ctx: Context, sourceId: bigint, after: string) =>
  ctx.db
    .select({ id: workspaceClones.id, copy: workspaces, owner: users })
    .from(workspaceClones)
    .innerJoin(workspaces, eq(workspaces.id, workspaceClones.copyWorkspaceId))
    .innerJoin(users, eq(users.id, workspaces.ownerId))
    .where(
      and(
        eq(workspaceClones.sourceWorkspaceId, sourceId),
        eq(workspaces.status, 'ACTIVE'),
        after === '' ? undefined : gt(workspaceClones.id, after),
      ),
    )
    .orderBy(asc(workspaceClones.id))
    .limit(AT_ONCE)
