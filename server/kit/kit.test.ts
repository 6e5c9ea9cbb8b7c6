import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connect } from '../../db/client'
import { organizations } from '../../db/schema'
import { testClock, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import {
  type Context,
  inTransaction,
  newId,
  readLagging,
  signedIn,
  systemClock,
  systemRandom,
} from './context'
import { derivedKey, equalSecrets, mailedToken } from './crypto'
import { DomainError, isDatabaseAway, sqlState, violatedConstraint } from './errors'
import { createLog, describeError } from './log'
import { readCursor, toPage } from './pages'

const database = useDatabase()
const organization = (id: string) => ({ id, name: 'Somebody', createdAt: new Date('2026-01-01') })

describe('a transaction', () => {
  it('leaves nothing when its work throws, and joins as a savepoint inside another', async () => {
    const ctx = testContext(database.db)
    const [kept, lost] = [newId(ctx), newId(ctx)]
    await inTransaction(ctx, async (tx) => {
      await tx.db.insert(organizations).values(organization(kept))
      await inTransaction(tx, async (inner) => {
        await inner.db.insert(organizations).values(organization(lost))
        throw new Error('no')
      }).catch(() => {})
    })
    expect((await database.db.select().from(organizations)).map(({ id }) => id)).toEqual([kept])
  })
  it('is tried again on a deadlock, five times at most, and wakes the worker once it is through', async () => {
    let wakes = 0
    const ctx = testContext(database.db, {
      outside: {
        wake: () => {
          wakes += 1
        },
      },
    })
    const deadlock = () => Object.assign(new Error('deadlock detected'), { code: '40P01' })
    let tries = 0
    await inTransaction(ctx, async () => {
      tries += 1
      if (tries < 3) throw deadlock()
    })
    expect([tries, wakes]).toEqual([3, 1])
    tries = 0
    await expect(
      inTransaction(ctx, async () => {
        tries += 1
        throw deadlock()
      }),
    ).rejects.toThrow('deadlock')
    expect([tries, wakes]).toEqual([5, 1])
  })
})

describe('ids', () => {
  it('are UUIDs of version 7, in the order of time', () => {
    const clock = testClock()
    const make = () => newId({ now: clock.now, outside: { random: systemRandom } as never })
    const first = make()
    clock.advance(1)
    const second = make()
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(first < second).toBe(true)
    expect(systemClock().getTime()).toBeGreaterThan(0)
  })
})

describe('who is signed in', () => {
  it('is a person, or nobody with a 401', () => {
    const ctx = testContext(database.db)
    expect(() => signedIn(ctx)).toThrow(DomainError)
    const person = { userId: 'u', organizationId: 'o', email: 'e' }
    expect(signedIn(ctx.as({ kind: 'admin', ...person })).userId).toBe('u')
  })
})

describe('secrets', () => {
  it('are compared whatever their length, and differ by purpose and by row', () => {
    expect(equalSecrets('a', 'a')).toBe(true)
    expect(equalSecrets('a', 'ab')).toBe(false)
    expect(derivedKey('s', 'one').equals(derivedKey('s', 'two'))).toBe(false)
    expect(mailedToken('s', '1')).not.toBe(mailedToken('s', '2'))
    expect(mailedToken('s', '1')).toMatch(/^[\w-]{43}$/)
  })
})

describe('what may lag behind', () => {
  const replicaAt = (url: string) => connect({ url }, { max: 1, role: null, patience: 1 })

  it('is read from the replica, in a transaction from what that sees', async () => {
    const primary = testContext(database.db)
    const other = replicaAt(database.url)
    const ctx = { ...primary, replica: other.db }
    const seen = (inner: Context) => Promise.resolve(inner.db)
    expect(await readLagging(ctx, seen)).toBe(other.db)
    expect(await readLagging(primary, seen)).toBe(primary.db)
    await inTransaction(ctx, async (tx) => expect(await readLagging(tx, seen)).toBe(tx.db))
    await other.close()
  })

  it('is read from the database when the replica is away or gave the query up, and is refused as ever', async () => {
    const away = replicaAt('postgres://nobody@127.0.0.1:9/nothing')
    const ctx = { ...testContext(database.db), replica: away.db }
    const one = async (inner: Context) => [...(await inner.db.execute<{ n: number }>(sql`select 1 as n`))]
    expect(await readLagging(ctx, one)).toEqual([{ n: 1 }])
    const conflicting = async (inner: Context) => {
      if (inner.db === away.db) throw Object.assign(new Error('conflict with recovery'), { code: '40001' })
      return 'the database'
    }
    expect(await readLagging(ctx, conflicting)).toBe('the database')
    const refusal = new DomainError(404, 'NOTHING', 'There is nothing.')
    await expect(readLagging(ctx, () => Promise.reject(refusal))).rejects.toBe(refusal)
    await away.close()
  })
})

describe('errors of the database', () => {
  it('are known by their state, and never described with the values that were bound', async () => {
    const ctx = testContext(database.db)
    const id = newId(ctx)
    await database.db.insert(organizations).values(organization(id))
    const error = await database.db
      .insert(organizations)
      .values({ ...organization(id), name: 'hunter2' })
      .catch((failure: unknown) => failure)
    expect(sqlState(error)).toBe('23505')
    expect(violatedConstraint(error)).toBe('organizations_pkey')
    expect(JSON.stringify(describeError(error))).not.toContain('hunter2')
    expect(describeError(error)).toMatchObject({ name: 'DatabaseError', code: '23505' })
    const wrapped = new Error((error as Error).message, { cause: error })
    expect(describeError(wrapped)).toEqual(describeError(error))
    expect(isDatabaseAway(error)).toBe(false)
  })
  it('say when the server is away', () => {
    expect(isDatabaseAway(Object.assign(new Error(), { code: 'ECONNREFUSED' }))).toBe(true)
    expect(isDatabaseAway(Object.assign(new Error(), { code: '57P01' }))).toBe(true)
    expect(
      isDatabaseAway(
        new Error('other', { cause: Object.assign(new Error(), { code: 'CONNECTION_CLOSED' }) }),
      ),
    ).toBe(true)
    expect(isDatabaseAway('no error at all')).toBe(false)
    expect(sqlState(undefined)).toBeUndefined()
    expect(violatedConstraint(new Error('x'))).toBeUndefined()
  })
  it('of other kinds are described as they are', () => {
    expect(describeError(new TypeError('x'))).toMatchObject({ name: 'TypeError', message: 'x' })
    expect(describeError('x')).toEqual({ message: 'x' })
    expect(createLog('silent').level).toBe('silent')
  })
  it('are logged once described, whoever described them', () => {
    const lines: string[] = []
    const log = createLog('info', { write: (line) => void lines.push(line) })
    log.error({ error: new TypeError('x') }, 'one')
    log.error({ error: describeError(new TypeError('x')) }, 'two')
    for (const line of lines)
      expect(JSON.parse(line).error).toMatchObject({ name: 'TypeError', message: 'x' })
    expect(lines).toHaveLength(2)
  })
})

describe('pages of a list', () => {
  it('begin only where a cursor of ours says', () => {
    const cursor = (text: string) => Buffer.from(text).toString('base64url')
    expect(readCursor(cursor('2026-01-01T00:00:00.000Z|x'))).toEqual({ at: new Date('2026-01-01'), id: 'x' })
    for (const text of [
      '',
      'x|y',
      '2026-01-01|x',
      '+275760-09-13T00:00:00.000Z|x',
      '2026-01-01T00:00:00.000Z|',
      '2026-01-01T00:00:00.000Z|x|y',
    ])
      expect(() => readCursor(cursor(text))).toThrow('not valid')
  })
  it('repeat nothing and skip nothing, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5), { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (moments, limit) => {
          const rows = moments
            .map((at, n) => ({ at: new Date(at * 1_000), id: `id-${String(n).padStart(3, '0')}` }))
            .sort((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1))
          const seen: string[] = []
          let cursor: string | undefined
          do {
            const after = readCursor(cursor)
            const rest = rows.filter(
              (row) =>
                after === null ||
                row.at < after.at ||
                (row.at.getTime() === after.at.getTime() && row.id < after.id),
            )
            const page = toPage(
              rest.slice(0, limit + 1),
              limit,
              (row) => row,
              (row) => row.id,
            )
            seen.push(...page.items)
            cursor = page.nextCursor ?? undefined
          } while (cursor !== undefined)
          expect(seen).toEqual(rows.map((row) => row.id))
        },
      ),
    )
  })
  it.each([
    '',
    'x',
    'bm9uc2Vuc2U',
    Buffer.from('2026-01-01|').toString('base64url'),
    Buffer.from('a|b|c').toString('base64url'),
  ])('refuse the cursor %j', (cursor) => {
    expect(() => readCursor(cursor)).toThrow(DomainError)
  })
})
