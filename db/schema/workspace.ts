import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, id, moment } from '../columns'
import { users } from './identity'
import { pictureFiles } from './picture'

type Json = Record<string, unknown>

/**
 * What a page shows, stored once per distinct content and never changed. Shared between workspaces and tenants:
 * nothing outside may learn whether a hash exists.
 */
export const pageContents = pgTable(
  'page_contents',
  {
    /** SHA-256 of the canonical JSON (members sorted, no white space, UTF-8). */
    hash: bytea('hash').primaryKey(),
    body: jsonb('body').$type<Json>().notNull(),
    /** Length of the canonical JSON in bytes. */
    bytes: integer('bytes').notNull(),
    /** Set when nothing points at it any more; removed some time later if that is still so. */
    orphanedAt: moment('orphaned_at'),
    /** The transaction that found so: whoever was under way with it then may still point at it. */
    orphanedXid: bigint('orphaned_xid', { mode: 'bigint' }),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [check('page_contents_sha256', sql`octet_length(${t.hash}) = 32`)],
)

/** The pictures a content shows: what a page shows, now or in its history, is not removed from the store. */
export const contentPictures = pgTable(
  'content_pictures',
  {
    contentHash: bytea('content_hash')
      .notNull()
      .references(() => pageContents.hash, { onDelete: 'cascade' }),
    pictureHash: bytea('picture_hash')
      .notNull()
      .references(() => pictureFiles.hash),
  },
  (t) => [
    primaryKey({ columns: [t.contentHash, t.pictureHash] }),
    index('content_pictures_picture').on(t.pictureHash),
  ],
)

export const workspaceStatusEnum = pgEnum('workspace_status', [
  'ACTIVE',
  'FROZEN',
  'ARCHIVED',
  'DELETED',
  // The rows of a release, or of a state that was sold: nobody's workspace, without members, never changed.
  'RELEASE',
])

/** What is built and sold. Its plan type is its owner's plan, so it is no column. */
export const workspaces = pgTable(
  'workspaces',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedByDefaultAsIdentity(),
    /** The id outside: 16 characters a-z0-9. A page's linking id is this and the page's number. */
    publicId: text('public_id').notNull().unique(),
    ownerId: uuid('owner_id')
      .notNull()
      .references(() => users.id),
    name: text('name').notNull(),
    slug: text('slug').notNull().unique(),
    /** slug = base, or base-no: the next free number is one index probe away. */
    slugBase: text('slug_base').notNull(),
    slugNo: integer('slug_no').notNull(),
    image: text('image'),
    description: text('description').notNull().default(''),
    settings: jsonb('settings').$type<Json>().notNull().default({}),
    status: workspaceStatusEnum('status').notNull().default('ACTIVE'),
    notForResale: boolean('not_for_resale').notNull().default(false),
    /** What it was cloned from. No foreign key: a clone must not lock its source's row. */
    sourceId: bigint('source_id', { mode: 'bigint' }),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    index('workspaces_owner').on(t.ownerId, t.createdAt),
    unique('workspaces_slug_no').on(t.slugBase, t.slugNo),
  ],
)

/** In a copy: the row's number in what it was copied from. Null: made here (of pages see `originHash`). */
const originNo = () => integer('origin_no')

export const workspaceRoleEnum = pgEnum('workspace_role', ['OWNER', 'ADMIN', 'EDITOR', 'VIEWER'])

export const workspaceMembers = pgTable(
  'workspace_members',
  {
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    role: workspaceRoleEnum('role').notNull(),
    /** What they may or may not, where it differs from their role. */
    permissions: jsonb('permissions').$type<Record<string, boolean>>().notNull().default({}),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.userId] }),
    index('workspace_members_user').on(t.userId),
    /** There is one owner. */
    uniqueIndex('workspace_members_one_owner').on(t.workspaceId).where(sql`${t.role} = 'OWNER'`),
  ],
)

export const invitationStatusEnum = pgEnum('invitation_status', ['OPEN', 'ACCEPTED', 'REJECTED', 'REVOKED'])

/** Somebody asked by mail to join, with an account or without one; also an owner asking a member to take over. */
export const workspaceInvitations = pgTable(
  'workspace_invitations',
  {
    id: id(),
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    email: text('email').notNull(),
    /** `OWNER`: the workspace itself is offered to a member. */
    role: workspaceRoleEnum('role').notNull(),
    status: invitationStatusEnum('status').notNull().default('OPEN'),
    /** SHA-256 of the token in the mail. */
    tokenHash: bytea('token_hash').notNull().unique(),
    invitedById: uuid('invited_by_id')
      .notNull()
      .references(() => users.id),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    answeredAt: moment('answered_at'),
  },
  (t) => [
    uniqueIndex('workspace_invitations_open').on(t.workspaceId, t.email).where(sql`${t.status} = 'OPEN'`),
    /** A workspace is offered to one at a time. */
    uniqueIndex('workspace_invitations_owner')
      .on(t.workspaceId)
      .where(sql`${t.status} = 'OPEN' and ${t.role} = 'OWNER'`),
    index('workspace_invitations_email').on(t.email),
    check('workspace_invitations_email_lower', sql`${t.email} = lower(${t.email})`),
  ],
)

/** Whoever has the address of one may join with its role, as often as it says. */
export const workspaceInviteLinks = pgTable(
  'workspace_invite_links',
  {
    id: id(),
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    role: workspaceRoleEnum('role').notNull(),
    tokenHash: bytea('token_hash').notNull().unique(),
    maxUses: integer('max_uses').notNull(),
    uses: integer('uses').notNull().default(0),
    createdById: uuid('created_by_id')
      .notNull()
      .references(() => users.id),
    createdAt: moment('created_at').notNull(),
    expiresAt: moment('expires_at').notNull(),
    revokedAt: moment('revoked_at'),
  },
  (t) => [
    index('workspace_invite_links_workspace').on(t.workspaceId),
    check('workspace_invite_links_uses', sql`${t.uses} between 0 and ${t.maxUses}`),
    check('workspace_invite_links_role', sql`${t.role} <> 'OWNER'`),
  ],
)

/** What each role may do by default, in the order they are shown. */
export const roleTemplates = pgTable(
  'role_templates',
  {
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    roleNo: integer('role_no').notNull(),
    name: text('name').notNull(),
    permissions: jsonb('permissions').$type<Record<string, boolean>>().notNull(),
    originNo: originNo(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.roleNo] })],
)

/** The platform's own themes, shared by reference. */
export const globalThemes = pgTable('global_themes', {
  key: text('key').primaryKey(),
  name: text('name').notNull(),
  tokens: jsonb('tokens').$type<Json>().notNull(),
})

export const themes = pgTable(
  'themes',
  {
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    themeNo: integer('theme_no').notNull(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    tokens: jsonb('tokens').$type<Json>().notNull(),
    originNo: originNo(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.themeNo] }), unique('themes_key').on(t.workspaceId, t.key)],
)

export const funnelStatusEnum = pgEnum('funnel_status', ['DRAFT', 'LIVE', 'ARCHIVED'])

export const funnels = pgTable(
  'funnels',
  {
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    funnelNo: integer('funnel_no').notNull(),
    position: integer('position').notNull(),
    name: text('name').notNull(),
    slug: text('slug').notNull(),
    status: funnelStatusEnum('status').notNull(),
    /** A custom theme of this workspace, or … */
    themeNo: integer('theme_no'),
    /** … a global one; at most one of the two. */
    globalThemeKey: text('global_theme_key').references(() => globalThemes.key),
    settings: jsonb('settings').$type<Json>().notNull(),
    /** Google Analytics, Meta Pixel and the like; never copied. */
    tracking: jsonb('tracking').$type<Record<string, string>>().notNull(),
    passwordProtected: boolean('password_protected').notNull(),
    passwordHash: text('password_hash'),
    originNo: originNo(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.funnelNo] }),
    unique('funnels_slug').on(t.workspaceId, t.slug),
    foreignKey({ columns: [t.workspaceId, t.themeNo], foreignColumns: [themes.workspaceId, themes.themeNo] }),
    check('funnels_one_theme', sql`${t.themeNo} is null or ${t.globalThemeKey} is null`),
  ],
)

export const pageTypeEnum = pgEnum('page_type', ['PAGE', 'RESULT'])

/**
 * Named by its number inside the workspace (its key is `p` and that number), so a copy keeps every key, its links
 * need no rewriting, and its linking ids are fresh without being made. Integrity of funnel and content is checked
 * once per statement by a trigger instead of once per row by foreign keys.
 */
export const pages = pgTable(
  'pages',
  {
    workspaceId: bigint('workspace_id', { mode: 'bigint' }).notNull(),
    pageNo: integer('page_no').notNull(),
    funnelNo: integer('funnel_no').notNull(),
    position: integer('position').notNull(),
    name: text('name').notNull(),
    slug: text('slug').notNull(),
    type: pageTypeEnum('type').notNull(),
    seo: jsonb('seo').$type<Json>().notNull(),
    contentHash: bytea('content_hash').notNull(),
    /** In a copy: the content this page had when it was copied. Null: made here. */
    originHash: bytea('origin_hash'),
    /** The page's number there, where it is another one than here. */
    originNo: originNo(),
    visits: bigint('visits', { mode: 'bigint' }).notNull().default(sql`0`),
    createdAt: moment('created_at').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.pageNo] }),
    unique('pages_slug').on(t.workspaceId, t.funnelNo, t.slug),
  ],
)

/** A workspace's library of pictures. Copied as rows: the files are shared by content. */
export const workspacePictures = pgTable(
  'workspace_pictures',
  {
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    pictureNo: integer('picture_no').notNull(),
    /** Empty: in none. */
    folder: text('folder').notNull(),
    name: text('name').notNull(),
    hash: bytea('hash')
      .notNull()
      .references(() => pictureFiles.hash),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.pictureNo] }), index('workspace_pictures_hash').on(t.hash)],
)

/** What a visitor filled in on a published page, for its owner. Never copied. */
export const formSubmissions = pgTable(
  'form_submissions',
  {
    id: id(),
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    pageNo: integer('page_no').notNull(),
    /** As it was called then. */
    pageName: text('page_name').notNull(),
    blockId: text('block_id').notNull(),
    formTitle: text('form_title').notNull(),
    answers: jsonb('answers').$type<{ readonly label: string; readonly value: string }[]>().notNull(),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [index('form_submissions_list').on(t.workspaceId, t.createdAt, t.id)],
)

/** Payment P (or an admin's reason) made copy C of source S for buyer B, sold by seller U. */
export const workspaceClones = pgTable(
  'workspace_clones',
  {
    id: id(),
    sourceWorkspaceId: bigint('source_workspace_id', { mode: 'bigint' }).notNull(),
    copyWorkspaceId: bigint('copy_workspace_id', { mode: 'bigint' }).notNull().unique(),
    sellerId: uuid('seller_id').notNull(),
    buyerId: uuid('buyer_id').notNull(),
    /** The payment that bought it; its foreign key is set in the guards, for payments know workspaces already. */
    paymentId: uuid('payment_id').unique(),
    /** The listing that sold it; its foreign key is set in the guards. Null: a link did, or nothing was sold. */
    listingId: uuid('listing_id'),
    reason: text('reason'),
    /** The admin, for a manual clone. */
    clonedById: uuid('cloned_by_id'),
    funnelsCloned: integer('funnels_cloned').notNull(),
    pagesCloned: integer('pages_cloned').notNull(),
    /** The release, or the state, that it is a copy of; null: older than releases. */
    releaseId: uuid('release_id'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    index('workspace_clones_source').on(t.sourceWorkspaceId),
    index('workspace_clones_buyer').on(t.buyerId, t.createdAt),
    check('workspace_clones_why', sql`${t.paymentId} is not null or ${t.reason} is not null`),
  ],
)

/** What a page showed, each time it was saved; the saves of one author within minutes are one. */
export const pageVersions = pgTable(
  'page_versions',
  {
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    pageNo: integer('page_no').notNull(),
    versionNo: integer('version_no').notNull(),
    contentHash: bytea('content_hash').notNull(),
    /** FIRST: as it was before its first edit. RESTORE, UPDATE and UNDO are never folded into. */
    kind: text('kind', { enum: ['FIRST', 'EDIT', 'RESTORE', 'UPDATE', 'UNDO'] }).notNull(),
    /** Null: not by somebody of this workspace. */
    authorId: uuid('author_id'),
    createdAt: moment('created_at').notNull(),
    /** Of the last save that was folded into it. */
    editedAt: moment('edited_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.workspaceId, t.pageNo, t.versionNo] })],
)

/**
 * A state of a workspace that does not change any more: a release its seller named, or (without a number) one that was
 * sold while there was no release. Its rows are those of a workspace of the status RELEASE. No foreign keys: a clone
 * must not lock its source's row.
 */
export const workspaceReleases = pgTable(
  'workspace_releases',
  {
    id: id(),
    workspaceId: bigint('workspace_id', { mode: 'bigint' }).notNull(),
    number: integer('number'),
    label: text('label').notNull(),
    notes: text('notes').notNull(),
    frozenId: bigint('frozen_id', { mode: 'bigint' }).notNull().unique(),
    /** Of all that a copy takes over: `workspace_fingerprint`. */
    fingerprint: bytea('fingerprint').notNull(),
    createdById: uuid('created_by_id'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [
    unique('workspace_releases_number').on(t.workspaceId, t.number),
    index('workspace_releases_fingerprint').on(t.workspaceId, t.fingerprint),
  ],
)

/** A release that the owner of a copy has taken, and what it takes to undo that. */
export const workspaceUpdates = pgTable(
  'workspace_updates',
  {
    id: id(),
    workspaceId: bigint('workspace_id', { mode: 'bigint' })
      .notNull()
      .references(() => workspaces.id, { onDelete: 'cascade' }),
    releaseId: uuid('release_id').notNull(),
    /** What the copy was of before; null: older than releases. */
    baseReleaseId: uuid('base_release_id'),
    /** What changed, before and after; null once a later one was taken. */
    changes: jsonb('changes').$type<unknown>(),
    takenById: uuid('taken_by_id').notNull(),
    takenAt: moment('taken_at').notNull(),
    undoneAt: moment('undone_at'),
  },
  (t) => [index('workspace_updates_workspace').on(t.workspaceId, t.id)],
)

/** The contents that undoing an update may need: kept while it may. */
export const workspaceUpdateContents = pgTable(
  'workspace_update_contents',
  {
    updateId: uuid('update_id')
      .notNull()
      .references(() => workspaceUpdates.id, { onDelete: 'cascade' }),
    contentHash: bytea('content_hash').notNull(),
  },
  (t) => [primaryKey({ columns: [t.updateId, t.contentHash] })],
)
