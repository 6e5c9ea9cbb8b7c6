import { and, desc, eq, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { jobs, webhookEvents } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { type Page, readCursor, toPage } from '../../kit/pages'
import type { WebhookEvent, WebhookEventsInput, WebhookEventWithBody } from './schemas'

/** The inbox, newest first; for admins. @throws DomainError 400 for a cursor of another list. */
export const listWebhookEvents = async (
  ctx: Context,
  { status, provider, search, limit, cursor }: WebhookEventsInput,
): Promise<Page<WebhookEvent>> => {
  const rows = await ctx.db
    .select(columns)
    .from(webhookEvents)
    .where(
      and(
        status === undefined ? undefined : eq(webhookEvents.status, status),
        provider === undefined || provider === '' ? undefined : eq(webhookEvents.provider, provider),
        search === undefined || search === '' ? undefined : startsWith(search),
        after(cursor),
      ),
    )
    .orderBy(desc(webhookEvents.receivedAt), desc(webhookEvents.id))
    .limit(limit + 1)
  const waiting = await jobsOf(ctx, rows)
  return toPage(
    rows,
    limit,
    (row) => ({ at: row.receivedAt, id: row.id }),
    (row) => toEvent(row, waiting),
  )
}

/** One event with its body. @throws DomainError 404 WEBHOOK_EVENT_NOT_FOUND */
export const readWebhookEvent = async (
  ctx: Context,
  { id }: { id: string },
): Promise<WebhookEventWithBody> => {
  const [row] = isUuid(id)
    ? await ctx.db
        .select({ ...columns, body: webhookEvents.body, countedAt: webhookEvents.countedAt })
        .from(webhookEvents)
        .where(eq(webhookEvents.id, id))
    : []
  if (row === undefined) throw notFound('WEBHOOK_EVENT_NOT_FOUND', 'There is no such event.')
  return {
    ...toEvent(row, await jobsOf(ctx, [row])),
    body: row.body,
    paidElsewhere: !tellsOfPaymentElsewhere(ctx, row)
      ? null
      : { counted: row.countedAt !== null, waits: row.status === 'QUARANTINED' && row.countedAt === null },
  }
}

/** Whether an event tells of an invoice that was paid past its provider. */
export const tellsOfPaymentElsewhere = (
  ctx: Context,
  { provider, body }: { readonly provider: string; readonly body: string },
): boolean => {
  const event = ctx.outside.payments.get(provider)?.readEvent(body)
  return event?.kind === 'invoice' && event.invoice.paidElsewhere === true
}

/** Without the body: a list of them would be megabytes. */
const columns = {
  id: webhookEvents.id,
  provider: webhookEvents.provider,
  eventId: webhookEvents.eventId,
  type: webhookEvents.type,
  apiVersion: webhookEvents.apiVersion,
  livemode: webhookEvents.livemode,
  status: webhookEvents.status,
  outcome: webhookEvents.outcome,
  occurredAt: webhookEvents.occurredAt,
  receivedAt: webhookEvents.receivedAt,
  processedAt: webhookEvents.processedAt,
}

type EventRow = Pick<typeof webhookEvents.$inferSelect, keyof typeof columns>

/** The jobs that will still process what waits, by the event's id. */
const jobsOf = async (
  ctx: Context,
  rows: readonly EventRow[],
): Promise<ReadonlyMap<string, { attempts: number; nextAt: string }>> => {
  const ids = rows.filter(({ status }) => status === 'RECEIVED').map(({ id }) => id)
  if (ids.length === 0) return new Map()
  const eventRowId = sql<string>`${jobs.payload} ->> 'eventRowId'`
  const found = await ctx.db
    .select({ id: eventRowId, attempts: jobs.attempts, runAt: jobs.runAt })
    .from(jobs)
    .where(and(eq(jobs.kind, 'webhook.process'), isNull(jobs.deadAt), inArray(eventRowId, ids)))
    .orderBy(desc(jobs.runAt))
  return new Map(found.map(({ id, attempts, runAt }) => [id, { attempts, nextAt: runAt.toISOString() }]))
}

const startsWith = (text: string): SQL | undefined =>
  or(sql`starts_with(${webhookEvents.type}, ${text})`, sql`starts_with(${webhookEvents.eventId}, ${text})`)

const after = (cursor: string | undefined): SQL | undefined => {
  const last = readCursor(cursor)
  if (last === null) return undefined
  if (!isUuid(last.id)) throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return or(
    lt(webhookEvents.receivedAt, last.at),
    and(eq(webhookEvents.receivedAt, last.at), lt(webhookEvents.id, last.id)),
  )
}

export const isUuid = (text: string): boolean => z.guid().safeParse(text).success

const toEvent = (
  row: EventRow,
  waiting: ReadonlyMap<string, { attempts: number; nextAt: string }>,
): WebhookEvent => ({
  id: row.id,
  provider: row.provider,
  eventId: row.eventId,
  type: row.type,
  apiVersion: row.apiVersion,
  livemode: row.livemode,
  status: row.status,
  outcome: row.outcome,
  waiting: waiting.get(row.id) ?? null,
  occurredAt: row.occurredAt.toISOString(),
  receivedAt: row.receivedAt.toISOString(),
  processedAt: row.processedAt?.toISOString() ?? null,
})
