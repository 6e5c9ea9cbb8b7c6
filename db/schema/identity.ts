import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, id, moment } from '../columns'
import { planEnum, userRoleEnum } from './enums'

/** The billing account of a person or company. */
export const organizations = pgTable('organizations', {
  id: id(),
  name: text('name').notNull(),
  /** Set by an admin; neither a trial's end nor a missing subscription takes it back. */
  grantedPlan: planEnum('granted_plan'),
  /** What its subscriptions pay for today; kept by the payment domain. */
  paidPlan: planEnum('paid_plan').notNull().default('FREE'),
  /** Null: no trial (an account made by a purchase). */
  trialEndsAt: moment('trial_ends_at'),
  createdAt: moment('created_at').notNull(),
})

export const users = pgTable(
  'users',
  {
    id: id(),
    organizationId: uuid('organization_id')
      .notNull()
      .references(() => organizations.id),
    /** Lower case: one account per address. */
    email: text('email').notNull().unique(),
    firstName: text('first_name').notNull(),
    lastName: text('last_name').notNull(),
    role: userRoleEnum('role').notNull().default('USER'),
    /** When an admin gave the role; null: no admin, or one since the account was made. */
    adminSince: moment('admin_since'),
    /** argon2id, PHC format. Null: the account was made by a purchase and has no password yet. */
    passwordHash: text('password_hash'),
    emailVerifiedAt: moment('email_verified_at'),
    /** The seller's share of each sale, in per cent. */
    commissionPercentage: numeric('commission_percentage', { precision: 5, scale: 2 }).notNull(),
    /** Set: the account was closed. Name and address are a pseudonym then, and nobody signs in to it any more. */
    closedAt: moment('closed_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    check('users_closed', sql`${t.closedAt} is null or ${t.passwordHash} is null`),
    index('users_organization').on(t.organizationId),
    check('users_email_lower', sql`${t.email} = lower(${t.email})`),
    check('users_password_argon2id', sql`${t.passwordHash} is null or ${t.passwordHash} like '$argon2id$%'`),
    check('users_commission_range', sql`${t.commissionPercentage} between 0 and 100`),
  ],
)

/** Holds only the SHA-256 of a session's id: a dump of this table signs nobody in. */
export const sessions = pgTable(
  'sessions',
  {
    idHash: text('id_hash').primaryKey(),
    /** What the list of sessions calls it by: opens nothing. */
    publicId: uuid('public_id').notNull().defaultRandom().unique(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** In words, such as “Firefox on Linux”; null: not known, as a program's. No address is kept. */
    device: text('device'),
    /** To ten minutes. */
    lastUsedAt: moment('last_used_at'),
    /** Slides with use. */
    expiresAt: moment('expires_at').notNull(),
    /** Does not slide: the session ends here whatever happens. */
    absoluteExpiresAt: moment('absolute_expires_at').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('sessions_user').on(t.userId),
    check('sessions_id_hashed', sql`${t.idHash} ~ '^[0-9a-f]{64}$'`),
  ],
)

export const tokenPurposeEnum = pgEnum('token_purpose', ['VERIFY_EMAIL', 'RESET_PASSWORD', 'OPEN_PURCHASE'])

/**
 * Single-use links sent by mail. The token itself is derived from the row's id and the application's secret,
 * and only its SHA-256 is kept, so neither this table nor the outbox contains anything that opens an account.
 */
export const authTokens = pgTable(
  'auth_tokens',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    purpose: tokenPurposeEnum('purpose').notNull(),
    tokenHash: bytea('token_hash').notNull().unique(),
    /** The address it was sent to: a change of e-mail ends it. */
    email: text('email').notNull(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
    /** A newer token of the same purpose took its place. */
    replaced: boolean('replaced').notNull().default(false),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('auth_tokens_user').on(t.userId, t.purpose)],
)

/** What a key may be used for: to read, to change, and for an admin's, to administer, or to tell of other sites' sign-ups. */
export const apiKeyScopeEnum = pgEnum('api_key_scope', ['read', 'write', 'admin', 'track'])

/** A key to the API, in place of a session. Only its SHA-256 is kept. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    keyHash: bytea('key_hash').notNull().unique(),
    /** The first characters, to tell keys apart. */
    start: text('start').notNull(),
    scopes: apiKeyScopeEnum('scopes').array().notNull(),
    /** Null: until it is revoked. */
    expiresAt: moment('expires_at'),
    /** To the minute. */
    lastUsedAt: moment('last_used_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('api_keys_user').on(t.userId, t.createdAt, t.id)],
)

/**
 * A second factor of signing in: codes of an authenticator app (TOTP, RFC 6238). Its secret is sealed under the
 * application's, so this table alone makes no code.
 */
export const secondFactors = pgTable(
  'second_factors',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .unique()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** AES-256-GCM, bound to this row's id. */
    sealed: bytea('sealed').notNull(),
    /** The time step (30 s since 1970) of the last code that was accepted: none of it or before is accepted again. */
    lastStep: bigint('last_step', { mode: 'number' }).notNull(),
    /** Wrong codes since `wrongSince`, of whatever address. */
    wrongCodes: integer('wrong_codes').notNull().default(0),
    wrongSince: moment('wrong_since'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [check('second_factors_sealed', sql`octet_length(${t.sealed}) > 28`)],
)

/** Codes for when the authenticator is lost. Each is gone with its use; only a keyed hash is kept. */
export const recoveryCodes = pgTable(
  'recovery_codes',
  {
    codeHash: bytea('code_hash').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('recovery_codes_user').on(t.userId)],
)

/** The kinds of devices somebody has signed in from, so that a new one is told to them. */
export const knownDevices = pgTable(
  'known_devices',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    /** As in `sessions.device`. */
    device: text('device').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.device] })],
)

/**
 * A change of e-mail address that waits until both addresses have confirmed it. The tokens in the two mails are derived
 * from the row's id and the side, and only their SHA-256 is kept.
 */
export const emailChanges = pgTable(
  'email_changes',
  {
    id: id(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    oldEmail: text('old_email').notNull(),
    newEmail: text('new_email').notNull(),
    oldTokenHash: bytea('old_token_hash').notNull().unique(),
    newTokenHash: bytea('new_token_hash').notNull().unique(),
    oldConfirmedAt: moment('old_confirmed_at'),
    newConfirmedAt: moment('new_confirmed_at'),
    /** Done, stopped by the old address, or replaced by a newer one: nothing can be confirmed any more. */
    endedAt: moment('ended_at'),
    expiresAt: moment('expires_at').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('email_changes_user').on(t.userId)],
)

/** Names and addresses somebody had before: what is written once may hold them, and they are erased there with the account. */
export const formerNames = pgTable(
  'former_names',
  {
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<'name' | 'organization' | 'email'>().notNull(),
    word: text('word').notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.userId, t.kind, t.word] })],
)
