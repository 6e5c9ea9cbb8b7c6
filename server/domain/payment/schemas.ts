import { z } from 'zod'
import { MoneyJson } from '../../kit/money'
import { PageInput } from '../../kit/pages'
import { Addon, LIMITS } from '../../kit/plans'
import { CommissionView } from '../affiliate/schemas'
import { Email, Name } from '../identity/schemas'
import { LimitUsage } from '../workspace/schemas'

const Provider = z.enum(['stripe', 'mamopay'])

/** A code that lowers the price; of any form, for whoever reads it says what is wrong with it. */
const coupon = z
  .string()
  .max(200, 'At most 200 characters.')
  .transform((text) => text.trim() || undefined)
  .optional()

const WorkspacePurchaseInput = z
  .strictObject({
    paymentType: z.literal('WORKSPACE_PURCHASE'),
    email: Email,
    firstName: Name,
    lastName: Name,
    /** What sells it: a link or a listing. Of any length: whoever reads the link says what is wrong with it. */
    affiliateToken: z.string().optional(),
    listingSlug: z.string().min(1).max(200).optional(),
    /** Must be the workspace that these name. */
    workspaceId: z.string().max(64).optional(),
    provider: Provider.optional(),
    coupon,
  })
  .superRefine(({ affiliateToken, listingSlug }, check) => {
    if ((affiliateToken === undefined) === (listingSlug === undefined))
      check.addIssue({
        code: 'custom',
        path: ['affiliateToken'],
        message: 'Name what sells it: an affiliateToken or a listingSlug.',
      })
  })
export type WorkspacePurchaseInput = z.infer<typeof WorkspacePurchaseInput>

/** A plan that can be bought: FREE costs nothing, and is what is left without one. */
const PaidPlan = z.enum(['BUSINESS', 'AGENCY'], {
  error: 'The plans that can be bought are BUSINESS and AGENCY.',
})
const BillingCycle = z.enum(['MONTHLY', 'YEARLY'], { error: 'MONTHLY or YEARLY.' })

const planTerms = {
  planType: PaidPlan,
  billingCycle: BillingCycle,
  /** Nothing is paid before the trial that came with the account is over; at once by default. */
  afterTrial: z.boolean().optional(),
  provider: Provider.optional(),
  coupon,
}

const PlanPurchaseInput = z.strictObject({
  paymentType: z.literal('PLAN_PURCHASE'),
  email: Email,
  firstName: Name,
  lastName: Name,
  ...planTerms,
})
export type PlanPurchaseInput = z.infer<typeof PlanPurchaseInput>

/** Add-ons for the organization of whoever is signed in; who that is is known, so the name and address may be left out. */
const AddonPurchaseInput = z.strictObject({
  paymentType: z.literal('ADDON_PURCHASE'),
  email: Email.optional(),
  firstName: Name.optional(),
  lastName: Name.optional(),
  addon: Addon,
  quantity: z.int('A whole number.').min(1, 'At least 1.').max(100, 'At most 100 at once.'),
  provider: Provider.optional(),
})
export type AddonPurchaseInput = Omit<z.infer<typeof AddonPurchaseInput>, 'paymentType'>

export const AddonAddress = z.strictObject({ id: z.string().max(100) })
export type AddonAddress = z.infer<typeof AddonAddress>

/** A checkout asked for. Prices, rates and plans come from the server's own rows, never from here. */
export const CreatePaymentLinkInput = z.discriminatedUnion(
  'paymentType',
  [WorkspacePurchaseInput, PlanPurchaseInput, AddonPurchaseInput],
  {
    error:
      'Only WORKSPACE_PURCHASE, PLAN_PURCHASE and ADDON_PURCHASE can be checked out here; renewals are made by the provider.',
  },
)
export type CreatePaymentLinkInput = z.infer<typeof CreatePaymentLinkInput>

export const CreateCheckoutSessionInput = z.strictObject(planTerms)
export type CreateCheckoutSessionInput = z.infer<typeof CreateCheckoutSessionInput>

export const PlanChangeInput = z.strictObject({ planType: PaidPlan, billingCycle: BillingCycle })
export type PlanChangeInput = z.infer<typeof PlanChangeInput>

export const ChangePlanInput = PlanChangeInput.extend({
  /** As the preview gave it. */
  quote: z.string().min(1).max(200),
})
export type ChangePlanInput = z.infer<typeof ChangePlanInput>

const Terms = z.object({
  planType: z.enum(['FREE', 'BUSINESS', 'AGENCY']),
  billingCycle: z.enum(['MONTHLY', 'YEARLY']),
})

/** What a change would do, before it is done. */
export const PlanChange = z.object({
  from: Terms,
  to: Terms,
  /** What each period costs then. */
  price: MoneyJson,
  /** Charged now. */
  due: MoneyJson,
  /** Left as credit; it pays the next periods first. */
  credit: MoneyJson,
  /** When the next period is paid. */
  nextAt: z.string().nullable(),
  /** A trial that runs ends with it. */
  endsTrial: z.boolean(),
  /** Goes along with the change, within half an hour. */
  quote: z.string(),
})
export type PlanChange = z.infer<typeof PlanChange>

export const ChangedPlan = z.object({
  changed: z.boolean(),
  /** Where the payment waits to be made or confirmed; null: it is done. */
  payUrl: z.string().nullable(),
})
export type ChangedPlan = z.infer<typeof ChangedPlan>

/** A page of the provider's. */
export const ProviderPage = z.object({ url: z.string().nullable() })
export type ProviderPage = z.infer<typeof ProviderPage>

export const CheckoutSession = z.object({ sessionId: z.string(), url: z.string() })
export type CheckoutSession = z.infer<typeof CheckoutSession>

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
  /** The listing it was bought through. */
  listing: z.object({ slug: z.string(), title: z.string() }).nullable(),
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

const PaymentStatus = z.enum(['PENDING', 'CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED', 'DISPUTED', 'FAILED'])

/** A payment and what was given back of it. */
export const RefundedPayment = z.object({
  id: z.string(),
  status: PaymentStatus,
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

/** A figure that was stored, and what the same rules make of the same rows today. */
const Difference = z.object({ figure: z.string(), stored: z.string(), recomputed: z.string() })

/** Why a commission is as high as it is. */
export const CommissionExplanation = z.object({
  commission: CommissionView,
  /** Null: a bonus, which no payment earned. */
  payment: z
    .object({
      id: z.string(),
      paidAt: z.string(),
      status: z.string(),
      captured: MoneyJson,
      taxRemoved: MoneyJson,
    })
    .nullable(),
  /** Captured less the tax. */
  base: MoneyJson,
  /** Per cent, two decimals. */
  rate: z.string(),
  /** Where the rate came from, as it was noted then. */
  rateSource: z.string(),
  rounding: z.string(),
  /** The base at that rate. */
  share: MoneyJson,
  /** The base was not enough for the whole share: others took theirs first. */
  capped: z.boolean(),
  hold: z.object({ days: z.number(), until: z.string() }),
  /** The line of the statement that credited it, with how many others. */
  credited: z
    .object({
      lineId: z.string(),
      at: z.string(),
      amount: MoneyJson,
      /** When several were credited by one line. */
      batch: z.string().nullable(),
    })
    .nullable(),
  /** Refunds and disputes of the payment, oldest first; the amount is what the buyer got or claims. */
  takenBack: z.array(
    z.object({
      what: z.enum(['REFUND', 'DISPUTE']),
      status: z.string(),
      amount: MoneyJson,
      at: z.string(),
      changedAt: z.string(),
    }),
  ),
  /** What was booked of it alone, oldest first; lines of the statement have an id there. */
  booked: z.array(
    z.object({
      lineId: z.string().nullable(),
      account: z.enum(['available', 'pending']),
      amount: MoneyJson,
      notes: z.string(),
      at: z.string(),
    }),
  ),
  /** Empty, or the books are wrong. */
  differences: z.array(Difference),
})
export type CommissionExplanation = z.infer<typeof CommissionExplanation>
export const AdminPaymentsInput = PageInput.extend({ status: PaymentStatus.optional() })
export type AdminPaymentsInput = z.infer<typeof AdminPaymentsInput>

const Party = z.object({ id: z.string(), name: z.string(), email: z.string() })

/** One payment in the admins' list. */
export const AdminPayment = z.object({
  id: z.string(),
  type: z.string(),
  status: PaymentStatus,
  paidAt: z.string(),
  amount: MoneyJson,
  refunded: MoneyJson,
  buyer: Party,
  /** Null: nobody sold it. */
  seller: Party.nullable(),
  /** The name of what was sold. */
  sold: z.string(),
})
export type AdminPayment = z.infer<typeof AdminPayment>

export const AdminPaymentsPage = z.object({
  items: z.array(AdminPayment),
  nextCursor: z.string().nullable(),
})

export const InspectPaymentInput = z.strictObject({
  id: z.string().max(100),
  /** Minor units of a refund to foresee; what is left by default. */
  amount: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
})
export type InspectPaymentInput = z.infer<typeof InspectPaymentInput>

/** All that is known of one payment, and what refunding it would do. */
export const InspectedPayment = AdminPayment.extend({
  tax: MoneyJson,
  /** What shares are taken of. */
  base: MoneyJson,
  /** The provider's; null while it is not known. */
  fee: MoneyJson.nullable(),
  provider: z.string(),
  mode: z.enum(['sandbox', 'test', 'live']),
  reference: z.string(),
  orderId: z.string(),
  copy: z
    .object({
      id: z.string(),
      name: z.string(),
      status: z.enum(['ACTIVE', 'FROZEN', 'ARCHIVED', 'DELETED']),
    })
    .nullable(),
  refunds: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      amount: MoneyJson,
      reason: z.string().nullable(),
      reference: z.string().nullable(),
      createdAt: z.string(),
    }),
  ),
  disputes: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      amount: MoneyJson,
      reference: z.string(),
      createdAt: z.string(),
    }),
  ),
  commissions: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      status: z.string(),
      who: z.string(),
      ratePercentage: z.string(),
      amount: MoneyJson,
      reversed: MoneyJson,
      held: MoneyJson,
    }),
  ),
  transfers: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      createdAt: z.string(),
      entries: z.array(z.object({ account: z.string(), amount: MoneyJson })),
    }),
  ),
  /** What a refund now would do; null: nothing can be refunded. */
  refund: z
    .object({
      /** The most that can be given back. */
      left: MoneyJson,
      /** What is foreseen here. */
      amount: MoneyJson,
      /** Whether the copy is frozen by it. */
      freezes: z.boolean(),
      shares: z.array(z.object({ who: z.string(), kind: z.string(), takenBack: MoneyJson })),
      /** What is borne by the platform and by tax. */
      platform: MoneyJson,
      tax: MoneyJson,
    })
    .nullable(),
})
export type InspectedPayment = z.infer<typeof InspectedPayment>

const AnyPlan = z.enum(['FREE', 'BUSINESS', 'AGENCY'])

/** The signed-in person's plan, and all that belongs to it. */
export const CurrentPlan = z.object({
  planType: AnyPlan,
  /** Why it is that plan: nothing pays for FREE. */
  source: z.enum(['SUBSCRIPTION', 'INCLUDED', 'TRIAL', 'GRANTED', 'NONE']),
  /** While the account's own trial runs. */
  trialEndsAt: z.string().nullable(),
  subscription: z
    .object({
      planType: AnyPlan,
      billingCycle: z.enum(['MONTHLY', 'YEARLY']),
      status: z.enum(['TRIALING', 'ACTIVE', 'PAST_DUE']),
      /** False: charging it was given up, and the plan with it. */
      entitled: z.boolean(),
      price: MoneyJson,
      /** The end of the period that runs. */
      periodEnd: z.string().nullable(),
      /** It ends then instead of going on. */
      ends: z.boolean(),
      provider: z.string(),
      /** Whether anything can be changed about it here. */
      canChange: z.boolean(),
      /** What is charged next, credit and coupons taken off; null: nothing, or the provider does not say. */
      next: z.object({ due: MoneyJson, at: z.string().nullable() }).nullable(),
    })
    .nullable(),
  /** The plan stays until then, though its subscription was cancelled. */
  staysUntil: z.string().nullable(),
  usage: z.array(LimitUsage),
  /** Those that raise a limit now, oldest first. */
  addons: z.array(
    z.object({
      id: z.string(),
      addon: Addon,
      quantity: z.number().int(),
      words: z.string(),
      status: z.enum(['TRIALING', 'ACTIVE', 'PAST_DUE', 'CANCELLED']),
      /** False: charging it was given up, and it raises nothing until it is paid. */
      entitled: z.boolean(),
      /** Of all of them, each month. */
      price: MoneyJson,
      periodEnd: z.string().nullable(),
      /** It ends then instead of going on. */
      ends: z.boolean(),
      provider: z.string(),
      canChange: z.boolean(),
    }),
  ),
  /** For the plan and for add-ons, newest first, up to 24. */
  payments: z.array(
    z.object({
      id: z.string(),
      /** In words. */
      sold: z.string(),
      paidAt: z.string(),
      status: PaymentStatus,
      amount: MoneyJson,
      refunded: MoneyJson,
    }),
  ),
})
export type CurrentPlan = z.infer<typeof CurrentPlan>

/** What can be bought, from the least. */
export const PlanOffers = z.object({
  plans: z.array(
    z.object({
      planType: AnyPlan,
      canSell: z.boolean(),
      limits: z.record(z.enum(LIMITS), z.number().nullable()),
      monthly: MoneyJson,
      yearly: MoneyJson,
    }),
  ),
  /** The ways to pay for a plan, the default one first. */
  providers: z.array(z.string()),
})
export type PlanOffers = z.infer<typeof PlanOffers>

/** How far the checkout of a plan is; it says nothing about who pays. */
export const PlanProgress = z.object({
  status: z.enum(['OPEN', 'PAID', 'FULFILLED', 'EXPIRED', 'FAILED']),
  planType: AnyPlan,
  /** Null: it is of the plan. */
  addon: z.object({ addon: Addon, quantity: z.number().int(), words: z.string() }).nullable(),
  billingCycle: z.enum(['MONTHLY', 'YEARLY']),
  price: MoneyJson,
  trialDays: z.number().int(),
  failure: z.string().nullable(),
  /** Whether it is the signed-in person's own. */
  mine: z.boolean(),
})
export type PlanProgress = z.infer<typeof PlanProgress>
