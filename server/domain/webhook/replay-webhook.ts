import { eq } from 'drizzle-orm'
import { webhookEvents } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { enqueueJob } from '../../kit/queue'
import { recordActivity } from '../audit'
import { isUuid, readWebhookEvent } from './queries'
import type { WebhookEventWithBody } from './schemas'

/**
 * Has an event processed again by the same job as the first time, whatever became of it; one that waits for its next
 * try is tried now. What it did already is not done twice.
 * @throws DomainError 404 WEBHOOK_EVENT_NOT_FOUND
 */
export const replayWebhook = (ctx: Context, { id }: { id: string }): Promise<WebhookEventWithBody> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const [row] = isUuid(id)
      ? await tx.db.select().from(webhookEvents).where(eq(webhookEvents.id, id)).for('no key update')
      : []
    if (row === undefined) throw notFound('WEBHOOK_EVENT_NOT_FOUND', 'There is no such event.')
    if (row.status !== 'RECEIVED')
      await tx.db
        .update(webhookEvents)
        .set({ status: 'RECEIVED', outcome: null, processedAt: null })
        .where(eq(webhookEvents.id, id))
    // A job of its own: the one that just did it may still be there, and be gone a moment later.
    await enqueueJob(tx, {
      kind: 'webhook.process',
      key: `webhook:${id}:${newId(tx)}`,
      payload: { eventRowId: id },
    })
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
