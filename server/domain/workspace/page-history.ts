import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { pageContents, pages, pageVersions, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { workspaceFor } from './owned-workspace'
import { pageNoOf } from './rules'
import type { PageVersion, PageVersionContent } from './schemas'

export type VersionKind = (typeof pageVersions.$inferSelect)['kind']

/** How many minutes the saves of one author are one version, from the first. */
const FOLDED_MINUTES = 10
/** Of one page; older ones go. */
const KEPT_VERSIONS = 200

interface Saved {
  readonly pageNo: number
  /** SHA-256 in hex. */
  readonly hash: string
}

interface RecordedBy {
  readonly kind: VersionKind
  readonly authorId: string | null
  readonly folded?: boolean
}

/**
 * Notes in the history what pages are about to show, with what they show now where that is not the last of it.
 * To be called before the pages are pointed at it, by who holds the workspace's lock (`lockWorkspace`).
 * @param authorId null: nobody of this workspace
 * @param folded false: not into one version with the author's save before it
 */
export const recordVersions = async (
  ctx: Context,
  workspaceId: bigint,
  saved: readonly Saved[],
  { kind, authorId, folded = true }: RecordedBy,
): Promise<void> => {
  if (saved.length === 0) return
  const id = sql`${workspaceId.toString()}::bigint`
  const now = sql`${ctx.now().toISOString()}::timestamptz`
  const given = sql`
    given as (
      select p.page_no, decode(g.hash, 'hex') as hash, p.content_hash as shown, p.updated_at
      from json_to_recordset(${JSON.stringify(saved.map(({ pageNo, hash }) => ({ no: pageNo, hash })))}::json)
        as g(no int, hash text) join pages p on p.workspace_id = ${id} and p.page_no = g.no
      where p.content_hash <> decode(g.hash, 'hex')
    ), last as (
      select distinct on (v.page_no) v.* from page_versions v join given using (page_no)
      where v.workspace_id = ${id} order by v.page_no, v.version_no desc
    )`
  await ctx.db.execute(sql`
    with ${given}
    insert into page_versions (workspace_id, page_no, version_no, content_hash, kind, author_id, created_at, edited_at)
    select ${id}, g.page_no, coalesce(l.version_no, 0) + 1, g.shown, 'FIRST', null, g.updated_at, g.updated_at
    from given g left join last l using (page_no) where l.content_hash is distinct from g.shown`)
  await ctx.db.execute(sql`
    with ${given}, folded as (
      update page_versions v set content_hash = g.hash, edited_at = ${now} from given g, last l
      where v.workspace_id = ${id} and v.page_no = g.page_no and l.page_no = g.page_no and v.version_no = l.version_no
        and ${folded}::boolean and ${kind} = 'EDIT' and v.kind = 'EDIT' and v.author_id = ${authorId}::uuid
        and v.created_at > ${now} - make_interval(mins => ${FOLDED_MINUTES})
      returning v.page_no
    )
    insert into page_versions (workspace_id, page_no, version_no, content_hash, kind, author_id, created_at, edited_at)
    select ${id}, g.page_no, coalesce(l.version_no, 0) + 1, g.hash, ${kind}, ${authorId}::uuid, ${now}, ${now}
    from given g left join last l using (page_no) where not exists (select from folded f where f.page_no = g.page_no)`)
  await ctx.db.execute(sql`
    with ${given}
    delete from page_versions v using last l
    where v.workspace_id = ${id} and v.page_no = l.page_no and v.version_no <= l.version_no - ${KEPT_VERSIONS}`)
}

interface Asked {
  readonly workspaceId: string
  readonly pageId: string
}

/**
 * The history of a page, newest first. Empty for one that was never edited.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND or PAGE_NOT_FOUND, 400 for a cursor that is none
 */
export const listPageVersions = async (
  ctx: Context,
  { limit, cursor, ...asked }: Asked & { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Page<PageVersion>> => {
  const page = await pageOf(ctx, asked)
  const after = readCursor(cursor)
  if (after !== null && !/^\d{1,9}$/.test(after.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await ctx.db
    .select(VERSION)
    .from(pageVersions)
    .leftJoin(users, eq(users.id, pageVersions.authorId))
    .where(
      and(
        eq(pageVersions.workspaceId, page.workspaceId),
        eq(pageVersions.pageNo, page.pageNo),
        after === null ? undefined : lt(pageVersions.versionNo, Number(after.id)),
      ),
    )
    .orderBy(desc(pageVersions.versionNo))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    ({ version }) => ({ at: version.createdAt, id: String(version.versionNo) }),
    (row) => toVersion(row, page.shown),
  )
}

/**
 * One version with what it showed.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, PAGE_NOT_FOUND or VERSION_NOT_FOUND
 */
export const readPageVersion = async (
  ctx: Context,
  { version, ...asked }: Asked & { readonly version: number },
): Promise<PageVersionContent> => {
  const page = await pageOf(ctx, asked)
  const [row] = await ctx.db
    .select({ ...VERSION, content: pageContents.body })
    .from(pageVersions)
    .innerJoin(pageContents, eq(pageContents.hash, pageVersions.contentHash))
    .leftJoin(users, eq(users.id, pageVersions.authorId))
    .where(
      and(
        eq(pageVersions.workspaceId, page.workspaceId),
        eq(pageVersions.pageNo, page.pageNo),
        eq(pageVersions.versionNo, version),
      ),
    )
  if (row === undefined) throw notFound('VERSION_NOT_FOUND', 'There is no such version of this page.')
  return { ...toVersion(row, page.shown), content: row.content }
}

const VERSION = { version: pageVersions, author: { firstName: users.firstName, lastName: users.lastName } }

const pageOf = async (ctx: Context, { workspaceId, pageId }: Asked) => {
  const workspace = await workspaceFor(ctx, workspaceId, 'view')
  const pageNo = pageNoOf(pageId) ?? 0
  const [page] = await ctx.db
    .select({ hash: pages.contentHash })
    .from(pages)
    .where(and(eq(pages.workspaceId, workspace.id), eq(pages.pageNo, pageNo)))
  if (page === undefined) throw notFound('PAGE_NOT_FOUND', 'There is no such page.')
  return { workspaceId: workspace.id, pageNo, shown: page.hash.toString('hex') }
}

interface VersionRow {
  readonly version: typeof pageVersions.$inferSelect
  readonly author: { readonly firstName: string; readonly lastName: string } | null
}

const toVersion = ({ version, author }: VersionRow, shown: string): PageVersion => {
  const contentVersion = version.contentHash.toString('hex')
  return {
    version: version.versionNo,
    kind: version.kind,
    by: author === null ? null : `${author.firstName} ${author.lastName}`.trim(),
    savedAt: version.editedAt.toISOString(),
    contentVersion,
    isShown: contentVersion === shown,
  }
}
