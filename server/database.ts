import { join, resolve } from 'node:path'
import { sql } from 'drizzle-orm'
import postgres from 'postgres'
import { APPLICATION_ROLE, type Connection, connect, type DatabaseAddress } from '../db/client'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../db/embedded'
import { applicationAccess, excessOf } from '../db/login'
import { migrateDatabase } from '../db/migrate'
import { lockDataDir, StartError } from './data-dir'
import { type Config, type Environment, readConfig } from './kit/config'
import { derivedKey } from './kit/crypto'
import { sqlState } from './kit/errors'
import { describeError, type Log } from './kit/log'
import { projectRoot } from './project-root'

const DATABASE = 'offshoot'

/** A pool of so many connections, as the application's role. */
type OpenConnection = (max: number) => Connection

export interface OpenedDatabase {
  readonly open: OpenConnection
  /** To its replica, if there is one. It need not be there now: what it cannot answer is asked of the database itself. */
  readonly openReplica: OpenConnection | null
}

/**
 * Brings the given database up to date and starts nothing, as a step of its own before a new version is started.
 * @param env the environment as it was when the process was started
 * @throws ConfigError, StartError
 */
export const migrateGivenDatabase = async (env: Environment): Promise<void> => {
  // No secret is needed, so none is made.
  const config = readConfig(env, () => '-'.repeat(32))
  if (config.databaseUrl === null)
    throw new StartError('DATABASE_URL is not set: the embedded database is migrated by every start.')
  await migrated(config.databaseMigrationUrl ?? config.databaseUrl)
}

/**
 * A database that exists and is up to date: the given one, or the embedded server's, which `stops` then ends.
 * @throws StartError
 */
export const openDatabase = async (
  config: Config,
  log: Log,
  stops: (() => Promise<void> | void)[],
): Promise<OpenedDatabase> => {
  if (config.databaseUrl !== null) return openGivenDatabase(config, config.databaseUrl, log)
  stops.push(lockDataDir(config.dataDir))
  const cluster = await startCluster(config)
  stops.push(cluster.stop)
  const admin = postgres(cluster.url('postgres'), { max: 1, onnotice: () => {} })
  const known = await admin`select 1 from pg_database where datname = ${DATABASE}`
  if (known.length === 0) await admin.unsafe(`create database ${DATABASE}`)
  await migrated(cluster.url(DATABASE))
  // Signed in as that role, not become it: there is no way back to the owner.
  await admin.unsafe(`alter role ${APPLICATION_ROLE} login`)
  await admin.end()
  const address = { url: cluster.url(DATABASE, APPLICATION_ROLE) }
  return { open: (max) => connect(address, { max, role: null }), openReplica: null }
}

/**
 * Migrations run as the owner, everything else as a login that is only the application's: the one the administrator
 * gave, beside the owner's own address, else one made here. Only where none can be made do the owner's sessions become
 * the application's role.
 */
const openGivenDatabase = async (config: Config, url: string, log: Log): Promise<OpenedDatabase> => {
  await migrated(config.databaseMigrationUrl ?? url)
  const access =
    config.databaseMigrationUrl === null
      ? await applicationAccess(url, derivedKey(config.appSecret, 'database-login'))
      : { address: { url, pooled: config.databasePooled }, role: null, obstacle: null }
  if (access.obstacle !== null)
    log.warn(
      `The application has no login of its own at the database: ${access.obstacle} Until then its sessions are the owner's and only become ${APPLICATION_ROLE}, which a query that was tampered with could undo. Or make a login by hand, and set DATABASE_URL to it and DATABASE_MIGRATION_URL to the owner.`,
    )
  const excess = access.role === null ? await excessOf(access.address) : null
  if (excess !== null)
    throw new StartError(
      `The application may not work with this login: ${access.address.login?.user ?? 'DATABASE_URL'} ${excess}. It has to be a member of ${APPLICATION_ROLE} and nothing else; the owner belongs in DATABASE_MIGRATION_URL.`,
    )
  if (config.databasePooled) await warnOfTimeouts(access.address, log)
  const { databaseReplicaUrl } = config
  const { login } = access.address
  return {
    open: (max) => connect(access.address, { max, role: access.role }),
    openReplica:
      databaseReplicaUrl === null
        ? null
        : (max) =>
            connect(
              { url: databaseReplicaUrl, ...(login === undefined ? {} : { login }) },
              { max, role: access.role, patience: 2 },
            ),
  }
}

/** Behind a pooler no session can set its own: they have to be the login's. */
const warnOfTimeouts = async (address: DatabaseAddress, log: Log): Promise<void> => {
  const connection = connect(address, { max: 1, role: null })
  try {
    const [row] = await connection.db.execute<{ login: string; unset: boolean }>(
      sql`select quote_ident(current_user) as login, current_setting('statement_timeout') = '0' as unset`,
    )
    if (row?.unset === true)
      log.warn(
        `A stuck query could hold its locks for ever: let an administrator run ALTER ROLE ${row.login} SET statement_timeout = '60s'; ALTER ROLE ${row.login} SET lock_timeout = '20s'; ALTER ROLE ${row.login} SET idle_in_transaction_session_timeout = '30s';`,
      )
  } finally {
    await connection.close()
  }
}

const startCluster = async (config: Config): Promise<EmbeddedPostgres> => {
  try {
    const cluster = await startEmbeddedPostgres({ dataDir: join(config.dataDir, 'postgres') })
    if (cluster.dataDir !== resolve(config.dataDir, 'postgres'))
      process.stdout.write(
        `  The database cannot live in a folder closed to others; it is in ${cluster.dataDir}\n`,
      )
    return cluster
  } catch (error) {
    throw new StartError(
      `The embedded PostgreSQL did not start. ${error instanceof Error ? error.message : ''}`,
    )
  }
}

const INSUFFICIENT_PRIVILEGE = '42501'

const migrated = async (url: string): Promise<void> => {
  try {
    await migrateDatabase(url, join(projectRoot(), 'db/migrations'))
  } catch (error) {
    if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) throw error
    throw new StartError(
      `The database's user may not prepare the database. ${String(describeError(error).message)}`,
    )
  }
}
