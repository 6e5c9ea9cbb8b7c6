import { sql } from 'drizzle-orm'
import { type Context, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { planOf } from '../identity'
import { overLimit, PLAN_LIMITS, type Plan, type PlanLimits } from './rules'
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

/** How much of one limit is used, and where most of it is. */
export interface LimitUsage {
  readonly what: keyof PlanLimits
  readonly used: number
  readonly limit: number | null
  readonly where: string | null
}

/** The same of every limit of the signed-in person's plan: of those inside a workspace, the fullest one of their own. */
export const planUsage = async (ctx: Context): Promise<LimitUsage[]> => {
  const { userId } = signedIn(ctx)
  const limits = PLAN_LIMITS[await planOf(ctx, userId)]
  const [most] = await ctx.db.execute<{
    funnels: number | null
    workspace: string | null
    pages: number | null
    funnel: string | null
  }>(sql`
    with own as (
      select w.id, w.name from workspaces w
      where w.owner_id = ${userId} and w.status not in ('DELETED', 'RELEASE')
        and not exists (select from workspace_clones c where c.copy_workspace_id = w.id)),
    f as (
      select o.name, count(*)::int as n from funnels f join own o on o.id = f.workspace_id
      group by o.id, o.name order by n desc, o.name limit 1),
    p as (
      select f.name, count(*)::int as n
      from pages p join own o on o.id = p.workspace_id
      join funnels f on f.workspace_id = p.workspace_id and f.funnel_no = p.funnel_no
      group by f.workspace_id, f.funnel_no, f.name order by n desc, f.name limit 1)
    select (select n from f) as funnels, (select name from f) as workspace,
      (select n from p) as pages, (select name from p) as funnel`)
  return [
    { what: 'workspaces', used: await usedWorkspaces(ctx, userId), limit: limits.workspaces, where: null },
    { what: 'funnels', used: most?.funnels ?? 0, limit: limits.funnels, where: most?.workspace ?? null },
    {
      what: 'pagesPerFunnel',
      used: most?.pages ?? 0,
      limit: limits.pagesPerFunnel,
      where: most?.funnel ?? null,
    },
  ]
}

const usedWorkspaces = async (ctx: Context, ownerId: string): Promise<number> => {
  const [row] = await ctx.db.execute<{ used: number }>(sql`
    select count(*)::int as used from workspaces w
    where w.owner_id = ${ownerId} and w.status not in ('DELETED', 'RELEASE')
      and not exists (select from workspace_clones c where c.copy_workspace_id = w.id)`)
  return row?.used ?? 0
}
