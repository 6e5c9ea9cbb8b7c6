import { and, eq } from 'drizzle-orm'
import { webhookEvents } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { notFound, refused } from '../../kit/errors'
import { enqueueJob } from '../../kit/queue'
import { recordActivity } from '../audit'
import { isUuid, readWebhookEvent, tellsOfPaymentElsewhere } from './queries'
import type { WebhookEventWithBody } from './schemas'

/**
 * Has an event processed again by the same job as the first time, whatever became of it; one that waits for its next
 * try is tried now. What it did already is not done twice.
 * @throws DomainError 404 WEBHOOK_EVENT_NOT_FOUND
 */
export const replayWebhook = (ctx: Context, { id }: { id: string }): Promise<WebhookEventWithBody> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const row = await lockEvent(tx, id)
    await processAgain(tx, row)
    await recordActivity(tx, {
      action: 'webhook_replayed',
      description: `Had ${row.provider} event ${row.eventId} (${row.type}) processed again`,
      userId,
      subject: { type: 'webhook_event', id },
      before: { status: row.status, outcome: row.outcome },
      after: { status: 'RECEIVED' },
    })
    return readWebhookEvent(tx, { id })
  })

/**
 * An admin says that an invoice which was marked as paid past its provider was really paid (rule 9): it is booked, and
 * earns, as if it had come through it. Each event that tells of the same invoice is processed again. Saying it twice
 * changes nothing.
 * @throws DomainError 404 WEBHOOK_EVENT_NOT_FOUND; 422 NOT_PAID_ELSEWHERE for any other event
 */
export const countPaidElsewhere = (
  ctx: Context,
  { id, reason }: { id: string; reason: string },
): Promise<WebhookEventWithBody> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const row = await lockEvent(tx, id)
    if (row.countedAt !== null) return readWebhookEvent(tx, { id })
    if (row.status !== 'QUARANTINED' || row.outcome === null || !tellsOfPaymentElsewhere(tx, row))
      throw refused('NOT_PAID_ELSEWHERE', 'This event does not wait for you to count a payment.')
    const alike = await tx.db
      .update(webhookEvents)
      .set({ countedAt: tx.now() })
      .where(
        and(
          eq(webhookEvents.provider, row.provider),
          eq(webhookEvents.status, 'QUARANTINED'),
          eq(webhookEvents.outcome, row.outcome),
        ),
      )
      .returning()
    for (const event of alike) await processAgain(tx, event)
    await recordActivity(tx, {
      action: 'payment_counted',
      description: `Counted a payment that came past ${row.provider} (${row.outcome.split(' was ')[0]}): ${reason}`,
      userId,
      subject: { type: 'webhook_event', id },
      before: { status: row.status, outcome: row.outcome },
      after: { status: 'RECEIVED', counted: true, reason },
    })
    return readWebhookEvent(tx, { id })
  })

type Row = typeof webhookEvents.$inferSelect

const lockEvent = async (ctx: Context, id: string): Promise<Row> => {
  const [row] = isUuid(id)
    ? await ctx.db.select().from(webhookEvents).where(eq(webhookEvents.id, id)).for('no key update')
    : []
  if (row === undefined) throw notFound('WEBHOOK_EVENT_NOT_FOUND', 'There is no such event.')
  return row
}

const processAgain = async (ctx: Context, { id, status }: Row): Promise<void> => {
  if (status !== 'RECEIVED')
    await ctx.db
      .update(webhookEvents)
      .set({ status: 'RECEIVED', outcome: null, processedAt: null })
      .where(eq(webhookEvents.id, id))
  // A job of its own: the one that just did it may still be there, and be gone a moment later.
  await enqueueJob(ctx, {
    kind: 'webhook.process',
    key: `webhook:${id}:${newId(ctx)}`,
    payload: { eventRowId: id },
  })
}
