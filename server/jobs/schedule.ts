import type { Context } from '../kit/context'
import { describeError, type Log } from '../kit/log'
import { enqueueJob } from '../kit/queue'

/** What comes round, and after how many seconds. Each is harmless to do once too often. */
const SCHEDULE = [
  { kind: 'affiliate.processCommissions', every: 60 },
  { kind: 'affiliate.grantBonuses', every: 60 },
  { kind: 'affiliate.rollUpClicks', every: 20 },
  { kind: 'affiliate.keepClickPartitions', every: 3_600 },
  { kind: 'payout.followWithdrawals', every: 60 },
  { kind: 'payment.tellTrials', every: 3_600 },
  { kind: 'payment.remindAddons', every: 3_600 },
  { kind: 'notification.sendDigests', every: 3_600 },
  { kind: 'identity.deleteExpiredSessions', every: 3_600 },
  { kind: 'endpoint.removeOld', every: 3_600 },
  { kind: 'workspace.removeContents', every: 3_600 },
  { kind: 'picture.collect', every: 3_600 },
  { kind: 'reporting.sealLedger', every: 600 },
  { kind: 'webhook.sweep', every: 600 },
  // Asks whether one is due: each night, and in full each week, by the database's clock.
  { kind: 'reporting.proveBooks', every: 600 },
] as const

/**
 * Enqueues what is due, now and then again and again. Any number of processes may do it: one that is still waiting is
 * not enqueued again.
 * @returns ends it
 */
export const startSchedule = (ctx: Context, log: Log): (() => void) => {
  const timers = SCHEDULE.map(({ kind, every }) => {
    const enqueue = () =>
      enqueueJob(ctx, { kind, key: `schedule:${kind}`, payload: {} }).catch((error: unknown) =>
        log.warn({ kind, error: describeError(error) }, 'could not be scheduled'),
      )
    void enqueue()
    return setInterval(enqueue, every * 1_000)
  })
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
