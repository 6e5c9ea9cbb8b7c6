import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { pictureAddress } from '../picture'
import { FORMAT } from './document'
import { noSuchWorkspace, workspaceFor } from './owned-workspace'
import { linkingId, pageKey } from './rules'
import type { WorkspaceDocument } from './schemas'

type Funnel = WorkspaceDocument['funnels'][number]
type Page = Funnel['pages'][number]

interface Row extends Record<string, unknown> {
  readonly name: string
  readonly slug: string
  readonly description: string
  readonly image: string | null
  readonly settings: Record<string, unknown>
  readonly themes: WorkspaceDocument['themes']
  readonly roles: WorkspaceDocument['roleTemplates']
  readonly pictures: readonly { name: string; folder: string; hash: string; width: number; height: number }[]
  readonly funnels: readonly (Omit<Funnel, 'id' | 'pages'> & { no: number })[]
  readonly pages: readonly (Omit<Page, 'id' | 'key' | 'linkingId'> & { no: number; funnel: number })[]
}

/**
 * The whole workspace as a document (offshoot.workspace/1), in one order for one state, read as one consistent state.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND
 */
export const exportWorkspace = async (ctx: Context, publicId: string): Promise<WorkspaceDocument> => {
  const { id } = await workspaceFor(ctx, publicId, 'workspace.manage')
  const row = await readRow(ctx, id)
  const pagesOf = new Map<number, Page[]>(row.funnels.map((funnel) => [funnel.no, []]))
  for (const { no, funnel, ...page } of row.pages)
    pagesOf
      .get(funnel)
      ?.push({ id: pageKey(no), key: pageKey(no), linkingId: linkingId(publicId, no), ...page })
  return {
    format: FORMAT,
    id: publicId,
    slug: row.slug,
    name: row.name,
    description: row.description,
    image: row.image,
    settings: row.settings,
    themes: row.themes,
    roleTemplates: row.roles,
    ...(row.pictures.length === 0 ? {} : { pictures: row.pictures.map(toPicture) }),
    funnels: row.funnels.map(({ no, ...funnel }) => ({
      id: String(no),
      ...funnel,
      pages: pagesOf.get(no) ?? [],
    })),
  }
}

const toPicture = ({ name, folder, hash, width, height }: Row['pictures'][number]) => ({
  name,
  folder,
  address: pictureAddress(Buffer.from(hash, 'hex'), width, height),
})

/** One statement, so one snapshot: a document never mixes two states of an edit. */
const readRow = async (ctx: Context, id: bigint): Promise<Row> => {
  const [row] = await ctx.db.execute<Row>(sql`
    select w.name, w.slug, w.description, w.image, w.settings,
      (select coalesce(json_agg(json_build_object('key', t.key, 'name', t.name, 'tokens', t.tokens)
        order by t.theme_no), '[]') from themes t where t.workspace_id = w.id) as themes,
      (select coalesce(json_agg(json_build_object('name', r.name, 'permissions', r.permissions)
        order by r.role_no), '[]') from role_templates r where r.workspace_id = w.id) as roles,
      (select coalesce(json_agg(json_build_object('name', i.name, 'folder', i.folder,
        'hash', encode(i.hash, 'hex'), 'width', d.width, 'height', d.height) order by i.picture_no), '[]')
        from workspace_pictures i join picture_files d on d.hash = i.hash
        where i.workspace_id = w.id) as pictures,
      (select coalesce(json_agg(json_build_object('no', f.funnel_no, 'name', f.name, 'slug', f.slug,
        'status', f.status, 'theme', coalesce(t.key, 'global:' || f.global_theme_key), 'settings', f.settings,
        'tracking', f.tracking, 'passwordProtected', f.password_protected) order by f.position, f.funnel_no), '[]')
        from funnels f left join themes t on t.workspace_id = f.workspace_id and t.theme_no = f.theme_no
        where f.workspace_id = w.id) as funnels,
      (select coalesce(json_agg(json_build_object('no', p.page_no, 'funnel', p.funnel_no, 'visits', p.visits,
        'name', p.name, 'slug', p.slug, 'type', p.type, 'seo', p.seo, 'content', c.body)
        order by p.position, p.page_no), '[]')
        from pages p join page_contents c on c.hash = p.content_hash where p.workspace_id = w.id) as pages
    from workspaces w where w.id = ${id.toString()}::bigint`)
  if (row === undefined) throw noSuchWorkspace()
  return row
}
