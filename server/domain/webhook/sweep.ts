import { and, desc, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { reconciliationCheckpoints, reconciliationRuns } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { describeError } from '../../kit/log'
import type { ListedEvent, Lister, PaymentProvider } from '../../kit/ports'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { type ComparedCharge, compareCharges, lookAtOpenOrders, lookAtSubscriptions } from '../payment'
import { compareDays, comparisonDue } from './compare-days'
import { listAll } from './list-all'
import { keepEvent } from './receive-webhook'
import { readReconciliation } from './reconciliation'
import type { Reconciliation } from './schemas'

/** Milliseconds. What was just made may still be on its way to us. */
const GRACE = 2 * 60_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
/** As long as events are kept at the provider that keeps them. */
const FIRST = 30 * DAY
/** How far before the last sweep's end the next one begins: clocks differ, and lists may lag. */
const OVERLAP = { events: HOUR, charges: 3 * DAY }
/** How long a sweep that found nothing is remembered. */
const KEPT = 30 * DAY
/** How far back charges are looked at for refunds nobody told of, once a day. */
const DEEP = 120 * DAY

/**
 * Asks every provider for what the inbox should have since the last sweep, and puts what is missing there to be
 * processed like any webhook; has open orders and quiet subscriptions looked at; and once a day compares the days'
 * totals. Any number of processes may do it at once, and one that is killed half-way is simply done again: what is found
 * twice is one event, and up to when all was seen is written last.
 * @param grace milliseconds for which what was just made is left to its webhook
 */
export const sweepProviders = async (ctx: Context, { grace = GRACE } = {}): Promise<void> => {
  for (const provider of ctx.outside.payments.values()) await sweepProvider(ctx, provider, grace)
}

/** A sweep at an admin's word, of everything there is by now. What it found stands in the overview. */
export const sweepNow = async (ctx: Context): Promise<Reconciliation> => {
  await sweepProviders(ctx, { grace: 0 })
  await recordActivity(ctx, {
    action: 'providers_swept',
    description: 'Asked the payment providers for what they had not told us',
    userId: signedIn(ctx).userId,
  })
  return readReconciliation(ctx)
}

type Run = typeof reconciliationRuns.$inferSelect

const sweepProvider = async (ctx: Context, provider: PaymentProvider, grace: number): Promise<void> => {
  const compares = await comparisonDue(ctx, provider)
  const run = await begin(ctx, provider, grace)
  try {
    const orders = await lookAtOpenOrders(ctx, provider)
    const subscriptions = await lookAtSubscriptions(ctx, provider)
    const seen =
      provider.listEvents === undefined
        ? await sweepCharges(ctx, provider, run, compares)
        : await sweepEvents(ctx, provider, run, provider.listEvents)
    const days = compares ? { days: await compareDays(ctx, provider, run.upto) } : {}
    await finish(ctx, run, { ...seen.checked, orders, subscriptions, ...days }, seen.found)
  } catch (error) {
    await giveUp(ctx, run, String(describeError(error).message ?? 'it failed'))
  }
  ctx.outside.wake()
}

const begin = async (ctx: Context, { name, mode, listEvents }: PaymentProvider, grace: number) => {
  const now = ctx.now()
  const last = await ctx.db.query.reconciliationCheckpoints.findFirst({
    where: and(eq(reconciliationCheckpoints.provider, name), eq(reconciliationCheckpoints.mode, mode)),
  })
  const overlap = listEvents === undefined ? OVERLAP.charges : OVERLAP.events
  const since = last === undefined ? now.getTime() - FIRST : last.upto.getTime() - overlap
  const [run] = await ctx.db
    .insert(reconciliationRuns)
    .values({
      id: newId(ctx),
      provider: name,
      mode,
      since: new Date(since),
      upto: new Date(now.getTime() - grace),
      startedAt: now,
    })
    .returning()
  if (run === undefined) throw new Error('the sweep was not written')
  return run
}

interface Seen {
  readonly checked: Record<string, number>
  readonly found: number
}

/** What it keeps and was not told is told now. What means nothing to us is left where it is. */
const sweepEvents = async (
  ctx: Context,
  provider: PaymentProvider,
  run: Run,
  list: Lister<ListedEvent>,
): Promise<Seen> => {
  const all = await listAll(list, run.since)
  const due = all.filter(
    ({ event, body }) => event.occurredAt <= run.upto && provider.readEvent(body).kind !== 'ignored',
  )
  return { checked: { events: all.length }, found: await keepFound(ctx, provider, run, due) }
}

/** Without events of its own, the charges tell which of them should have come. */
const sweepCharges = async (
  ctx: Context,
  provider: PaymentProvider,
  run: Run,
  deep: boolean,
): Promise<Seen> => {
  const since = deep ? new Date(Math.min(run.since.getTime(), run.upto.getTime() - DEEP)) : run.since
  const charges = await listAll(provider.listCharges, since)
  const compared = await compareCharges(
    ctx,
    provider,
    charges.filter(({ madeAt }) => madeAt == null || madeAt <= run.upto),
  )
  const bells = compared.filter(isUntold).flatMap(({ charge }) => provider.doorbell?.bellOf(charge) ?? [])
  return { checked: { charges: charges.length }, found: await keepFound(ctx, provider, run, bells) }
}

/** Money moved, or a later period was not paid, and the books do not know. */
const isUntold = ({ charge, booked }: ComparedCharge): boolean => {
  if (charge.state === 'pending') return false
  if (booked !== null) return charge.state !== 'failed' && charge.refunded !== booked.refunded
  // Of a try of the first period nobody needs to hear: its order is open still.
  return charge.state !== 'failed'
}

/** Oldest first, so that they are processed in about the order in which they happened. */
const keepFound = async (
  ctx: Context,
  provider: PaymentProvider,
  run: Run,
  events: readonly ListedEvent[],
): Promise<number> => {
  let found = 0
  for (const { event, body } of [...events].reverse()) {
    const kept = { body, hash: sha256(body), receivedAt: ctx.now() }
    if (await keepEvent(ctx, provider, event, kept, { runId: run.id })) found += 1
  }
  return found
}

const finish = (ctx: Context, run: Run, checked: Record<string, number>, found: number) =>
  inTransaction(ctx, async (tx) => {
    await tx.db
      .update(reconciliationRuns)
      .set({ finishedAt: tx.now(), checked, found })
      .where(eq(reconciliationRuns.id, run.id))
    const { upto } = reconciliationCheckpoints
    await tx.db
      .insert(reconciliationCheckpoints)
      .values({ provider: run.provider, mode: run.mode, upto: run.upto })
      .onConflictDoUpdate({
        target: [reconciliationCheckpoints.provider, reconciliationCheckpoints.mode],
        set: { upto: sql`greatest(${upto}, excluded.upto)` },
      })
    await forgetOldRuns(tx, run)
  })

/** Those that found nothing help nobody after a month. */
const forgetOldRuns = (ctx: Context, { provider, mode, startedAt }: Run) =>
  ctx.db.execute(sql`
    delete from reconciliation_runs r
    where r.provider = ${provider} and r.mode = ${mode}
      and r.started_at < ${new Date(startedAt.getTime() - KEPT).toISOString()}
      and not exists (select from webhook_events e where e.run_id = r.id)`)

/** The next one begins where the last finished one ended. After a day without one, the admin hears of it, once a day. */
const giveUp = (ctx: Context, run: Run, error: string) =>
  inTransaction(ctx, async (tx) => {
    await tx.db
      .update(reconciliationRuns)
      .set({ finishedAt: tx.now(), error: error.slice(0, 500) })
      .where(eq(reconciliationRuns.id, run.id))
    const last = await latestGood(tx, run)
    if (tx.config.admin === null || run.startedAt.getTime() - (last ?? run.startedAt).getTime() < DAY) return
    await enqueueMail(tx, {
      key: `alert:reconciliation:${run.provider}:${run.startedAt.toISOString().slice(0, 10)}`,
      to: tx.config.admin.email,
      template: 'admin-alert',
      data: {
        title: 'A payment provider cannot be asked',
        text: `For a day nobody could ask ${run.provider} for what it did not tell us: ${error} See ${tx.config.appUrl}/admin/reconciliation`,
      },
    })
  })

/** When the last good one began, else the first of all. */
const latestGood = async (ctx: Context, { provider, mode }: Run): Promise<Date | null> => {
  const of = and(eq(reconciliationRuns.provider, provider), eq(reconciliationRuns.mode, mode))
  const good = and(of, isNotNull(reconciliationRuns.finishedAt), isNull(reconciliationRuns.error))
  const at = { at: reconciliationRuns.startedAt }
  const [last] = await ctx.db
    .select(at)
    .from(reconciliationRuns)
    .where(good)
    .orderBy(desc(reconciliationRuns.startedAt))
    .limit(1)
  const [first] =
    last === undefined
      ? await ctx.db
          .select(at)
          .from(reconciliationRuns)
          .where(of)
          .orderBy(reconciliationRuns.startedAt)
          .limit(1)
      : [last]
  return first?.at ?? null
}
