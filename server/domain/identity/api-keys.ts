import { and, desc, eq, gt, isNull, lt, or } from 'drizzle-orm'
import { apiKeys, secondFactors, users } from '../../../db/schema'
import { type Actor, type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { DomainError, invalid, notFound, refused } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { lockSelf } from './accounts'
import type { ApiKeyScope, ApiKeyView, CreateApiKeyInput } from './schemas'

const MOST = 50
const MINUTE = 60_000

/**
 * Makes a key to the API and shows it this once; only its SHA-256 is kept, and its owner is told by mail. A password
 * that is set anew ends all keys.
 * @throws DomainError 400 when it would be over already; 422 TOO_MANY_KEYS, ADMIN_SCOPE, TRACK_SCOPE, SECOND_FACTOR_NEEDED; 401 SIGN_IN_REQUIRED
 */
export const createApiKey = (
  ctx: Context,
  { name, scopes, expiresAt }: CreateApiKeyInput,
): Promise<{ key: string; apiKey: ApiKeyView }> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const isAdmin = tx.actor.kind === 'admin'
    const end = expiresAt === undefined ? null : new Date(expiresAt)
    if (end !== null && end <= tx.now())
      throw invalid([{ path: ['expiresAt'], message: 'A time in the future.' }])
    if (scopes?.includes('admin') && !isAdmin)
      throw refused('ADMIN_SCOPE', 'Only an admin’s key may administer.')
    if (scopes?.includes('track') && !isAdmin)
      throw refused('TRACK_SCOPE', 'Only an admin’s key may tell of other sites’ sign-ups.')
    if (isAdmin && scopes?.includes('admin') !== false && tx.config.requireAdmin2fa)
      await checkHasFactor(tx, userId)
    // One at a time, so that the limit holds.
    const { firstName, email } = await lockSelf(tx, userId, 'no key update')
    if ((await tx.db.$count(apiKeys, eq(apiKeys.userId, userId))) >= MOST)
      throw refused('TOO_MANY_KEYS', `There are ${MOST} keys already: revoke one that is not used.`)
    const key = `osk_${tx.outside.random(32).toString('base64url')}`
    const [row] = await tx.db
      .insert(apiKeys)
      .values({
        id: newId(tx),
        userId,
        name,
        keyHash: sha256(key),
        start: key.slice(0, 10),
        scopes: [
          ...new Set<ApiKeyScope>(scopes ?? (isAdmin ? ['read', 'write', 'admin'] : ['read', 'write'])),
        ],
        expiresAt: end,
        createdAt: tx.now(),
      })
      .returning()
    if (row === undefined) throw new Error('no key came back')
    await recordActivity(tx, {
      action: 'api_key_created',
      description: 'A key to the API was made',
      subject: { type: 'api_key', id: row.id },
      after: { name, scopes: row.scopes, expiresAt: end?.toISOString() ?? null },
    })
    await enqueueMail(tx, {
      key: `api-key:${row.id}`,
      to: email,
      template: 'api-key-created',
      data: { firstName, name, start: row.start },
    })
    return { key, apiKey: toView(row) }
  })

/** Where admins need a second factor, none of their keys is made around it. */
const checkHasFactor = async (ctx: Context, userId: string): Promise<void> => {
  const factors = await ctx.db.$count(secondFactors, eq(secondFactors.userId, userId))
  if (factors === 0)
    throw refused('SECOND_FACTOR_NEEDED', 'Set up a second factor first: a key that administers needs one.')
}

/** One's own keys, newest first. */
export const listApiKeys = async (ctx: Context): Promise<ApiKeyView[]> => {
  const rows = await ctx.db
    .select()
    .from(apiKeys)
    .where(eq(apiKeys.userId, signedIn(ctx).userId))
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
  return rows.map(toView)
}

/** Ends a key at once. @throws DomainError 404 API_KEY_NOT_FOUND, for somebody else's too. */
export const revokeApiKey = (ctx: Context, { id }: { id: string }): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const [row] = await tx.db
      .delete(apiKeys)
      .where(and(eq(apiKeys.id, id), eq(apiKeys.userId, userId)))
      .returning()
    if (row === undefined) throw notFound('API_KEY_NOT_FOUND', 'There is no such key.')
    await recordActivity(tx, {
      action: 'api_key_revoked',
      description: 'A key to the API was revoked',
      subject: { type: 'api_key', id },
      before: { name: row.name },
    })
  })

export interface KeyActor {
  readonly actor: Actor
  readonly scopes: readonly ApiKeyScope[]
}

/**
 * Who a key speaks for, with the role of this moment, and what it may do.
 * @throws DomainError 401 INVALID_API_KEY: none of ours, revoked or over.
 */
export const actorOfKey = async (ctx: Context, key: string): Promise<KeyActor> => {
  const [row] = KEY.test(key)
    ? await ctx.db
        .select({ key: apiKeys, user: users })
        .from(apiKeys)
        .innerJoin(users, eq(users.id, apiKeys.userId))
        .where(
          and(
            eq(apiKeys.keyHash, sha256(key)),
            or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, ctx.now())),
            isNull(users.closedAt),
          ),
        )
    : []
  if (row === undefined) throw new DomainError(401, 'INVALID_API_KEY', 'This key is not valid, or no longer.')
  await noteUse(ctx, row.key.id)
  const { id: userId, organizationId, email, role } = row.user
  return {
    actor: { kind: role === 'ADMIN' ? 'admin' : 'user', userId, organizationId, email },
    // Whoever is an admin no longer decides who referred whom no longer.
    scopes: row.key.scopes.filter((scope) => scope !== 'track' || role === 'ADMIN'),
  }
}

const KEY = /^osk_[A-Za-z0-9_-]{43}$/

/** At most once a minute: one write, not one per request. */
const noteUse = async (ctx: Context, id: string): Promise<void> => {
  const minuteAgo = new Date(ctx.now().getTime() - MINUTE)
  await ctx.db
    .update(apiKeys)
    .set({ lastUsedAt: ctx.now() })
    .where(and(eq(apiKeys.id, id), or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, minuteAgo))))
}

const toView = (row: typeof apiKeys.$inferSelect): ApiKeyView => ({
  id: row.id,
  name: row.name,
  start: row.start,
  scopes: row.scopes,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
})
