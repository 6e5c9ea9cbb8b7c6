import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { same } from './merge/blocks'
import { KINDS, type Kind, type RowOf, type State, type WorkspaceFields } from './merge/state'
import { noSuchWorkspace } from './owned-workspace'

/** Reads what a copy takes over of a workspace, by its row id: one statement, so one state. */
export const readState = async (ctx: Context, id: bigint): Promise<State> => {
  const [row] = await ctx.db.execute<State & Record<string, unknown>>(sql`
    select json_build_object('name', w.name, 'description', w.description, 'image', w.image, 'settings', w.settings)
        as workspace,
      (select coalesce(json_agg(json_build_object('no', t.theme_no, 'origin', t.origin_no, 'key', t.key, 'name', t.name,
        'tokens', t.tokens) order by t.theme_no), '[]') from themes t where t.workspace_id = w.id) as themes,
      (select coalesce(json_agg(json_build_object('no', r.role_no, 'origin', r.origin_no, 'name', r.name,
        'permissions', r.permissions) order by r.role_no), '[]') from role_templates r where r.workspace_id = w.id)
        as roles,
      (select coalesce(json_agg(json_build_object('no', f.funnel_no, 'origin', f.origin_no, 'position', f.position,
        'name', f.name, 'slug', f.slug, 'status', f.status,
        'theme', coalesce('own:' || f.theme_no, 'global:' || f.global_theme_key), 'settings', f.settings,
        'besides', json_build_object('tracking', f.tracking, 'passwordProtected', f.password_protected,
          'passwordHash', f.password_hash)) order by f.position, f.funnel_no), '[]')
        from funnels f where f.workspace_id = w.id) as funnels,
      (select coalesce(json_agg(json_build_object('no', p.page_no,
        'origin', case when p.origin_hash is not null then coalesce(p.origin_no, p.page_no) end,
        'originHash', encode(p.origin_hash, 'hex'), 'funnelNo', p.funnel_no, 'position', p.position, 'name', p.name,
        'slug', p.slug, 'type', p.type, 'seo', p.seo, 'hash', encode(p.content_hash, 'hex'),
        'besides', json_build_object('visits', p.visits, 'createdAt', p.created_at, 'updatedAt', p.updated_at))
        order by p.funnel_no, p.position, p.page_no), '[]')
        from pages p where p.workspace_id = w.id) as pages,
      (select coalesce(json_agg(json_build_object('no', i.picture_no, 'name', i.name, 'folder', i.folder,
        'hash', encode(i.hash, 'hex')) order by i.picture_no), '[]')
        from workspace_pictures i where i.workspace_id = w.id) as pictures
    from workspaces w where w.id = ${id.toString()}::bigint`)
  if (row === undefined) throw noSuchWorkspace()
  const { workspace, themes, roles, funnels, pages, pictures } = row
  return { workspace, themes, roles, funnels, pages, pictures }
}

type Fields = Readonly<Record<string, unknown>>

/** A row that became another one; null: it was not there, or is not there any more. Else only what changed of it. */
export interface Change {
  readonly kind: Kind | 'workspace'
  readonly no: number
  /** For people, when it cannot be undone. */
  readonly name: string
  readonly before: Fields | null
  readonly after: Fields | null
}

/** What makes one state of another. What is never merged (visits, passwords) is no change. */
export const changesBetween = (from: State, to: State): Change[] => {
  const changes: Change[] = []
  const change = (kind: Change['kind'], no: number, before: Fields | null, after: Fields | null) => {
    const name = String((after ?? before)?.name ?? '')
    if (before === null || after === null) {
      changes.push({ kind, no, name, before, after })
      return
    }
    const names = Object.keys(after).filter(
      (field) => field !== 'besides' && !same(before[field], after[field]),
    )
    const part = (row: Fields) => Object.fromEntries(names.map((field) => [field, row[field] ?? null]))
    if (names.length > 0) changes.push({ kind, no, name, before: part(before), after: part(after) })
  }
  change('workspace', 0, fieldsOf(from.workspace), fieldsOf(to.workspace))
  for (const kind of KINDS) {
    const [before, after] = [byNo(from[kind]), byNo(to[kind])]
    for (const no of new Set([...before.keys(), ...after.keys()]))
      change(kind, no, before.get(no) ?? null, after.get(no) ?? null)
  }
  return changes
}

export const reversed = (changes: readonly Change[]): Change[] =>
  changes.map(({ before, after, ...change }) => ({ ...change, before: after, after: before }))

/** The changes whose `before` is not what is there: somebody changed the same since. */
export const touched = (state: State, changes: readonly Change[]): Change[] =>
  changes.filter(({ kind, no, before }) => {
    const row = kind === 'workspace' ? fieldsOf(state.workspace) : (byNo(state[kind]).get(no) ?? null)
    if (before === null || row === null) return before !== row
    return Object.keys(before).some(
      (field) => field !== 'besides' && !same(before[field], row[field] ?? null),
    )
  })

const fieldsOf = (workspace: WorkspaceFields): Fields => ({ ...workspace })
const byNo = (rows: readonly { readonly no: number }[]): Map<number, Fields> =>
  new Map(rows.map((row) => [row.no, { ...row }]))

/**
 * Writes changes of a state that is locked and read (`mine`): a fixed number of statements, whatever their number.
 * Slugs and keys may go round: what changes its own first gets one that nobody has.
 */
export const applyChanges = async (
  ctx: Context,
  workspaceId: bigint,
  mine: State,
  changes: readonly Change[],
): Promise<void> => {
  const id = sql`${workspaceId.toString()}::bigint`
  const now = sql`${ctx.now().toISOString()}::timestamptz`
  const of = <K extends Kind>(kind: K) => rowsOf(mine, changes, kind)
  const rows = (values: readonly unknown[]) => sql`json_to_recordset(${JSON.stringify(values)}::json)`
  const numbers = (values: readonly number[]) =>
    sql`(select value::int from json_array_elements_text(${JSON.stringify(values)}::json))`
  const workspace = changes.find(({ kind }) => kind === 'workspace')?.after
  const { name, description, image, settings } = { ...mine.workspace, ...workspace }
  await ctx.db.execute(sql`
    update workspaces set name = ${name}, description = ${description}, image = ${image},
      settings = ${JSON.stringify(settings)}::jsonb, updated_at = ${now} where id = ${id}`)

  const roles = of('roles')
  await ctx.db.execute(
    sql`delete from role_templates where workspace_id = ${id} and role_no in ${numbers(roles.gone)}`,
  )
  await ctx.db.execute(sql`
    insert into role_templates (workspace_id, role_no, name, permissions, origin_no)
    select ${id}, r.no, r.name, r.permissions, r.origin
    from ${rows(roles.set)} as r(no int, origin int, name text, permissions jsonb)
    on conflict (workspace_id, role_no) do update
      set name = excluded.name, permissions = excluded.permissions, origin_no = excluded.origin_no`)

  const themes = of('themes')
  const isSet = (values: { readonly gone: number[]; readonly set: readonly { readonly no: number }[] }) =>
    numbers([...values.gone, ...values.set.map(({ no }) => no)])
  await ctx.db.execute(
    sql`update themes set key = '~' || theme_no where workspace_id = ${id} and theme_no in ${isSet(themes)}`,
  )
  await ctx.db.execute(sql`
    insert into themes (workspace_id, theme_no, key, name, tokens, origin_no)
    select ${id}, r.no, r.key, r.name, r.tokens, r.origin
    from ${rows(themes.set)} as r(no int, origin int, key text, name text, tokens jsonb)
    on conflict (workspace_id, theme_no) do update
      set key = excluded.key, name = excluded.name, tokens = excluded.tokens, origin_no = excluded.origin_no`)

  const funnels = of('funnels')
  await ctx.db.execute(
    sql`update funnels set slug = '~' || funnel_no where workspace_id = ${id} and funnel_no in ${isSet(funnels)}`,
  )
  await ctx.db.execute(sql`
    insert into funnels (workspace_id, funnel_no, position, name, slug, status, theme_no, global_theme_key, settings,
      tracking, password_protected, password_hash, origin_no)
    select ${id}, r.no, r.position, r.name, r.slug, r.status,
      case when r.theme like 'own:%' then substr(r.theme, 5)::int end,
      case when r.theme like 'global:%' then substr(r.theme, 8) end, r.settings,
      coalesce(r.besides->'tracking', '{}'), coalesce((r.besides->>'passwordProtected')::boolean, false),
      r.besides->>'passwordHash', r.origin
    from ${rows(funnels.set)} as r(no int, origin int, position int, name text, slug text, status funnel_status,
      theme text, settings jsonb, besides jsonb)
    on conflict (workspace_id, funnel_no) do update set position = excluded.position, name = excluded.name,
      slug = excluded.slug, status = excluded.status, theme_no = excluded.theme_no,
      global_theme_key = excluded.global_theme_key, settings = excluded.settings, origin_no = excluded.origin_no`)

  const pictures = of('pictures')
  await ctx.db.execute(
    sql`delete from workspace_pictures where workspace_id = ${id} and picture_no in ${numbers(pictures.gone)}`,
  )
  await ctx.db.execute(sql`
    insert into workspace_pictures (workspace_id, picture_no, folder, name, hash, created_at)
    select ${id}, r.no, r.folder, r.name, decode(r.hash, 'hex'), ${now}
    from ${rows(pictures.set)} as r(no int, folder text, name text, hash text)`)

  const pages = of('pages')
  await ctx.db.execute(
    sql`update pages set slug = '~' || page_no where workspace_id = ${id} and page_no in ${isSet(pages)}`,
  )
  await ctx.db.execute(
    sql`delete from pages where workspace_id = ${id} and page_no in ${numbers(pages.gone)}`,
  )
  await ctx.db.execute(sql`
    insert into pages (workspace_id, page_no, funnel_no, position, name, slug, type, seo, content_hash, origin_hash,
      origin_no, visits, created_at, updated_at)
    select ${id}, r.no, r."funnelNo", r.position, r.name, r.slug, r.type, r.seo, decode(r.hash, 'hex'),
      case when r.origin is not null then decode(coalesce(r."originHash", r.hash), 'hex') end,
      nullif(r.origin, r.no), coalesce((r.besides->>'visits')::bigint, 0),
      coalesce((r.besides->>'createdAt')::timestamptz, ${now}), ${now}
    from ${rows(pages.set)} as r(no int, origin int, "originHash" text, "funnelNo" int, position int, name text,
      slug text, type page_type, seo jsonb, hash text, besides jsonb)
    on conflict (workspace_id, page_no) do update set funnel_no = excluded.funnel_no, position = excluded.position,
      name = excluded.name, slug = excluded.slug, type = excluded.type, seo = excluded.seo,
      content_hash = excluded.content_hash, origin_hash = excluded.origin_hash, origin_no = excluded.origin_no,
      updated_at = excluded.updated_at`)
  await ctx.db.execute(
    sql`delete from funnels where workspace_id = ${id} and funnel_no in ${numbers(funnels.gone)}`,
  )
  await ctx.db.execute(
    sql`delete from themes where workspace_id = ${id} and theme_no in ${numbers(themes.gone)}`,
  )
}

/** The state as it is after changes; rows in no order. */
export const stateAfter = (mine: State, changes: readonly Change[]): State => {
  const after = <K extends Kind>(kind: K): RowOf<K>[] => {
    const { set, gone } = rowsOf(mine, changes, kind)
    const written = new Set([...gone, ...set.map(({ no }) => no)])
    const rows: readonly RowOf<Kind>[] = mine[kind]
    return [...(rows.filter(({ no }) => !written.has(no)) as RowOf<K>[]), ...set]
  }
  const workspace = changes.find(({ kind }) => kind === 'workspace')?.after
  return {
    workspace: { ...mine.workspace, ...workspace },
    themes: after('themes'),
    roles: after('roles'),
    funnels: after('funnels'),
    pages: after('pages'),
    pictures: after('pictures'),
  }
}

const rowsOf = <K extends Kind>(
  mine: State,
  changes: readonly Change[],
  kind: K,
): { set: RowOf<K>[]; gone: number[] } => {
  const now = byNo(mine[kind])
  const ofKind = changes.filter((change) => change.kind === kind)
  return {
    set: ofKind.flatMap(({ no, after }) =>
      after === null ? [] : [{ ...now.get(no), ...after } as unknown as RowOf<K>],
    ),
    gone: ofKind.flatMap(({ no, after }) => (after === null ? [no] : [])),
  }
}
