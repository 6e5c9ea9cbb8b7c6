import { and, eq, sql } from 'drizzle-orm'
import {
  users,
  workspaceInvitations,
  workspaceInviteLinks,
  workspaceMembers,
  workspaces,
} from '../../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../../kit/context'
import { sha256 } from '../../../kit/crypto'
import { DomainError } from '../../../kit/errors'
import { enqueueMail } from '../../../kit/queue'
import { recordActivity } from '../../audit'
import { reserve, reserveSeat } from '../limits'
import { lockWorkspace, type WorkspaceRow } from '../owned-workspace'
import type { GivenRole } from '../permissions'
import type { InvitationView, JoinedWorkspace } from '../schemas'
import { noSuchInvitation } from './invite-member'
import { takeOver } from './take-over'

type Invitation = typeof workspaceInvitations.$inferSelect
type InviteLink = typeof workspaceInviteLinks.$inferSelect

/**
 * What somebody is asked to, by the secret in the address: of a mail, or of a link that was handed on.
 * @throws DomainError 404 INVITATION_NOT_FOUND
 */
export const readInvitation = async (ctx: Context, { token }: { token: string }): Promise<InvitationView> => {
  const { invitation, link, workspace } = await findInvitation(ctx, token)
  const [inviter] = await ctx.db
    .select({ firstName: users.firstName, lastName: users.lastName })
    .from(users)
    .where(eq(users.id, invitation?.invitedById ?? link?.createdById ?? workspace.ownerId))
  const actor = 'email' in ctx.actor ? ctx.actor : null
  const [member] =
    actor === null
      ? []
      : await ctx.db
          .select({ role: workspaceMembers.role })
          .from(workspaceMembers)
          .where(
            and(eq(workspaceMembers.workspaceId, workspace.id), eq(workspaceMembers.userId, actor.userId)),
          )
  return {
    workspaceName: workspace.name,
    workspaceId: member === undefined ? null : workspace.publicId,
    invitedBy: `${inviter?.firstName ?? ''} ${inviter?.lastName ?? ''}`.trim(),
    role: invitation?.role ?? link?.role ?? 'VIEWER',
    email: invitation?.email ?? null,
    isMine: actor === null ? null : invitation === undefined || invitation.email === actor.email,
    isMember: member !== undefined,
  }
}

/**
 * Joins, by an invitation to one's own address or by a link. Doing it twice joins once.
 * @throws DomainError 401; 404 INVITATION_NOT_FOUND; 403 INVITATION_OF_ANOTHER; 422 PLAN_LIMIT_REACHED
 */
export const acceptInvitation = (ctx: Context, { token }: { token: string }): Promise<JoinedWorkspace> =>
  inTransaction(ctx, async (tx) => {
    const { userId, email } = signedIn(tx)
    const found = await findInvitation(tx, token, true)
    const { invitation, link, workspace } = found
    if (invitation !== undefined && invitation.email !== email)
      throw new DomainError(
        403,
        'INVITATION_OF_ANOTHER',
        'This invitation is for another address. Sign in with the account of that address.',
      )
    if (invitation?.role === 'OWNER') await takeOver(tx, workspace, invitation)
    else if (invitation !== undefined) await joinInvited(tx, workspace, invitation)
    else if (link !== undefined) await joinByLink(tx, workspace, link)
    if (invitation?.status === 'OPEN') await close(tx, invitation, workspace, 'ACCEPTED')
    return { workspaceId: workspace.publicId, userId }
  })

/** Says no. @throws DomainError 404 INVITATION_NOT_FOUND, also for a link: whoever does not want it leaves it. */
export const rejectInvitation = (ctx: Context, { token }: { token: string }): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { invitation, workspace } = await findInvitation(tx, token, true)
    if (invitation?.status !== 'OPEN') throw noSuchInvitation()
    await close(tx, invitation, workspace, 'REJECTED')
  })

interface Found {
  readonly invitation?: Invitation
  readonly link?: InviteLink
  readonly workspace: WorkspaceRow
}

/** @param toAnswer it is held until this transaction ends, and one that was accepted is found as well */
const findInvitation = async (ctx: Context, token: string, toAnswer = false): Promise<Found> => {
  const hash = sha256(token)
  const query = ctx.db
    .select({ invitation: workspaceInvitations, workspace: workspaces })
    .from(workspaceInvitations)
    .innerJoin(workspaces, eq(workspaces.id, workspaceInvitations.workspaceId))
    .where(eq(workspaceInvitations.tokenHash, hash))
  const [asked] = await (toAnswer ? query.for('update', { of: workspaceInvitations }) : query)
  if (asked !== undefined) {
    const { status, expiresAt } = asked.invitation
    const holds = status === 'OPEN' && expiresAt > ctx.now()
    if (asked.workspace.status === 'DELETED' || !(holds || (toAnswer && status === 'ACCEPTED')))
      throw noSuchInvitation()
    return asked
  }
  const links = ctx.db
    .select({ link: workspaceInviteLinks, workspace: workspaces })
    .from(workspaceInviteLinks)
    .innerJoin(workspaces, eq(workspaces.id, workspaceInviteLinks.workspaceId))
    .where(eq(workspaceInviteLinks.tokenHash, hash))
  const [handed] = await (toAnswer ? links.for('update', { of: workspaceInviteLinks }) : links)
  if (
    handed === undefined ||
    handed.workspace.status === 'DELETED' ||
    handed.link.revokedAt !== null ||
    handed.link.expiresAt <= ctx.now()
  )
    throw noSuchInvitation()
  return handed
}

const joinInvited = async (ctx: Context, workspace: WorkspaceRow, invitation: Invitation): Promise<void> => {
  if (invitation.status !== 'OPEN') {
    // Accepted before; whoever has left since needs a new one.
    if (!(await isMember(ctx, workspace))) throw noSuchInvitation()
    return
  }
  // Its seat is held since it was sent; a plan that has fewer by now has none.
  await reserve(ctx, { what: 'members', ownerId: workspace.ownerId }, 0)
  await join(ctx, workspace, invitation.role as GivenRole)
}

const joinByLink = async (ctx: Context, workspace: WorkspaceRow, link: InviteLink): Promise<void> => {
  if (await isMember(ctx, workspace)) return
  if (link.uses >= link.maxUses) throw noSuchInvitation()
  await reserveSeat(ctx, workspace.ownerId, signedIn(ctx).email)
  await join(ctx, workspace, link.role as GivenRole)
  await ctx.db
    .update(workspaceInviteLinks)
    .set({ uses: sql`${workspaceInviteLinks.uses} + 1` })
    .where(eq(workspaceInviteLinks.id, link.id))
}

const isMember = async (ctx: Context, { id }: WorkspaceRow): Promise<boolean> => {
  const rows = await ctx.db
    .select({ role: workspaceMembers.role })
    .from(workspaceMembers)
    .where(and(eq(workspaceMembers.workspaceId, id), eq(workspaceMembers.userId, signedIn(ctx).userId)))
  return rows.length > 0
}

const join = async (ctx: Context, workspace: WorkspaceRow, role: GivenRole): Promise<void> => {
  await lockWorkspace(ctx, workspace.id)
  const { userId } = signedIn(ctx)
  await ctx.db
    .insert(workspaceMembers)
    .values({ workspaceId: workspace.id, userId, role, createdAt: ctx.now() })
    .onConflictDoNothing()
  await recordActivity(ctx, {
    action: 'member_joined',
    description: `Joined the workspace “${workspace.name}”`,
    subject: { type: 'workspace', id: workspace.publicId },
    after: { role },
  })
}

/** Whoever asked is told the answer. */
const close = async (
  ctx: Context,
  { id, invitedById, email, role }: Invitation,
  workspace: WorkspaceRow,
  status: 'ACCEPTED' | 'REJECTED',
): Promise<void> => {
  await ctx.db
    .update(workspaceInvitations)
    .set({ status, answeredAt: ctx.now() })
    .where(eq(workspaceInvitations.id, id))
  const [inviter] = await ctx.db.select().from(users).where(eq(users.id, invitedById))
  if (inviter === undefined || inviter.closedAt !== null) return
  await enqueueMail(ctx, {
    key: `workspace-invitation:${id}:answer`,
    to: inviter.email,
    template: 'invitation-answered',
    data: {
      firstName: inviter.firstName,
      email,
      workspaceName: workspace.name,
      workspacePublicId: workspace.publicId,
      accepted: status === 'ACCEPTED',
      ownership: role === 'OWNER',
    },
  })
}
