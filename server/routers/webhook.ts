import {
  countPaidElsewhere,
  listWebhookEvents,
  readReconciliation,
  readWebhookEvent,
  replayWebhook,
  sweepNow,
} from '../domain/webhook'
import {
  CountPaidElsewhereInput,
  Reconciliation,
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

  count: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/webhook-events/{id}/count',
        summary: 'Count an invoice that was paid past its provider',
      },
    })
    .input(CountPaidElsewhereInput)
    .output(WebhookEventWithBody)
    .mutation(({ ctx, input }) => countPaidElsewhere(ctx, input)),

  reconciliation: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/reconciliation',
        summary: 'What the providers were asked for that they had not told, and how each day compares',
      },
    })
    .output(Reconciliation)
    .query(({ ctx }) => readReconciliation(ctx)),

  sweep: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/admin/reconciliation/sweep',
        summary: 'Ask the providers now for what they had not told',
      },
    })
    .output(Reconciliation)
    .mutation(({ ctx }) => sweepNow(ctx)),
})
