import { and, eq, isNull, lte, ne, or, sql } from 'drizzle-orm'
import { orders, providerCustomers, users } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { DomainError, refused } from '../../kit/errors'
import type { Money } from '../../kit/money'
import type { Addon } from '../../kit/plans'
import type { Checkout, Discount, PaymentProvider } from '../../kit/ports'
import { enqueueJob } from '../../kit/queue'
import { type AppliedCoupon, applyCoupon, couponRefused, readReferral } from '../affiliate'
import { closeCheckout, closeLater, lookLater } from './apply-charge'
import { awaitsBank } from './delayed'
import { dueOf } from './rules'

type Order = typeof orders.$inferSelect

/** What a checkout sells, as our own rows say it; every member but the words is frozen in the order. */
export interface Sale
  extends Pick<
    Order,
    | 'paymentType'
    | 'affiliateLinkId'
    | 'listingId'
    | 'workspaceId'
    | 'sellerId'
    | 'commissionPercentage'
    | 'planType'
    | 'offerMode'
    | 'priceAmount'
    | 'priceCurrency'
    | 'frequency'
    | 'frequencyInterval'
    | 'freeTrialPeriodInDays'
  > {
  /** How many of which add-on; of a sale of anything else it is left out. */
  readonly addon?: { readonly addon: Addon; readonly quantity: number }
  /** Names the offer among all; with the buyer and the attempt, one order. */
  readonly offerKey: string
  readonly title: string
  readonly description: string
  /** The provider's own name of the price, where it keeps one. */
  readonly priceRef?: string
  readonly takesCoupons?: true
  /** A code the buyer entered, and what it takes off as far as is known without them. */
  readonly coupon?: AppliedCoupon
  /** Where the buyer comes back to. */
  readonly successUrl: (order: Order) => string
  readonly cancelUrl: string
  readonly metadata: Readonly<Record<string, string>>
  readonly details: Readonly<Record<string, Readonly<Record<string, string | number | null>>>>
}

export interface BuyerInput {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  /** The header Idempotency-Key, or null. */
  readonly attempt: string | null
  /** The referral cookie that came along: it counts when a guest's account is made. */
  readonly referral?: string | null | undefined
}

export interface OpenCheckout {
  readonly id: string
  readonly url: string
  /** The provider's name of it. */
  readonly ref: string
}

/**
 * Makes the provider's hosted checkout for one buyer and one sale. The order is written first, so that whatever happens
 * next, what comes back from the provider finds it. Idempotent by (buyer, offer, attempt): the same attempt, or without
 * one the open unpaid order, is returned.
 * @throws DomainError 503 PROVIDER_UNAVAILABLE (the order stays open; asking again goes on with it).
 */
export const openCheckout = async (
  ctx: Context,
  provider: PaymentProvider,
  sale: Sale,
  input: BuyerInput,
): Promise<OpenCheckout> => {
  const { order, coupon } = await inTransaction(ctx, (tx) => openOrder(tx, provider, sale, input))
  if (order.checkoutUrl !== null && order.checkoutRef !== null)
    return { id: order.id, url: order.checkoutUrl, ref: order.checkoutRef }

  const checkout = await provider.createCheckout({
    orderId: order.id,
    customerRef: await knownCustomer(ctx, provider, order),
    email: order.email,
    title: sale.title,
    description: sale.description,
    price: { amount: order.priceAmount, currency: order.priceCurrency },
    ...(sale.priceRef === undefined ? {} : { priceRef: sale.priceRef }),
    ...(coupon === null ? {} : { discount: discountOf(order, coupon) }),
    ...(sale.takesCoupons === true ? { takesCoupons: true } : {}),
    recurring:
      order.frequency === null
        ? null
        : {
            frequency: order.frequency,
            interval: order.frequencyInterval ?? 1,
            freeTrialDays: order.freeTrialPeriodInDays,
          },
    successUrl: sale.successUrl(order),
    cancelUrl: sale.cancelUrl,
    expiresAt: order.expiresAt,
    metadata: {
      orderId: order.id,
      paymentType: order.paymentType,
      planType: order.planType,
      ...sale.metadata,
      ...('userId' in ctx.actor && {
        userId: ctx.actor.userId,
        organizationId: ctx.actor.organizationId,
      }),
      ...(order.frequency !== null && { billingCycle: order.frequency }),
      ...(order.referralCode !== null && { referralCode: order.referralCode }),
    },
    details: {
      details: {
        email: order.email,
        firstName: order.firstName,
        lastName: order.lastName,
        planType: order.planType,
        paymentType: order.paymentType,
        orderId: order.id,
      },
      ...sale.details,
    },
    clientReference: order.referralCode,
    idempotencyKey: `checkout:${order.id}`,
  })
  const kept = await keepCheckout(ctx, order.id, checkout)
  if (kept.isOver) {
    await closeCheckout(ctx, order.id)
    throw new DomainError(409, 'TRY_AGAIN', 'Another checkout took the place of this one. Try again.')
  }
  // Of two at once, one's is kept; nobody was led to the other, and nobody shall be.
  if (kept.url !== checkout.url) await provider.doorbell?.closeCheckout(checkout.ref).catch(() => {})
  return { id: order.id, url: kept.url, ref: kept.ref }
}

const discountOf = (order: Order, coupon: AppliedCoupon): Discount => ({
  // The same code lasts differently on one payment and on many.
  ref: `offshoot-${coupon.id}-${coupon.months ?? 'all'}`,
  name: coupon.code,
  off: coupon.off,
  months: coupon.months,
  due: { amount: dueOf(order), currency: order.priceCurrency },
})

/** The first checkout kept is the order's: only what is paid there is believed, so only there may anybody be sent. */
const keepCheckout = async (
  ctx: Context,
  orderId: string,
  checkout: Checkout,
): Promise<{ url: string; ref: string; isOver: boolean }> => {
  const [kept] = await ctx.db
    .update(orders)
    .set({
      checkoutRef: sql`coalesce(${orders.checkoutRef}, ${checkout.ref})`,
      checkoutUrl: sql`coalesce(${orders.checkoutUrl}, ${checkout.url})`,
    })
    .where(eq(orders.id, orderId))
    .returning({ url: orders.checkoutUrl, ref: orders.checkoutRef, status: orders.status })
  return {
    url: kept?.url ?? checkout.url,
    ref: kept?.ref ?? checkout.ref,
    isOver: kept?.status === 'EXPIRED',
  }
}

/**
 * The one that was named, else the first that is on and can charge this.
 * @param coupon what is taken off the price, if anything
 * @throws DomainError 422 PROVIDER_OFF, 422 PROVIDER_CANNOT_CHARGE
 */
export const chosenProvider = (
  ctx: Context,
  name: string | undefined,
  price: Money,
  freeTrialDays: number,
  coupon?: AppliedCoupon,
): PaymentProvider => {
  const on = [...ctx.outside.payments.values()]
  const due = { ...price, amount: price.amount - (coupon?.discount ?? 0n) }
  const can = ({ canCharge, oneAmountForEver }: PaymentProvider) =>
    canCharge?.(due, { freeTrialDays }) !== false &&
    !(oneAmountForEver && coupon !== undefined && !coupon.lastsWhole)
  const provider = name === undefined ? (on.find(can) ?? on[0]) : on.find((one) => one.name === name)
  if (provider === undefined) throw refused('PROVIDER_OFF', 'This way of paying is not switched on here.')
  if (name !== undefined && !can(provider))
    throw refused('PROVIDER_CANNOT_CHARGE', 'This offer cannot be paid this way. Choose another way to pay.')
  return provider
}

/** Stripe takes a checkout's end between 30 minutes and 24 hours from now; a margin keeps our clock's drift out of it. */
const CHECKOUT_LIFE = 23 * 60 * 60_000
const SHORTEST_LIFE = 35 * 60_000

const openOrder = async (
  ctx: Context,
  provider: PaymentProvider,
  sale: Sale,
  input: BuyerInput,
): Promise<{ order: Order; coupon: AppliedCoupon | null }> => {
  const buyer = await buyerOf(ctx, input)
  const entered = sale.coupon === undefined ? '' : `:coupon:${sale.coupon.id}`
  const offerKey = `${sale.offerKey}${entered}:${provider.name}:${provider.mode}`
  const coupon = await couponOf(ctx, sale, buyer)
  const now = ctx.now()
  const referral = buyer.userId === null ? readReferral(ctx, input.referral) : null
  const over = await ctx.db
    .update(orders)
    .set({ status: 'EXPIRED' })
    .where(
      and(
        eq(orders.buyerKey, buyer.key),
        eq(orders.offerKey, offerKey),
        eq(orders.status, 'OPEN'),
        isNull(orders.attempt),
        or(
          lte(orders.expiresAt, now),
          // Its checkout was never made, and could not be any more.
          and(isNull(orders.checkoutUrl), lte(orders.expiresAt, new Date(now.getTime() + SHORTEST_LIFE))),
        ),
      ),
    )
    .returning({ id: orders.id })
  if (provider.doorbell !== undefined)
    await closeLater(
      ctx,
      over.map(({ id }) => id),
    )
  const [made] = await ctx.db
    .insert(orders)
    .values({
      id: newId(ctx),
      paymentType: sale.paymentType,
      provider: provider.name,
      mode: provider.mode,
      buyerId: buyer.userId,
      email: buyer.email,
      firstName: buyer.firstName,
      lastName: buyer.lastName,
      buyerKey: buyer.key,
      offerKey,
      attempt: input.attempt,
      referralCode: referral?.code ?? null,
      referralOrigin: referral?.origin ?? null,
      referralClickedAt: referral?.clickedAt ?? null,
      affiliateLinkId: sale.affiliateLinkId,
      listingId: sale.listingId,
      workspaceId: sale.workspaceId,
      sellerId: sale.sellerId,
      commissionPercentage: sale.commissionPercentage,
      planType: sale.planType,
      addon: sale.addon?.addon ?? null,
      quantity: sale.addon?.quantity ?? null,
      offerMode: sale.offerMode,
      priceAmount: sale.priceAmount,
      priceCurrency: sale.priceCurrency,
      frequency: sale.frequency,
      frequencyInterval: sale.frequencyInterval,
      freeTrialPeriodInDays: sale.freeTrialPeriodInDays,
      couponId: coupon?.id ?? null,
      discountAmount: coupon?.discount ?? 0n,
      discountMonths: coupon?.months ?? null,
      createdAt: now,
      expiresAt: new Date(now.getTime() + CHECKOUT_LIFE),
    })
    .onConflictDoNothing()
    .returning()
  if (made !== undefined) {
    await endOthers(ctx, made)
    await enqueueJob(ctx, {
      kind: 'checkout.expire',
      key: `checkout:${made.id}`,
      payload: { orderId: made.id },
      after: CHECKOUT_LIFE / 1000 + 3_600,
    })
    if (provider.doorbell !== undefined) await lookLater(ctx, made.id)
    return { order: made, coupon }
  }
  const known = await ctx.db.query.orders.findFirst({
    where: and(
      eq(orders.buyerKey, buyer.key),
      eq(orders.offerKey, offerKey),
      input.attempt === null
        ? and(isNull(orders.attempt), eq(orders.status, 'OPEN'))
        : eq(orders.attempt, input.attempt),
    ),
  })
  if (known !== undefined) return { order: known, coupon }
  // Paid or expired between the two statements: the next try makes a new one.
  throw new DomainError(409, 'TRY_AGAIN', 'Another checkout for this was just finished. Try again.')
}

/**
 * Nobody uses a code twice: their other open checkouts with it are over. Under the code's lock.
 * @throws DomainError 422 COUPON_USED where one of them was paid and its bank is at work.
 */
const endOthers = async (ctx: Context, made: Order): Promise<void> => {
  if (made.couponId === null) return
  const others = await ctx.db
    .update(orders)
    .set({ status: 'EXPIRED' })
    .where(
      and(
        eq(orders.couponId, made.couponId),
        eq(orders.buyerKey, made.buyerKey),
        eq(orders.status, 'OPEN'),
        ne(orders.id, made.id),
      ),
    )
    .returning()
  if (others.some(awaitsBank)) throw couponRefused('COUPON_USED', 'You have used this code already.')
  await closeLater(
    ctx,
    others.map(({ id }) => id),
  )
}

/** The code once more, now that it is known who enters it: its uses are counted in this transaction. */
const couponOf = async (
  ctx: Context,
  { coupon, priceAmount: amount, priceCurrency: currency, paymentType, frequency }: Sale,
  buyer: Buyer,
): Promise<AppliedCoupon | null> =>
  coupon === undefined
    ? null
    : applyCoupon(ctx, {
        code: coupon.code,
        price: { amount, currency },
        what: paymentType === 'WORKSPACE_PURCHASE' ? 'WORKSPACES' : 'PLANS',
        recurring: frequency !== null,
        buyer,
      })

interface Buyer {
  readonly key: string
  readonly userId: string | null
  readonly email: string
  readonly firstName: string
  readonly lastName: string
}

/** Signed in, the account buys, whatever was typed; a guest is their e-mail. */
const buyerOf = async (ctx: Context, input: BuyerInput): Promise<Buyer> => {
  if (ctx.actor.kind !== 'user' && ctx.actor.kind !== 'admin')
    return {
      key: `email:${input.email}`,
      userId: null,
      email: input.email,
      firstName: input.firstName,
      lastName: input.lastName,
    }
  const { userId } = ctx.actor
  const user = await ctx.db.query.users.findFirst({ where: eq(users.id, userId) })
  if (user === undefined) throw new DomainError(401, 'SIGN_IN_REQUIRED', 'Sign in to go on.')
  return {
    key: `user:${user.id}`,
    userId: user.id,
    email: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
  }
}

const knownCustomer = async (
  ctx: Context,
  provider: PaymentProvider,
  order: Order,
): Promise<string | null> => {
  if (order.buyerId === null || provider.createCustomer === undefined) return null
  const row = await ctx.db.query.providerCustomers.findFirst({
    where: and(
      eq(providerCustomers.provider, provider.name),
      eq(providerCustomers.mode, provider.mode),
      eq(providerCustomers.buyerKey, order.buyerKey),
    ),
  })
  if (row !== undefined) return row.externalId
  const { ref } = await provider.createCustomer({
    email: order.email,
    name: `${order.firstName} ${order.lastName}`,
    idempotencyKey: `customer:${order.buyerKey}`,
  })
  await ctx.db
    .insert(providerCustomers)
    .values({
      provider: provider.name,
      mode: provider.mode,
      buyerKey: order.buyerKey,
      externalId: ref,
      createdAt: ctx.now(),
    })
    .onConflictDoNothing()
  return ref
}
