import { and, eq, inArray } from 'drizzle-orm'
import { withdrawals } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { redactMails } from '../../kit/queue'
import { closeSelling, hasPendingCommission } from '../affiliate'
import { decimal, getBalances } from '../balance'
import { CLOSED_NAME, closeUser, confirmPassword, userToClose } from '../identity'
import type { CloseAccountInput } from '../identity/schemas'
import { forgetBuyer, unfinishedBusiness } from '../payment'
import { deleteAllWorkspaces } from '../workspace'
import { eraseDetails, NAME } from './erase-details'
import type { Obstacle } from './schemas'

/**
 * Closes the signed-in user's account: what names them is removed or replaced by a pseudonym, their workspaces are
 * deleted and their links revoked; the books, issued statements and tax details stay. Copies that were sold are their
 * buyers'. Closing again changes nothing.
 * @throws DomainError 403 WRONG_PASSWORD; 422 ADMIN_ACCOUNT, or the code of the first of `closingObstacles`; 503 BUSY.
 */
export const closeAccount = async (ctx: Context, { password }: CloseAccountInput): Promise<void> => {
  await confirmPassword(ctx, password)
  await inTransaction(ctx, async (tx) => {
    // First, and against all that refers to the user: a sale, a commission or a request comes before, or sees it closed.
    const user = await userToClose(tx, signedIn(tx).userId)
    if (user === null) return
    const [obstacle] = await closingObstacles(tx)
    if (obstacle !== undefined) throw refused(obstacle.code, obstacle.message)
    await closeSelling(tx, user.id)
    await deleteAllWorkspaces(tx, user.id)
    const closed = await closeUser(tx, user)
    await forgetBuyer(tx, closed, { ...CLOSED_NAME, email: closed.closedEmail })
    await redactMails(
      tx,
      { email: closed.email, name: `${user.firstName} ${user.lastName}` },
      { email: closed.closedEmail, name: NAME },
    )
    await eraseDetails(tx, closed)
  })
}

/** What has to be settled before the signed-in user's account can be closed, and how; nothing: it can. */
export const closingObstacles = async (ctx: Context): Promise<Obstacle[]> => {
  const { userId } = signedIn(ctx)
  const business = await unfinishedBusiness(ctx, userId)
  return [
    ...(await balanceObstacles(ctx, userId)),
    ...(business.dispute === null ? [] : [DISPUTE]),
    ...(business.subscription === null ? [] : [SUBSCRIPTION]),
    ...(business.checkout === null ? [] : [CHECKOUT]),
  ]
}

const balanceObstacles = async (ctx: Context, userId: string): Promise<Obstacle[]> => {
  const found: Obstacle[] = []
  for (const { currency, balance } of await getBalances(ctx, userId)) {
    const words = `${decimal(balance)} ${currency}`
    if (balance.amount > 0)
      found.push({
        code: 'BALANCE_LEFT',
        message: `You have ${words} left. Withdraw it first. If it is less than is paid out, ask us to settle it.`,
      })
    if (balance.amount < 0)
      found.push({
        code: 'BALANCE_NEGATIVE',
        message: `Your balance is ${words}: a sale was given back after you were paid for it. Settle it with us first.`,
      })
  }
  if (await isPending(ctx, userId)) found.push(PENDING)
  if (await hasOpenWithdrawal(ctx, userId)) found.push(WITHDRAWAL)
  return found
}

const isPending = async (ctx: Context, userId: string): Promise<boolean> =>
  (await hasPendingCommission(ctx, userId)) ||
  (await getBalances(ctx, userId)).some(({ pendingCommissions }) => pendingCommissions.amount !== 0)

const hasOpenWithdrawal = async (ctx: Context, userId: string): Promise<boolean> => {
  const open = await ctx.db
    .select({ id: withdrawals.id })
    .from(withdrawals)
    .where(
      and(
        eq(withdrawals.userId, userId),
        inArray(withdrawals.status, ['REQUESTED', 'APPROVED', 'ON_HOLD', 'PROCESSING']),
      ),
    )
    .limit(1)
  return open.length > 0
}

const PENDING: Obstacle = {
  code: 'COMMISSION_PENDING',
  message: 'A commission of yours is not credited yet. Wait for it, and withdraw it.',
}
const WITHDRAWAL: Obstacle = {
  code: 'WITHDRAWAL_OPEN',
  message: 'A withdrawal of yours is on its way. Wait for it, or take it back before it is approved.',
}
const DISPUTE: Obstacle = {
  code: 'DISPUTE_OPEN',
  message: 'A sale of yours is disputed. Wait until the bank has decided.',
}
const SUBSCRIPTION: Obstacle = {
  code: 'SUBSCRIPTION_RUNNING',
  message: 'You have a running subscription. Cancel it, and wait until it is over.',
}
const CHECKOUT: Obstacle = {
  code: 'CHECKOUT_OPEN',
  message: 'A checkout of yours is open, and may still be paid. Wait a day until it is over.',
}
