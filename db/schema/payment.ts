import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, currencyCode, id, minorUnits, moment } from '../columns'
import { affiliateLinks, type ClickOrigin, coupons } from './affiliate'
import { addonEnum, frequencyEnum, offerModeEnum, paymentTypeEnum, planEnum, providerModeEnum } from './enums'
import { organizations, users } from './identity'
import { listings } from './marketplace'
import { workspaces } from './workspace'

export const orderStatusEnum = pgEnum('order_status', ['OPEN', 'PAID', 'FULFILLED', 'EXPIRED', 'FAILED'])

/** Every checkout is an order first: what was promised to whom, at which price and rate, before the provider is asked. */
export const orders = pgTable(
  'orders',
  {
    id: id(),
    status: orderStatusEnum('status').notNull().default('OPEN'),
    paymentType: paymentTypeEnum('payment_type').notNull(),
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    /** Null: a guest, whose account is found or made when they have paid. */
    buyerId: uuid('buyer_id').references(() => users.id),
    email: text('email').notNull(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    /** Who buys (user id, else e-mail) and what (link id): with the attempt, one order. */
    buyerKey: text('buyer_key').notNull(),
    offerKey: text('offer_key').notNull(),
    attempt: text('attempt'),
    /** Whose link led a guest here, and when: it counts when their account is made. */
    referralCode: text('referral_code'),
    referralClickedAt: moment('referral_clicked_at'),
    referralOrigin: jsonb('referral_origin').$type<ClickOrigin>(),
    affiliateLinkId: uuid('affiliate_link_id').references(() => affiliateLinks.id),
    listingId: uuid('listing_id').references(() => listings.id),
    workspaceId: bigint('workspace_id', { mode: 'bigint' }).references(() => workspaces.id),
    sellerId: uuid('seller_id').references(() => users.id),
    commissionPercentage: numeric('commission_percentage', { precision: 5, scale: 2 }),
    planType: planEnum('plan_type').notNull(),
    /** What an order of an add-on is for, and how many; the price is that of all of them. Its plan is FREE. */
    addon: addonEnum('addon'),
    quantity: integer('quantity'),
    offerMode: offerModeEnum('offer_mode').notNull(),
    priceAmount: minorUnits('price_amount').notNull(),
    priceCurrency: currencyCode('price_currency').notNull(),
    frequency: frequencyEnum('frequency'),
    frequencyInterval: integer('frequency_interval'),
    freeTrialPeriodInDays: integer('free_trial_period_in_days').notNull().default(0),
    /** The code that was entered, what it takes off the price, and for how long (as `coupons.months`). */
    couponId: uuid('coupon_id').references(() => coupons.id),
    discountAmount: minorUnits('discount_amount').notNull().default(sql`0`),
    discountMonths: integer('discount_months'),
    checkoutRef: text('checkout_ref'),
    checkoutUrl: text('checkout_url'),
    /** Why it failed, in words for the buyer and the admin. */
    failure: text('failure'),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    paidAt: moment('paid_at'),
    fulfilledAt: moment('fulfilled_at'),
  },
  (t) => [
    unique('orders_attempt').on(t.buyerKey, t.offerKey, t.attempt),
    uniqueIndex('orders_open')
      .on(t.buyerKey, t.offerKey)
      .where(sql`${t.status} = 'OPEN' and ${t.attempt} is null`),
    unique('orders_checkout').on(t.provider, t.mode, t.checkoutRef),
    index('orders_workspace').on(t.workspaceId),
    index('orders_link').on(t.affiliateLinkId).where(sql`${t.affiliateLinkId} is not null`),
    index('orders_coupon').on(t.couponId).where(sql`${t.couponId} is not null`),
    check(
      'orders_discount',
      sql`${t.discountAmount} between 0 and ${t.priceAmount} and (${t.couponId} is not null or ${t.discountAmount} = 0)`,
    ),
    index('orders_listing').on(t.listingId).where(sql`${t.listingId} is not null`),
    check('orders_price', sql`${t.priceAmount} >= 0`),
    check('orders_one_seller', sql`num_nonnulls(${t.affiliateLinkId}, ${t.listingId}) <= 1`),
    check(
      'orders_addon',
      sql`(${t.addon} is not null) = (${t.paymentType} = 'ADDON_PURCHASE') and (${t.addon} is not null) = (coalesce(${t.quantity}, 0) > 0)`,
    ),
  ],
)

export const paymentStatusEnum = pgEnum('payment_status', [
  'PENDING',
  'CAPTURED',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
  'DISPUTED',
  'FAILED',
])

/** One charge at a provider. */
export const payments = pgTable(
  'payments',
  {
    id: id(),
    orderId: uuid('order_id')
      .notNull()
      .references(() => orders.id),
    type: paymentTypeEnum('type').notNull(),
    status: paymentStatusEnum('status').notNull(),
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    /** What makes it one payment whichever event tells of it: the invoice, else the payment intent, else the checkout. */
    externalId: text('external_id').notNull(),
    paymentIntentId: text('payment_intent_id'),
    chargeId: text('charge_id'),
    invoiceId: text('invoice_id'),
    subscriptionId: text('subscription_id'),
    buyerId: uuid('buyer_id')
      .notNull()
      .references(() => users.id),
    sellerId: uuid('seller_id').references(() => users.id),
    workspaceId: bigint('workspace_id', { mode: 'bigint' }).references(() => workspaces.id),
    currency: currencyCode().notNull(),
    capturedAmount: minorUnits('captured_amount').notNull(),
    taxAmount: minorUnits('tax_amount').notNull(),
    /** captured - tax: what shares are taken of. */
    baseAmount: minorUnits('base_amount').notNull(),
    /** What its refunds gave back, failed ones not counted. */
    refundedAmount: minorUnits('refunded_amount').notNull().default(sql`0`),
    /** The most a charge's own figure ever said was given back, before any of it failed. */
    reportedRefundAmount: minorUnits('reported_refund_amount').notNull().default(sql`0`),
    /** Counts what was taken back or restored: each is posted under its own number. */
    reversals: integer('reversals').notNull().default(0),
    /** It came past the provider, as an admin said; the provider has no charge of it. */
    paidElsewhere: boolean('paid_elsewhere').notNull().default(false),
    /** Null while the provider has not said. */
    feeAmount: minorUnits('fee_amount'),
    /** Shares nobody earned, and why: [{ kind, userId, reason }]. */
    withheld: jsonb('withheld')
      .$type<{ kind: string; userId: string; reason: string }[]>()
      .notNull()
      .default([]),
    /** Whose mailbox and which card paid, as far as the provider said: hashed under a key of ours, to be compared only. */
    payerMark: bytea('payer_mark'),
    cardMark: bytea('card_mark'),
    paidAt: moment('paid_at').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    unique('payments_external').on(t.provider, t.mode, t.externalId),
    // Read backwards by lists, newest first: `.desc()` would put nulls last, which no ORDER BY here asks for.
    index('payments_paid').on(t.paidAt, t.id),
    index('payments_order').on(t.orderId),
    index('payments_buyer').on(t.buyerId, t.paidAt, t.id),
    index('payments_seller').on(t.sellerId, t.paidAt, t.id),
    index('payments_intent').on(t.paymentIntentId),
    index('payments_charge').on(t.chargeId),
    index('payments_card').on(t.cardMark).where(sql`${t.cardMark} is not null`),
    check('payments_base', sql`${t.baseAmount} = ${t.capturedAmount} - ${t.taxAmount}`),
    check('payments_amounts', sql`${t.taxAmount} >= 0 and ${t.baseAmount} >= 0`),
    check('payments_refunded', sql`${t.refundedAmount} between 0 and ${t.capturedAmount}`),
  ],
)

export const refundStatusEnum = pgEnum('refund_status', [
  'REQUESTED',
  'PENDING',
  'SUCCEEDED',
  'FAILED',
  'CANCELED',
])

/** One refund of a payment: asked for here first, or told by the provider. Its status only moves down this list. */
export const paymentRefunds = pgTable(
  'payment_refunds',
  {
    id: id(),
    paymentId: uuid('payment_id')
      .notNull()
      .references(() => payments.id),
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    /** The provider's name of it; null until it was sent. */
    externalId: text('external_id'),
    status: refundStatusEnum('status').notNull(),
    amount: minorUnits('amount').notNull(),
    currency: currencyCode().notNull(),
    /** Of an admin who asked for it, and why. */
    requestedById: uuid('requested_by_id').references(() => users.id),
    reason: text('reason'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    unique('payment_refunds_external').on(t.provider, t.mode, t.externalId),
    index('payment_refunds_payment').on(t.paymentId),
    check('payment_refunds_amount', sql`${t.amount} >= 0`),
    check(
      'payment_refunds_sent',
      sql`${t.externalId} is not null or ${t.status} in ('REQUESTED', 'FAILED', 'CANCELED')`,
    ),
  ],
)

export const disputeStatusEnum = pgEnum('dispute_status', ['NO_MONEY_MOVED', 'OPEN', 'WON', 'LOST'])

/** One dispute of a payment. What is over is never open again. */
export const paymentDisputes = pgTable(
  'payment_disputes',
  {
    id: id(),
    paymentId: uuid('payment_id')
      .notNull()
      .references(() => payments.id),
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    externalId: text('external_id').notNull(),
    status: disputeStatusEnum('status').notNull(),
    amount: minorUnits('amount').notNull(),
    currency: currencyCode().notNull(),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    unique('payment_disputes_external').on(t.provider, t.mode, t.externalId),
    index('payment_disputes_payment').on(t.paymentId),
    check('payment_disputes_amount', sql`${t.amount} >= 0`),
  ],
)

export const subscriptionStatusEnum = pgEnum('subscription_status', [
  'TRIALING',
  'ACTIVE',
  'PAST_DUE',
  'CANCELLED',
])

export const subscriptions = pgTable(
  'subscriptions',
  {
    id: id(),
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    externalId: text('external_id').notNull(),
    orderId: uuid('order_id')
      .notNull()
      .references(() => orders.id),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    plan: planEnum('plan').notNull(),
    status: subscriptionStatusEnum('status').notNull(),
    /** Of the platform's own plans; else it pays for a workspace, and includes its plan. */
    isPlan: boolean('is_plan').notNull().default(false),
    /** Of an add-on: how many of what. Its plan is FREE. */
    addon: addonEnum('addon'),
    quantity: integer('quantity'),
    /** The fewest days before its end of which its owner was told; null: not yet, or it goes on. */
    toldDaysLeft: integer('told_days_left'),
    /** What it costs each period; null for one made before this was kept. */
    frequency: frequencyEnum('frequency'),
    priceAmount: minorUnits('price_amount'),
    priceCurrency: currencyCode('price_currency'),
    /** The provider's customer who pays it. */
    customerRef: text('customer_ref'),
    currentPeriodEnd: moment('current_period_end'),
    /** Until when it is paid, by the provider's clock: a period that began is not yet a period paid. */
    paidUntil: moment('paid_until'),
    cancelAtPeriodEnd: boolean('cancel_at_period_end').notNull().default(false),
    /** When the provider was last asked about it by a sweep. */
    lookedAt: moment('looked_at'),
    /** False: the provider has given up charging it, and it has not ended either. */
    entitled: boolean('entitled').notNull().default(true),
    /** Of one that was cancelled: until when its plan stays, by our own clock. */
    planStaysUntil: moment('plan_stays_until'),
    /** A change that was asked of the provider: it counts as soon as the provider names its price. */
    nextPlan: planEnum('next_plan'),
    nextFrequency: frequencyEnum('next_frequency'),
    nextPriceAmount: minorUnits('next_price_amount'),
    nextPriceRef: text('next_price_ref'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    unique('subscriptions_external').on(t.provider, t.mode, t.externalId),
    index('subscriptions_organization').on(t.organizationId),
    /** Those whose end has to be told of. */
    index('subscriptions_addon_ends')
      .on(t.id)
      .where(
        sql`${t.addon} is not null and ((${t.cancelAtPeriodEnd} and ${t.status} <> 'CANCELLED') or ${t.planStaysUntil} is not null)`,
      ),
    check(
      'subscriptions_addon',
      sql`(${t.addon} is not null) = (coalesce(${t.quantity}, 0) > 0) and not (${t.isPlan} and ${t.addon} is not null)`,
    ),
    /** Whoever pays for a second one gets it back. */
    uniqueIndex('subscriptions_one_plan')
      .on(t.organizationId)
      .where(sql`${t.isPlan} and ${t.status} <> 'CANCELLED'`),
  ],
)

/** The provider's customer of a buyer, so that a second purchase finds the same one. */
export const providerCustomers = pgTable(
  'provider_customers',
  {
    provider: text('provider').notNull(),
    mode: providerModeEnum('mode').notNull(),
    /** User id, else the guest's e-mail. */
    buyerKey: text('buyer_key').notNull(),
    externalId: text('external_id').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [unique('provider_customers_buyer').on(t.provider, t.mode, t.buyerKey)],
)
