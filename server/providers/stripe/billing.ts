import type Stripe from 'stripe'
import type { PriceSnapshot, SubscriptionService } from '../../kit/ports'
import { asking, isMissing } from './errors'
import { integer, type Json, record, text } from './json'
import { money } from './snapshots'

/** Subscriptions after their checkout. Errors as everywhere at this provider. */
export const stripeBilling = (
  stripe: () => Stripe,
  planPrices: Readonly<Partial<Record<string, string>>>,
): SubscriptionService => ({
  planPrices,

  fetchPrice: (ref) =>
    asking(async () => {
      try {
        return readPrice((await stripe().prices.retrieve(ref)) as unknown as Json)
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    }),

  cancelNow: (ref) =>
    asking(async () => {
      try {
        await stripe().subscriptions.cancel(ref)
      } catch (error) {
        // What is cancelled already is not found any more.
        if (!isMissing(error)) throw error
      }
    }),
})

const readPrice = (price: Json): PriceSnapshot | null => {
  const ref = text(price.id)
  const amount = money(price.unit_amount, price.currency)
  if (ref === null || amount === null) return null
  const { interval, interval_count: count } = record(price.recurring)
  const single = integer(count) === 1
  return {
    ref,
    price: amount,
    frequency: single && interval === 'month' ? 'MONTHLY' : single && interval === 'year' ? 'YEARLY' : null,
    active: price.active === true,
  }
}
