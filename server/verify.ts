import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { APPLICATION_ROLE, connect } from '../db/client'
import { startEmbeddedPostgres } from '../db/embedded'
import { lockDataDir } from './data-dir'
import { proveBooks } from './domain/reporting'
import type { Proof, ProofScope } from './domain/reporting/schemas'
import { type Environment, readConfig } from './kit/config'
import { type Context, systemClock, systemRandom } from './kit/context'
import { createPost } from './providers/endpoint'
import { createPictures } from './providers/pictures'

/** There was nothing to look at, or no way to: the message says what to do. */
class CannotLook extends Error {
  override readonly name = 'CannotLook'
}

/**
 * Proves the books of the database these settings name, beside a running server or without one. It migrates nothing
 * and makes no database.
 * @param env the environment as it was when the process was started
 * @throws ConfigError, CannotLook
 */
export const verifyBooks = async (env: Environment, scope: ProofScope): Promise<Proof> => {
  // No secret is needed, so none is made.
  const config = readConfig(env, () => '-'.repeat(32))
  const stops: (() => Promise<void> | void)[] = []
  try {
    const url = config.databaseUrl ?? (await embeddedAddress(config.dataDir, stops))
    const connection = connect({ url }, { max: 2, ...(config.databaseUrl === null ? { role: null } : {}) })
    stops.push(() => connection.close())
    const ctx: Context = {
      db: connection.db,
      actor: { kind: 'job', name: 'ledger:verify' },
      now: systemClock,
      config,
      outside: {
        random: systemRandom,
        mail: { kind: 'smtp', send: async () => {} },
        payments: new Map(),
        pictures: createPictures(config, systemRandom),
        post: createPost({ allowPrivate: false }),
        wake: () => {},
      },
    }
    return await proveBooks(ctx, { scope })
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

const DATABASE = 'offshoot'

/** Of the server that is running; else of one started for this, which nobody else may start meanwhile. */
const embeddedAddress = async (dataDir: string, stops: (() => Promise<void> | void)[]): Promise<string> => {
  if (!existsSync(resolve(dataDir, 'app-secret')))
    throw new CannotLook(
      `There is no database in ${resolve(dataDir)} yet. Start Offshoot once, or name another with DATA_DIR or DATABASE_URL.`,
    )
  const free = tryLock(dataDir, stops)
  const cluster = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), join: !free })
  stops.push(cluster.stop)
  return cluster.url(DATABASE, APPLICATION_ROLE)
}

/** Whether nobody has the data folder; else a server has, and runs the database we ask. */
const tryLock = (dataDir: string, stops: (() => Promise<void> | void)[]): boolean => {
  try {
    stops.push(lockDataDir(dataDir))
    return true
  } catch {
    return false
  }
}
