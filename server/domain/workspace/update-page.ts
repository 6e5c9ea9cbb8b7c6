import { and, eq } from 'drizzle-orm'
import { pages, workspaces } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { type Content, checkLinks, MAX_CONTENT_BYTES, storeContents, toContent } from './contents'
import { CONTENT_DEPTH } from './document'
import { editableWorkspace } from './freeze-copy'
import { checkJson, Faults, type JsonObject } from './json'
import { readPage } from './queries'
import { pageKey, pageNoOf } from './rules'
import type { PageView, UpdatePageInput } from './schemas'

/**
 * Changes a page's name, its content, or both. Content is never changed in place: the page is pointed at the new one,
 * so neither its source nor its copies notice.
 * @throws DomainError 400 INVALID_INPUT (with the path in the content), 404 WORKSPACE_NOT_FOUND or PAGE_NOT_FOUND
 */
export const updatePage = async (ctx: Context, input: UpdatePageInput): Promise<PageView> => {
  if (input.content !== undefined) checkShape(input.content)
  return inTransaction(ctx, async (tx) => {
    const workspace = await editableWorkspace(tx, input.workspaceId)
    const pageNo = pageNoOf(input.pageId) ?? 0
    const content =
      input.content === undefined ? undefined : await checkedContent(tx, workspace.id, input.content)
    if (content !== undefined) await storeContents(tx, [content])
    const [page] = await tx.db
      .update(pages)
      .set({
        ...(input.name === undefined ? {} : { name: input.name }),
        ...(content === undefined ? {} : { contentHash: Buffer.from(content.hash, 'hex') }),
        updatedAt: ctx.now(),
      })
      .where(and(eq(pages.workspaceId, workspace.id), eq(pages.pageNo, pageNo)))
      .returning({ funnelNo: pages.funnelNo })
    if (page === undefined) throw notFound('PAGE_NOT_FOUND', 'There is no such page.')
    await tx.db.update(workspaces).set({ updatedAt: ctx.now() }).where(eq(workspaces.id, workspace.id))
    return readPage(tx, { ...input, funnelId: String(page.funnelNo) })
  })
}

const checkShape = (content: JsonObject): void => {
  const faults = new Faults()
  checkJson(content, CONTENT_DEPTH, faults, ['content'])
  if (faults.issues.length > 0) throw invalid(faults.issues)
}

const checkedContent = async (ctx: Context, workspaceId: bigint, body: JsonObject): Promise<Content> => {
  const known = await ctx.db
    .select({ pageNo: pages.pageNo })
    .from(pages)
    .where(eq(pages.workspaceId, workspaceId))
  const keys = new Set(known.map((page) => pageKey(page.pageNo)))
  const faults = new Faults()
  checkLinks(body, (key) => keys.has(key), faults, ['content'])
  const content = toContent(body)
  if (content.bytes > MAX_CONTENT_BYTES)
    faults.add(['content'], `Has ${content.bytes} bytes; ${MAX_CONTENT_BYTES} are allowed.`)
  if (faults.issues.length > 0) throw invalid(faults.issues)
  return content
}
