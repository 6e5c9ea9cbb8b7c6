import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import postgres from 'postgres'
import { startEmbeddedPostgres } from '../../db/embedded'
import { Client, ok } from './client'
import { type Server, startServer } from './server'

/** A server of a test file's own, with a database the tests can look into. */
export interface OwnWorld {
  readonly url: string
  readonly sql: postgres.Sql
  /** What it keeps and signs with. */
  readonly settings: Readonly<Record<'DATABASE_URL' | 'APP_SECRET', string>>
  /** Somebody signed in as the admin. */
  readonly admin: () => Promise<Client>
  /** One more server on the same database, with other settings; whoever asked for it stops it. */
  readonly another: (env: Readonly<Record<string, string>>) => Promise<Server>
  /** What the server has written so far. */
  readonly log: () => string
  readonly close: () => Promise<void>
}

const ADMIN = { email: 'admin@offshoot.example', password: 'a password for the admin' }

/** @param logName the server's output goes to test-results under this name */
export const openWorld = async (
  logName: string,
  env: Readonly<Record<string, string>> = {},
): Promise<OwnWorld> => {
  const folder = mkdtempSync(join(tmpdir(), 'offshoot-world-'))
  // The embedded PostgreSQL runs as another user when we are root, and must get in.
  chmodSync(folder, 0o755)
  const log = resolve(import.meta.dirname, '../../test-results', logName)
  rmSync(log, { force: true })
  const cluster = await startEmbeddedPostgres({ dataDir: join(folder, 'pg') })
  const first = postgres(cluster.url('postgres'), { max: 1 })
  await first.unsafe('create database offshoot')
  await first.end()
  const sql = postgres(cluster.url('offshoot'), { max: 3, onnotice: () => {} })
  const settings = {
    DATABASE_URL: cluster.url('offshoot'),
    APP_SECRET: 'a-secret-of-more-than-thirty-two-bytes',
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    SEED: 'none',
    ...env,
  }
  const server = await startServer(settings, logName)
  return {
    url: server.url,
    sql,
    settings,
    admin: async () => {
      const client = new Client(server.url)
      ok(await client.post('/api/auth/sign-in', ADMIN))
      return client
    },
    another: (more) => startServer({ ...settings, ...more }, logName),
    log: () => readFileSync(log, 'utf8'),
    close: async () => {
      await server.stop()
      await sql.end()
      await cluster.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
