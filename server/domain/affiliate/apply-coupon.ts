import { and, eq, gt, inArray, ne, or, sql } from 'drizzle-orm'
import { affiliates, coupons, orders, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { basisPoints, type Money, moneyToJson, share } from '../../kit/money'
import { PLANS } from '../../kit/plans'
import { resolveListing } from '../marketplace'
import { normalizeCode } from './codes'
import { couponWords } from './coupons'
import { mailboxOf } from './mailbox'
import { resolveLink } from './resolve-link'
import type { EnteredCoupon } from './schemas'

/** What a code is entered for. */
export interface Discounted {
  readonly code: string
  readonly price: Money
  readonly what: 'PLANS' | 'WORKSPACES'
  /** Null: one payment. */
  readonly recurring: boolean
  /** Who buys; null: not known yet, so nothing is asked of them. */
  readonly buyer: {
    readonly key: string
    readonly userId: string | null
    readonly email: string
  } | null
}

export interface AppliedCoupon {
  readonly id: string
  /** As the buyer sees it. */
  readonly code: string
  readonly words: string
  /** What it takes off the first payment, never more than the price; minor units. */
  readonly discount: bigint
  readonly off: { readonly percentage: string } | { readonly amount: bigint }
  /** 0: the first payment; so many months; null: all of them. */
  readonly months: number | null
  /** Every payment there will ever be is lowered alike. */
  readonly lastsWhole: boolean
}

/**
 * What a code takes off a price: `round_half_up(price × percentage)`, or its amount. It lowers what is captured, and so
 * the base of every share: seller, affiliate and platform all bear it by their rates.
 * @throws DomainError 422 COUPON_UNKNOWN, COUPON_OVER, COUPON_NOT_FOR_THIS, COUPON_USED, OWN_COUPON, each about `coupon`
 */
export const applyCoupon = async (ctx: Context, asked: Discounted): Promise<AppliedCoupon> => {
  const code = normalizeCode(asked.code)
  const [found] =
    code === null
      ? []
      : await ctx.db
          .select({ coupon: coupons, affiliate: affiliates, owner: users })
          .from(coupons)
          .innerJoin(affiliates, eq(affiliates.id, coupons.affiliateId))
          .innerJoin(users, eq(users.id, affiliates.userId))
          .where(eq(coupons.code, code))
  if (found === undefined) throw couponRefused('COUPON_UNKNOWN', 'There is no such code.')
  const { coupon, affiliate, owner } = found
  const isOver = coupon.endedAt !== null || (coupon.expiresAt !== null && coupon.expiresAt <= ctx.now())
  if (isOver || affiliate.status !== 'APPROVED' || owner.closedAt !== null)
    throw couponRefused('COUPON_OVER', 'This code is over.')
  if (coupon.scope !== 'ALL' && coupon.scope !== asked.what)
    throw couponRefused(
      'COUPON_NOT_FOR_THIS',
      coupon.scope === 'PLANS' ? 'This code is for plans.' : 'This code is for workspaces.',
    )
  if (coupon.currency !== null && coupon.currency !== asked.price.currency)
    throw couponRefused(
      'COUPON_NOT_FOR_THIS',
      `This code is for prices in ${coupon.currency}; this one is in ${asked.price.currency}.`,
    )
  if (asked.buyer !== null) await requireUsable(ctx, coupon, owner, asked.buyer)
  const off = coupon.percentage === null ? { amount: coupon.amount ?? 0n } : { percentage: coupon.percentage }
  return {
    id: coupon.id,
    code: coupon.code.toUpperCase(),
    words: couponWords(asked.recurring ? coupon : { ...coupon, months: 0 }),
    discount: discountOn(asked.price.amount, off),
    off,
    months: asked.recurring ? coupon.months : 0,
    lastsWhole: !asked.recurring || coupon.months === null,
  }
}

/**
 * What a code would do, for whoever thinks of entering it: off the link or listing it is entered for, else off a plan.
 * @throws DomainError 400 LINK_INVALID, 422 LINK_NOT_AVAILABLE, 404 LISTING_NOT_FOUND, 422 LISTING_NOT_AVAILABLE, and as `applyCoupon`
 */
export const previewCoupon = async (
  ctx: Context,
  { code, token, slug }: { code: string; token?: string | undefined; slug?: string | undefined },
): Promise<EnteredCoupon> => {
  const link =
    token !== undefined
      ? (await resolveLink(ctx, token)).link
      : slug !== undefined
        ? (await resolveListing(ctx, slug)).listing
        : null
  const listed = PLANS.BUSINESS.MONTHLY
  const price =
    link === null
      ? { amount: listed.amount, currency: listed.currency }
      : { amount: link.priceAmount, currency: link.priceCurrency }
  const applied = await applyCoupon(ctx, {
    code,
    price,
    what: link === null ? 'PLANS' : 'WORKSPACES',
    recurring: link === null || link.frequency !== null,
    buyer: null,
  })
  const due =
    link === null ? null : moneyToJson({ amount: price.amount - applied.discount, currency: price.currency })
  return { code: applied.code, words: applied.words, due }
}

/** Minor units; never more than the price. */
const discountOn = (price: bigint, off: AppliedCoupon['off']): bigint => {
  const whole = 'amount' in off ? off.amount : share(price, basisPoints(off.percentage))
  return whole < price ? whole : price
}

/**
 * Nobody uses a code of their own, nor one twice; and no more people at a time than it is for: an open checkout with it
 * holds a use until it is paid or over. Locks the code until the transaction ends where its uses are counted.
 */
const requireUsable = async (
  ctx: Context,
  coupon: typeof coupons.$inferSelect,
  owner: typeof users.$inferSelect,
  buyer: NonNullable<Discounted['buyer']>,
): Promise<void> => {
  const organizationId = 'organizationId' in ctx.actor ? ctx.actor.organizationId : null
  if (
    buyer.userId === owner.id ||
    organizationId === owner.organizationId ||
    mailboxOf(buyer.email) === mailboxOf(owner.email)
  )
    throw couponRefused('OWN_COUPON', 'This is a code of your own. It is for others.')
  await ctx.db.select({ id: coupons.id }).from(coupons).where(eq(coupons.id, coupon.id)).for('update')
  const done = inArray(orders.status, ['PAID', 'FULFILLED'])
  const theirs =
    buyer.userId === null
      ? eq(sql`lower(${orders.email})`, buyer.email.toLowerCase())
      : or(eq(orders.buyerId, buyer.userId), eq(sql`lower(${orders.email})`, buyer.email.toLowerCase()))
  if ((await ctx.db.$count(orders, and(eq(orders.couponId, coupon.id), done, theirs))) > 0)
    throw couponRefused('COUPON_USED', 'You have used this code already.')
  if (coupon.maxUses === null) return
  const held = and(
    eq(orders.couponId, coupon.id),
    // Of their own open checkouts one is left, which is this: it holds one use, not two.
    or(done, and(eq(orders.status, 'OPEN'), gt(orders.expiresAt, ctx.now()), ne(orders.buyerKey, buyer.key))),
  )
  if ((await ctx.db.$count(orders, held)) >= coupon.maxUses)
    throw couponRefused('COUPON_OVER', 'This code was used as often as it may be.')
}

/** A refusal that a form can show beside its field. */
export const couponRefused = (code: string, message: string): DomainError =>
  new DomainError(422, code, message, { issues: [{ path: ['coupon'], message }] })
