import { divideHalfAway, type Money } from '../../../kit/money'
import { fromDecimal, toDecimal, toNumber } from '../../mamopay/decimals'
import type { World } from '../world'
import { tell } from './events'
import { addMamo, changeMamo, findMamo } from './store'
import { day, type MamoObject, newMamoRef, reversedDay, stamp, unknownRecord, unprocessable } from './world'

export interface Payer {
  readonly name: string
  readonly email: string
  readonly last4: string
}

export interface Failure {
  readonly code: string
  readonly message: string
}

/** Price and, on top of it, what the merchant has the payer pay for the payment. */
export const dueOf = (link: MamoObject): Money => {
  const currency = String(link.amount_currency)
  const price = fromDecimal(link.amount, currency) ?? 0n
  const rate = fromDecimal(link.processing_fee_percentage ?? 0, 'AED') ?? 0n
  return { amount: price + divideHalfAway(price * rate, 10_000n), currency }
}

/** A charge of a link, captured or failed, told as MamoPay tells it. */
export const makeCharge = async (
  world: World,
  link: MamoObject,
  payer: Payer,
  { failure, told }: { failure: Failure | null; told: 'charge' | 'subscription' },
): Promise<MamoObject> => {
  const due = dueOf(link)
  const subscription = link.subscription as { identifier?: string } | null
  const charge = await addMamo(world, 'charge', {
    status: failure === null ? 'captured' : 'failed',
    id: newMamoRef(world, 'MPB-CHRG'),
    amount: toNumber(due),
    amount_currency: due.currency,
    refund_amount: 0,
    refund_status: 'No refund',
    billing_descriptor: 'Mamo*Sandbox',
    custom_data: link.custom_data,
    created_date: stamp(world.now()),
    subscription_id: subscription?.identifier ?? null,
    ...settlement(world, due, failure),
    customer_details: { name: payer.name, email: payer.email, phone_number: '-', comment: '-' },
    payment_method: {
      card_id: null,
      type: 'CREDIT VISA',
      card_holder_name: payer.name,
      card_last4: payer.last4,
      origin: 'International card',
    },
    payment_link_id: link.id,
    payment_link_url: link.payment_url,
    external_id: link.external_id,
    error_code: failure?.code ?? null,
    error_message: failure?.message ?? null,
    next_payment_date: null,
    refunds: [],
    max_refund_amount: failure === null ? toNumber(due) : 0,
  })
  await tell(world, `${told}.${failure === null ? 'succeeded' : 'failed'}`, charge)
  return charge
}

/** In AED, whatever was charged; a fixed rate is enough here. */
const settlement = (world: World, due: Money, failure: Failure | null) => {
  if (failure !== null)
    return {
      settlement_amount: null,
      settlement_currency: 'AED',
      settlement_date: null,
      settlement_fee: null,
      settlement_vat: null,
    }
  const gross = due.currency === 'AED' ? due.amount : divideHalfAway(due.amount * 36_725n, 10_000n)
  const fee = divideHalfAway(gross * 290n, 10_000n)
  const vat = divideHalfAway(fee * 500n, 10_000n)
  const aed = (amount: bigint) => toDecimal({ amount, currency: 'AED' })
  return {
    settlement_amount: aed(gross - fee - vat).replace(/\B(?=(\d{3})+\.)/g, ','),
    settlement_currency: 'AED',
    settlement_date: day(new Date(world.now().getTime() + 7 * 86_400_000)),
    settlement_fee: `AED ${aed(fee)}`,
    settlement_vat: `AED ${aed(vat)}`,
  }
}

/**
 * A charge as it is answered, which is not as a webhook tells it: other dates, the card's digits behind dots, and in
 * lists of a link no currency.
 */
export const presentCharge = (charge: MamoObject, as: 'read' | 'listed'): Record<string, unknown> => {
  const method = charge.payment_method as Record<string, unknown>
  const settled = charge.settlement_date
  const shown: Record<string, unknown> = {
    ...charge,
    settlement_date: typeof settled === 'string' ? reversedDay(new Date(settled)) : null,
    payment_method: { ...method, card_last4: `•••• ${String(method.card_last4)}` },
  }
  if (as === 'listed') {
    delete shown.amount_currency
    delete shown.refunds
  }
  return shown
}

export const chargeOf = async (world: World, id: string, name: string, lock = false): Promise<MamoObject> => {
  const charge = await findMamo(world, 'charge', id, { lock })
  if (charge === null) throw unknownRecord(name)
  return charge
}

/**
 * Gives a charge back, or a part of it.
 * @param by the interface does AED only; the dashboard anything
 * @throws MamoError 422 for what cannot be given back.
 */
export const refundMamo = async (
  world: World,
  id: string,
  wanted: unknown,
  by: 'api' | 'dashboard',
): Promise<MamoObject> => {
  const charge = await chargeOf(world, id, 'Charge', true)
  const currency = String(charge.amount_currency)
  const left = fromDecimal(charge.max_refund_amount, currency) ?? 0n
  const amount = wanted === undefined ? left : fromDecimal(wanted, currency)
  const refusal = () => unprocessable('Can not refund this payment', 'UNPROCESSABLE ENTITY')
  if (charge.status !== 'captured' || (by === 'api' && currency !== 'AED')) throw refusal()
  if (amount === null || amount <= 0n || amount > left || (by === 'api' && amount < 100n)) throw refusal()
  const number = (value: bigint) => toNumber({ amount: value, currency })
  const refunded = (fromDecimal(charge.refund_amount, currency) ?? 0n) + amount
  const refunds = [
    ...(charge.refunds as unknown[]),
    { id: newMamoRef(world, 'MPB-RFND'), amount: number(amount) },
  ]
  const changed = await changeMamo(world, charge, {
    refund_amount: number(refunded),
    refund_status: amount === left ? 'Refunded' : 'Partially refunded',
    status: amount === left ? 'refunded' : 'captured',
    refunds,
    max_refund_amount: number(left - amount),
  })
  await tell(world, 'charge.refund_initiated', { ...changed, status: 'refund_initiated' })
  await tell(world, 'charge.refunded', changed)
  return changed
}

/** The bank did not take the latest refund: the money is the merchant's again. */
export const failMamoRefund = async (world: World, id: string): Promise<MamoObject> => {
  const charge = await chargeOf(world, id, 'Charge', true)
  const currency = String(charge.amount_currency)
  const refunds = charge.refunds as { amount: number }[]
  const last = refunds.at(-1)
  if (last === undefined) throw unprocessable('There is no refund that could fail')
  const failed = fromDecimal(last.amount, currency) ?? 0n
  const refunded = (fromDecimal(charge.refund_amount, currency) ?? 0n) - failed
  const left = (fromDecimal(charge.max_refund_amount, currency) ?? 0n) + failed
  const changed = await changeMamo(world, charge, {
    refund_amount: toNumber({ amount: refunded, currency }),
    refund_status: 'Failed',
    status: 'captured',
    refunds: refunds.slice(0, -1),
    max_refund_amount: toNumber({ amount: left, currency }),
  })
  await tell(world, 'charge.refund_failed', changed)
  return changed
}
