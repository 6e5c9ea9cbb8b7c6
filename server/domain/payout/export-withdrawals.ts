import { eq } from 'drizzle-orm'
import { withdrawals } from '../../../db/schema'
import type { Context } from '../../kit/context'
import type { ExportWithdrawalsInput } from './schemas'
import { withdrawalsCsv } from './withdrawal-csv'

/**
 * Withdrawals in one state, as CSV, oldest first; writes nothing. Payout details are masked in every state: in clear they
 * are only in a batch, which nobody else can take to be paid too.
 */
export const exportWithdrawals = (ctx: Context, { status }: ExportWithdrawalsInput): Promise<string> =>
  withdrawalsCsv(ctx, eq(withdrawals.status, status), () => false)
