import { and, eq, inArray } from 'drizzle-orm'
import { withdrawals } from '../../../db/schema'
import { CLOSED_NAME, closedAddress } from '../../kit/closed-accounts'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { enqueueMail, redactMails } from '../../kit/queue'
import { closeSelling, minWithdrawalsOf } from '../affiliate'
import { decimal, getBalances } from '../balance'
import { closeUser, confirmPassword, forgetFormerNames, userToClose } from '../identity'
import type { CloseAccountInput } from '../identity/schemas'
import { closeListings } from '../marketplace'
import { forgetBuyer, unfinishedBusiness } from '../payment'
import { deleteAllWorkspaces } from '../workspace'
import { eraseDetails, NOBODY } from './erase-details'
import { minimumWithdrawal } from './rules'
import type { ClosingView, Obstacle } from './schemas'

/**
 * Closes the signed-in user's account (rule 39): what names them is removed or replaced by a pseudonym, their workspaces
 * are deleted and their links revoked; the books and issued statements stay. Copies that were sold are their buyers'. A
 * last mail says so. Closing again changes nothing.
 * @throws DomainError 403 WRONG_PASSWORD; 422 ADMIN_ACCOUNT, or the code of the first obstacle of `closingView`; 503 BUSY.
 */
export const closeAccount = async (ctx: Context, { password }: CloseAccountInput): Promise<void> => {
  await confirmPassword(ctx, password)
  await inTransaction(ctx, async (tx) => {
    // First, and against all that refers to the user: a sale, a commission or a request comes before, or sees it closed.
    const user = await userToClose(tx, signedIn(tx).userId)
    if (user === null) return
    const [obstacle] = (await closingView(tx)).obstacles
    if (obstacle !== undefined) throw refused(obstacle.code, obstacle.message)
    await closeSelling(tx, user.id)
    await closeListings(tx, user.id)
    await deleteAllWorkspaces(tx, user.id)
    const closedEmail = closedAddress(tx.outside.random(8).toString('hex'))
    // While it is still known who they were: what is to be erased is looked up by that.
    await eraseDetails(tx, user.id, closedEmail)
    await forgetFormerNames(tx, user.id, { email: closedEmail, name: NOBODY })
    await closeUser(tx, user, closedEmail)
    await forgetBuyer(tx, { userId: user.id, email: user.email }, { ...CLOSED_NAME, email: closedEmail })
    await redactMails(
      tx,
      { email: user.email, name: `${user.firstName} ${user.lastName}` },
      { email: closedEmail, name: NOBODY },
    )
    await enqueueMail(tx, {
      key: `closed:${user.id}`,
      to: user.email,
      template: 'account-closed',
      data: {},
    })
  })
}

/** Whether the signed-in user's account can be closed, what is to be settled before and how, and what would be left. */
export const closingView = async (ctx: Context): Promise<ClosingView> => {
  const { userId } = signedIn(ctx)
  const business = await unfinishedBusiness(ctx, userId)
  const money = await moneyLeft(ctx, userId)
  return {
    obstacles: [
      ...money.obstacles,
      ...((await hasOpenWithdrawal(ctx, userId)) ? [WITHDRAWAL] : []),
      ...(business.dispute === null ? [] : [DISPUTE]),
      ...(business.subscription === null ? [] : [subscription(business.subscription.until)]),
      ...(business.checkout === null ? [] : [checkout(business.checkout.until)]),
    ],
    leftovers: money.leftovers,
  }
}

/** What is too little to be paid out is in nobody's way; what is owed to us is. */
const moneyLeft = async (ctx: Context, userId: string): Promise<ClosingView> => {
  const minimum = { minWithdrawals: await minWithdrawalsOf(ctx, userId) }
  const obstacles: Obstacle[] = []
  const leftovers: ClosingView['leftovers'] = []
  for (const { currency, balance, pendingCommissions } of await getBalances(ctx, userId)) {
    const least = Math.max(Number(minimumWithdrawal(ctx.config.minWithdrawal, currency, minimum)), 1)
    const total = balance.amount + pendingCommissions.amount
    const words = `${decimal(balance)} ${currency}`
    if (balance.amount < 0)
      obstacles.push({
        code: 'BALANCE_NEGATIVE',
        message: `Your balance is ${words}: a sale was given back after you were paid for it. Settle it with us first.`,
      })
    else if (balance.amount >= least)
      obstacles.push({ code: 'BALANCE_LEFT', message: `You have ${words} left. Withdraw it first.` })
    else if (total >= least)
      obstacles.push({
        code: 'COMMISSION_PENDING',
        message: `Commissions of ${decimal(pendingCommissions)} ${currency} are not credited yet. Wait for them, and withdraw them.`,
      })
    else if (total > 0) leftovers.push(moneyToJson({ amount: BigInt(total), currency }))
  }
  return { obstacles, leftovers }
}

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

const WITHDRAWAL: Obstacle = {
  code: 'WITHDRAWAL_OPEN',
  message: 'A withdrawal of yours is on its way. Wait for it, or take it back before it is approved.',
}
const DISPUTE: Obstacle = {
  code: 'DISPUTE_OPEN',
  message: 'A sale of yours is disputed. Wait until the bank has decided.',
}
const subscription = (until: Date | null): Obstacle => ({
  code: 'SUBSCRIPTION_RUNNING',
  message: `You have a running subscription. Cancel it, and close the account when it is over${ended(until)}.`,
})
const checkout = (until: Date | null): Obstacle => ({
  code: 'CHECKOUT_OPEN',
  message: `A checkout of yours is open, and may still be paid. Pay it, or wait until it is over${ended(until)}.`,
})
const ended = (until: Date | null): string =>
  until === null ? '' : ` (${until.toISOString().slice(0, 16).replace('T', ' ')} UTC)`
