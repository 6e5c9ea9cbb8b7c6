import { sql } from 'drizzle-orm'
import type { Context } from '../../../kit/context'
import { sha256 } from '../../../kit/crypto'
import { forEachLink } from '../contents'
import { isObject, type JsonObject } from '../json'
import { pageKey, parseLinkingId } from '../rules'

/** A page as visitors see it, without its content. */
export interface PublishedPage {
  readonly workspaceRowId: bigint
  readonly workspace: { readonly publicId: string; readonly name: string; readonly slug: string }
  readonly funnel: {
    readonly no: number
    readonly name: string
    readonly slug: string
    readonly settings: JsonObject
    readonly tracking: Readonly<Record<string, string>>
    readonly passwordProtected: boolean
    readonly passwordHash: string | null
  }
  readonly page: {
    readonly no: number
    readonly name: string
    readonly slug: string
    readonly seo: JsonObject
  }
  readonly theme: JsonObject
  readonly contentHash: Buffer
  /** Another one whenever what a visitor sees may be another. */
  readonly version: string
}

export interface PublishedAddress {
  readonly workspace: string
  readonly funnel: string
  /** Null: the funnel's first. */
  readonly page: string | null
}

/** A page of a live funnel of an active workspace; null for everything else, all alike. */
export const readPublished = (
  ctx: Context,
  { workspace, funnel, page }: PublishedAddress,
): Promise<PublishedPage | null> =>
  readOne(ctx, sql`w.slug = ${workspace} and w.status = 'ACTIVE' and f.status = 'LIVE'`, funnel, page)

/** Where a page is published that is named by its linking id, for anybody; null: nowhere. */
export const publishedAddress = async (
  ctx: Context,
  id: string,
): Promise<{ readonly workspace: string; readonly funnel: string; readonly page: string } | null> => {
  const name = parseLinkingId(id)
  if (name === null) return null
  const [row] = await ctx.db.execute<{ workspace: string; funnel: string; page: string }>(sql`
    select w.slug as workspace, f.slug as funnel, p.slug as page
    from workspaces w join pages p on p.workspace_id = w.id
      join funnels f on f.workspace_id = w.id and f.funnel_no = p.funnel_no
    where w.public_id = ${name.publicId} and p.page_no = ${name.pageNo} and w.status = 'ACTIVE' and f.status = 'LIVE'`)
  return row ?? null
}

/**
 * A page of what is offered, whatever the state of its funnel.
 * @param workspaceRowId the state that is sold: a release's or the workspace's own row
 */
export const readForPreview = (
  ctx: Context,
  workspaceRowId: bigint,
  { funnel, page }: { readonly funnel: string | null; readonly page: string | null },
): Promise<PublishedPage | null> =>
  readOne(ctx, sql`w.id = ${workspaceRowId.toString()}::bigint and w.status <> 'DELETED'`, funnel, page)

/** The funnels and pages of a state, in their order. @param workspaceRowId as in `readForPreview` */
export const previewTree = async (ctx: Context, workspaceRowId: bigint): Promise<PreviewFunnel[]> => {
  const rows = await ctx.db.execute<{
    funnel: string
    funnel_slug: string
    page: string
    page_slug: string
  }>(sql`
    select f.name as funnel, f.slug as funnel_slug, p.name as page, p.slug as page_slug
    from funnels f join pages p on p.workspace_id = f.workspace_id and p.funnel_no = f.funnel_no
    where f.workspace_id = ${workspaceRowId.toString()}::bigint
    order by f.position, f.funnel_no, p.type, p.position, p.page_no`)
  const tree = new Map<string, PreviewFunnel>()
  for (const { funnel, funnel_slug: slug, page, page_slug } of rows) {
    const known = tree.get(slug) ?? { name: funnel, slug, pages: [] }
    known.pages.push({ name: page, slug: page_slug })
    tree.set(slug, known)
  }
  return [...tree.values()]
}

interface PreviewFunnel {
  readonly name: string
  readonly slug: string
  readonly pages: { readonly name: string; readonly slug: string }[]
}

type Row = Record<string, unknown> & {
  readonly id: string
  readonly public_id: string
  readonly workspace: string
  readonly workspace_slug: string
  readonly updated_at: string
  readonly funnel_no: number
  readonly funnel: string
  readonly funnel_slug: string
  readonly settings: JsonObject
  readonly tracking: Record<string, string>
  readonly password_protected: boolean
  readonly password_hash: string | null
  readonly page_no: number
  readonly page: string
  readonly page_slug: string
  readonly seo: JsonObject
  readonly content_hash: string
  readonly tokens: JsonObject | null
}

const readOne = async (
  ctx: Context,
  where: ReturnType<typeof sql>,
  funnel: string | null,
  page: string | null,
): Promise<PublishedPage | null> => {
  const [row] = await ctx.db.execute<Row>(sql`
    select w.id::text, w.public_id, w.name as workspace, w.slug as workspace_slug, w.updated_at::text,
      f.funnel_no, f.name as funnel, f.slug as funnel_slug, f.settings, f.tracking, f.password_protected, f.password_hash,
      p.page_no, p.name as page, p.slug as page_slug, p.seo, encode(p.content_hash, 'hex') as content_hash,
      coalesce(t.tokens, g.tokens) as tokens
    from workspaces w
      join funnels f on f.workspace_id = w.id
      join pages p on p.workspace_id = w.id and p.funnel_no = f.funnel_no
      left join themes t on t.workspace_id = w.id and t.theme_no = f.theme_no
      left join global_themes g on g.key = f.global_theme_key
    where ${where}
      and ${funnel === null ? sql`true` : sql`f.slug = ${funnel}`}
      and ${page === null ? sql`true` : sql`p.slug = ${page}`}
    order by f.position, f.funnel_no, p.type, p.position, p.page_no limit 1`)
  if (row === undefined) return null
  return {
    workspaceRowId: BigInt(row.id),
    workspace: { publicId: row.public_id, name: row.workspace, slug: row.workspace_slug },
    funnel: {
      no: row.funnel_no,
      name: row.funnel,
      slug: row.funnel_slug,
      settings: row.settings,
      tracking: row.tracking,
      passwordProtected: row.password_protected,
      passwordHash: row.password_hash,
    },
    page: { no: row.page_no, name: row.page, slug: row.page_slug, seo: row.seo },
    theme: row.tokens ?? {},
    contentHash: Buffer.from(row.content_hash, 'hex'),
    version: sha256(JSON.stringify(row)).toString('base64url').slice(0, 27),
  }
}

/** A content and the pages its links lead to, by key. */
export interface PublishedContent {
  readonly content: JsonObject
  readonly targets: ReadonlyMap<string, { readonly funnel: string; readonly page: string }>
}

/** @param everywhere also pages of funnels that are not live, for a preview */
export const readPublishedContent = async (
  ctx: Context,
  { workspaceRowId, contentHash }: PublishedPage,
  everywhere = false,
): Promise<PublishedContent> => {
  const [row] = await ctx.db.execute<{ body: unknown }>(
    sql`select body from page_contents where hash = ${contentHash}`,
  )
  const content = isObject(row?.body) ? row.body : {}
  const keys = new Set<string>()
  forEachLink(content, [], (key) => keys.add(key))
  if (keys.size === 0) return { content, targets: new Map() }
  const pages = await ctx.db.execute<{ no: number; page: string; funnel: string }>(sql`
    select p.page_no as no, p.slug as page, f.slug as funnel
    from pages p join funnels f on f.workspace_id = p.workspace_id and f.funnel_no = p.funnel_no
    where p.workspace_id = ${workspaceRowId.toString()}::bigint
      and ${everywhere ? sql`true` : sql`f.status = 'LIVE'`}`)
  return {
    content,
    targets: new Map(
      pages
        .filter(({ no }) => keys.has(pageKey(no)))
        .map(({ no, page, funnel }) => [pageKey(no), { page, funnel }]),
    ),
  }
}
