import { and, eq, sql } from 'drizzle-orm'
import { webhookEvents } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { DomainError } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'

/** ping: somebody asked whether we are there; nothing is kept of it. */
export type Received = 'stored' | 'duplicate' | 'conflicting' | 'ping'

/**
 * Takes a webhook in: proves its sender, then writes it to the inbox together with the job that will process it, in
 * one statement. A duplicate does nothing. Another body under a known id is kept aside for the admin.
 * @throws DomainError 400 WEBHOOK_INVALID when the sender is not proven; 404 when the provider is off.
 */
export const receiveWebhook = async (
  ctx: Context,
  input: { provider: string; body: string; headers: Headers },
): Promise<Received> => {
  const provider = ctx.outside.payments.get(input.provider)
  if (provider === undefined) throw new DomainError(404, 'PROVIDER_OFF', 'This provider is not switched on.')
  if (provider.doorbell?.isPing(input.body)) return 'ping'
  const receivedAt = ctx.now()
  const event = provider.verifyWebhook({ body: input.body, headers: input.headers, receivedAt })
  const hash = sha256(input.body)
  const [row] = await ctx.db.execute<{ stored: boolean }>(sql`
    with event as (
      insert into webhook_events (id, provider, event_id, type, api_version, livemode, body, body_sha256, occurred_at, received_at)
      values (${newId(ctx)}, ${provider.name}, ${event.eventId}, ${event.type}, ${event.apiVersion}, ${event.livemode},
        ${input.body}, ${hash}, ${event.occurredAt.toISOString()}, ${receivedAt.toISOString()})
      on conflict (provider, event_id) do nothing returning id),
    job as (
      insert into jobs (kind, key, payload, run_at, created_at)
      select 'webhook.process', 'webhook:' || id, jsonb_build_object('eventRowId', id), now(), now() from event returning 1)
    select exists(select from event) as stored`)
  if (row?.stored) {
    ctx.outside.wake()
    return 'stored'
  }
  if (event.unsigned) return 'duplicate'
  // A statement of its own: the one above does not see a row that another delivery was just writing.
  const known = await ctx.db.query.webhookEvents.findFirst({
    columns: { bodySha256: true },
    where: and(eq(webhookEvents.provider, provider.name), eq(webhookEvents.eventId, event.eventId)),
  })
  if (known?.bodySha256.equals(hash)) return 'duplicate'
  await inTransaction(ctx, (tx) => keepAside(tx, provider.name, event, input.body, hash))
  return 'conflicting'
}

type Event = { eventId: string; type: string; apiVersion: string | null; livemode: boolean; occurredAt: Date }

const keepAside = async (
  ctx: Context,
  provider: string,
  event: Event,
  body: string,
  hash: Buffer,
): Promise<void> => {
  const eventId = `${event.eventId}#${hash.toString('hex').slice(0, 16)}`
  const [kept] = await ctx.db.execute(sql`
    insert into webhook_events (id, provider, event_id, type, api_version, livemode, body, body_sha256, occurred_at, received_at, status, outcome)
    values (${newId(ctx)}, ${provider}, ${eventId}, ${event.type}, ${event.apiVersion}, ${event.livemode}, ${body}, ${hash},
      ${event.occurredAt.toISOString()}, ${ctx.now().toISOString()}, 'QUARANTINED', 'another body under the id of an event already taken')
    on conflict (provider, event_id) do nothing returning id`)
  if (kept !== undefined && ctx.config.admin !== null)
    await enqueueMail(ctx, {
      key: `alert:webhook:${provider}:${eventId}`,
      to: ctx.config.admin.email,
      template: 'admin-alert',
      data: {
        title: 'A webhook came with another body under a known id',
        text: `${provider} event ${event.eventId} (${event.type}) was delivered again with other contents. The first one counts; the second one was set aside.`,
      },
    })
}
