import { eq } from 'drizzle-orm'
import { workspaces } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { recordActivity } from '../audit'
import { checkSettings } from './check-settings'
import { editableWorkspace } from './freeze-copy'
import { getWorkspace } from './queries'
import type { UpdateWorkspaceInput, Workspace } from './schemas'

/**
 * Changes only what is given of name, description, image and settings (as a whole). The slug stays: it is in addresses.
 * @throws DomainError 400 INVALID_INPUT, 404 WORKSPACE_NOT_FOUND
 */
export const updateWorkspace = async (ctx: Context, input: UpdateWorkspaceInput): Promise<Workspace> => {
  checkSettings(input.settings)
  return inTransaction(ctx, async (tx) => {
    const before = await editableWorkspace(tx, input.id)
    const { id: _id, ...given } = input
    const change = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    await tx.db
      .update(workspaces)
      .set({ ...change, updatedAt: ctx.now() })
      .where(eq(workspaces.id, before.id))
    await recordActivity(tx, {
      action: 'workspace_updated',
      description: `Changed the workspace “${input.name ?? before.name}”.`,
      subject: { type: 'workspace', id: before.publicId },
      before: { name: before.name, description: before.description, image: before.image },
      after: { ...change, settings: input.settings === undefined ? 'unchanged' : 'changed' },
    })
    return getWorkspace(tx, input.id)
  })
}
