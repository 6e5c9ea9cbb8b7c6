import { sql } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { testContext } from '../../../../db/testing/context'
import { useDatabase } from '../../../../db/testing/database'
import { withPlanted } from '../../../../db/testing/plant'
import { checkInvariants } from '../check-invariants'

const database = useDatabase()

it('I39 misses no guard of what is written once', async () => {
  const guards = await database.db.execute<{ tab: string; name: string }>(sql`
    select tgrelid::regclass::text tab, tgname name from pg_trigger
    where not tgisinternal and tgname ~ '(_append_only|_fixed|_kept|_hash)$' order by 1, 2`)
  expect(guards.length).toBeGreaterThan(15)
  const all = guards.map(
    ({ tab, name }) => sql`alter table ${sql.identifier(tab)} disable trigger ${sql.identifier(name)}`,
  )
  const found = await withPlanted(database, testContext(database.db), all, (planted) =>
    checkInvariants(planted, {}, ({ id }) => id === 'I39'),
  )
  expect(found.findings.map(({ subject }) => subject).sort()).toEqual(
    guards.map(({ name }) => `trigger ${name}`).sort(),
  )
})
