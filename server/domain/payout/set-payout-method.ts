import { and, eq, isNull } from 'drizzle-orm'
import { connectedAccounts, payoutMethods } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { getBalances } from '../balance'
import { confirmPassword, lockSelf } from '../identity'
import { maskDetails, openDetails, sealDetails } from './details'
import { holdOf, methodView } from './queries'
import { HOLD_MS, KIND_WORDS } from './rules'
import type { PayoutDetails, PayoutMethodView, SetPayoutMethodInput } from './schemas'

/**
 * Puts where the signed-in user is paid on file. A change of it (not the first) holds withdrawals for 48 hours; the
 * user is mailed either way. Open withdrawals keep the details they were requested with. The same details again change
 * nothing. An account at Stripe must be the user's own, made here.
 * @throws DomainError 403 WRONG_PASSWORD; 422 NOT_YOUR_ACCOUNT; 503 BUSY.
 */
export const setPayoutMethod = async (
  ctx: Context,
  { method, password }: SetPayoutMethodInput,
): Promise<PayoutMethodView> => {
  await confirmPassword(ctx, password)
  if (method.kind === 'STRIPE') await checkOwnAccount(ctx, method.details.account)
  return putPayoutMethod(ctx, method, { confirmed: true })
}

const checkOwnAccount = async (ctx: Context, account: string): Promise<void> => {
  const [own] = await ctx.db
    .select({ id: connectedAccounts.id })
    .from(connectedAccounts)
    .where(and(eq(connectedAccounts.userId, signedIn(ctx).userId), eq(connectedAccounts.externalId, account)))
  if (own !== undefined) return
  const message = 'This is not an account that you made at Stripe from here. Continue at Stripe to make one.'
  throw new DomainError(422, 'NOT_YOUR_ACCOUNT', message, {
    issues: [{ path: ['details', 'account'], message }],
  })
}

/**
 * The same where no password was asked for: a first method replaces nothing. So it holds withdrawals only where there
 * is something already that a stolen session could be after.
 */
export const putPayoutMethod = (
  ctx: Context,
  method: PayoutDetails,
  { confirmed }: { confirmed: boolean },
): Promise<PayoutMethodView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const user = await lockSelf(tx, userId, 'no key update')
    const before = await currentMethod(tx, userId)
    if (before !== undefined && isSame(openDetails(tx, before.id, before.sealed), method))
      return methodView(tx, before)

    const now = tx.now()
    const id = newId(tx)
    // A change within the hold of an earlier one begins it anew.
    const waits = before !== undefined || (!confirmed && (await hasMoney(tx, userId)))
    const holdUntil = waits ? new Date(now.getTime() + HOLD_MS) : null
    if (before !== undefined)
      await tx.db.update(payoutMethods).set({ replacedAt: now }).where(eq(payoutMethods.id, before.id))
    const row = {
      id,
      userId,
      kind: method.kind,
      sealed: sealDetails(tx, id, method),
      masked: maskDetails(method),
      holdUntil,
      createdAt: now,
      replacedAt: null,
    }
    await tx.db.insert(payoutMethods).values(row)
    await recordActivity(tx, {
      action: before === undefined ? 'payout_details_set' : 'payout_details_changed',
      description: `Payout details were ${before === undefined ? 'set' : 'changed'}`,
      subject: { type: 'payout_method', id },
      before: before === undefined ? null : { kind: before.kind, masked: before.masked },
      after: { kind: row.kind, masked: row.masked, holdUntil: holdOf(row, now) },
    })
    await enqueueMail(tx, {
      key: `payout-details:${id}`,
      to: user.email,
      template: 'payout-details-changed',
      data: {
        firstName: user.firstName,
        method: KIND_WORDS[row.kind],
        masked: row.masked,
        holdUntil: holdOf(row, now),
      },
    })
    return methodView(tx, row)
  })

export const currentMethod = async (ctx: Context, userId: string) => {
  const [method] = await ctx.db
    .select()
    .from(payoutMethods)
    .where(and(eq(payoutMethods.userId, userId), isNull(payoutMethods.replacedAt)))
  return method
}

const isSame = (a: PayoutDetails, b: PayoutDetails): boolean => canonical(a) === canonical(b)

const canonical = ({ kind, details }: PayoutDetails): string =>
  JSON.stringify([kind, Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1))])

const hasMoney = async (ctx: Context, userId: string): Promise<boolean> =>
  (await getBalances(ctx, userId)).some(
    ({ balance, pendingCommissions, inWithdrawal }) =>
      balance.amount > 0 || pendingCommissions.amount > 0 || inWithdrawal.amount > 0,
  )
