import { eq } from 'drizzle-orm'
import { users, withdrawals } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { recordActivity } from '../audit'
import { programAt } from '../program'
import { lockWithdrawal, moveWithdrawal } from './move-withdrawal'
import { readWithdrawal, toAdminView } from './queries'
import type { AdminWithdrawalView, WithdrawalIdInput } from './schemas'

type Row = typeof withdrawals.$inferSelect

/**
 * Lets a request be paid. From the programme's limit on, two admins have to say so, each of whom has been one for 24 hours:
 * the first is noted, and the request goes on waiting. A first who is no longer an admin, or was not one all the time, does
 * not count, and the second becomes the first. Twice, or by two at once, it is approved once.
 * @throws DomainError 422 SECOND_ADMIN_NEEDED, ADMIN_TOO_NEW; else as `moveWithdrawal`.
 */
export const approveWithdrawal = (ctx: Context, { id }: WithdrawalIdInput): Promise<AdminWithdrawalView> =>
  inTransaction(ctx, async (tx) => {
    const row = await lockWithdrawal(tx, { id, by: 'admin' })
    const { userId } = signedIn(tx)
    if (row.status === 'REQUESTED' && (row.firstApprovedBy !== null || (await needsTwo(tx, row)))) {
      if (!(await wasAdminLong(tx, userId, tx.now()))) throw tooNew()
      if (row.firstApprovedBy === null) return noteFirst(tx, row, userId)
      const isValid = await wasAdminLong(tx, row.firstApprovedBy, row.firstApprovedAt ?? row.createdAt)
      if (!isValid) return noteFirst(tx, row, userId)
      if (row.firstApprovedBy === userId) throw secondNeeded()
    }
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

/** How long somebody has been an admin before their approval counts for one of two, in milliseconds. */
const SETTLED_MS = 24 * 60 * 60 * 1000

/** Whether somebody is an admin, and had been for long at that moment. Nobody takes the role from them meanwhile. */
const wasAdminLong = async (ctx: Context, userId: string, at: Date): Promise<boolean> => {
  const [user] = await ctx.db.select().from(users).where(eq(users.id, userId)).for('share')
  if (user === undefined || user.role !== 'ADMIN' || user.closedAt !== null) return false
  return (user.adminSince ?? user.createdAt).getTime() + SETTLED_MS <= at.getTime()
}

const tooNew = () =>
  refused(
    'ADMIN_TOO_NEW',
    'An amount like this needs two admins, each of whom has been one for 24 hours. You have not yet.',
  )

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
    before: { status: row.status, firstApprovedBy: row.firstApprovedBy },
    after: { status: row.status, firstApprovedBy: userId },
  })
  return view
}
