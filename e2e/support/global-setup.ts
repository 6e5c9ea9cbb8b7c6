import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from './server'

/** Starts the built server with the demo in a database of its own; what it returns stops it. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'offshoot-e2e-'))
  // The embedded PostgreSQL runs as another user when we are root, and must get in.
  chmodSync(folder, 0o755)
  const clear = () => rmSync(folder, { recursive: true, force: true })
  try {
    const server = await startServer({ DATA_DIR: join(folder, 'data'), SEED: 'demo' })
    process.env.E2E_BASE_URL = server.url
    return async () => {
      await server.stop()
      clear()
    }
  } catch (error) {
    clear()
    throw error
  }
}
