import { sql } from 'drizzle-orm'
import { bigint, check, index, pgEnum, pgTable, text, unique, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytea, currencyCode, minorUnits, moment } from '../columns'
import { users } from './identity'

export const accountKindEnum = pgEnum('account_kind', [
  'available',
  'pending',
  'withdrawing',
  'provider',
  'revenue',
  'fees',
  'tax',
  'paid_out',
  'adjustments',
])
export const lineTypeEnum = pgEnum('balance_transaction_type', [
  'COMMISSION',
  'WITHDRAWAL',
  'ADJUSTMENT',
  'REFUND',
])

/**
 * A user's accounts carry a running balance and the head of a hash chain, changed only by posting an entry.
 * The platform's own are posted to by every sale and carry none: their balance is a sum.
 */
export const ledgerAccounts = pgTable(
  'ledger_accounts',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: accountKindEnum('kind').notNull(),
    /** Null: the platform's. */
    userId: uuid('user_id').references(() => users.id),
    /** Which one of its kind: the provider's name, else empty. */
    name: text('name').notNull().default(''),
    currency: currencyCode().notNull(),
    balance: minorUnits('balance'),
    version: bigint('version', { mode: 'bigint' }),
    head: bytea('head'),
  },
  (t) => [
    unique('ledger_accounts_identity').on(t.kind, t.userId, t.name, t.currency).nullsNotDistinct(),
    index('ledger_accounts_user').on(t.userId),
    check(
      'ledger_accounts_owner',
      sql`(${t.kind} in ('available', 'pending', 'withdrawing')) = (${t.userId} is not null)`,
    ),
    check('ledger_accounts_running', sql`(${t.userId} is null) = (${t.balance} is null)`),
    check('ledger_accounts_currency', sql`${t.currency} ~ '^[A-Z]{3}$'`),
  ],
)

/** One movement of money: two or more entries in one currency that sum to zero. Written once. */
export const ledgerTransfers = pgTable(
  'ledger_transfers',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    idempotencyKey: text('idempotency_key').notNull().unique(),
    /** SHA-256 of what was asked for: the same key with other contents is an error. */
    fingerprint: bytea('fingerprint').notNull(),
    kind: text('kind').notNull(),
    currency: currencyCode().notNull(),
    referenceType: text('reference_type').notNull(),
    referenceId: text('reference_id').notNull(),
    notes: text('notes').notNull().default(''),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('ledger_transfers_reference').on(t.referenceType, t.referenceId)],
)

export const ledgerEntries = pgTable(
  'ledger_entries',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    transferId: bigint('transfer_id', { mode: 'bigint' })
      .notNull()
      .references(() => ledgerTransfers.id),
    accountId: bigint('account_id', { mode: 'bigint' })
      .notNull()
      .references(() => ledgerAccounts.id),
    currency: currencyCode().notNull(),
    amount: minorUnits('amount').notNull(),
    /** On a user's available account only: how the statement shows it. */
    lineType: lineTypeEnum('line_type'),
    balanceBefore: minorUnits('balance_before'),
    balanceAfter: minorUnits('balance_after'),
    /** Counts the account's entries from 1, without a gap. */
    seq: bigint('seq', { mode: 'bigint' }),
    /** Extends the account's chain: SHA-256 over the hash before it and every column of entry and transfer. */
    hash: bytea('hash'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    uniqueIndex('ledger_entries_seq').on(t.accountId, t.seq).where(sql`${t.seq} is not null`),
    index('ledger_entries_transfer').on(t.transferId),
    check('ledger_entries_amount', sql`${t.amount} <> 0`),
    check('ledger_entries_running', sql`${t.balanceAfter} = ${t.balanceBefore} + ${t.amount}`),
    /** The rule that stops an overdraft. A refund or an adjustment may go below zero; a withdrawal never. */
    check(
      'ledger_entries_withdrawal_covered',
      sql`${t.lineType} is distinct from 'WITHDRAWAL' or ${t.amount} > 0 or ${t.balanceAfter} >= 0`,
    ),
  ],
)
