import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { type Posting, postTransfer, sealLedger } from '../../../server/domain/balance'
import type { TestContext } from '../context'

/** Seals everything posted so far, however long a transaction of another test keeps it waiting. */
export const sealAll = async (ctx: TestContext): Promise<void> => {
  for (;;) {
    const [row] = await ctx.db.execute<{ open: boolean }>(sql`
      select coalesce((select max(id) from ledger_transfers), 0) > coalesce((select max(upto_transfer_id) from ledger_seals), 0) open`)
    if (!row?.open) return
    await sealLedger(ctx)
  }
}

/** A captured sale: what the buyer paid, minor units, is the platform's, its tax and the seller's share. */
export const postSale = (ctx: TestContext, userId: string, base: bigint, more: Partial<Posting> = {}) =>
  postTransfer(ctx, {
    key: randomUUID(),
    kind: 'payment',
    currency: 'USD',
    referenceType: 'payment',
    referenceId: '1',
    entries: [
      { account: { kind: 'provider', name: 'sandbox' }, amount: -base - 15n },
      { account: { kind: 'tax' }, amount: 15n },
      { account: { kind: 'revenue' }, amount: base - 7n },
      { account: { kind: 'available', userId }, amount: 7n, lineType: 'COMMISSION' },
    ],
    ...more,
  })
