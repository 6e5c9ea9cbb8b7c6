import { listWebhookEvents, readWebhookEvent, replayWebhook } from '../domain/webhook'
import {
  WebhookEventIdInput,
  WebhookEventsInput,
  WebhookEventsPage,
  WebhookEventWithBody,
} from '../domain/webhook/schemas'
import { admin, router } from '../trpc'

/** The inbox of the providers' webhooks. */
export const webhookRouter = router({
  list: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/webhook-events',
        summary: 'What the providers told us, newest first',
      },
    })
    .input(WebhookEventsInput)
    .output(WebhookEventsPage)
    .query(({ ctx, input }) => listWebhookEvents(ctx, input)),

  read: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/webhook-events/{id}',
        summary: 'One event, with its body as it came',
      },
    })
    .input(WebhookEventIdInput)
    .output(WebhookEventWithBody)
    .query(({ ctx, input }) => readWebhookEvent(ctx, input)),

  replay: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/webhook-events/{id}/replay',
        summary: 'Have an event processed again',
      },
    })
    .input(WebhookEventIdInput)
    .output(WebhookEventWithBody)
    .mutation(({ ctx, input }) => replayWebhook(ctx, input)),
})
