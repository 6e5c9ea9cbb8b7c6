import { z } from 'zod'

const name = z.string().trim().min(1).max(100)

/** A checkout asked for. Prices, rates and plans come from the server's own rows, never from here. */
export const CreatePaymentLinkInput = z.strictObject({
  paymentType: z.literal('WORKSPACE_PURCHASE', {
    error: 'Only WORKSPACE_PURCHASE can be checked out here; renewals are made by the provider.',
  }),
  email: z.email().max(254).toLowerCase(),
  firstName: name,
  lastName: name,
  affiliateToken: z.string().min(1).max(16_384),
  /** Must be the workspace the token names. */
  workspaceId: z.string().max(64).optional(),
  provider: z.enum(['stripe', 'mamopay']).optional(),
})
export type CreatePaymentLinkInput = z.infer<typeof CreatePaymentLinkInput>

export const PaymentLink = z.object({ id: z.string(), url: z.string() })
export type PaymentLink = z.infer<typeof PaymentLink>
