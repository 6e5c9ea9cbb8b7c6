import { and, eq } from 'drizzle-orm'
import { type workspaceInvitations, workspaceMembers, workspaces } from '../../../../db/schema'
import { type Context, signedIn } from '../../../kit/context'
import { recordActivity } from '../../audit'
import { reserve } from '../limits'
import { lockWorkspace, type WorkspaceRow } from '../owned-workspace'
import { revokeAllLinks } from './invite-links'
import { noSuchInvitation } from './invite-member'

/**
 * Makes the member to whom the owner offered the workspace its owner, and the owner an admin of it. It counts against
 * the new owner's plan from then on, with its members; links and listings of the old owner sell it no more, and nobody
 * joins by a link that was made before.
 * @throws DomainError 404 INVITATION_NOT_FOUND when either is by now not what they were; 422 PLAN_LIMIT_REACHED
 */
export const takeOver = async (
  ctx: Context,
  { id }: WorkspaceRow,
  invitation: typeof workspaceInvitations.$inferSelect,
): Promise<void> => {
  const { userId } = signedIn(ctx)
  await lockWorkspace(ctx, id)
  const [workspace] = await ctx.db.select().from(workspaces).where(eq(workspaces.id, id))
  // Done before, by the same answer.
  if (workspace?.ownerId === userId) return
  const [me] = await ctx.db
    .select({ role: workspaceMembers.role })
    .from(workspaceMembers)
    .where(and(eq(workspaceMembers.workspaceId, id), eq(workspaceMembers.userId, userId)))
  if (
    workspace === undefined ||
    me === undefined ||
    workspace.ownerId !== invitation.invitedById ||
    invitation.status !== 'OPEN'
  )
    throw noSuchInvitation()
  await reserve(ctx, { what: 'workspaces', ownerId: userId })
  const become = (member: string, role: 'OWNER' | 'ADMIN') =>
    ctx.db
      .update(workspaceMembers)
      .set({ role, permissions: {} })
      .where(and(eq(workspaceMembers.workspaceId, id), eq(workspaceMembers.userId, member)))
  await become(workspace.ownerId, 'ADMIN')
  await become(userId, 'OWNER')
  await ctx.db.update(workspaces).set({ ownerId: userId, updatedAt: ctx.now() }).where(eq(workspaces.id, id))
  await revokeAllLinks(ctx, workspace)
  await reserve(ctx, { what: 'members', ownerId: userId }, 0)
  await recordActivity(ctx, {
    action: 'ownership_taken',
    description: `Took over the workspace “${workspace.name}”`,
    subject: { type: 'workspace', id: workspace.publicId },
    before: { ownerId: workspace.ownerId },
    after: { ownerId: userId },
  })
}
