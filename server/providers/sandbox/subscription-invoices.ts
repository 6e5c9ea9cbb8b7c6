import { type Billed, type InvoiceTerms, newInvoice } from './billing-objects'
import { discountOf, type Off } from './coupons'
import { addObject, changeObject, findObject } from './store'
import { itemOf } from './subscription-rules'
import { newRef, type StripeObject, seconds, type World } from './world'

/** What a subscription keeps to itself. */
export interface State extends StripeObject {
  readonly discount: (Off & { readonly left: number | null }) | null
  /** Unix seconds: when it is told that the trial ends soon; null: not any more. */
  readonly tellTrialEndAt: number | null
}

export const stateOf = async (world: World, subscriptionId: string): Promise<State | null> =>
  (await findObject(world, `${subscriptionId}:state`, 'sandbox.subscription', { lock: true })) as State | null

/** What an invoice of this subscription would be; nothing is kept of it. */
export const foreseeInvoice = async (
  world: World,
  subscription: StripeObject,
  more: Pick<InvoiceTerms, 'reason' | 'lines'> & Partial<InvoiceTerms>,
): Promise<StripeObject> => {
  const customer = await findObject(world, String(subscription.customer), 'customer')
  const state = await stateOf(world, subscription.id)
  const subtotal = more.lines.reduce((sum, { amount }) => sum + amount, 0)
  const off = more.reason === 'subscription_update' ? null : state?.discount
  return newInvoice(world, {
    id: `upcoming_${newRef(world, 'in')}`,
    customer: billed(customer),
    subscription: {
      id: subscription.id,
      item: itemOf(subscription).id,
      metadata: subscription.metadata,
    },
    currency: String(subscription.currency),
    discount: discountOf(off, subtotal),
    startingBalance: Number(customer?.balance ?? 0),
    number: null,
    at: seconds(world.now()),
    ...more,
  })
}

/** The invoice itself, open, under the customer's next number; a coupon has one fewer left. */
export const makeInvoice = async (
  world: World,
  subscription: StripeObject,
  more: Pick<InvoiceTerms, 'reason' | 'lines'> & Partial<InvoiceTerms>,
): Promise<StripeObject> => {
  const customer = await findObject(world, String(subscription.customer), 'customer', { lock: true })
  const sequence = Number(customer?.next_invoice_sequence ?? 1) + 1
  if (customer !== null) await changeObject(world, customer, { next_invoice_sequence: sequence })
  const invoice = await foreseeInvoice(world, subscription, {
    ...more,
    id: newRef(world, 'in'),
    number: `${billed(customer).prefix}-${String(sequence).padStart(4, '0')}`,
  })
  const state = await stateOf(world, subscription.id)
  if (state?.discount != null && more.reason === 'subscription_cycle' && state.discount.left !== null) {
    const left = state.discount.left - 1
    await changeObject(world, state, { discount: left === 0 ? null : { ...state.discount, left } })
  }
  return addObject(world, invoice)
}

const billed = (customer: StripeObject | null): Billed => ({
  id: String(customer?.id ?? ''),
  email: String(customer?.email ?? ''),
  name: String(customer?.name ?? ''),
  prefix: String(customer?.invoice_prefix ?? 'SANDBOX'),
})
