import { and, eq, isNull, lt } from 'drizzle-orm'
import type { Db } from '../../../db/client'
import { sandboxIdempotencyKeys } from '../../../db/schema'
import { sha256 } from '../../kit/crypto'
import { ApiError } from './api-error'
import type { World } from './world'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly replayed?: boolean
}

/** A request that was cut off without an end holds its key no longer than this. */
const ABANDONED_AFTER = 60_000

const keys = sandboxIdempotencyKeys

/**
 * Does `work` in a transaction, once per key; the answer is stored in that same transaction and given again.
 * @param request what makes two requests the same: path and body
 * @throws ApiError 400 for another request under the same key, 409 while the first is under way.
 */
export const once = async (
  world: World & { readonly db: Db },
  key: string,
  request: string,
  work: (world: World) => Promise<Answer>,
): Promise<Answer> => {
  if (key.length > 255) throw new ApiError(400, 'The idempotency key is longer than 255 characters.')
  const requestHash = sha256(request).toString('hex')
  if (!(await claim(world, key, requestHash))) return replay(world, key, requestHash)
  try {
    return await world.db.transaction(async (db) => {
      const answer = await work({ ...world, db })
      await db.update(keys).set({ status: answer.status, body: answer.body }).where(named(key))
      return answer
    })
  } catch (error) {
    // Nothing was done, so nothing is remembered.
    await world.db.delete(keys).where(and(named(key), isNull(keys.status)))
    throw error
  }
}

/** Another answer is given from now on to whoever repeats a request. */
export const remember = async (world: World, key: string, answer: Answer): Promise<void> => {
  await world.db.update(keys).set({ status: answer.status, body: answer.body }).where(named(key))
}

const named = (key: string) => and(eq(keys.provider, 'stripe'), eq(keys.key, key))

const claim = async (world: World, key: string, requestHash: string): Promise<boolean> => {
  const now = world.now()
  const inserted = await world.db
    .insert(keys)
    .values({ provider: 'stripe', key, requestHash, createdAt: now })
    .onConflictDoNothing()
    .returning({ key: keys.key })
  if (inserted.length > 0) return true
  const takenOver = await world.db
    .update(keys)
    .set({ requestHash, createdAt: now })
    .where(
      and(named(key), isNull(keys.status), lt(keys.createdAt, new Date(now.getTime() - ABANDONED_AFTER))),
    )
    .returning({ key: keys.key })
  return takenOver.length > 0
}

const replay = async (world: World, key: string, requestHash: string): Promise<Answer> => {
  const [row] = await world.db.select().from(keys).where(named(key))
  if (row && row.requestHash !== requestHash)
    throw new ApiError(
      400,
      `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
      { type: 'idempotency_error' },
    )
  if (!row || row.status === null)
    throw new ApiError(409, 'There is currently another in-progress request using this idempotency key.', {
      code: 'idempotency_key_in_use',
      type: 'idempotency_error',
    })
  return { status: row.status, body: row.body as Record<string, unknown>, replayed: true }
}
