import { and, desc, eq, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import { payoutBatches, users, withdrawals } from '../../../db/schema'
import { type Context, inSnapshot } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import type { BatchesInput, BatchView } from './schemas'
import { isUuid } from './users'
import { withdrawalsCsv } from './withdrawal-csv'

/** The batches there are, newest first. */
export const listBatches = async (
  ctx: Context,
  { limit, cursor }: BatchesInput,
): Promise<Page<BatchView>> => {
  const last = readCursor(cursor)
  if (last !== null && !isUuid(last.id))
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  const rows = await viewsOf(
    ctx,
    last === null
      ? undefined
      : or(
          lt(payoutBatches.createdAt, last.at),
          and(eq(payoutBatches.createdAt, last.at), lt(payoutBatches.id, last.id)),
        ),
    limit + 1,
  )
  return toPage(
    rows,
    limit,
    ({ createdAt, id }) => ({ at: new Date(createdAt), id }),
    (row) => row,
  )
}

/** A batch that is known to be there. */
export const readBatch = async (ctx: Context, id: string): Promise<BatchView> => {
  const [batch] = await viewsOf(ctx, eq(payoutBatches.id, id), 1)
  if (batch === undefined) throw new Error(`batch ${id} is gone`)
  return batch
}

/**
 * A batch as CSV, as often as it is asked for; writes nothing. Payout details are in clear of what is still to be paid, and
 * masked once it has ended.
 * @throws DomainError 404 BATCH_NOT_FOUND.
 */
export const batchCsv = (ctx: Context, { id }: { readonly id: string }): Promise<string> =>
  inSnapshot(ctx, async (tx) => {
    const [batch] = isUuid(id)
      ? await tx.db.select({ id: payoutBatches.id }).from(payoutBatches).where(eq(payoutBatches.id, id))
      : []
    if (batch === undefined) throw notFound('BATCH_NOT_FOUND', 'There is no such batch.')
    return withdrawalsCsv(tx, eq(withdrawals.batchId, id), ({ status }) => status === 'PROCESSING')
  })

const viewsOf = async (ctx: Context, which: SQL | undefined, limit: number): Promise<BatchView[]> => {
  const batches = await ctx.db
    .select({ batch: payoutBatches, firstName: users.firstName, lastName: users.lastName })
    .from(payoutBatches)
    .innerJoin(users, eq(users.id, payoutBatches.madeBy))
    .where(which)
    .orderBy(desc(payoutBatches.createdAt), desc(payoutBatches.id))
    .limit(limit)
  const sums = await ctx.db
    .select({
      batchId: withdrawals.batchId,
      currency: withdrawals.currency,
      toPay: sql<string>`sum(${withdrawals.amount} - ${withdrawals.fee})`,
      count: sql<number>`count(*)::int`,
      open: sql<number>`(count(*) filter (where ${withdrawals.status} = 'PROCESSING'))::int`,
    })
    .from(withdrawals)
    .where(
      inArray(
        withdrawals.batchId,
        batches.map(({ batch }) => batch.id),
      ),
    )
    .groupBy(withdrawals.batchId, withdrawals.currency)
    .orderBy(withdrawals.currency)
  return batches.map(({ batch, firstName, lastName }) => {
    const own = sums.filter(({ batchId }) => batchId === batch.id)
    return {
      id: batch.id,
      createdAt: batch.createdAt.toISOString(),
      madeBy: `${firstName} ${lastName}`,
      withdrawals: own.reduce((all, { count }) => all + count, 0),
      open: own.reduce((all, { open }) => all + open, 0),
      toPay: own.map(({ currency, toPay }) => moneyToJson({ amount: BigInt(toPay), currency })),
    }
  })
}
