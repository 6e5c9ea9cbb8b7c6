import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, inject } from 'vitest'
import { type Connection, connect, type Db } from '../client'
import { TEMPLATE } from './cluster'

export interface TestDatabase {
  /** As the application's role. */
  readonly db: Db
  /** As the owner of the tables: what a migration may do. */
  readonly owner: Db
  /** The address, as the owner. */
  readonly url: string
}

/**
 * A fresh database for this test file, made from the migrated template, gone when the file is done.
 * Call it at the top of a file; use the members inside tests only.
 */
export const useDatabase = (options: { max?: number } = {}): TestDatabase => {
  const name = `t_${randomBytes(8).toString('hex')}`
  let server = ''
  let app: Connection | undefined
  let owner: Connection | undefined
  const address = () => server.replace('DATABASE', name)

  beforeAll(async () => {
    server = inject('databaseServer')
    await asSuperuser(server, (sql) => sql.unsafe(`create database ${name} template ${TEMPLATE}`))
    app = connect({ url: address() }, { max: options.max ?? 10 })
    owner = connect({ url: address() }, { max: 2, role: null })
  })
  afterAll(async () => {
    await app?.close(1)
    await owner?.close(1)
    await asSuperuser(server, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`))
  })
  const opened = (connection: Connection | undefined): Db => {
    if (connection === undefined) throw new Error('the database is there inside tests only')
    return connection.db
  }
  return {
    get db() {
      return opened(app)
    },
    get owner() {
      return opened(owner)
    },
    get url() {
      return address()
    },
  }
}

const asSuperuser = async (server: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> => {
  const sql = postgres(server.replace('DATABASE', 'postgres'), { max: 1, onnotice: () => {} })
  try {
    await work(sql)
  } finally {
    await sql.end()
  }
}
