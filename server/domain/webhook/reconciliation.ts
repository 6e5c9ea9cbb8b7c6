import { and, desc, eq, gte, inArray, sql } from 'drizzle-orm'
import {
  reconciliationCheckpoints,
  reconciliationDays,
  reconciliationRuns,
  webhookEvents,
} from '../../../db/schema'
import type { Context } from '../../kit/context'
import { moneyToJson } from '../../kit/money'
import type { PaymentProvider } from '../../kit/ports'
import type { ComparedDay, Reconciliation, SweepRun } from './schemas'

const RUNS = 20
/** Days that are shown, in milliseconds. */
const SHOWN = 30 * 86_400_000

/** What the sweeps found and what the comparisons came to, of the providers that are switched on; for admins. */
export const readReconciliation = async (ctx: Context): Promise<Reconciliation> => {
  const providers = await Promise.all(
    [...ctx.outside.payments.values()].map(async (provider) => ({
      provider: provider.name,
      upto: await uptoOf(ctx, provider),
      last: (await runsOf(ctx, provider, 1))[0] ?? null,
    })),
  )
  const runs = await Promise.all([...ctx.outside.payments.values()].map((one) => runsOf(ctx, one, RUNS)))
  const days = await Promise.all([...ctx.outside.payments.values()].map((one) => daysOf(ctx, one)))
  return {
    providers,
    runs: runs
      .flat()
      .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
      .slice(0, RUNS),
    days: days.flat().sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0)),
  }
}

type Named = Pick<PaymentProvider, 'name' | 'mode'>

const uptoOf = async (ctx: Context, { name, mode }: Named): Promise<string | null> => {
  const row = await ctx.db.query.reconciliationCheckpoints.findFirst({
    where: and(eq(reconciliationCheckpoints.provider, name), eq(reconciliationCheckpoints.mode, mode)),
  })
  return row?.upto.toISOString() ?? null
}

const runsOf = async (ctx: Context, { name, mode }: Named, limit: number): Promise<SweepRun[]> => {
  const rows = await ctx.db
    .select()
    .from(reconciliationRuns)
    .where(and(eq(reconciliationRuns.provider, name), eq(reconciliationRuns.mode, mode)))
    .orderBy(desc(reconciliationRuns.startedAt), desc(reconciliationRuns.id))
    .limit(limit)
  const done = await doneOf(
    ctx,
    rows.map(({ id }) => id),
  )
  return rows.map(({ mode: _, since, upto, startedAt, finishedAt, ...row }) => ({
    ...row,
    since: since.toISOString(),
    upto: upto.toISOString(),
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    done: done.get(row.id) ?? { processed: 0, waiting: 0, aside: 0 },
  }))
}

/** What became of the events each sweep found. */
const doneOf = async (ctx: Context, ids: readonly string[]): Promise<Map<string, SweepRun['done']>> => {
  if (ids.length === 0) return new Map()
  const { runId, status } = webhookEvents
  const count = (...of: (typeof webhookEvents.$inferSelect)['status'][]) =>
    sql<number>`count(*) filter (where ${inArray(status, of)})::int`
  const rows = await ctx.db
    .select({
      runId,
      processed: count('PROCESSED', 'IGNORED'),
      waiting: count('RECEIVED'),
      aside: count('QUARANTINED', 'DEAD'),
    })
    .from(webhookEvents)
    .where(inArray(runId, [...ids]))
    .groupBy(runId)
  return new Map(rows.map(({ runId: id, ...done }) => [id ?? '', done]))
}

const daysOf = async (ctx: Context, { name, mode }: Named): Promise<ComparedDay[]> => {
  const from = new Date(ctx.now().getTime() - SHOWN).toISOString().slice(0, 10)
  const rows = await ctx.db
    .select()
    .from(reconciliationDays)
    .where(
      and(
        eq(reconciliationDays.provider, name),
        eq(reconciliationDays.mode, mode),
        gte(reconciliationDays.day, from),
      ),
    )
    .orderBy(desc(reconciliationDays.day), reconciliationDays.currency)
  return rows.map(({ currency, ...row }) => {
    const money = (amount: bigint) => moneyToJson({ amount, currency })
    return {
      provider: row.provider,
      day: row.day,
      charges: row.charges,
      charged: { there: money(row.providerCharged), here: money(row.bookedCharged) },
      refunded: { there: money(row.providerRefunded), here: money(row.bookedRefunded) },
      differences: row.differences,
      checkedAt: row.checkedAt.toISOString(),
    }
  })
}
