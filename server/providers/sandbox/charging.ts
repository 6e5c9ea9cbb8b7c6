import type { Decline } from './cards'
import { emit } from './events'
import { feeOf, newBalanceTransaction, newCharge, type Payer } from './payment-objects'
import { addObject, changeObject } from './store'
import type { StripeObject, World } from './world'

/** Captures the whole of an intent. */
export const chargeIntent = async (
  world: World,
  intent: StripeObject,
  payer: Payer,
  paymentMethod: string,
): Promise<void> => {
  const made = await addObject(world, newCharge(world, intent, payer, paymentMethod, null))
  const amount = Number(made.amount)
  await addObject(
    world,
    newBalanceTransaction(world, {
      id: String(made.balance_transaction),
      amount,
      fee: feeOf(amount),
      currency: made.currency,
      source: made.id,
      type: 'charge',
    }),
  )
  const succeeded = await changeObject(world, intent, {
    status: 'succeeded',
    amount_received: amount,
    latest_charge: made.id,
    payment_method: paymentMethod,
    next_action: null,
    last_payment_error: null,
  })
  await emit(world, 'charge.succeeded', made)
  await emit(world, 'payment_intent.succeeded', succeeded)
}

/** The bank says no. */
export const declineIntent = async (
  world: World,
  intent: StripeObject,
  payer: Payer,
  paymentMethod: string,
  why: Decline,
): Promise<void> => {
  const charge = await addObject(world, newCharge(world, intent, payer, paymentMethod, why))
  const failed = await changeObject(world, intent, {
    status: 'requires_payment_method',
    next_action: null,
    payment_method: null,
    latest_charge: charge.id,
    last_payment_error: {
      charge: charge.id,
      code: why.code,
      ...(why.declineCode === null ? {} : { decline_code: why.declineCode }),
      message: why.message,
      type: 'card_error',
    },
  })
  await emit(world, 'charge.failed', charge)
  await emit(world, 'payment_intent.payment_failed', failed)
}
