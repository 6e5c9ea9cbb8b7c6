import { z } from 'zod'
import { MoneyJson } from '../../kit/money'
import { PageInput } from '../../kit/pages'

export const WebhookStatus = z.enum(['RECEIVED', 'PROCESSED', 'IGNORED', 'QUARANTINED', 'DEAD'])
export type WebhookStatus = z.infer<typeof WebhookStatus>

/** What a provider told, and what became of it. */
export const WebhookEvent = z.object({
  id: z.string(),
  provider: z.string(),
  /** The provider's own name of it. */
  eventId: z.string(),
  type: z.string(),
  apiVersion: z.string().nullable(),
  livemode: z.boolean(),
  status: WebhookStatus,
  /** What it did, or why it did nothing; null while it waits. */
  outcome: z.string().nullable(),
  /** How often it was tried, and when it is tried next, while it waits. */
  waiting: z.object({ attempts: z.number(), nextAt: z.string() }).nullable(),
  occurredAt: z.string(),
  receivedAt: z.string(),
  processedAt: z.string().nullable(),
})
export type WebhookEvent = z.infer<typeof WebhookEvent>

export const WebhookEventWithBody = WebhookEvent.extend({
  /** As it came. */
  body: z.string(),
  /** It tells of an invoice that was marked as paid past its provider: whether an admin has counted it, or is asked to. */
  paidElsewhere: z.object({ counted: z.boolean(), waits: z.boolean() }).nullable(),
})
export type WebhookEventWithBody = z.infer<typeof WebhookEventWithBody>

export const WebhookEventsPage = z.object({
  items: z.array(WebhookEvent),
  nextCursor: z.string().nullable(),
})

export const WebhookEventsInput = PageInput.extend({
  status: WebhookStatus.optional(),
  provider: z.string().max(50).optional(),
  /** The beginning of its type, such as `charge.`, or the provider's name of the event. */
  search: z.string().trim().max(200).optional(),
})
export type WebhookEventsInput = z.infer<typeof WebhookEventsInput>

export const CountPaidElsewhereInput = z.strictObject({
  id: z.string().min(1).max(100),
  reason: z.string().trim().min(3, 'Say how you know that it was paid.').max(500),
})

export const WebhookEventIdInput = z.strictObject({ id: z.string().min(1).max(100) })

/** A charge of which the provider says something else than the books, in the smallest unit of its currency. */
export const Difference = z.object({
  kind: z.enum(['NOT_BOOKED', 'NOT_THERE', 'AMOUNT', 'REFUNDED']),
  /** The provider's name of the charge. */
  charge: z.string(),
  /** What it is booked as. */
  paymentId: z.string().nullable(),
  there: z.number(),
  here: z.number(),
})
export type Difference = z.infer<typeof Difference>

/** One sweep of a provider. */
export const SweepRun = z.object({
  id: z.string(),
  provider: z.string(),
  since: z.string(),
  upto: z.string(),
  startedAt: z.string(),
  /** Null: it is under way, or was killed. */
  finishedAt: z.string().nullable(),
  /** How many of each were looked at: events, charges, orders, subscriptions, days. */
  checked: z.record(z.string(), z.number()),
  /** How many of them were missing here. */
  found: z.number(),
  /** What became of those by now. */
  done: z.object({ processed: z.number(), waiting: z.number(), aside: z.number() }),
  /** Why it ended before its time. */
  error: z.string().nullable(),
})
export type SweepRun = z.infer<typeof SweepRun>

/** A day (UTC) of charges, as the provider says and as the books say. */
export const ComparedDay = z.object({
  provider: z.string(),
  day: z.string(),
  charges: z.number(),
  charged: z.object({ there: MoneyJson, here: MoneyJson }),
  refunded: z.object({ there: MoneyJson, here: MoneyJson }),
  differences: z.array(Difference),
  checkedAt: z.string(),
})
export type ComparedDay = z.infer<typeof ComparedDay>

export const Reconciliation = z.object({
  providers: z.array(
    z.object({
      provider: z.string(),
      /** Up to when everything it lists was looked at; null: not yet. */
      upto: z.string().nullable(),
      last: SweepRun.nullable(),
    }),
  ),
  /** Newest first. */
  runs: z.array(SweepRun),
  days: z.array(ComparedDay),
})
export type Reconciliation = z.infer<typeof Reconciliation>
