import { and, eq, ne } from 'drizzle-orm'
import { workspaceMembers, workspaces } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { isPublicId } from './rules'

export type WorkspaceRow = typeof workspaces.$inferSelect

export const noSuchWorkspace = () => notFound('WORKSPACE_NOT_FOUND', 'There is no such workspace.')

/**
 * The workspace of this public id, if the signed-in person is its owner.
 * @throws DomainError 401; 404 WORKSPACE_NOT_FOUND for one that is missing, deleted or someone else's, all alike.
 */
export const ownedWorkspace = async (ctx: Context, publicId: string): Promise<WorkspaceRow> => {
  const { userId } = signedIn(ctx)
  if (!isPublicId(publicId)) throw noSuchWorkspace()
  const [found] = await ctx.db
    .select({ workspace: workspaces })
    .from(workspaces)
    .innerJoin(
      workspaceMembers,
      and(
        eq(workspaceMembers.workspaceId, workspaces.id),
        eq(workspaceMembers.userId, userId),
        eq(workspaceMembers.role, 'OWNER'),
      ),
    )
    .where(and(eq(workspaces.publicId, publicId), ne(workspaces.status, 'DELETED')))
  if (found === undefined) throw noSuchWorkspace()
  return found.workspace
}

/**
 * Who changes a workspace's pages waits here for who is about to do the same. Clones, reads and visits do not wait.
 */
export const lockWorkspace = async (ctx: Context, id: bigint): Promise<void> => {
  await ctx.db
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(eq(workspaces.id, id))
    .for('no key update')
}
