import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { jobs } from '../../db/schema'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { inTransaction } from '../kit/context'
import { createLog } from '../kit/log'
import { enqueueJob } from '../kit/queue'
import {
  type JobHandlers,
  MAX_ATTEMPTS,
  retryDelay,
  runDueJobs,
  startWorker,
  type WorkerOptions,
} from './worker'

const database = useDatabase()
const unused = async () => {
  throw new Error('not expected')
}
const handlers = (some: Partial<JobHandlers>): JobHandlers => ({
  'webhook.process': unused,
  'mail.send': unused,
  'checkout.expire': unused,
  'payment.syncOrder': unused,
  'payment.syncCheckout': unused,
  'payment.closeCheckout': unused,
  'payment.refundUnfulfillable': unused,
  'payment.endSubscription': unused,
  'payment.endPlan': unused,
  'payment.tellTrials': unused,
  'payment.remindAddons': unused,
  'affiliate.processCommissions': unused,
  'affiliate.grantBonuses': unused,
  'affiliate.rollUpClicks': unused,
  'affiliate.keepClickPartitions': unused,
  'endpoint.deliver': unused,
  'endpoint.removeOld': unused,
  'identity.deleteExpiredSessions': unused,
  'notification.sendDigests': unused,
  'identity.requestPasswordReset': unused,
  'picture.collect': unused,
  'payment.learnFee': unused,
  'payment.learnSubscription': unused,
  'payout.send': async () => {},
  'payout.followWithdrawals': async () => {},
  'payment.sendRefund': unused,
  'webhook.sweep': unused,
  'reporting.proveBooks': unused,
  'reporting.sealLedger': unused,
  'workspace.tellOwners': unused,
  'workspace.removeContents': unused,
  ...some,
})
const options = (some: Partial<JobHandlers>, more: Partial<WorkerOptions> = {}): WorkerOptions => ({
  db: database.db,
  handlers: handlers(some),
  onDead: async () => {},
  log: createLog('silent'),
  lease: 30,
  ...more,
})
const enqueueMails = async (count: number) => {
  const ctx = testContext(database.db)
  for (let n = 0; n < count; n += 1)
    await enqueueJob(ctx, { kind: 'mail.send', key: `mail:${n}`, payload: { mailId: String(n) } })
}
const waiting = () => database.db.select().from(jobs).orderBy(jobs.id)
const makeDue = () => database.db.update(jobs).set({ runAt: sql`now() - interval '1 second'` })

beforeEach(async () => {
  await database.db.delete(jobs)
})

describe('the worker', () => {
  it('does each job once and takes it away', async () => {
    await enqueueMails(25)
    const done: string[] = []
    const work = options({ 'mail.send': async ({ mailId }) => void done.push(mailId) })
    while ((await runDueJobs(work)) > 0);
    expect(done.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, n) => n))
    expect(await waiting()).toEqual([])
  })

  it('shares jobs among workers without doing one twice', async () => {
    await enqueueMails(60)
    const done: string[] = []
    const work = options({ 'mail.send': async ({ mailId }) => void done.push(mailId) })
    const drain = async () => {
      while ((await runDueJobs(work)) > 0);
    }
    await Promise.all([drain(), drain(), drain(), drain()])
    expect(done).toHaveLength(60)
    expect(new Set(done).size).toBe(60)
  })

  it('does not begin a job before its time, nor one that rolled back', async () => {
    const ctx = testContext(database.db)
    await enqueueJob(ctx, { kind: 'mail.send', key: 'later', payload: { mailId: '1' }, after: 3_600 })
    await inTransaction(ctx, async (tx) => {
      await enqueueJob(tx, { kind: 'mail.send', key: 'never', payload: { mailId: '2' } })
      throw new Error('rolled back')
    }).catch(() => {})
    expect(await runDueJobs(options({}))).toBe(0)
    expect((await waiting()).map(({ key }) => key)).toEqual(['later'])
  })

  it('keeps one job per key', async () => {
    await enqueueMails(1)
    await enqueueMails(1)
    expect(await waiting()).toHaveLength(1)
  })

  it('tries a failed job again later, with the reason kept and no bound value in it', async () => {
    await enqueueMails(1)
    await runDueJobs(
      options({
        'mail.send': async () => void (await database.db.execute(sql`select ${'secret-value'}::int`)),
      }),
    )
    const [job] = await waiting()
    expect(job).toMatchObject({ attempts: 1, leaseToken: null, deadAt: null })
    expect(job?.lastError).not.toContain('Failed query')
    expect(job?.runAt.getTime()).toBeGreaterThan(Date.now() - 1_000)
    expect(await runDueJobs(options({}))).toBe(0)
    await makeDue()
    let attempt = 0
    await runDueJobs(
      options({
        'mail.send': async (_payload, n) => {
          attempt = n
        },
      }),
    )
    expect(attempt).toBe(2)
  })

  it('gives up after the last attempt, says so once, and leaves the job for a replay', async () => {
    await enqueueMails(1)
    await database.db.update(jobs).set({ attempts: MAX_ATTEMPTS - 1 })
    const dead: string[] = []
    const failing = options(
      { 'mail.send': async () => Promise.reject(new Error('no server')) },
      { onDead: async (job, error) => void dead.push(`${job.key} ${(error as Error).message}`) },
    )
    await runDueJobs(failing)
    await makeDue()
    expect(await runDueJobs(failing)).toBe(0)
    expect(dead).toEqual(['mail:0 no server'])
    expect((await waiting())[0]?.deadAt).not.toBeNull()
  })

  it('is not dead before that was said: where saying so fails, it is tried again', async () => {
    await enqueueMails(1)
    await database.db.update(jobs).set({ attempts: MAX_ATTEMPTS - 1 })
    const dead: string[] = []
    let broken = true
    const failing = options(
      { 'mail.send': async () => Promise.reject(new Error('no server')) },
      {
        onDead: async (job) => {
          if (broken) throw new Error('the database went away')
          dead.push(job.key)
        },
      },
    )
    await runDueJobs(failing)
    expect((await waiting())[0]?.deadAt).toBeNull()
    broken = false
    await database.db.update(jobs).set({ leasedUntil: sql`now() - interval '1 second'` })
    await runDueJobs(failing)
    expect(dead).toEqual(['mail:0'])
    expect((await waiting())[0]?.deadAt).not.toBeNull()
  })

  it('leaves a kind nobody knows to be tried again', async () => {
    await enqueueMails(1)
    await database.db.update(jobs).set({ kind: 'future.kind' })
    await runDueJobs(options({}))
    expect((await waiting())[0]?.lastError).toContain('future.kind')
  })

  it('takes up the job of a worker that was killed, when its lease is over', async () => {
    await enqueueMails(1)
    await database.db
      .update(jobs)
      .set({ leaseToken: crypto.randomUUID(), leasedUntil: sql`now() + interval '1 minute'` })
    expect(await runDueJobs(options({}))).toBe(0)
    await database.db.update(jobs).set({ leasedUntil: sql`now() - interval '1 second'` })
    let done = 0
    await runDueJobs(
      options({
        'mail.send': async () => {
          done += 1
        },
      }),
    )
    expect(done).toBe(1)
  })

  it('refuses to finish a job whose lease was given to another meanwhile', async () => {
    await enqueueMails(1)
    const other = crypto.randomUUID()
    await runDueJobs(
      options({ 'mail.send': async () => void (await database.db.update(jobs).set({ leaseToken: other })) }),
    )
    expect((await waiting())[0]?.leaseToken).toBe(other)
  })

  it('renews the lease of a job that takes long', async () => {
    await enqueueMails(1)
    let twin = -1
    await runDueJobs(
      options(
        {
          'mail.send': async () => {
            await new Promise((resume) => setTimeout(resume, 2_200))
            twin = await runDueJobs(options({}))
          },
        },
        { lease: 1 },
      ),
    )
    expect(twin).toBe(0)
    expect(await waiting()).toEqual([])
  })

  it('runs until it is stopped, starts at once when woken, and finishes what is under way', async () => {
    let done = 0
    const worker = startWorker(
      options(
        {
          'mail.send': async () => {
            await new Promise((resume) => setTimeout(resume, 50))
            done += 1
          },
        },
        { poll: 60_000 },
      ),
    )
    await new Promise((resume) => setTimeout(resume, 100))
    await enqueueMails(3)
    worker.wake()
    while (done === 0) await new Promise((resume) => setTimeout(resume, 5))
    await worker.stop()
    expect(done).toBe(3)
    expect(await waiting()).toEqual([])
  })

  it('hears what wakes it while it is looking', async () => {
    let looks = 0
    const late = new Proxy(database.db, {
      get: (target, name, receiver) => {
        if (name !== 'execute') return Reflect.get(target, name, receiver)
        return async (...query: Parameters<typeof target.execute>) => {
          const found = await target.execute(...query)
          looks += 1
          // Between the look and the rest.
          if (looks === 1) {
            await enqueueMails(1)
            worker.wake()
          }
          return found
        }
      },
    })
    let done = 0
    const worker = startWorker(
      options(
        {
          'mail.send': async () => {
            done += 1
          },
        },
        { db: late, poll: 60_000, concurrency: 1 },
      ),
    )
    while (done === 0) await new Promise((resume) => setTimeout(resume, 5))
    await worker.stop()
  })

  it('lets a slow job hold up nobody else', async () => {
    let release: () => void = () => {}
    const held = new Promise<void>((resume) => {
      release = resume
    })
    const done: string[] = []
    const worker = startWorker(
      options(
        {
          'mail.send': async ({ mailId }) => {
            if (mailId === '0') await held
            done.push(mailId)
          },
        },
        { poll: 5 },
      ),
    )
    await enqueueMails(1)
    worker.wake()
    while ((await waiting())[0]?.leaseToken === null) await new Promise((resume) => setTimeout(resume, 5))
    await enqueueMails(40)
    worker.wake()
    while (done.length < 39) await new Promise((resume) => setTimeout(resume, 5))
    expect(done).not.toContain('0')
    release()
    await worker.stop()
    expect(done).toContain('0')
  })

  it('gives back what it claimed and did not begin', async () => {
    await enqueueMails(8)
    let release: () => void = () => {}
    const held = new Promise<void>((resume) => {
      release = resume
    })
    let begun = 0
    const worker = startWorker(
      options(
        {
          'mail.send': async () => {
            begun += 1
            await held
          },
        },
        { concurrency: 2 },
      ),
    )
    while (begun < 2) await new Promise((resume) => setTimeout(resume, 5))
    const stopped = worker.stop()
    release()
    await stopped
    const left = await waiting()
    expect(left).toHaveLength(6)
    expect(left.every(({ leaseToken, attempts }) => leaseToken === null && attempts === 0)).toBe(true)
  })

  it('begins a dead job anew when it is enqueued again', async () => {
    await enqueueMails(1)
    await database.db.update(jobs).set({ deadAt: sql`now()`, attempts: MAX_ATTEMPTS })
    await enqueueMails(1)
    expect(await waiting()).toMatchObject([{ deadAt: null, attempts: 0 }])
    let done = 0
    await runDueJobs(
      options({
        'mail.send': async () => {
          done += 1
        },
      }),
    )
    expect(done).toBe(1)
  })

  it('goes on looking when the database was away', async () => {
    let looks = 0
    const broken = new Proxy(database.db, {
      get: (target, name, receiver) => {
        if (name === 'execute') {
          looks += 1
          if (looks === 1) return async () => Promise.reject(new Error('away'))
        }
        return Reflect.get(target, name, receiver)
      },
    })
    const worker = startWorker(options({}, { db: broken, poll: 5 }))
    while (looks < 3) await new Promise((resume) => setTimeout(resume, 5))
    await worker.stop()
  })

  it('waits longer each time, an hour at most, and gives up after a day', () => {
    expect([1, 2, 3, 4, 20].map(retryDelay)).toEqual([1, 2, 4, 8, 3_600])
    const delays = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, n) => retryDelay(n + 1))
    expect(delays.reduce((sum, delay) => sum + delay, 0)).toBeGreaterThan(24 * 3_600)
  })
})
