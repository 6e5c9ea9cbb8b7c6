import { newInvoicePayment, newSignup, type Plan } from './billing-objects'
import { AUTHENTICATION_FAILED, type CardOutcome, type Decline } from './cards'
import { chargeIntent, declineIntent } from './charging'
import { inBillingTime } from './clock'
import { discountOf } from './coupons'
import { addDebit, takesDebit } from './debits'
import { emit } from './events'
import { newCustomer, newPaymentIntent, newPaymentMethod, type Payer } from './payment-objects'
import { currentSession, orderOfSession, type SessionOrder } from './sessions'
import { addObject, changeObject, findObject } from './store'
import { newRef, type StripeObject, type World } from './world'

export type Attempt =
  | { readonly kind: 'paid'; readonly location: string }
  | { readonly kind: 'declined'; readonly message: string }
  | { readonly kind: 'authenticate' }
  | { readonly kind: 'over' }

/**
 * Tries to pay a session, in one transaction: either every object and event of the payment is there, or none. Two
 * at once pay once; the second is told that it is paid.
 */
export const attemptPayment = (
  world: World,
  sessionId: string,
  payer: Payer,
  outcome: CardOutcome,
): Promise<Attempt> =>
  withSession(world, sessionId, async (scene) => {
    if (outcome.kind === 'authenticates') return askForAuthentication(scene, payer)
    return outcome.kind === 'declines' ? decline(scene, payer, outcome.decline) : pay(scene, payer)
  })

/** Asks a bank instead of a card; for what is paid once. */
export const attemptDebit = (
  world: World,
  sessionId: string,
  payer: Payer,
  account: string,
): Promise<Attempt> =>
  withSession(world, sessionId, async (scene) =>
    takesDebit(scene.session, scene.order) ? debit(scene, payer, account) : { kind: 'over' },
  )

/** The end of the 3-D Secure step. */
export const finishAuthentication = (world: World, sessionId: string, succeeded: boolean): Promise<Attempt> =>
  withSession(world, sessionId, async (scene) => {
    const payer = scene.order.pending as unknown as Payer | null
    if (payer === null) return { kind: 'over' }
    return succeeded ? pay(scene, payer) : decline(scene, payer, AUTHENTICATION_FAILED)
  })

interface Scene {
  readonly world: World
  readonly session: StripeObject
  readonly order: SessionOrder
}

const withSession = (
  world: World,
  sessionId: string,
  work: (scene: Scene) => Promise<Attempt>,
): Promise<Attempt> =>
  world.db.transaction(async (db) => {
    const inside = { ...world, db }
    const session = await currentSession(inside, sessionId)
    const order = await orderOfSession(inside, sessionId)
    if (session === null || order === null || session.status === 'expired') return { kind: 'over' }
    if (session.status === 'complete') return { kind: 'paid', location: successUrl(session) }
    return work({ world: inside, session, order })
  })

export const successUrl = (session: StripeObject): string =>
  String(session.success_url).replaceAll('{CHECKOUT_SESSION_ID}', session.id)

const askForAuthentication = async (scene: Scene, payer: Payer): Promise<Attempt> => {
  const { world, session, order } = scene
  const changes: Record<string, unknown> = { pending: payer }
  if (isCharged(session)) {
    const intent = await intentOf(scene, null)
    const waiting = await changeObject(world, intent, {
      status: 'requires_action',
      payment_method: newRef(world, 'pm'),
      next_action: {
        redirect_to_url: { return_url: null, url: `${world.pagesUrl}/checkout/${session.id}/authenticate` },
        type: 'redirect_to_url',
      },
    })
    changes.payment_intent = intent.id
    await emit(world, 'payment_intent.requires_action', waiting)
  }
  await changeObject(world, order, changes)
  return { kind: 'authenticate' }
}

const decline = async (scene: Scene, payer: Payer, why: Decline): Promise<Attempt> => {
  const { world, session, order } = scene
  const changes: Record<string, unknown> = { pending: null }
  if (isCharged(session)) {
    const intent = await intentOf(scene, null)
    changes.payment_intent = intent.id
    await declineIntent(world, intent, payer, newRef(world, 'pm'), why)
  }
  await changeObject(world, order, changes)
  return { kind: 'declined', message: why.message }
}

const pay = async (scene: Scene, payer: Payer): Promise<Attempt> => {
  const { session, order } = scene
  const paid = order.recurring === null ? await payOnce(scene, payer) : await subscribe(scene, payer)
  const status = isCharged(session) ? 'paid' : 'no_payment_required'
  return complete(scene, payer, { ...paid, payment_status: status })
}

/** The bank is asked for the money: the checkout is complete, and paid or not some days later. */
const debit = async (scene: Scene, payer: Payer, account: string): Promise<Attempt> => {
  const { world, session } = scene
  const intent = await intentOf(scene, null)
  const waiting = await changeObject(world, intent, {
    status: 'processing',
    payment_method: newRef(world, 'pm'),
    next_action: null,
  })
  await emit(world, 'payment_intent.processing', waiting)
  await addDebit(world, { session: session.id, intent: intent.id, payer, account })
  return complete(scene, payer, { payment_intent: intent.id, payment_status: 'unpaid' })
}

const complete = async (
  { world, session, order }: Scene,
  payer: Payer,
  changes: Record<string, unknown>,
): Promise<Attempt> => {
  const completed = await changeObject(world, session, {
    ...changes,
    status: 'complete',
    url: null,
    customer_details: {
      address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
      email: payer.email,
      name: payer.name,
      phone: null,
      tax_exempt: 'none',
      tax_ids: [],
    },
  })
  await changeObject(world, order, { pending: null })
  await emit(world, 'checkout.session.completed', completed)
  return { kind: 'paid', location: successUrl(completed) }
}

const payOnce = async (scene: Scene, payer: Payer): Promise<Record<string, unknown>> => {
  if (!isCharged(scene.session)) return {}
  const intent = await intentOf(scene, null)
  await chargeIntent(scene.world, intent, payer, newRef(scene.world, 'pm'))
  return { payment_intent: intent.id }
}

const subscribe = async (given: Scene, payer: Payer): Promise<Record<string, unknown>> => {
  const scene = { ...given, world: await inBillingTime(given.world) }
  const { world, session, order } = scene
  const customer = await customerOf(scene, payer)
  const paymentMethod = newRef(world, 'pm')
  await addObject(world, newPaymentMethod(world, paymentMethod, customer.id, payer))
  await addObject(world, {
    id: `${paymentMethod}:card`,
    object: 'sandbox.card',
    outcome: payer.later ?? { kind: 'pays' },
  })
  const { subscription, invoice } = newSignup(
    world,
    planOf(order, session),
    { id: customer.id, email: payer.email, name: payer.name, prefix: String(customer.invoice_prefix) },
    paymentMethod,
  )
  await addObject(world, subscription)
  await addObject(world, invoice)
  await addObject(world, {
    id: `${subscription.id}:state`,
    object: 'sandbox.subscription',
    discount: discountLeft(order),
    tellTrialEndAt:
      subscription.trial_end === null
        ? null
        : Math.max(Number(subscription.trial_start), Number(subscription.trial_end) - 3 * 86_400),
  })
  await emit(world, 'customer.subscription.created', subscription)
  await emit(world, 'invoice.created', { ...invoice, ...DRAFT })
  await emit(world, 'invoice.finalized', { ...invoice, ...FINALIZED, amount_remaining: invoice.amount_due })
  if (isCharged(session)) {
    const intent = await intentOf(scene, customer.id)
    await chargeIntent(world, intent, payer, paymentMethod)
    const payment = await addObject(world, newInvoicePayment(world, invoice, intent.id))
    await emit(world, 'invoice_payment.paid', payment)
  }
  await emit(world, 'invoice.paid', invoice)
  await emit(world, 'invoice.payment_succeeded', invoice)
  return { customer: customer.id, subscription: subscription.id, invoice: invoice.id }
}

/** What of a coupon is left after the first invoice; a trial's costs none of it. */
const discountLeft = ({ discount, trial_days: trialDays }: SessionOrder) => {
  if (!discount) return null
  const left = discount.invoices === null ? null : discount.invoices - (trialDays > 0 ? 0 : 1)
  const { percentOff, amountOff } = discount
  return left === 0 ? null : { percentOff, ...(amountOff === undefined ? {} : { amountOff }), left }
}

const FINALIZED = { status: 'open', amount_paid: 0, attempted: false, attempt_count: 0 }
const DRAFT = { ...FINALIZED, status: 'draft', number: null, effective_at: null }

const isCharged = (session: StripeObject): boolean => Number(session.amount_total) > 0

/** The intent of an earlier attempt, or a new one. */
const intentOf = async ({ world, session, order }: Scene, customer: string | null): Promise<StripeObject> => {
  const earlier = order.payment_intent === null ? null : await findObject(world, order.payment_intent)
  const payer = customer ?? (session.customer as string | null)
  if (earlier !== null) return customer === null ? earlier : changeObject(world, earlier, { customer })
  const intent = await addObject(
    world,
    newPaymentIntent(world, {
      amount: Number(session.amount_total),
      currency: String(session.currency),
      customer: payer,
      description: order.recurring === null ? order.payment_description : 'Subscription creation',
      metadata: order.recurring === null ? order.metadata : {},
    }),
  )
  await emit(world, 'payment_intent.created', intent)
  return intent
}

const customerOf = async ({ world, session }: Scene, payer: Payer): Promise<StripeObject> => {
  const known =
    session.customer === null ? null : await findObject(world, String(session.customer), 'customer')
  if (known !== null) return known
  const customer = await addObject(world, newCustomer(world, { email: payer.email, name: payer.name }))
  await emit(world, 'customer.created', customer)
  return customer
}

const planOf = (order: SessionOrder, session: StripeObject): Plan => ({
  amount: order.unit_amount,
  currency: String(session.currency),
  quantity: order.quantity,
  interval: order.recurring?.interval ?? 'month',
  intervalCount: order.recurring?.interval_count ?? 1,
  trialDays: order.trial_days,
  name: order.name,
  price: order.line_items[0]?.price as StripeObject,
  metadata: order.metadata,
  discount: discountOf(order.discount, order.unit_amount * order.quantity),
})
