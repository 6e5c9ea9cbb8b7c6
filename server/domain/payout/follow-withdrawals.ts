import { and, eq, inArray, or } from 'drizzle-orm'
import { payoutMethods, withdrawals } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { enqueueJob, enqueueMail } from '../../kit/queue'
import { sentKinds } from './payout-providers'
import { nextLook, providerWords } from './rules'

const HOUR_MS = 60 * 60 * 1000

/**
 * Goes round what is to be sent or on its way: what nobody sends is enqueued, what the provider has not ended is asked
 * about again, less and less often (2 minutes to 6 hours apart). An admin is told of what has had no answer for an hour.
 * Safe to run at any time and any number of times.
 */
export const followWithdrawals = async (ctx: Context): Promise<void> => {
  const kinds = sentKinds(ctx)
  const open = await ctx.db
    .select({ withdrawal: withdrawals })
    .from(withdrawals)
    .innerJoin(payoutMethods, eq(payoutMethods.id, withdrawals.methodId))
    .where(
      or(
        eq(withdrawals.status, 'PROCESSING'),
        and(eq(withdrawals.status, 'APPROVED'), inArray(payoutMethods.kind, [...kinds])),
      ),
    )
  for (const { withdrawal: row } of open) {
    if (row.sentAt !== null) {
      if (nextLook({ ...row, sentAt: row.sentAt }) > ctx.now()) continue
      if (row.providerRef === null && ctx.now().getTime() - row.sentAt.getTime() >= HOUR_MS)
        await reportUnanswered(ctx, row.id, row.provider ?? '')
    }
    await enqueueJob(ctx, {
      kind: 'payout.send',
      key: `payout:send:${row.id}`,
      payload: { withdrawalId: row.id },
    })
  }
}

const reportUnanswered = async (ctx: Context, id: string, provider: string): Promise<void> => {
  if (ctx.config.admin === null) return
  await enqueueMail(ctx, {
    key: `alert:payout:${id}:unanswered`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: {
      title: 'A withdrawal has had no answer for an hour',
      text: `Withdrawal ${id} was handed to ${providerWords(provider)}, which has not said what became of it. It is asked again and again; nothing is sent twice.`,
    },
  })
}
