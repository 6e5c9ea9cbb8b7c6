import { eq } from 'drizzle-orm'
import { users } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { recordActivity } from '../audit'
import { createBalanceTransaction } from '../balance'
import type { Transaction } from '../balance/schemas'
import type { CreateAdjustmentInput } from './schemas'
import { lockUser } from './users'

/**
 * Adds to a user's available balance or takes from it (minor units, signed), below zero if need be, with a reason and
 * the admin's name on the statement. The same attempt again returns the first line.
 * @throws DomainError 404 USER_NOT_FOUND; 422 OWN_BALANCE; 409 IDEMPOTENCY_KEY_REUSED.
 */
export const createAdjustment = (
  ctx: Context,
  { userId, amount, currency, reason, attempt }: CreateAdjustmentInput & { attempt?: string | null },
): Promise<Transaction> =>
  inTransaction(ctx, async (tx) => {
    const admin = signedIn(tx)
    if (userId.toLowerCase() === admin.userId)
      throw refused('OWN_BALANCE', 'Nobody adjusts a balance of their own. Another admin can.')
    const [by] = await tx.db.select().from(users).where(eq(users.id, admin.userId))
    if (by === undefined) throw new Error(`admin ${admin.userId} is gone`)
    const user = await lockUser(tx, userId, 'share')
    const { replayed, ...line } = await createBalanceTransaction(tx, {
      userId: user.id,
      type: 'ADJUSTMENT',
      amount: BigInt(amount),
      currency,
      referenceType: 'admin',
      referenceId: admin.userId,
      notes: `${reason} (${by.firstName} ${by.lastName})`,
      idempotencyKey: `adjustment:${admin.userId}:${attempt ?? newId(tx)}`,
    })
    if (!replayed)
      await recordActivity(tx, {
        action: 'balance_adjusted',
        description: `${by.firstName} ${by.lastName} adjusted a balance: ${reason}`,
        organizationId: user.organizationId,
        subject: { type: 'user', id: user.id },
        before: { balance: line.balanceBefore },
        after: { balance: line.balanceAfter, amount: line.amount, reason },
      })
    return line
  })
