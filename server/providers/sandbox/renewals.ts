import { sql } from 'drizzle-orm'
import type { Db } from '../../../db/client'
import { afterRetries, atTime, clockOffset, lockClock, setClockOffset } from './clock'
import { collect, meansOf } from './collect'
import { dueDebits } from './debits'
import { emit } from './events'
import { dueRenewals } from './mamopay/subscriptions'
import { changeObject, findObject, listObjects } from './store'
import { makeInvoice, stateOf } from './subscription-invoices'
import { itemOf, renewalOf, withItem } from './subscription-rules'
import { endNow, voidInvoice } from './subscriptions'
import { type StripeObject, seconds, type World } from './world'

const DAY = 86_400
/** After how many days a failed payment is tried again; Stripe's own choice differs by card. */
const RETRIES = [3, 5, 7]

/**
 * Moves the clock of subscriptions, and does all that falls due on the way in its order: trials end, periods are paid
 * or fail and are tried again, what was cancelled ends. Two at once follow each other.
 * @param by milliseconds
 */
export const advanceClock = (world: World & { readonly db: Db }, by: number): Promise<void> =>
  world.db.transaction(async (db) => {
    const inside = { ...world, db }
    const offset = (await lockClock(inside)) + by
    const until = seconds(new Date(world.now().getTime() + offset))
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      const due = await nextDue(inside, until)
      if (due === null) break
      await due.happens(atTime(inside, () => new Date(due.at * 1000)))
    }
    await setClockOffset(inside, offset)
  })

const MOST_STEPS = 2_000

/** What the passing of real time makes due; asked in one statement, for it is asked all the time. */
export const catchUp = async (world: World & { readonly db: Db }): Promise<void> => {
  const until = seconds(new Date(world.now().getTime() + (await clockOffset(world))))
  const due = await world.db.execute(sql`
    select 1 from sandbox_objects
    where case type
      when 'subscription' then provider = 'stripe' and body ->> 'status' in ('trialing', 'active', 'past_due')
        and ((body #>> '{items,data,0,current_period_end}')::bigint <= ${until}
          or (body #>> '{pending_update,expires_at}')::bigint <= ${until})
      when 'invoice' then body ->> 'status' = 'open' and (body ->> 'next_payment_attempt')::bigint <= ${until}
      when 'subscriber' then body ->> 'status' = 'Active' and (body ->> '_dueAt')::bigint <= ${until}
      when 'sandbox.debit' then (body ->> 'answersAt')::bigint <= ${until}
      when 'sandbox.subscription' then (body ->> 'tellTrialEndAt')::bigint <= ${until}
      else false end
    limit 1`)
  if (due.length > 0) await advanceClock(world, 0)
}

interface Due {
  /** Unix seconds. */
  readonly at: number
  readonly happens: (world: World) => Promise<void>
}

const nextDue = async (world: World, until: number): Promise<Due | null> => {
  const subscriptions = await listObjects(world, { types: ['subscription'], limit: 1_000 })
  const invoices = await listObjects(world, { types: ['invoice'], where: { status: 'open' }, limit: 1_000 })
  const all = [
    ...(await Promise.all(subscriptions.map((one) => dueOf(world, one)))).flat(),
    ...invoices.flatMap((invoice) =>
      invoice.next_payment_attempt === null
        ? []
        : [
            {
              at: Number(invoice.next_payment_attempt),
              happens: (at: World) => retry(at, invoice.id),
            },
          ],
    ),
  ]
  all.push(...(await dueDebits(world)), ...(await dueRenewals(world)))
  const [first] = all.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)
  return first ?? null
}

const dueOf = async (world: World, subscription: StripeObject): Promise<Due[]> => {
  const tellAt = (await stateOf(world, subscription.id))?.tellTrialEndAt ?? null
  const due: Due[] =
    tellAt === null ? [] : [{ at: tellAt, happens: (at) => tellTrialEnd(at, subscription.id) }]
  if (!['trialing', 'active', 'past_due'].includes(String(subscription.status))) return due
  due.push({ at: itemOf(subscription).current_period_end, happens: (at) => renew(at, subscription.id) })
  const pending = subscription.pending_update as { expires_at: number } | null
  if (pending !== null)
    due.push({ at: pending.expires_at, happens: (at) => forgetPending(at, subscription.id) })
  return due
}

const found = async (world: World, id: string): Promise<StripeObject> => {
  const subscription = await findObject(world, id, 'subscription', { lock: true })
  if (subscription === null) throw new Error(`subscription ${id} is gone`)
  return subscription
}

const tellTrialEnd = async (world: World, id: string): Promise<void> => {
  const state = await stateOf(world, id)
  if (state !== null) await changeObject(world, state, { tellTrialEndAt: null })
  const subscription = await found(world, id)
  if (subscription.status === 'trialing')
    await emit(world, 'customer.subscription.trial_will_end', subscription)
}

/** The period is over: the next one begins and is charged an hour later, or the subscription ends. */
const renew = async (world: World, id: string): Promise<void> => {
  const subscription = await found(world, id)
  if (subscription.cancel_at_period_end === true) {
    await endNow(world, subscription, 'cancellation_requested')
    return
  }
  const { line, period } = renewalOf(subscription)
  const { current_period_start: start, current_period_end: end } = itemOf(subscription)
  const invoice = await makeInvoice(world, subscription, {
    reason: 'subscription_cycle',
    lines: [line],
    period: { start, end },
  })
  const begun = await changeObject(world, subscription, {
    ...withItem(subscription, { current_period_start: period.start, current_period_end: period.end }),
    latest_invoice: invoice.id,
    status: subscription.status === 'trialing' ? 'active' : subscription.status,
  })
  await emit(world, 'invoice.created', { ...invoice, status: 'draft' })
  await emit(world, 'customer.subscription.updated', begun, {
    items: subscription.items,
    latest_invoice: subscription.latest_invoice,
    ...(begun.status === subscription.status ? {} : { status: subscription.status }),
  })
  const later = atTime(world, () => new Date(world.now().getTime() + 3_600_000))
  await emit(later, 'invoice.finalized', invoice)
  await charge(later, begun, invoice)
}

const charge = async (world: World, subscription: StripeObject, open: StripeObject): Promise<void> => {
  const { invoice, result } = await collect(world, open, await meansOf(world, subscription))
  if (result === 'paid') return recover(world, subscription)
  const wait = RETRIES[Number(invoice.attempt_count) - 1]
  const failed = await changeObject(world, invoice, {
    next_payment_attempt: wait === undefined ? null : seconds(world.now()) + wait * DAY,
  })
  await emit(world, 'invoice.payment_failed', failed)
  if (wait === undefined) return giveUp(world, subscription)
  await become(world, subscription, 'past_due')
}

/** A subscription whose payment had failed goes on. */
export const recover = (world: World, subscription: StripeObject): Promise<void> =>
  become(world, subscription, 'active')

const giveUp = async (world: World, subscription: StripeObject): Promise<void> => {
  if ((await afterRetries(world)) === 'cancel') await endNow(world, subscription, 'payment_failed')
  else await become(world, subscription, 'unpaid')
}

const become = async (world: World, subscription: StripeObject, status: string): Promise<void> => {
  if (subscription.status === status) return
  const changed = await changeObject(world, subscription, { status })
  await emit(world, 'customer.subscription.updated', changed, { status: subscription.status })
}

const retry = async (world: World, invoiceId: string): Promise<void> => {
  const invoice = await findObject(world, invoiceId, 'invoice', { lock: true })
  if (invoice === null || invoice.status !== 'open') return
  const subscription = await found(world, subscriptionOf(invoice))
  if (subscription.status === 'canceled') await changeObject(world, invoice, { next_payment_attempt: null })
  else await charge(world, subscription, invoice)
}

export const subscriptionOf = (invoice: StripeObject): string =>
  (invoice.parent as { subscription_details: { subscription: string } }).subscription_details.subscription

/** A change whose invoice nobody paid within 23 hours is not made. */
const forgetPending = async (world: World, id: string): Promise<void> => {
  const subscription = await found(world, id)
  await voidInvoice(world, String(subscription.latest_invoice))
  const changed = await changeObject(world, subscription, { pending_update: null })
  await emit(world, 'customer.subscription.pending_update_expired', changed)
}
