import { z } from 'zod'
import {
  billingPortal,
  changePlan,
  createCheckoutSession,
  createPaymentLink,
  currentPlan,
  inspectPayment,
  listAllPayments,
  listPurchases,
  openAddonInvoice,
  openPlanInvoice,
  orderProgress,
  planOffers,
  planProgress,
  previewPlanChange,
  readPurchase,
  requestRefund,
  setAddonCancellation,
  setPlanCancellation,
} from '../domain/payment'
import {
  AddonAddress,
  AdminPaymentsInput,
  AdminPaymentsPage,
  ChangedPlan,
  ChangePlanInput,
  CheckoutSession,
  CreateCheckoutSessionInput,
  CreatePaymentLinkInput,
  CurrentPlan,
  InspectedPayment,
  InspectPaymentInput,
  PaymentLink,
  PlanChange,
  PlanChangeInput,
  PlanOffers,
  PlanProgress,
  ProviderPage,
  Receipt,
  RefundedPayment,
  RequestRefundInput,
} from '../domain/payment/schemas'
import { MoneyJson } from '../kit/money'
import { PageInput } from '../kit/pages'
import { admin, limited, router, signedIn, visitor } from '../trpc'

const Progress = z.object({
  status: z.enum(['OPEN', 'PAID', 'FULFILLED', 'EXPIRED', 'FAILED']),
  workspaceName: z.string().nullable(),
  email: z.string(),
  price: MoneyJson,
  failure: z.string().nullable(),
  funnels: z.number().nullable(),
  pages: z.number().nullable(),
  atBank: z.boolean(),
  copyId: z.string().nullable(),
})

const Purchase = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  paidAt: z.string(),
  amount: MoneyJson,
  tax: MoneyJson,
  refunded: MoneyJson,
  seller: z.string(),
  workspace: z.object({ id: z.string(), name: z.string(), slug: z.string() }).nullable(),
  funnels: z.number(),
  pages: z.number(),
})

export const paymentRouter = router({
  createPaymentLink: visitor
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/create-payment-link',
        summary: 'Makes a hosted checkout for one buyer and one offer',
      },
    })
    .use(limited('create-payment-link'))
    .input(CreatePaymentLinkInput)
    .output(PaymentLink)
    .mutation(({ ctx, input }) =>
      createPaymentLink(ctx, {
        ...input,
        attempt: ctx.request.idempotencyKey,
        referral: ctx.request.referral,
      }),
    ),

  createCheckoutSession: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/create-checkout-session',
        summary: 'Makes a hosted checkout of a plan for the signed-in person',
      },
    })
    .use(limited('create-payment-link'))
    .input(CreateCheckoutSessionInput)
    .output(CheckoutSession)
    .mutation(({ ctx, input }) =>
      createCheckoutSession(ctx, { ...input, attempt: ctx.request.idempotencyKey }),
    ),

  plan: signedIn
    .meta({
      http: {
        method: 'GET',
        path: '/api/payment/plan',
        summary: 'Your plan, what it comes from, what it costs next, and your payments for it',
      },
    })
    .output(CurrentPlan)
    .query(({ ctx }) => currentPlan(ctx)),

  previewPlanChange: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/plan/preview',
        summary: 'What a change of your plan would cost now; nothing is changed',
      },
    })
    .input(PlanChangeInput)
    .output(PlanChange)
    .mutation(({ ctx, input }) => previewPlanChange(ctx, input)),

  changePlan: signedIn
    .meta({
      http: { method: 'POST', path: '/api/payment/plan/change', summary: 'Changes your plan as previewed' },
    })
    .use(limited('create-payment-link'))
    .input(ChangePlanInput)
    .output(ChangedPlan)
    .mutation(({ ctx, input }) => changePlan(ctx, input)),

  cancelPlan: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/plan/cancel',
        summary: 'Lets your subscription end with its period',
      },
    })
    .output(CurrentPlan)
    .mutation(async ({ ctx }) => {
      await setPlanCancellation(ctx, { cancel: true })
      return currentPlan(ctx)
    }),

  resumePlan: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/plan/resume',
        summary: 'Lets a cancelled subscription go on after all',
      },
    })
    .output(CurrentPlan)
    .mutation(async ({ ctx }) => {
      await setPlanCancellation(ctx, { cancel: false })
      return currentPlan(ctx)
    }),

  cancelAddon: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/addons/{id}/cancel',
        summary: 'Lets one of your add-ons end with its period',
      },
    })
    .input(AddonAddress)
    .output(CurrentPlan)
    .mutation(async ({ ctx, input }) => {
      await setAddonCancellation(ctx, { ...input, cancel: true })
      return currentPlan(ctx)
    }),

  resumeAddon: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/addons/{id}/resume',
        summary: 'Lets a cancelled add-on go on after all',
      },
    })
    .input(AddonAddress)
    .output(CurrentPlan)
    .mutation(async ({ ctx, input }) => {
      await setAddonCancellation(ctx, { ...input, cancel: false })
      return currentPlan(ctx)
    }),

  openAddonInvoice: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/addons/{id}/open-invoice',
        summary: 'Where an invoice of an add-on that could not be charged is paid by hand',
      },
    })
    .input(AddonAddress)
    .output(ProviderPage)
    .mutation(({ ctx, input }) => openAddonInvoice(ctx, input)),

  billingPortal: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/plan/portal',
        summary: 'The provider’s page for your cards and invoices',
      },
    })
    .use(limited('create-payment-link'))
    .output(ProviderPage)
    .mutation(({ ctx }) => billingPortal(ctx)),

  openPlanInvoice: signedIn
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/plan/open-invoice',
        summary: 'Where an invoice of your plan that could not be charged is paid by hand',
      },
    })
    .output(ProviderPage)
    .mutation(({ ctx }) => openPlanInvoice(ctx)),

  planOffers: visitor
    .meta({ http: { method: 'GET', path: '/api/payment/plans', summary: 'The plans, and what they cost' } })
    .output(PlanOffers)
    .query(({ ctx }) => planOffers(ctx)),

  planProgress: visitor
    .input(z.strictObject({ checkoutRef: z.string().max(255).optional(), orderId: z.uuid().optional() }))
    .output(PlanProgress)
    .query(({ ctx, input }) => planProgress(ctx, input)),

  orderProgress: visitor
    .input(z.strictObject({ orderId: z.uuid(), checkoutRef: z.string().min(1).max(255) }))
    .output(Progress)
    .query(({ ctx, input }) => orderProgress(ctx, input)),

  purchases: signedIn
    .meta({
      http: { method: 'GET', path: '/api/payment/purchases', summary: 'What you bought, newest first' },
    })
    .input(PageInput)
    .output(z.object({ items: z.array(Purchase), nextCursor: z.string().nullable() }))
    .query(({ ctx, input }) => listPurchases(ctx, input)),

  purchase: signedIn
    .meta({
      http: { method: 'GET', path: '/api/payment/purchases/{id}', summary: 'The receipt of one purchase' },
    })
    .input(z.strictObject({ id: z.string().min(1).max(100) }))
    .output(Receipt)
    .query(({ ctx, input }) => readPurchase(ctx, input)),

  refund: admin
    .meta({
      http: {
        method: 'POST',
        path: '/api/payment/{id}/refund',
        summary: 'Gives back a payment, or a part of it',
      },
    })
    .input(RequestRefundInput)
    .output(RefundedPayment)
    .mutation(({ ctx, input }) => requestRefund(ctx, { ...input, attempt: ctx.request.idempotencyKey })),

  listAll: admin
    .meta({
      http: { method: 'GET', path: '/api/admin/payments', summary: "Everyone's payments, newest first" },
    })
    .input(AdminPaymentsInput)
    .output(AdminPaymentsPage)
    .query(({ ctx, input }) => listAllPayments(ctx, input)),

  read: admin
    .meta({
      http: {
        method: 'GET',
        path: '/api/admin/payments/{id}',
        summary: 'One payment with all that is booked for it, and what a refund would take back',
      },
    })
    .input(InspectPaymentInput)
    .output(InspectedPayment)
    .query(({ ctx, input }) => inspectPayment(ctx, input)),
})
