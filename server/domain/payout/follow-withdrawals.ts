import { and, eq, inArray, isNotNull, or } from 'drizzle-orm'
import { payoutMethods, withdrawals } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { enqueueJob, enqueueMail } from '../../kit/queue'
import { byHand } from './by-hand'
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
        and(eq(withdrawals.status, 'PROCESSING'), isNotNull(withdrawals.provider)),
        and(eq(withdrawals.status, 'APPROVED'), inArray(payoutMethods.kind, [...kinds])),
      ),
    )
  for (const { withdrawal: row } of open) {
    if (row.status === 'PROCESSING') {
      // What the provider did not hear of is as old as its approval.
      const since = row.sentAt ?? row.approvedAt ?? row.createdAt
      if (row.sentAt !== null && nextLook({ ...row, sentAt: row.sentAt }) > ctx.now()) continue
      if (row.providerRef === null && ctx.now().getTime() - since.getTime() >= HOUR_MS)
        await reportUnanswered(ctx, row)
    }
    await enqueueJob(ctx, {
      kind: 'payout.send',
      key: `payout:send:${row.id}`,
      payload: { withdrawalId: row.id },
    })
  }
}

const reportUnanswered = async (ctx: Context, row: typeof withdrawals.$inferSelect): Promise<void> => {
  if (ctx.config.admin === null) return
  const name = providerWords(row.provider ?? '')
  const lookFor = byHand(ctx, row)?.lookFor
  const then =
    row.sentAt === null
      ? `${name} was not reached or did not let us in. It is tried again and again; an admin may pay it by hand instead, and mark it paid.`
      : lookFor == null
        ? 'It is asked again and again; nothing is sent twice.'
        : `It cannot be asked by our number, and nothing is sent twice: look in ${name}’s dashboard for the reason “${lookFor}”, and mark the withdrawal paid or failed.`
  await enqueueMail(ctx, {
    key: `alert:payout:${row.id}:unanswered`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: {
      title: 'A withdrawal has had no answer for an hour',
      text: `Withdrawal ${row.id} was handed to ${name}, which has not said what became of it. ${then}`,
    },
  })
}
