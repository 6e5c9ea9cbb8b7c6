import { and, eq, sql } from 'drizzle-orm'
import { webhookEvents } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { DomainError } from '../../kit/errors'
import type { PaymentProvider, VerifiedWebhook } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'

/** ping: somebody asked whether we are there; nothing is kept of it. */
export type Received = 'stored' | 'duplicate' | 'conflicting' | 'ping'

type Kept = { readonly body: string; readonly hash: Buffer; readonly receivedAt: Date }

/**
 * Takes a webhook in: proves its sender, then writes it to the inbox together with the job that will process it, in
 * one statement. A duplicate does nothing. Another body under a known id is kept aside for the admin. Where nothing
 * signs the body, an event only says to look: one of a known name is a duplicate as long as nobody has begun to look.
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
  const kept = { body: input.body, hash: sha256(input.body), receivedAt }
  if (await keepEvent(ctx, provider, event, kept)) {
    ctx.outside.wake()
    return 'stored'
  }
  if (event.unsigned) return ringAgain(ctx, provider, event, kept)
  // A statement of its own: the one above does not see a row that another delivery was just writing.
  const known = await ctx.db.query.webhookEvents.findFirst({
    columns: { bodySha256: true, runId: true },
    where: and(eq(webhookEvents.provider, provider.name), eq(webhookEvents.eventId, event.eventId)),
  })
  // What a sweep read from the provider itself is the same event in another rendering.
  if (known?.bodySha256.equals(kept.hash) || known?.runId != null) return 'duplicate'
  await inTransaction(ctx, (tx) => keepAside(tx, provider.name, event, kept.body, kept.hash))
  return 'conflicting'
}

type Event = Omit<VerifiedWebhook, 'unsigned'>

/**
 * Writes an event and the job that will process it, in one statement; false: one of that name is there.
 * @param more which event it repeats, and which sweep found it
 */
export const keepEvent = async (
  ctx: Context,
  provider: Pick<PaymentProvider, 'name'>,
  event: Event,
  { body, hash, receivedAt }: Kept,
  more: { readonly repeatOf?: string; readonly runId?: string } = {},
): Promise<boolean> => {
  const [row] = await ctx.db.execute<{ stored: boolean }>(sql`
    with event as (
      insert into webhook_events (id, provider, event_id, type, api_version, livemode, body, body_sha256, occurred_at,
        received_at, repeat_of, run_id)
      values (${newId(ctx)}, ${provider.name}, ${event.eventId}, ${event.type}, ${event.apiVersion}, ${event.livemode},
        ${body}, ${hash}, ${event.occurredAt.toISOString()}, ${receivedAt.toISOString()}, ${more.repeatOf ?? null},
        ${more.runId ?? null})
      on conflict (provider, event_id) do nothing returning id),
    job as (
      insert into jobs (kind, key, payload, run_at, created_at)
      select 'webhook.process', 'webhook:' || id, jsonb_build_object('eventRowId', id), now(), now() from event returning 1)
    select exists(select from event) as stored`)
  return row?.stored === true
}

/**
 * One of this name came before. As long as nobody has begun to look because of it, looking once is enough, and is done
 * now; else something may have happened since, and somebody has to look again.
 */
const ringAgain = async (
  ctx: Context,
  provider: PaymentProvider,
  event: VerifiedWebhook,
  kept: Kept,
): Promise<Received> => {
  const named = and(eq(webhookEvents.provider, provider.name), eq(webhookEvents.eventId, event.eventId))
  const first = await ctx.db.query.webhookEvents.findFirst({ columns: { id: true }, where: named })
  if (first === undefined) throw new Error(`event ${event.eventId} is there and cannot be read`)
  const waiting = await ctx.db.execute(sql`
    update jobs set run_at = least(run_at, now())
    where dead_at is null and lease_token is null and key in (
      select 'webhook:' || id from webhook_events
      where (id = ${first.id} or repeat_of = ${first.id}) and status = 'RECEIVED')
    returning id`)
  const stored =
    waiting.length === 0 &&
    (await keepEvent(ctx, provider, { ...event, eventId: `${event.eventId}#${newId(ctx)}` }, kept, {
      repeatOf: first.id,
    }))
  ctx.outside.wake()
  return stored ? 'stored' : 'duplicate'
}

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
