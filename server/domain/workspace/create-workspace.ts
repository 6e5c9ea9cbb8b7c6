import { type Context, inTransaction, signedIn } from '../../kit/context'
import { recordActivity } from '../audit'
import { planOf } from '../identity'
import { checkSettings } from './check-settings'
import { insertWorkspace } from './insert-workspace'
import { reserve } from './limits'
import { toWorkspace } from './queries'
import type { CreateWorkspaceInput, Workspace } from './schemas'

/**
 * Makes an empty workspace of the signed-in person's own.
 * @throws DomainError 400 INVALID_INPUT, 422 PLAN_LIMIT_REACHED
 */
export const createWorkspace = async (ctx: Context, input: CreateWorkspaceInput): Promise<Workspace> => {
  const { userId } = signedIn(ctx)
  checkSettings(input.settings)
  return inTransaction(ctx, async (tx) => {
    const plan = await planOf(tx, userId)
    await reserve(tx, { what: 'workspaces', ownerId: userId })
    const row = await insertWorkspace(tx, {
      ownerId: userId,
      name: input.name,
      description: input.description ?? '',
      image: input.image ?? null,
      settings: input.settings ?? {},
    })
    await recordActivity(tx, {
      action: 'workspace_created',
      description: `Made the workspace “${row.name}”.`,
      subject: { type: 'workspace', id: row.publicId },
    })
    return toWorkspace(row, plan, { funnels: 0, pages: 0 })
  })
}
