import { and, desc, eq, inArray, ne, sql } from 'drizzle-orm'
import { affiliates, attributionMoves, attributions, commissions, payments, users } from '../../../db/schema'
import { type Context, inSnapshot, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { type MoneyJson, moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { isUuid } from './affiliate-queries'
import { COOKIE_DAYS } from './referral'
import { maskEmail } from './rules'
import type { ReferralEvent, ReferralTimeline, ReferralView } from './schemas'

/**
 * The customers attributed to the signed-in affiliate, newest first, masked, with what each earned them.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND; 400 for a cursor of another list.
 */
export const listReferrals = (
  ctx: Context,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ReferralView>> =>
  inSnapshot(ctx, async (at) => {
    const affiliate = await ownAffiliateRow(at)
    const last = readCursor(cursor)
    const rows = await selectReferrals(at)
      .where(
        and(
          eq(attributions.affiliateId, affiliate.id),
          last === null
            ? undefined
            : sql`(${attributions.createdAt}, ${attributions.customerId}::text) < (${last.at.toISOString()}::timestamptz, ${last.id})`,
        ),
      )
      .orderBy(desc(attributions.createdAt), desc(sql`${attributions.customerId}::text`))
      .limit(limit + 1)
    const earned = await earnedOf(
      at,
      affiliate.userId,
      rows.map(({ attribution }) => attribution.customerId),
    )
    return toPage(
      rows,
      limit,
      ({ attribution }) => ({ at: attribution.createdAt, id: attribution.customerId }),
      (row) => toView(row, earned.get(row.attribution.customerId) ?? []),
    )
  })

/**
 * What led to one of them being the affiliate's, and every payment since with what it earned, oldest first.
 * @throws DomainError 404 REFERRAL_NOT_FOUND, for somebody else's too.
 */
export const referralTimeline = (ctx: Context, { id }: { id: string }): Promise<ReferralTimeline> =>
  inSnapshot(ctx, async (at) => {
    const affiliate = await ownAffiliateRow(at)
    const [row] = isUuid(id)
      ? await selectReferrals(at).where(
          and(eq(attributions.customerId, id), eq(attributions.affiliateId, affiliate.id)),
        )
      : []
    if (row === undefined) throw notFound('REFERRAL_NOT_FOUND', 'There is no such referral of yours.')
    const earned = await earnedOf(at, affiliate.userId, [id])
    const view = toView(row, earned.get(id) ?? [])
    const [moved] = await at.db
      .select({ movedAt: attributionMoves.movedAt })
      .from(attributionMoves)
      .where(eq(attributionMoves.customerId, id))
      .orderBy(desc(attributionMoves.movedAt))
      .limit(1)
    // What led to them, and what they paid before, was another's.
    if (moved !== undefined)
      return {
        ...view,
        click: null,
        rule: 'An admin gave them to you.',
        earnsUntil: row.attribution.earnsUntil?.toISOString() ?? null,
        events: (await eventsOf(at, affiliate.userId, row.attribution)).filter(
          (event) => event.kind === 'PAYMENT' && event.at >= moved.movedAt.toISOString(),
        ),
      }
    return {
      ...view,
      rule:
        row.attribution.couponId !== null
          ? `They entered your code ${row.attribution.code?.toUpperCase()} at their first purchase; a code counts before a click.`
          : row.attribution.clickedAt === null
            ? 'It was set when the account was made; no click is kept of it.'
            : `The last click before the sign-up, within ${COOKIE_DAYS} days.`,
      earnsUntil: row.attribution.earnsUntil?.toISOString() ?? null,
      events: await eventsOf(at, affiliate.userId, row.attribution),
    }
  })

const ownAffiliateRow = async (ctx: Context) => {
  const [row] = await ctx.db
    .select()
    .from(affiliates)
    .where(eq(affiliates.userId, signedIn(ctx).userId))
  if (row === undefined) throw notFound('AFFILIATE_NOT_FOUND', 'You have not joined the affiliate programme.')
  return row
}

const selectReferrals = (ctx: Context) =>
  ctx.db
    .select({ attribution: attributions, firstName: users.firstName, email: users.email })
    .from(attributions)
    .innerJoin(users, eq(users.id, attributions.customerId))

type Row = { attribution: typeof attributions.$inferSelect; firstName: string; email: string }

const toView = ({ attribution, firstName, email }: Row, earned: MoneyJson[]): ReferralView => ({
  id: attribution.customerId,
  customer: { name: `${[...firstName][0] ?? ''}•••`, email: maskEmail(email) },
  signedUpAt: attribution.createdAt.toISOString(),
  click:
    attribution.clickedAt === null
      ? null
      : {
          at: attribution.clickedAt.toISOString(),
          code: attribution.code ?? '',
          source: attribution.origin?.source ?? '',
          medium: attribution.origin?.medium ?? '',
          campaign: attribution.origin?.campaign ?? '',
          landingPage: attribution.origin?.landingPage ?? '',
        },
  rate: attribution.ratePercentage,
  earned,
})

/** Per customer and currency: what their payments earned this user, less what was taken back. */
const earnedOf = async (
  ctx: Context,
  userId: string,
  customerIds: readonly string[],
): Promise<Map<string, MoneyJson[]>> => {
  const found = new Map<string, MoneyJson[]>()
  if (customerIds.length === 0) return found
  const rows = await ctx.db
    .select({
      customerId: payments.buyerId,
      currency: commissions.currency,
      amount: sql<string>`sum(${commissions.amount} - ${commissions.reversedAmount})::text`,
    })
    .from(commissions)
    .innerJoin(payments, eq(payments.id, commissions.paymentId))
    .where(
      and(
        eq(commissions.beneficiaryId, userId),
        ne(commissions.kind, 'SALE'),
        inArray(payments.buyerId, [...customerIds]),
      ),
    )
    .groupBy(payments.buyerId, commissions.currency)
    .orderBy(commissions.currency)
  for (const { customerId, currency, amount } of rows)
    found.set(customerId, [
      ...(found.get(customerId) ?? []),
      moneyToJson({ amount: BigInt(amount), currency }),
    ])
  return found
}

const eventsOf = async (
  ctx: Context,
  userId: string,
  { customerId, clickedAt, createdAt, couponId, code }: Row['attribution'],
): Promise<ReferralEvent[]> => {
  const paid = await ctx.db
    .select({ payment: payments, commission: commissions })
    .from(payments)
    .leftJoin(
      commissions,
      and(
        eq(commissions.paymentId, payments.id),
        eq(commissions.beneficiaryId, userId),
        ne(commissions.kind, 'SALE'),
      ),
    )
    .where(
      and(eq(payments.buyerId, customerId), ne(payments.status, 'PENDING'), ne(payments.status, 'FAILED')),
    )
    .orderBy(payments.paidAt, payments.id)
  return [
    ...(clickedAt === null ? [] : [{ kind: 'CLICK' as const, at: clickedAt.toISOString() }]),
    ...(couponId === null
      ? [{ kind: 'SIGN_UP' as const, at: createdAt.toISOString() }]
      : [{ kind: 'COUPON' as const, at: createdAt.toISOString(), code: (code ?? '').toUpperCase() }]),
    ...paid.map(({ payment, commission }) => ({
      kind: 'PAYMENT' as const,
      at: payment.paidAt.toISOString(),
      commission:
        commission === null
          ? null
          : {
              id: commission.id,
              amount: moneyToJson({ amount: commission.amount, currency: commission.currency }),
              reversed: moneyToJson({ amount: commission.reversedAmount, currency: commission.currency }),
              status: commission.status,
            },
      withheld:
        payment.withheld.find((one) => one.userId === userId && one.kind === 'REFERRAL')?.reason ?? null,
    })),
  ]
}
