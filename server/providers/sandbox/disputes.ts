import { ApiError, missing } from './api-error'
import { emit } from './events'
import { newBalanceTransaction } from './payment-objects'
import { addObject, changeObject, findObject, listObjects } from './store'
import { newRef, type StripeObject, seconds, type World } from './world'

/** What Stripe charges for a dispute, in the currency's smallest unit. */
const FEE = 1_500
const WEEK = 7 * 86_400

/** The payer's bank takes back what is left of a charge, until the dispute is decided. */
export const openDispute = async (world: World, chargeId: string): Promise<StripeObject> => {
  const charge = await findObject(world, chargeId, 'charge', { lock: true })
  if (charge === null) throw missing('charge', chargeId, 'charge')
  const left = Number(charge.amount) - Number(charge.amount_refunded)
  if (charge.status !== 'succeeded' || left === 0 || (await isLockedByDispute(world, chargeId)))
    throw new ApiError(400, `Charge ${chargeId} cannot be disputed.`)
  const dispute = await addObject(world, newDispute(world, charge, left))
  await changeObject(world, charge, { disputed: true })
  await emit(world, 'charge.dispute.created', dispute)
  await emit(world, 'charge.dispute.funds_withdrawn', await moved(world, dispute, -left, FEE))
  return dispute
}

/** The bank decides. Nothing is decided twice. */
export const closeDispute = async (
  world: World,
  id: string,
  status: 'won' | 'lost',
): Promise<StripeObject> => {
  const dispute = await findObject(world, id, 'dispute', { lock: true })
  if (dispute === null) throw missing('dispute', id, 'dispute')
  if (dispute.status !== 'needs_response') throw new ApiError(400, `Dispute ${id} is closed already.`)
  const closed = await changeObject(world, dispute, { status, is_charge_refundable: status === 'won' })
  await emit(world, 'charge.dispute.closed', closed, { status: dispute.status })
  if (status === 'won')
    await emit(
      world,
      'charge.dispute.funds_reinstated',
      await moved(world, closed, Number(dispute.amount), 0),
    )
  return closed
}

/** While a dispute is open, and after one was lost, nothing can be refunded. */
export const isLockedByDispute = async (world: World, chargeId: string): Promise<boolean> =>
  (await listObjects(world, { types: ['dispute'], where: { charge: chargeId } })).some(
    ({ status }) => status !== 'won',
  )

const moved = async (
  world: World,
  dispute: StripeObject,
  amount: number,
  fee: number,
): Promise<StripeObject> => {
  const transaction = await addObject(
    world,
    newBalanceTransaction(world, {
      id: newRef(world, 'txn'),
      amount,
      fee,
      currency: dispute.currency,
      source: dispute.id,
      type: 'adjustment',
    }),
  )
  return changeObject(world, dispute, {
    balance_transactions: [...(dispute.balance_transactions as unknown[]), transaction],
  })
}

const newDispute = (world: World, charge: StripeObject, amount: number): StripeObject => ({
  id: newRef(world, 'du'),
  object: 'dispute',
  amount,
  balance_transactions: [],
  charge: charge.id,
  created: seconds(world.now()),
  currency: charge.currency,
  enhanced_eligibility_types: [],
  evidence: {},
  evidence_details: {
    due_by: seconds(world.now()) + WEEK,
    has_evidence: false,
    past_due: false,
    submission_count: 0,
  },
  is_charge_refundable: false,
  livemode: false,
  metadata: {},
  payment_intent: charge.payment_intent,
  payment_method_details: { card: { brand: 'visa', case_type: 'chargeback' }, type: 'card' },
  reason: 'fraudulent',
  status: 'needs_response',
})
