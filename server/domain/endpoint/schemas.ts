import { z } from 'zod'
import { PageInput } from '../../kit/pages'

/** What an endpoint can listen to. */
export const EndpointKind = z.enum([
  'sale.created',
  'sale.reversed',
  'commission.created',
  'commission.credited',
  'withdrawal.updated',
  'workspace.cloned',
  'release.available',
])
export type EndpointKind = z.infer<typeof EndpointKind>

export const Endpoint = z.object({
  id: z.string(),
  url: z.string(),
  kinds: z.array(z.string()),
  /** OFF: it took nothing for five days, or its owner switched it off. */
  status: z.enum(['ACTIVE', 'OFF']),
  failingSince: z.string().nullable(),
  createdAt: z.string(),
})
export type Endpoint = z.infer<typeof Endpoint>

export const EndpointDelivery = z.object({
  /** The message's id, as in the header `webhook-id`. */
  id: z.string(),
  kind: z.string(),
  status: z.enum(['QUEUED', 'DELIVERED', 'FAILED']),
  attempts: z.number(),
  /** The status of the last answer; null: there was none, then `problem` says why. */
  answer: z.number().nullable(),
  problem: z.string().nullable(),
  nextAt: z.string().nullable(),
  createdAt: z.string(),
  body: z.string(),
})
export type EndpointDelivery = z.infer<typeof EndpointDelivery>

export const EndpointDeliveries = z.object({
  endpoint: Endpoint,
  items: z.array(EndpointDelivery),
  nextCursor: z.string().nullable(),
})
export type EndpointDeliveries = z.infer<typeof EndpointDeliveries>

export const CreateEndpointInput = z.strictObject({
  url: z.url({ protocol: /^https?$/, message: 'An address such as https://example.com/hooks.' }).max(2_000),
  kinds: z.array(EndpointKind).min(1, 'Choose what is announced there.').max(20),
})
export type CreateEndpointInput = z.infer<typeof CreateEndpointInput>

export const EndpointIdInput = z.strictObject({ id: z.string().max(100) })
export const ChangeEndpointInput = EndpointIdInput.extend({
  kinds: CreateEndpointInput.shape.kinds.optional(),
  status: z.enum(['ACTIVE', 'OFF']).optional(),
})
export type ChangeEndpointInput = z.infer<typeof ChangeEndpointInput>

export const EndpointDeliveriesInput = PageInput.extend({ id: z.string().max(100) })
export type EndpointDeliveriesInput = z.infer<typeof EndpointDeliveriesInput>

export const RedeliverInput = z.strictObject({ id: z.string().max(100), deliveryId: z.string().max(100) })
