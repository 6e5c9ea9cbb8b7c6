import { and, desc, eq, gt, isNull, or, sql } from 'drizzle-orm'
import { affiliateCodes, affiliates, coupons, orders, users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { DomainError, invalid, notFound, refused } from '../../kit/errors'
import { basisPoints, currencyExponent, moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { recordActivity } from '../audit'
import { lockSelf } from '../identity'
import { programAt } from '../program'
import { isUuid } from './affiliate-queries'
import { isFreeWord, normalizeCode } from './codes'
import { futureMoment } from './rules'
import type { CouponView, MakeCouponInput, MakeOwnCouponInput } from './schemas'

type Coupon = typeof coupons.$inferSelect

/**
 * An admin gives an affiliate a code that lowers prices; its terms are fixed from then on.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND; 422 AFFILIATE_NOT_APPROVED, CODE_RESERVED; 409 CODE_TAKEN; 400
 */
export const makeCoupon = (ctx: Context, input: MakeCouponInput): Promise<CouponView> =>
  inTransaction(ctx, async (tx) => {
    const { affiliate, ...terms } = input
    const code = normalizeCode(affiliate)
    const [row] =
      code === null
        ? []
        : await tx.db
            .select({ affiliate: affiliates })
            .from(affiliateCodes)
            .innerJoin(affiliates, eq(affiliates.id, affiliateCodes.affiliateId))
            .where(eq(affiliateCodes.code, code))
            .for('no key update', { of: affiliates })
    if (row === undefined) throw notFound('AFFILIATE_NOT_FOUND', 'No affiliate has this code.')
    return make(tx, row.affiliate, terms)
  })

/**
 * An affiliate makes a code of their own, within what the programme allows.
 * @throws DomainError 404 AFFILIATE_NOT_FOUND; 422 COUPONS_OFF, COUPON_LIMIT, and as `makeCoupon`
 */
export const makeOwnCoupon = (ctx: Context, input: MakeOwnCouponInput): Promise<CouponView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    await lockSelf(tx, userId, 'share')
    // One at a time, so that the limit holds.
    const [affiliate] = await tx.db
      .select()
      .from(affiliates)
      .where(eq(affiliates.userId, userId))
      .for('no key update')
    if (affiliate === undefined) throw notJoined()
    const { couponPercentage, couponMonths, couponCount } = await programAt(tx)
    if (basisPoints(couponPercentage) === 0)
      throw refused('COUPONS_OFF', 'Only an admin makes codes here. Ask for one.')
    if (basisPoints(input.percentage) > basisPoints(couponPercentage))
      throw overLimit('percentage', `At most ${Number(couponPercentage)} %.`)
    if (input.months === null || input.months > couponMonths)
      throw overLimit(
        'months',
        couponMonths === 0 ? 'Off the first payment only.' : `At most ${couponMonths} months.`,
      )
    if ((await tx.db.$count(coupons, running(tx, affiliate.id))) >= couponCount)
      throw refused(
        'COUPON_LIMIT',
        `At most ${couponCount} of your codes count at a time. End one to make another.`,
      )
    return make(tx, affiliate, { ...input, amount: undefined, scope: 'ALL' })
  })

const overLimit = (field: string, message: string) =>
  new DomainError(422, 'COUPON_LIMIT', message, { issues: [{ path: [field], message }] })

const running = (ctx: Context, affiliateId: string) =>
  and(
    eq(coupons.affiliateId, affiliateId),
    isNull(coupons.endedAt),
    or(isNull(coupons.expiresAt), gt(coupons.expiresAt, ctx.now())),
  )

/** Under the affiliate's lock. */
const make = async (
  ctx: Context,
  affiliate: typeof affiliates.$inferSelect,
  input: Omit<MakeCouponInput, 'affiliate'>,
): Promise<CouponView> => {
  if (affiliate.status !== 'APPROVED')
    throw refused('AFFILIATE_NOT_APPROVED', 'Only an approved affiliate has codes.')
  const code = normalizeCode(input.code)
  if (code === null)
    throw invalid([
      { path: ['code'], message: '3 to 64 letters and digits, with hyphens or underscores between.' },
    ])
  if (!isFreeWord(code)) throw codeRefused(422, 'CODE_RESERVED', 'This word means something else here.')
  await takeOwnCode(ctx, affiliate.id, code)
  const { percentage, amount } = input
  const [row] = await ctx.db
    .insert(coupons)
    .values({
      id: newId(ctx),
      code,
      affiliateId: affiliate.id,
      percentage: percentage ?? null,
      amount: amount === undefined ? null : BigInt(amount.amount),
      currency: amount?.currency ?? null,
      months: input.months,
      scope: input.scope,
      expiresAt: futureMoment(input.expiresAt, ctx.now()),
      maxUses: input.maxUses ?? null,
      createdBy: signedIn(ctx).userId,
      createdAt: ctx.now(),
    })
    .onConflictDoNothing({ target: coupons.code })
    .returning()
  if (row === undefined) throw codeTaken()
  await recordActivity(ctx, {
    action: 'coupon_made',
    description: `Made the code ${row.code.toUpperCase()}`,
    subject: { type: 'coupon', id: row.id },
    after: {
      code: row.code,
      affiliateId: affiliate.id,
      percentage: row.percentage,
      amount: amount ?? null,
      months: row.months,
      scope: row.scope,
      expiresAt: row.expiresAt?.toISOString() ?? null,
      maxUses: row.maxUses,
    },
  })
  return oneCoupon(ctx, row.id)
}

/** It leads to the affiliate as a link's code does too, and nobody else ever gets it. */
const takeOwnCode = async (ctx: Context, affiliateId: string, code: string): Promise<void> => {
  await ctx.db
    .insert(affiliateCodes)
    .values({ code, affiliateId, createdAt: ctx.now() })
    .onConflictDoNothing()
  const [known] = await ctx.db.select().from(affiliateCodes).where(eq(affiliateCodes.code, code))
  if (known?.affiliateId !== affiliateId) throw codeTaken()
}

const codeRefused = (status: 409 | 422, code: string, message: string) =>
  new DomainError(status, code, message, { issues: [{ path: ['code'], message }] })
const codeTaken = () => codeRefused(409, 'CODE_TAKEN', 'This code was given out before. Choose another.')
const notJoined = () => notFound('AFFILIATE_NOT_FOUND', 'You have not joined the affiliate programme.')

/**
 * Ends a code: an admin anybody's, an affiliate their own. Checkouts that are open keep their price. Again: the same
 * answer.
 * @throws DomainError 404 COUPON_NOT_FOUND, for somebody else's too
 */
export const endCoupon = (
  ctx: Context,
  { id }: { id: string },
  { own }: { own: boolean },
): Promise<CouponView> =>
  inTransaction(ctx, async (tx) => {
    const [row] = isUuid(id)
      ? await tx.db
          .select({ coupon: coupons })
          .from(coupons)
          .innerJoin(affiliates, eq(affiliates.id, coupons.affiliateId))
          .where(and(eq(coupons.id, id), own ? eq(affiliates.userId, signedIn(tx).userId) : undefined))
          .for('no key update', { of: coupons })
      : []
    if (row === undefined) throw notFound('COUPON_NOT_FOUND', 'There is no such code.')
    if (row.coupon.endedAt !== null) return oneCoupon(tx, id)
    await tx.db.update(coupons).set({ endedAt: tx.now() }).where(eq(coupons.id, id))
    await recordActivity(tx, {
      action: 'coupon_ended',
      description: `Ended the code ${row.coupon.code.toUpperCase()}`,
      subject: { type: 'coupon', id },
    })
    return oneCoupon(tx, id)
  })

/** Codes, newest first: every one for an admin, else one's own. @throws DomainError 400 for a cursor of another list. */
export const listCoupons = async (
  ctx: Context,
  { limit, cursor, own }: { limit: number; cursor?: string | undefined; own: boolean },
): Promise<Page<CouponView>> => {
  const last = readCursor(cursor)
  if (last !== null && !isUuid(last.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await selectCoupons(ctx)
    .where(
      and(
        own ? eq(affiliates.userId, signedIn(ctx).userId) : undefined,
        last === null
          ? undefined
          : sql`(${coupons.createdAt}, ${coupons.id}) < (${last.at.toISOString()}::timestamptz, ${last.id}::uuid)`,
      ),
    )
    .orderBy(desc(coupons.createdAt), desc(coupons.id))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    ({ coupon }) => ({ at: coupon.createdAt, id: coupon.id }),
    (row) => toView(ctx, row),
  )
}

const oneCoupon = async (ctx: Context, id: string): Promise<CouponView> => {
  const [row] = await selectCoupons(ctx).where(eq(coupons.id, id))
  if (row === undefined) throw new Error(`coupon ${id} is gone`)
  return toView(ctx, row)
}

const selectCoupons = (ctx: Context) =>
  ctx.db
    .select({
      coupon: coupons,
      affiliateCode: affiliates.code,
      name: sql<string>`concat(${users.firstName}, ' ', ${users.lastName})`,
      uses: sql<string>`(select count(*) from ${orders} o where o.coupon_id = ${coupons.id} and o.status in ('PAID', 'FULFILLED'))`,
    })
    .from(coupons)
    .innerJoin(affiliates, eq(affiliates.id, coupons.affiliateId))
    .innerJoin(users, eq(users.id, affiliates.userId))

const toView = (
  ctx: Context,
  {
    coupon,
    affiliateCode,
    name,
    uses,
  }: { coupon: Coupon; affiliateCode: string; name: string; uses: string },
): CouponView => ({
  id: coupon.id,
  code: coupon.code.toUpperCase(),
  affiliate: { code: affiliateCode, name },
  ...offOf(coupon),
  words: couponWords(coupon),
  scope: coupon.scope,
  state:
    coupon.endedAt !== null
      ? 'ENDED'
      : coupon.expiresAt !== null && coupon.expiresAt <= ctx.now()
        ? 'EXPIRED'
        : coupon.maxUses !== null && Number(uses) >= coupon.maxUses
          ? 'USED_UP'
          : 'ACTIVE',
  uses: Number(uses),
  maxUses: coupon.maxUses,
  expiresAt: coupon.expiresAt?.toISOString() ?? null,
  createdAt: coupon.createdAt.toISOString(),
})

const offOf = ({ percentage, amount, currency, months }: Coupon) => ({
  percentage,
  amount: amount === null || currency === null ? null : moneyToJson({ amount, currency }),
  months,
})

/** '20 % off the first payment', '5.00 USD off each payment of the first 3 months' */
export const couponWords = ({
  percentage,
  amount,
  currency,
  months,
}: Pick<Coupon, 'percentage' | 'amount' | 'currency' | 'months'>): string => {
  const off =
    percentage === null
      ? `${decimal(amount ?? 0n, currency ?? 'USD')} ${currency}`
      : `${Number(percentage)} %`
  if (months === 0) return `${off} off the first payment`
  return months === null
    ? `${off} off every payment`
    : `${off} off each payment of the first ${months === 1 ? 'month' : `${months} months`}`
}

const decimal = (amount: bigint, currency: string): string => {
  const digits = currencyExponent(currency)
  const text = String(amount).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

/** Ends all of an affiliate's: their account is closed. */
export const endCouponsOf = async (ctx: Context, affiliateId: string): Promise<void> => {
  await ctx.db
    .update(coupons)
    .set({ endedAt: ctx.now() })
    .where(and(eq(coupons.affiliateId, affiliateId), isNull(coupons.endedAt)))
}

/** What the programme lets the signed-in affiliate make; null: nothing. */
export const couponsOffered = async (
  ctx: Context,
): Promise<{ percentage: string; months: number; count: number } | null> => {
  const { couponPercentage, couponMonths, couponCount } = await programAt(ctx)
  return basisPoints(couponPercentage) === 0
    ? null
    : { percentage: couponPercentage, months: couponMonths, count: couponCount }
}
