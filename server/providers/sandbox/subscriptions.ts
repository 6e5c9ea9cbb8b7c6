import { ApiError, badParameter, missing } from './api-error'
import { planOf } from './billing-objects'
import { inBillingTime } from './clock'
import { collect, meansOf } from './collect'
import { emit } from './events'
import type { ChangeSubscription, PreviewInvoice } from './parameters'
import { changeObject, findObject } from './store'
import { foreseeInvoice, makeInvoice } from './subscription-invoices'
import { type Change, changeOf, itemOf, renewalOf, rhythmOf, withItem } from './subscription-rules'
import { type StripeObject, seconds, type World } from './world'

/** Ends a subscription now; what is over already is not found any more. @throws ApiError 404 */
export const cancelSubscription = async (given: World, id: string): Promise<StripeObject> => {
  const world = await inBillingTime(given)
  return endNow(world, await running(world, id), 'cancellation_requested')
}

export const endNow = async (
  world: World,
  subscription: StripeObject,
  reason: 'cancellation_requested' | 'payment_failed',
): Promise<StripeObject> => {
  const at = seconds(world.now())
  const ended = await changeObject(world, subscription, {
    status: 'canceled',
    canceled_at: subscription.canceled_at ?? at,
    ended_at: at,
    pending_update: null,
    cancellation_details: { comment: null, feedback: null, reason },
  })
  await emit(world, 'customer.subscription.deleted', ended)
  return ended
}

/** @throws ApiError 404 for what is over, 400 for what does not go together, 402 when the bank says no. */
export const updateSubscription = async (
  given: World,
  input: ChangeSubscription,
  id: string,
): Promise<StripeObject> => {
  const world = await inBillingTime(given)
  const subscription = await running(world, id)
  checkTogether(input)
  if (input.items !== undefined) return changePrice(world, subscription, input)
  const changes: Record<string, unknown> = {}
  const before: Record<string, unknown> = {}
  const set = (member: string, value: unknown) => {
    changes[member] = value
    before[member] = subscription[member]
  }
  if (input.metadata !== undefined)
    set('metadata', { ...(subscription.metadata as object), ...input.metadata })
  if (input.cancel_at_period_end !== undefined) {
    const cancels = input.cancel_at_period_end === 'true'
    set('cancel_at_period_end', cancels)
    set('cancel_at', cancels ? itemOf(subscription).current_period_end : null)
    set('canceled_at', cancels ? seconds(world.now()) : null)
    set('cancellation_details', {
      comment: null,
      feedback: null,
      reason: cancels ? 'cancellation_requested' : null,
    })
  }
  const changed = await changeObject(world, subscription, changes)
  await emit(world, 'customer.subscription.updated', changed, before)
  return changed
}

const running = async (world: World, id: string): Promise<StripeObject> => {
  const subscription = await findObject(world, id, 'subscription', { lock: true })
  if (subscription === null || subscription.status === 'canceled')
    throw missing('subscription', id, 'subscription')
  return subscription
}

const checkTogether = (input: ChangeSubscription): void => {
  if (input.payment_behavior === 'pending_if_incomplete')
    for (const other of ['metadata', 'cancel_at_period_end'] as const)
      if (input[other] !== undefined)
        throw badParameter(
          other,
          `The parameter ${other} is not supported when payment_behavior is pending_if_incomplete.`,
        )
}

const priceFor = async (
  world: World,
  subscription: StripeObject,
  items: readonly { id?: string | undefined; price: string }[],
): Promise<StripeObject> => {
  const [wanted] = items
  if (items.length !== 1 || wanted === undefined)
    throw badParameter('items', 'The sandbox changes the one item of a subscription.')
  if (wanted.id !== itemOf(subscription).id)
    throw badParameter('items[0][id]', `No such subscription item: '${wanted.id ?? ''}'`, 'resource_missing')
  const price = await findObject(world, wanted.price, 'price')
  if (price === null)
    throw badParameter('items[0][price]', `No such price: '${wanted.price}'`, 'resource_missing')
  if (price.active !== true)
    throw badParameter(
      'items[0][price]',
      'The price specified is inactive. This field only accepts active prices.',
    )
  if (price.type !== 'recurring')
    throw badParameter('items[0][price]', 'The price specified is set to `type=one_time`.')
  if (price.currency !== subscription.currency)
    throw badParameter(
      'items[0][price]',
      `The price specified only supports \`${String(price.currency)}\`. This doesn't match the expected currency: \`${String(subscription.currency)}\`.`,
    )
  return price
}

const changePrice = async (
  world: World,
  subscription: StripeObject,
  input: ChangeSubscription,
): Promise<StripeObject> => {
  if (input.proration_behavior !== 'always_invoice')
    throw badParameter('proration_behavior', 'The sandbox changes prices with always_invoice only.')
  const price = await priceFor(world, subscription, input.items ?? [])
  const endTrial = input.trial_end === 'now'
  const at = prorationTime(world, subscription, input.proration_date)
  const change = changeOf(subscription, price, at, endTrial)
  // A change that waited for its payment gives way to this one.
  if (subscription.pending_update !== null) await voidInvoice(world, String(subscription.latest_invoice))
  if (change.lines.length === 0) return applyChange(world, subscription, price, change, null)
  const invoice = await makeInvoice(world, subscription, {
    reason: 'subscription_update',
    lines: change.lines,
  })
  await emit(world, 'invoice.created', { ...invoice, status: 'draft' })
  await emit(world, 'invoice.finalized', invoice)
  const { result } = await collect(world, invoice, await meansOf(world, subscription))
  if (result === 'paid') return applyChange(world, subscription, price, change, invoice.id)
  if (input.payment_behavior === 'pending_if_incomplete') {
    const tried = await findObject(world, invoice.id, 'invoice')
    await emit(world, 'invoice.payment_failed', tried ?? invoice)
    const waiting = await changeObject(world, subscription, {
      latest_invoice: invoice.id,
      pending_update: {
        billing_cycle_anchor: null,
        discounts: null,
        expires_at: seconds(world.now()) + 23 * 3_600,
        subscription_items: [{ id: itemOf(subscription).id, price }],
        trial_end: null,
        trial_from_plan: null,
        sandbox: { at, endTrial },
      },
    })
    await emit(world, 'customer.subscription.updated', waiting, { pending_update: null })
    return waiting
  }
  throw new ApiError(402, 'Your card was declined.', {
    type: 'card_error',
    code: 'card_declined',
    decline_code: 'generic_decline',
  })
}

/** An invoice that is open is no longer to be paid. */
export const voidInvoice = async (world: World, id: string): Promise<void> => {
  const invoice = await findObject(world, id, 'invoice', { lock: true })
  if (invoice?.status !== 'open') return
  const voided = await changeObject(world, invoice, {
    status: 'void',
    next_payment_attempt: null,
    status_transitions: { ...(invoice.status_transitions as object), voided_at: seconds(world.now()) },
  })
  await emit(world, 'invoice.voided', voided)
}

/** @throws ApiError 400 for a time outside the period that runs */
const prorationTime = (world: World, subscription: StripeObject, given: number | undefined): number => {
  const { current_period_start: start, current_period_end: end } = itemOf(subscription)
  const at = given ?? seconds(world.now())
  if (at < start || at > end)
    throw badParameter(
      'proration_date',
      'Cannot specify `proration_date` outside of the current period of the subscription.',
    )
  return at
}

const applyChange = async (
  world: World,
  subscription: StripeObject,
  price: StripeObject,
  change: Change,
  invoiceId: string | null,
): Promise<StripeObject> => {
  const { interval, intervalCount } = rhythmOf(price)
  const trialing = subscription.status === 'trialing' && !change.resets
  const changed = await changeObject(world, subscription, {
    ...withItem(subscription, {
      price,
      current_period_start: change.period.start,
      current_period_end: change.period.end,
    }),
    plan: planOf({
      price,
      amount: Number(price.unit_amount),
      currency: String(price.currency),
      interval,
      intervalCount,
    }),
    pending_update: null,
    ...(invoiceId === null ? {} : { latest_invoice: invoiceId }),
    ...(change.resets ? { billing_cycle_anchor: change.period.start } : {}),
    ...(change.resets && subscription.status === 'trialing' ? { trial_end: change.period.start } : {}),
    status: trialing ? 'trialing' : 'active',
  })
  await emit(world, 'customer.subscription.updated', changed, {
    items: subscription.items,
    plan: subscription.plan,
    status: subscription.status,
  })
  return changed
}

/** A change that waited for its payment is made. */
export const applyPending = async (world: World, subscription: StripeObject): Promise<StripeObject> => {
  const pending = subscription.pending_update as {
    subscription_items: { price: StripeObject }[]
    sandbox: { at: number; endTrial: boolean }
  } | null
  const price = pending?.subscription_items[0]?.price
  if (pending === null || price === undefined) return subscription
  const change = changeOf(subscription, price, pending.sandbox.at, pending.sandbox.endTrial)
  const changed = await applyChange(world, subscription, price, change, null)
  await emit(world, 'customer.subscription.pending_update_applied', changed)
  return changed
}

/** What the next invoice will be, or what one would be after a change; nothing is kept. */
export const previewInvoice = async (given: World, input: PreviewInvoice): Promise<StripeObject> => {
  const world = await inBillingTime(given)
  const subscription = await running(world, input.subscription)
  const details = input.subscription_details
  if (details?.items !== undefined) {
    const price = await priceFor(world, subscription, details.items)
    const at = prorationTime(world, subscription, details.proration_date)
    const { lines } = changeOf(subscription, price, at, details.trial_end === 'now')
    return foreseeInvoice(world, subscription, { reason: 'upcoming', lines, discount: 0 })
  }
  if (subscription.cancel_at_period_end === true)
    throw new ApiError(404, 'No upcoming invoices for this subscription.', { code: 'invoice_upcoming_none' })
  const { line, period } = renewalOf(subscription)
  const invoice = await foreseeInvoice(world, subscription, {
    reason: 'upcoming',
    lines: [line],
    at: period.start,
  })
  return { ...invoice, next_payment_attempt: period.start, status: 'draft' }
}
