// npm run db:migrate: brings the database that DATABASE_MIGRATION_URL or DATABASE_URL names up to date, and starts nothing.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import { buildIsCurrent, ROOT, requireNode } from './setup.mjs'

requireNode()

const environment = () => {
  const file = join(ROOT, '.env')
  if (process.argv.includes('--no-env-file') || !existsSync(file)) return { ...process.env }
  return { ...parseEnv(readFileSync(file, 'utf8')), ...process.env }
}

try {
  if (!buildIsCurrent()) throw new Error('There is no current build. Run npm run build, and then this again.')
  process.chdir(ROOT)
  const { migrateGivenDatabase } = await import(pathToFileURL(join(ROOT, 'build', 'server', 'index.js')).href)
  await migrateGivenDatabase(environment())
  console.log('The database is up to date.')
  process.exit(0)
} catch (error) {
  console.error(error.message)
  process.exit(1)
}
