import { sql } from 'drizzle-orm'
import { boolean, check, index, numeric, pgEnum, pgTable, text, uuid } from 'drizzle-orm/pg-core'
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
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
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

/** What a key may be used for: to read, to change, and for an admin's, to administer. */
export const apiKeyScopeEnum = pgEnum('api_key_scope', ['read', 'write', 'admin'])

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
