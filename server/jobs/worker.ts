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

/** With the delays between them, a day: a provider or mail server may be away that long. */
export const MAX_ATTEMPTS = 36

/** Works on jobs until it is stopped: at once when woken, else every `poll` milliseconds (1,000). */
export const startWorker = (options: WorkerOptions): Worker => {
  const poll = options.poll ?? 1_000
  const desk = openDesk(options)
  const resting = new Set<() => void>()
  let stopping = false
  let wakes = 0
  const wake = () => {
    wakes += 1
    for (const rise of [...resting]) rise()
  }
  // Woken while it was looking, it looks again: what came may have come too late to be seen.
  const rest = (heard: number) =>
    new Promise<void>((resume) => {
      if (wakes !== heard) return resume()
      const rise = () => {
        clearTimeout(timer)
        resting.delete(rise)
        resume()
      }
      const timer = setTimeout(rise, poll)
      resting.add(rise)
    })
  const runner = async () => {
    while (!stopping) {
      const heard = wakes
      try {
        const job = await desk.next()
        if (job !== undefined) await desk.run(job)
        else await rest(heard)
      } catch (error) {
        options.log.error({ error: describeError(error) }, 'the worker could not look for jobs')
        await rest(wakes)
      }
    }
  }
  const running = Promise.all(Array.from({ length: options.concurrency ?? CONCURRENCY }, runner))
  return {
    wake,
    stop: async () => {
      stopping = true
      wake()
      await running
      await desk.close()
    },
  }
}

const CONCURRENCY = 4

/** Does what is due now, and says how many jobs that were. */
export const runDueJobs = async (options: WorkerOptions): Promise<number> => {
  const desk = openDesk(options)
  let done = 0
  const runner = async () => {
    for (let job = await desk.next(); job !== undefined; job = await desk.next()) {
      await desk.run(job)
      done += 1
    }
  }
  try {
    await Promise.all(Array.from({ length: options.concurrency ?? CONCURRENCY }, runner))
  } finally {
    await desk.close()
  }
  return done
}

interface Desk {
  /** The next job that is due; undefined: there is none now. */
  readonly next: () => Promise<ClaimedJob | undefined>
  readonly run: (job: ClaimedJob) => Promise<void>
  /** Gives back what was claimed and not begun. */
  readonly close: () => Promise<void>
}

/** Claims in batches, hands out one by one: a slow job holds up nobody but its own runner. */
const openDesk = (options: WorkerOptions): Desk => {
  const { db, lease, log } = options
  const waiting: ClaimedJob[] = []
  const held = new Map<bigint, string>()
  let claiming: Promise<void> | null = null
  const heartbeat = setInterval(
    () => {
      if (held.size > 0)
        renewLeases(db, held, lease).catch((error) =>
          log.warn({ error: describeError(error) }, 'leases were not renewed'),
        )
    },
    (lease * 1_000) / 3,
  )
  const claim = async () => {
    const batch = await claimJobs(db, lease, (options.concurrency ?? CONCURRENCY) * 4)
    for (const job of batch) held.set(job.id, job.leaseToken)
    waiting.push(...batch)
  }
  return {
    next: async () => {
      if (waiting.length === 0) {
        claiming ??= claim().finally(() => {
          claiming = null
        })
        await claiming
      }
      return waiting.shift()
    },
    run: async (job) => {
      await runJob(options, job)
      held.delete(job.id)
    },
    close: async () => {
      clearInterval(heartbeat)
      if (waiting.length > 0) await releaseJobs(db, waiting.splice(0))
    },
  }
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

const renewLeases = (db: Db, held: ReadonlyMap<bigint, string>, lease: number) =>
  db
    .update(jobs)
    .set({ leasedUntil: sql`clock_timestamp() + make_interval(secs => ${lease})` })
    .where(and(inArray(jobs.id, [...held.keys()]), inArray(jobs.leaseToken, [...new Set(held.values())])))

const releaseJobs = (db: Db, unbegun: readonly ClaimedJob[]) =>
  db
    .update(jobs)
    .set({ leaseToken: null, leasedUntil: null, attempts: sql`${jobs.attempts} - 1` })
    .where(
      and(
        inArray(
          jobs.id,
          unbegun.map(({ id }) => id),
        ),
        inArray(jobs.leaseToken, [...new Set(unbegun.map(({ leaseToken }) => leaseToken))]),
      ),
    )

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

/** Seconds before the next attempt: 1, 2, 4, … at most an hour. */
export const retryDelay = (attempts: number): number => Math.min(2 ** (attempts - 1), 3_600)
