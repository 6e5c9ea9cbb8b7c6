import { and, asc, eq, inArray, isNull, lte, ne, or, sql } from 'drizzle-orm'
import { commissions } from '../../../db/schema'
import { announce } from '../../kit/announce'
import { type Context, inTransaction } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { moneyToJson } from '../../kit/money'
import { type Posting, postTransfers } from '../balance'
import type { ProcessedCommissions } from './schemas'

interface Due {
  readonly id: string
  readonly userId: string
  readonly currency: string
  readonly amount: bigint
}

/**
 * Credits the commissions whose hold is over, batch by batch, one statement line per user and currency in a batch.
 * Any number of workers may run it at once, any number of times: a row is taken by one, and each commission is
 * credited exactly once.
 */
export const processUnpaidCommissions = async (ctx: Context): Promise<ProcessedCommissions> => {
  const totals = new Map<string, bigint>()
  let processed = 0
  let transactions = 0
  for (;;) {
    const { due, postings } = await inTransaction(ctx, creditBatch)
    processed += due.length
    transactions += postings
    for (const { currency, amount } of due) totals.set(currency, (totals.get(currency) ?? 0n) + amount)
    if (due.length < ctx.config.commissionBatchSize) break
  }
  const totalAmount = [...totals].sort().map(([currency, amount]) => moneyToJson({ amount, currency }))
  return { processed, totalAmount, transactions }
}

const creditBatch = async (ctx: Context): Promise<{ due: Due[]; postings: number }> => {
  const due = await ctx.db
    .select({
      id: commissions.id,
      userId: commissions.beneficiaryId,
      currency: commissions.currency,
      amount: sql<bigint>`${commissions.amount} - ${commissions.reversedAmount}`.mapWith(BigInt),
    })
    .from(commissions)
    .where(
      and(
        isNull(commissions.creditedAt),
        ne(commissions.status, 'REVERSED'),
        // What a dispute holds back waits for its end.
        eq(commissions.heldAmount, 0n),
        // What looks like a self-referral waits for an admin.
        or(isNull(commissions.suspicion), eq(commissions.verdict, 'RELEASED')),
        lte(commissions.holdUntil, ctx.now()),
      ),
    )
    .orderBy(asc(commissions.holdUntil), asc(commissions.id))
    .limit(ctx.config.commissionBatchSize)
    .for('update', { skipLocked: true })
  const groups = grouped(due)
  const posted = await postTransfers(ctx, groups.map(toPosting))
  for (const [i, group] of groups.entries())
    await ctx.db
      .update(commissions)
      .set({
        // What was reversed of it stays so: the rest is credited.
        status: sql`case when ${commissions.status} = 'PENDING' then 'CREDITED' else ${commissions.status} end`,
        creditedAt: ctx.now(),
        explanation: sql`${commissions.explanation} || jsonb_build_object('creditedBy', ${String(posted[i]?.transferId)}::text)`,
      })
      .where(
        inArray(
          commissions.id,
          group.map(({ id }) => id),
        ),
      )
  await announce(
    ctx,
    due.map(({ id, userId, amount, currency }) => ({
      userId,
      kind: 'commission.credited',
      key: `commission:${id}:credited`,
      data: { commissionId: id, amount: moneyToJson({ amount, currency }) },
    })),
  )
  return { due, postings: groups.length }
}

/** By user and currency, in the users' order, so that two workers lock the same users in the same order. */
const grouped = (due: readonly Due[]): Due[][] => {
  const groups = new Map<string, Due[]>()
  for (const one of due) {
    const key = `${one.userId} ${one.currency}`
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

const toPosting = (group: Due[]): Posting => {
  const [first] = group
  if (first === undefined) throw new Error('a group of none')
  const { userId, currency } = first
  const ids = group.map(({ id }) => id).sort()
  const batch = sha256(ids.join()).toString('hex')
  const amount = group.reduce((sum, one) => sum + one.amount, 0n)
  return {
    key: ids.length === 1 ? `commission:${first.id}:credit` : `commissions:${batch}:credit`,
    kind: 'commission_credited',
    currency,
    referenceType: ids.length === 1 ? 'commission' : 'commission_batch',
    referenceId: ids.length === 1 ? first.id : batch,
    notes: ids.length === 1 ? 'Commission credited' : `${ids.length} commissions credited`,
    entries: [
      { account: { kind: 'pending', userId }, amount: -amount },
      { account: { kind: 'available', userId }, amount, lineType: 'COMMISSION' },
    ],
  }
}
