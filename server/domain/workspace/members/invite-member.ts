import { and, count, eq, gt, lte } from 'drizzle-orm'
import { users, workspaceInvitations, workspaceMembers } from '../../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../../kit/context'
import { sha256 } from '../../../kit/crypto'
import { conflict, DomainError, notFound, refused } from '../../../kit/errors'
import { enqueueMail } from '../../../kit/queue'
import { recordActivity } from '../../audit'
import { mailedLinkToken } from '../../identity'
import { reserveSeat } from '../limits'
import { lockWorkspace, ownedWorkspace, type WorkspaceRow } from '../owned-workspace'
import type { Role } from '../permissions'
import type { InvitationAddress, InviteMemberInput, MemberAddress } from '../schemas'
import { managerIn, memberOf, permissionsOfRole, refuseMore } from './manage'

const DAY = 86_400_000
/** How long the link in the mail holds. */
const INVITATION_LIFE = 7 * DAY
/** Mails a workspace may send in a day. */
const MOST_A_DAY = 50

/**
 * Asks somebody by mail to join, whether or not they have an account. Until they answer they hold a seat of the plan.
 * @throws DomainError as `managerIn`; 409 ALREADY_MEMBER, ALREADY_INVITED; 422 PLAN_LIMIT_REACHED; 429 after fifty a day
 */
export const inviteMember = (ctx: Context, { id, email, role }: InviteMemberInput): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const manager = await managerIn(tx, id)
    const { workspace } = manager
    refuseMore(manager, await permissionsOfRole(tx, workspace.id, role))
    const [member] = await tx.db
      .select({ id: users.id })
      .from(users)
      .innerJoin(workspaceMembers, eq(workspaceMembers.userId, users.id))
      .where(and(eq(users.email, email), eq(workspaceMembers.workspaceId, workspace.id)))
    if (member !== undefined) throw conflict('ALREADY_MEMBER', 'They are a member already.')
    await reserveSeat(tx, workspace.ownerId, email)
    await invite(tx, workspace, email, role)
  })

/**
 * Offers the workspace to one of its members: it is theirs when they say yes. A bought copy stays its buyer's.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND for anybody but the owner, 404 MEMBER_NOT_FOUND, 409 ALREADY_INVITED,
 *   422 OWN_MEMBERSHIP, 422 COPY_STAYS
 */
export const offerOwnership = (ctx: Context, { id, userId }: MemberAddress): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const workspace = await ownedWorkspace(tx, id)
    await lockWorkspace(tx, workspace.id)
    const { user, role } = await memberOf(tx, workspace.id, userId)
    if (role === 'OWNER') throw refused('OWN_MEMBERSHIP', 'It is yours already.')
    if (workspace.sourceId !== null)
      throw refused('COPY_STAYS', 'A copy stays with whoever bought it. Invite others to work in it instead.')
    await invite(tx, workspace, user.email, 'OWNER')
  })

const invite = async (ctx: Context, workspace: WorkspaceRow, email: string, role: Role): Promise<void> => {
  const { userId } = signedIn(ctx)
  await refuseTooMany(ctx, workspace)
  const now = ctx.now()
  const open = and(
    eq(workspaceInvitations.workspaceId, workspace.id),
    eq(workspaceInvitations.status, 'OPEN'),
  )
  await ctx.db
    .update(workspaceInvitations)
    .set({ status: 'REVOKED', answeredAt: now })
    .where(and(open, lte(workspaceInvitations.expiresAt, now)))
  const id = newId(ctx)
  const made = await ctx.db
    .insert(workspaceInvitations)
    .values({
      id,
      workspaceId: workspace.id,
      email,
      role,
      tokenHash: sha256(mailedLinkToken(ctx, id)),
      invitedById: userId,
      createdAt: now,
      expiresAt: new Date(now.getTime() + INVITATION_LIFE),
    })
    .onConflictDoNothing()
    .returning({ id: workspaceInvitations.id })
  if (made.length === 0)
    throw conflict('ALREADY_INVITED', 'They were asked already. Take that back first to ask again.')
  const [inviter] = await ctx.db.select().from(users).where(eq(users.id, userId))
  await enqueueMail(ctx, {
    key: `workspace-invitation:${id}`,
    to: email,
    template: 'workspace-invitation',
    data: {
      tokenId: id,
      workspaceName: workspace.name,
      inviterName: `${inviter?.firstName ?? ''} ${inviter?.lastName ?? ''}`.trim(),
      role,
      expiresAt: new Date(now.getTime() + INVITATION_LIFE).toISOString(),
    },
  })
  await recordActivity(ctx, {
    action: role === 'OWNER' ? 'ownership_offered' : 'member_invited',
    description: `${role === 'OWNER' ? 'Offered' : 'Invited somebody to'} the workspace “${workspace.name}”`,
    subject: { type: 'workspace', id: workspace.publicId },
    after: { role, invitation: id },
  })
}

const refuseTooMany = async (ctx: Context, { id }: WorkspaceRow): Promise<void> => {
  const [sent] = await ctx.db
    .select({ n: count() })
    .from(workspaceInvitations)
    .where(
      and(
        eq(workspaceInvitations.workspaceId, id),
        gt(workspaceInvitations.createdAt, new Date(ctx.now().getTime() - DAY)),
      ),
    )
  if ((sent?.n ?? 0) >= MOST_A_DAY)
    throw new DomainError(429, 'TOO_MANY_INVITATIONS', 'Fifty were asked within a day. Go on tomorrow.', {
      retryAfter: DAY / 1_000,
    })
}

/**
 * Takes an invitation back: its mail leads nowhere any more, and its seat is free.
 * @throws DomainError as `managerIn`; 404 INVITATION_NOT_FOUND for one that was answered too
 */
export const revokeInvitation = (ctx: Context, { id, invitationId }: InvitationAddress): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace } = await managerIn(tx, id)
    const revoked = await tx.db
      .update(workspaceInvitations)
      .set({ status: 'REVOKED', answeredAt: tx.now() })
      .where(
        and(
          eq(workspaceInvitations.id, invitationId),
          eq(workspaceInvitations.workspaceId, workspace.id),
          eq(workspaceInvitations.status, 'OPEN'),
        ),
      )
      .returning({ id: workspaceInvitations.id })
    if (revoked.length === 0) throw noSuchInvitation()
    await recordActivity(tx, {
      action: 'invitation_revoked',
      description: `Took back an invitation to the workspace “${workspace.name}”`,
      subject: { type: 'workspace', id: workspace.publicId },
      after: { invitation: invitationId },
    })
  })

export const noSuchInvitation = () =>
  notFound(
    'INVITATION_NOT_FOUND',
    'This invitation does not hold: it was used, taken back, or is too old. Ask for a new one.',
  )
