import { and, eq } from 'drizzle-orm'
import { users, workspaceMembers } from '../../../../db/schema'
import type { Context } from '../../../kit/context'
import { notFound } from '../../../kit/errors'
import { refuseExtraMember } from '../limits'
import { lockWorkspace, type Membership, membershipIn, notPermitted, templateOf } from '../owned-workspace'
import { effectivePermissions, includesAll, type Permission, type Role } from '../permissions'

/**
 * Whoever manages the members of a workspace. Two who do wait for one another until their transactions end.
 * @throws DomainError as `workspaceFor`; 422 OVER_PLAN_LIMIT
 */
export const managerIn = async (ctx: Context, publicId: string): Promise<Membership> => {
  const { workspace } = await membershipIn(ctx, publicId)
  await lockWorkspace(ctx, workspace.id)
  // Once more: what was changed by whoever was waited for counts.
  const manager = await membershipIn(ctx, publicId)
  if (!manager.permissions.has('members.manage')) throw notPermitted()
  await refuseExtraMember(ctx, workspace)
  return manager
}

export interface Member {
  readonly user: typeof users.$inferSelect
  readonly role: Role
  readonly own: Readonly<Record<string, boolean>>
  readonly permissions: ReadonlySet<Permission>
}

/** @throws DomainError 404 MEMBER_NOT_FOUND */
export const memberOf = async (ctx: Context, workspaceId: bigint, userId: string): Promise<Member> => {
  const [row] = await ctx.db
    .select({ user: users, role: workspaceMembers.role, own: workspaceMembers.permissions })
    .from(workspaceMembers)
    .innerJoin(users, eq(users.id, workspaceMembers.userId))
    .where(and(eq(workspaceMembers.workspaceId, workspaceId), eq(workspaceMembers.userId, userId)))
  if (row === undefined) throw notFound('MEMBER_NOT_FOUND', 'There is no such member.')
  const template = await templateOf(ctx, workspaceId, row.role)
  return { ...row, permissions: effectivePermissions({ ...row, template }) }
}

/**
 * Nobody makes somebody, by a role or otherwise, more than they are themselves.
 * @throws DomainError 403 NOT_PERMITTED
 */
export const refuseMore = (manager: Membership, theirs: ReadonlySet<Permission>): void => {
  if (!includesAll(manager.permissions, theirs)) throw notPermitted()
}

/** What a role may in a workspace, by itself. */
export const permissionsOfRole = async (
  ctx: Context,
  workspaceId: bigint,
  role: Role,
): Promise<ReadonlySet<Permission>> =>
  effectivePermissions({ role, template: await templateOf(ctx, workspaceId, role), own: {} })
