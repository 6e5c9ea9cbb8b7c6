import { and, eq } from 'drizzle-orm'
import { webhookEvents } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { enqueueMail } from '../../kit/queue'
import { applyProviderEvent, completeEvent } from '../payment'

/**
 * Does what an event of the inbox says, and marks it done in the same transaction as its effects.
 * An event that is done, or being done by another worker, changes nothing.
 * @throws Error when something it depends on is not there yet or the provider is out of reach; the job tries again.
 */
export const processWebhook = async (ctx: Context, eventRowId: string): Promise<void> => {
  const row = await ctx.db.query.webhookEvents.findFirst({ where: eq(webhookEvents.id, eventRowId) })
  if (row === undefined || row.status !== 'RECEIVED') return
  const acting: Context = { ...ctx, actor: { kind: 'webhook', provider: row.provider } }
  const provider = ctx.outside.payments.get(row.provider)
  if (provider === undefined) throw new Error(`${row.provider} is switched off`)
  // What the payload leaves out is asked of the provider before any lock is taken.
  const event = await completeEvent(provider, provider.readEvent(row.body))
  await inTransaction(acting, async (tx) => {
    const [locked] = await tx.db
      .select({ status: webhookEvents.status })
      .from(webhookEvents)
      .where(eq(webhookEvents.id, row.id))
      .for('no key update')
    if (locked?.status !== 'RECEIVED') return
    const verdict = await applyProviderEvent(tx, provider, event)
    await tx.db
      .update(webhookEvents)
      .set({ status: verdict.status, outcome: verdict.outcome, processedAt: tx.now() })
      .where(eq(webhookEvents.id, row.id))
    if (verdict.status === 'QUARANTINED') await alertAdmin(tx, row, verdict.outcome)
  })
}

/** After the last attempt: the event is dead until an admin replays it, and the admin is told. */
export const buryWebhook = async (ctx: Context, eventRowId: string, reason: string): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const [row] = await tx.db
      .update(webhookEvents)
      .set({ status: 'DEAD', outcome: reason.slice(0, 500) })
      .where(and(eq(webhookEvents.id, eventRowId), eq(webhookEvents.status, 'RECEIVED')))
      .returning()
    if (row !== undefined) await alertAdmin(tx, row, reason)
  })

const alertAdmin = async (
  ctx: Context,
  row: { id: string; provider: string; type: string; eventId: string },
  why: string,
): Promise<void> => {
  if (ctx.config.admin === null) return
  await enqueueMail(ctx, {
    key: `alert:webhook:${row.id}`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: {
      title: 'A payment event needs you',
      text: `${row.provider} event ${row.eventId} (${row.type}) was not processed: ${why}`,
    },
  })
}
