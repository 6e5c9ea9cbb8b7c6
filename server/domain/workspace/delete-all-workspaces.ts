import { and, eq, inArray, isNull, ne, notInArray } from 'drizzle-orm'
import {
  formSubmissions,
  users,
  workspaceInvitations,
  workspaceInviteLinks,
  workspaceMembers,
  workspaces,
} from '../../../db/schema'
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
  await endInvitations(ctx, userId)
  return gone.length
}

/** What was sent to them is gone with their address; what they sent, and the links they made, let nobody in any more. */
const endInvitations = async (ctx: Context, userId: string): Promise<void> => {
  const address = ctx.db.select({ email: users.email }).from(users).where(eq(users.id, userId))
  await ctx.db.delete(workspaceInvitations).where(inArray(workspaceInvitations.email, address))
  await ctx.db
    .update(workspaceInvitations)
    .set({ status: 'REVOKED', answeredAt: ctx.now() })
    .where(and(eq(workspaceInvitations.invitedById, userId), eq(workspaceInvitations.status, 'OPEN')))
  await ctx.db
    .update(workspaceInviteLinks)
    .set({ revokedAt: ctx.now() })
    .where(and(eq(workspaceInviteLinks.createdById, userId), isNull(workspaceInviteLinks.revokedAt)))
}
