import { sql } from 'drizzle-orm'
import { type Context, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { planOf } from '../identity'
import { overLimit, PLAN_LIMITS, type Plan } from './rules'
import type { WorkspaceUsage } from './schemas'

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
  const used = await usedWorkspaces(ctx, ownerId)
  refuseOverLimit(overLimit(plan, 'workspaces', used + 1, used))
}

/** How many workspaces of the signed-in person count against their plan, and how many may. */
export const workspaceUsage = async (ctx: Context): Promise<WorkspaceUsage> => {
  const { userId } = signedIn(ctx)
  const [planType, used] = await Promise.all([planOf(ctx, userId), usedWorkspaces(ctx, userId)])
  const refusal = overLimit(planType, 'workspaces', used + 1, used)
  return { planType, used, limit: PLAN_LIMITS[planType].workspaces, refusal }
}

const usedWorkspaces = async (ctx: Context, ownerId: string): Promise<number> => {
  const [row] = await ctx.db.execute<{ used: number }>(sql`
    select count(*)::int as used from workspaces w
    where w.owner_id = ${ownerId} and w.status <> 'DELETED'
      and not exists (select from workspace_clones c where c.copy_workspace_id = w.id)`)
  return row?.used ?? 0
}
