import { and, eq, inArray } from 'drizzle-orm'
import { workspaceClones, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { refused } from '../../kit/errors'
import { recordActivity } from '../audit'
import { type EditedPart, refuseExtraMember, refuseReadOnly } from './limits'
import { type WorkspaceRow, workspaceFor } from './owned-workspace'
import type { Permission } from './permissions'

interface FrozenCopy {
  readonly paymentId: string
  readonly reason: string
  /** In whose log it stands. */
  readonly organizationId: string
}

/** The copy a payment bought can be read and exported, no longer edited or sold. Nothing when it is not active. */
export const freezeCopy = async (ctx: Context, copy: FrozenCopy) => change(ctx, copy, 'ACTIVE', 'FROZEN')

/** The copy a payment bought can be edited again. Nothing when it is not frozen. */
export const thawCopy = async (ctx: Context, copy: FrozenCopy) => change(ctx, copy, 'FROZEN', 'ACTIVE')

/**
 * A workspace that the signed-in person may change; or the part of it that is named.
 * @throws DomainError as `workspaceFor`; 422 WORKSPACE_FROZEN while it is only to be read, 422 OVER_PLAN_LIMIT while it,
 *   or that part, is over a limit of the plan.
 */
export const editableWorkspace = async (
  ctx: Context,
  publicId: string,
  part?: EditedPart,
  permission: Permission = neededFor(part),
): Promise<WorkspaceRow> => {
  const workspace = await workspaceFor(ctx, publicId, permission)
  if (workspace.status === 'FROZEN')
    throw refused(
      'WORKSPACE_FROZEN',
      'This workspace is frozen, because its payment was given back or is disputed. You can read and export it.',
    )
  await refuseExtraMember(ctx, workspace)
  await refuseReadOnly(ctx, workspace, part)
  return workspace
}

const neededFor = (part: EditedPart | undefined): Permission => {
  if (part === undefined) return 'workspace.manage'
  return 'pageNo' in part ? 'pages.edit' : 'funnels.edit'
}

const change = async (
  ctx: Context,
  { paymentId, reason, organizationId }: FrozenCopy,
  from: 'ACTIVE' | 'FROZEN',
  to: 'ACTIVE' | 'FROZEN',
): Promise<void> => {
  const copies = ctx.db
    .select({ id: workspaceClones.copyWorkspaceId })
    .from(workspaceClones)
    .where(eq(workspaceClones.paymentId, paymentId))
  const [changed] = await ctx.db
    .update(workspaces)
    .set({ status: to, updatedAt: ctx.now() })
    .where(and(inArray(workspaces.id, copies), eq(workspaces.status, from)))
    .returning({ publicId: workspaces.publicId, name: workspaces.name })
  if (changed === undefined) return
  await recordActivity(ctx, {
    action: to === 'FROZEN' ? 'workspace_frozen' : 'workspace_thawed',
    description: `${to === 'FROZEN' ? 'Froze' : 'Thawed'} the workspace “${changed.name}”: ${reason}`,
    organizationId,
    subject: { type: 'workspace', id: changed.publicId },
    before: { status: from },
    after: { status: to },
  })
}
