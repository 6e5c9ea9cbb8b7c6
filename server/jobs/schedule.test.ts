import { afterEach, describe, expect, it } from 'vitest'
import { jobs } from '../../db/schema'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { createLog } from '../kit/log'
import { startSchedule } from './schedule'

const database = useDatabase()
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})
const kinds = async () => (await database.db.select().from(jobs)).map(({ kind }) => kind).sort()

describe('the schedule', () => {
  it('enqueues what comes round once, however many processes do', async () => {
    const ctx = testContext(database.db)
    for (let n = 0; n < 3; n += 1) ends.push(startSchedule(ctx, createLog('silent')))
    while ((await kinds()).length < 15) await new Promise((resume) => setTimeout(resume, 10))
    expect(await kinds()).toEqual([
      'affiliate.grantBonuses',
      'affiliate.keepClickPartitions',
      'affiliate.processCommissions',
      'affiliate.rollUpClicks',
      'endpoint.removeOld',
      'identity.deleteExpiredSessions',
      'notification.sendDigests',
      'payment.remindAddons',
      'payment.tellTrials',
      'payout.followWithdrawals',
      'picture.collect',
      'reporting.proveBooks',
      'reporting.sealLedger',
      'webhook.sweep',
      'workspace.removeContents',
    ])
  })
  it('outlives a database that is away', async () => {
    const said: unknown[] = []
    const log = { ...createLog('silent'), warn: (line: unknown) => void said.push(line) } as never
    const broken = {
      insert: () => ({
        values: () => ({ onConflictDoNothing: async () => Promise.reject(new Error('away')) }),
      }),
    }
    ends.push(startSchedule(testContext(broken as never), log))
    while (said.length < 15) await new Promise((resume) => setTimeout(resume, 5))
    expect(said).toHaveLength(15)
  })
})
