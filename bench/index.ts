import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connect } from '../db/client'
import { startEmbeddedPostgres } from '../db/embedded'
import { migrateDatabase } from '../db/migrate'
import { benchClone } from './clone'

// npm run bench: ratios against baselines measured in turns within this run, on a durable PostgreSQL of its own.
const folder = mkdtempSync(join(tmpdir(), 'offshoot-bench-'))
chmodSync(folder, 0o755)
const cluster = await startEmbeddedPostgres({ dataDir: join(folder, 'pg') })
try {
  await migrateDatabase(cluster.url('postgres'), resolve(import.meta.dirname, '../db/migrations'))
  const connection = connect({ url: cluster.url('postgres') }, { role: null })
  await benchClone(connection.db)
  await connection.close()
} finally {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
}
