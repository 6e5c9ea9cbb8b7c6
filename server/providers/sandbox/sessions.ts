import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../../../db/client'
import { sandboxObjects } from '../../../db/schema'
import { ApiError, badParameter, missing } from './api-error'
import { discountBy, discountOf, findCoupon, type Off } from './coupons'
import { emit } from './events'
import type { LineItem, NewSession } from './parameters'
import { addObject, changeObject, findObject } from './store'
import { newRef, type StripeObject, seconds, type World } from './world'

/** What a session keeps to itself until it is paid. */
export interface SessionOrder extends StripeObject {
  readonly name: string
  readonly description: string | null
  readonly unit_amount: number
  readonly quantity: number
  readonly recurring: {
    readonly interval: 'day' | 'week' | 'month' | 'year'
    readonly interval_count: number
  } | null
  readonly trial_days: number
  readonly metadata: Record<string, string>
  readonly payment_description: string | null
  readonly line_items: readonly StripeObject[]
  /** A coupon that was entered. */
  readonly discount: (Off & { readonly invoices: number | null }) | null
  /** The payment intent of the first attempt. */
  readonly payment_intent: string | null
  /** Who is at the 3-D Secure step. */
  readonly pending: Record<string, unknown> | null
}

/** @throws ApiError 400 as Stripe does for what does not go together. */
export const createSession = async (world: World, given: NewSession): Promise<StripeObject> => {
  const input: Resolved = { ...given, line_items: await Promise.all(given.line_items.map(resolved(world))) }
  checkTogether(input)
  checkPrices(input)
  const expiresAt = expiry(world, input.expires_at)
  if (input.customer !== undefined && !(await findObject(world, input.customer, 'customer')))
    throw new ApiError(400, `No such customer: '${input.customer}'`, {
      code: 'resource_missing',
      param: 'customer',
    })
  const id = newRef(world, 'cs_test')
  const lines = input.line_items.map((line) => lineItem(world, line))
  const subtotal = lines.reduce((sum, { amount_total }) => sum + amount_total, 0)
  const trialDays = input.subscription_data?.trial_period_days ?? 0
  const order = { ...sessionOrder(id, input, lines), discount: await discountAsked(world, input) }
  const off = trialDays > 0 ? 0 : discountOf(order.discount, subtotal)
  const session = newSession(world, input, { id, total: trialDays > 0 ? 0 : subtotal, expiresAt })
  await addObject(world, order)
  if (order.discount === null) return addObject(world, session)
  return addObject(world, {
    ...session,
    amount_total: Number(session.amount_total) - off,
    total_details: { amount_discount: off, amount_shipping: 0, amount_tax: 0 },
    discounts: [{ coupon: input.discounts?.[0]?.coupon, promotion_code: null }],
  })
}

/** @throws ApiError 400 when there is no such coupon, or it is of another currency. */
const discountAsked = async (world: World, input: Resolved): Promise<SessionOrder['discount']> => {
  const [asked] = input.discounts ?? []
  if (asked === undefined) return null
  const coupon = await findObject(world, asked.coupon, 'coupon')
  if (coupon === null)
    throw new ApiError(400, `No such coupon: '${asked.coupon}'`, {
      code: 'resource_missing',
      param: 'discounts[0][coupon]',
    })
  const price = input.line_items[0]?.price_data
  if (coupon.currency !== null && coupon.currency !== price?.currency)
    throw badParameter('discounts[0][coupon]', 'The currency of the coupon is not that of the prices.')
  const { recurring } = price ?? {}
  return discountBy(
    coupon,
    recurring === undefined
      ? null
      : { interval: recurring.interval, interval_count: recurring.interval_count ?? 1 },
  )
}

type Resolved = Omit<NewSession, 'line_items'> & { line_items: LineItem[] }

/** A price that is kept, as if it had been sent along. @throws ApiError 400 when there is none, or it is not active */
const resolved =
  (world: World) =>
  async (line: NewSession['line_items'][number]): Promise<LineItem> => {
    if (line.price_data !== undefined) return { ...line, price_data: line.price_data }
    const price = await findObject(world, line.price ?? '', 'price')
    if (price === null || price.active !== true)
      throw new ApiError(400, `No such price: '${line.price}'`, {
        code: 'resource_missing',
        param: 'line_items[0][price]',
      })
    const product = await findObject(world, String(price.product), 'product')
    const recurring = price.recurring as { interval: 'month'; interval_count: number } | null
    return {
      ...line,
      price_data: {
        currency: String(price.currency),
        unit_amount: Number(price.unit_amount),
        product_data: { name: String(product?.name ?? 'Subscription') },
        ...(recurring === null
          ? {}
          : { recurring: { interval: recurring.interval, interval_count: recurring.interval_count } }),
      },
    }
  }

/** Ends a session that is open; `null` when there is none. @throws ApiError 400 when it is not open. */
export const expireSession = async (world: World, id: string): Promise<StripeObject> => {
  const session = await findObject(world, id, 'checkout.session', { lock: true })
  if (session === null) throw missing('checkout.session', id, 'session')
  if (session.status !== 'open')
    throw new ApiError(
      400,
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${String(session.status)}\`.`,
    )
  return expireNow(world, session)
}

/** The session, ended first when its time is over. */
export const currentSession = async (world: World, id: string): Promise<StripeObject | null> => {
  const session = await findObject(world, id, 'checkout.session', { lock: true })
  return session !== null && isOver(world, session) ? expireNow(world, session) : session
}

/** Lowers an open session's total by a promotion code; an empty one takes the last one off again. */
export const enterCoupon = (
  world: World & { readonly db: Db },
  id: string,
  code: string,
): Promise<'entered' | 'unknown'> =>
  world.db.transaction(async (db) => {
    const inside = { ...world, db }
    const session = await currentSession(inside, id)
    const order = await orderOfSession(inside, id)
    if (session === null || order === null || session.status !== 'open') return 'entered'
    if (session.allow_promotion_codes !== true) return code === '' ? 'entered' : 'unknown'
    const coupon = code === '' ? null : findCoupon(code)
    if (code !== '' && coupon === null) return 'unknown'
    const full = order.unit_amount * order.quantity
    const off = coupon === null || order.trial_days > 0 ? 0 : discountOf(coupon, full)
    if (order.recurring === null && coupon === null) return 'entered'
    await changeObject(inside, order, {
      discount: coupon === null ? null : { percentOff: coupon.percentOff, invoices: coupon.invoices },
    })
    await changeObject(inside, session, {
      amount_total: order.trial_days > 0 ? 0 : full - off,
      total_details: { amount_discount: off, amount_shipping: 0, amount_tax: 0 },
      discounts: coupon === null ? [] : [{ coupon: null, promotion_code: `promo_${coupon.code}` }],
    })
    return 'entered'
  })

export const orderOfSession = async (world: World, id: string): Promise<SessionOrder | null> =>
  (await findObject(world, `${id}:order`)) as SessionOrder | null

/** Ends the sessions whose time is over, as Stripe does by itself. */
export const expireSessions = async (world: World): Promise<void> => {
  const rows = await world.db
    .select({ id: sandboxObjects.id })
    .from(sandboxObjects)
    .where(
      and(
        eq(sandboxObjects.provider, 'stripe'),
        eq(sandboxObjects.type, 'checkout.session'),
        sql`${sandboxObjects.body} ->> 'status' = 'open'`,
        sql`(${sandboxObjects.body} ->> 'expires_at')::bigint <= ${seconds(world.now())}`,
      ),
    )
    .limit(50)
  for (const { id } of rows) await world.db.transaction((db) => currentSession({ ...world, db }, id))
}

const isOver = (world: World, session: StripeObject): boolean =>
  session.status === 'open' && Number(session.expires_at) <= seconds(world.now())

const expireNow = async (world: World, session: StripeObject): Promise<StripeObject> => {
  const expired = await changeObject(world, session, { status: 'expired', url: null })
  await emit(world, 'checkout.session.expired', expired)
  return expired
}

const checkTogether = (input: Resolved): void => {
  const refuse = (param: string, message: string) => {
    throw badParameter(param, message)
  }
  if (input.customer !== undefined && input.customer_email !== undefined)
    refuse('customer_email', 'You may only specify one of these parameters: customer, customer_email.')
  if (input.discounts !== undefined && input.allow_promotion_codes !== undefined)
    refuse('discounts', 'You may only specify one of these parameters: allow_promotion_codes, discounts.')
  if (input.mode === 'payment' && input.subscription_data !== undefined)
    refuse('subscription_data', 'You can not pass `subscription_data` in `payment` mode.')
  if (input.mode === 'subscription' && input.payment_intent_data !== undefined)
    refuse('payment_intent_data', 'You can not pass `payment_intent_data` in `subscription` mode.')
  const recurring = input.line_items.filter((line) => line.price_data.recurring !== undefined).length
  if (input.mode === 'payment' && recurring > 0)
    refuse(
      'mode',
      'You specified `payment` mode but passed a recurring price. Use `subscription` mode instead.',
    )
  if (input.mode === 'subscription' && (recurring !== 1 || input.line_items.length !== 1))
    refuse('line_items', 'In `subscription` mode the sandbox takes exactly one recurring price.')
  if (new Set(input.line_items.map((line) => line.price_data.currency)).size > 1)
    refuse('line_items', 'All prices must have the same currency.')
}

const MULTIPLE_OF_100 = new Set(['isk', 'ugx'])
const MULTIPLE_OF_10 = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])
const LONGER: Readonly<Record<string, number>> = { inr: 9, cop: 10, huf: 10, jpy: 10, idr: 12, lbp: 12 }
/** The least that can be charged (docs.stripe.com/currencies). */
const MINIMUM: Readonly<Record<string, number>> = {
  usd: 50,
  aed: 200,
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17500,
  inr: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  thb: 1000,
}

const checkPrices = (input: Resolved): void => {
  input.line_items.forEach(({ price_data: { currency, unit_amount } }, index) => {
    const param = `line_items[${index}][price_data][unit_amount]`
    const step = MULTIPLE_OF_100.has(currency) ? 100 : MULTIPLE_OF_10.has(currency) ? 10 : 1
    if (unit_amount % step !== 0)
      throw badParameter(param, `Amounts of ${currency} must be divisible by ${step}.`)
    if (String(unit_amount).length > (LONGER[currency] ?? 8))
      throw badParameter(param, 'The amount is too large.', 'amount_too_large')
  })
  const total = input.line_items.reduce(
    (sum, line) => sum + line.price_data.unit_amount * (line.quantity ?? 1),
    0,
  )
  const currency = input.line_items[0]?.price_data.currency ?? ''
  if (total > 0 && total < (MINIMUM[currency] ?? 1))
    throw badParameter(
      'line_items',
      `The total must be at least ${MINIMUM[currency]} ${currency}.`,
      'amount_too_small',
    )
}

const MINUTE = 60
const DAY = 86_400

const expiry = (world: World, given: number | undefined): number => {
  const at = seconds(world.now())
  if (given === undefined) return at + DAY
  if (given < at + 30 * MINUTE)
    throw badParameter(
      'expires_at',
      'The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.',
    )
  if (given > at + DAY)
    throw badParameter(
      'expires_at',
      'The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.',
    )
  return given
}

const lineItem = (world: World, line: LineItem) => {
  const { currency, unit_amount, product_data, recurring } = line.price_data
  const quantity = line.quantity ?? 1
  const amount = unit_amount * quantity
  return {
    id: newRef(world, 'li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency,
    description: product_data.name,
    metadata: {},
    price: {
      id: line.price ?? newRef(world, 'price'),
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created: seconds(world.now()),
      currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: newRef(world, 'prod'),
      recurring:
        recurring === undefined
          ? null
          : {
              interval: recurring.interval,
              interval_count: recurring.interval_count ?? 1,
              meter: null,
              trial_period_days: null,
              usage_type: 'licensed',
            },
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: recurring === undefined ? 'one_time' : 'recurring',
      unit_amount,
      unit_amount_decimal: String(unit_amount),
    },
    quantity,
  }
}

const sessionOrder = (id: string, input: Resolved, lines: readonly StripeObject[]): SessionOrder => {
  const first = input.line_items[0]?.price_data
  const recurring = first?.recurring
  return {
    id: `${id}:order`,
    object: 'sandbox.order',
    name: input.line_items.map((line) => line.price_data.product_data.name).join(', '),
    description: first?.product_data.description ?? null,
    unit_amount: first?.unit_amount ?? 0,
    quantity: input.line_items[0]?.quantity ?? 1,
    recurring: recurring
      ? { interval: recurring.interval, interval_count: recurring.interval_count ?? 1 }
      : null,
    trial_days: input.subscription_data?.trial_period_days ?? 0,
    metadata: input.payment_intent_data?.metadata ?? input.subscription_data?.metadata ?? {},
    payment_description: input.payment_intent_data?.description ?? null,
    line_items: lines,
    discount: null,
    payment_intent: null,
    pending: null,
  }
}

const newSession = (
  world: World,
  input: Resolved,
  { id, total, expiresAt }: { id: string; total: number; expiresAt: number },
): StripeObject => ({
  id,
  object: 'checkout.session',
  adaptive_pricing: { enabled: false },
  after_expiration: null,
  allow_promotion_codes:
    input.allow_promotion_codes === undefined ? null : input.allow_promotion_codes === 'true',
  allowed_payment_method_types: null,
  amount_subtotal: total,
  amount_total: total,
  automatic_tax: { enabled: false, liability: null, provider: null, status: null },
  billing_address_collection: null,
  branding_settings: {
    background_color: '#ffffff',
    border_style: 'rounded',
    button_color: '#0074d4',
    display_name: 'Sandbox',
    font_family: 'default',
    icon: null,
    logo: null,
  },
  cancel_url: input.cancel_url ?? null,
  client_reference_id: input.client_reference_id ?? null,
  client_secret: null,
  collected_information: { business_name: null, individual_name: null, shipping_details: null },
  consent: null,
  consent_collection: null,
  created: seconds(world.now()),
  currency: input.line_items[0]?.price_data.currency,
  currency_conversion: null,
  custom_fields: [],
  custom_text: {
    after_submit: null,
    shipping_address: null,
    submit: null,
    terms_of_service_acceptance: null,
  },
  customer: input.customer ?? null,
  customer_account: null,
  customer_creation: input.mode === 'payment' && input.customer === undefined ? 'if_required' : null,
  customer_details: null,
  customer_email: input.customer_email ?? null,
  discounts: [],
  expires_at: expiresAt,
  integration_identifier: null,
  invoice: null,
  invoice_creation: null,
  livemode: false,
  locale: null,
  managed_payments: { enabled: false },
  metadata: input.metadata ?? {},
  mode: input.mode,
  origin_context: null,
  payment_intent: null,
  payment_link: null,
  payment_method_collection: input.mode === 'payment' ? 'if_required' : 'always',
  payment_method_configuration_details: null,
  payment_method_options: { card: { request_three_d_secure: 'automatic' } },
  payment_method_types: ['card'],
  payment_status: 'unpaid',
  permissions: null,
  phone_number_collection: { enabled: false },
  recovered_from: null,
  saved_payment_method_options: null,
  setup_intent: null,
  shipping_address_collection: null,
  shipping_cost: null,
  shipping_options: [],
  status: 'open',
  submit_type: null,
  subscription: null,
  success_url: input.success_url,
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted_page',
  url: `${world.pagesUrl}/checkout/${id}`,
  wallet_options: null,
})
