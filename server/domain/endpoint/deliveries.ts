import { and, desc, eq, lt, or } from 'drizzle-orm'
import { z } from 'zod'
import { endpointDeliveries } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { conflict, invalid, notFound } from '../../kit/errors'
import { readCursor, toPage } from '../../kit/pages'
import { enqueueJob } from '../../kit/queue'
import { ownEndpoint, toEndpoint } from './endpoints'
import type { EndpointDeliveries, EndpointDeliveriesInput, EndpointDelivery } from './schemas'

/** What was posted to one of one's endpoints, newest first. @throws DomainError 404 ENDPOINT_NOT_FOUND; 400 for a cursor of another list */
export const listDeliveries = async (
  ctx: Context,
  { id, limit, cursor }: EndpointDeliveriesInput,
): Promise<EndpointDeliveries> => {
  const endpoint = await ownEndpoint(ctx, id)
  const last = readCursor(cursor)
  if (last !== null && !z.guid().safeParse(last.id).success)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const { createdAt } = endpointDeliveries
  const rows = await ctx.db
    .select()
    .from(endpointDeliveries)
    .where(
      and(
        eq(endpointDeliveries.endpointId, endpoint.id),
        last === null
          ? undefined
          : or(lt(createdAt, last.at), and(eq(createdAt, last.at), lt(endpointDeliveries.id, last.id))),
      ),
    )
    .orderBy(desc(createdAt), desc(endpointDeliveries.id))
    .limit(limit + 1)
  return {
    endpoint: toEndpoint(endpoint),
    ...toPage(rows, limit, (row) => ({ at: row.createdAt, id: row.id }), toDelivery),
  }
}

/**
 * Posts a message again, under its own id, with its tries counted anew.
 * @throws DomainError 404 ENDPOINT_NOT_FOUND, DELIVERY_NOT_FOUND; 409 DELIVERY_WAITS while it is tried by itself
 */
export const redeliver = (
  ctx: Context,
  { id, deliveryId }: { id: string; deliveryId: string },
): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const endpoint = await ownEndpoint(tx, id)
    const [row] = z.guid().safeParse(deliveryId).success
      ? await tx.db
          .select()
          .from(endpointDeliveries)
          .where(and(eq(endpointDeliveries.id, deliveryId), eq(endpointDeliveries.endpointId, endpoint.id)))
          .for('no key update')
      : []
    if (row === undefined) throw notFound('DELIVERY_NOT_FOUND', 'There is no such message.')
    if (row.status === 'QUEUED')
      throw conflict('DELIVERY_WAITS', 'This message is still being tried by itself.')
    await tx.db
      .update(endpointDeliveries)
      .set({ status: 'QUEUED', attempts: 0, nextAt: tx.now() })
      .where(eq(endpointDeliveries.id, row.id))
    await enqueueJob(tx, {
      kind: 'endpoint.deliver',
      key: `endpoint:${row.id}:${newId(tx)}`,
      payload: { deliveryId: row.id },
    })
  })

const toDelivery = (row: typeof endpointDeliveries.$inferSelect): EndpointDelivery => ({
  id: row.id,
  kind: row.kind,
  status: row.status,
  attempts: row.attempts,
  answer: row.answer,
  problem: row.problem,
  nextAt: row.nextAt?.toISOString() ?? null,
  createdAt: row.createdAt.toISOString(),
  body: row.body,
})
