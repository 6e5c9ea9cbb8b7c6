import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, inject } from 'vitest'
import { verifyLedger } from '../../server/domain/balance'
import { checkInvariants } from '../../server/domain/reporting'
import type { Context } from '../../server/kit/context'
import { type Connection, connect, type Db } from '../client'
import { TEMPLATE } from './cluster'
import { testContext } from './context'

export interface TestDatabase {
  /** As the application's role. */
  readonly db: Db
  /** As the owner of the tables: what a migration may do. */
  readonly owner: Db
  /** The address, as the owner. */
  readonly url: string
}

export interface DatabaseOptions {
  readonly max?: number
  /** Why what this file leaves behind need not add up. */
  readonly broken?: string
}

/**
 * A fresh database for this test file, made from the migrated template, gone when the file is done. What the file
 * leaves behind is proven at its end: the ledger, and every invariant that holds after each commit.
 * Call it at the top of a file; use the members inside tests only.
 */
export const useDatabase = (options: DatabaseOptions = {}): TestDatabase => {
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
    const problems =
      options.broken === undefined && app !== undefined ? await problemsOf(testContext(app.db)) : []
    await app?.close(1)
    await owner?.close(1)
    await asSuperuser(server, (sql) => sql.unsafe(`drop database if exists ${name} with (force)`))
    if (problems.length > 0)
      throw new Error(`The rows this file leaves behind do not add up:\n${problems.join('\n')}`)
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

/** What in these rows is not as it must be after every commit. */
export const problemsOf = async (ctx: Context): Promise<string[]> => {
  const { findings } = await checkInvariants(ctx, {}, ({ when }) => when === 'always')
  const { violations } = await verifyLedger(ctx)
  return [
    ...findings.map(({ id, name, subject, problem }) => `${id} ${subject}: ${problem} (${name})`),
    ...violations.map(({ kind, id, problem }) => `${kind} ${id}: ${problem}`),
  ]
}

const asSuperuser = async (server: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> => {
  const sql = postgres(server.replace('DATABASE', 'postgres'), { max: 1, onnotice: () => {} })
  try {
    await work(sql)
  } finally {
    await sql.end()
  }
}
