import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog, apiKeys, authTokens, mails, users } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { closedAddress } from '../../kit/closed-accounts'
import { createCaller } from '../../routers'
import { toFailure } from '../../trpc'
import {
  actorOfKey,
  closeUser,
  createApiKey,
  listApiKeys,
  mailedLinkToken,
  requestPasswordReset,
  resetPassword,
  revokeApiKey,
  userToClose,
} from '.'
import { CreateApiKeyInput } from './schemas'

const database = useDatabase()
const given = async (role: 'USER' | 'ADMIN' = 'USER') => {
  const ctx = testContext(database.db)
  const user = await makeUser(ctx, { role })
  const as = ctx.as(user.actor)
  const make = (more: Record<string, unknown> = {}) =>
    createApiKey(as, CreateApiKeyInput.parse({ name: 'Import', ...more }))
  return { ctx, user, as, make }
}
const REFUSED = { status: 401, code: 'INVALID_API_KEY' }

describe('an API key', () => {
  it('is shown once, kept as a hash, and speaks for its owner', async () => {
    const { ctx, user, as, make } = await given()
    const { key, apiKey } = await make()
    expect(key).toMatch(/^osk_[A-Za-z0-9_-]{43}$/)
    expect(apiKey).toMatchObject({
      name: 'Import',
      start: key.slice(0, 10),
      scopes: ['read', 'write'],
      lastUsedAt: null,
    })
    const rows = await database.db.select().from(apiKeys).where(eq(apiKeys.userId, user.id))
    expect(
      JSON.stringify(rows.map((row) => ({ ...row, keyHash: row.keyHash.toString('latin1') }))),
    ).not.toContain(key.slice(10))
    expect(await actorOfKey(ctx, key)).toEqual({
      actor: { kind: 'user', userId: user.id, organizationId: user.organizationId, email: user.email },
      scopes: ['read', 'write'],
    })
    expect(await listApiKeys(as)).toMatchObject([{ id: apiKey.id, lastUsedAt: ctx.now().toISOString() }])
    const log = await database.db.select().from(activityLog).where(eq(activityLog.userId, user.id))
    expect(JSON.stringify(log)).not.toContain(key.slice(10))
  })

  it.each(['', 'osk_', `osk_${'A'.repeat(43)}`, `osk_${'A'.repeat(5000)}`, 'osk_\u0000', "' or true --"])(
    'that is none of ours, such as %j, is refused',
    async (key) => {
      await expect(actorOfKey(testContext(database.db), key)).rejects.toMatchObject(REFUSED)
    },
  )

  it('ends by its time, by being revoked, and with its owner’s account', async () => {
    const { ctx, user, as, make } = await given()
    const ending = await make({ expiresAt: new Date(ctx.now().getTime() + 1_000).toISOString() })
    const revoked = await make()
    const closed = await make()
    ctx.clock.advance(999)
    await expect(actorOfKey(ctx, ending.key)).resolves.toBeDefined()
    ctx.clock.advance(1)
    await expect(actorOfKey(ctx, ending.key)).rejects.toMatchObject(REFUSED)
    await revokeApiKey(as, { id: revoked.apiKey.id })
    await expect(actorOfKey(ctx, revoked.key)).rejects.toMatchObject(REFUSED)
    await expect(revokeApiKey(as, { id: revoked.apiKey.id })).rejects.toMatchObject({ status: 404 })
    const row = await userToClose(ctx, user.id)
    if (row !== null) await closeUser(ctx, row, closedAddress('00'))
    await expect(actorOfKey(ctx, closed.key)).rejects.toMatchObject(REFUSED)
  })

  it('ends with a password that is set anew, and its owner is told of each new one', async () => {
    const { ctx, user, make } = await given()
    const { key, apiKey } = await make()
    expect(await database.db.$count(mails, eq(mails.key, `api-key:${apiKey.id}`))).toBe(1)
    await requestPasswordReset(ctx, { email: user.email })
    const [token] = await database.db.select().from(authTokens).where(eq(authTokens.userId, user.id))
    await resetPassword(ctx, {
      token: mailedLinkToken(ctx, token?.id ?? ''),
      password: 'lantern-orbit-meadow-42',
    })
    await expect(actorOfKey(ctx, key)).rejects.toMatchObject(REFUSED)
  })

  it('has the role of its owner at the moment, and administers only if it was made for that', async () => {
    const { ctx, user, make } = await given('ADMIN')
    const { key } = await make({ scopes: ['read'] })
    expect((await actorOfKey(ctx, key)).actor.kind).toBe('admin')
    expect((await actorOfKey(ctx, (await make()).key)).scopes).toEqual(['read', 'write', 'admin'])
    await database.db.update(users).set({ role: 'USER' }).where(eq(users.id, user.id))
    expect((await actorOfKey(ctx, key)).actor.kind).toBe('user')
    const other = await given()
    await expect(other.make({ scopes: ['admin'] })).rejects.toMatchObject({
      status: 422,
      code: 'ADMIN_SCOPE',
    })
    await expect(other.make({ expiresAt: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({ status: 400 })
  })

  it('is nobody else’s to revoke, and there are no more than fifty, made at once too', async () => {
    const [mine, other] = [await given(), await given()]
    const { apiKey } = await mine.make()
    await expect(revokeApiKey(other.as, { id: apiKey.id })).rejects.toMatchObject({ status: 404 })
    const many = await Promise.allSettled(Array.from({ length: 55 }, () => mine.make()))
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(49)
    expect(await listApiKeys(mine.as)).toHaveLength(50)
  })

  it('does what its scopes say, and never what wants a session', async () => {
    const { ctx, user } = await given('ADMIN')
    const request = {
      address: '192.0.2.1',
      idempotencyKey: null,
      sessionId: null,
      setCookie: () => {},
      limit: async () => {},
    }
    const api = (keyScopes: ('read' | 'write' | 'admin')[]) =>
      createCaller({ ...ctx, actor: user.actor, request: { ...request, keyScopes } })
    const codeOf = (asked: Promise<unknown>) =>
      asked.then(
        () => 'done',
        (error: unknown) => toFailure(error).code,
      )
    expect(await codeOf(api(['read']).auth.me())).toBe('done')
    expect(await codeOf(api(['write']).auth.me())).toBe('SCOPE_MISSING')
    expect(await codeOf(api(['read']).workspace.create({ name: 'By key' }))).toBe('SCOPE_MISSING')
    expect(await codeOf(api(['write']).workspace.create({ name: 'By key' }))).toBe('done')
    expect(await codeOf(api(['read', 'write']).affiliates.list({}))).toBe('SCOPE_MISSING')
    expect(await codeOf(api(['admin']).affiliates.list({}))).toBe('done')
    expect(await codeOf(api(['read', 'write', 'admin']).auth.createApiKey({ name: 'More' }))).toBe(
      'SESSION_REQUIRED',
    )
  })
})
