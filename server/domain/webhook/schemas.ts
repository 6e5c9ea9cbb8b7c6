import { z } from 'zod'
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

export const WebhookEventIdInput = z.strictObject({ id: z.string().min(1).max(100) })
