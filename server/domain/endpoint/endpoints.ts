import { and, desc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { endpoints, users } from '../../../db/schema'
import { queueDelivery } from '../../kit/announce'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { invalid, notFound, refused } from '../../kit/errors'
import { seal } from '../../kit/sealed'
import { recordActivity } from '../audit'
import type { ChangeEndpointInput, CreateEndpointInput, Endpoint } from './schemas'

type Row = typeof endpoints.$inferSelect

const MOST = 20
const DAY = 86_400_000

/**
 * Has what concerns the signed-in user announced to a program of theirs. The secret is shown this once.
 * @throws DomainError 400 for an address nothing may be posted to; 422 TOO_MANY_ENDPOINTS
 */
export const createEndpoint = (
  ctx: Context,
  { url, kinds }: CreateEndpointInput,
): Promise<{ endpoint: Endpoint; secret: string }> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    checkUrl(tx, url)
    // One at a time, so that the limit holds; and against a closing.
    await tx.db.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('no key update')
    if ((await tx.db.$count(endpoints, eq(endpoints.userId, userId))) >= MOST)
      throw refused('TOO_MANY_ENDPOINTS', `There are ${MOST} already: remove one that is not used.`)
    const id = newId(tx)
    const { secret, sealed } = newSecret(tx, id)
    const [row] = await tx.db
      .insert(endpoints)
      .values({ id, userId, url, kinds: [...new Set(kinds)], secret: sealed, createdAt: tx.now() })
      .returning()
    if (row === undefined) throw new Error('no endpoint came back')
    await log(tx, row, 'endpoint_created', 'An address for announcements was added')
    return { endpoint: toEndpoint(row), secret }
  })

/** One's own, newest first. */
export const listEndpoints = async (ctx: Context): Promise<Endpoint[]> => {
  const rows = await ctx.db
    .select()
    .from(endpoints)
    .where(eq(endpoints.userId, signedIn(ctx).userId))
    .orderBy(desc(endpoints.createdAt), desc(endpoints.id))
  return rows.map(toEndpoint)
}

/** What it listens to, and whether it is on. @throws DomainError 404 ENDPOINT_NOT_FOUND */
export const changeEndpoint = (ctx: Context, { id, kinds, status }: ChangeEndpointInput): Promise<Endpoint> =>
  inTransaction(ctx, async (tx) => {
    const row = await ownEndpoint(tx, id)
    const [changed] = await tx.db
      .update(endpoints)
      .set({
        kinds: kinds === undefined ? row.kinds : [...new Set(kinds)],
        status: status ?? row.status,
        // Switched on again, it has its five days anew.
        failingSince: status === 'ACTIVE' ? null : row.failingSince,
      })
      .where(eq(endpoints.id, row.id))
      .returning()
    if (changed === undefined) throw new Error('no endpoint came back')
    await log(tx, changed, 'endpoint_changed', 'An address for announcements was changed')
    return toEndpoint(changed)
  })

/** A new secret, shown this once; for a day messages are signed with the former one too. @throws DomainError 404 */
export const rotateEndpointSecret = (ctx: Context, { id }: { id: string }): Promise<{ secret: string }> =>
  inTransaction(ctx, async (tx) => {
    const row = await ownEndpoint(tx, id)
    const { secret, sealed } = newSecret(tx, row.id)
    await tx.db
      .update(endpoints)
      .set({
        secret: sealed,
        formerSecret: row.secret,
        formerUntil: new Date(tx.now().getTime() + DAY),
      })
      .where(eq(endpoints.id, row.id))
    await log(tx, row, 'endpoint_secret_rotated', 'The secret of an address for announcements was changed')
    return { secret }
  })

/** Removes it with its log. @throws DomainError 404 ENDPOINT_NOT_FOUND */
export const removeEndpoint = (ctx: Context, { id }: { id: string }): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const row = await ownEndpoint(tx, id)
    await tx.db.delete(endpoints).where(eq(endpoints.id, row.id))
    await log(tx, row, 'endpoint_removed', 'An address for announcements was removed')
  })

/** Sends a message that tells of nothing. @throws DomainError 404 ENDPOINT_NOT_FOUND */
export const testEndpoint = (ctx: Context, { id }: { id: string }): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const row = await ownEndpoint(tx, id)
    await queueDelivery(tx, row.id, {
      userId: row.userId,
      kind: 'endpoint.test',
      key: `test:${newId(tx)}`,
      data: { message: 'It works.' },
    })
  })

/** Held until the transaction ends. @throws DomainError 404, also for somebody else's */
export const ownEndpoint = async (ctx: Context, id: string): Promise<Row> => {
  const [row] = z.guid().safeParse(id).success
    ? await ctx.db
        .select()
        .from(endpoints)
        .where(and(eq(endpoints.id, id), eq(endpoints.userId, signedIn(ctx).userId)))
        .for('no key update')
    : []
  if (row === undefined) throw notFound('ENDPOINT_NOT_FOUND', 'There is no such address.')
  return row
}

export const toEndpoint = ({ id, url, kinds, status, failingSince, createdAt }: Row): Endpoint => ({
  id,
  url,
  kinds,
  status,
  failingSince: failingSince?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
})

/** What can be known without looking the name up; that is done with each message. */
const checkUrl = (ctx: Context, url: string): void => {
  const { protocol, username, password } = new URL(url)
  const message =
    username !== '' || password !== ''
      ? 'The address may hold no name and no password.'
      : protocol !== 'https:' && !ctx.config.endpointsPrivate
        ? 'The address has to begin with https.'
        : null
  if (message !== null) throw invalid([{ path: ['url'], message }])
}

/** As Standard Webhooks writes it: whsec_ and base64 of the key. */
const newSecret = (ctx: Context, endpointId: string): { secret: string; sealed: Buffer } => {
  const key = ctx.outside.random(32)
  return { secret: `whsec_${key.toString('base64')}`, sealed: seal(ctx, 'endpoint-secret', endpointId, key) }
}

const log = (ctx: Context, row: Row, action: string, description: string): Promise<void> =>
  recordActivity(ctx, {
    action,
    description,
    subject: { type: 'endpoint', id: row.id },
    after: { url: row.url, kinds: row.kinds, status: row.status },
  })
