import { and, desc, eq, gt, inArray, isNull, max, ne, or, sql } from 'drizzle-orm'
import {
  affiliateGroupTerms,
  affiliateLinks,
  attributions,
  listings,
  orders,
  programSettings,
  subscriptions,
  users,
} from '../../../db/schema'
import type { Context } from '../../kit/context'
import { type BasisPoints, basisPoints } from '../../kit/money'
import { latestFirst, programAt, withRows } from './program-at'
import type { Program } from './schemas'

/** Lets one change of anybody's share be decided at a time. Held until the transaction ends. */
export const lockShares = async (ctx: Context): Promise<void> => {
  await ctx.db.execute(sql`select pg_advisory_xact_lock(hashtextextended('program', 0))`)
}

/** The highest share of each kind that a payment may come to have, in basis points. */
export interface HighestShares {
  readonly sale: BasisPoints
  readonly referral: BasisPoints
  /** Over all its levels. */
  readonly override: BasisPoints
}

export const sumOf = ({ sale, referral, override }: HighestShares): BasisPoints => sale + referral + override

/**
 * The highest shares from now on: of the settings as they are and will be, of every seller, every link that still
 * sells, every listing, every order that may still be paid or goes on renewing, every customer's pinned terms, and every
 * group of affiliates. Call it under
 * `lockShares`.
 */
export const highestShares = async (ctx: Context): Promise<HighestShares> => {
  const ahead = await settingsAhead(ctx)
  const { seller, link, listing, order, customer, group } = await frozenRates(ctx)
  const highest = (rates: readonly (string | null)[]) =>
    Math.max(...rates.map((rate) => (rate === null ? 0 : basisPoints(rate))))
  return {
    sale: highest([
      ...ahead.flatMap((at) => [
        at.sellerCommissionPercentage,
        ...at.sellerLevels.map((level) => level.percentage ?? null),
      ]),
      seller,
      link,
      listing,
      order,
    ]),
    referral: highest([
      ...ahead.flatMap((at) => [
        at.referralCommissionPercentage,
        ...at.referralTiers.map(({ percentage }) => percentage),
      ]),
      customer,
      ...group,
    ]),
    override: Math.max(...ahead.map((at) => basisPoints(at.overrideCommissionPercentage) * at.overrideDepth)),
  }
}

const RATES = [
  'sellerCommissionPercentage',
  'sellerLevels',
  'referralCommissionPercentage',
  'overrideCommissionPercentage',
  'overrideDepth',
  'referralTiers',
]

/** The settings now, and after each change to come. */
const settingsAhead = async (ctx: Context): Promise<Program[]> => {
  const later = await ctx.db
    .selectDistinctOn([programSettings.name, programSettings.effectiveFrom])
    .from(programSettings)
    .where(and(gt(programSettings.effectiveFrom, ctx.now()), inArray(programSettings.name, RATES)))
    .orderBy(programSettings.name, ...latestFirst)
  let last = await programAt(ctx)
  const all = [last]
  for (const row of later.sort((a, b) => a.effectiveFrom.getTime() - b.effectiveFrom.getTime())) {
    last = { ...last, [row.name]: withRows(ctx.config, [row])[row.name as keyof Program] }
    all.push(last)
  }
  return all
}

const frozenRates = async (ctx: Context) => {
  const [[seller], [link], [listing], [order], [customer]] = [
    await ctx.db.select({ rate: max(users.commissionPercentage) }).from(users),
    await ctx.db
      .select({ rate: max(affiliateLinks.commissionPercentage) })
      .from(affiliateLinks)
      .where(
        and(
          eq(affiliateLinks.status, 'ACTIVE'),
          or(isNull(affiliateLinks.expiresAt), gt(affiliateLinks.expiresAt, ctx.now())),
        ),
      ),
    // Whatever its state: it may go live again, at the rate it was made with.
    await ctx.db.select({ rate: max(listings.commissionPercentage) }).from(listings),
    await ctx.db
      .select({ rate: max(orders.commissionPercentage) })
      .from(orders)
      .leftJoin(subscriptions, eq(subscriptions.orderId, orders.id))
      .where(or(inArray(orders.status, ['OPEN', 'PAID']), ne(subscriptions.status, 'CANCELLED'))),
    await ctx.db.select({ rate: max(attributions.ratePercentage) }).from(attributions),
  ]
  const groups = await ctx.db
    .selectDistinctOn([affiliateGroupTerms.groupId], { rate: affiliateGroupTerms.ratePercentage })
    .from(affiliateGroupTerms)
    .orderBy(affiliateGroupTerms.groupId, desc(affiliateGroupTerms.createdAt), desc(affiliateGroupTerms.id))
  return {
    group: groups.map(({ rate }) => rate),
    seller: seller?.rate ?? null,
    link: link?.rate ?? null,
    listing: listing?.rate ?? null,
    order: order?.rate ?? null,
    customer: customer?.rate ?? null,
  }
}
