import { desc, inArray, sql } from 'drizzle-orm'
import { affiliates } from '../../../db/schema'
import { type Context, inSnapshot } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { isUuid, selectAffiliates } from './affiliate-queries'
import { maskEmail } from './rules'
import type { FlaggedAffiliate } from './schemas'

/** How far back is looked. */
const DAYS = 30
/** From how many on something is out of the ordinary. */
const LEAST = { CLICK_BURST: 20, FAST_SIGN_UPS: 3, SIGN_UP_BURST: 10, PAID_SEARCH: 1, RING: 2 } as const
const BURST_MINUTES = 5
const FAST_SECONDS = 10
/** A ring longer than this is no longer looked for. */
const RING_LENGTH = 4

type Flag = FlaggedAffiliate['flags'][number]
type Kind = Flag['kind']

/**
 * Affiliates about whom something is out of the ordinary, newest first, each with the figures; for admins. It is only
 * shown: nobody loses anything by it.
 * @throws DomainError 400 for a cursor of another list.
 */
export const fraudFlags = (
  ctx: Context,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<FlaggedAffiliate>> =>
  inSnapshot(ctx, async (at) => {
    const last = readCursor(cursor)
    if (last !== null && !isUuid(last.id))
      throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
    const flags = new Map<string, Flag[]>()
    for (const query of [clickBursts, fastSignUps, signUpBursts, paidSearch, rings])
      for (const { affiliate_id: id, ...found } of await query(at))
        flags.set(id, [...(flags.get(id) ?? []), toFlag(found)])
    if (flags.size === 0) return { items: [], nextCursor: null }
    const after =
      last === null
        ? sql`true`
        : sql`(${affiliates.createdAt}, ${affiliates.id}) < (${last.at.toISOString()}::timestamptz, ${last.id}::uuid)`
    const rows = await selectAffiliates(at)
      .where(sql`${inArray(affiliates.id, [...flags.keys()])} and ${after}`)
      .orderBy(desc(affiliates.createdAt), desc(affiliates.id))
      .limit(limit + 1)
    return toPage(
      rows,
      limit,
      ({ affiliate }) => ({ at: affiliate.createdAt, id: affiliate.id }),
      ({ affiliate, user }) => ({
        id: affiliate.id,
        code: affiliate.code,
        status: affiliate.status,
        user: { id: user.id, name: `${user.firstName} ${user.lastName}`, email: maskEmail(user.email) },
        flags: flags.get(affiliate.id) ?? [],
      }),
    )
  })

interface Found {
  readonly affiliate_id: string
  readonly kind: Kind
  readonly n: number
  readonly of: number | null
  readonly at: string | null
  readonly about: string | null
}

const toFlag = ({ kind, n, of, at, about }: Omit<Found, 'affiliate_id'>): Flag => {
  const facts = { count: Number(n), of: of === null ? null : Number(of), about }
  return { kind, words: WORDS[kind](facts), count: facts.count, of: facts.of, at: moment(at) }
}

const moment = (at: string | null): string | null => (at === null ? null : new Date(at).toISOString())

interface Facts {
  readonly count: number
  readonly of: number | null
  readonly about: string | null
}

const WORDS: Readonly<Record<Kind, (facts: Facts) => string>> = {
  CLICK_BURST: ({ count, of }) =>
    `${count} clicks within ${BURST_MINUTES} minutes, of ${of} in ${DAYS} days.`,
  FAST_SIGN_UPS: ({ count, of }) =>
    `${count} of ${of} sign-ups in ${DAYS} days came within ${FAST_SECONDS} seconds of the click.`,
  SIGN_UP_BURST: ({ count, about }) =>
    `${count} sign-ups within an hour from one source (${about === '' ? 'direct' : about}).`,
  PAID_SEARCH: ({ count, of }) =>
    `${count} of ${of} clicks in ${DAYS} days came with the mark of an advertisement in a search engine.`,
  RING: ({ count, about }) => `${count} people refer or recruit one another in a ring: ${about}.`,
}

const since = (ctx: Context) =>
  sql`${new Date(ctx.now().getTime() - DAYS * 86_400_000).toISOString()}::timestamptz`

const rowsOf = async (ctx: Context, query: ReturnType<typeof sql>): Promise<Found[]> => [
  ...(await ctx.db.execute<Found & Record<string, unknown>>(query)),
]

/** The minutes in which an affiliate had most clicks; minutes are summed first, so that no long window is sorted. */
const clickBursts = (ctx: Context) =>
  rowsOf(
    ctx,
    sql`
    with minutes as (
      select affiliate_id, date_trunc('minute', clicked_at) as minute, count(*) as n
      from clicks where clicked_at >= ${since(ctx)} and day >= (${since(ctx)} at time zone 'UTC')::date group by 1, 2
    ), bursts as (
      select affiliate_id, minute, sum(n) over w as n, sum(n) over (partition by affiliate_id) as total from minutes
      window w as (partition by affiliate_id order by minute
        range between current row and make_interval(mins => ${BURST_MINUTES - 1}) following)
    )
    select distinct on (affiliate_id) affiliate_id, 'CLICK_BURST' as kind, n, total as of, minute::text as at, null as about
    from bursts where n >= ${LEAST.CLICK_BURST} order by affiliate_id, n desc, minute`,
  )

const fastSignUps = (ctx: Context) =>
  rowsOf(
    ctx,
    sql`
    select * from (
      select affiliate_id, 'FAST_SIGN_UPS' as kind,
        count(*) filter (where created_at - clicked_at < make_interval(secs => ${FAST_SECONDS})) as n, count(*) as of,
        (max(created_at) filter (where created_at - clicked_at < make_interval(secs => ${FAST_SECONDS})))::text as at, null as about
      from attributions where created_at >= ${since(ctx)} group by affiliate_id) s
    where n >= ${LEAST.FAST_SIGN_UPS}`,
  )

const signUpBursts = (ctx: Context) =>
  rowsOf(
    ctx,
    sql`
    with hours as (
      select affiliate_id, created_at, coalesce(origin->>'source', '') as source, count(*) over (
        partition by affiliate_id, coalesce(origin->>'source', '') order by created_at
        range between current row and interval '1 hour' following) as n
      from attributions where created_at >= ${since(ctx)}
    )
    select distinct on (affiliate_id) affiliate_id, 'SIGN_UP_BURST' as kind, n, null as of, created_at::text as at, source as about
    from hours where n >= ${LEAST.SIGN_UP_BURST} order by affiliate_id, n desc, created_at`,
  )

const paidSearch = (ctx: Context) =>
  rowsOf(
    ctx,
    sql`
    select * from (
      select affiliate_id, 'PAID_SEARCH' as kind, count(*) filter (where paid_search) as n, count(*) as of,
        (max(clicked_at) filter (where paid_search))::text as at, null as about
      from clicks where clicked_at >= ${since(ctx)} and day >= (${since(ctx)} at time zone 'UTC')::date group by affiliate_id) s
    where n >= ${LEAST.PAID_SEARCH}`,
  )

/** Who refers or recruits somebody who, over others or not, refers or recruits them; the shortest such way of each. */
const rings = (ctx: Context) =>
  rowsOf(
    ctx,
    sql`
    with recursive edges as (
      select t.affiliate_id as a, f.id as b from attributions t join affiliates f on f.user_id = t.customer_id
      union select f.recruiter_id, f.id from affiliates f where f.recruiter_id is not null
    ), ways as (
      select a as start, b as here, array[a] as passed from edges
      union all
      select w.start, e.b, w.passed || e.a from ways w join edges e on e.a = w.here
      where w.here <> w.start and not w.here = any(w.passed) and cardinality(w.passed) < ${RING_LENGTH}
    )
    select distinct on (start) start as affiliate_id, 'RING' as kind, cardinality(passed) as n, null as of, null as at,
      (select string_agg(f.code, ' → ' order by p.place) || ' → ' || min(f.code) filter (where p.place = 1)
        from unnest(passed) with ordinality as p(id, place) join affiliates f on f.id = p.id) as about
    from ways where here = start and cardinality(passed) >= ${LEAST.RING} order by start, cardinality(passed)`,
  )
