import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  check,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { currencyCode, id, minorUnits, moment } from '../columns'
import { frequencyEnum, offerModeEnum, planEnum } from './enums'
import { users } from './identity'
import { workspaces } from './workspace'

export const linkStatusEnum = pgEnum('link_status', ['ACTIVE', 'REVOKED', 'EXPIRED', 'EXHAUSTED'])

/** Sells one workspace under one offer. Price and rate are frozen here when the link is made. */
export const affiliateLinks = pgTable(
  'affiliate_links',
  {
    id: id(),
    sellerId: uuid('seller_id')
      .notNull()
      .references(() => users.id),
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id),
    name: text('name').notNull(),
    status: linkStatusEnum('status').notNull().default('ACTIVE'),
    planType: planEnum('plan_type').notNull(),
    offerMode: offerModeEnum('offer_mode').notNull(),
    priceAmount: minorUnits('price_amount').notNull(),
    priceCurrency: currencyCode('price_currency').notNull(),
    frequency: frequencyEnum('frequency'),
    frequencyInterval: integer('frequency_interval'),
    freeTrialPeriodInDays: integer('free_trial_period_in_days').notNull().default(0),
    commissionPercentage: numeric('commission_percentage', { precision: 5, scale: 2 }).notNull(),
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull().default({}),
    expiresAt: moment('expires_at'),
    maxUses: integer('max_uses'),
    uses: integer('uses').notNull().default(0),
    createdAt: moment('created_at').notNull(),
    revokedAt: moment('revoked_at'),
  },
  (t) => [
    unique('affiliate_links_name').on(t.sellerId, t.name),
    index('affiliate_links_workspace').on(t.workspaceId),
    check('affiliate_links_price', sql`${t.priceAmount} >= 0`),
    check('affiliate_links_rate', sql`${t.commissionPercentage} between 0 and 100`),
    check('affiliate_links_period', sql`(${t.offerMode} = 'SUBSCRIPTION') = (${t.frequency} is not null)`),
    check('affiliate_links_uses', sql`${t.maxUses} is null or ${t.maxUses} >= 1`),
  ],
)

export const affiliateStatusEnum = pgEnum('affiliate_status', [
  'PENDING',
  'APPROVED',
  'REJECTED',
  'SUSPENDED',
])

/** Affiliates with terms of their own; whoever opens its invite sees them and joins under them. */
export const affiliateGroups = pgTable('affiliate_groups', {
  id: id(),
  name: text('name').notNull().unique(),
  /** Names it in an address, and is not to be guessed. */
  invite: text('invite').notNull().unique(),
  createdBy: uuid('created_by')
    .notNull()
    .references(() => users.id),
  createdAt: moment('created_at').notNull(),
  /** Nobody joins by its invite any more; its members stay. */
  closedAt: moment('closed_at'),
})

/** The terms of a group, each version added and none changed: the last one made counts. */
export const affiliateGroupTerms = pgTable(
  'affiliate_group_terms',
  {
    id: id(),
    groupId: uuid('group_id')
      .notNull()
      .references(() => affiliateGroups.id),
    ratePercentage: numeric('rate_percentage', { precision: 5, scale: 2 }).notNull(),
    /** Days after a click in which a sign-up counts. */
    windowDays: integer('window_days').notNull(),
    holdDays: integer('hold_days').notNull(),
    /** Minor units by currency, in place of the programme's; the others are the programme's. */
    minWithdrawals: jsonb('min_withdrawals').$type<Record<string, number>>().notNull(),
    reason: text('reason').notNull(),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => users.id),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('affiliate_group_terms_last').on(t.groupId, t.createdAt, t.id),
    check('affiliate_group_terms_rate', sql`${t.ratePercentage} between 0 and 100`),
    check(
      'affiliate_group_terms_days',
      sql`${t.windowDays} between 1 and 30 and ${t.holdDays} between 0 and 365`,
    ),
  ],
)

/** A user in the referral programme. */
export const affiliates = pgTable(
  'affiliates',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .unique()
      .references(() => users.id),
    /** The code links are made with now; every code ever given stands in `affiliate_codes`. */
    code: text('code').notNull().unique(),
    status: affiliateStatusEnum('status').notNull().default('PENDING'),
    /** Where to write about payments. */
    paymentEmail: text('payment_email'),
    /** The version of the programme's terms that was accepted, and when. */
    termsVersion: text('terms_version'),
    termsAcceptedAt: moment('terms_accepted_at'),
    /** Whose terms count for their new customers; null: the programme's. */
    groupId: uuid('group_id').references(() => affiliateGroups.id),
    /** Under which the leaderboard shows them; null: it does not. */
    publicName: text('public_name'),
    /** Who brought this affiliate into the programme. */
    recruiterId: uuid('recruiter_id').references((): AnyPgColumn => affiliates.id),
    /** Why it was rejected or suspended. */
    statusReason: text('status_reason'),
    statusChangedBy: uuid('status_changed_by').references(() => users.id),
    statusChangedAt: moment('status_changed_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('affiliates_list').on(t.status, t.createdAt, t.id),
    uniqueIndex('affiliates_public_name').on(sql`lower(${t.publicName})`),
    index('affiliates_group').on(t.groupId).where(sql`${t.groupId} is not null`),
    index('affiliates_recruiter').on(t.recruiterId).where(sql`${t.recruiterId} is not null`),
    check('affiliates_not_own_recruit', sql`${t.recruiterId} is distinct from ${t.id}`),
  ],
)

/** Every code an affiliate ever had: an old one goes on working, and none is given to anybody else. */
export const affiliateCodes = pgTable(
  'affiliate_codes',
  {
    /** Lower case; never one of the reserved words. */
    code: text('code').primaryKey(),
    affiliateId: uuid('affiliate_id')
      .notNull()
      .references(() => affiliates.id),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('affiliate_codes_affiliate').on(t.affiliateId),
    check('affiliate_codes_form', sql`${t.code} ~ '^[a-z0-9][a-z0-9_-]{1,62}[a-z0-9]$'`),
  ],
)

export const couponScopeEnum = pgEnum('coupon_scope', ['ALL', 'PLANS', 'WORKSPACES'])

/**
 * A code that lowers a price and says who sent its buyer. Its terms never change: it is ended, and another one made.
 * The code itself stands among the affiliate's, so that nobody else ever has it.
 */
export const coupons = pgTable(
  'coupons',
  {
    id: id(),
    code: text('code')
      .notNull()
      .unique()
      .references(() => affiliateCodes.code),
    affiliateId: uuid('affiliate_id')
      .notNull()
      .references(() => affiliates.id),
    /** Either per cent of the price, or an amount of one currency. */
    percentage: numeric('percentage', { precision: 5, scale: 2 }),
    amount: minorUnits('amount'),
    currency: currencyCode('currency'),
    /** Of a subscription: 0 for the first payment, so many months from it on, null for all of them. */
    months: integer('months'),
    scope: couponScopeEnum('scope').notNull(),
    expiresAt: moment('expires_at'),
    maxUses: integer('max_uses'),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => users.id),
    createdAt: moment('created_at').notNull(),
    endedAt: moment('ended_at'),
  },
  (t) => [
    index('coupons_affiliate').on(t.affiliateId, t.createdAt, t.id),
    index('coupons_list').on(t.createdAt, t.id),
    check(
      'coupons_discount',
      sql`(${t.percentage} > 0 and ${t.percentage} <= 100 and num_nonnulls(${t.amount}, ${t.currency}) = 0)
        or (${t.percentage} is null and ${t.amount} > 0 and ${t.currency} is not null)`,
    ),
    check('coupons_months', sql`${t.months} between 0 and 120`),
    check('coupons_uses', sql`${t.maxUses} >= 1`),
  ],
)

/** Where a click came from and where it led; empty where nothing was said. */
export interface ClickOrigin {
  readonly source: string
  readonly medium: string
  readonly campaign: string
  readonly landingPage: string
}

/** Which affiliate referred a customer, under which terms. Fixed when it is made. */
export const attributions = pgTable(
  'attributions',
  {
    customerId: uuid('customer_id')
      .primaryKey()
      .references(() => users.id),
    affiliateId: uuid('affiliate_id')
      .notNull()
      .references(() => affiliates.id),
    ratePercentage: numeric('rate_percentage', { precision: 5, scale: 2 }).notNull(),
    /** Days from payment to credit. */
    holdDays: integer('hold_days').notNull().default(0),
    /** Until when payments earn; null: for life. */
    earnsUntil: moment('earns_until'),
    /** The click that counted: when, by which code, from where; null where nothing is known of it. */
    clickedAt: moment('clicked_at'),
    code: text('code'),
    origin: jsonb('origin').$type<ClickOrigin>(),
    /** The code they entered at their first purchase; null: it was a click. */
    couponId: uuid('coupon_id').references(() => coupons.id),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('attributions_affiliate').on(t.affiliateId, t.createdAt)],
)

/** When an admin gave a customer to another affiliate. Written once. */
export const attributionMoves = pgTable(
  'attribution_moves',
  {
    id: id(),
    customerId: uuid('customer_id')
      .notNull()
      .references(() => attributions.customerId),
    fromAffiliateId: uuid('from_affiliate_id')
      .notNull()
      .references(() => affiliates.id),
    movedAt: moment('moved_at').notNull(),
  },
  (t) => [index('attribution_moves_customer').on(t.customerId, t.movedAt)],
)

export const commissionKindEnum = pgEnum('commission_kind', ['SALE', 'REFERRAL', 'OVERRIDE', 'BONUS'])
export const commissionStatusEnum = pgEnum('commission_status', [
  'PENDING',
  'CREDITED',
  'PARTIALLY_REVERSED',
  'REVERSED',
])

/** Something that speaks for an affiliate having referred themselves, without proving it. */
export interface Suspicion {
  readonly rule:
    | 'PAYER_EMAIL'
    | 'PAYMENTS_EMAIL'
    | 'SAME_CARD'
    | 'SELLERS_WORKSPACE'
    | 'SHARED_WORKSPACE'
    | 'EARLIER_PAYMENT'
    | 'REFERRAL_HELD'
  /** What it was found in: a payment or a workspace. */
  readonly found?: string
}

export const commissionVerdictEnum = pgEnum('commission_verdict', ['RELEASED', 'REFUSED'])

/** What one payment earns one person. */
export const commissions = pgTable(
  'commissions',
  {
    id: id(),
    /** Null for a bonus only; its foreign key is set in the guards. */
    paymentId: uuid('payment_id'),
    kind: commissionKindEnum('kind').notNull(),
    status: commissionStatusEnum('status').notNull(),
    beneficiaryId: uuid('beneficiary_id')
      .notNull()
      .references(() => users.id),
    currency: currencyCode().notNull(),
    baseAmount: minorUnits('base_amount').notNull(),
    ratePercentage: numeric('rate_percentage', { precision: 5, scale: 2 }).notNull(),
    amount: minorUnits('amount').notNull(),
    reversedAmount: minorUnits('reversed_amount').notNull().default(sql`0`),
    /** What an open dispute holds back: not credited meanwhile, or, if it was, back in pending. */
    heldAmount: minorUnits('held_amount').notNull().default(sql`0`),
    /** How it was computed: payment, tax removed, rate and where it came from, rounding, hold. */
    explanation: jsonb('explanation').$type<Record<string, unknown>>().notNull(),
    holdUntil: moment('hold_until').notNull(),
    creditedAt: moment('credited_at'),
    /** Why it is looked at by an admin before it is credited; null: nothing speaks against it. */
    suspicion: jsonb('suspicion').$type<readonly Suspicion[]>(),
    /** What the admin made of it; a share that was refused is taken back whole, for good. */
    verdict: commissionVerdictEnum('verdict'),
    verdictReason: text('verdict_reason'),
    judgedBy: uuid('judged_by').references(() => users.id),
    judgedAt: moment('judged_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    /** A person earns at most once per payment. */
    unique('commissions_once').on(t.paymentId, t.beneficiaryId),
    index('commissions_due').on(t.holdUntil).where(sql`${t.creditedAt} is null`),
    index('commissions_beneficiary').on(t.beneficiaryId, t.createdAt, t.id),
    index('commissions_suspected').on(t.createdAt, t.id).where(sql`${t.suspicion} is not null`),
    check(
      'commissions_judged',
      sql`num_nulls(${t.verdict}, ${t.verdictReason}, ${t.judgedBy}, ${t.judgedAt}) in (0, 4) and (${t.suspicion} is not null or ${t.verdict} is null)`,
    ),
    check(
      'commissions_unjudged',
      sql`${t.suspicion} is null or ${t.verdict} is not distinct from 'RELEASED' or ${t.creditedAt} is null`,
    ),
    check(
      'commissions_refused',
      sql`${t.verdict} is distinct from 'REFUSED' or ${t.reversedAmount} = ${t.amount}`,
    ),
    check('commissions_amount', sql`${t.amount} > 0 and ${t.amount} <= ${t.baseAmount}`),
    check('commissions_reversed', sql`${t.reversedAmount} between 0 and ${t.amount}`),
    check('commissions_held', sql`${t.heldAmount} between 0 and ${t.amount} - ${t.reversedAmount}`),
    check('commissions_source', sql`(${t.kind} = 'BONUS') = (${t.paymentId} is null)`),
  ],
)

/** The bonuses an affiliate has reached: each once and for good, by its name. */
export const affiliateBonuses = pgTable(
  'affiliate_bonuses',
  {
    affiliateId: uuid('affiliate_id')
      .notNull()
      .references(() => affiliates.id),
    name: text('name').notNull(),
    commissionId: uuid('commission_id')
      .notNull()
      .unique()
      .references(() => commissions.id),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.affiliateId, t.name] })],
)

export const attributionReviewStatusEnum = pgEnum('attribution_review_status', ['OPEN', 'ANSWERED'])

/** An affiliate's question about who referred a customer. */
export const attributionReviews = pgTable(
  'attribution_reviews',
  {
    id: id(),
    affiliateId: uuid('affiliate_id')
      .notNull()
      .references(() => affiliates.id),
    /** Null: a customer they miss. */
    customerId: uuid('customer_id').references(() => users.id),
    message: text('message').notNull(),
    status: attributionReviewStatusEnum('status').notNull().default('OPEN'),
    answer: text('answer'),
    answeredBy: uuid('answered_by').references(() => users.id),
    answeredAt: moment('answered_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('attribution_reviews_affiliate').on(t.affiliateId, t.createdAt, t.id),
    index('attribution_reviews_list').on(t.status, t.createdAt, t.id),
    check('attribution_reviews_answered', sql`(${t.status} = 'ANSWERED') = (${t.answer} is not null)`),
  ],
)

/** Something affiliates may use to recommend the place, published by an admin. */
export const affiliateMaterials = pgTable(
  'affiliate_materials',
  {
    id: id(),
    title: text('title').notNull(),
    /** `{link}` stands for the affiliate's own. */
    body: text('body').notNull(),
    /** Where the link leads, and a picture: paths of this site. */
    linkPath: text('link_path').notNull(),
    imagePath: text('image_path'),
    createdBy: uuid('created_by')
      .notNull()
      .references(() => users.id),
    createdAt: moment('created_at').notNull(),
    withdrawnAt: moment('withdrawn_at'),
  },
  (t) => [index('affiliate_materials_list').on(t.createdAt, t.id)],
)
