import { z } from 'zod'
import { ApiError } from './api-error'
import type { FormValue } from './form'

const Metadata = z
  .record(
    z
      .string()
      .min(1)
      .max(40)
      .regex(/^[^[\]]+$/),
    z.string().max(500),
  )
  .refine((all) => Object.keys(all).length <= 50, 'At most 50 keys.')
const Whole = z
  .string()
  .regex(/^-?\d{1,15}$/, 'Invalid integer.')
  .transform(Number)
const Address = z
  .string()
  .max(5000)
  .refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), 'Not a valid URL.')
const Expand = { expand: z.array(z.string().max(200)).max(20).optional() }
const Paging = {
  ...Expand,
  limit: Whole.pipe(z.number().min(1).max(100)).optional(),
  starting_after: z.string().optional(),
}
const Email = z.email('Invalid email address.').max(512)

export const Nothing = z.strictObject(Expand)

const Bool = z.enum(['true', 'false'])
const ChangedItem = z.strictObject({ id: z.string().optional(), price: z.string().min(1) })
const changing = {
  items: z.array(ChangedItem).min(1).max(20).optional(),
  proration_behavior: z.enum(['always_invoice', 'create_prorations', 'none']).optional(),
  proration_date: Whole.optional(),
  trial_end: z.enum(['now']).optional(),
}

export const ChangeSubscription = z.strictObject({
  ...Expand,
  ...changing,
  cancel_at_period_end: Bool.optional(),
  metadata: Metadata.optional(),
  payment_behavior: z
    .enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete', 'pending_if_incomplete'])
    .optional(),
})
export type ChangeSubscription = z.infer<typeof ChangeSubscription>

export const PreviewInvoice = z.strictObject({
  ...Expand,
  subscription: z.string().min(1),
  subscription_details: z.strictObject(changing).optional(),
})
export type PreviewInvoice = z.infer<typeof PreviewInvoice>

export const NewPrice = z.strictObject({
  ...Expand,
  currency: z
    .string()
    .regex(/^[a-z]{3}$/i, 'Invalid currency.')
    .transform((code) => code.toLowerCase()),
  unit_amount: Whole.pipe(z.number().min(0)),
  lookup_key: z.string().min(1).max(200).optional(),
  nickname: z.string().max(200).optional(),
  product_data: z.strictObject({ name: z.string().min(1).max(250) }),
  recurring: z
    .strictObject({
      interval: z.enum(['day', 'week', 'month', 'year']),
      interval_count: Whole.pipe(z.number().min(1).max(1095)).optional(),
    })
    .optional(),
  metadata: Metadata.optional(),
})
export type NewPrice = z.infer<typeof NewPrice>

export const ListPrices = z.strictObject({
  ...Paging,
  lookup_keys: z.array(z.string()).optional(),
  active: Bool.optional(),
})
export type ListPrices = z.infer<typeof ListPrices>

export const NewPortalSession = z.strictObject({
  ...Expand,
  customer: z.string().min(1),
  return_url: Address.optional(),
})

export const CancelSubscription = z.strictObject({
  ...Expand,
  prorate: z.enum(['true', 'false']).optional(),
  invoice_now: z.enum(['true', 'false']).optional(),
})

export const NewCustomer = z.strictObject({
  ...Expand,
  email: Email.optional(),
  name: z.string().max(256).optional(),
  description: z.string().max(350).optional(),
  phone: z.string().max(20).optional(),
  metadata: Metadata.optional(),
})

const PriceData = z.strictObject({
  currency: z
    .string()
    .regex(/^[a-z]{3}$/i, 'Invalid currency.')
    .transform((code) => code.toLowerCase()),
  unit_amount: Whole.pipe(z.number().min(0, 'This value must be greater than or equal to 0.')),
  product_data: z.strictObject({
    name: z.string().min(1).max(250),
    description: z.string().min(1).max(5000).optional(),
    metadata: Metadata.optional(),
  }),
  recurring: z
    .strictObject({
      interval: z.enum(['day', 'week', 'month', 'year']),
      interval_count: Whole.pipe(z.number().min(1).max(1095)).optional(),
    })
    .optional(),
})
const LineItem = z
  .strictObject({
    quantity: Whole.pipe(z.number().min(1).max(999_999)).optional(),
    price: z.string().min(1).optional(),
    price_data: PriceData.optional(),
  })
  .refine(
    (line) => (line.price === undefined) !== (line.price_data === undefined),
    'You must specify either `price` or `price_data`.',
  )

export const NewSession = z.strictObject({
  ...Expand,
  mode: z.enum(['payment', 'subscription']),
  ui_mode: z.enum(['hosted_page']).optional(),
  line_items: z.array(LineItem).min(1).max(20),
  allow_promotion_codes: z.enum(['true', 'false']).optional(),
  discounts: z
    .array(z.strictObject({ coupon: z.string().min(1) }))
    .max(1)
    .optional(),
  success_url: Address,
  cancel_url: Address.optional(),
  customer: z.string().min(1).optional(),
  customer_email: Email.optional(),
  client_reference_id: z.string().min(1).max(200).optional(),
  expires_at: Whole.optional(),
  metadata: Metadata.optional(),
  payment_intent_data: z
    .strictObject({ metadata: Metadata.optional(), description: z.string().max(1000).optional() })
    .optional(),
  subscription_data: z
    .strictObject({
      metadata: Metadata.optional(),
      description: z.string().max(500).optional(),
      trial_period_days: Whole.pipe(z.number().min(1).max(730)).optional(),
    })
    .optional(),
})
export type NewSession = z.infer<typeof NewSession>
/** With the price itself, wherever it came from. */
export type LineItem = Omit<z.infer<typeof LineItem>, 'price_data'> & {
  price_data: z.infer<typeof PriceData>
}

export const NewCoupon = z.strictObject({
  ...Expand,
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/)
    .optional(),
  name: z.string().max(40).optional(),
  percent_off: z
    .string()
    .regex(/^\d{1,3}(\.\d{1,2})?$/)
    .transform(Number)
    .pipe(z.number().gt(0).max(100))
    .optional(),
  amount_off: Whole.pipe(z.number().min(1)).optional(),
  currency: z
    .string()
    .regex(/^[a-z]{3}$/)
    .optional(),
  duration: z.enum(['once', 'repeating', 'forever']),
  duration_in_months: Whole.pipe(z.number().min(1)).optional(),
})
export type NewCoupon = z.infer<typeof NewCoupon>

export const ListRefunds = z.strictObject({
  ...Paging,
  charge: z.string().optional(),
  payment_intent: z.string().optional(),
})
export const ListInvoicePayments = z.strictObject({
  ...Paging,
  invoice: z.string().optional(),
  status: z.string().optional(),
  payment: z.strictObject({ type: z.enum(['payment_intent']), payment_intent: z.string() }).optional(),
})
const Created = z
  .strictObject({
    gt: Whole.optional(),
    gte: Whole.optional(),
    lt: Whole.optional(),
    lte: Whole.optional(),
  })
  .optional()
export const ListEvents = z.strictObject({
  ...Paging,
  type: z.string().optional(),
  types: z.array(z.string()).max(20).optional(),
  delivery_success: z.enum(['true', 'false']).optional(),
  created: Created,
})
export const ListCharges = z.strictObject({
  ...Paging,
  customer: z.string().optional(),
  payment_intent: z.string().optional(),
  created: Created,
})
export const ListLineItems = z.strictObject(Paging)

export const NewRefund = z.strictObject({
  ...Expand,
  payment_intent: z.string().optional(),
  charge: z.string().optional(),
  amount: Whole.pipe(z.number().min(1, 'This value must be greater than or equal to 1.')).optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: Metadata.optional(),
})
export type NewRefund = z.infer<typeof NewRefund>

const Currency = z
  .string()
  .regex(/^[a-z]{3}$/i, 'Invalid currency.')
  .transform((code) => code.toLowerCase())
const Positive = Whole.pipe(z.number().min(1, 'This value must be greater than or equal to 1.'))

export const NewAccount = z.strictObject({
  ...Expand,
  email: Email.optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'Not a valid country.')
    .optional(),
  controller: z.strictObject({
    fees: z.strictObject({ payer: z.enum(['account', 'application']) }),
    losses: z.strictObject({ payments: z.enum(['stripe', 'application']) }),
    requirement_collection: z.enum(['stripe', 'application']).optional(),
    stripe_dashboard: z.strictObject({ type: z.enum(['express', 'full', 'none']) }),
  }),
  capabilities: z.strictObject({ transfers: z.strictObject({ requested: z.enum(['true', 'false']) }) }),
  metadata: Metadata.optional(),
})
export type NewAccount = z.infer<typeof NewAccount>

export const NewAccountLink = z.strictObject({
  ...Expand,
  account: z.string().min(1),
  type: z.enum(['account_onboarding']),
  return_url: Address,
  refresh_url: Address,
})
export type NewAccountLink = z.infer<typeof NewAccountLink>

export const NewTransfer = z.strictObject({
  ...Expand,
  amount: Positive,
  currency: Currency,
  destination: z.string().min(1),
  description: z.string().max(1000).optional(),
  transfer_group: z.string().max(255).optional(),
  metadata: Metadata.optional(),
})
export type NewTransfer = z.infer<typeof NewTransfer>

export const ListTransfers = z.strictObject({
  ...Paging,
  destination: z.string().optional(),
  transfer_group: z.string().optional(),
})

export const NewReversal = z.strictObject({
  ...Expand,
  amount: Positive.optional(),
  metadata: Metadata.optional(),
})
export type NewReversal = z.infer<typeof NewReversal>

/** @throws ApiError 400 in Stripe's words: parameter_unknown, parameter_missing or what is wrong with it. */
export const checkParameters = <S extends z.ZodType>(
  schema: S,
  given: { [key: string]: FormValue },
): z.infer<S> => {
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (issue === undefined) throw new ApiError(400, 'Invalid request.')
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const param = bracketed([...path, issue.keys[0] ?? ''])
    throw new ApiError(400, `Received unknown parameter: ${param}`, { code: 'parameter_unknown', param })
  }
  const param = bracketed(path)
  if (issue.code === 'invalid_type' && !isThere(given, path))
    throw new ApiError(400, `Missing required param: ${param}.`, { code: 'parameter_missing', param })
  throw new ApiError(400, `Invalid ${param}: ${issue.message}`, { code: 'parameter_invalid', param })
}

const bracketed = ([first = '', ...rest]: readonly string[]): string =>
  `${first}${rest.map((part) => `[${part}]`).join('')}`

const isThere = (given: unknown, path: readonly string[]): boolean =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    given,
  ) !== undefined
