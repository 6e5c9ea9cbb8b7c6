import { and, eq } from 'drizzle-orm'
import { pages, workspaces } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { DomainError, invalid, notFound } from '../../kit/errors'
import { type Content, checkLinks, MAX_CONTENT_BYTES, storeContents, toContent } from './contents'
import { CONTENT_DEPTH } from './document'
import { editableWorkspace } from './freeze-copy'
import { checkJson, Faults, type JsonObject } from './json'
import { lockWorkspace, type WorkspaceRow } from './owned-workspace'
import { readPageVersion, recordVersions, type VersionKind } from './page-history'
import { readPage } from './queries'
import { pageKey, pageNoOf } from './rules'
import type { PageView, RestorePageInput, UpdatePageInput } from './schemas'

/**
 * Changes a page's name, its content, or both. Content is never changed in place: the page is pointed at the new one,
 * so neither its source nor its copies notice, and its history has the old one.
 * @throws DomainError 400 INVALID_INPUT (with the path in the content), 404 WORKSPACE_NOT_FOUND or PAGE_NOT_FOUND;
 * 409 PAGE_CHANGED with the page as it is now when `editedFrom` is given and no longer what the page shows;
 * 422 WORKSPACE_FROZEN or OVER_PLAN_LIMIT
 */
export const updatePage = async (ctx: Context, input: UpdatePageInput): Promise<PageView> => {
  if (input.content !== undefined) checkShape(input.content)
  return inTransaction(ctx, (tx) => save(tx, input, 'EDIT'))
}

/**
 * Lets a page show again what it showed before. What it shows now stays in its history.
 * @throws DomainError as `updatePage`; 404 VERSION_NOT_FOUND; 400 when pages it links to are no longer there
 */
export const restorePage = async (ctx: Context, { version, ...input }: RestorePageInput): Promise<PageView> =>
  inTransaction(ctx, async (tx) => {
    const { content } = await readPageVersion(tx, { ...input, version })
    return save(tx, { ...input, content }, 'RESTORE')
  })

const save = async (ctx: Context, input: UpdatePageInput, kind: VersionKind): Promise<PageView> => {
  const pageNo = pageNoOf(input.pageId) ?? 0
  const workspace = await editableWorkspace(ctx, input.workspaceId, { pageNo })
  await lockWorkspace(ctx, workspace.id)
  const here = and(eq(pages.workspaceId, workspace.id), eq(pages.pageNo, pageNo))
  const [page] = await ctx.db.select().from(pages).where(here)
  if (page === undefined) throw notFound('PAGE_NOT_FOUND', 'There is no such page.')
  const content = input.content && (await checkedContent(ctx, workspace.id, input.content))
  if (content !== undefined) {
    const shown = page.contentHash.toString('hex')
    if (input.editedFrom !== undefined && input.editedFrom !== shown && content.hash !== shown)
      throw await changed(ctx, workspace, page)
    await storeContents(ctx, [content])
    const author = { kind, authorId: signedIn(ctx).userId }
    await recordVersions(ctx, workspace.id, [{ pageNo, hash: content.hash }], author)
  }
  await ctx.db
    .update(pages)
    .set({
      ...(input.name === undefined ? {} : { name: input.name }),
      ...(content === undefined ? {} : { contentHash: Buffer.from(content.hash, 'hex') }),
      updatedAt: ctx.now(),
    })
    .where(here)
  await ctx.db.update(workspaces).set({ updatedAt: ctx.now() }).where(eq(workspaces.id, workspace.id))
  return readPage(ctx, { ...input, funnelId: String(page.funnelNo) })
}

const changed = async (ctx: Context, workspace: WorkspaceRow, page: typeof pages.$inferSelect) =>
  new DomainError(
    409,
    'PAGE_CHANGED',
    'Somebody saved this page since you opened it. Nothing is lost: look at theirs beside yours, then save again.',
    {
      current: await readPage(ctx, {
        workspaceId: workspace.publicId,
        funnelId: String(page.funnelNo),
        pageId: pageKey(page.pageNo),
      }),
    },
  )

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
