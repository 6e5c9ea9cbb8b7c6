import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'
import { refused } from '../../kit/errors'
import { overLimit, type Plan } from './rules'

export const refuseOverLimit = (sentence: string | null): void => {
  if (sentence !== null) throw refused('PLAN_LIMIT_REACHED', sentence)
}

/**
 * Makes sure this owner may have one more workspace, and that nobody makes another for them before this
 * transaction ends. Bought copies and deleted workspaces do not count.
 * @throws DomainError 422 PLAN_LIMIT_REACHED
 */
export const reserveWorkspace = async (ctx: Context, ownerId: string, plan: Plan): Promise<void> => {
  await ctx.db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`workspaces-of:${ownerId}`}, 0))`)
  const [row] = await ctx.db.execute<{ used: number }>(sql`
    select count(*)::int as used from workspaces w
    where w.owner_id = ${ownerId} and w.status <> 'DELETED'
      and not exists (select from workspace_clones c where c.copy_workspace_id = w.id)`)
  const used = row?.used ?? 0
  refuseOverLimit(overLimit(plan, 'workspaces', used + 1, used))
}
