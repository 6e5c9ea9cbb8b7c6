import { and, eq, gte, inArray, lt, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { affiliateLinks, commissions, linkClicks, orders, payments, workspaces } from '../../../db/schema'
import { type Context, inSnapshot, signedIn } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { type MoneyJson, moneyToJson } from '../../kit/money'
import type { Page } from '../../kit/pages'
import { offerOf } from '../marketplace'
import { linkToken, linkUrl } from './link-token'
import { SOLD } from './queries'
import type { LinkSort, LinksInput, LinkView } from './schemas'

type ListInput = Pick<LinksInput, 'limit'> & Partial<LinksInput>

/** One's own links, each with its token, its address and how it fares. @throws DomainError 400 for a foreign cursor. */
export const listLinks = (
  ctx: Context,
  { limit, cursor, q = '', from, to, sort = 'created' }: ListInput,
): Promise<Page<LinkView>> =>
  inSnapshot(ctx, async (at) => {
    const { userId } = signedIn(at)
    const order = ORDERS[sort]
    const rows = await linksWhere(
      at,
      and(
        eq(affiliateLinks.sellerId, userId),
        q === '' ? undefined : sql`(${holds(affiliateLinks.name, q)} or ${holds(workspaces.name, q)})`,
        from === undefined ? undefined : gte(affiliateLinks.createdAt, new Date(`${from}T00:00:00Z`)),
        to === undefined ? undefined : lt(affiliateLinks.createdAt, dayAfter(to)),
        readCursor(cursor, sort),
      ),
      order,
      limit + 1,
    )
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    return {
      items: await toLinkViews(at, shown),
      nextCursor: last === undefined ? null : writeCursor(sort, last.key, last.link.id),
    }
  })

/** The view of a link known to exist. */
export const oneLink = async (ctx: Context, id: string): Promise<LinkView> => {
  const [view] = await toLinkViews(ctx, await linksWhere(ctx, eq(affiliateLinks.id, id), ORDERS.created, 1))
  if (view === undefined) throw new Error(`link ${id} is gone`)
  return view
}

interface Order {
  /** What the list is ordered by, as text for the cursor. */
  readonly key: SQL<string>
  readonly by: SQL
  /** Whether it can be such a key. */
  readonly fits: (key: string) => boolean
  /** Behind the row with this key and id. */
  readonly after: (key: string, id: string) => SQL
}

const clicksOf = sql`coalesce((select c.clicks from ${linkClicks} c where c.link_id = ${affiliateLinks.id}), 0)`

/** In the link's own currency: amounts of different ones have no order. */
const earnedBy = sql`coalesce((select sum(c.amount - c.reversed_amount)
  from ${orders} o join ${payments} p on p.order_id = o.id join ${commissions} c on c.payment_id = p.id
  where o.affiliate_link_id = ${affiliateLinks.id} and c.kind = 'SALE' and c.beneficiary_id = ${affiliateLinks.sellerId}
    and c.currency = ${affiliateLinks.priceCurrency}), 0)`

const createdText = sql<string>`to_char(${affiliateLinks.createdAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Only as we write it: there are moments a Date holds and the database does not. */
const isMoment = (key: string): boolean =>
  /^\d{4}-/.test(key) && !Number.isNaN(Date.parse(key)) && new Date(key).toISOString() === key

const ORDERS: Readonly<Record<LinkSort, Order>> = {
  created: {
    key: createdText,
    by: sql`${affiliateLinks.createdAt} desc, ${affiliateLinks.id} desc`,
    fits: isMoment,
    after: (key, id) =>
      sql`(${affiliateLinks.createdAt}, ${affiliateLinks.id}) < (${key}::timestamptz, ${id}::uuid)`,
  },
  clicks: {
    key: sql<string>`${clicksOf}::text`,
    by: sql`${clicksOf} desc, ${affiliateLinks.id} desc`,
    fits: (key) => /^\d{1,15}$/.test(key),
    after: (key, id) => sql`(${clicksOf}, ${affiliateLinks.id}) < (${key}::bigint, ${id}::uuid)`,
  },
  earnings: {
    key: sql<string>`${affiliateLinks.priceCurrency} || ${earnedBy}::text`,
    by: sql`${affiliateLinks.priceCurrency}, ${earnedBy} desc, ${affiliateLinks.id} desc`,
    fits: (key) => /^[A-Z]{3}-?\d{1,18}$/.test(key),
    after: (key, id) => {
      const currency = key.slice(0, 3)
      return sql`(${affiliateLinks.priceCurrency} > ${currency} or (${affiliateLinks.priceCurrency} = ${currency}
        and (${earnedBy}, ${affiliateLinks.id}) < (${key.slice(3)}::numeric, ${id}::uuid)))`
    },
  },
  name: {
    key: sql<string>`lower(${affiliateLinks.name})`,
    by: sql`lower(${affiliateLinks.name}), ${affiliateLinks.id}`,
    fits: (key) => /^\P{Cc}{1,400}$/u.test(key),
    after: (key, id) => sql`(lower(${affiliateLinks.name}), ${affiliateLinks.id}) > (${key}, ${id}::uuid)`,
  },
}

const writeCursor = (sort: LinkSort, key: string, id: string): string =>
  Buffer.from(`${sort}|${id}|${key}`).toString('base64url')

const readCursor = (cursor: string | undefined, sort: LinkSort): SQL | undefined => {
  if (cursor === undefined) return undefined
  const [of, id = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split('|')
  // A name may hold the separator.
  const key = rest.join('|')
  const { fits, after } = ORDERS[sort]
  if (of !== sort || !fits(key) || !z.uuid().safeParse(id).success)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return after(key, id)
}

const holds = (column: typeof affiliateLinks.name | typeof workspaces.name, part: string): SQL =>
  sql`strpos(lower(${column}), lower(${part})) > 0`

const dayAfter = (day: string): Date => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000)

const linksWhere = (ctx: Context, where: SQL | undefined, order: Order, limit: number) =>
  ctx.db
    .select({
      link: affiliateLinks,
      workspace: { id: workspaces.publicId, name: workspaces.name },
      key: order.key,
    })
    .from(affiliateLinks)
    .innerJoin(workspaces, eq(workspaces.id, affiliateLinks.workspaceId))
    .where(where)
    .orderBy(order.by)
    .limit(limit)

interface Row {
  readonly link: typeof affiliateLinks.$inferSelect
  readonly workspace: { readonly id: string; readonly name: string }
}

const toLinkViews = async (ctx: Context, rows: readonly Row[]): Promise<LinkView[]> => {
  const ids = rows.map(({ link }) => link.id)
  const clicks = await clicksById(ctx, ids)
  const buyers = await buyersById(ctx, ids)
  const earned = await earnedById(ctx, ids)
  return Promise.all(
    rows.map(async ({ link, workspace }) => {
      const token = await linkToken(ctx, link, workspace.id)
      const over = link.status === 'ACTIVE' && link.expiresAt !== null && link.expiresAt <= ctx.now()
      const fares = { clicks: clicks.get(link.id) ?? 0, buyers: buyers.get(link.id) ?? 0 }
      return {
        id: link.id,
        name: link.name,
        url: linkUrl(ctx, token),
        token,
        status: over ? ('EXPIRED' as const) : link.status,
        workspace,
        planType: link.planType,
        offer: offerOf(link),
        commissionPercentage: link.commissionPercentage,
        uses: link.uses,
        maxUses: link.maxUses,
        expiresAt: link.expiresAt?.toISOString() ?? null,
        createdAt: link.createdAt.toISOString(),
        ...fares,
        conversionRate: fares.clicks === 0 ? null : ((fares.buyers * 100) / fares.clicks).toFixed(2),
        earned: earned.get(link.id) ?? [],
      }
    }),
  )
}

const clicksById = async (ctx: Context, ids: string[]): Promise<Map<string, number>> => {
  const rows = await ctx.db.select().from(linkClicks).where(inArray(linkClicks.linkId, ids))
  return new Map(rows.map(({ linkId, clicks }) => [linkId, clicks]))
}

const buyersById = async (ctx: Context, ids: string[]): Promise<Map<string | null, number>> => {
  const rows = await ctx.db
    .select({
      linkId: orders.affiliateLinkId,
      buyers: sql<number>`count(distinct ${payments.buyerId})::int`,
    })
    .from(orders)
    .innerJoin(payments, eq(payments.orderId, orders.id))
    .where(and(inArray(orders.affiliateLinkId, ids), SOLD))
    .groupBy(orders.affiliateLinkId)
  return new Map(rows.map(({ linkId, buyers }) => [linkId, buyers]))
}

const earnedById = async (ctx: Context, ids: string[]): Promise<Map<string | null, MoneyJson[]>> => {
  const rows = await ctx.db
    .select({
      linkId: orders.affiliateLinkId,
      currency: commissions.currency,
      amount: sql<string>`sum(${commissions.amount} - ${commissions.reversedAmount})::text`,
    })
    .from(orders)
    .innerJoin(payments, eq(payments.orderId, orders.id))
    .innerJoin(commissions, eq(commissions.paymentId, payments.id))
    .where(
      and(
        inArray(orders.affiliateLinkId, ids),
        eq(commissions.kind, 'SALE'),
        eq(commissions.beneficiaryId, payments.sellerId),
      ),
    )
    .groupBy(orders.affiliateLinkId, commissions.currency)
    .orderBy(commissions.currency)
  const found = new Map<string | null, MoneyJson[]>()
  for (const { linkId, currency, amount } of rows)
    found.set(linkId, [...(found.get(linkId) ?? []), moneyToJson({ amount: BigInt(amount), currency })])
  return found
}
