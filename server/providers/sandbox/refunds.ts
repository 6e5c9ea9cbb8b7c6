import { ApiError, badParameter, missing } from './api-error'
import { isLockedByDispute } from './disputes'
import { emit } from './events'
import type { NewRefund } from './parameters'
import { newBalanceTransaction } from './payment-objects'
import { addObject, changeObject, findObject } from './store'
import { newRef, type StripeObject, seconds, type World } from './world'

/** Gives back all of a charge that is left, or a part. @throws ApiError 400 when there is not that much left. */
export const createRefund = async (world: World, input: NewRefund): Promise<StripeObject> => {
  const charge = await chargeOf(world, input)
  if (charge.status !== 'succeeded') throw new ApiError(400, `Charge ${charge.id} is not paid.`)
  if (await isLockedByDispute(world, charge.id))
    throw new ApiError(400, `Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    })
  const already = Number(charge.amount_refunded)
  const left = Number(charge.amount) - already
  if (left === 0)
    throw new ApiError(400, `Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    })
  const amount = input.amount ?? left
  if (amount > left)
    throw badParameter(
      'amount',
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left}).`,
    )
  const transaction = newRef(world, 'txn')
  const refund = await addObject(world, newRefund(world, charge, input, amount, transaction))
  await addObject(
    world,
    newBalanceTransaction(world, {
      id: transaction,
      amount: -amount,
      fee: 0,
      currency: charge.currency,
      source: refund.id,
      type: 'refund',
    }),
  )
  const changed = await changeObject(world, charge, {
    amount_refunded: already + amount,
    refunded: amount === left,
  })
  await emit(world, 'refund.created', refund)
  await emit(world, 'charge.refunded', changed, { amount_refunded: already })
  return refund
}

/** The bank could not credit the payer: what a refund gave back is with the merchant again. */
export const failRefund = async (world: World, id: string): Promise<StripeObject> => {
  const found = await findObject(world, id, 'refund')
  const charge = found && (await findObject(world, String(found.charge), 'charge', { lock: true }))
  // Read once more under the charge's lock: two at once fail it once.
  const refund = charge && (await findObject(world, id, 'refund'))
  if (!refund) throw missing('refund', id, 'refund')
  if (refund.status === 'failed') throw new ApiError(400, `Refund ${id} has failed already.`)
  const amount = Number(refund.amount)
  const transaction = newRef(world, 'txn')
  const failed = await changeObject(world, refund, {
    status: 'failed',
    failure_reason: 'lost_or_stolen_card',
    failure_balance_transaction: transaction,
  })
  await addObject(
    world,
    newBalanceTransaction(world, {
      id: transaction,
      amount,
      fee: 0,
      currency: refund.currency,
      source: id,
      type: 'refund_failure',
    }),
  )
  await changeObject(world, charge, {
    amount_refunded: Number(charge.amount_refunded) - amount,
    refunded: false,
  })
  const previous = { status: refund.status }
  await emit(world, 'refund.failed', failed, previous)
  await emit(world, 'refund.updated', failed, previous)
  await emit(world, 'charge.refund.updated', failed, previous)
  return failed
}

const chargeOf = async (world: World, input: NewRefund): Promise<StripeObject> => {
  if (input.charge === undefined && input.payment_intent === undefined)
    throw new ApiError(
      400,
      'One of the following params should be provided for this request: payment_intent or charge.',
      {
        code: 'parameter_missing',
      },
    )
  const id = input.charge ?? (await chargeOfIntent(world, input.payment_intent ?? ''))
  const charge = await findObject(world, id, 'charge', { lock: true })
  if (charge === null) throw missing('charge', id, 'charge')
  return charge
}

const chargeOfIntent = async (world: World, id: string): Promise<string> => {
  const intent = await findObject(world, id, 'payment_intent')
  if (intent === null) throw missing('payment_intent', id, 'payment_intent')
  if (typeof intent.latest_charge !== 'string')
    throw new ApiError(400, `This PaymentIntent (${id}) does not have a successful charge to refund.`)
  return intent.latest_charge
}

const newRefund = (
  world: World,
  charge: StripeObject,
  input: NewRefund,
  amount: number,
  transaction: string,
): StripeObject => ({
  id: newRef(world, 're'),
  object: 'refund',
  amount,
  balance_transaction: transaction,
  charge: charge.id,
  created: seconds(world.now()),
  currency: charge.currency,
  customer: charge.customer,
  customer_account: null,
  destination_details: {
    card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
    type: 'card',
  },
  metadata: input.metadata ?? {},
  payment_intent: charge.payment_intent,
  payment_method: charge.payment_method,
  reason: input.reason ?? null,
  receipt_number: null,
  source_transfer_reversal: null,
  status: 'succeeded',
  transfer_reversal: null,
})
