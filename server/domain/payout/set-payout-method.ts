import { and, eq, isNull } from 'drizzle-orm'
import { payoutMethods } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { confirmPassword } from '../identity'
import { maskDetails, openDetails, sealDetails } from './details'
import { holdOf, toMethodView } from './queries'
import { HOLD_MS, KIND_WORDS } from './rules'
import type { PayoutDetails, PayoutMethodView, SetPayoutMethodInput } from './schemas'
import { lockUser } from './users'

/**
 * Puts where the signed-in user is paid on file. A change of it (not the first) holds withdrawals for 48 hours; the
 * user is mailed either way. Open withdrawals keep the details they were requested with. The same details again change
 * nothing.
 * @throws DomainError 403 WRONG_PASSWORD; 503 BUSY.
 */
export const setPayoutMethod = async (
  ctx: Context,
  { method, password }: SetPayoutMethodInput,
): Promise<PayoutMethodView> => {
  await confirmPassword(ctx, password)
  return putPayoutMethod(ctx, method)
}

/** The same where the person is known to mean it: a first method replaces nothing. */
export const putPayoutMethod = (ctx: Context, method: PayoutDetails): Promise<PayoutMethodView> =>
  inTransaction(ctx, async (tx) => {
    const { userId } = signedIn(tx)
    const user = await lockUser(tx, userId, 'no key update')
    const before = await currentMethod(tx, userId)
    if (before !== undefined && isSame(openDetails(tx, before.id, before.sealed), method))
      return toMethodView(before, tx.now())

    const now = tx.now()
    const id = newId(tx)
    // A change within the hold of an earlier one begins it anew.
    const holdUntil = before === undefined ? null : new Date(now.getTime() + HOLD_MS)
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
    return toMethodView(row, now)
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
