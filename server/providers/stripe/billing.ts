import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import { DomainError } from '../../kit/errors'
import type { Money } from '../../kit/money'
import type { ChangePreview, PriceChange, PriceSnapshot, SubscriptionService } from '../../kit/ports'
import { toStripeAmount } from './amounts'
import { asking, isMissing, underKey } from './errors'
import { integer, type Json, members, moment, record, text } from './json'
import { money, readSubscription } from './snapshots'

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

  keepPrice: (terms) =>
    asking(async () => {
      const lookupKey = lookupKeyOf(terms)
      const { amount, currency } = toStripeAmount(terms.price)
      const known = await stripe().prices.list({ lookup_keys: [lookupKey], active: true, limit: 1 })
      const [first] = known.data
      if (first !== undefined) return first.id
      const params = {
        currency,
        unit_amount: amount,
        recurring: { interval: terms.frequency === 'MONTHLY' ? ('month' as const) : ('year' as const) },
        product_data: { name: terms.title },
        lookup_key: lookupKey,
      }
      const made = await underKey(`price:${lookupKey}`, (idempotencyKey) =>
        stripe().prices.create(params, { idempotencyKey }),
      )
      return made.id
    }),

  previewChange: (change) =>
    asking(async () => {
      const { item } = await itemOf(stripe(), change.ref)
      const { items, proration_behavior, proration_date, trial_end } = changeParams(change, item)
      const preview = await stripe().invoices.createPreview({
        subscription: change.ref,
        subscription_details: { items, proration_behavior, ...proration_date, ...trial_end },
      })
      return readPreview(preview as unknown as Json)
    }),

  changePrice: ({ idempotencyKey, ...change }) =>
    asking(async () => {
      const { item, priceRef } = await itemOf(stripe(), change.ref)
      // Done before, its answer was lost.
      if (priceRef === change.priceRef) return { payUrl: null }
      const { items, proration_behavior, proration_date, trial_end } = changeParams(change, item)
      const changed = await stripe().subscriptions.update(
        change.ref,
        {
          items,
          proration_behavior,
          ...proration_date,
          ...trial_end,
          payment_behavior: 'pending_if_incomplete',
          expand: ['latest_invoice'],
        },
        { idempotencyKey },
      )
      const json = changed as unknown as Json
      const waits = json.pending_update !== null && json.pending_update !== undefined
      return { payUrl: waits ? text(record(json.latest_invoice).hosted_invoice_url) : null }
    }),

  setCancellation: (ref, atPeriodEnd) =>
    asking(async () => {
      await stripe().subscriptions.update(ref, { cancel_at_period_end: atPeriodEnd })
    }),

  nextPayment: (ref) =>
    asking(async () => {
      try {
        const preview = (await stripe().invoices.createPreview({ subscription: ref })) as unknown as Json
        const due = money(preview.amount_due, preview.currency)
        return due === null ? null : { due, at: moment(preview.next_payment_attempt) }
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    }),

  openInvoiceUrl: (ref) =>
    asking(async () => {
      const found = await stripe().subscriptions.retrieve(ref, { expand: ['latest_invoice'] })
      const invoice = record((found as unknown as Json).latest_invoice)
      return invoice.status === 'open' ? text(invoice.hosted_invoice_url) : null
    }),

  portalUrl: ({ customerRef, returnUrl }) =>
    asking(async () => {
      const session = await stripe().billingPortal.sessions.create({
        customer: customerRef,
        return_url: returnUrl,
      })
      return session.url
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

/** At most 200 characters; the same for the same terms. */
const lookupKeyOf = ({
  title,
  price,
  frequency,
}: Parameters<SubscriptionService['keepPrice']>[0]): string => {
  const name = createHash('sha256').update(title).digest('hex').slice(0, 16)
  return `offshoot_${name}_${frequency}_${price.amount}_${price.currency}`.toLowerCase()
}

const itemOf = async (stripe: Stripe, ref: string): Promise<{ item: string; priceRef: string | null }> => {
  const subscription = (await stripe.subscriptions.retrieve(ref)) as unknown as Json
  const snapshot = readSubscription(subscription)
  const [item, ...others] = members(subscription.items)
  const id = text(item?.id)
  if (id === null || others.length > 0) throw unreadable('the subscription is about more than one thing')
  return { item: id, priceRef: snapshot?.priceRef ?? null }
}

const changeParams = ({ priceRef, at, endTrial }: PriceChange, item: string) => ({
  items: [{ id: item, price: priceRef }],
  proration_behavior: 'always_invoice' as const,
  proration_date: at === null ? {} : { proration_date: Math.floor(at.getTime() / 1000) },
  trial_end: endTrial ? { trial_end: 'now' as const } : {},
})

/** Credit is a balance below nothing; what an invoice is below nothing becomes credit. */
const readPreview = (preview: Json): ChangePreview => {
  const due = money(preview.amount_due, preview.currency)
  const total = money(preview.total, preview.currency)
  const balance = money(preview.starting_balance ?? 0, preview.currency)
  const lines = members(preview.lines)
  const ends = lines.flatMap((line) => moment(record(line.period).end) ?? [])
  if (due === null || total === null || balance === null)
    throw unreadable('the preview has no amounts that can be read')
  const left = balance.amount + total.amount
  const credit: Money = { amount: left < 0n ? -left : 0n, currency: due.currency }
  return {
    due,
    credit,
    nextAt: ends.length === 0 ? null : new Date(Math.max(...ends.map((end) => end.getTime()))),
    reckonedAt: moment(record(lines[0]?.period).start),
  }
}

const unreadable = (what: string) =>
  new DomainError(503, 'PROVIDER_UNAVAILABLE', `Stripe's answer could not be read: ${what}.`, {
    retryAfter: 60,
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
