export { openAddonInvoice, setAddonCancellation } from './addons'
export { inspectPayment, listAllPayments } from './admin-payments'
export { closeCheckout, syncOrder } from './apply-charge'
export { applyProviderEvent, completeEvent, endCheckout, syncCheckout } from './apply-event'
export { bookedBetween, type ComparedCharge, compareCharges } from './booked-charges'
export { createCheckoutSession } from './buy-plan'
export {
  billingPortal,
  changePlan,
  openPlanInvoice,
  previewPlanChange,
  setPlanCancellation,
} from './change-plan'
export { forgetBuyer, unfinishedBusiness } from './close-buyer'
export { learnFee } from './complete-payment'
export { createPaymentLink } from './create-payment-link'
export { currentPlan, planOffers, planProgress } from './current-plan'
export { explainCommission } from './explain-commission'
export { learnSubscription, lookAtOpenOrders, lookAtSubscriptions } from './look-around'
export { listPurchases, type OrderProgress, orderProgress, type Purchase } from './queries'
export { readPurchase } from './read-purchase'
export { endSubscription, refundUnfulfillable, reportStuckRefund } from './refund-unfulfillable'
export { reportUnsentRefund, requestRefund, sendRefund } from './request-refund'
export { standingOf } from './rules'
export { type PaidFacts, settleOrder } from './settle-order'
export { endPlan } from './subscriptions'
export { applyDispute, applyRefund, type ToldPayment } from './take-back'
export { remindAddons } from './tell-addons'
export { tellTrials } from './tell-trials'
export type { Verdict } from './verdict'
