import { and, eq, sql } from 'drizzle-orm'
import { pages } from '../../../../db/schema'
import { type Context, inTransaction } from '../../../kit/context'
import { EMPTY_CONTENT, storeContents, toContent } from '../contents'
import { reserve } from '../limits'
import { pageKey, pageNoOf } from '../rules'
import type { CreatePageInput, MovePageInput, OnePage } from '../schemas'
import { noteStructure } from './funnels'
import { refuseDangling } from './links-into'
import {
  freeSlug,
  heldFunnel,
  heldPage,
  nextPageNo,
  type PageRow,
  pagesOfFunnel,
  reordered,
  touch,
} from './part'

/**
 * Makes an empty page behind the others of a funnel.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, FUNNEL_NOT_FOUND; 403 NOT_PERMITTED; 409 SLUG_TAKEN; 422
 *   PLAN_LIMIT_REACHED, WORKSPACE_FROZEN, OVER_PLAN_LIMIT
 */
export const createPage = (
  ctx: Context,
  { name, slug, type, ...address }: CreatePageInput,
): Promise<{ pageId: string }> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, funnel } = await heldFunnel(tx, address, 'pages.edit')
    const { id: workspaceId, ownerId } = workspace
    await reserve(tx, { what: 'pagesPerFunnel', ownerId, workspaceId, funnelNo: funnel.funnelNo })
    const there = await pagesOfFunnel(tx, workspaceId, funnel.funnelNo)
    const content = toContent(EMPTY_CONTENT)
    await storeContents(tx, [content])
    const pageNo = await nextPageNo(tx, workspace)
    await tx.db.insert(pages).values({
      workspaceId,
      pageNo,
      funnelNo: funnel.funnelNo,
      position: there.length,
      name,
      slug: freeSlug(slug, name, slugsOf(there), 'page'),
      type: type ?? 'PAGE',
      seo: {},
      contentHash: Buffer.from(content.hash, 'hex'),
      createdAt: tx.now(),
      updatedAt: tx.now(),
    })
    await noteStructure(tx, workspace, 'page_created', `Made the page “${name}”`)
    return { pageId: pageKey(pageNo) }
  })

/** The same page once more, right behind it; links stay as they are. @throws DomainError as `createPage` */
export const duplicatePage = (ctx: Context, address: OnePage): Promise<{ pageId: string }> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, page } = await heldPage(tx, address)
    const { id: workspaceId, ownerId } = workspace
    await reserve(tx, { what: 'pagesPerFunnel', ownerId, workspaceId, funnelNo: page.funnelNo })
    const there = await pagesOfFunnel(tx, workspaceId, page.funnelNo)
    const pageNo = await nextPageNo(tx, workspace)
    const name = `${[...page.name].slice(0, 190).join('')} (copy)`
    await tx.db.insert(pages).values({
      ...page,
      pageNo,
      name,
      slug: freeSlug(undefined, page.slug, slugsOf(there), 'page'),
      originNo: null,
      originHash: null,
      visits: 0n,
      position: there.length,
      createdAt: tx.now(),
      updatedAt: tx.now(),
    })
    const numbers = there.map((one) => one.pageNo)
    const behind = numbers[numbers.indexOf(page.pageNo) + 1]
    await setPositions(tx, workspaceId, reordered([...numbers, pageNo], pageNo, behind))
    await noteStructure(tx, workspace, 'page_created', `Made the page “${name}”`)
    return { pageId: pageKey(pageNo) }
  })

/** Puts a page before another one of its funnel, or last. @throws DomainError as `createPage` */
export const movePage = (ctx: Context, { before, ...address }: MovePageInput): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, page } = await heldPage(tx, address)
    const there = await pagesOfFunnel(tx, workspace.id, page.funnelNo)
    const numbers = there.map(({ pageNo }) => pageNo)
    const target = before === undefined ? undefined : (pageNoOf(before) ?? undefined)
    await setPositions(
      tx,
      workspace.id,
      reordered(numbers, page.pageNo, target !== undefined && numbers.includes(target) ? target : undefined),
    )
    await touch(tx, workspace)
  })

const setPositions = async (ctx: Context, workspaceId: bigint, numbers: readonly number[]): Promise<void> => {
  await ctx.db.execute(sql`
    update pages p set position = o.position
    from json_to_recordset(${JSON.stringify(numbers.map((no, position) => ({ no, position })))}::json)
      as o(no int, position int)
    where p.workspace_id = ${workspaceId.toString()}::bigint and p.page_no = o.no`)
}

/**
 * Removes a page. Its number is never given to another one.
 * @throws DomainError as `createPage`; 422 PAGE_LINKED, naming the pages that lead to it
 */
export const deletePage = (ctx: Context, address: OnePage): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, page } = await heldPage(tx, address)
    await refuseDangling(tx, workspace, [page.pageNo])
    await tx.db.delete(pages).where(and(eq(pages.workspaceId, workspace.id), eq(pages.pageNo, page.pageNo)))
    await noteStructure(tx, workspace, 'page_deleted', `Deleted the page “${page.name}”`)
  })

const slugsOf = (there: readonly PageRow[]): string[] => there.map(({ slug }) => slug)
