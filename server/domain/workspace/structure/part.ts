import { and, asc, eq, sql } from 'drizzle-orm'
import { funnels, pages, workspaces } from '../../../../db/schema'
import type { Context } from '../../../kit/context'
import { conflict, notFound } from '../../../kit/errors'
import { editableWorkspace } from '../freeze-copy'
import { lockWorkspace, type WorkspaceRow } from '../owned-workspace'
import type { Permission } from '../permissions'
import { funnelNoOf, pageNoOf, slugBase } from '../rules'

export type FunnelRow = typeof funnels.$inferSelect
export type PageRow = typeof pages.$inferSelect

const noSuchFunnel = () => notFound('FUNNEL_NOT_FOUND', 'There is no such funnel.')
const noSuchPage = () => notFound('PAGE_NOT_FOUND', 'There is no such page.')

/**
 * A workspace whose funnels and pages are to be changed, by who may, held against everybody else who would.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND; 403 NOT_PERMITTED; 422 WORKSPACE_FROZEN, OVER_PLAN_LIMIT
 */
export const heldWorkspace = async (
  ctx: Context,
  publicId: string,
  permission: Permission,
): Promise<WorkspaceRow> => {
  const workspace = await editableWorkspace(ctx, publicId, undefined, permission)
  await lockWorkspace(ctx, workspace.id)
  return workspace
}

/** The same with one funnel of it. @throws DomainError as `heldWorkspace`; 404 FUNNEL_NOT_FOUND */
export const heldFunnel = async (
  ctx: Context,
  { workspaceId, funnelId }: { readonly workspaceId: string; readonly funnelId: string },
  permission: Permission,
): Promise<{ workspace: WorkspaceRow; funnel: FunnelRow }> => {
  const funnelNo = funnelNoOf(funnelId) ?? 0
  const workspace = await editableWorkspace(ctx, workspaceId, { funnelNo }, permission)
  await lockWorkspace(ctx, workspace.id)
  const [funnel] = await ctx.db
    .select()
    .from(funnels)
    .where(and(eq(funnels.workspaceId, workspace.id), eq(funnels.funnelNo, funnelNo)))
  if (funnel === undefined) throw noSuchFunnel()
  return { workspace, funnel }
}

/** The same with one page, for who edits pages. @throws DomainError as `heldWorkspace`; 404 PAGE_NOT_FOUND */
export const heldPage = async (
  ctx: Context,
  { workspaceId, pageId }: { readonly workspaceId: string; readonly pageId: string },
): Promise<{ workspace: WorkspaceRow; page: PageRow }> => {
  const pageNo = pageNoOf(pageId) ?? 0
  const workspace = await editableWorkspace(ctx, workspaceId, { pageNo }, 'pages.edit')
  await lockWorkspace(ctx, workspace.id)
  const [page] = await ctx.db
    .select()
    .from(pages)
    .where(and(eq(pages.workspaceId, workspace.id), eq(pages.pageNo, pageNo)))
  if (page === undefined) throw noSuchPage()
  return { workspace, page }
}

export const funnelsOf = (ctx: Context, workspaceId: bigint): Promise<FunnelRow[]> =>
  ctx.db
    .select()
    .from(funnels)
    .where(eq(funnels.workspaceId, workspaceId))
    .orderBy(asc(funnels.position), asc(funnels.funnelNo))

export const pagesOfFunnel = (ctx: Context, workspaceId: bigint, funnelNo: number): Promise<PageRow[]> =>
  ctx.db
    .select()
    .from(pages)
    .where(and(eq(pages.workspaceId, workspaceId), eq(pages.funnelNo, funnelNo)))
    .orderBy(asc(pages.position), asc(pages.pageNo))

/** A number that no funnel of this workspace has, nor had in a state that is kept: an update must not mix them up. */
export const nextFunnelNo = async (ctx: Context, { id }: WorkspaceRow): Promise<number> => {
  const [row] = await ctx.db.execute<{ next: number }>(sql`
    select coalesce(max(funnel_no), 0) + 1 as next from funnels
    where workspace_id = ${id.toString()}::bigint
      or workspace_id in (select frozen_id from workspace_releases where workspace_id = ${id.toString()}::bigint)`)
  return row?.next ?? 1
}

/** The same of pages, by which links and the history name them. */
export const nextPageNo = async (ctx: Context, { id }: WorkspaceRow): Promise<number> => {
  const [row] = await ctx.db.execute<{ next: number }>(sql`
    select greatest(
      (select coalesce(max(page_no), 0) from pages where workspace_id = ${id.toString()}::bigint
        or workspace_id in (select frozen_id from workspace_releases where workspace_id = ${id.toString()}::bigint)),
      (select coalesce(max(page_no), 0) from page_versions where workspace_id = ${id.toString()}::bigint)
    ) + 1 as next`)
  return row?.next ?? 1
}

/**
 * The slug that was asked for, or the next free one of the name.
 * @throws DomainError 409 SLUG_TAKEN when the one that was asked for is another's
 */
export const freeSlug = (
  asked: string | undefined,
  name: string,
  taken: readonly string[],
  fallback: string,
): string => {
  if (asked !== undefined) {
    if (taken.includes(asked)) throw conflict('SLUG_TAKEN', 'Another one has this address already.')
    return asked
  }
  const words = slugBase(name)
  const base = words === 'workspace' && !/workspace/i.test(name) ? fallback : words
  for (let n = 1; ; n += 1) {
    const slug = n === 1 ? base : `${base}-${n}`
    if (!taken.includes(slug)) return slug
  }
}

/** In its new order, with `moved` before the one at `before` of those that are left; at the end without it. */
export const reordered = <T>(all: readonly T[], moved: T, before: T | undefined): T[] => {
  const left = all.filter((one) => one !== moved)
  const at = before === undefined ? left.length : left.indexOf(before)
  return [...left.slice(0, at), moved, ...left.slice(at)]
}

export const touch = async (ctx: Context, { id }: WorkspaceRow): Promise<void> => {
  await ctx.db.update(workspaces).set({ updatedAt: ctx.now() }).where(eq(workspaces.id, id))
}
