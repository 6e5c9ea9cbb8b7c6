import { type SQL, sql } from 'drizzle-orm'
import {
  bigint,
  check,
  customType,
  index,
  integer,
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

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' })

/** What listings are sorted into. Its rows are made by migrations. */
export const listingCategories = pgTable('listing_categories', {
  /** As it stands in addresses. */
  key: text('key').primaryKey(),
  name: text('name').notNull(),
  position: integer('position').notNull().unique(),
})

export const listingStatusEnum = pgEnum('listing_status', [
  'DRAFT',
  'SUBMITTED',
  'LIVE',
  'REJECTED',
  'PAUSED',
  'SUSPENDED',
])

/** A workspace on the public marketplace under one offer. The seller's rate is frozen here when it is made. */
export const listings = pgTable(
  'listings',
  {
    id: id(),
    /** Its address, taken from the first title and never changed. */
    slug: text('slug').notNull().unique(),
    sellerId: uuid('seller_id')
      .notNull()
      .references(() => users.id),
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id),
    status: listingStatusEnum('status').notNull().default('DRAFT'),
    title: text('title').notNull(),
    tagline: text('tagline').notNull(),
    /** Markdown. */
    description: text('description').notNull(),
    category: text('category')
      .notNull()
      .references(() => listingCategories.key),
    tags: text('tags').array().notNull(),
    /** ISO 639. */
    language: text('language').notNull(),
    /** What is new, in the seller's words. */
    versionNotes: text('version_notes').notNull(),
    planType: planEnum('plan_type').notNull(),
    offerMode: offerModeEnum('offer_mode').notNull(),
    priceAmount: minorUnits('price_amount').notNull(),
    priceCurrency: currencyCode('price_currency').notNull(),
    frequency: frequencyEnum('frequency'),
    frequencyInterval: integer('frequency_interval'),
    freeTrialPeriodInDays: integer('free_trial_period_in_days').notNull().default(0),
    commissionPercentage: numeric('commission_percentage', { precision: 5, scale: 2 }).notNull(),
    /** Why it was rejected or suspended; null in every other state. */
    statusReason: text('status_reason'),
    decidedBy: uuid('decided_by').references(() => users.id),
    decidedAt: moment('decided_at'),
    /** When it was handed in last. */
    submittedAt: moment('submitted_at'),
    /** When it first went live; null: it was never seen by anybody but its seller and admins. */
    publishedAt: moment('published_at'),
    /** Shown first at home since; null: it is not. */
    featuredAt: moment('featured_at'),
    /** Copies sold through it, refunded ones included. */
    sold: integer('sold').notNull().default(0),
    reviewCount: integer('review_count').notNull().default(0),
    /** Of the reviews that are shown: 1 to 5 each. */
    ratingSum: integer('rating_sum').notNull().default(0),
    /** The mean with five reviews of 3.5 added to it, times 1,000: a single five does not beat many good ones. */
    ratingRank: integer('rating_rank')
      .notNull()
      .generatedAlwaysAs((): SQL => sql`(rating_sum * 1000 + 17500) / (review_count + 5)`),
    /** What is searched: title before tagline and tags before description, as written and as the language's stems. */
    document: tsvector('document')
      .notNull()
      .generatedAlwaysAs((): SQL => sql`listing_document(language, title, tagline, tags, description)`),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    /** The same offer of the same workspace stands there once; one that was rejected is in nobody's way. */
    uniqueIndex('listings_offer')
      .on(
        t.workspaceId,
        t.planType,
        t.offerMode,
        t.priceAmount,
        t.priceCurrency,
        sql`coalesce(${t.frequency}, 'MONTHLY')`,
        sql`coalesce(${t.frequencyInterval}, 0)`,
        t.freeTrialPeriodInDays,
      )
      .where(sql`${t.status} <> 'REJECTED'`),
    index('listings_seller').on(t.sellerId, t.createdAt, t.id),
    index('listings_workspace').on(t.workspaceId),
    index('listings_queue').on(t.status, t.createdAt, t.id),
    // Without a list of what is still to be indexed: every search would read it through.
    index('listings_document').using('gin', t.document).with({ fastupdate: false }),
    index('listings_tags').using('gin', t.tags).with({ fastupdate: false }),
    index('listings_new').on(t.publishedAt, t.id).where(sql`${t.status} = 'LIVE'`),
    index('listings_popular').on(t.sold, t.id).where(sql`${t.status} = 'LIVE'`),
    index('listings_rated').on(t.ratingRank, t.id).where(sql`${t.status} = 'LIVE'`),
    index('listings_priced').on(t.priceCurrency, t.priceAmount, t.id).where(sql`${t.status} = 'LIVE'`),
    index('listings_category').on(t.category, t.sold, t.id).where(sql`${t.status} = 'LIVE'`),
    index('listings_featured')
      .on(t.featuredAt, t.id)
      .where(sql`${t.status} = 'LIVE' and ${t.featuredAt} is not null`),
    check('listings_price', sql`${t.priceAmount} >= 0`),
    check('listings_rate', sql`${t.commissionPercentage} between 0 and 100`),
    check('listings_period', sql`(${t.offerMode} = 'SUBSCRIPTION') = (${t.frequency} is not null)`),
    check(
      'listings_reason',
      sql`(${t.status} in ('REJECTED', 'SUSPENDED')) = (${t.statusReason} is not null)`,
    ),
    check('listings_published', sql`${t.status} not in ('LIVE', 'PAUSED') or ${t.publishedAt} is not null`),
    check('listings_counts', sql`${t.sold} >= 0 and ${t.reviewCount} >= 0`),
    check('listings_rating', sql`${t.ratingSum} between ${t.reviewCount} and 5 * ${t.reviewCount}`),
  ],
)

/**
 * The words of what was ever live, to find what a misspelt one was meant to be. A word stays when its listing goes: what is
 * proposed has to find something first.
 */
export const listingWords = pgTable(
  'listing_words',
  {
    word: text('word').primaryKey(),
    /** The word, and it with any one letter left out: two words that are one slip apart share one of these. */
    slips: text('slips')
      .array()
      .notNull()
      .generatedAlwaysAs((): SQL => sql`word_slips(word)`),
  },
  (t) => [
    index('listing_words_slips').using('gin', t.slips).with({ fastupdate: false }),
    index('listing_words_near').using('gin', t.word.op('gin_trgm_ops')).with({ fastupdate: false }),
  ],
)

/** What a buyer of a listing says of it; one each. */
export const listingReviews = pgTable(
  'listing_reviews',
  {
    id: id(),
    listingId: uuid('listing_id')
      .notNull()
      .references(() => listings.id),
    authorId: uuid('author_id')
      .notNull()
      .references(() => users.id),
    rating: integer('rating').notNull(),
    text: text('text').notNull(),
    /** The seller's answer. */
    reply: text('reply'),
    repliedAt: moment('replied_at'),
    /** Taken from view by an admin, and why; a hidden one does not count. */
    hiddenReason: text('hidden_reason'),
    hiddenBy: uuid('hidden_by').references(() => users.id),
    hiddenAt: moment('hidden_at'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    unique('listing_reviews_once').on(t.listingId, t.authorId),
    index('listing_reviews_list').on(t.listingId, t.createdAt, t.id),
    index('listing_reviews_author').on(t.authorId),
    index('listing_reviews_newest').on(t.createdAt, t.id),
    check('listing_reviews_rating', sql`${t.rating} between 1 and 5`),
    check(
      'listing_reviews_hidden',
      sql`num_nulls(${t.hiddenReason}, ${t.hiddenBy}, ${t.hiddenAt}) in (0, 3)`,
    ),
    check('listing_reviews_replied', sql`(${t.reply} is null) = (${t.repliedAt} is null)`),
  ],
)

/** Somebody finds that a review should be looked at; each person once. */
export const listingReviewReports = pgTable(
  'listing_review_reports',
  {
    reviewId: uuid('review_id')
      .notNull()
      .references(() => listingReviews.id, { onDelete: 'cascade' }),
    reporterId: uuid('reporter_id')
      .notNull()
      .references(() => users.id),
    reason: text('reason').notNull(),
    /** When an admin had looked at the review; null: it waits. */
    settledAt: moment('settled_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.reviewId, t.reporterId] }),
    index('listing_review_reports_waiting').on(t.reviewId).where(sql`${t.settledAt} is null`),
  ],
)
