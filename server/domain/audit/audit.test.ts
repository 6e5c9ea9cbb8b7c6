import { sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { activityLog } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { inTransaction } from '../../kit/context'
import { sqlState } from '../../kit/errors'
import { listActivity, recordActivity } from '.'

const database = useDatabase()

describe('the activity log', () => {
  it('keeps who did what, for the organization it concerns, newest first', async () => {
    const visitor = testContext(database.db)
    const [ann, ben] = [await makeUser(visitor), await makeUser(visitor)]
    const ctx = visitor.as(ann.actor)
    await recordActivity(ctx, { action: 'one', description: 'First' })
    ctx.clock.advance(1)
    await recordActivity(ctx, {
      action: 'two',
      description: 'Second',
      subject: { type: 'thing', id: '1' },
      after: { a: 1 },
    })
    await recordActivity(ctx, { action: 'his', description: 'Elsewhere', organizationId: ben.organizationId })
    await recordActivity(visitor.as({ kind: 'job', name: 'x' }), { action: 'job', description: 'Nobody’s' })
    const first = await listActivity(ctx, { limit: 1 })
    expect(first.items.map(({ action }) => action)).toEqual(['two'])
    const rest = await listActivity(ctx, { limit: 5, cursor: first.nextCursor ?? undefined })
    expect(rest).toMatchObject({ items: [{ action: 'one', description: 'First' }], nextCursor: null })
    expect(
      (await listActivity(visitor.as(ben.actor), { limit: 5 })).items.map(({ action }) => action),
    ).toEqual(['his'])
  })
  it('is for somebody who is signed in', async () => {
    await expect(listActivity(testContext(database.db), { limit: 5 })).rejects.toMatchObject({ status: 401 })
  })
  it('is written with what it records, or not at all', async () => {
    const ctx = testContext(database.db)
    await inTransaction(ctx, async (tx) => {
      await recordActivity(tx, { action: 'lost', description: 'Lost' })
      throw new Error('rolled back')
    }).catch(() => {})
    expect((await database.db.select().from(activityLog)).some(({ action }) => action === 'lost')).toBe(false)
  })
  it.each([
    ['an update', sql`update activity_log set action = action`],
    ['a deletion', sql`delete from activity_log`],
    ['being emptied', sql`truncate activity_log`],
  ])('refuses %s, by its owner and by the application', async (_what, statement) => {
    expect(sqlState(await database.owner.execute(statement).catch((error: unknown) => error))).toBe('23001')
    expect(sqlState(await database.db.execute(statement).catch((error: unknown) => error))).toBe('42501')
  })
})
