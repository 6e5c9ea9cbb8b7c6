import { and, asc, eq, notInArray } from 'drizzle-orm'
import { payoutBatches, payoutMethods, withdrawals } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { refused } from '../../kit/errors'
import { recordActivity } from '../audit'
import { readBatch } from './batches'
import { moveLocked } from './move-withdrawal'
import { sentKinds } from './payout-providers'
import type { BatchView } from './schemas'

/**
 * Takes every approved withdrawal that is paid by hand, at PayPal or a bank, into a batch: from that moment they are being
 * paid, and are in no other batch, cannot be held or rejected, and end as paid or failed. Of two admins at once one gets
 * them. The file, with payout details in clear, is `batchCsv`; who took it and what is in it stands in the log.
 * @throws DomainError 422 NOTHING_TO_PAY.
 */
export const makeBatch = (ctx: Context): Promise<BatchView> =>
  inTransaction(ctx, async (tx) => {
    const rows = await tx.db
      .select({ withdrawal: withdrawals })
      .from(withdrawals)
      .innerJoin(payoutMethods, eq(payoutMethods.id, withdrawals.methodId))
      .where(and(eq(withdrawals.status, 'APPROVED'), paidByHand(tx)))
      .orderBy(asc(withdrawals.createdAt), asc(withdrawals.id))
      .for('update', { of: withdrawals })
    if (rows.length === 0)
      throw refused('NOTHING_TO_PAY', 'No approved withdrawal waits to be paid by hand. Nothing was changed.')
    const id = newId(tx)
    await tx.db.insert(payoutBatches).values({ id, madeBy: signedIn(tx).userId, createdAt: tx.now() })
    for (const { withdrawal } of rows)
      await moveLocked(tx, withdrawal, {
        to: 'PROCESSING',
        set: { batchId: id },
        action: 'withdrawal_batched',
      })
    await recordActivity(tx, {
      action: 'payout_batch_made',
      description: `A batch of withdrawals was taken with their payout details: ${rows.length}`,
      subject: { type: 'payout_batch', id },
      after: { withdrawals: rows.map(({ withdrawal }) => withdrawal.id) },
    })
    return readBatch(tx, id)
  })

/** What a provider is about to send belongs into no batch: it would be paid twice. */
const paidByHand = (ctx: Context) => notInArray(payoutMethods.kind, [...sentKinds(ctx)])
