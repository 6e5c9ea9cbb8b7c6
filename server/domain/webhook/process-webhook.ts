import { and, eq } from 'drizzle-orm'
import { webhookEvents } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import type { PaymentProvider, ProviderEvent } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { applyProviderEvent, completeEvent } from '../payment'
import { applyPayoutEvent, completePayoutEvent, isOfPayouts } from '../payout'

/**
 * Does what an event of the inbox says, and marks it done in the same transaction as its effects.
 * An event that is done, or being done by another worker, changes nothing.
 * @param attempt which try of the job this is, from 1
 * @throws Error when something it depends on is not there yet or the provider is out of reach; the job tries again.
 */
export const processWebhook = async (ctx: Context, eventRowId: string, attempt = 1): Promise<void> => {
  const row = await ctx.db.query.webhookEvents.findFirst({ where: eq(webhookEvents.id, eventRowId) })
  if (row === undefined || row.status !== 'RECEIVED') return
  const acting: Context = { ...ctx, actor: { kind: 'webhook', provider: row.provider } }
  const provider = ctx.outside.payments.get(row.provider)
  if (provider === undefined) throw new Error(`${row.provider} is switched off`)
  // What the payload leaves out is asked of the provider before any lock is taken.
  const apply = await prepare(acting, provider, row, attempt)
  await inTransaction(acting, async (tx) => {
    const [locked] = await tx.db
      .select({ status: webhookEvents.status })
      .from(webhookEvents)
      .where(eq(webhookEvents.id, row.id))
      .for('no key update')
    if (locked?.status !== 'RECEIVED') return
    const verdict = await apply(tx)
    await tx.db
      .update(webhookEvents)
      .set({ status: verdict.status, outcome: verdict.outcome, processedAt: tx.now() })
      .where(eq(webhookEvents.id, row.id))
    if (verdict.status === 'QUARANTINED') await alertAdmin(tx, row, verdict.outcome, verdict.about)
  })
}

/** Asks what there is to ask, and gives what is then to be done in a transaction. */
const prepare = async (
  ctx: Context,
  provider: PaymentProvider,
  row: typeof webhookEvents.$inferSelect,
  attempt: number,
) => {
  const event: ProviderEvent = provider.readEvent(row.body)
  if (isOfPayouts(event)) {
    const complete = await completePayoutEvent(ctx, provider, event)
    return (tx: Context) => applyPayoutEvent(tx, provider, complete)
  }
  const complete = await completeEvent(ctx, provider, event, attempt)
  return (tx: Context) => applyProviderEvent(tx, provider, complete, { counted: row.countedAt !== null })
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
  about?: string,
): Promise<void> => {
  if (ctx.config.admin === null) return
  await enqueueMail(ctx, {
    // The row's state lets each attempt end once; a replayed one that fails again is told again.
    key:
      about === undefined
        ? `alert:webhook:${row.id}:${ctx.now().getTime()}`
        : `alert:webhook:${row.provider}:${about}`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: {
      title: 'A payment event needs you',
      text: `${row.provider} event ${row.eventId} (${row.type}) was not processed: ${why}`,
    },
  })
}
