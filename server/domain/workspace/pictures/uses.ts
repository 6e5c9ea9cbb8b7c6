import { sql } from 'drizzle-orm'
import type { Context } from '../../../kit/context'

export interface PictureUses {
  /** Numbers of the pages whose content shows it. */
  readonly pages: readonly number[]
  /** Where it stands outside of contents, in words. */
  readonly elsewhere: readonly string[]
}

/** Where in its workspace a picture is shown. */
export const usesOf = async (ctx: Context, workspaceId: bigint, hash: Buffer): Promise<PictureUses> => {
  const id = sql`${workspaceId.toString()}::bigint`
  const pattern = `%/pictures/${hash.toString('hex')}-%`
  const [row] = await ctx.db.execute<{ pages: number[]; elsewhere: string[] }>(sql`
    select
      (select coalesce(json_agg(p.page_no order by p.page_no), '[]') from pages p
        where p.workspace_id = ${id} and p.content_hash in
          (select c.content_hash from content_pictures c where c.picture_hash = ${hash})) as pages,
      (select coalesce(json_agg(u.what order by u.place, u.what), '[]') from (
        select 1 as place, 'the workspace’s picture' as what from workspaces w
          where w.id = ${id} and w.image like ${pattern}
        union all
        select 2, 'the settings of the workspace' from workspaces w
          where w.id = ${id} and w.settings::text like ${pattern}
        union all
        select 3, 'the settings of the funnel “' || f.name || '”' from funnels f
          where f.workspace_id = ${id} and f.settings::text like ${pattern}
        union all
        select 4, 'the search engine fields of the page “' || p.name || '”' from pages p
          where p.workspace_id = ${id} and p.seo::text like ${pattern}) u) as elsewhere`)
  return row ?? { pages: [], elsewhere: [] }
}
