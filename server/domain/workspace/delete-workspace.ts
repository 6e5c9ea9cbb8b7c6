import { and, eq, ne } from 'drizzle-orm'
import { workspaces } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { recordActivity } from '../audit'
import { noSuchWorkspace, ownedWorkspace } from './owned-workspace'

/**
 * Deletes softly: nobody finds it any more, but a buyer who has paid for a copy still gets it.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND
 */
export const deleteWorkspace = async (ctx: Context, publicId: string): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const workspace = await ownedWorkspace(tx, publicId)
    const gone = await tx.db
      .update(workspaces)
      .set({ status: 'DELETED', updatedAt: ctx.now() })
      .where(and(eq(workspaces.id, workspace.id), ne(workspaces.status, 'DELETED')))
      .returning({ id: workspaces.id })
    if (gone.length === 0) throw noSuchWorkspace()
    await recordActivity(tx, {
      action: 'workspace_deleted',
      description: `Deleted the workspace “${workspace.name}”.`,
      subject: { type: 'workspace', id: workspace.publicId },
      before: { status: workspace.status },
      after: { status: 'DELETED' },
    })
  })
