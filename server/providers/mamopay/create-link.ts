import { refused } from '../../kit/errors'
import type { Money } from '../../kit/money'
import type { CheckoutRequest } from '../../kit/ports'
import { toNumber } from './decimals'

/** What MamoPay charges in, from 2.00. No free trials. */
export const canCharge = ({ amount, currency }: Money, terms?: { freeTrialDays: number }): boolean =>
  CURRENCIES.has(currency) && amount >= LEAST && (terms?.freeTrialDays ?? 0) === 0

const CURRENCIES = new Set(['AED', 'USD', 'EUR', 'GBP', 'SAR'])
const LEAST = 200n

/**
 * A checkout as a payment link: paid once, for this amount and nothing that the payer could change (tips, quantity).
 * @throws DomainError 422 CURRENCY_AMOUNT_REFUSED.
 */
export const linkParams = (request: CheckoutRequest): Record<string, unknown> => {
  // No discounts there: the link asks for what is left.
  const due = request.discount?.due ?? request.price
  if (!canCharge(due, request.recurring ?? undefined))
    throw refused(
      'CURRENCY_AMOUNT_REFUSED',
      'MamoPay takes AED, USD, EUR, GBP and SAR from 2.00 on, without free trials. Choose another way to pay.',
    )
  return {
    title: shortened(request.title, 50) || 'Purchase',
    description: shortened(request.description, 75),
    amount: toNumber(due),
    amount_currency: due.currency,
    return_url: returnUrl(request.successUrl),
    failure_return_url: request.cancelUrl,
    link_type: 'standalone',
    // Not kept to by MamoPay for a subscription: a second payer there is set aside when their charge is read back.
    capacity: 1,
    active: true,
    processing_fee_percentage: 0,
    enable_tips: false,
    enable_quantity: false,
    enable_tabby: false,
    enable_message: false,
    enable_customer_details: false,
    enable_qr_code: false,
    // The buyer gets one mail, and it is ours.
    send_customer_receipt: false,
    save_card: 'off',
    hold_and_charge_later: false,
    payment_methods: ['card', 'wallet'],
    email: request.email,
    external_id: request.orderId,
    custom_data: customData(request),
    ...(request.recurring === null
      ? {}
      : {
          subscription: {
            frequency: request.recurring.frequency === 'MONTHLY' ? 'monthly' : 'annually',
            frequency_interval: request.recurring.interval,
          },
        }),
  }
}

/** MamoPay adds its own names to the address and fills in none of ours. */
const returnUrl = (successUrl: string): string => {
  const url = new URL(successUrl)
  url.searchParams.delete('session_id')
  return url.toString()
}

/** For whoever reads MamoPay's dashboard. */
const customData = ({ details, orderId, email }: CheckoutRequest): Record<string, unknown> => {
  const groups = Object.entries(details ?? {}).map(([group, members]) => [
    group,
    Object.fromEntries(
      Object.entries(members).map(([name, value]) => [
        name,
        typeof value === 'string' ? shortened(value, 200) : value,
      ]),
    ),
  ])
  const data = Object.fromEntries(groups) as Record<string, object>
  return { ...data, details: { email, ...data.details, orderId } }
}

/** Cut between characters, never inside one; white space around it goes. */
const shortened = (value: string, length: number): string => {
  const characters = [...value.trim()]
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`
}
