import { sql } from 'drizzle-orm'
import { type Context, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { ADDONS, type Addon, addonWords, LIMITS, type Limit } from '../../kit/plans'
import { planOf } from '../identity'
import { programAt } from '../program'
import { type WorkspaceRow, workspaceFor } from './owned-workspace'
import {
  addonOf,
  type LimitTerms,
  overLimit,
  pageKey,
  plansWithMore,
  raisedLimits,
  readOnlyWords,
} from './rules'
import type { LimitUsage, WorkspaceLimits, WorkspaceUsage } from './schemas'

/**
 * What the organization of this person may make: its plan's limits by the programme's settings of this moment, raised by
 * the add-ons it pays for.
 */
export const limitTerms = async (ctx: Context, ownerId: string): Promise<LimitTerms> => {
  const [{ planLimits, addonPrices }, plan, addons] = [
    await programAt(ctx),
    await planOf(ctx, ownerId),
    await paidAddons(ctx, ownerId),
  ]
  const limits = raisedLimits(planLimits[plan], addons)
  return { plan, limits, addons, ofPlans: planLimits, prices: addonPrices }
}

/** As with plans: those that run and were not given up, and those that ended within a period that is paid. */
const paidAddons = async (ctx: Context, ownerId: string): Promise<Partial<Record<Addon, number>>> => {
  const rows = await ctx.db.execute<{ addon: Addon; quantity: number }>(sql`
    select addon, sum(quantity)::int as quantity from subscriptions
    where organization_id = (select organization_id from users where id = ${ownerId}) and addon is not null
      and ((status <> 'CANCELLED' and entitled) or plan_stays_until > ${ctx.now().toISOString()})
    group by addon`)
  return Object.fromEntries(rows.map(({ addon, quantity }) => [addon, quantity]))
}

/** Where something is to be made. */
export type LimitPlace =
  | { readonly what: 'workspaces' | 'members' | 'domains'; readonly ownerId: string }
  | { readonly what: 'funnels'; readonly ownerId: string; readonly workspaceId: bigint }
  | {
      readonly what: 'pagesPerFunnel'
      readonly ownerId: string
      readonly workspaceId: bigint
      readonly funnelNo: number
    }

/**
 * Makes sure that there may be so many more, and that nobody else makes one before this transaction ends. Every verb
 * that makes what is limited asks here first; a bought copy is made without asking.
 * @param ownerId of the workspace it is made in, or for
 * @throws DomainError 422 PLAN_LIMIT_REACHED
 */
export const reserve = async (ctx: Context, place: LimitPlace, adding = 1): Promise<void> => {
  const within = 'workspaceId' in place ? sql`${place.workspaceId.toString()}` : sql`organization_id::text`
  await ctx.db.execute(sql`
    select pg_advisory_xact_lock(hashtextextended(${`limit:${place.what}:`} || ${within}, 0))
    from users where id = ${place.ownerId}`)
  const terms = await limitTerms(ctx, place.ownerId)
  const used = await usedOf(ctx, place)
  refuseOverLimit(overLimit(terms, place.what, used + adding, adding === 1 ? used : null))
}

export const refuseOverLimit = (sentence: string | null): void => {
  if (sentence !== null) throw refused('PLAN_LIMIT_REACHED', sentence)
}

/** What counts as workspaces of an organization: bought copies and what is deleted do not. */
const countable = (ownerId: string) => sql`
  w.owner_id in (select id from users
    where organization_id = (select organization_id from users where id = ${ownerId}))
  and w.status not in ('DELETED', 'RELEASE') and not exists (select from workspace_clones c where c.copy_workspace_id = w.id)`

/** How many funnels of a workspace came with the copy that it is. */
const cameAlong = (workspaceId: string) => sql`
  coalesce((select c.funnels_cloned from workspace_clones c where c.copy_workspace_id = ${workspaceId}), 0)`

const usedOf = async (ctx: Context, place: LimitPlace): Promise<number> => {
  const [row] = await ctx.db.execute<{ used: number }>(sql`select (${counting(ctx, place)})::int as used`)
  return row?.used ?? 0
}

/** Everybody once, the owner too, in whichever of the organization's workspaces, copies included; who is asked has a seat. */
const seats = (ctx: Context, ownerId: string) => sql`
  select u.email from workspace_members m join users u on u.id = m.user_id
    join workspaces w on w.id = m.workspace_id where ${ofOrganization(ownerId)}
  union
  select i.email from workspace_invitations i join workspaces w on w.id = i.workspace_id
    where i.status = 'OPEN' and i.expires_at > ${ctx.now().toISOString()} and ${ofOrganization(ownerId)}`

const ofOrganization = (ownerId: string) => sql`
  w.status not in ('DELETED', 'RELEASE') and w.owner_id in (select id from users
    where organization_id = (select organization_id from users where id = ${ownerId}))`

/** Makes sure that there is a seat for this address, which it may have already. As `reserve`. */
export const reserveSeat = async (ctx: Context, ownerId: string, email: string): Promise<void> => {
  // The lock first: who comes at the same time is counted.
  await reserve(ctx, { what: 'members', ownerId }, 0)
  const [taken] = await ctx.db.execute(
    sql`select 1 from (${seats(ctx, ownerId)}) seats where email = ${email}`,
  )
  if (taken === undefined) await reserve(ctx, { what: 'members', ownerId })
}

/**
 * Of members over the limit the newest only look.
 * @throws DomainError 422 OVER_PLAN_LIMIT
 */
export const refuseExtraMember = async (ctx: Context, { ownerId }: WorkspaceRow): Promise<void> => {
  const { userId } = signedIn(ctx)
  if (userId === ownerId) return
  const terms = await limitTerms(ctx, ownerId)
  const { members } = terms.limits
  if (members === null) return
  const [row] = await ctx.db.execute<{ rank: number }>(sql`
    with joined as (
      select m.user_id, bool_or(m.role = 'OWNER') as owns, min(m.created_at) as since
      from workspace_members m join workspaces w on w.id = m.workspace_id
      where ${ofOrganization(ownerId)} group by m.user_id)
    select count(*)::int as rank from joined j, joined me
    where me.user_id = ${userId} and (not j.owns, j.since, j.user_id) <= (not me.owns, me.since, me.user_id)`)
  if ((row?.rank ?? 0) > members)
    throw refused('OVER_PLAN_LIMIT', readOnlyWords(terms, 'members', 'membership'))
}

const counting = (ctx: Context, place: LimitPlace) => {
  switch (place.what) {
    case 'workspaces':
      return sql`select count(*) from workspaces w where ${countable(place.ownerId)}`
    case 'members':
      return sql`select count(*) from (${seats(ctx, place.ownerId)}) seats`
    case 'domains':
      // None can be connected yet.
      return sql`select 0`
    case 'funnels': {
      const id = place.workspaceId.toString()
      return sql`select greatest(count(*) - ${cameAlong(id)}, 0) from funnels where workspace_id = ${id}`
    }
    case 'pagesPerFunnel':
      return sql`select count(*) from pages
        where workspace_id = ${place.workspaceId.toString()} and funnel_no = ${place.funnelNo} and origin_hash is null`
  }
}

/** What is used of a limit, what is left, and what would raise it. */
const usageOf = (terms: LimitTerms, what: Limit, used: number, where: string | null = null): LimitUsage => {
  const limit = terms.limits[what]
  const addon = addonOf(what)
  return {
    what,
    used,
    limit,
    left: limit === null ? null : Math.max(limit - used, 0),
    where,
    refusal: overLimit(terms, what, used + 1, used),
    plans: plansWithMore(terms, what),
    addon:
      limit === null
        ? null
        : {
            addon,
            words: addonWords(addon, 1),
            by: ADDONS[addon].by,
            price: { amount: terms.prices[addon], currency: 'USD' },
            have: terms.addons[addon] ?? 0,
          },
  }
}

/** How many workspaces of the signed-in person count against their plan, and how many may. */
export const workspaceUsage = async (ctx: Context): Promise<WorkspaceUsage> => {
  const { userId: ownerId } = signedIn(ctx)
  const terms = await limitTerms(ctx, ownerId)
  const used = await usedOf(ctx, { what: 'workspaces', ownerId })
  return { planType: terms.plan, ...usageOf(terms, 'workspaces', used) }
}

/** How many seats of a workspace's owner are taken, and how many there are. */
export const memberUsage = async (ctx: Context, ownerId: string): Promise<LimitUsage> =>
  usageOf(await limitTerms(ctx, ownerId), 'members', await usedOf(ctx, { what: 'members', ownerId }))

/** The same of every limit of the signed-in person's plan: of those inside a workspace, the fullest one of their own. */
export const planUsage = async (ctx: Context): Promise<LimitUsage[]> => {
  const { userId: ownerId } = signedIn(ctx)
  const terms = await limitTerms(ctx, ownerId)
  const fullest = await fullestPlaces(ctx, ownerId)
  const usages: LimitUsage[] = []
  for (const what of LIMITS) {
    if (what === 'funnels') usages.push(usageOf(terms, what, fullest.funnels, fullest.workspace))
    else if (what === 'pagesPerFunnel') usages.push(usageOf(terms, what, fullest.pages, fullest.funnel))
    else usages.push(usageOf(terms, what, await usedOf(ctx, { what, ownerId })))
  }
  return usages
}

const fullestPlaces = async (ctx: Context, ownerId: string) => {
  const [most] = await ctx.db.execute<{
    funnels: number | null
    workspace: string | null
    pages: number | null
    funnel: string | null
  }>(sql`
    with own as (select w.id, w.name from workspaces w where ${countable(ownerId)}),
    f as (
      select o.name, count(*)::int as n from funnels f join own o on o.id = f.workspace_id
      group by o.id, o.name order by n desc, o.name limit 1),
    p as (
      select f.name, count(*)::int as n
      from pages p join own o on o.id = p.workspace_id
      join funnels f on f.workspace_id = p.workspace_id and f.funnel_no = p.funnel_no
      where p.origin_hash is null
      group by f.workspace_id, f.funnel_no, f.name order by n desc, f.name limit 1)
    select (select n from f) as funnels, (select name from f) as workspace,
      (select n from p) as pages, (select name from p) as funnel`)
  return {
    funnels: most?.funnels ?? 0,
    workspace: most?.workspace ?? null,
    pages: most?.pages ?? 0,
    funnel: most?.funnel ?? null,
  }
}

/**
 * What is used and left in one workspace, and what of it is only to be read because there is more than the limit: the
 * newest first, and nothing that came along with a copy.
 * @throws DomainError 404 WORKSPACE_NOT_FOUND
 */
export const workspaceLimits = async (ctx: Context, publicId: string): Promise<WorkspaceLimits> => {
  const workspace = await workspaceFor(ctx, publicId, 'view')
  const terms = await limitTerms(ctx, workspace.ownerId)
  const id = workspace.id.toString()
  const places = await ctx.db.execute<{ funnel_no: number; rank: number; pages: number }>(sql`
    select f.funnel_no, (row_number() over (order by f.funnel_no) - ${cameAlong(id)})::int as rank,
      (select count(*)::int from pages p
        where p.workspace_id = f.workspace_id and p.funnel_no = f.funnel_no and p.origin_hash is null) as pages
    from funnels f where f.workspace_id = ${id} order by f.funnel_no`)
  const most = (limit: Limit) => terms.limits[limit] ?? Number.MAX_SAFE_INTEGER
  const latest = await ctx.db.execute<{ page_no: number }>(sql`
    select page_no from (
      select page_no, row_number() over (partition by funnel_no order by page_no) as rank
      from pages where workspace_id = ${id} and origin_hash is null) p
    where rank > ${most('pagesPerFunnel')} order by page_no`)
  const used = Math.max(places.length === 0 ? 0 : Math.max(...places.map(({ rank }) => rank)), 0)
  return {
    planType: terms.plan,
    funnels: usageOf(terms, 'funnels', used),
    pages: places.map(({ funnel_no, pages }) => ({
      funnelId: String(funnel_no),
      usage: usageOf(terms, 'pagesPerFunnel', pages),
    })),
    readOnly: await workspaceOverLimit(ctx, workspace, terms),
    readOnlyFunnels: places
      .filter(({ rank }) => rank > most('funnels'))
      .map(({ funnel_no }) => String(funnel_no)),
    readOnlyPages: latest.map(({ page_no }) => pageKey(page_no)),
  }
}

/** A part of a workspace that is to be changed. */
export type EditedPart = { readonly funnelNo: number } | { readonly pageNo: number }

/**
 * What is over a limit is only to be read: the newest workspaces, funnels of a workspace and pages of a funnel.
 * @throws DomainError 422 OVER_PLAN_LIMIT
 */
export const refuseReadOnly = async (
  ctx: Context,
  workspace: WorkspaceRow,
  part?: EditedPart,
): Promise<void> => {
  const terms = await limitTerms(ctx, workspace.ownerId)
  const reason =
    (await workspaceOverLimit(ctx, workspace, terms)) ??
    (part === undefined ? null : await partOverLimit(ctx, workspace, part, terms))
  if (reason !== null) throw refused('OVER_PLAN_LIMIT', reason)
}

const workspaceOverLimit = async (
  ctx: Context,
  { id, ownerId }: WorkspaceRow,
  terms: LimitTerms,
): Promise<string | null> => {
  const limit = terms.limits.workspaces
  if (limit === null) return null
  const [row] = await ctx.db.execute<{ rank: number }>(sql`
    select count(*)::int as rank from workspaces w
    where ${countable(ownerId)}
      and (w.created_at, w.id) <= (select o.created_at, o.id from workspaces o where o.id = ${id.toString()})
      and not exists (select from workspace_clones where copy_workspace_id = ${id.toString()})`)
  return (row?.rank ?? 0) > limit ? readOnlyWords(terms, 'workspaces', 'workspace') : null
}

const partOverLimit = async (
  ctx: Context,
  { id: rowId }: WorkspaceRow,
  part: EditedPart,
  terms: LimitTerms,
): Promise<string | null> => {
  const { funnels, pagesPerFunnel } = terms.limits
  if (funnels === null && pagesPerFunnel === null) return null
  const id = rowId.toString()
  const funnelNo =
    'funnelNo' in part
      ? sql`${part.funnelNo}`
      : sql`(select funnel_no from pages where workspace_id = ${id} and page_no = ${part.pageNo})`
  const [rank] = await ctx.db.execute<{ funnel: number }>(sql`
    select (count(*) - ${cameAlong(id)})::int as funnel from funnels
    where workspace_id = ${id} and funnel_no <= ${funnelNo}`)
  if (funnels !== null && (rank?.funnel ?? 0) > funnels) return readOnlyWords(terms, 'funnels', 'funnel')
  if ('funnelNo' in part || pagesPerFunnel === null) return null
  const [page] = await ctx.db.execute<{ rank: number }>(sql`
    select count(*)::int as rank from pages older
    join pages page on page.workspace_id = older.workspace_id and page.funnel_no = older.funnel_no
    where page.workspace_id = ${id} and page.page_no = ${part.pageNo} and page.origin_hash is null
      and older.origin_hash is null and older.page_no <= page.page_no`)
  return (page?.rank ?? 0) > pagesPerFunnel ? readOnlyWords(terms, 'pagesPerFunnel', 'page') : null
}
