import { changeObject, ensureObject, findObject, listObjects } from './store'
import { API_VERSION, type StripeObject, type World } from './world'

/**
 * In which version of Stripe's interface events are told. What differs is where things stand: classic ones name an
 * invoice's subscription, payment and price directly and a subscription's period on itself; since basil they are in
 * `parent`, `payments`, `pricing` and the items. Some events of today say both.
 */
export const VERSIONS = {
  '2020-08-27': { label: '2020-08-27: classic, a charge with its refunds', classic: true, refunds: true },
  '2022-11-15': { label: '2022-11-15: classic', classic: true },
  '2024-06-20': { label: '2024-06-20: classic', classic: true },
  '2025-02-24.acacia': { label: '2025-02-24.acacia: the last classic one', classic: true },
  '2022-11-15 dual': { label: '2022-11-15, as told today: both at once', classic: true, both: true },
  '2025-03-31.basil': { label: '2025-03-31.basil: the first of the new ones', before: 'dahlia' },
  [API_VERSION]: { label: `${API_VERSION}: the newest` },
} as const

export type Version = keyof typeof VERSIONS
interface Traits {
  readonly label: string
  readonly classic?: true
  readonly refunds?: true
  readonly both?: true
  readonly before?: string
}

const ID = 'sandbox:version'

export const isVersion = (text: string): text is Version => Object.hasOwn(VERSIONS, text)

export const setVersion = async (world: World, version: Version): Promise<void> => {
  await ensureObject(world, { id: ID, object: 'sandbox.switch', version })
  const found = await findObject(world, ID, 'sandbox.switch', { lock: true })
  if (found !== null) await changeObject(world, found, { version })
}

export const currentVersion = async (world: World): Promise<Version> => {
  const version = String((await findObject(world, ID, 'sandbox.switch'))?.version ?? API_VERSION)
  return isVersion(version) ? version : API_VERSION
}

export interface Told {
  readonly apiVersion: string
  readonly object: Json
  readonly previous: Json | undefined
}

/** An object and what it was before, as an event of the chosen version says them. */
export const inVersion = async (world: World, object: StripeObject, previous?: Json): Promise<Told> => {
  const version = await currentVersion(world)
  const traits: Traits = VERSIONS[version]
  const apiVersion = version.split(' ')[0] ?? version
  if (traits.both) return { apiVersion, object: both(object, await classic(world, object, {})), previous }
  if (traits.classic)
    return { apiVersion, object: await classic(world, object, traits), previous: classicBefore(previous) }
  return { apiVersion, object: traits.before === undefined ? object : early(object), previous }
}

type Json = Readonly<Record<string, unknown>>

const without = (object: Json, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))

const record = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

const withData = (list: unknown, change: (item: Json) => Json) => ({
  ...record(list),
  data: ((record(list).data ?? []) as Json[]).map(change),
})

/** Members that came after basil. */
const LATE: Readonly<Record<string, readonly string[]>> = {
  subscription: ['billing_schedules', 'managed_payments', 'customer_account'],
  subscription_item: ['current_trial'],
  line_item: ['quantity_decimal', 'subscription', 'subtotal'],
  invoice: ['customer_account'],
  'checkout.session': [
    'allowed_payment_method_types',
    'branding_settings',
    'customer_account',
    'integration_identifier',
    'managed_payments',
    'origin_context',
    'payment_method_collection_details',
  ],
  payment_intent: [
    'allowed_payment_method_types',
    'customer_account',
    'excluded_payment_method_types',
    'managed_payments',
  ],
  refund: ['customer', 'customer_account', 'payment_method'],
  dispute: ['intended_submission_method'],
  customer: ['customer_account'],
}

const early = (object: Json): Json => {
  const shown = without(object, LATE[String(object.object)] ?? [])
  if (object.object === 'checkout.session') return { ...shown, ui_mode: 'hosted' }
  if (object.object === 'invoice') return { ...shown, lines: withData(object.lines, early) }
  return object.object === 'subscription' ? { ...shown, items: withData(object.items, early) } : shown
}

const classic = async (
  world: World,
  object: StripeObject,
  traits: Pick<Traits, 'refunds'>,
): Promise<Json> => {
  const shown = early(object)
  switch (object.object) {
    case 'invoice':
      return classicInvoice(world, shown, await paymentOf(world, { invoice: object.id }))
    case 'subscription':
      return classicSubscription(shown)
    case 'charge': {
      const refunds = traits.refunds ? await refundsOf(world, object.id) : null
      const invoice = await invoiceOf(world, object.payment_intent)
      return { ...shown, invoice, ...(refunds === null ? {} : { refunds }) }
    }
    case 'dispute':
      return without(shown, ['enhanced_eligibility_types'])
    case 'payment_intent':
      return { ...shown, invoice: await invoiceOf(world, object.id) }
    case 'checkout.session':
      return {
        ...without(shown, [
          'adaptive_pricing',
          'collected_information',
          'discounts',
          'permissions',
          'wallet_options',
        ]),
        shipping_details: null,
      }
    default:
      return shown
  }
}

const classicInvoice = async (world: World, invoice: Json, payment: Json): Promise<Json> => {
  const details = record(record(invoice.parent).subscription_details)
  const lines = await Promise.all(
    ((record(invoice.lines).data ?? []) as Json[]).map((line) => classicLine(world, line)),
  )
  return {
    ...without(invoice, ['amount_overpaid', 'parent', 'total_pretax_credit_amounts', 'total_taxes']),
    application_fee_amount: null,
    charge: payment.charge ?? null,
    discount: null,
    lines: { ...record(invoice.lines), data: lines },
    paid: invoice.status === 'paid',
    paid_out_of_band: false,
    payment_intent: payment.payment_intent ?? null,
    quote: null,
    subscription: details.subscription ?? null,
    subscription_details: { metadata: details.metadata ?? null },
    tax: null,
    total_tax_amounts: [],
    transfer_data: null,
  }
}

const classicLine = async (world: World, line: Json): Promise<Json> => {
  const details = record(record(line.parent).subscription_item_details)
  const pricing = record(line.pricing)
  const price = record(pricing.price_details).price
  const known = await findObject(world, String(price), 'price')
  return {
    ...without(line, ['parent', 'pretax_credit_amounts', 'pricing', 'taxes']),
    amount_excluding_tax: line.amount,
    price: known ?? {
      id: price,
      object: 'price',
      currency: line.currency,
      product: record(pricing.price_details).product,
    },
    proration: details.proration === true,
    proration_details: { credited_items: null },
    subscription: details.subscription,
    subscription_item: details.subscription_item,
    tax_amounts: [],
    tax_rates: [],
    type: 'subscription',
    unit_amount_excluding_tax: pricing.unit_amount_decimal,
  }
}

const classicSubscription = (subscription: Json): Json => {
  const [item] = (record(subscription.items).data ?? []) as Json[]
  return {
    ...without(subscription, ['billing_cycle_anchor_config', 'billing_mode', 'discounts']),
    current_period_end: item?.current_period_end,
    current_period_start: item?.current_period_start,
    discount: null,
    items: withData(subscription.items, (one) =>
      without(one, ['current_period_end', 'current_period_start', 'discounts']),
    ),
  }
}

/** A renewal was told by the subscription's own period. */
const classicBefore = (previous: Json | undefined): Json | undefined => {
  if (previous?.items === undefined) return previous
  const [item] = (record(previous.items).data ?? []) as Json[]
  return {
    ...without(previous, ['items']),
    current_period_end: item?.current_period_end,
    current_period_start: item?.current_period_start,
  }
}

/** New members and old ones beside each other, in lists too. */
const both = (now: Json, then: Json): Json => {
  const lists = ['lines', 'items'].filter((name) => Array.isArray(record(then[name]).data))
  const merged = lists.map((name) => {
    const old = (record(then[name]).data ?? []) as Json[]
    let index = -1
    const data = withData(now[name], (item) => {
      index += 1
      return { ...old[index], ...item }
    })
    return [name, data] as const
  })
  return { ...then, ...now, ...Object.fromEntries(merged) }
}

const paymentOf = async (world: World, where: { readonly invoice: string }): Promise<Json> => {
  const [found] = await listObjects(world, { types: ['invoice_payment'], where, limit: 1 })
  const intent = record(found?.payment).payment_intent
  if (typeof intent !== 'string') return {}
  const charge = (await findObject(world, intent, 'payment_intent'))?.latest_charge
  return { payment_intent: intent, charge }
}

const invoiceOf = async (world: World, intent: unknown): Promise<unknown> => {
  if (typeof intent !== 'string') return null
  const payments = await listObjects(world, { types: ['invoice_payment'], limit: 1_000 })
  return payments.find(({ payment }) => record(payment).payment_intent === intent)?.invoice ?? null
}

const refundsOf = async (world: World, charge: string): Promise<Json> => {
  const data = await listObjects(world, { types: ['refund'], where: { charge } })
  return {
    object: 'list',
    data,
    has_more: false,
    total_count: data.length,
    url: `/v1/charges/${charge}/refunds`,
  }
}
