import { z } from 'zod'
import { fromDecimal, toDecimal } from '../../mamopay/decimals'
import type { World } from '../world'
import { makeCharge, type Payer } from './charges'
import { addMamo, changeMamo, findMamo, listMamo } from './store'
import { day, type MamoObject, newMamoRef, reversedDay, unknownRecord, unprocessable } from './world'

export const SubscriptionTerms = z.object({
  frequency: z.enum(['weekly', 'monthly', 'annually', 'daily', 'test']),
  frequency_interval: z.int().min(1).default(1),
  start_date: z.string().nullish(),
  end_date: z.string().nullish(),
  payment_quantity: z.int().min(1).nullish(),
  monthly_start_date: z.int().min(1).max(28).nullish(),
  weekly_start_day: z.string().nullish(),
})
type Terms = z.infer<typeof SubscriptionTerms>

/** Asked for as "monthly", answered as "month". */
const ANSWERED = { weekly: 'week', monthly: 'month', annually: 'year', daily: 'day', test: 'test' } as const

export const newSubscription = async (world: World, terms: Terms): Promise<MamoObject> => {
  const identifier = newMamoRef(world, 'MPB-SUB')
  const { frequency, frequency_interval, ...rest } = terms
  return addMamo(world, 'subscription', {
    id: identifier,
    terms: {
      identifier,
      frequency: ANSWERED[frequency],
      frequency_interval,
      start_date: rest.start_date ?? null,
      end_date: rest.end_date ?? null,
      payment_quantity: rest.payment_quantity ?? null,
      monthly_start_date: rest.monthly_start_date ?? null,
      weekly_start_day: rest.weekly_start_day ?? null,
    },
  })
}

/** The first payment makes somebody a subscriber. */
export const subscribe = async (world: World, link: MamoObject, payer: Payer): Promise<void> => {
  const terms = link.subscription as { identifier: string } | null
  if (terms === null) return
  await addMamo(world, 'subscriber', {
    id: newMamoRef(world, 'MPB-SUBSCRIBER'),
    status: 'Active',
    customer: { id: newMamoRef(world, 'MPB-CUS'), name: payer.name, email: payer.email },
    number_of_payments: 1,
    total_paid: totalOf(link, 1n),
    next_payment_date: day(nextPayment(world.now(), link)),
    _subscription: terms.identifier,
    _link: link.id,
    _last4: payer.last4,
  })
}

export const subscribersOf = async (world: World, id: string): Promise<Record<string, unknown>[]> => {
  if ((await findMamo(world, 'subscription', id)) === null) throw unknownRecord('Subscription')
  const found = await listMamo(world, 'subscriber', { _subscription: id })
  return found.map(({ _subscription, _link, _last4, ...shown }) => shown)
}

export const subscriptionPayments = async (world: World, id: string): Promise<unknown[]> => {
  if ((await findMamo(world, 'subscription', id)) === null) throw unknownRecord('Subscription')
  const charges = await listMamo(world, 'charge', { subscription_id: id })
  return charges.map((charge) => {
    const { name, email } = charge.customer_details as { name: string; email: string }
    return {
      amount: charge.amount,
      business_name: 'Sandbox',
      customer_email: email,
      customer_name: name,
      currency: charge.amount_currency,
      customer_phone: '-',
      gateway_response_code: null,
      identifier: charge.id,
      payment_purpose: '',
      payment_url: charge.payment_link_url,
      status: charge.status,
      created_at: charge.created_date,
    }
  })
}

/** The next period is charged, or the card declines it. */
export const renew = async (world: World, subscriberId: string, succeeds: boolean): Promise<void> => {
  const subscriber = await activeSubscriber(world, subscriberId)
  const link = await findMamo(world, 'link', String(subscriber._link))
  if (link === null) throw unknownRecord('Merchant::Link')
  const { name, email } = subscriber.customer as { name: string; email: string }
  const payments = Number(subscriber.number_of_payments) + (succeeds ? 1 : 0)
  const next = nextPayment(new Date(String(subscriber.next_payment_date)), link)
  await changeMamo(world, subscriber, {
    number_of_payments: payments,
    total_paid: totalOf(link, BigInt(payments)),
    ...(succeeds ? { next_payment_date: day(next) } : {}),
  })
  const payer = { name, email, last4: String(subscriber._last4) }
  const failure = succeeds
    ? null
    : {
        code: 'expired_card',
        message: "We're sorry, this card is expired. Please try another card.",
      }
  const charge = await makeCharge(world, link, payer, { failure, told: 'subscription' })
  await changeMamo(world, charge, { next_payment_date: reversedDay(next) })
}

export const unsubscribe = async (world: World, subscriberId: string): Promise<void> => {
  await changeMamo(world, await activeSubscriber(world, subscriberId), { status: 'Inactive' })
}

const activeSubscriber = async (world: World, id: string): Promise<MamoObject> => {
  const subscriber = await findMamo(world, 'subscriber', id, { lock: true })
  if (subscriber === null) throw unknownRecord('Subscriber')
  if (subscriber.status !== 'Active') throw unprocessable('Subscriber is not active', 'INACTIVE_SUBSCRIBER')
  return subscriber
}

const totalOf = (link: MamoObject, payments: bigint): string => {
  const currency = String(link.amount_currency)
  const amount = (fromDecimal(link.amount, currency) ?? 0n) * payments
  return `${currency} ${toDecimal({ amount, currency })}`
}

const nextPayment = (from: Date, link: MamoObject): Date => {
  const { frequency, frequency_interval: interval } = link.subscription as {
    frequency: string
    frequency_interval: number
  }
  const next = new Date(from)
  if (frequency === 'year') next.setUTCFullYear(next.getUTCFullYear() + interval)
  else if (frequency === 'month') next.setUTCMonth(next.getUTCMonth() + interval)
  else next.setUTCDate(next.getUTCDate() + interval * (frequency === 'week' ? 7 : 1))
  return next
}
