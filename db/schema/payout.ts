import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  index,
  integer,
  pgEnum,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, currencyCode, id, minorUnits, moment } from '../columns'
import { users } from './identity'

export const payoutKindEnum = pgEnum('payout_kind', ['STRIPE', 'PAYPAL', 'BANK', 'MAMOPAY', 'MANUAL'])
export const withdrawalStatusEnum = pgEnum('withdrawal_status', [
  'REQUESTED',
  'APPROVED',
  'ON_HOLD',
  'PROCESSING',
  'PAID',
  'FAILED',
  'REJECTED',
  'CANCELLED',
  'RETURNED',
])

/** Where a user's money is sent. A row's details never change: new ones are a new row, and withdrawals keep theirs. */
export const payoutMethods = pgTable(
  'payout_methods',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    kind: payoutKindEnum('kind').notNull(),
    /** AES-256-GCM: nonce (12 bytes), tag (16), ciphertext; bound to this row's id. */
    sealed: bytea('sealed').notNull(),
    /** What may be shown. */
    masked: text('masked').notNull(),
    /** Until then nothing new is withdrawn to it. Null: the first one, which replaced nothing. */
    holdUntil: moment('hold_until'),
    createdAt: moment('created_at').notNull(),
    /** Null: the one on file. */
    replacedAt: moment('replaced_at'),
  },
  (t) => [
    uniqueIndex('payout_methods_current').on(t.userId).where(sql`${t.replacedAt} is null`),
    index('payout_methods_user').on(t.userId),
    check('payout_methods_sealed', sql`octet_length(${t.sealed}) > 28`),
  ],
)

/** Withdrawals that an admin took together to be paid by hand, at PayPal or a bank. */
export const payoutBatches = pgTable(
  'payout_batches',
  {
    id: id(),
    madeBy: uuid('made_by')
      .notNull()
      .references(() => users.id),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('payout_batches_time').on(t.createdAt, t.id)],
)

export const withdrawals = pgTable(
  'withdrawals',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    amount: minorUnits('amount').notNull(),
    currency: currencyCode().notNull(),
    /** What the user is charged for this way of being paid, told before they asked; it is kept of the amount. */
    fee: minorUnits('fee').notNull().default(sql`0`),
    /** What the provider charged us; null: not known or nothing. */
    providerFee: minorUnits('provider_fee'),
    status: withdrawalStatusEnum('status').notNull().default('REQUESTED'),
    /** The details it goes to: those on file when it was requested. */
    methodId: uuid('method_id')
      .notNull()
      .references(() => payoutMethods.id),
    /** Why it is held, was rejected, failed or came back. */
    reason: text('reason'),
    /** Above the limit two admins approve: the first of them. */
    firstApprovedBy: uuid('first_approved_by').references(() => users.id),
    firstApprovedAt: moment('first_approved_at'),
    approvedBy: uuid('approved_by').references(() => users.id),
    approvedAt: moment('approved_at'),
    /** Who pays it by hand took it with this batch; it is in no other. */
    batchId: uuid('batch_id').references(() => payoutBatches.id),
    /** Which provider it is sent through; null: not sent, or paid by hand. */
    provider: text('provider'),
    /** What the provider calls the transfer or payout; null: not sent, or its answer never came. */
    providerRef: text('provider_ref'),
    /** When it was first handed to the provider. */
    sentAt: moment('sent_at'),
    paidAt: moment('paid_at'),
    /** What whoever paid it calls the payment. */
    reference: text('reference'),
    /** The client's name for the attempt. */
    idempotencyKey: text('idempotency_key'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    uniqueIndex('withdrawals_open')
      .on(t.userId, t.currency)
      .where(sql`${t.status} in ('REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING')`),
    uniqueIndex('withdrawals_attempt')
      .on(t.userId, t.idempotencyKey)
      .where(sql`${t.idempotencyKey} is not null`),
    uniqueIndex('withdrawals_provider_ref')
      .on(t.provider, t.providerRef)
      .where(sql`${t.providerRef} is not null`),
    index('withdrawals_user').on(t.userId, t.createdAt, t.id),
    index('withdrawals_status').on(t.status, t.createdAt, t.id),
    index('withdrawals_batch').on(t.batchId).where(sql`${t.batchId} is not null`),
    check('withdrawals_amount', sql`${t.amount} > 0`),
    check('withdrawals_fee', sql`${t.fee} >= 0 and ${t.fee} < ${t.amount}`),
    check(
      'withdrawals_two_persons',
      sql`${t.firstApprovedBy} is null or (${t.firstApprovedBy} <> ${t.userId} and ${t.firstApprovedBy} is distinct from ${t.approvedBy})`,
    ),
    check(
      'withdrawals_sent',
      sql`${t.status} <> 'PROCESSING' or num_nonnulls(${t.provider}, ${t.batchId}) = 1`,
    ),
    check('withdrawals_currency', sql`${t.currency} ~ '^[A-Z]{3}$'`),
    check('withdrawals_not_own', sql`${t.approvedBy} is null or ${t.approvedBy} <> ${t.userId}`),
    check(
      'withdrawals_approved',
      sql`${t.status} not in ('APPROVED', 'ON_HOLD', 'PROCESSING', 'PAID', 'FAILED', 'RETURNED') or ${t.approvedBy} is not null`,
    ),
    check(
      'withdrawals_paid',
      sql`${t.status} not in ('PAID', 'RETURNED') or (${t.paidAt} is not null and ${t.reference} is not null)`,
    ),
  ],
)

/** A user's account at a provider that pays out to it (Stripe Connect). One per provider and mode. */
export const connectedAccounts = pgTable(
  'connected_accounts',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    provider: text('provider').notNull(),
    mode: text('mode').notNull(),
    externalId: text('external_id').notNull(),
    detailsSubmitted: boolean('details_submitted').notNull().default(false),
    payoutsEnabled: boolean('payouts_enabled').notNull().default(false),
    /** Of the provider's event that told this; an older one changes nothing. */
    toldAt: moment('told_at'),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    unique('connected_accounts_user').on(t.userId, t.provider, t.mode),
    unique('connected_accounts_external').on(t.provider, t.mode, t.externalId),
  ],
)

/** What a payout method needs on paper, such as a bank's confirmation. */
export const payoutDocuments = pgTable(
  'payout_documents',
  {
    id: id(),
    methodId: uuid('method_id')
      .notNull()
      .references(() => payoutMethods.id),
    name: text('name').notNull(),
    mediaType: text('media_type').notNull(),
    bytes: integer('bytes').notNull(),
    /** As `payout_methods.sealed`, bound to this row's id. */
    sealed: bytea('sealed').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('payout_documents_method').on(t.methodId)],
)

export const taxFormEnum = pgEnum('tax_form', ['W9', 'W8BEN', 'W8BENE'])

/** What the tax office asks of whom we pay. A row never changes: new details are a new row. */
export const taxProfiles = pgTable(
  'tax_profiles',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    form: taxFormEnum('form').notNull(),
    /** ISO 3166-1 alpha-2. */
    country: text('country').notNull(),
    /** Name, address and tax id: as `payout_methods.sealed`, bound to this row's id. */
    sealed: bytea('sealed').notNull(),
    /** Name and the last digits of the tax id. */
    masked: text('masked').notNull(),
    createdAt: moment('created_at').notNull(),
    /** Null: the one on file. */
    replacedAt: moment('replaced_at'),
  },
  (t) => [
    uniqueIndex('tax_profiles_current').on(t.userId).where(sql`${t.replacedAt} is null`),
    check('tax_profiles_country', sql`${t.country} ~ '^[A-Z]{2}$'`),
  ],
)
