import { createHmac } from 'node:crypto'
import { and, eq, lt } from 'drizzle-orm'
import { endpointDeliveries, endpoints, users } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { enqueueJob, enqueueMail } from '../../kit/queue'
import { open } from '../../kit/sealed'

const SECOND = 1_000
const DAY = 86_400 * SECOND
const MINUTES = 60
const HOURS = 3_600

/** Seconds before each further try, about three days in all, as Standard Webhooks proposes. */
export const DELAYS = [
  5,
  5 * MINUTES,
  30 * MINUTES,
  2 * HOURS,
  5 * HOURS,
  10 * HOURS,
  14 * HOURS,
  20 * HOURS,
  24 * HOURS,
]

/** An endpoint that took nothing for so long is switched off. */
export const GIVEN_UP_AFTER = 5 * DAY

/** The log of an endpoint goes back so far. */
const KEPT = 30 * DAY

type Delivery = typeof endpointDeliveries.$inferSelect
type Endpoint = typeof endpoints.$inferSelect

/**
 * Posts a message to its endpoint, signed (Standard Webhooks 1.0), once; what was not taken (2xx) is tried again later.
 * A message may arrive twice, under the same id: killed between the answer and its note, it is sent again.
 */
export const deliverToEndpoint = async (ctx: Context, deliveryId: string): Promise<void> => {
  const [row] = await ctx.db
    .select({ delivery: endpointDeliveries, endpoint: endpoints })
    .from(endpointDeliveries)
    .innerJoin(endpoints, eq(endpoints.id, endpointDeliveries.endpointId))
    .where(and(eq(endpointDeliveries.id, deliveryId), eq(endpointDeliveries.status, 'QUEUED')))
  if (row === undefined) return
  if (row.endpoint.status === 'OFF') return note(ctx, row, { answer: null, problem: 'It was switched off.' })
  const outcome = await ctx.outside
    .post({ url: row.endpoint.url, headers: signedHeaders(ctx, row), body: row.delivery.body })
    .then(
      (answer) => ({ answer, problem: null }),
      (error: unknown) => ({ answer: null, problem: reasonOf(error) }),
    )
  await note(ctx, row, outcome)
}

/** Ids and times of the message, and a signature under each secret that is valid now. */
const signedHeaders = (
  ctx: Context,
  { delivery, endpoint }: { readonly delivery: Delivery; readonly endpoint: Endpoint },
): Record<string, string> => {
  const now = ctx.now()
  const timestamp = String(Math.floor(now.getTime() / SECOND))
  const former =
    endpoint.formerUntil !== null && endpoint.formerUntil > now && endpoint.formerSecret !== null
      ? [endpoint.formerSecret]
      : []
  const signatures = [endpoint.secret, ...former].map((sealed) => {
    const key = open(ctx, 'endpoint-secret', endpoint.id, sealed)
    return `v1,${createHmac('sha256', key).update(`${delivery.id}.${timestamp}.${delivery.body}`).digest('base64')}`
  })
  return {
    'content-type': 'application/json',
    'user-agent': 'Offshoot',
    'webhook-id': delivery.id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  }
}

interface Outcome {
  readonly answer: number | null
  readonly problem: string | null
}

const note = (
  ctx: Context,
  { delivery, endpoint }: { readonly delivery: Delivery; readonly endpoint: Endpoint },
  { answer, problem }: Outcome,
): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    // First, as everyone who changes an endpoint does.
    const [now] = await tx.db
      .select()
      .from(endpoints)
      .where(eq(endpoints.id, endpoint.id))
      .for('no key update')
    if (now === undefined) return
    const taken = answer !== null && answer >= 200 && answer < 300
    const delay = taken || now.status === 'OFF' ? undefined : DELAYS[delivery.attempts]
    const seconds = delay === undefined ? null : jittered(tx, delay)
    const [noted] = await tx.db
      .update(endpointDeliveries)
      .set({
        attempts: delivery.attempts + 1,
        answer,
        problem,
        status: taken ? 'DELIVERED' : seconds === null ? 'FAILED' : 'QUEUED',
        deliveredAt: taken ? tx.now() : null,
        nextAt: seconds === null ? null : new Date(tx.now().getTime() + seconds * SECOND),
      })
      .where(
        and(
          eq(endpointDeliveries.id, delivery.id),
          eq(endpointDeliveries.status, 'QUEUED'),
          eq(endpointDeliveries.attempts, delivery.attempts),
        ),
      )
      .returning({ id: endpointDeliveries.id })
    // A late twin of this job has noted its try already.
    if (noted === undefined) return
    if (seconds !== null)
      await enqueueJob(tx, {
        kind: 'endpoint.deliver',
        key: `endpoint:${delivery.id}:${delivery.attempts + 1}`,
        payload: { deliveryId: delivery.id },
        after: seconds,
      })
    if (taken) {
      if (now.failingSince !== null)
        await tx.db.update(endpoints).set({ failingSince: null }).where(eq(endpoints.id, now.id))
    } else if (now.status === 'ACTIVE') await noteFailure(tx, now)
  })

/** Up to a fifth more, so that what failed together does not come again together. */
const jittered = (ctx: Context, seconds: number): number =>
  Math.round(seconds * (1 + (ctx.outside.random(1)[0] ?? 0) / 1_280))

const noteFailure = async (ctx: Context, endpoint: Endpoint): Promise<void> => {
  const since = endpoint.failingSince ?? ctx.now()
  const over = ctx.now().getTime() - since.getTime() >= GIVEN_UP_AFTER
  await ctx.db
    .update(endpoints)
    .set({ failingSince: since, status: over ? 'OFF' : 'ACTIVE' })
    .where(eq(endpoints.id, endpoint.id))
  if (!over) return
  const [owner] = await ctx.db.select().from(users).where(eq(users.id, endpoint.userId))
  if (owner === undefined) return
  await enqueueMail(ctx, {
    key: `endpoint-off:${endpoint.id}:${since.getTime()}`,
    to: owner.email,
    template: 'endpoint-off',
    data: { firstName: owner.firstName, url: endpoint.url, since: since.toISOString() },
  })
}

/** For its owner: never more than what kind of failure it was. */
const reasonOf = (error: unknown): string => {
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown }
  if (name === 'TimeoutError' || code === 'ABORT_ERR') return 'There was no answer within 15 seconds.'
  if (code === undefined || code === 'EPRIVATE') return String(message).slice(0, 200)
  return `The connection failed (${String(code).slice(0, 50)}).`
}

/** Removes what is older than thirty days. @returns how many messages */
export const removeOldDeliveries = async (ctx: Context): Promise<number> => {
  const gone = await ctx.db
    .delete(endpointDeliveries)
    .where(lt(endpointDeliveries.createdAt, new Date(ctx.now().getTime() - KEPT)))
    .returning({ id: endpointDeliveries.id })
  return gone.length
}
