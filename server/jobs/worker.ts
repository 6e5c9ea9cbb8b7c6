import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../../db/client'
import { jobs } from '../../db/schema'
import { describeError, type Log } from '../kit/log'
import type { JobPayloads } from '../kit/queue'

export type JobKind = keyof JobPayloads

/** Does the work of one kind. May run more than once for one job, and beside a late twin: it must be idempotent. */
export type JobHandler<K extends JobKind> = (payload: JobPayloads[K], attempt: number) => Promise<void>

export type JobHandlers = { readonly [K in JobKind]: JobHandler<K> }

export interface WorkerOptions {
  readonly db: Db
  readonly handlers: JobHandlers
  /** Called when a job's last attempt has failed. */
  readonly onDead: (job: ClaimedJob, error: unknown) => Promise<void>
  readonly log: Log
  /** Seconds a claimed job belongs to its worker; renewed while it runs. */
  readonly lease: number
  /** Jobs at once. */
  readonly concurrency?: number
  /** Milliseconds between looks when nobody wakes it. */
  readonly poll?: number
}

export interface ClaimedJob {
  readonly id: bigint
  readonly kind: string
  readonly key: string
  readonly payload: Record<string, unknown>
  /** This attempt's number, from 1. */
  readonly attempts: number
  readonly leaseToken: string
}

export interface Worker {
  /** There may be something to do. */
  readonly wake: () => void
  /** Takes nothing new and waits for what is under way. */
  readonly stop: () => Promise<void>
}

export const MAX_ATTEMPTS = 12

/** Works on jobs until it is stopped: at once when woken, else every `poll` milliseconds (1,000). */
export const startWorker = (options: WorkerOptions): Worker => {
  const poll = options.poll ?? 1_000
  let stopping = false
  let wakeUp: () => void = () => {}
  let woken = false
  const wake = () => {
    woken = true
    wakeUp()
  }
  const rest = () =>
    new Promise<void>((resume) => {
      if (woken || stopping) return resume()
      const timer = setTimeout(resume, poll)
      wakeUp = () => {
        clearTimeout(timer)
        resume()
      }
    })
  const loop = async () => {
    while (!stopping) {
      woken = false
      try {
        if ((await runDueJobs(options)) > 0) continue
      } catch (error) {
        options.log.error({ error: describeError(error) }, 'the worker could not look for jobs')
        woken = false
      }
      await rest()
    }
  }
  const running = loop()
  return {
    wake,
    stop: async () => {
      stopping = true
      wakeUp()
      await running
    },
  }
}

/** Claims a batch of due jobs, runs them, and says how many there were. */
export const runDueJobs = async (options: WorkerOptions): Promise<number> => {
  const concurrency = options.concurrency ?? 4
  const batch = await claimJobs(options.db, options.lease, concurrency * 4)
  if (batch.length === 0) return 0
  const waiting = [...batch]
  const held = new Set(batch.map((job) => job.id))
  const heartbeat = setInterval(
    () => {
      renewLeases(options.db, [...held], batch[0]?.leaseToken ?? '', options.lease).catch((error) =>
        options.log.warn({ error: describeError(error) }, 'leases were not renewed'),
      )
    },
    (options.lease * 1_000) / 3,
  )
  const runner = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      await runJob(options, job)
      held.delete(job.id)
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, runner))
  } finally {
    clearInterval(heartbeat)
  }
  return batch.length
}

const claimJobs = async (db: Db, lease: number, limit: number): Promise<ClaimedJob[]> => {
  const rows = await db.execute<{
    id: string
    kind: string
    key: string
    payload: Record<string, unknown>
    attempts: number
    lease_token: string
  }>(sql`
    with token as (select gen_random_uuid() as value), due as (
      select id from jobs
      where dead_at is null and run_at <= clock_timestamp() and (leased_until is null or leased_until < clock_timestamp())
      order by run_at, id for update skip locked limit ${limit})
    update jobs set attempts = attempts + 1, lease_token = token.value,
      leased_until = clock_timestamp() + make_interval(secs => ${lease})
    from due, token where jobs.id = due.id
    returning jobs.id, kind, key, payload, attempts, lease_token`)
  return rows
    .map((row) => ({
      id: BigInt(row.id),
      kind: row.kind,
      key: row.key,
      payload: row.payload,
      attempts: row.attempts,
      leaseToken: row.lease_token,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

const renewLeases = (db: Db, ids: bigint[], token: string, lease: number) =>
  db
    .update(jobs)
    .set({ leasedUntil: sql`clock_timestamp() + make_interval(secs => ${lease})` })
    .where(and(inArray(jobs.id, ids), eq(jobs.leaseToken, token)))

const runJob = async (options: WorkerOptions, job: ClaimedJob): Promise<void> => {
  const handler = (options.handlers as Record<string, JobHandler<never> | undefined>)[job.kind]
  try {
    if (handler === undefined) throw new Error(`nobody knows how to do ${job.kind}`)
    await handler(job.payload as never, job.attempts)
    await options.db.delete(jobs).where(ownedJob(job))
  } catch (error) {
    await failJob(options, job, error)
  }
}

/** Fenced by the lease: a worker that comes back after its lease was given to another changes nothing. */
const ownedJob = (job: ClaimedJob) => and(eq(jobs.id, job.id), eq(jobs.leaseToken, job.leaseToken))

const failJob = async (options: WorkerOptions, job: ClaimedJob, error: unknown): Promise<void> => {
  const dead = job.attempts >= MAX_ATTEMPTS
  options.log[dead ? 'error' : 'warn'](
    { job: job.key, kind: job.kind, attempt: job.attempts, error: describeError(error) },
    dead ? 'a job failed for the last time' : 'a job failed and will be tried again',
  )
  try {
    // First: a crash in between says it twice rather than never.
    if (dead) await options.onDead(job, error)
    await options.db
      .update(jobs)
      .set({
        leaseToken: null,
        leasedUntil: null,
        lastError: String(describeError(error).message ?? '').slice(0, 1_000),
        ...(dead
          ? { deadAt: sql`clock_timestamp()` }
          : { runAt: sql`clock_timestamp() + make_interval(secs => ${retryDelay(job.attempts)})` }),
      })
      .where(ownedJob(job))
  } catch (failure) {
    options.log.error({ job: job.key, error: describeError(failure) }, 'a failed job could not be put back')
  }
}

/** Seconds before the next attempt: 1, 2, 4, … at most 15 minutes. */
export const retryDelay = (attempts: number): number => Math.min(2 ** (attempts - 1), 900)
