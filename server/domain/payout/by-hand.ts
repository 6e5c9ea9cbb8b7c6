import type { withdrawals } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { payoutProviderNamed } from './payout-providers'
import { BY_HAND_MS } from './rules'
import type { AdminWithdrawalView } from './schemas'

/**
 * Whether an admin may say what became of a withdrawal that was being sent. Null: they may not, its provider says so, or
 * nobody is sending it. Where the provider cannot be asked by our number and has given no answer, only a look in its
 * dashboard tells: after an hour, for by then nobody waits for that answer any more. What it did not hear of is decided
 * at once.
 */
export const byHand = (
  ctx: Context,
  row: Pick<typeof withdrawals.$inferSelect, 'id' | 'status' | 'provider' | 'providerRef' | 'sentAt'>,
): AdminWithdrawalView['byHand'] => {
  if (row.status !== 'PROCESSING' || row.provider === null || row.providerRef !== null) return null
  if (row.sentAt === null) return { lookFor: null, open: true }
  const lookFor = payoutProviderNamed(ctx, row.provider)?.payouts.lookFor
  if (lookFor === undefined) return null
  return {
    lookFor: lookFor(row.id),
    open: ctx.now().getTime() - row.sentAt.getTime() >= BY_HAND_MS,
  }
}
