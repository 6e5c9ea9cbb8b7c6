import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../embedded'
import { migrateDatabase } from '../migrate'

declare module 'vitest' {
  export interface ProvidedContext {
    /** postgres://…/DATABASE with the name left to fill in. */
    databaseServer: string
  }
}

export const TEMPLATE = 'offshoot_template'

/** One PostgreSQL for the whole run, with one migrated template; each test file makes its database from that. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'offshoot-test-'))
  // As root the server runs as another user, who must get in.
  chmodSync(dataDir, 0o755)
  const cluster = await startEmbeddedPostgres({ dataDir: join(dataDir, 'pg'), throwaway: true })
  const admin = postgres(cluster.url('postgres'), { max: 1, onnotice: () => {} })
  await admin.unsafe(`create database ${TEMPLATE}`)
  await migrateDatabase(cluster.url(TEMPLATE), resolve(import.meta.dirname, '../migrations'))
  await admin.unsafe(`alter database ${TEMPLATE} is_template true allow_connections false`)
  await admin.end()
  project.provide('databaseServer', cluster.url('DATABASE'))
  return async () => {
    await cluster.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
