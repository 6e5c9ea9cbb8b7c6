import { eq } from 'drizzle-orm'
import { withdrawals } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { recordActivity } from '../audit'
import { programAt } from '../program'
import { lockWithdrawal, moveWithdrawal } from './move-withdrawal'
import { readWithdrawal, toAdminView } from './queries'
import type { AdminWithdrawalView, WithdrawalIdInput } from './schemas'

type Row = typeof withdrawals.$inferSelect

/**
 * Lets a request be paid. From the programme's limit on, two admins have to say so: the first is noted, and the request
 * goes on waiting. Twice, or by two at once, it is approved once.
 * @throws DomainError 422 SECOND_ADMIN_NEEDED; else as `moveWithdrawal`.
 */
export const approveWithdrawal = (ctx: Context, { id }: WithdrawalIdInput): Promise<AdminWithdrawalView> =>
  inTransaction(ctx, async (tx) => {
    const row = await lockWithdrawal(tx, { id, by: 'admin' })
    const { userId } = signedIn(tx)
    if (row.status === 'REQUESTED' && row.firstApprovedBy === userId) throw secondNeeded()
    if (row.status === 'REQUESTED' && row.firstApprovedBy === null && (await needsTwo(tx, row)))
      return noteFirst(tx, row, userId)
    return moveWithdrawal(tx, {
      id,
      to: 'APPROVED',
      by: 'admin',
      from: ['REQUESTED'],
      set: { approvedBy: userId, approvedAt: tx.now() },
      mail: 'withdrawal-approved',
      action: 'withdrawal_approved',
    })
  })

const secondNeeded = () =>
  refused(
    'SECOND_ADMIN_NEEDED',
    'You have approved it already. An amount like this needs a second admin, who is not you.',
  )

/** By the limit when it was requested or the one of now, whichever is stricter. */
const needsTwo = async (ctx: Context, { amount, currency, createdAt }: Row): Promise<boolean> => {
  const limits = [await programAt(ctx, createdAt), await programAt(ctx)].map(
    ({ twoPersonLimits }) => twoPersonLimits[currency],
  )
  return limits.some((limit) => limit !== undefined && amount >= BigInt(limit))
}

const noteFirst = async (ctx: Context, row: Row, userId: string): Promise<AdminWithdrawalView> => {
  await ctx.db
    .update(withdrawals)
    .set({ firstApprovedBy: userId, firstApprovedAt: ctx.now(), updatedAt: ctx.now() })
    .where(eq(withdrawals.id, row.id))
  const view = toAdminView(ctx, await readWithdrawal(ctx, row.id))
  await recordActivity(ctx, {
    action: 'withdrawal_first_approved',
    description: 'A withdrawal was approved by the first of two admins',
    subject: { type: 'withdrawal', id: row.id },
    before: { status: row.status, firstApprovedBy: null },
    after: { status: row.status, firstApprovedBy: userId },
  })
  return view
}
