import { type SQL, sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { newId } from '../../kit/context'
import { makePublicId } from './rules'

/** A state that does not change any more, for copies to be made of. */
export interface SoldState {
  readonly releaseId: string
  /** The row that holds it, of the status RELEASE. */
  readonly frozenId: string
  readonly name: string
}

/**
 * What a buyer gets now: the latest release, or the state as it is. A state that was sold before and is the same still
 * is not frozen again; two first sales at once may each freeze theirs, so that neither waits for the other.
 * @returns null when there is no such workspace; a deleted one still sells to who has paid
 */
export const stateToSell = async (ctx: Context, sourceId: bigint): Promise<SoldState | null> => {
  const source = sql`${sourceId.toString()}::bigint`
  const [found] = await ctx.db.execute<{
    id: string | null
    frozen: string | null
    name: string
    owner: string
  }>(sql`
    with latest as (
      select id, frozen_id from workspace_releases where workspace_id = ${source} and number is not null
      order by number desc limit 1
    ), same as (
      select id, frozen_id from workspace_releases where not exists (select from latest)
        and workspace_id = ${source} and number is null and fingerprint = workspace_fingerprint(${source})
      limit 1
    )
    select l.owner_id as owner, r.id, r.frozen_id::text as frozen, coalesce(s.name, l.name) as name
    from workspaces l
      left join (select * from latest union all select * from same) r on true
      left join workspaces s on s.id = r.frozen_id
    where l.id = ${source} and l.status::text <> 'RELEASE'`)
  if (found === undefined) return null
  if (found.id !== null && found.frozen !== null)
    return { releaseId: found.id, frozenId: found.frozen, name: found.name }
  return freezeState(ctx, sourceId, { number: null, label: '', notes: '', createdById: null })
}

interface NewState {
  readonly number: number | null
  readonly label: string
  readonly notes: string
  readonly createdById: string | null
}

/**
 * Keeps the state of a workspace, less what no copy gets, as it is at one moment: one statement copies it, by the same
 * rows as a copy's. Nobody is a member of it.
 */
export const freezeState = async (ctx: Context, sourceId: bigint, state: NewState): Promise<SoldState> => {
  const source = sql`${sourceId.toString()}::bigint`
  const now = sql`${ctx.now().toISOString()}::timestamptz`
  const publicId = makePublicId(ctx.outside.random)
  // No slug has a colon in it.
  const slug = `release:${publicId}`
  const [frozen] = await ctx.db.execute<{ id: string; name: string }>(sql`
    with w as (
      insert into workspaces (public_id, owner_id, name, slug, slug_base, slug_no, image, description, settings,
        status, not_for_resale, source_id, created_at, updated_at)
      select ${publicId}, s.owner_id, s.name, ${slug}, ${slug}, 0, s.image, s.description, strip_secrets(s.settings),
        'RELEASE', s.not_for_resale, s.id, ${now}, ${now}
      from workspaces s where s.id = ${source}
      returning id, name
    ), ${rowsOfCopy(source, now)}
    select id::text, name from w`)
  if (frozen === undefined) throw new Error('there is no such workspace')
  const releaseId = newId(ctx)
  await ctx.db.execute(sql`
    insert into workspace_releases (id, workspace_id, number, label, notes, frozen_id, fingerprint, created_by_id, created_at)
    select ${releaseId}::uuid, ${source}, ${state.number}::int, ${state.label}, ${state.notes}, ${frozen.id}::bigint,
      workspace_fingerprint(${frozen.id}::bigint), ${state.createdById}::uuid, ${now}`)
  return { releaseId, frozenId: frozen.id, name: frozen.name }
}

/**
 * The rows of a copy, of the workspace that the statement makes as `w`. Page numbers stay, so links between pages need
 * no rewriting; contents are pointed at, not copied.
 */
export const rowsOfCopy = (source: SQL, now: SQL): SQL => sql`
  r as (
    insert into role_templates (workspace_id, role_no, name, permissions, origin_no)
    select w.id, s.role_no, s.name, s.permissions, s.role_no from role_templates s, w where s.workspace_id = ${source}
  ), t as (
    insert into themes (workspace_id, theme_no, key, name, tokens, origin_no)
    select w.id, s.theme_no, s.key, s.name, s.tokens, s.theme_no from themes s, w where s.workspace_id = ${source}
  ), f as (
    insert into funnels (workspace_id, funnel_no, position, name, slug, status, theme_no, global_theme_key, settings,
      tracking, password_protected, password_hash, origin_no)
    select w.id, s.funnel_no, s.position, s.name, s.slug, s.status, s.theme_no, s.global_theme_key,
      strip_secrets(s.settings), '{}', false, null, s.funnel_no
    from funnels s, w where s.workspace_id = ${source}
    returning 1
  ), p as (
    insert into pages (workspace_id, page_no, funnel_no, position, name, slug, type, seo, content_hash, origin_hash,
      visits, created_at, updated_at)
    select w.id, s.page_no, s.funnel_no, s.position, s.name, s.slug, s.type, s.seo, s.content_hash, s.content_hash,
      0, ${now}, ${now}
    from pages s, w where s.workspace_id = ${source} order by s.page_no
    returning 1
  ), i as (
    insert into workspace_pictures (workspace_id, picture_no, folder, name, hash, created_at)
    select w.id, s.picture_no, s.folder, s.name, s.hash, ${now}
    from workspace_pictures s, w where s.workspace_id = ${source}
  )`
