import { and, asc, eq, gt, isNull, lt } from 'drizzle-orm'
import { users, workspaceInvitations, workspaceInviteLinks, workspaceMembers } from '../../../../db/schema'
import { type Context, signedIn } from '../../../kit/context'
import { memberUsage } from '../limits'
import { membershipIn } from '../owned-workspace'
import { effectivePermissions, GIVEN_ROLES, includesAll, type Permission } from '../permissions'
import type { MembersView } from '../schemas'
import { inviteUrl } from './invite-links'
import { permissionsOfRole } from './manage'

/**
 * Who works in a workspace and what they may. Addresses, invitations and links are shown to who manages members alone.
 * @throws DomainError as `workspaceFor`
 */
export const listMembers = async (ctx: Context, publicId: string): Promise<MembersView> => {
  const { userId } = signedIn(ctx)
  const { workspace, role, permissions } = await membershipIn(ctx, publicId)
  const manages = permissions.has('members.manage')
  const roles = {
    OWNER: await permissionsOfRole(ctx, workspace.id, 'OWNER'),
    ADMIN: await permissionsOfRole(ctx, workspace.id, 'ADMIN'),
    EDITOR: await permissionsOfRole(ctx, workspace.id, 'EDITOR'),
    VIEWER: await permissionsOfRole(ctx, workspace.id, 'VIEWER'),
  }
  const rows = await ctx.db
    .select({ user: users, member: workspaceMembers })
    .from(workspaceMembers)
    .innerJoin(users, eq(users.id, workspaceMembers.userId))
    .where(eq(workspaceMembers.workspaceId, workspace.id))
    .orderBy(asc(workspaceMembers.role), asc(workspaceMembers.createdAt), asc(workspaceMembers.userId))
  return {
    workspace: { id: workspace.publicId, name: workspace.name, isCopy: workspace.sourceId !== null },
    role,
    permissions: [...permissions],
    manages,
    usage: await memberUsage(ctx, workspace.ownerId),
    members: rows.map(({ user, member }) => {
      const template = Object.fromEntries([...roles[member.role]].map((name) => [name, true]))
      const may = ownedBy(member.role, template, member.permissions)
      return {
        userId: user.id,
        name: `${user.firstName} ${user.lastName}`.trim(),
        email: manages ? user.email : null,
        role: member.role,
        permissions: [...may],
        isMe: user.id === userId,
        canChange: manages && user.id !== userId && member.role !== 'OWNER' && includesAll(permissions, may),
        joinedAt: member.createdAt.toISOString(),
      }
    }),
    roles: GIVEN_ROLES.map((one) => ({
      role: one,
      permissions: [...roles[one]],
      canGive: manages && includesAll(permissions, roles[one]),
    })),
    invitations: manages ? await openInvitations(ctx, workspace.id) : [],
    // A link that gives more than they may themselves would give it to them.
    links: (manages ? await openLinks(ctx, workspace.id) : []).filter((link) =>
      includesAll(permissions, roles[link.role]),
    ),
  }
}

/** The role's own say is complete here: what it does not name it has not. */
const ownedBy = (
  role: 'OWNER' | 'ADMIN' | 'EDITOR' | 'VIEWER',
  template: Readonly<Record<string, boolean>>,
  own: Readonly<Record<string, boolean>>,
): Set<Permission> => {
  const all = effectivePermissions({ role, template, own })
  return new Set([...all].filter((name) => role === 'OWNER' || (own[name] ?? template[name] ?? false)))
}

const openInvitations = async (ctx: Context, workspaceId: bigint): Promise<MembersView['invitations']> => {
  const rows = await ctx.db
    .select()
    .from(workspaceInvitations)
    .where(
      and(
        eq(workspaceInvitations.workspaceId, workspaceId),
        eq(workspaceInvitations.status, 'OPEN'),
        gt(workspaceInvitations.expiresAt, ctx.now()),
      ),
    )
    .orderBy(asc(workspaceInvitations.createdAt), asc(workspaceInvitations.id))
  return rows.map(({ id, email, role, expiresAt }) => ({
    id,
    email,
    role,
    expiresAt: expiresAt.toISOString(),
  }))
}

const openLinks = async (ctx: Context, workspaceId: bigint): Promise<MembersView['links']> => {
  const rows = await ctx.db
    .select()
    .from(workspaceInviteLinks)
    .where(
      and(
        eq(workspaceInviteLinks.workspaceId, workspaceId),
        isNull(workspaceInviteLinks.revokedAt),
        gt(workspaceInviteLinks.expiresAt, ctx.now()),
        lt(workspaceInviteLinks.uses, workspaceInviteLinks.maxUses),
      ),
    )
    .orderBy(asc(workspaceInviteLinks.createdAt), asc(workspaceInviteLinks.id))
  return rows.map(({ id, role, uses, maxUses, expiresAt }) => ({
    id,
    role,
    url: inviteUrl(ctx, id),
    uses,
    maxUses,
    expiresAt: expiresAt.toISOString(),
  }))
}
