import { resolve } from 'node:path'
import postgres from 'postgres'
import { describe, expect, inject, it } from 'vitest'
import { connect } from './client'
import { migrateDatabase } from './migrate'

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

  it('say what an administrator has to run when the owner may not make the role', async () => {
    const url = await ownedBy('plain', '')
    await expect(migrateDatabase(url, MIGRATIONS)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('GRANT offshoot_app TO plain') },
    })
    await asSuperuser((sql) => sql.unsafe('grant offshoot_app to plain'))
    await migrateDatabase(url, MIGRATIONS)
  })
})
