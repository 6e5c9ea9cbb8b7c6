import { fromStripeAmount } from '../stripe/amounts'
import { takesTransfers } from './accounts'
import { ApiError, badParameter, missing } from './api-error'
import { emit } from './events'
import type { NewReversal, NewTransfer } from './parameters'
import { newBalanceTransaction } from './payment-objects'
import { addObject, changeObject, findObject, listObjects } from './store'
import { newRef, type StripeObject, seconds, type World } from './world'

/** Money out of the platform's balance to a payee's account. @throws ApiError 400 in Stripe's words. */
export const createTransfer = async (world: World, input: NewTransfer): Promise<StripeObject> => {
  checkAmount(input)
  const account = await findObject(world, input.destination, 'account', { lock: true })
  if (account === null)
    throw new ApiError(400, `No such destination: '${input.destination}'`, {
      code: 'resource_missing',
      param: 'destination',
    })
  if (!takesTransfers(account))
    throw new ApiError(
      400,
      'Your destination account needs to have at least one of the following capabilities enabled: transfers, crypto_transfers, legacy_payments',
      { code: 'insufficient_capabilities_for_transfer' },
    )
  const id = newRef(world, 'tr')
  const transaction = await addTransaction(world, { ...input, amount: -input.amount, source: id })
  const transfer = await addObject(world, newTransfer(world, id, transaction, input))
  await emit(world, 'transfer.created', transfer)
  return transfer
}

/** Takes a transfer back, all that is left of it or a part. @throws ApiError 400, 404 in Stripe's words. */
export const reverseTransfer = async (
  world: World,
  id: string,
  input: NewReversal = {},
): Promise<StripeObject> => {
  const transfer = await findObject(world, id, 'transfer', { lock: true })
  if (transfer === null) throw missing('transfer', id, 'transfer')
  const left = Number(transfer.amount) - Number(transfer.amount_reversed)
  const amount = input.amount ?? left
  if (left === 0) throw new ApiError(400, `Transfer ${id} has already been fully reversed.`)
  if (amount > left)
    throw badParameter(
      'amount',
      `Transfer reversal amount (${amount}) is greater than unreversed amount on transfer (${left}).`,
    )
  const reversalId = newRef(world, 'trr')
  const transaction = await addTransaction(world, {
    amount,
    currency: String(transfer.currency),
    source: reversalId,
  })
  const reversal = await addObject(world, {
    id: reversalId,
    object: 'transfer_reversal',
    amount,
    balance_transaction: transaction,
    created: seconds(world.now()),
    currency: transfer.currency,
    destination_payment_refund: newRef(world, 'pyr'),
    metadata: input.metadata ?? {},
    source_refund: null,
    transfer: id,
  })
  const reversals = await listObjects(world, { types: ['transfer_reversal'], where: { transfer: id } })
  const changed = await changeObject(world, transfer, {
    amount_reversed: Number(transfer.amount_reversed) + amount,
    reversed: amount === left,
    reversals: { ...(transfer.reversals as object), data: reversals, total_count: reversals.length },
  })
  await emit(world, 'transfer.reversed', changed, {
    amount_reversed: transfer.amount_reversed,
    reversed: false,
  })
  return reversal
}

const checkAmount = ({ amount, currency }: NewTransfer): void => {
  try {
    fromStripeAmount(amount, currency)
  } catch {
    throw badParameter('currency', `Invalid currency: ${currency}, or an amount it cannot have.`)
  }
  if (amount > 99_999_999) throw badParameter('amount', 'Amount must be no more than $999,999.99')
}

const addTransaction = async (
  world: World,
  given: { amount: number; currency: string; source: string },
): Promise<string> => {
  const type = given.amount < 0 ? 'transfer' : 'transfer_refund'
  const made = newBalanceTransaction(world, { ...given, id: newRef(world, 'txn'), fee: 0, type })
  return (await addObject(world, made)).id
}

const newTransfer = (world: World, id: string, transaction: string, input: NewTransfer): StripeObject => ({
  id,
  object: 'transfer',
  amount: input.amount,
  amount_reversed: 0,
  balance_transaction: transaction,
  created: seconds(world.now()),
  currency: input.currency,
  description: input.description ?? null,
  destination: input.destination,
  destination_payment: newRef(world, 'py'),
  livemode: false,
  metadata: input.metadata ?? {},
  reversals: {
    object: 'list',
    data: [],
    has_more: false,
    total_count: 0,
    url: `/v1/transfers/${id}/reversals`,
  },
  reversed: false,
  source_transaction: null,
  source_type: 'card',
  transfer_group: input.transfer_group ?? null,
})
