import { type InvoiceLine, type Period, periodEnd } from './billing-objects'
import { money } from './checkout-page'
import type { StripeObject } from './world'

/** The one thing a subscription of the sandbox is about. */
export interface Item {
  readonly id: string
  readonly price: StripeObject
  readonly quantity: number
  readonly current_period_start: number
  readonly current_period_end: number
}

export const itemOf = (subscription: StripeObject): Item => {
  const [item] = (subscription.items as { data: Item[] }).data
  if (item === undefined) throw new Error(`subscription ${subscription.id} has no item`)
  return item
}

export const rhythmOf = (price: StripeObject) => {
  const { interval, interval_count: count } = price.recurring as {
    interval: 'day' | 'week' | 'month' | 'year'
    interval_count: number
  }
  return { interval, intervalCount: count }
}

const amountOf = ({ price, quantity }: Pick<Item, 'price' | 'quantity'>): number =>
  Number(price.unit_amount) * quantity

/** What a change of price costs and gives back, and the period that runs from then on. */
export interface Change {
  readonly lines: readonly InvoiceLine[]
  readonly period: Period
  /** A new period begins with it. */
  readonly resets: boolean
}

/**
 * As Stripe does it with `always_invoice`: what is left of the period is given back at the old price, and paid at the new
 * one; another rhythm, or the end of a trial, begins a new period that is paid whole. A trial that goes on costs nothing.
 * @param at Unix seconds
 */
export const changeOf = (
  subscription: StripeObject,
  price: StripeObject,
  at: number,
  endTrial: boolean,
): Change => {
  const item = itemOf(subscription)
  const running = { start: item.current_period_start, end: item.current_period_end }
  const fresh = { start: at, end: periodEnd(at, at, rhythmOf(price)) }
  const whole = (period: Period): InvoiceLine => ({
    description: `${item.quantity} × ${money(Number(price.unit_amount), String(price.currency))}`,
    amount: amountOf({ price, quantity: item.quantity }),
    unitAmount: Number(price.unit_amount),
    quantity: item.quantity,
    proration: false,
    period,
    price,
  })
  if (subscription.status === 'trialing')
    return endTrial
      ? { lines: [whole(fresh)], period: fresh, resets: true }
      : { lines: [], period: running, resets: false }
  const left = Math.max(0, running.end - at) / (running.end - running.start)
  const proration = (of: StripeObject, sign: 1 | -1, words: string): InvoiceLine => {
    const amount = sign * Math.round(Number(of.unit_amount) * item.quantity * left)
    return {
      description: words,
      amount,
      unitAmount: amount,
      quantity: item.quantity,
      proration: true,
      period: { start: at, end: running.end },
      price: of,
    }
  }
  const back = proration(item.price, -1, 'Unused time of the price before')
  const { interval, intervalCount } = rhythmOf(price)
  const before = rhythmOf(item.price)
  return interval === before.interval && intervalCount === before.intervalCount
    ? {
        lines: [back, proration(price, 1, 'Remaining time at the new price')],
        period: running,
        resets: false,
      }
    : { lines: [back, whole(fresh)], period: fresh, resets: true }
}

/** The next period at the price that counts now. */
export const renewalOf = (subscription: StripeObject): { line: InvoiceLine; period: Period } => {
  const { price, quantity, current_period_end: start } = itemOf(subscription)
  const anchor = Number(subscription.billing_cycle_anchor)
  const period = { start, end: periodEnd(Math.min(anchor, start), start, rhythmOf(price)) }
  return {
    period,
    line: {
      description: `${quantity} × ${money(Number(price.unit_amount), String(price.currency))}`,
      amount: amountOf({ price, quantity }),
      unitAmount: Number(price.unit_amount),
      quantity,
      proration: false,
      period,
      price,
    },
  }
}

/** The members of a subscription that say what it is about and until when. */
export const withItem = (
  subscription: StripeObject,
  changes: Partial<Pick<Item, 'price' | 'current_period_start' | 'current_period_end'>>,
): Record<string, unknown> => {
  const items = subscription.items as { data: Item[] }
  return { items: { ...items, data: [{ ...itemOf(subscription), ...changes }] } }
}
