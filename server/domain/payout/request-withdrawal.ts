import { and, eq, isNull } from 'drizzle-orm'
import { payoutMethods, withdrawals } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { conflict, refused } from '../../kit/errors'
import { currencyExponent } from '../../kit/money'
import { recordActivity } from '../audit'
import { createBalanceTransaction } from '../balance'
import { holdOf, readWithdrawal, toView } from './queries'
import { minimumWithdrawal } from './rules'
import type { RequestWithdrawalInput, WithdrawalView } from './schemas'
import { lockUser } from './users'

/**
 * Takes an amount (minor units) out of the signed-in user's available balance and asks for it to be paid to the details
 * on file. The same attempt again returns the first withdrawal.
 * @throws DomainError 422 BELOW_MINIMUM, NO_PAYOUT_METHOD, PAYOUT_METHOD_ON_HOLD, INSUFFICIENT_BALANCE;
 * 409 WITHDRAWAL_OPEN, IDEMPOTENCY_KEY_REUSED.
 */
export const requestWithdrawal = (
  ctx: Context,
  input: RequestWithdrawalInput & { attempt?: string | null },
): Promise<WithdrawalView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    await lockUser(tx, userId, 'share')
    const known = await replayed(tx, userId, input)
    if (known !== null) return known

    checkMinimum(tx, input)
    const method = await usableMethod(tx, userId)
    const id = newId(tx)
    const [made] = await tx.db
      .insert(withdrawals)
      .values({
        id,
        userId,
        amount: BigInt(input.amount),
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
        currency: input.currency,
        kind: method.kind,
        masked: method.masked,
      },
    })
    return toView(await readWithdrawal(tx, id))
  })

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

const checkMinimum = (ctx: Context, { amount, currency }: RequestWithdrawalInput): void => {
  const major = ctx.config.minWithdrawal
  if (BigInt(amount) < minimumWithdrawal(major, currency))
    throw refused(
      'BELOW_MINIMUM',
      `At least ${major.toFixed(currencyExponent(currency))} ${currency} are paid out at a time.`,
    )
}

const usableMethod = async (ctx: Context, userId: string) => {
  const [method] = await ctx.db
    .select()
    .from(payoutMethods)
    .where(and(eq(payoutMethods.userId, userId), isNull(payoutMethods.replacedAt)))
  if (method === undefined) throw refused('NO_PAYOUT_METHOD', 'Say first where you want to be paid.')
  const until = holdOf(method, ctx.now())
  if (until !== null)
    throw refused(
      'PAYOUT_METHOD_ON_HOLD',
      `Your payout details were changed: withdrawals are held until ${until}.`,
    )
  return method
}

const alreadyOpen = (currency: string) =>
  conflict('WITHDRAWAL_OPEN', `A withdrawal in ${currency} is on its way. One at a time.`)
