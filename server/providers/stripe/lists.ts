import type Stripe from 'stripe'
import type { Listed, ListedCharge, ListedEvent, Lister } from '../../kit/ports'
import { idOf, type Json, members, moment, record, text } from './json'
import { money } from './snapshots'
import { readEnvelope } from './verify-webhook'

type Page = Parameters<Lister<unknown>>[0]

/** Events as Stripe keeps them for 30 days, in the account's own rendering. */
export const listEvents = (stripe: Stripe, page: Page): Promise<Listed<ListedEvent>> =>
  listed(stripe, '/v1/events', page, (one) => {
    const event = readEnvelope(one)
    return event === null ? [] : [{ event, body: JSON.stringify(one) }]
  })

/** Charges with what was given back of them; what cannot be read is left out. */
export const listCharges = (stripe: Stripe, page: Page): Promise<Listed<ListedCharge>> =>
  listed(stripe, '/v1/charges', page, (one) => {
    const ref = text(one.id)
    const paid = money(one.amount_captured ?? one.amount, one.currency)
    const refunded = money(one.amount_refunded ?? 0, one.currency)
    if (ref === null || paid === null || refunded === null) return []
    return [
      {
        ref,
        checkoutRef: null,
        orderId: text(record(one.metadata).orderId),
        state: one.status === 'failed' ? 'failed' : one.captured === true ? 'captured' : 'pending',
        paid,
        refunded: refunded.amount,
        refunds: [],
        madeAt: moment(one.created),
        subscriptionId: null,
        payerEmail: null,
        fee: null,
        paymentIntentId: idOf(one.payment_intent),
        customerRef: idOf(one.customer),
      },
    ]
  })

/** Asked for as it stands on the wire: what an event holds must stay as Stripe wrote it. */
const listed = async <T>(
  stripe: Stripe,
  path: string,
  { since, cursor }: Page,
  read: (one: Json) => readonly T[],
): Promise<Listed<T>> => {
  const params = new URLSearchParams({
    limit: '100',
    'created[gte]': String(Math.floor(since.getTime() / 1000)),
    ...(cursor === null ? {} : { starting_after: cursor }),
  })
  const answer = record(await stripe.rawRequest('GET', `${path}?${params}`))
  const all = members(answer)
  return {
    items: all.flatMap(read),
    next: answer.has_more === true ? (text(all.at(-1)?.id) ?? null) : null,
  }
}
