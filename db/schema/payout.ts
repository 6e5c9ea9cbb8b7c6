import { sql } from 'drizzle-orm'
import { check, index, pgEnum, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
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

export const withdrawals = pgTable(
  'withdrawals',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    amount: minorUnits('amount').notNull(),
    currency: currencyCode().notNull(),
    /** What the payout cost; null: not known or nothing. */
    fee: minorUnits('fee'),
    status: withdrawalStatusEnum('status').notNull().default('REQUESTED'),
    /** The details it goes to: those on file when it was requested. */
    methodId: uuid('method_id')
      .notNull()
      .references(() => payoutMethods.id),
    /** Why it is held, was rejected, failed or came back. */
    reason: text('reason'),
    approvedBy: uuid('approved_by').references(() => users.id),
    approvedAt: moment('approved_at'),
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
    index('withdrawals_user').on(t.userId, t.createdAt, t.id),
    index('withdrawals_status').on(t.status, t.createdAt, t.id),
    check('withdrawals_amount', sql`${t.amount} > 0`),
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
