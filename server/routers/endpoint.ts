import { z } from 'zod'
import * as endpoint from '../domain/endpoint'
import {
  ChangeEndpointInput,
  CreateEndpointInput,
  Endpoint,
  EndpointDeliveries,
  EndpointDeliveriesInput,
  EndpointIdInput,
  RedeliverInput,
} from '../domain/endpoint/schemas'
import { router, signedIn } from '../trpc'

const Message = z.object({ message: z.string() })

/** Where one's own programs have announced what concerns their owner. */
export const endpointRouter = router({
  list: signedIn
    .meta({ http: { method: 'GET', path: '/api/endpoints', summary: 'Your addresses for announcements' } })
    .output(z.object({ items: z.array(Endpoint) }))
    .query(async ({ ctx }) => ({ items: await endpoint.listEndpoints(ctx) })),

  create: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/endpoints',
        summary: 'Have announcements sent to an address; the secret is shown once',
      },
    })
    .input(CreateEndpointInput)
    .output(z.object({ endpoint: Endpoint, secret: z.string() }))
    .mutation(({ ctx, input }) => endpoint.createEndpoint(ctx, input)),

  change: signedIn
    .meta({
      http: { method: 'PATCH', path: '/api/endpoints/{id}', summary: 'What is sent there, and whether' },
    })
    .input(ChangeEndpointInput)
    .output(Endpoint)
    .mutation(({ ctx, input }) => endpoint.changeEndpoint(ctx, input)),

  remove: signedIn
    .meta({ http: { method: 'DELETE', path: '/api/endpoints/{id}', summary: 'Remove it with its log' } })
    .input(EndpointIdInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await endpoint.removeEndpoint(ctx, input)
      return { message: 'Nothing is sent there any more.' }
    }),

  rotate: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/endpoints/{id}/rotate',
        summary: 'A new secret; the former signs beside it for a day',
      },
    })
    .input(EndpointIdInput)
    .output(z.object({ secret: z.string() }))
    .mutation(({ ctx, input }) => endpoint.rotateEndpointSecret(ctx, input)),

  test: signedIn
    .meta({ http: { method: 'POST', path: '/api/endpoints/{id}/test', summary: 'Send a test message' } })
    .input(EndpointIdInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await endpoint.testEndpoint(ctx, input)
      return { message: 'A test message is on its way.' }
    }),

  deliveries: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/endpoints/{id}/deliveries',
        summary: 'What was sent there, newest first',
      },
    })
    .input(EndpointDeliveriesInput)
    .output(EndpointDeliveries)
    .query(({ ctx, input }) => endpoint.listDeliveries(ctx, input)),

  redeliver: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/endpoints/{id}/deliveries/{deliveryId}/redeliver',
        summary: 'Send a message again',
      },
    })
    .input(RedeliverInput)
    .output(Message)
    .mutation(async ({ ctx, input }) => {
      await endpoint.redeliver(ctx, input)
      return { message: 'It is on its way again.' }
    }),
})
