import { and, asc, count, desc, eq, inArray, lt, ne, or } from 'drizzle-orm'
import {
  funnels,
  globalThemes,
  pageContents,
  pages,
  roleTemplates,
  themes,
  workspaceMembers,
  workspaces,
} from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { DomainError, invalid, notFound } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import type { Plan } from '../../kit/plans'
import { planOf } from '../identity'
import { forEachLink } from './contents'
import {
  type Membership,
  membershipIn,
  noSuchWorkspace,
  type WorkspaceRow,
  workspaceFor,
} from './owned-workspace'
import { funnelNoOf, linkingId, pageKey, pageNoOf, parseLinkingId } from './rules'
import type { PageAddress, PageView, Workspace, WorkspaceLine, WorkspaceTree } from './schemas'
import { whatIsOffered } from './what-is-offered'

/** A workspace as its owner sees it in lists and answers. */
export const toWorkspace = (row: WorkspaceRow, planType: Plan, counts: Counts): Workspace => ({
  status: statusOf(row),
  id: row.publicId,
  name: row.name,
  slug: row.slug,
  description: row.description,
  image: row.image,
  settings: row.settings,
  planType,
  notForResale: row.notForResale,
  isCopy: row.sourceId !== null,
  ...counts,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})

/** A release has no members: no way leads here to one. */
const statusOf = ({ status }: WorkspaceRow): Workspace['status'] => {
  if (status === 'RELEASE') throw noSuchWorkspace()
  return status
}

interface Counts {
  readonly funnels: number
  readonly pages: number
}

/** Settings may hold what is not for everybody who looks. */
const shownTo = (permissions: Membership['permissions'], row: WorkspaceRow): WorkspaceRow =>
  permissions.has('workspace.manage') ? row : { ...row, settings: {} }

/** @throws DomainError 404 WORKSPACE_NOT_FOUND */
export const getWorkspace = async (ctx: Context, publicId: string): Promise<Workspace> => {
  const { workspace: row, permissions } = await membershipIn(ctx, publicId)
  const counts = await countsOf(ctx, [row.id])
  return toWorkspace(shownTo(permissions, row), await planOf(ctx, row.ownerId), counts(row.id))
}

/** The workspaces of which the signed-in person is a member, newest first. @throws DomainError 400 for a cursor that is none. */
export const listWorkspaces = async (
  ctx: Context,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<WorkspaceLine>> => {
  const { userId } = signedIn(ctx)
  const after = readCursor(cursor)
  if (after !== null && !/^\d{1,18}$/.test(after.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await ctx.db
    .select({ workspace: workspaces, role: workspaceMembers.role })
    .from(workspaces)
    .innerJoin(workspaceMembers, eq(workspaceMembers.workspaceId, workspaces.id))
    .where(
      and(
        eq(workspaceMembers.userId, userId),
        ne(workspaces.status, 'DELETED'),
        after === null
          ? undefined
          : or(
              lt(workspaces.createdAt, after.at),
              and(eq(workspaces.createdAt, after.at), lt(workspaces.id, BigInt(after.id))),
            ),
      ),
    )
    .orderBy(desc(workspaces.createdAt), desc(workspaces.id))
    .limit(limit + 1)
  const plans = new Map<string, Plan>()
  for (const { workspace } of rows)
    if (!plans.has(workspace.ownerId)) plans.set(workspace.ownerId, await planOf(ctx, workspace.ownerId))
  const counts = await countsOf(
    ctx,
    rows.map(({ workspace }) => workspace.id),
  )
  return toPage(
    rows,
    limit,
    ({ workspace }) => ({ at: workspace.createdAt, id: workspace.id.toString() }),
    ({ workspace, role }) => {
      const plan = plans.get(workspace.ownerId) ?? 'FREE'
      const { settings: _settings, ...line } = toWorkspace(workspace, plan, counts(workspace.id))
      return { ...line, role }
    },
  )
}

const countsOf = async (ctx: Context, ids: readonly bigint[]): Promise<(id: bigint) => Counts> => {
  if (ids.length === 0) return () => ({ funnels: 0, pages: 0 })
  const [ofFunnels, ofPages] = await Promise.all([
    ctx.db
      .select({ id: funnels.workspaceId, count: count() })
      .from(funnels)
      .where(inArray(funnels.workspaceId, [...ids]))
      .groupBy(funnels.workspaceId),
    ctx.db
      .select({ id: pages.workspaceId, count: count() })
      .from(pages)
      .where(inArray(pages.workspaceId, [...ids]))
      .groupBy(pages.workspaceId),
  ])
  const find = (rows: typeof ofFunnels, id: bigint) => rows.find((row) => row.id === id)?.count ?? 0
  return (id) => ({ funnels: find(ofFunnels, id), pages: find(ofPages, id) })
}

/** A workspace with its funnels, their pages, its themes and role templates, without contents. @throws DomainError 404 */
export const readWorkspace = async (ctx: Context, publicId: string): Promise<WorkspaceTree> => {
  const { workspace: row, role, permissions } = await membershipIn(ctx, publicId)
  const [planType, ofFunnels, ofPages, ofThemes, ofRoles] = await Promise.all([
    planOf(ctx, row.ownerId),
    funnelsOf(ctx, row.id),
    pagesOf(ctx, row.id),
    ctx.db
      .select({ no: themes.themeNo, key: themes.key, name: themes.name })
      .from(themes)
      .where(eq(themes.workspaceId, row.id))
      .orderBy(asc(themes.themeNo)),
    ctx.db
      .select({ name: roleTemplates.name, permissions: roleTemplates.permissions })
      .from(roleTemplates)
      .where(eq(roleTemplates.workspaceId, row.id))
      .orderBy(asc(roleTemplates.roleNo)),
  ])
  const themeKey = (funnel: (typeof ofFunnels)[number]) =>
    funnel.globalThemeKey === null
      ? (ofThemes.find((theme) => theme.no === funnel.themeNo)?.key ?? null)
      : `global:${funnel.globalThemeKey}`
  const {
    funnels: _funnels,
    pages: _pages,
    ...workspace
  } = toWorkspace(shownTo(permissions, row), planType, { funnels: 0, pages: 0 })
  return {
    ...workspace,
    role,
    permissions: [...permissions],
    counts: { funnels: ofFunnels.length, pages: ofPages.length, themes: ofThemes.length },
    themes: ofThemes.map(({ key, name }) => ({ key, name })),
    roleTemplates: ofRoles.map(({ name, permissions }) => ({ name, permissions: granted(permissions) })),
    funnels: ofFunnels.map((funnel) => ({
      id: String(funnel.funnelNo),
      name: funnel.name,
      slug: funnel.slug,
      status: funnel.status,
      theme: themeKey(funnel),
      passwordProtected: funnel.passwordProtected,
      hasTracking: Object.keys(funnel.tracking).length > 0,
      pages: ofPages
        .filter((page) => page.funnelNo === funnel.funnelNo)
        .map((page) => toPageLine(publicId, page)),
    })),
  }
}

const granted = (permissions: Readonly<Record<string, boolean>>): string[] =>
  Object.keys(permissions)
    .filter((name) => permissions[name] === true)
    .sort()

const funnelsOf = (ctx: Context, workspaceId: bigint) =>
  ctx.db
    .select()
    .from(funnels)
    .where(eq(funnels.workspaceId, workspaceId))
    .orderBy(asc(funnels.position), asc(funnels.funnelNo))

const PAGE_LINE = {
  pageNo: pages.pageNo,
  funnelNo: pages.funnelNo,
  name: pages.name,
  slug: pages.slug,
  type: pages.type,
  visits: pages.visits,
  updatedAt: pages.updatedAt,
}

const pagesOf = (ctx: Context, workspaceId: bigint) =>
  ctx.db
    .select(PAGE_LINE)
    .from(pages)
    .where(eq(pages.workspaceId, workspaceId))
    .orderBy(asc(pages.position), asc(pages.pageNo))

type PageRow = Awaited<ReturnType<typeof pagesOf>>[number]

const toPageLine = (publicId: string, page: PageRow) => ({
  id: pageKey(page.pageNo),
  linkingId: linkingId(publicId, page.pageNo),
  name: page.name,
  slug: page.slug,
  type: page.type,
  visits: Number(page.visits),
  updatedAt: page.updatedAt.toISOString(),
})

/** One page with its content, and where its links lead. @throws DomainError 404 WORKSPACE_NOT_FOUND, PAGE_NOT_FOUND */
export const readPage = async (ctx: Context, address: PageAddress): Promise<PageView> => {
  const workspace = await workspaceFor(ctx, address.workspaceId, 'view')
  const [found] = await ctx.db
    .select({
      page: PAGE_LINE,
      seo: pages.seo,
      content: pageContents.body,
      hash: pages.contentHash,
      funnel: funnels,
      theme: { name: themes.name, tokens: themes.tokens },
      globalTheme: { name: globalThemes.name, tokens: globalThemes.tokens },
    })
    .from(pages)
    .innerJoin(pageContents, eq(pageContents.hash, pages.contentHash))
    .innerJoin(funnels, and(eq(funnels.workspaceId, pages.workspaceId), eq(funnels.funnelNo, pages.funnelNo)))
    .leftJoin(themes, and(eq(themes.workspaceId, funnels.workspaceId), eq(themes.themeNo, funnels.themeNo)))
    .leftJoin(globalThemes, eq(globalThemes.key, funnels.globalThemeKey))
    .where(
      and(
        eq(pages.workspaceId, workspace.id),
        eq(pages.pageNo, pageNoOf(address.pageId) ?? 0),
        eq(pages.funnelNo, funnelNoOf(address.funnelId) ?? 0),
      ),
    )
  if (found === undefined) throw notFound('PAGE_NOT_FOUND', 'There is no such page.')
  return {
    ...toPageLine(workspace.publicId, found.page),
    seo: found.seo,
    content: found.content,
    contentVersion: found.hash.toString('hex'),
    workspace: { id: workspace.publicId, name: workspace.name, slug: workspace.slug },
    funnel: {
      id: String(found.funnel.funnelNo),
      name: found.funnel.name,
      slug: found.funnel.slug,
      theme: found.theme ?? found.globalTheme,
    },
    links: await resolveLinks(ctx, workspace, found.content),
  }
}

/**
 * Where a page is that is named from outside, for the owner of its workspace.
 * @throws DomainError 404 PAGE_NOT_FOUND, for everyone else too
 */
export const findPage = async (ctx: Context, id: string): Promise<PageAddress> => {
  const missing = () => notFound('PAGE_NOT_FOUND', 'There is no such page.')
  const name = parseLinkingId(id)
  signedIn(ctx)
  if (name === null) throw missing()
  const workspace = await workspaceFor(ctx, name.publicId, 'view').catch((error: unknown) => {
    throw error instanceof DomainError && error.status === 404 ? missing() : error
  })
  const [page] = await ctx.db
    .select({ funnelNo: pages.funnelNo })
    .from(pages)
    .where(and(eq(pages.workspaceId, workspace.id), eq(pages.pageNo, name.pageNo)))
  if (page === undefined) throw missing()
  return { workspaceId: name.publicId, funnelId: String(page.funnelNo), pageId: pageKey(name.pageNo) }
}

const resolveLinks = async (
  ctx: Context,
  workspace: WorkspaceRow,
  content: Record<string, unknown>,
): Promise<PageView['links']> => {
  const keys = new Set<string>()
  forEachLink(content, [], (key) => keys.add(key))
  if (keys.size === 0) return []
  const known = new Map((await pagesOf(ctx, workspace.id)).map((page) => [pageKey(page.pageNo), page]))
  return [...keys].map((key) => {
    const page = known.get(key)
    if (page === undefined) return { href: `page:${key}`, target: null }
    const { id: pageId, name, slug, linkingId } = toPageLine(workspace.publicId, page)
    return {
      href: `page:${key}`,
      target: { pageId, name, slug, funnelId: String(page.funnelNo), linkingId },
    }
  })
}

/** What a buyer is shown of a workspace before they pay: what is in it, what a copy gets, what it does not. */
export interface SaleDescription {
  readonly name: string
  readonly description: string
  readonly image: string | null
  readonly counts: { readonly funnels: number; readonly pages: number; readonly themes: number }
  readonly funnels: readonly { readonly name: string; readonly pages: readonly string[] }[]
  readonly copied: readonly string[]
  readonly notCopied: readonly string[]
}

/**
 * Describes what is offered of a workspace to whoever may buy a copy of it: no content, nothing of its settings.
 * @param workspaceRowId the row's own id, as links and listings hold it
 * @throws DomainError 404 WORKSPACE_NOT_FOUND when it is gone or deleted
 */
export const describeForSale = async (ctx: Context, workspaceRowId: bigint): Promise<SaleDescription> => {
  const { row, counts } = await whatIsOffered(ctx, workspaceRowId)
  const [ofFunnels, ofPages] = await Promise.all([funnelsOf(ctx, row.id), pagesOf(ctx, row.id)])
  return {
    name: row.name,
    description: row.description,
    image: row.image,
    counts,
    funnels: ofFunnels.map((funnel) => ({
      name: funnel.name,
      pages: ofPages.filter((page) => page.funnelNo === funnel.funnelNo).map((page) => page.name),
    })),
    copied: COPIED,
    notCopied: NOT_COPIED,
  }
}

export const COPIED: readonly string[] = [
  'Every funnel and every page, with content, order and SEO',
  'Links from page to page, leading to the pages of your copy',
  'Custom themes',
  'Role permission templates',
  'Name, picture, description and settings',
]

export const NOT_COPIED: readonly string[] = [
  'Domains',
  'Tracking ids, API keys and webhooks',
  'Passwords of funnels',
  'Members and invitations of the seller',
  'Visits, sales and submissions so far',
  'Add-ons, links and reviews',
]
