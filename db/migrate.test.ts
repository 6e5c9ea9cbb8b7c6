import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import postgres from 'postgres'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { verifyLedger } from '../server/domain/balance'
import { connect } from './client'
import { migrateDatabase } from './migrate'
import { testContext } from './testing/context'

const MIGRATIONS = resolve(import.meta.dirname, 'migrations')
const server = () => inject('databaseServer')
const asSuperuser = async (work: (sql: postgres.Sql) => Promise<unknown>, database = 'postgres') => {
  const sql = postgres(server().replace('DATABASE', database), { max: 1, onnotice: () => {} })
  try {
    await work(sql)
  } finally {
    await sql.end()
  }
}
/** A database whose owner is no superuser, as at most hosts. */
const ownedBy = async (user: string, may: string): Promise<string> => {
  await asSuperuser(async (sql) => {
    await sql.unsafe(`create role ${user} login ${may}`)
    await sql.unsafe(`create database ${user} owner ${user}`)
  })
  return server()
    .replace(/\/\/[^@]*@/, `//${user}@`)
    .replace('DATABASE', user)
}

describe('migrations', () => {
  it('may be run by any number of processes at once', async () => {
    await asSuperuser((sql) => sql.unsafe('create database migrated_at_once'))
    const url = server().replace('DATABASE', 'migrated_at_once')
    await Promise.all([1, 2, 3].map(() => migrateDatabase(url, MIGRATIONS)))
    await asSuperuser(async (sql) => {
      const [row] =
        await sql`select count(*)::int as n, count(distinct hash)::int as distinct from drizzle.__drizzle_migrations`
      expect(row?.n).toBe(row?.distinct)
    }, 'migrated_at_once')
  })

  it('run as an owner who may make roles, and the application can become its role', async () => {
    // The role of the other databases of this server was made by somebody else; that somebody has to share it.
    await asSuperuser((sql) => sql.unsafe('select 1'))
    const url = await ownedBy('maker', 'createrole')
    await asSuperuser((sql) => sql.unsafe('grant offshoot_app to maker with admin option'))
    await migrateDatabase(url, MIGRATIONS)
    const app = connect({ url }, { max: 1 })
    const [row] = await app.db.execute<{ current_user: string }>('select current_user')
    await app.close()
    expect(row?.current_user).toBe('offshoot_app')
  })

  it('bring books along that were kept before rows had hashes, as an owner who is no superuser', async () => {
    const url = await ownedBy('keeper', 'createrole')
    await asSuperuser((sql) => sql.unsafe('grant offshoot_app to keeper with admin option'))
    await migrateDatabase(url, migrationsUpTo(6))
    await booksOfThen(url)
    await migrateDatabase(url, MIGRATIONS)
    const app = connect({ url }, { max: 1 })
    const ctx = testContext(app.db)
    expect(await verifyLedger(ctx)).toMatchObject({ ok: true, checked: { transfers: 20 }, violations: [] })
    const [row] = await app.db.execute<{ earned: string; balance: string }>(
      'select earned::text, balance::text from ledger_accounts where user_id is not null',
    )
    expect(row).toEqual({ earned: '190', balance: '210' })
    expect((await app.db.execute(postedThen(1)))[0]).toEqual({ transfer_id: '1', replayed: true })
    await expect(app.db.execute(postedThen(1, 11))).rejects.toMatchObject({ cause: { code: 'OF409' } })
    await app.close()
  })

  it.each([
    [
      'forger',
      `update ledger_entries set created_at = created_at + interval '1 day' where seq = 3`,
      'does not continue its chain',
    ],
    [
      'scribbler',
      `update ledger_transfers set notes = 'else' where id = 3`,
      'transfer 3 is not what was posted',
    ],
  ])('refuse books that were altered before, by the %s', async (user, change, problem) => {
    const url = await ownedBy(user, 'createrole')
    await asSuperuser((sql) => sql.unsafe(`grant offshoot_app to ${user} with admin option`))
    await migrateDatabase(url, migrationsUpTo(6))
    await booksOfThen(url)
    await asSuperuser((sql) => sql.unsafe(`set session_replication_role = replica; ${change}`), user)
    await expect(migrateDatabase(url, MIGRATIONS)).rejects.toMatchObject({
      cause: { message: expect.stringContaining(problem) },
    })
  })

  it('say what an administrator has to run when the owner may not make the role', async () => {
    const url = await ownedBy('plain', '')
    await expect(migrateDatabase(url, MIGRATIONS)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('GRANT offshoot_app TO plain') },
    })
    await asSuperuser((sql) => sql.unsafe('grant offshoot_app to plain'))
    await migrateDatabase(url, MIGRATIONS)
  })
})

/** The first migrations only, as an earlier version had them. */
const migrationsUpTo = (last: number): string => {
  const folder = mkdtempSync(join(tmpdir(), 'offshoot-migrations-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(MIGRATIONS, folder, { recursive: true })
  const path = join(folder, 'meta', '_journal.json')
  const journal: { entries: { idx: number }[] } = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(
    path,
    JSON.stringify({ ...journal, entries: journal.entries.filter(({ idx }) => idx <= last) }),
  )
  return folder
}

/** Nineteen commissions of 10 and an admin's adjustment of 20, for one user. */
const booksOfThen = async (url: string): Promise<void> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(`
    insert into organizations (id, name, created_at) values ('00000000-0000-7000-8000-000000000001', 'Company', now());
    insert into users (id, organization_id, email, first_name, last_name, commission_percentage, created_at) values
      ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'a@offshoot.example', 'A', 'B', 20, now());
    select count(*) from generate_series(1, 20) n, lateral (${postedThen('n')}) posted`)
  await sql.end()
}

/** Of two entries on one account the greater comes first, which is not the order of today. */
const postedThen = (n: number | 'n', amount = 10) => `
  select transfer_id::text, replayed from ledger_post('key ' || ${n}, 'test', 'USD', 'test', 'r', '',
    timestamptz '2020-01-01' + ${n} * interval '1 day', jsonb_build_array(
      jsonb_build_object('kind', 'revenue', 'amount', 1),
      jsonb_build_object('kind', 'revenue', 'amount', case ${n} when 20 then -21 else -${amount + 1} end),
      jsonb_build_object('kind', 'available', 'user_id', '00000000-0000-7000-8000-000000000002',
        'amount', case ${n} when 20 then 20 else ${amount} end,
        'line_type', case ${n} when 20 then 'ADJUSTMENT' else 'COMMISSION' end)))`
