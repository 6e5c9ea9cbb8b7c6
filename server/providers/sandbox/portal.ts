import { missing } from './api-error'
import { cardOutcome, laterOutcome } from './cards'
import { inBillingTime } from './clock'
import { type Collected, collect, type Means } from './collect'
import { emit } from './events'
import { newPaymentMethod, type Payer } from './payment-objects'
import { recover, subscriptionOf } from './renewals'
import { addObject, changeObject, findObject, listObjects } from './store'
import { applyPending, updateSubscription } from './subscriptions'
import { newRef, type StripeObject, seconds, type World } from './world'

/** An address at which a customer looks after what they pay for. @throws ApiError 404 for nobody's */
export const createPortalSession = async (
  world: World,
  input: { customer: string; return_url?: string | undefined },
): Promise<StripeObject> => {
  if ((await findObject(world, input.customer, 'customer')) === null)
    throw missing('customer', input.customer, 'customer')
  const id = newRef(world, 'bps')
  return addObject(world, {
    id,
    object: 'billing_portal.session',
    configuration: 'bpc_sandbox',
    created: seconds(world.now()),
    customer: input.customer,
    customer_account: null,
    flow: null,
    livemode: false,
    locale: null,
    on_behalf_of: null,
    return_url: input.return_url ?? null,
    url: `${world.pagesUrl}/portal/${id}`,
  })
}

export interface PortalView {
  readonly session: StripeObject
  readonly subscriptions: readonly StripeObject[]
  readonly invoices: readonly StripeObject[]
}

export const portalView = async (world: World, id: string): Promise<PortalView | null> => {
  const session = await findObject(world, id, 'billing_portal.session')
  if (session === null) return null
  const where = { customer: String(session.customer) }
  return {
    session,
    subscriptions: (await listObjects(world, { types: ['subscription'], where })).filter(
      ({ status }) => status !== 'canceled',
    ),
    invoices: await listObjects(world, { types: ['invoice'], where, limit: 24 }),
  }
}

/** Ends one of the customer's subscriptions at its period's end, or lets it go on. @throws ApiError 404 */
export const setCancellation = async (
  world: World,
  portal: string,
  subscription: string,
  cancels: boolean,
): Promise<void> => {
  const view = await portalView(world, portal)
  if (!view?.subscriptions.some(({ id }) => id === subscription))
    throw missing('subscription', subscription, 'subscription')
  await updateSubscription(world, { cancel_at_period_end: cancels ? 'true' : 'false' }, subscription)
}

/** Another card for all that the customer subscribes to. */
export const replaceCard = async (
  given: World,
  { session, subscriptions }: PortalView,
  payer: Payer,
  number: string,
): Promise<void> => {
  const world = await inBillingTime(given)
  const customer = String(session.customer)
  const method = await addObject(world, newPaymentMethod(world, newRef(world, 'pm'), customer, payer))
  await addObject(world, {
    id: `${method.id}:card`,
    object: 'sandbox.card',
    outcome: laterOutcome(number),
  })
  await emit(world, 'payment_method.attached', method)
  for (const one of subscriptions) {
    const changed = await changeObject(world, one, { default_payment_method: method.id })
    await emit(world, 'customer.subscription.updated', changed, {
      default_payment_method: one.default_payment_method,
    })
  }
}

/**
 * Pays an open invoice by hand; a subscription it was for goes on, a change that waited for it is made.
 * @param confirmed the payer was there and said it is them
 */
export const payInvoice = async (
  given: World,
  invoiceId: string,
  payer: Payer,
  number: string,
  confirmed: boolean,
): Promise<Collected | 'over'> => {
  const world = await inBillingTime(given)
  const invoice = await findObject(world, invoiceId, 'invoice', { lock: true })
  if (invoice === null || invoice.status !== 'open') return 'over'
  const said = cardOutcome(number)
  const means: Means = {
    payer,
    paymentMethod: newRef(world, 'pm'),
    outcome: confirmed && said.kind === 'authenticates' ? { kind: 'pays' } : said,
  }
  if (means.outcome.kind === 'authenticates') return 'authenticate'
  const { result } = await collect(world, invoice, means)
  const subscription = await findObject(world, subscriptionOf(invoice), 'subscription', { lock: true })
  if (result !== 'paid' || subscription === null || subscription.status === 'canceled') return result
  if (subscription.pending_update !== null) await applyPending(world, subscription)
  else if (subscription.latest_invoice === invoice.id) await recover(world, subscription)
  return result
}
