import { createBalanceTransaction } from '../../../server/domain/balance'
import { setPayoutMethod } from '../../../server/domain/payout'
import { type PayoutDetails, SetPayoutMethodInput } from '../../../server/domain/payout/schemas'
import { newId } from '../../../server/kit/context'
import type { TestContext } from '../context'
import { type MadeUser, makeUser, TEST_PASSWORD } from './identity'

export const PAYPAL: PayoutDetails = { kind: 'PAYPAL', details: { email: 'paid.here@payee.example' } }
export const BANK: PayoutDetails = {
  kind: 'BANK',
  details: { name: 'Penelope Payee', iban: 'DE89370400440532013000' },
}

export interface Payee {
  readonly user: MadeUser
  /** The context with this user asking. */
  readonly as: TestContext
}

/** Somebody with payout details on file and, unless it is nothing, an available balance in minor units. */
export const makePayee = async (
  ctx: TestContext,
  { available = 10_000n, currency = 'USD', method = PAYPAL as PayoutDetails | null } = {},
): Promise<Payee> => {
  const user = await makeUser(ctx)
  const as = ctx.as(user.actor)
  if (method !== null) await givenMethod(as, method)
  if (available !== 0n) await givenBalance(as, user.id, available, currency)
  return { user, as }
}

export const givenMethod = (as: TestContext, method: PayoutDetails) =>
  setPayoutMethod(as, SetPayoutMethodInput.parse({ ...method, password: TEST_PASSWORD }))

/** A commission that was credited. */
export const givenBalance = (ctx: TestContext, userId: string, amount: bigint, currency = 'USD') =>
  createBalanceTransaction(ctx, {
    userId,
    type: 'COMMISSION',
    amount,
    currency,
    referenceType: 'commission',
    referenceId: 'test',
    notes: 'Commission',
    idempotencyKey: newId(ctx),
  })
