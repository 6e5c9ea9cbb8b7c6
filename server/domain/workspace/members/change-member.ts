import { and, eq, max, sql } from 'drizzle-orm'
import { roleTemplates, workspaceInvitations, workspaceMembers } from '../../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../../kit/context'
import { refused } from '../../../kit/errors'
import { recordActivity } from '../../audit'
import { lockWorkspace, membershipIn, templateOf, type WorkspaceRow } from '../owned-workspace'
import { effectivePermissions, includesAll, PERMISSIONS, type Permission } from '../permissions'
import type { ChangeMemberInput, MemberAddress, SetRoleInput } from '../schemas'
import { revokeAllLinks } from './invite-links'
import { type Member, managerIn, memberOf, permissionsOfRole, refuseMore } from './manage'

/**
 * Gives a member another role, or permissions of their own beside it: what they have then, exactly. When that takes
 * something from them, the links to join and what they asked others to hold no more.
 * @throws DomainError as `managerIn`; 404 MEMBER_NOT_FOUND; 403 NOT_PERMITTED where either side has more than whoever
 *   asks; 422 OWN_MEMBERSHIP, OWNER_STAYS
 */
export const changeMember = (ctx: Context, input: ChangeMemberInput): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, member } = await changeable(tx, input)
    const role = input.role ?? (member.role === 'OWNER' ? 'ADMIN' : member.role)
    const byRole = await permissionsOfRole(tx, workspace.id, role)
    const wanted = input.permissions === undefined ? byRole : new Set<Permission>(input.permissions)
    refuseMore(await managerIn(tx, input.id), wanted)
    const own = Object.fromEntries(
      PERMISSIONS.filter((name) => wanted.has(name) !== byRole.has(name)).map((name) => [
        name,
        wanted.has(name),
      ]),
    )
    await tx.db
      .update(workspaceMembers)
      .set({ role, permissions: own })
      .where(memberIs(workspace, input.userId))
    if (!includesAll(wanted, member.permissions)) await closeDoors(tx, workspace, member)
    await recordActivity(tx, {
      action: 'member_changed',
      description: `Changed what a member may in the workspace “${workspace.name}”`,
      subject: { type: 'workspace', id: workspace.publicId },
      before: { userId: input.userId, role: member.role, permissions: [...member.permissions] },
      after: { role, permissions: [...wanted] },
    })
  })

/**
 * Takes somebody out; what they made stays, but for the links to join and the invitations that they sent.
 * @throws DomainError as `changeMember`
 */
export const removeMember = (ctx: Context, input: MemberAddress): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, member } = await changeable(tx, input)
    await goneFrom(tx, workspace, member)
    await closeDoors(tx, workspace, member)
    await recordActivity(tx, {
      action: 'member_removed',
      description: `Took a member out of the workspace “${workspace.name}”`,
      subject: { type: 'workspace', id: workspace.publicId },
      before: { userId: input.userId, role: member.role },
    })
  })

/** @throws DomainError as `workspaceFor`; 422 OWNER_STAYS for the owner, who hands it over first */
export const leaveWorkspace = (ctx: Context, { id }: { id: string }): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace } = await membershipIn(tx, id)
    await lockWorkspace(tx, workspace.id)
    const member = await memberOf(tx, workspace.id, signedIn(tx).userId)
    if (member.role === 'OWNER') throw ownerStays()
    await goneFrom(tx, workspace, member)
    // They saw every link, and could come back by the one that gives most.
    if (member.permissions.has('members.manage')) await closeDoors(tx, workspace, member)
    await recordActivity(tx, {
      action: 'member_left',
      description: `Left the workspace “${workspace.name}”`,
      subject: { type: 'workspace', id: workspace.publicId },
      before: { role: member.role },
    })
  })

/**
 * Says what a role may in this workspace from now on, for all who have it and nothing of their own.
 * @throws DomainError as `managerIn`; 403 NOT_PERMITTED where the role has, or shall have, more than whoever asks
 */
export const setRolePermissions = (ctx: Context, { id, role, permissions }: SetRoleInput): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const manager = await managerIn(tx, id)
    const { workspace } = manager
    refuseMore(manager, await permissionsOfRole(tx, workspace.id, role))
    refuseMore(manager, new Set(permissions))
    const known = await templateOf(tx, workspace.id, role)
    const before = effectivePermissions({ role, template: known, own: {} })
    const said = {
      ...known,
      ...Object.fromEntries(PERMISSIONS.map((name) => [name, permissions.includes(name)])),
    }
    const named = and(
      eq(roleTemplates.workspaceId, workspace.id),
      sql`upper(btrim(${roleTemplates.name})) = ${role}`,
    )
    const changed = await tx.db
      .update(roleTemplates)
      .set({ permissions: said })
      .where(named)
      .returning({ roleNo: roleTemplates.roleNo })
    if (changed.length === 0) {
      const [last] = await tx.db
        .select({ no: max(roleTemplates.roleNo) })
        .from(roleTemplates)
        .where(eq(roleTemplates.workspaceId, workspace.id))
      await tx.db.insert(roleTemplates).values({
        workspaceId: workspace.id,
        roleNo: (last?.no ?? 0) + 1,
        name: role.charAt(0) + role.slice(1).toLowerCase(),
        permissions: said,
      })
    }
    // Who has it knew every link.
    if (before.has('members.manage') && !permissions.includes('members.manage'))
      await revokeAllLinks(tx, workspace)
    await recordActivity(tx, {
      action: 'role_changed',
      description: `Changed what the role ${role} may in the workspace “${workspace.name}”`,
      subject: { type: 'workspace', id: workspace.publicId },
      before: { role, permissions: [...before] },
      after: { permissions },
    })
  })

const changeable = async (ctx: Context, { id, userId }: MemberAddress) => {
  const manager = await managerIn(ctx, id)
  const member = await memberOf(ctx, manager.workspace.id, userId)
  if (userId === signedIn(ctx).userId)
    throw refused('OWN_MEMBERSHIP', 'Nobody changes their own membership; you can leave the workspace.')
  if (member.role === 'OWNER') throw ownerStays()
  refuseMore(manager, member.permissions)
  return { workspace: manager.workspace, member }
}

const ownerStays = () =>
  refused('OWNER_STAYS', 'A workspace always has its owner. It can be handed over to another member.')

const memberIs = (workspace: WorkspaceRow, userId: string) =>
  and(eq(workspaceMembers.workspaceId, workspace.id), eq(workspaceMembers.userId, userId))

/** Also what they were offered is no longer. */
const goneFrom = async (ctx: Context, workspace: WorkspaceRow, { user }: Member): Promise<void> => {
  await ctx.db.delete(workspaceMembers).where(memberIs(workspace, user.id))
  await ctx.db
    .update(workspaceInvitations)
    .set({ status: 'REVOKED', answeredAt: ctx.now() })
    .where(
      and(
        eq(workspaceInvitations.workspaceId, workspace.id),
        eq(workspaceInvitations.email, user.email),
        eq(workspaceInvitations.status, 'OPEN'),
      ),
    )
}

/**
 * Whoever may less, or nothing, from now on lets nobody in any more, themselves included: by no link, which they may
 * know, nor by what they sent while they could.
 */
const closeDoors = async (ctx: Context, workspace: WorkspaceRow, { user }: Member): Promise<void> => {
  await revokeAllLinks(ctx, workspace)
  await ctx.db
    .update(workspaceInvitations)
    .set({ status: 'REVOKED', answeredAt: ctx.now() })
    .where(
      and(
        eq(workspaceInvitations.workspaceId, workspace.id),
        eq(workspaceInvitations.status, 'OPEN'),
        eq(workspaceInvitations.invitedById, user.id),
      ),
    )
}
