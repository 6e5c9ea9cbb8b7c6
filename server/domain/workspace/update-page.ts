import { and, eq, ne } from 'drizzle-orm'
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
import type { PageAddress, PageView, RestorePageInput, UpdatePageInput } from './schemas'

/**
 * Changes a page's name, slug, type, words for search engines, content, or several of them. Content is never changed in place: the page is pointed at the new one,
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
 * Why a page can only be read, in a sentence; null when it can be edited.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND or PAGE_NOT_FOUND
 */
export const pageRefusal = async (ctx: Context, address: PageAddress): Promise<string | null> => {
  await readPage(ctx, address)
  try {
    await editableWorkspace(ctx, address.workspaceId, { pageNo: pageNoOf(address.pageId) ?? 0 })
    return null
  } catch (error) {
    if (error instanceof DomainError && (error.status === 422 || error.status === 403)) return error.message
    throw error
  }
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

type PageRow = typeof pages.$inferSelect

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
    const author = { kind, authorId: signedIn(ctx).userId, folded: input.ownVersion !== true }
    await recordVersions(ctx, workspace.id, [{ pageNo, hash: content.hash }], author)
  }
  if (input.slug !== undefined) await checkSlug(ctx, page, input.slug)
  await ctx.db
    .update(pages)
    .set({
      ...given({ name: input.name, slug: input.slug, type: input.type }),
      ...(input.seo === undefined ? {} : { seo: withSeo(page.seo, input.seo) }),
      ...(content === undefined ? {} : { contentHash: Buffer.from(content.hash, 'hex') }),
      updatedAt: ctx.now(),
    })
    .where(here)
  await ctx.db.update(workspaces).set({ updatedAt: ctx.now() }).where(eq(workspaces.id, workspace.id))
  return readPage(ctx, { ...input, funnelId: String(page.funnelNo) })
}

const given = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T

/** Members this knows nothing of stay as they are. */
const withSeo = (seo: JsonObject, changes: NonNullable<UpdatePageInput['seo']>): JsonObject =>
  Object.fromEntries(Object.entries({ ...seo, ...given(changes) }).filter(([, value]) => value !== null))

const checkSlug = async (ctx: Context, { workspaceId, funnelNo, pageNo }: PageRow, slug: string) => {
  const [other] = await ctx.db
    .select({ name: pages.name })
    .from(pages)
    .where(
      and(
        eq(pages.workspaceId, workspaceId),
        eq(pages.funnelNo, funnelNo),
        eq(pages.slug, slug),
        ne(pages.pageNo, pageNo),
      ),
    )
  if (other !== undefined)
    throw invalid([{ path: ['slug'], message: `“${other.name}” of this funnel has this slug already.` }])
}

const changed = async (ctx: Context, workspace: WorkspaceRow, page: PageRow) =>
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
