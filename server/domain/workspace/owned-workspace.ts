import { and, eq, ne, sql } from 'drizzle-orm'
import { roleTemplates, workspaceMembers, workspaces } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { DomainError, notFound } from '../../kit/errors'
import { effectivePermissions, type Permission, type Role } from './permissions'
import { isPublicId } from './rules'

export type WorkspaceRow = typeof workspaces.$inferSelect

export const noSuchWorkspace = () => notFound('WORKSPACE_NOT_FOUND', 'There is no such workspace.')

/** The membership of whoever asks. */
export interface Membership {
  readonly workspace: WorkspaceRow
  readonly role: Role
  readonly permissions: ReadonlySet<Permission>
}

/**
 * The workspace of this public id, if the signed-in person is a member of it, with what they may.
 * @throws DomainError 401; 404 WORKSPACE_NOT_FOUND for one that is missing, deleted or someone else's, all alike.
 */
export const membershipIn = async (ctx: Context, publicId: string): Promise<Membership> => {
  const { userId } = signedIn(ctx)
  if (!isPublicId(publicId)) throw noSuchWorkspace()
  const [found] = await ctx.db
    .select({ workspace: workspaces, role: workspaceMembers.role, own: workspaceMembers.permissions })
    .from(workspaces)
    .innerJoin(
      workspaceMembers,
      and(eq(workspaceMembers.workspaceId, workspaces.id), eq(workspaceMembers.userId, userId)),
    )
    .where(and(eq(workspaces.publicId, publicId), ne(workspaces.status, 'DELETED')))
  if (found === undefined) throw noSuchWorkspace()
  const { workspace, role, own } = found
  const template = role === 'OWNER' ? {} : await templateOf(ctx, workspace.id, role)
  return { workspace, role, permissions: effectivePermissions({ role, template, own }) }
}

/** What the workspace's template of a role says: the one of the role's name. */
export const templateOf = async (
  ctx: Context,
  workspaceId: bigint,
  role: Role,
): Promise<Record<string, boolean>> => {
  const [row] = await ctx.db
    .select({ permissions: roleTemplates.permissions })
    .from(roleTemplates)
    .where(
      and(eq(roleTemplates.workspaceId, workspaceId), sql`upper(btrim(${roleTemplates.name})) = ${role}`),
    )
    .orderBy(roleTemplates.roleNo)
    .limit(1)
  return row?.permissions ?? {}
}

/**
 * The workspace of this public id, if the signed-in person may do this in it: what every verb of a workspace asks. To look
 * at it, every member may.
 * @throws DomainError as `membershipIn`; 403 NOT_PERMITTED for a member who may not
 */
export const workspaceFor = async (
  ctx: Context,
  publicId: string,
  permission: Permission | 'view',
): Promise<WorkspaceRow> => {
  const { workspace, permissions } = await membershipIn(ctx, publicId)
  if (permission !== 'view' && !permissions.has(permission)) throw notPermitted()
  return workspace
}

/**
 * The same for what its owner alone does: to delete it, to hand it over, to sell it on the marketplace.
 * @throws DomainError as `workspaceFor`
 */
export const ownedWorkspace = async (ctx: Context, publicId: string): Promise<WorkspaceRow> => {
  const { workspace, role } = await membershipIn(ctx, publicId)
  if (role !== 'OWNER') throw notPermitted()
  return workspace
}

export const notPermitted = () =>
  new DomainError(
    403,
    'NOT_PERMITTED',
    'You may not do this in this workspace. Ask its owner, or whoever manages its members.',
  )

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
