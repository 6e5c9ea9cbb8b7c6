import { z } from 'zod'
import { fromDecimal, toDecimal } from '../../mamopay/decimals'
import { addInterval } from '../billing-objects'
import { inBillingTime } from '../clock'
import { seconds, type World } from '../world'
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
    next_payment_date: day(nextPayment((await inBillingTime(world)).now(), link)),
    // When the clock charges it again; what becomes of that; how often it has failed since it was paid.
    _dueAt: seconds(nextPayment((await inBillingTime(world)).now(), link)),
    _declines: false,
    _failures: 0,
    _subscription: terms.identifier,
    _link: link.id,
    _last4: payer.last4,
  })
}

export const subscribersOf = async (world: World, id: string): Promise<Record<string, unknown>[]> => {
  if ((await findMamo(world, 'subscription', id)) === null) throw unknownRecord('Subscription')
  const found = await listMamo(world, 'subscriber', { _subscription: id })
  return found.map((subscriber) =>
    Object.fromEntries(Object.entries(subscriber).filter(([name]) => !name.startsWith('_'))),
  )
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
    ...again(world, subscriber, succeeds ? next : null, next),
    ...(succeeds && payments >= mostOf(link) ? { status: 'Inactive' } : {}),
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

/** When it is charged next: after a failure a day later, three times, then with the next period. */
const again = (world: World, subscriber: MamoObject, paidUntil: Date | null, next: Date) => {
  if (paidUntil !== null) return { _dueAt: seconds(paidUntil), _failures: 0 }
  const failures = Number(subscriber._failures ?? 0) + 1
  const at = failures > TRIES ? next : new Date(world.now().getTime() + 86_400_000)
  return { _dueAt: seconds(at), _failures: failures }
}

const TRIES = 3

const mostOf = (link: MamoObject): number =>
  Number(
    (link.subscription as { payment_quantity?: number | null }).payment_quantity ?? Number.POSITIVE_INFINITY,
  )

/** Whether the subscriber's card pays from now on. */
export const setDeclining = async (world: World, subscriberId: string, declines: boolean): Promise<void> => {
  await changeMamo(world, await activeSubscriber(world, subscriberId), { _declines: declines })
}

/** What falls due by the clock. */
export const dueRenewals = async (
  world: World,
): Promise<{ at: number; happens: (at: World) => Promise<void> }[]> =>
  (await listMamo(world, 'subscriber', { status: 'Active' }, { limit: 1_000 })).flatMap((one) =>
    typeof one._dueAt === 'number'
      ? [{ at: one._dueAt, happens: (at: World) => renew(at, one.id, one._declines !== true) }]
      : [],
  )

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
  const known = frequency === 'year' || frequency === 'month' || frequency === 'week' ? frequency : 'day'
  return addInterval(from, { interval: known, intervalCount: interval })
}
