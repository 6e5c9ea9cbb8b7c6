import { eq } from 'drizzle-orm'
import { payments, users, workspaceClones, workspaces } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { notFound, refused } from '../../kit/errors'
import { recordActivity } from '../audit'
import { alreadyCloned, cloneWorkspace } from './clone-workspace'
import { noSuchWorkspace, type WorkspaceRow } from './owned-workspace'
import { isPublicId } from './rules'
import type { CloneResult, ManualCloneInput } from './schemas'

/**
 * An admin's clone: for a payment whose own clone failed, or for a reason (a gift, a repair).
 * @throws DomainError 404 for anyone but an admin, WORKSPACE_NOT_FOUND, USER_NOT_FOUND, PAYMENT_NOT_FOUND;
 * 409 ALREADY_CLONED; 422 PAYMENT_MISMATCH when the payment bought something else, or for someone else, is no
 * workspace purchase, or is not captured (or no longer in full)
 */
export const manualClone = async (ctx: Context, input: ManualCloneInput): Promise<CloneResult> => {
  const { actor } = ctx
  if (actor.kind !== 'admin') throw notFound('NOT_FOUND', 'There is nothing here.')
  return inTransaction(ctx, async (tx) => {
    const source = await findSource(tx, input.id)
    const [owner] = await tx.db.select({ id: users.id }).from(users).where(eq(users.id, input.newOwnerId))
    if (owner === undefined) throw notFound('USER_NOT_FOUND', 'There is no such user.')
    const sellerId =
      input.paymentId === undefined ? null : await checkPayment(tx, source, input, input.paymentId)
    const result = await cloneWorkspace(tx, {
      sourceId: source.id,
      buyerId: owner.id,
      sellerId: sellerId ?? source.ownerId,
      paymentId: input.paymentId,
      reason: input.reason,
      clonedById: actor.userId,
    })
    await recordActivity(tx, {
      action: 'workspace_cloned',
      description: `Copied the workspace “${source.name}” by hand.`,
      subject: { type: 'workspace', id: result.clonedWorkspaceId },
      after: {
        source: source.publicId,
        newOwnerId: owner.id,
        paymentId: input.paymentId ?? null,
        reason: input.reason ?? null,
      },
    })
    return result
  })
}

/** Deleted ones too: a buyer may have paid before. */
const findSource = async (ctx: Context, publicId: string): Promise<WorkspaceRow> => {
  if (!isPublicId(publicId)) throw noSuchWorkspace()
  const [source] = await ctx.db.select().from(workspaces).where(eq(workspaces.publicId, publicId))
  if (source === undefined || source.status === 'RELEASE') throw noSuchWorkspace()
  return source
}

const checkPayment = async (
  ctx: Context,
  source: WorkspaceRow,
  input: ManualCloneInput,
  paymentId: string,
): Promise<string | null> => {
  const [payment] = await ctx.db.select().from(payments).where(eq(payments.id, paymentId))
  if (payment === undefined) throw notFound('PAYMENT_NOT_FOUND', 'There is no such payment.')
  if (payment.type !== 'WORKSPACE_PURCHASE' || payment.status !== 'CAPTURED')
    throw refused('PAYMENT_MISMATCH', 'This is not a paid purchase of a workspace, or its money went back.')
  if (payment.workspaceId !== source.id || payment.buyerId !== input.newOwnerId)
    throw refused('PAYMENT_MISMATCH', 'This payment was not for a copy of this workspace for this user.')
  const [known] = await ctx.db
    .select({ id: workspaceClones.id })
    .from(workspaceClones)
    .where(eq(workspaceClones.paymentId, paymentId))
  if (known !== undefined) throw alreadyCloned()
  return payment.sellerId
}
