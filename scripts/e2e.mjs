// npm run test:e2e [-- files and options of Playwright]: the journeys in a real browser, against the built server.
import { ensureBuilt, ensureInstalled, ROOT, requireNode, run, tool } from './setup.mjs'

requireNode()
try {
  await ensureInstalled()
  await ensureBuilt()
  const { findChromium } = await import('./chromium.mjs')
  const { findPgBouncer } = await import('./pgbouncer.mjs')
  const env = { ...process.env, CHROMIUM_PATH: await findChromium(), PGBOUNCER_PATH: await findPgBouncer() }
  process.exitCode = await run(tool('playwright'), ['test', ...process.argv.slice(2)], { cwd: ROOT, env })
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
