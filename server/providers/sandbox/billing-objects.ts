import { newRef, type StripeObject, seconds, type World } from './world'

/** What a subscription is about: one price, its rhythm, its trial. */
export interface Plan {
  readonly amount: number
  readonly currency: string
  readonly quantity: number
  readonly interval: 'day' | 'week' | 'month' | 'year'
  readonly intervalCount: number
  readonly trialDays: number
  readonly name: string
  readonly price: StripeObject
  readonly metadata: Record<string, string>
}

export interface Signup {
  readonly subscription: StripeObject
  readonly invoice: StripeObject
}

/** A subscription that begins now, and its first invoice, paid; with a trial that invoice is over nothing. */
export const newSignup = (
  world: World,
  plan: Plan,
  customer: { readonly id: string; readonly email: string; readonly name: string; readonly prefix: string },
  paymentMethod: string,
): Signup => {
  const at = seconds(world.now())
  const trialEnd = plan.trialDays > 0 ? at + plan.trialDays * 86_400 : null
  const period = { start: at, end: trialEnd ?? seconds(addInterval(world.now(), plan)) }
  const ids = { subscription: newRef(world, 'sub'), item: newRef(world, 'si'), invoice: newRef(world, 'in') }
  const subscription = {
    id: ids.subscription,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: trialEnd ?? at,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible', updated_at: at },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, reason: null },
    collection_method: 'charge_automatically',
    created: at,
    currency: plan.currency,
    customer: customer.id,
    customer_account: null,
    days_until_due: null,
    default_payment_method: paymentMethod,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    ended_at: null,
    invoice_settings: { account_tax_ids: null, issuer: { type: 'self' } },
    items: {
      object: 'list',
      data: [subscriptionItem(plan, ids, period)],
      has_more: false,
      total_count: 1,
      url: `/v1/subscription_items?subscription=${ids.subscription}`,
    },
    latest_invoice: ids.invoice,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: plan.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    plan: planOf(plan),
    quantity: plan.quantity,
    schedule: null,
    start_date: at,
    status: trialEnd === null ? 'active' : 'trialing',
    test_clock: null,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: { end_behavior: { missing_payment_method: 'create_invoice' } },
    trial_start: trialEnd === null ? null : at,
  }
  return { subscription, invoice: firstInvoice(world, plan, customer, ids, period) }
}

interface Ids {
  readonly subscription: string
  readonly item: string
  readonly invoice: string
}
interface Period {
  readonly start: number
  readonly end: number
}

const subscriptionItem = (plan: Plan, ids: Ids, period: Period) => ({
  id: ids.item,
  object: 'subscription_item',
  billing_thresholds: null,
  created: period.start,
  current_period_end: period.end,
  current_period_start: period.start,
  current_trial: null,
  discounts: [],
  metadata: {},
  plan: planOf(plan),
  price: plan.price,
  quantity: plan.quantity,
  subscription: ids.subscription,
  tax_rates: [],
})

const planOf = (plan: Plan) => ({
  id: plan.price.id,
  object: 'plan',
  active: true,
  amount: plan.amount,
  amount_decimal: String(plan.amount),
  billing_scheme: 'per_unit',
  created: plan.price.created,
  currency: plan.currency,
  interval: plan.interval,
  interval_count: plan.intervalCount,
  livemode: false,
  metadata: {},
  meter: null,
  nickname: null,
  product: plan.price.product,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: 'licensed',
})

const firstInvoice = (
  world: World,
  plan: Plan,
  customer: { readonly id: string; readonly email: string; readonly name: string; readonly prefix: string },
  ids: Ids,
  period: Period,
): StripeObject => {
  const at = period.start
  const amount = plan.trialDays > 0 ? 0 : plan.amount * plan.quantity
  return {
    id: ids.invoice,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Sandbox',
    account_tax_ids: null,
    amount_due: amount,
    amount_overpaid: 0,
    amount_paid: amount,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: amount === 0 ? 0 : 1,
    attempted: true,
    auto_advance: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: 'subscription_create',
    collection_method: 'charge_automatically',
    created: at,
    currency: plan.currency,
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: null,
    customer_email: customer.email,
    customer_name: customer.name,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: at,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: {
      object: 'list',
      data: [invoiceLine(world, plan, ids, period, amount)],
      has_more: false,
      total_count: 1,
      url: `/v1/invoices/${ids.invoice}/lines`,
    },
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: `${customer.prefix}-0001`,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: plan.metadata, subscription: ids.subscription },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: at,
    period_start: at,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'paid',
    status_transitions: { finalized_at: at, marked_uncollectible_at: null, paid_at: at, voided_at: null },
    subtotal: amount,
    subtotal_excluding_tax: amount,
    test_clock: null,
    total: amount,
    total_discount_amounts: [],
    total_excluding_tax: amount,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  }
}

const invoiceLine = (world: World, plan: Plan, ids: Ids, period: Period, amount: number) => ({
  id: newRef(world, 'il'),
  object: 'line_item',
  amount,
  currency: plan.currency,
  description: plan.trialDays > 0 ? `Trial period for ${plan.name}` : `${plan.quantity} × ${plan.name}`,
  discount_amounts: [],
  discountable: true,
  discounts: [],
  invoice: ids.invoice,
  livemode: false,
  metadata: plan.metadata,
  parent: {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: { credited_items: null },
      subscription: ids.subscription,
      subscription_item: ids.item,
    },
    type: 'subscription_item_details',
  },
  period: { end: period.end, start: period.start },
  pretax_credit_amounts: [],
  pricing: {
    price_details: { price: plan.price.id, product: plan.price.product },
    type: 'price_details',
    unit_amount_decimal: plan.trialDays > 0 ? '0' : String(plan.amount),
  },
  quantity: plan.quantity,
  quantity_decimal: String(plan.quantity),
  subscription: ids.subscription,
  subtotal: amount,
  taxes: [],
})

export const newInvoicePayment = (world: World, invoice: StripeObject, intentId: string): StripeObject => {
  const at = seconds(world.now())
  return {
    id: newRef(world, 'inpay'),
    object: 'invoice_payment',
    amount_paid: invoice.amount_paid,
    amount_requested: invoice.amount_due,
    created: at,
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intentId, type: 'payment_intent' },
    status: 'paid',
    status_transitions: { canceled_at: null, paid_at: at },
  }
}

/** The same time of day, one interval on; a day that the month has not becomes its last. */
export const addInterval = (
  from: Date,
  { interval, intervalCount }: Pick<Plan, 'interval' | 'intervalCount'>,
): Date => {
  const days = { day: 1, week: 7 }
  if (interval === 'day' || interval === 'week')
    return new Date(from.getTime() + days[interval] * intervalCount * 86_400_000)
  const months = intervalCount * (interval === 'year' ? 12 : 1)
  const to = new Date(from)
  to.setUTCDate(1)
  to.setUTCMonth(to.getUTCMonth() + months)
  const last = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate()
  to.setUTCDate(Math.min(from.getUTCDate(), last))
  return to
}
