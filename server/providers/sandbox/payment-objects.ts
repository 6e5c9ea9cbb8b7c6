import { sha256 } from '../../kit/crypto'
import type { Card, CardOutcome, Decline } from './cards'
import { newRef, type StripeObject, seconds, type World } from './world'

/** Who pays, and with which card; its number and security code are never kept. */
export interface Payer {
  readonly email: string
  readonly name: string
  readonly card: Card
  /** What becomes of later charges. */
  readonly later?: CardOutcome
}

const NO_ADDRESS = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null }

export const newCustomer = (
  world: World,
  given: {
    readonly email?: string | undefined
    readonly name?: string | undefined
    readonly phone?: string | undefined
    readonly description?: string | undefined
    readonly metadata?: Record<string, string> | undefined
  },
): StripeObject => ({
  id: newRef(world, 'cus'),
  object: 'customer',
  address: null,
  balance: 0,
  created: seconds(world.now()),
  currency: null,
  default_source: null,
  delinquent: false,
  description: given.description ?? null,
  discount: null,
  email: given.email ?? null,
  invoice_prefix: newRef(world, 'x').slice(2, 10).toUpperCase(),
  invoice_settings: {
    custom_fields: null,
    default_payment_method: null,
    footer: null,
    rendering_options: null,
  },
  livemode: false,
  metadata: given.metadata ?? {},
  name: given.name ?? null,
  next_invoice_sequence: 1,
  phone: given.phone ?? null,
  preferred_locales: [],
  shipping: null,
  tax_exempt: 'none',
  test_clock: null,
})

export interface NewIntent {
  readonly amount: number
  readonly currency: string
  readonly customer: string | null
  readonly description: string | null
  readonly metadata: Record<string, string>
}

export const newPaymentIntent = (world: World, given: NewIntent): StripeObject => {
  const id = newRef(world, 'pi')
  return {
    id,
    object: 'payment_intent',
    amount: given.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: newRef(world, `${id}_secret`),
    confirmation_method: 'automatic',
    created: seconds(world.now()),
    currency: given.currency,
    customer: given.customer,
    customer_account: null,
    description: given.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: given.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  }
}

/** A charge of the whole of an intent: paid, or failed when `decline` says why. */
export const newCharge = (
  world: World,
  intent: StripeObject,
  payer: Payer,
  paymentMethod: string,
  decline: Decline | null,
): StripeObject => {
  const id = newRef(world, 'ch')
  const amount = Number(intent.amount)
  const captured = decline === null
  return {
    id,
    object: 'charge',
    amount,
    amount_captured: captured ? amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: captured ? newRef(world, 'txn') : null,
    billing_details: {
      address: NO_ADDRESS,
      email: payer.email,
      name: payer.name,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: 'SANDBOX',
    captured,
    created: seconds(world.now()),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: decline?.code ?? null,
    failure_message: decline?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(decline),
    paid: captured,
    payment_intent: intent.id,
    payment_method: paymentMethod,
    payment_method_details: { card: cardDetails(payer, amount), type: 'card' },
    radar_options: {},
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: captured ? 'succeeded' : 'failed',
    transfer_data: null,
    transfer_group: null,
  }
}

const outcomeOf = (decline: Decline | null) => ({
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: decline === null ? 'approved_by_network' : 'declined_by_network',
  reason: decline?.declineCode ?? decline?.code ?? null,
  risk_level: 'normal',
  risk_score: 20,
  seller_message: decline === null ? 'Payment complete.' : 'The bank declined the payment.',
  type: decline === null ? 'authorized' : 'issuer_declined',
})

/** The test numbers are everybody's: it is who pays that makes it another card. */
const fingerprintOf = ({ card, email }: Payer): string =>
  `SANDBOX${sha256(`${card.last4} ${email.trim().toLowerCase()}`).toString('hex').slice(0, 12)}`

const cardDetails = ({ card, ...payer }: Payer, amount: number) => ({
  amount_authorized: amount,
  authorization_code: null,
  brand: card.brand,
  checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
  country: 'US',
  exp_month: card.expMonth,
  exp_year: card.expYear,
  extended_authorization: { status: 'disabled' },
  fingerprint: fingerprintOf({ card, ...payer }),
  funding: 'credit',
  incremental_authorization: { status: 'unavailable' },
  installments: null,
  last4: card.last4,
  mandate: null,
  multicapture: { status: 'unavailable' },
  network: card.brand,
  network_token: { used: false },
  network_transaction_id: null,
  overcapture: { maximum_amount_capturable: amount, status: 'unavailable' },
  regulated_status: 'unregulated',
  three_d_secure: null,
  wallet: null,
})

/** 2.9 % and 30 of the smallest units, never more than there is. */
export const feeOf = (amount: number): number => Math.min(amount, Math.floor((amount * 29 + 500) / 1000) + 30)

/** What a charge, a refund or transfer (with a negative amount), one taken back or a dispute does to the balance. */
export const newBalanceTransaction = (
  world: World,
  given: {
    readonly id: string
    readonly amount: number
    readonly fee: number
    readonly currency: unknown
    readonly source: string
    readonly type: 'charge' | 'refund' | 'refund_failure' | 'adjustment' | 'transfer' | 'transfer_refund'
  },
): StripeObject => ({
  id: given.id,
  object: 'balance_transaction',
  amount: given.amount,
  available_on: seconds(world.now()),
  balance_type: 'payments',
  created: seconds(world.now()),
  currency: given.currency,
  description: null,
  exchange_rate: null,
  fee: given.fee,
  fee_details:
    given.fee === 0
      ? []
      : [
          {
            amount: given.fee,
            application: null,
            currency: given.currency,
            description: 'Stripe processing fees',
            type: 'stripe_fee',
          },
        ],
  net: given.amount - given.fee,
  reporting_category: given.type,
  source: given.source,
  status: 'available',
  type: given.type,
})

/** A card that is kept; its number is not. */
export const newPaymentMethod = (world: World, id: string, customer: string, payer: Payer): StripeObject => ({
  id,
  object: 'payment_method',
  allow_redisplay: 'limited',
  billing_details: { address: NO_ADDRESS, email: payer.email, name: payer.name, phone: null, tax_id: null },
  card: {
    brand: payer.card.brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    display_brand: payer.card.brand,
    exp_month: payer.card.expMonth,
    exp_year: payer.card.expYear,
    fingerprint: fingerprintOf(payer),
    funding: 'credit',
    generated_from: null,
    last4: payer.card.last4,
    networks: { available: [payer.card.brand], preferred: null },
    three_d_secure_usage: { supported: true },
    wallet: null,
  },
  created: seconds(world.now()),
  customer,
  customer_account: null,
  livemode: false,
  metadata: {},
  type: 'card',
})
