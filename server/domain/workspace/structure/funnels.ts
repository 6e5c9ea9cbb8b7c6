import { and, eq, sql } from 'drizzle-orm'
import { funnels, globalThemes, pages, themes } from '../../../../db/schema'
import { type Context, inTransaction } from '../../../kit/context'
import { invalid, notFound } from '../../../kit/errors'
import { recordActivity } from '../../audit'
import { hashPassword } from '../../identity'
import { checkSettings } from '../check-settings'
import { EMPTY_CONTENT, storeContents, toContent } from '../contents'
import type { JsonObject } from '../json'
import { reserve } from '../limits'
import { type WorkspaceRow, workspaceFor } from '../owned-workspace'
import { funnelNoOf } from '../rules'
import type {
  ChangeFunnelInput,
  CreateFunnelInput,
  FunnelAddress,
  FunnelSettingsView,
  MoveFunnelInput,
} from '../schemas'
import { refuseDangling } from './links-into'
import {
  freeSlug,
  funnelsOf,
  heldFunnel,
  heldWorkspace,
  nextFunnelNo,
  nextPageNo,
  pagesOfFunnel,
  reordered,
  touch,
} from './part'

/**
 * Makes a funnel with one empty page, behind the others, as a draft.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND; 403 NOT_PERMITTED; 409 SLUG_TAKEN; 422 PLAN_LIMIT_REACHED, WORKSPACE_FROZEN, OVER_PLAN_LIMIT
 */
export const createFunnel = (
  ctx: Context,
  { workspaceId, name, slug }: CreateFunnelInput,
): Promise<{ funnelId: string }> =>
  inTransaction(ctx, async (tx) => {
    const workspace = await heldWorkspace(tx, workspaceId, 'funnels.create')
    await reserve(tx, { what: 'funnels', ownerId: workspace.ownerId, workspaceId: workspace.id })
    const there = await funnelsOf(tx, workspace.id)
    const funnelNo = await nextFunnelNo(tx, workspace)
    await tx.db.insert(funnels).values({
      workspaceId: workspace.id,
      funnelNo,
      position: there.length,
      name,
      slug: freeSlug(
        slug,
        name,
        there.map((one) => one.slug),
        'funnel',
      ),
      status: 'DRAFT',
      settings: {},
      tracking: {},
      passwordProtected: false,
    })
    const content = toContent(EMPTY_CONTENT)
    await storeContents(tx, [content])
    await tx.db.insert(pages).values({
      workspaceId: workspace.id,
      pageNo: await nextPageNo(tx, workspace),
      funnelNo,
      position: 0,
      name: 'Home',
      slug: 'home',
      type: 'PAGE',
      seo: {},
      contentHash: Buffer.from(content.hash, 'hex'),
      createdAt: tx.now(),
      updatedAt: tx.now(),
    })
    await noteStructure(tx, workspace, 'funnel_created', `Made the funnel “${name}”`)
    return { funnelId: String(funnelNo) }
  })

/**
 * How a funnel is set: for whoever changes that.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, FUNNEL_NOT_FOUND; 403 NOT_PERMITTED
 */
export const readFunnelSettings = async (
  ctx: Context,
  { workspaceId, funnelId }: FunnelAddress,
): Promise<FunnelSettingsView> => {
  const workspace = await workspaceFor(ctx, workspaceId, 'funnels.edit')
  const [row] = await ctx.db
    .select()
    .from(funnels)
    .where(and(eq(funnels.workspaceId, workspace.id), eq(funnels.funnelNo, funnelNoOf(funnelId) ?? 0)))
  if (row === undefined) throw notFound('FUNNEL_NOT_FOUND', 'There is no such funnel.')
  const own = await ctx.db
    .select({ no: themes.themeNo, key: themes.key, name: themes.name })
    .from(themes)
    .where(eq(themes.workspaceId, workspace.id))
    .orderBy(themes.themeNo)
  const shared = await ctx.db
    .select({ key: globalThemes.key, name: globalThemes.name })
    .from(globalThemes)
    .orderBy(globalThemes.name)
  return {
    workspace: { id: workspace.publicId, name: workspace.name, slug: workspace.slug },
    id: String(row.funnelNo),
    name: row.name,
    slug: row.slug,
    status: row.status,
    theme:
      row.globalThemeKey === null
        ? (own.find(({ no }) => no === row.themeNo)?.key ?? null)
        : `global:${row.globalThemeKey}`,
    themes: [
      ...own.map(({ key, name }) => ({ key, name })),
      ...shared.map(({ key, name }) => ({ key: `global:${key}`, name: `${name} (of the platform)` })),
    ],
    settings: row.settings,
    tracking: row.tracking,
    passwordProtected: row.passwordProtected,
    passwordSet: row.passwordHash !== null,
  }
}

/**
 * Changes name, address, status, theme, settings, tracking ids or password; only what is given.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND, FUNNEL_NOT_FOUND; 403 NOT_PERMITTED; 400 for a theme that is not there, or
 *   settings that cannot be kept; 409 SLUG_TAKEN; 422 WORKSPACE_FROZEN, OVER_PLAN_LIMIT
 */
export const changeFunnel = async (ctx: Context, input: ChangeFunnelInput): Promise<void> => {
  checkSettings(input.settings as JsonObject | undefined)
  // Takes long, and so before anything is held.
  const passwordHash = input.password == null ? null : await hashPassword(ctx, input.password)
  await inTransaction(ctx, async (tx) => {
    const { workspace, funnel } = await heldFunnel(tx, input, 'funnels.edit')
    const others = (await funnelsOf(tx, workspace.id)).filter(({ funnelNo }) => funnelNo !== funnel.funnelNo)
    const { name, slug, status, theme, settings, tracking, password } = input
    await tx.db
      .update(funnels)
      .set({
        ...(name === undefined ? {} : { name }),
        ...(slug === undefined
          ? {}
          : {
              slug: freeSlug(
                slug,
                funnel.name,
                others.map((one) => one.slug),
                'funnel',
              ),
            }),
        ...(status === undefined ? {} : { status }),
        ...(theme === undefined ? {} : await themeOf(tx, workspace, theme)),
        ...(settings === undefined ? {} : { settings: { ...funnel.settings, ...settings } }),
        ...(tracking === undefined ? {} : { tracking: withoutEmpty(tracking) }),
        ...(password === undefined ? {} : { passwordProtected: password !== null, passwordHash }),
      })
      .where(and(eq(funnels.workspaceId, workspace.id), eq(funnels.funnelNo, funnel.funnelNo)))
    const what = status !== undefined && status !== funnel.status ? STATUS_SAID[status] : 'Changed'
    await noteStructure(tx, workspace, 'funnel_changed', `${what} the funnel “${name ?? funnel.name}”`)
  })
}

const STATUS_SAID = { DRAFT: 'Took offline', LIVE: 'Published', ARCHIVED: 'Archived' } as const

const withoutEmpty = (ids: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(ids).filter(([, id]) => id.trim() !== ''))

const themeOf = async (ctx: Context, workspace: WorkspaceRow, key: string | null) => {
  if (key === null) return { themeNo: null, globalThemeKey: null }
  const missing = () => invalid([{ path: ['theme'], message: 'There is no such theme.' }])
  if (key.startsWith('global:')) {
    const globalThemeKey = key.slice('global:'.length)
    if ((await ctx.db.$count(globalThemes, eq(globalThemes.key, globalThemeKey))) === 0) throw missing()
    return { themeNo: null, globalThemeKey }
  }
  const [own] = await ctx.db
    .select({ themeNo: themes.themeNo })
    .from(themes)
    .where(and(eq(themes.workspaceId, workspace.id), eq(themes.key, key)))
  if (own === undefined) throw missing()
  return { themeNo: own.themeNo, globalThemeKey: null }
}

/** Puts a funnel before another one, or last. @throws DomainError as `changeFunnel` */
export const moveFunnel = (ctx: Context, { before, ...address }: MoveFunnelInput): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, funnel } = await heldFunnel(tx, address, 'funnels.edit')
    const all = await funnelsOf(tx, workspace.id)
    const numbers = reordered(
      all.map(({ funnelNo }) => funnelNo),
      funnel.funnelNo,
      before === undefined ? undefined : (funnelNoOf(before) ?? undefined),
    )
    await setPositions(tx, workspace, numbers)
    await touch(tx, workspace)
  })

const setPositions = async (
  ctx: Context,
  workspace: WorkspaceRow,
  numbers: readonly number[],
): Promise<void> => {
  await ctx.db.execute(sql`
    update funnels f set position = o.position
    from json_to_recordset(${JSON.stringify(numbers.map((no, position) => ({ no, position })))}::json)
      as o(no int, position int)
    where f.workspace_id = ${workspace.id.toString()}::bigint and f.funnel_no = o.no`)
}

/**
 * Removes a funnel and its pages; their history stays until their contents are collected. What visitors sent in is kept.
 * @throws DomainError as `changeFunnel`; 422 PAGE_LINKED, naming the pages of other funnels that lead into it
 */
export const deleteFunnel = (ctx: Context, address: FunnelAddress): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { workspace, funnel } = await heldFunnel(tx, address, 'funnels.delete')
    const gone = await pagesOfFunnel(tx, workspace.id, funnel.funnelNo)
    await refuseDangling(
      tx,
      workspace,
      gone.map(({ pageNo }) => pageNo),
    )
    await tx.db
      .delete(pages)
      .where(and(eq(pages.workspaceId, workspace.id), eq(pages.funnelNo, funnel.funnelNo)))
    await tx.db
      .delete(funnels)
      .where(and(eq(funnels.workspaceId, workspace.id), eq(funnels.funnelNo, funnel.funnelNo)))
    await noteStructure(tx, workspace, 'funnel_deleted', `Deleted the funnel “${funnel.name}”`)
  })

/** What changes the order of things is seen by its time, and stands in the log. */
export const noteStructure = async (
  ctx: Context,
  workspace: WorkspaceRow,
  action: string,
  description: string,
): Promise<void> => {
  await touch(ctx, workspace)
  await recordActivity(ctx, {
    action,
    description,
    subject: { type: 'workspace', id: workspace.publicId },
  })
}
