import { and, eq, isNull } from 'drizzle-orm'
import { workspaceInviteLinks } from '../../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../../kit/context'
import { sha256 } from '../../../kit/crypto'
import { notFound } from '../../../kit/errors'
import { recordActivity } from '../../audit'
import { mailedLinkToken } from '../../identity'
import type { WorkspaceRow } from '../owned-workspace'
import type { InviteLinkAddress, MakeInviteLinkInput } from '../schemas'
import { managerIn, permissionsOfRole, refuseMore } from './manage'

const LINK_LIFE = 30 * 86_400_000

/**
 * Makes an address by which so many may join with a role, within thirty days. Each takes a seat when they join.
 * @throws DomainError as `managerIn`
 */
export const makeInviteLink = (
  ctx: Context,
  { id, role, maxUses }: MakeInviteLinkInput,
): Promise<{ url: string }> =>
  inTransaction(ctx, async (tx) => {
    const manager = await managerIn(tx, id)
    const { workspace } = manager
    refuseMore(manager, await permissionsOfRole(tx, workspace.id, role))
    const linkId = newId(tx)
    await tx.db.insert(workspaceInviteLinks).values({
      id: linkId,
      workspaceId: workspace.id,
      role,
      tokenHash: sha256(mailedLinkToken(tx, linkId)),
      maxUses,
      createdById: signedIn(tx).userId,
      createdAt: tx.now(),
      expiresAt: new Date(tx.now().getTime() + LINK_LIFE),
    })
    await recordActivity(tx, {
      action: 'invite_link_made',
      description: `Made a link to join the workspace “${workspace.name}”`,
      subject: { type: 'workspace', id: workspace.publicId },
      after: { link: linkId, role, maxUses },
    })
    return { url: inviteUrl(tx, linkId) }
  })

export const inviteUrl = (ctx: Context, linkId: string): string =>
  `${ctx.config.appUrl}/join/${mailedLinkToken(ctx, linkId)}`

/** Nobody joins by it any more; who has joined stays. @throws DomainError as `managerIn`; 404 INVITE_LINK_NOT_FOUND */
export const revokeInviteLink = (ctx: Context, { id, linkId }: InviteLinkAddress): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace } = await managerIn(tx, id)
    const revoked = await tx.db
      .update(workspaceInviteLinks)
      .set({ revokedAt: tx.now() })
      .where(
        and(
          eq(workspaceInviteLinks.id, linkId),
          eq(workspaceInviteLinks.workspaceId, workspace.id),
          isNull(workspaceInviteLinks.revokedAt),
        ),
      )
      .returning({ id: workspaceInviteLinks.id })
    if (revoked.length === 0) throw notFound('INVITE_LINK_NOT_FOUND', 'There is no such link.')
    await recordActivity(tx, {
      action: 'invite_link_revoked',
      description: `Revoked a link to join the workspace “${workspace.name}”`,
      subject: { type: 'workspace', id: workspace.publicId },
      after: { link: linkId },
    })
  })

/** Nobody joins by any link any more: who knew them, and handed them on, says no longer who comes in. */
export const revokeAllLinks = async (ctx: Context, { id }: WorkspaceRow): Promise<void> => {
  await ctx.db
    .update(workspaceInviteLinks)
    .set({ revokedAt: ctx.now() })
    .where(and(eq(workspaceInviteLinks.workspaceId, id), isNull(workspaceInviteLinks.revokedAt)))
}
