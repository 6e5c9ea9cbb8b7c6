import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, currencyCode, id, minorUnits, moment } from '../columns'
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
    /** SHA-256 of the columns above: whose account it is, and which. */
    identity: bytea('identity').notNull(),
    balance: minorUnits('balance'),
    version: bigint('version', { mode: 'bigint' }),
    /** The hash of the newest entry; before there is one, the account's identity. */
    head: bytea('head'),
    /** Of an available account: what was ever earned, less what was taken back; else null. Moves with the balance. */
    earned: minorUnits('earned'),
    /** A statement was issued up to here: whatever is posted later is dated here or later. */
    closedUntil: moment('closed_until'),
  },
  (t) => [
    unique('ledger_accounts_identity').on(t.kind, t.userId, t.name, t.currency).nullsNotDistinct(),
    index('ledger_accounts_user').on(t.userId),
    check(
      'ledger_accounts_owner',
      sql`(${t.kind} in ('available', 'pending', 'withdrawing')) = (${t.userId} is not null)`,
    ),
    check('ledger_accounts_running', sql`(${t.userId} is null) = (${t.balance} is null)`),
    check('ledger_accounts_earned', sql`(${t.kind} = 'available') = (${t.earned} is not null)`),
    check('ledger_accounts_closed', sql`${t.kind} = 'available' or ${t.closedUntil} is null`),
    check('ledger_accounts_currency', sql`${t.currency} ~ '^[A-Z]{3}$'`),
  ],
)

/** One movement of money: two or more entries in one currency that sum to zero. Written once. */
export const ledgerTransfers = pgTable(
  'ledger_transfers',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    idempotencyKey: text('idempotency_key').notNull().unique(),
    /** The entries as bytes (`ledger_entry_bytes`): what the same key must ask for again, and what the rows must come to. */
    fingerprint: bytea('fingerprint').notNull(),
    /** SHA-256 over every column of this row, and so over what its entries move. */
    hash: bytea('hash').notNull(),
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
    /**
     * On a user's account SHA-256 of the hash before it, the transfer's and its own columns: a link of that account's chain.
     * On the platform's its id and the transfer's hash.
     */
    hash: bytea('hash').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    uniqueIndex('ledger_entries_seq').on(t.accountId, t.seq).where(sql`${t.seq} is not null`),
    index('ledger_entries_transfer').on(t.transferId),
    /** The statement: the newest of one account and type, from any moment on. */
    index('ledger_entries_line')
      .on(t.accountId, t.lineType, t.createdAt, t.seq)
      .where(sql`${t.lineType} is not null`),
    check('ledger_entries_amount', sql`${t.amount} <> 0`),
    check('ledger_entries_running', sql`${t.balanceAfter} = ${t.balanceBefore} + ${t.amount}`),
    /** The rule that stops an overdraft. A refund or an adjustment may go below zero; a withdrawal never. */
    check(
      'ledger_entries_withdrawal_covered',
      sql`${t.lineType} is distinct from 'WITHDRAWAL' or ${t.amount} > 0 or ${t.balanceAfter} >= 0`,
    ),
  ],
)

/**
 * A stretch of the ledger nothing can be added to any more, with a digest that continues the one before it. A row
 * altered, added or removed within it no longer fits.
 */
export const ledgerSeals = pgTable(
  'ledger_seals',
  {
    no: bigint('no', { mode: 'bigint' }).primaryKey(),
    /** The transfers after `fromTransferId`, up to and with `uptoTransferId`. */
    fromTransferId: bigint('from_transfer_id', { mode: 'bigint' }).notNull(),
    uptoTransferId: bigint('upto_transfer_id', { mode: 'bigint' }).notNull(),
    transfers: bigint('transfers', { mode: 'bigint' }).notNull(),
    entries: bigint('entries', { mode: 'bigint' }).notNull(),
    hash: bytea('hash').notNull(),
    sealedAt: moment('sealed_at').notNull(),
  },
  (t) => [
    unique('ledger_seals_from').on(t.fromTransferId),
    check('ledger_seals_range', sql`${t.uptoTransferId} > ${t.fromTransferId}`),
  ],
)

/** What each of the platform's accounts held when a stretch was sealed: their balance is this and what came since. */
export const ledgerSnapshots = pgTable(
  'ledger_snapshots',
  {
    sealNo: bigint('seal_no', { mode: 'bigint' })
      .notNull()
      .references(() => ledgerSeals.no),
    accountId: bigint('account_id', { mode: 'bigint' })
      .notNull()
      .references(() => ledgerAccounts.id),
    balance: minorUnits('balance').notNull(),
    entries: bigint('entries', { mode: 'bigint' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.sealNo, t.accountId] })],
)

/** How far the next seal may reach: proposed in one run, sealed in a later one, when all that ran then has ended. */
export const ledgerSealProposal = pgTable(
  'ledger_seal_proposal',
  {
    one: boolean('one').primaryKey().default(true),
    uptoTransferId: bigint('upto_transfer_id', { mode: 'bigint' }).notNull(),
    /** The first transaction id not yet given out when it was proposed. */
    xmax: bigint('xmax_then', { mode: 'bigint' }).notNull(),
    proposedAt: moment('proposed_at').notNull(),
  },
  (t) => [check('ledger_seal_proposal_one', sql`${t.one}`)],
)

export const proofScopeEnum = pgEnum('proof_scope', ['INCREMENTAL', 'FULL'])

/** A run of the proof and what it found. */
export const ledgerProofs = pgTable(
  'ledger_proofs',
  {
    id: id(),
    scope: proofScopeEnum('scope').notNull(),
    ok: boolean('ok').notNull(),
    /** How much was looked at: `{ transfers, entries, accounts, invariants }`. */
    checked: jsonb('checked').$type<Record<string, number>>().notNull(),
    /** What does not hold; the first of many. */
    violations: jsonb('violations').$type<readonly Record<string, unknown>[]>().notNull(),
    /** Up to this seal all was looked at; the next incremental run goes on from there. */
    sealNo: bigint('seal_no', { mode: 'bigint' }),
    startedAt: moment('started_at').notNull(),
    finishedAt: moment('finished_at').notNull(),
  },
  (t) => [index('ledger_proofs_time').on(t.startedAt)],
)

/** A month's statement as it was first given out, and so for good. */
export const issuedStatements = pgTable(
  'issued_statements',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    currency: currencyCode().notNull(),
    /** Half-open, in instants: the month in the zone it was asked for. */
    periodFrom: moment('period_from').notNull(),
    periodTo: moment('period_to').notNull(),
    timezone: text('timezone').notNull(),
    /** What was signed, as it was signed. */
    document: text('document').notNull(),
    keyId: text('key_id').notNull(),
    signature: text('signature').notNull(),
    /** The key it verifies with, as a JWK: another secret makes another key. Null: issued before they were kept. */
    publicKey: jsonb('public_key').$type<Readonly<Record<string, string>>>(),
    issuedAt: moment('issued_at').notNull(),
  },
  (t) => [
    unique('issued_statements_period').on(t.userId, t.currency, t.periodFrom, t.periodTo),
    check('issued_statements_range', sql`${t.periodTo} > ${t.periodFrom}`),
    index('issued_statements_keys').on(t.keyId).where(sql`${t.publicKey} is not null`),
  ],
)
