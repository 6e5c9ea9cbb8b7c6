import { and, eq, inArray, ne, notInArray } from 'drizzle-orm'
import { formSubmissions, workspaceMembers, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { recordActivity } from '../audit'

/**
 * Deletes all that somebody owns, softly, and takes them out of other people's workspaces. Copies that were sold are
 * their buyers'.
 * @returns how many were deleted
 */
export const deleteAllWorkspaces = async (ctx: Context, userId: string): Promise<number> => {
  const gone = await ctx.db
    .update(workspaces)
    .set({ status: 'DELETED', updatedAt: ctx.now() })
    .where(and(eq(workspaces.ownerId, userId), notInArray(workspaces.status, ['DELETED', 'RELEASE'])))
    .returning({ publicId: workspaces.publicId })
  for (const { publicId } of gone)
    await recordActivity(ctx, {
      action: 'workspace_deleted',
      description: 'Deleted a workspace: its owner closed their account.',
      subject: { type: 'workspace', id: publicId },
      after: { status: 'DELETED' },
    })
  // Of people who never knew of the account.
  await ctx.db
    .delete(formSubmissions)
    .where(
      inArray(
        formSubmissions.workspaceId,
        ctx.db.select({ id: workspaces.id }).from(workspaces).where(eq(workspaces.ownerId, userId)),
      ),
    )
  await ctx.db
    .delete(workspaceMembers)
    .where(and(eq(workspaceMembers.userId, userId), ne(workspaceMembers.role, 'OWNER')))
  return gone.length
}
