import { z } from 'zod'
import { MoneyJson } from '../../kit/money'
import { Email, Name } from '../identity/schemas'

/** A checkout asked for. Prices, rates and plans come from the server's own rows, never from here. */
export const CreatePaymentLinkInput = z.strictObject({
  paymentType: z.literal('WORKSPACE_PURCHASE', {
    error: 'Only WORKSPACE_PURCHASE can be checked out here; renewals are made by the provider.',
  }),
  email: Email,
  firstName: Name,
  lastName: Name,
  /** Of any length: whoever reads the link says what is wrong with it. */
  affiliateToken: z.string(),
  /** Must be the workspace the token names. */
  workspaceId: z.string().max(64).optional(),
  provider: z.enum(['stripe', 'mamopay']).optional(),
})
export type CreatePaymentLinkInput = z.infer<typeof CreatePaymentLinkInput>

export const PaymentLink = z.object({ id: z.string(), url: z.string() })
export type PaymentLink = z.infer<typeof PaymentLink>

/** One payment as its buyer may keep it. */
export const Receipt = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  paidAt: z.string(),
  /** What was paid; tax and net add up to it. */
  amount: MoneyJson,
  tax: MoneyJson,
  net: MoneyJson,
  refunded: MoneyJson,
  buyer: z.object({ name: z.string(), email: z.string(), organization: z.string() }),
  seller: z.string(),
  sellerOrganization: z.string(),
  /** The name of what was sold. */
  sold: z.string(),
  offerMode: z.enum(['ONE_OFF', 'SUBSCRIPTION']),
  planType: z.enum(['FREE', 'BUSINESS', 'AGENCY']),
  provider: z.string(),
  mode: z.enum(['sandbox', 'test', 'live']),
  /** The provider's own name of the payment. */
  reference: z.string(),
  /** The copy; null for a renewal, when it was deleted, or when the payment was given back instead. */
  workspace: z.object({ id: z.string(), name: z.string(), slug: z.string() }).nullable(),
  funnels: z.number(),
  pages: z.number(),
})
export type Receipt = z.infer<typeof Receipt>

export const RequestRefundInput = z.strictObject({
  id: z.uuid(),
  /** Minor units; what is left by default. */
  amount: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
  reason: z.string().trim().min(1).max(500),
})
export type RequestRefundInput = z.infer<typeof RequestRefundInput>

/** A payment and what was given back of it. */
export const RefundedPayment = z.object({
  id: z.string(),
  status: z.enum(['PENDING', 'CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'DISPUTED', 'FAILED']),
  amount: MoneyJson,
  refunded: MoneyJson,
  /** Asked for, not yet taken by the provider. */
  requested: MoneyJson,
  refunds: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['REQUESTED', 'PENDING', 'SUCCEEDED', 'FAILED', 'CANCELED']),
      /** Minor units of the payment's currency. */
      amount: z.number().int(),
      /** The provider's own name of it. */
      reference: z.string().nullable(),
    }),
  ),
})
export type RefundedPayment = z.infer<typeof RefundedPayment>
