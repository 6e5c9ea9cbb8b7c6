import { type SQL, sql } from 'drizzle-orm'
import { beforeAll, expect, it } from 'vitest'
import { checkInvariants } from '../../server/domain/reporting'
import type { Context } from '../../server/kit/context'
import type { TestContext } from './context'
import { type TestDatabase, useDatabase } from './database'
import { givenGoodBooks } from './factories/books'

class Undo extends Error {}

/** What `look` finds after changes behind the triggers' back, which are taken back again. */
export const withPlanted = async <T>(
  database: TestDatabase,
  ctx: TestContext,
  changes: readonly SQL[],
  look: (ctx: Context) => Promise<T>,
): Promise<T> => {
  const seen: T[] = []
  const work = database.owner.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    for (const change of changes) await tx.execute(change)
    seen.push(await look({ ...ctx, db: tx }))
    throw new Undo()
  })
  await expect(work).rejects.toThrow(Undo)
  return seen[0] as T
}

/**
 * Proves the invariants of a story themselves: none fires on good books, and each fires on the violation planted for
 * it, whether all is looked at or only what is new. An invariant without a plant fails.
 */
export const proveStory = (
  invariants: readonly { readonly id: string; readonly name: string }[],
  plants: Readonly<Record<string, readonly SQL[]>>,
): void => {
  const database = useDatabase()
  let ctx: TestContext
  beforeAll(async () => {
    ctx = await givenGoodBooks(database.db)
  })

  it('none fires on good books', async () => {
    expect((await checkInvariants(ctx)).findings).toEqual([])
  })
  it('each has a violation planted for it', () => {
    expect(Object.keys(plants).sort()).toEqual(invariants.map(({ id }) => id).sort())
  })
  it.each(invariants)('$id finds where it is not so: $name', async ({ id }) => {
    const findings = await withPlanted(database, ctx, plants[id] ?? [], async (planted) => {
      const all = await checkInvariants(planted)
      const recent = await checkInvariants(planted, { since: new Date(0), afterTransfer: 0n })
      expect(recent.findings.map((one) => one.id)).toContain(id)
      return all.findings
    })
    expect(findings.map((one) => one.id)).toContain(id)
  })
}
