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
  /** Taken off the first invoice. */
  readonly discount: number
}

export interface Signup {
  readonly subscription: StripeObject
  readonly invoice: StripeObject
}

/** A subscription that begins now, and its first invoice, paid; with a trial that invoice is over nothing. */
export const newSignup = (world: World, plan: Plan, customer: Billed, paymentMethod: string): Signup => {
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
  const onTrial = plan.trialDays > 0
  const open = newInvoice(world, {
    id: ids.invoice,
    customer,
    subscription: { id: ids.subscription, item: ids.item, metadata: plan.metadata },
    currency: plan.currency,
    reason: 'subscription_create',
    lines: [
      {
        description: onTrial ? `Trial period for ${plan.name}` : `${plan.quantity} × ${plan.name}`,
        amount: onTrial ? 0 : plan.amount * plan.quantity,
        unitAmount: onTrial ? 0 : plan.amount,
        quantity: plan.quantity,
        proration: false,
        period,
        price: plan.price,
      },
    ],
    discount: onTrial ? 0 : plan.discount,
    startingBalance: 0,
    number: `${customer.prefix}-0001`,
    at,
  })
  return { subscription, invoice: { ...open, ...paidInvoice(world, open) } }
}

interface Ids {
  readonly subscription: string
  readonly item: string
}
export interface Period {
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

export const planOf = (plan: Pick<Plan, 'price' | 'amount' | 'currency' | 'interval' | 'intervalCount'>) => ({
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

/** Who an invoice is for. */
export interface Billed {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly prefix: string
}

/** What an invoice is made of, in the currency's smallest unit. */
export interface InvoiceTerms {
  readonly id: string
  readonly customer: Billed
  readonly subscription: { readonly id: string; readonly item: string; readonly metadata: unknown }
  readonly currency: string
  readonly reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'upcoming'
  readonly lines: readonly InvoiceLine[]
  /** Taken off what the lines are together. */
  readonly discount: number
  /** The customer's balance before; below nothing it is credit, which pays first. */
  readonly startingBalance: number
  readonly number: string | null
  /** Unix seconds: when it was made, and the period before it. */
  readonly at: number
  readonly period?: Period
}

export interface InvoiceLine {
  readonly description: string
  readonly amount: number
  readonly unitAmount: number
  readonly quantity: number
  readonly proration: boolean
  readonly period: Period
  readonly price: StripeObject
}

/** An invoice that waits for its payment; what credit covers, or nothing, is paid at once by `paidInvoice`. */
export const newInvoice = (world: World, terms: InvoiceTerms): StripeObject => {
  const { at, currency, customer, subscription, startingBalance } = terms
  const subtotal = terms.lines.reduce((sum, { amount }) => sum + amount, 0)
  const total = subtotal - terms.discount
  const due = Math.max(0, total + startingBalance)
  return {
    id: terms.id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'Sandbox',
    account_tax_ids: null,
    amount_due: due,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: due,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: terms.reason,
    collection_method: 'charge_automatically',
    created: at,
    currency,
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
    ending_balance: total + startingBalance - due,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: terms.reason === 'upcoming' ? null : `${world.pagesUrl}/invoices/${terms.id}`,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: {
      object: 'list',
      data: terms.lines.map((line) => invoiceLine(world, terms, line)),
      has_more: false,
      total_count: terms.lines.length,
      url: `/v1/invoices/${terms.id}/lines`,
    },
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: terms.number,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: terms.period?.end ?? at,
    period_start: terms.period?.start ?? at,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: startingBalance,
    statement_descriptor: null,
    status: 'open',
    status_transitions: { finalized_at: at, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal,
    subtotal_excluding_tax: subtotal,
    test_clock: null,
    total,
    total_discount_amounts: terms.discount === 0 ? [] : [{ amount: terms.discount, discount: 'di_sandbox' }],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  }
}

/** The members of an invoice that change when it is paid. */
export const paidInvoice = (world: World, invoice: StripeObject): Record<string, unknown> => ({
  status: 'paid',
  amount_paid: invoice.amount_due,
  amount_remaining: 0,
  attempted: true,
  attempt_count: Number(invoice.attempt_count) + (invoice.amount_due === 0 ? 0 : 1),
  auto_advance: false,
  next_payment_attempt: null,
  status_transitions: { ...(invoice.status_transitions as object), paid_at: seconds(world.now()) },
})

const invoiceLine = (world: World, terms: InvoiceTerms, line: InvoiceLine) => ({
  id: newRef(world, 'il'),
  object: 'line_item',
  amount: line.amount,
  currency: terms.currency,
  description: line.description,
  discount_amounts: [],
  discountable: true,
  discounts: [],
  invoice: terms.id,
  livemode: false,
  metadata: terms.subscription.metadata,
  parent: {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: line.proration,
      proration_details: { credited_items: null },
      subscription: terms.subscription.id,
      subscription_item: terms.subscription.item,
    },
    type: 'subscription_item_details',
  },
  period: line.period,
  pretax_credit_amounts: [],
  pricing: {
    price_details: { price: line.price.id, product: line.price.product },
    type: 'price_details',
    unit_amount_decimal: String(line.unitAmount),
  },
  quantity: line.quantity,
  quantity_decimal: String(line.quantity),
  subscription: terms.subscription.id,
  subtotal: line.amount,
  taxes: [],
})

export const newInvoicePayment = (world: World, invoice: StripeObject, intentId: string): StripeObject => {
  const at = seconds(world.now())
  return {
    id: newRef(world, 'inpay'),
    object: 'invoice_payment',
    amount_paid: invoice.amount_due,
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

/** The end of the period that begins then; counted from the anchor, so that a short month shortens only itself. */
export const periodEnd = (
  anchor: number,
  start: number,
  rhythm: Pick<Plan, 'interval' | 'intervalCount'>,
): number => {
  const from = new Date(anchor * 1000)
  for (let periods = 1; ; periods += 1) {
    const end = seconds(addInterval(from, { ...rhythm, intervalCount: rhythm.intervalCount * periods }))
    if (end > start) return end
  }
}
