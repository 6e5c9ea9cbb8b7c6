import type Stripe from 'stripe'
import type { Money } from '../../kit/money'
import type { CheckoutRequest, Discount } from '../../kit/ports'
import { toStripeAmount } from './amounts'

/**
 * A checkout in Stripe's words. The metadata stands on the session and on what comes of it, the payment or the
 * subscription, because Stripe copies it to neither.
 * @throws DomainError 422 CURRENCY_AMOUNT_REFUSED.
 */
export const checkoutParams = (request: CheckoutRequest): Stripe.Checkout.SessionCreateParams => {
  const metadata = toMetadata(request)
  return {
    mode: request.recurring === null ? 'payment' : 'subscription',
    line_items: [
      request.priceRef === undefined
        ? { quantity: 1, price_data: toPrice(request) }
        : { quantity: 1, price: request.priceRef },
    ],
    // Stripe takes one of the two.
    ...(request.discount !== undefined
      ? { discounts: [{ coupon: request.discount.ref }] }
      : request.takesCoupons === true
        ? { allow_promotion_codes: true }
        : {}),
    // A URL class writes the braces encoded; Stripe fills in the literal ones only.
    success_url: request.successUrl.replaceAll('%7BCHECKOUT_SESSION_ID%7D', '{CHECKOUT_SESSION_ID}'),
    cancel_url: request.cancelUrl,
    expires_at: Math.floor(request.expiresAt.getTime() / 1000),
    metadata,
    ...(request.customerRef === null ? { customer_email: request.email } : { customer: request.customerRef }),
    ...(request.clientReference ? { client_reference_id: request.clientReference.slice(0, 200) } : {}),
    ...(request.recurring === null
      ? { payment_intent_data: { metadata } }
      : {
          subscription_data: {
            metadata,
            ...(request.recurring.freeTrialDays > 0
              ? { trial_period_days: request.recurring.freeTrialDays }
              : {}),
          },
        }),
  }
}

/** A discount as Stripe keeps it, under a name of ours. @throws DomainError 422 CURRENCY_AMOUNT_REFUSED */
export const couponParams = ({ ref, name, off, months, due }: Discount): Stripe.CouponCreateParams => ({
  id: ref,
  name: shortened(name, 40),
  ...('percentage' in off
    ? { percent_off: Number(off.percentage) }
    : amountOff({ amount: off.amount, currency: due.currency })),
  ...(months === null
    ? { duration: 'forever' as const }
    : months === 0
      ? { duration: 'once' as const }
      : { duration: 'repeating' as const, duration_in_months: months }),
})

const amountOff = (money: Money) => {
  const { amount, currency } = toStripeAmount(money)
  return { amount_off: amount, currency }
}

const toPrice = ({ title, description, price, recurring }: CheckoutRequest) => {
  const { amount, currency } = toStripeAmount(price)
  const about = shortened(description, 500)
  return {
    currency,
    unit_amount: amount,
    product_data: {
      name: shortened(title, 250) || 'Purchase',
      ...(about === '' ? {} : { description: about }),
    },
    ...(recurring === null
      ? {}
      : {
          recurring: {
            interval: recurring.frequency === 'MONTHLY' ? ('month' as const) : ('year' as const),
            interval_count: recurring.interval,
          },
        }),
  }
}

/** At most 50 keys of 40 characters without brackets, values of 500 (docs.stripe.com/metadata); the order's id always. */
const toMetadata = ({ metadata, orderId }: CheckoutRequest): Record<string, string> => {
  const fitting = Object.entries(metadata)
    .filter(([key, value]) => key !== 'orderId' && /^[^[\]]{1,40}$/.test(key) && value !== '')
    .slice(0, 49)
    .map(([key, value]) => [key, shortened(value, 500)])
  return { ...Object.fromEntries(fitting), orderId }
}

/** Cut between characters, never inside one; white space around it goes. */
const shortened = (value: string, length: number): string => {
  const characters = [...value.trim()]
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`
}
