import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import postgres from 'postgres'
import { APPLICATION_ROLE, connect } from '../db/client'
import { startEmbeddedPostgres } from '../db/embedded'
import { migrateDatabase } from '../db/migrate'
import { benchYear } from './click-year'
import { benchClicks } from './clicks'
import { benchClone } from './clone'
import { benchLedgerLoad } from './ledger-load'
import { benchLedgerReads } from './ledger-reads'
import { benchPurchases } from './purchases'
import { benchWebhook } from './webhook'

// npm run bench [-- ledger_load ledger_reads webhook clicks clicks_year clone]: ratios against baselines measured in turns within this run, on a durable PostgreSQL
// of its own, each part in a database of its own.
const asked = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'offshoot-bench-'))
chmodSync(folder, 0o755)
const cluster = await startEmbeddedPostgres({ dataDir: join(folder, 'pg') })
const admin = postgres(cluster.url('postgres'), { max: 1, onnotice: () => {} })

const cleanUp = async (): Promise<void> => {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)))

/** Runs a part, if it was asked for, in a fresh migrated database. */
const part = async (name: string, work: (database: string) => Promise<void>): Promise<void> => {
  if (asked.length > 0 && !asked.some((word) => name.startsWith(word))) return
  const start = performance.now()
  await admin.unsafe(`create database ${name} template migrated`)
  await work(name)
  await admin.unsafe(`drop database ${name} with (force)`)
  console.log(`(${name}: ${((performance.now() - start) / 1000).toFixed(0)} s)`)
}

try {
  await admin.unsafe('create database migrated')
  await migrateDatabase(cluster.url('migrated'), resolve(import.meta.dirname, '../db/migrations'))
  await admin.unsafe(`alter role ${APPLICATION_ROLE} login`)
  await part('ledger_load', (name) => benchLedgerLoad(cluster.url(name), cluster.url(name, APPLICATION_ROLE)))
  await part('ledger_reads', (name) => benchLedgerReads(cluster.url(name)))
  await part('webhook', (name) => benchWebhook(cluster.url(name), cluster.url(name, APPLICATION_ROLE)))
  await part('clicks', (name) => benchClicks(cluster.url(name), cluster.url(name, APPLICATION_ROLE)))
  await part('clicks_year', (name) => benchYear(cluster.url(name), cluster.url(name, APPLICATION_ROLE)))
  await part('purchases', (name) => benchPurchases(cluster.url(name, APPLICATION_ROLE)))
  await part('clone', async (name) => {
    const connection = connect({ url: cluster.url(name) }, { max: 64, role: null })
    await benchClone(connection.db)
    await connection.close()
  })
} finally {
  await admin.end({ timeout: 5 })
  await cleanUp()
}
