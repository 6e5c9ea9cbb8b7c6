import { and, eq } from 'drizzle-orm'
import { withdrawals } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict, refused } from '../../kit/errors'
import { moneyFromJson, safeNumber } from '../../kit/money'
import { recordActivity } from '../audit'
import { createBalanceTransaction } from '../balance'
import { checkCode, lockSelf, requiredCode, secondFactorView } from '../identity'
import { programAt } from '../program'
import { readWithdrawal, toView } from './queries'
import type { RequestWithdrawalInput, WithdrawalView } from './schemas'
import { needsCode, withdrawalTerms } from './withdrawal-terms'

/**
 * Takes an amount (minor units) out of the signed-in user's available balance and asks for it to be paid to the details
 * on file; the fee is fixed with it. The same attempt again returns the first withdrawal.
 * @throws DomainError 422 as `withdrawalTerms`, INSUFFICIENT_BALANCE; 409 FEE_CHANGED, WITHDRAWAL_OPEN,
 * IDEMPOTENCY_KEY_REUSED; from the programme's limit on 422 SECOND_FACTOR_NEEDED, 400 CODE_REQUIRED, 403 WRONG_CODE,
 * 429 TOO_MANY_CODES.
 */
export const requestWithdrawal = async (
  ctx: Context,
  input: RequestWithdrawalInput & { attempt?: string | null },
): Promise<WithdrawalView> => {
  await checkLimit(ctx, input)
  return inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    await lockSelf(tx, userId, 'share')
    const known = await replayed(tx, userId, input)
    if (known !== null) return known

    const { method, fee } = await withdrawalTerms(tx, userId, moneyFromJson(input))
    if (input.fee !== undefined && BigInt(input.fee) !== fee)
      throw conflict('FEE_CHANGED', 'The fee has changed since you saw it. Look at it again, then ask again.')
    const id = newId(tx)
    const [made] = await tx.db
      .insert(withdrawals)
      .values({
        id,
        userId,
        amount: BigInt(input.amount),
        fee,
        currency: input.currency,
        methodId: method.id,
        idempotencyKey: input.attempt ?? null,
        createdAt: tx.now(),
        updatedAt: tx.now(),
      })
      .onConflictDoNothing()
      .returning({ id: withdrawals.id })
    // Only the index knows for sure whether one is open: this same attempt, faster by a moment, or another request.
    if (made === undefined) {
      const first = await replayed(tx, userId, input)
      if (first !== null) return first
      throw alreadyOpen(input.currency)
    }
    await createBalanceTransaction(tx, {
      userId,
      type: 'WITHDRAWAL',
      amount: -BigInt(input.amount),
      currency: input.currency,
      referenceType: 'withdrawal',
      referenceId: id,
      notes: 'Withdrawal requested',
      idempotencyKey: `withdrawal:${id}:request`,
    })
    await recordActivity(tx, {
      action: 'withdrawal_requested',
      description: 'A withdrawal was requested',
      subject: { type: 'withdrawal', id },
      after: {
        status: 'REQUESTED',
        amount: input.amount,
        fee: safeNumber(fee),
        currency: input.currency,
        kind: method.kind,
        masked: method.masked,
      },
    })
    return toView(await readWithdrawal(tx, id))
  })
}

/** Outside the transaction, for a wrong code counts also where nothing is done; what was done before asks for no other. */
const checkLimit = async (
  ctx: Context,
  input: RequestWithdrawalInput & { attempt?: string | null },
): Promise<void> => {
  const { userId } = signedIn(ctx)
  if (!needsCode(await programAt(ctx), moneyFromJson(input))) return
  if ((await replayed(ctx, userId, input)) !== null) return
  if ((await secondFactorView(ctx)).since === null)
    throw refused(
      'SECOND_FACTOR_NEEDED',
      'From this amount on a withdrawal needs a second factor. Set one up first (/settings/second-factor).',
    )
  await checkCode(ctx, userId, requiredCode(input.code))
}

const replayed = async (
  ctx: Context,
  userId: string,
  { amount, currency, attempt }: RequestWithdrawalInput & { attempt?: string | null },
): Promise<WithdrawalView | null> => {
  if (attempt === undefined || attempt === null) return null
  const [known] = await ctx.db
    .select()
    .from(withdrawals)
    .where(and(eq(withdrawals.userId, userId), eq(withdrawals.idempotencyKey, attempt)))
  if (known === undefined) return null
  if (known.amount !== BigInt(amount) || known.currency !== currency)
    throw conflict('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used for something else.')
  return toView(await readWithdrawal(ctx, known.id))
}

const alreadyOpen = (currency: string) =>
  conflict('WITHDRAWAL_OPEN', `A withdrawal in ${currency} is on its way. One at a time.`)
