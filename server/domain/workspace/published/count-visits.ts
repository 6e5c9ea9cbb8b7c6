import { sql } from 'drizzle-orm'
import type { Context } from '../../../kit/context'

export interface Visited {
  readonly workspaceRowId: bigint
  readonly pageNo: number
  readonly visits: number
}

/** Adds visits that were collected to their pages. When a page was last changed stays as it is. */
export const countVisits = async (ctx: Context, visited: readonly Visited[]): Promise<void> => {
  if (visited.length === 0) return
  const rows = visited.map(({ workspaceRowId, pageNo, visits }) => ({
    id: String(workspaceRowId),
    no: pageNo,
    n: visits,
  }))
  await ctx.db.execute(sql`
    update pages p set visits = p.visits + r.n
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id bigint, no int, n int)
    where p.workspace_id = r.id and p.page_no = r.no`)
}
