import { and, count, eq, notInArray } from 'drizzle-orm'
import { funnels, pages, themes, workspaces } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { noSuchWorkspace, type WorkspaceRow } from './owned-workspace'
import { latestRelease, type ReleaseRow } from './releases'

/** What a buyer would get now: the state to count and to show before it is paid for. */
export interface Offered {
  /**
   * The row whose funnels, pages and themes are sold: of the latest release (its status is RELEASE, it never changes),
   * or the workspace itself if there is none. To be read by its id only: it is nobody's, and no address leads to it.
   */
  readonly row: WorkspaceRow
  readonly release: Pick<ReleaseRow, 'id' | 'number' | 'label' | 'notes' | 'createdAt'> | null
  readonly counts: { readonly funnels: number; readonly pages: number; readonly themes: number }
}

/**
 * @param workspaceRowId the offered workspace's own id, as links and listings hold it
 * @throws DomainError 404 WORKSPACE_NOT_FOUND when it is gone or deleted
 */
export const whatIsOffered = async (ctx: Context, workspaceRowId: bigint): Promise<Offered> => {
  const [live] = await ctx.db
    .select()
    .from(workspaces)
    .where(and(eq(workspaces.id, workspaceRowId), notInArray(workspaces.status, ['DELETED', 'RELEASE'])))
  if (live === undefined) throw noSuchWorkspace()
  const release = await latestRelease(ctx, workspaceRowId)
  const [frozen] =
    release === null ? [] : await ctx.db.select().from(workspaces).where(eq(workspaces.id, release.frozenId))
  const row = frozen ?? live
  const countOf = async (table: typeof funnels | typeof pages | typeof themes) =>
    (await ctx.db.select({ n: count() }).from(table).where(eq(table.workspaceId, row.id)))[0]?.n ?? 0
  const [ofFunnels, ofPages, ofThemes] = await Promise.all([
    countOf(funnels),
    countOf(pages),
    countOf(themes),
  ])
  return { row, release, counts: { funnels: ofFunnels, pages: ofPages, themes: ofThemes } }
}
