import { inArray, sql } from 'drizzle-orm'
import { globalThemes } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { recordActivity } from '../audit'
import { planOf } from '../identity'
import { storeContents } from './contents'
import { type ParsedDocument, parseDocument, refuse } from './document'
import { insertWorkspace } from './insert-workspace'
import { Faults } from './json'
import { limitTerms, refuseOverLimit, reserve } from './limits'
import { toWorkspace } from './queries'
import { type LimitTerms, overLimit } from './rules'
import type { Workspace } from './schemas'

/**
 * Makes a workspace of the signed-in person's own from a workspace document, whole or not at all.
 * @throws DomainError 400 INVALID_DOCUMENT with the path of each fault, 422 PLAN_LIMIT_REACHED
 */
export const importWorkspace = async (ctx: Context, input: unknown): Promise<Workspace> => {
  const { userId } = signedIn(ctx)
  const document = parseDocument(input)
  return inTransaction(ctx, async (tx) => {
    await refuseUnknownThemes(tx, document)
    const plan = await planOf(tx, userId)
    refuseLargerThan(await limitTerms(tx, userId), document)
    await reserve(tx, { what: 'workspaces', ownerId: userId })
    const row = await insertWorkspace(tx, {
      ownerId: userId,
      name: document.name,
      description: document.description,
      image: document.image,
      settings: document.settings,
    })
    const pages = await insertTree(tx, row.id, document)
    await recordActivity(tx, {
      action: 'workspace_imported',
      description: `Imported the workspace “${row.name}”.`,
      subject: { type: 'workspace', id: row.publicId },
      after: { funnels: document.funnels.length, pages },
    })
    return toWorkspace(row, plan, { funnels: document.funnels.length, pages })
  })
}

const globalKey = (theme: string | null): string | null =>
  theme?.startsWith('global:') === true ? theme.slice('global:'.length) : null

const refuseUnknownThemes = async (ctx: Context, { funnels }: ParsedDocument): Promise<void> => {
  const wanted = [...new Set(funnels.flatMap((funnel) => globalKey(funnel.theme) ?? []))]
  if (wanted.length === 0) return
  const found = await ctx.db
    .select({ key: globalThemes.key })
    .from(globalThemes)
    .where(inArray(globalThemes.key, wanted.slice(0, 1_000)))
  const known = new Set(found.map((theme) => theme.key))
  const faults = new Faults()
  for (const [i, funnel] of funnels.entries()) {
    const key = globalKey(funnel.theme)
    if (key !== null && !known.has(key))
      faults.add(['funnels', i, 'theme'], 'There is no theme with this key.')
  }
  refuse(faults)
}

const refuseLargerThan = (terms: LimitTerms, { funnels }: ParsedDocument): void => {
  refuseOverLimit(overLimit(terms, 'funnels', funnels.length))
  const largest = funnels.reduce((most, funnel) => Math.max(most, funnel.pages.length), 0)
  refuseOverLimit(overLimit(terms, 'pagesPerFunnel', largest))
}

/** One statement for each table, whatever the number of rows. */
const insertTree = async (ctx: Context, workspaceId: bigint, document: ParsedDocument): Promise<number> => {
  const themeNos = new Map(document.themes.map((theme, i) => [theme.key, i + 1]))
  const id = sql`${workspaceId.toString()}::bigint`
  const now = sql`${ctx.now().toISOString()}::timestamptz`
  const funnels = document.funnels.map(({ pages, theme, ...funnel }, i) => ({
    ...funnel,
    no: i + 1,
    theme_no: themeNos.get(theme ?? '') ?? null,
    global_theme_key: globalKey(theme),
    password_protected: funnel.passwordProtected,
  }))
  const pages = document.funnels.flatMap((funnel, i) =>
    funnel.pages.map(({ pageNo, content, ...page }, position) => ({
      ...page,
      no: pageNo,
      funnel_no: i + 1,
      position,
      hash: content.hash,
    })),
  )
  const rows = (values: readonly object[]) => sql`json_to_recordset(${JSON.stringify(values)}::json)`
  await ctx.db.execute(sql`
    insert into role_templates (workspace_id, role_no, name, permissions)
    select ${id}, r.no, r.name, r.permissions
    from ${rows(document.roleTemplates.map((template, i) => ({ ...template, no: i + 1 })))}
      as r(no int, name text, permissions jsonb)`)
  await ctx.db.execute(sql`
    insert into themes (workspace_id, theme_no, key, name, tokens)
    select ${id}, r.no, r.key, r.name, r.tokens
    from ${rows(document.themes.map((theme, i) => ({ ...theme, no: i + 1 })))}
      as r(no int, key text, name text, tokens jsonb)`)
  await ctx.db.execute(sql`
    insert into funnels (workspace_id, funnel_no, position, name, slug, status, theme_no, global_theme_key, settings,
      tracking, password_protected)
    select ${id}, r.no, r.no - 1, r.name, r.slug, r.status, r.theme_no, r.global_theme_key, r.settings, r.tracking,
      r.password_protected
    from ${rows(funnels)} as r(no int, name text, slug text, status funnel_status, theme_no int,
      global_theme_key text, settings jsonb, tracking jsonb, password_protected boolean)`)
  // Pictures are here, or not: an import does not tell.
  await ctx.db.execute(sql`
    insert into workspace_pictures (workspace_id, picture_no, folder, name, hash, created_at)
    select ${id}, row_number() over (order by r.no), r.folder, r.name, d.hash, ${now}
    from ${rows(document.pictures.map((picture, no) => ({ ...picture, no })))}
      as r(no int, folder text, name text, hash text)
    join picture_files d on d.hash = decode(r.hash, 'hex')`)
  await storeContents(
    ctx,
    document.funnels.flatMap((funnel) => funnel.pages.map((page) => page.content)),
  )
  await ctx.db.execute(sql`
    insert into pages (workspace_id, page_no, funnel_no, position, name, slug, type, seo, content_hash, created_at,
      updated_at)
    select ${id}, r.no, r.funnel_no, r.position, r.name, r.slug, r.type, r.seo, decode(r.hash, 'hex'), ${now}, ${now}
    from ${rows(pages)} as r(no int, funnel_no int, position int, name text, slug text, type page_type, seo jsonb,
      hash text)
    order by r.no`)
  return pages.length
}
