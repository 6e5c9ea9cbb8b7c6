import { sql } from 'drizzle-orm'
import type { Context } from '../../kit/context'

/** How the work that is waiting stands. Ages are seconds, 0 where nothing waits. */
export interface OperationalFigures {
  readonly jobsDue: number
  readonly jobsDead: number
  readonly jobAge: number
  readonly inboxAge: number
  /** Webhooks in quarantine or dead. */
  readonly inboxTrouble: number
  readonly outboxAge: number
  /** Of the oldest transfer that no seal covers. */
  readonly unsealedAge: number
}

/** Read when somebody asks, in one statement, from indexes; by the database's clock, as the worker reads it. */
export const operationalFigures = async (ctx: Context): Promise<OperationalFigures> => {
  const now = sql`now()`
  const age = (oldest: ReturnType<typeof sql>) =>
    sql`coalesce(greatest(0, extract(epoch from ${now} - (${oldest}))), 0)::float8`
  const [row] = await ctx.db.execute<Record<keyof OperationalFigures, string | number>>(sql`select
    (select count(*) from jobs where dead_at is null and run_at <= ${now}) as "jobsDue",
    (select count(*) from jobs where dead_at is not null) as "jobsDead",
    ${age(sql`select min(run_at) from jobs where dead_at is null and run_at <= ${now}`)} as "jobAge",
    ${age(sql`select min(received_at) from webhook_events where status = 'RECEIVED'`)} as "inboxAge",
    (select count(*) from webhook_events where status in ('QUARANTINED', 'DEAD')) as "inboxTrouble",
    ${age(sql`select min(created_at) from mails where status = 'QUEUED'`)} as "outboxAge",
    ${age(sql`select t.created_at from ledger_transfers t
      where t.id >= coalesce((select max(s.upto_transfer_id) from ledger_seals s), 0) order by t.id limit 1`)} as "unsealedAge"`)
  if (row === undefined) throw new Error('no figures came back')
  return {
    jobsDue: Number(row.jobsDue),
    jobsDead: Number(row.jobsDead),
    jobAge: Number(row.jobAge),
    inboxAge: Number(row.inboxAge),
    inboxTrouble: Number(row.inboxTrouble),
    outboxAge: Number(row.outboxAge),
    unsealedAge: Number(row.unsealedAge),
  }
}
