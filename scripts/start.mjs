// npm start: sets up what is missing, then serves, in this process. --web or --worker: only that part of it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseEnv } from 'node:util'
import { buildIsCurrent, ensureBuilt, ensureInstalled, ROOT, requireNode, SIGNALS } from './setup.mjs'

requireNode()

/** As it came from outside: NODE_ENV=production in here is what "production" means. */
const environment = () => {
  const file = join(ROOT, '.env')
  if (process.argv.includes('--no-env-file') || !existsSync(file)) return { ...process.env }
  return { ...parseEnv(readFileSync(file, 'utf8')), ...process.env }
}

const main = async () => {
  const env = environment()
  process.chdir(ROOT)
  await ensureInstalled({ development: !buildIsCurrent() })
  await ensureBuilt()
  // React takes its optimised build from this; our own settings come from `env`.
  process.env.NODE_ENV = 'production'
  const { start } = await import(pathToFileURL(join(ROOT, 'build', 'server', 'index.js')).href)
  // Not before the signals are heard.
  const asked = ['web', 'worker'].filter((part) => process.argv.includes(`--${part}`))
  const starting = Promise.resolve().then(() => start(env, asked.length === 0 ? undefined : asked))
  stopOnSignals(starting)
  await starting
}

/**
 * The first signal stops the server cleanly, also while it is still starting; a second one ends the process at once.
 * Under npm one Ctrl-C arrives twice, from the terminal and passed on by npm, so the second must come a little later.
 */
const stopOnSignals = (starting) => {
  let first = null
  const stop = async () => {
    if (first !== null) {
      if (performance.now() - first > 500) process.exit(130)
      return
    }
    first = performance.now()
    // A failing start is reported below.
    const server = await starting.catch(() => null)
    await server?.stop()
    if (server !== null) process.exit(0)
  }
  for (const signal of SIGNALS) process.on(signal, () => stop().catch(fail))
  // A SIGTERM to npm ends npm and its shell, and never gets here: without them we stop too.
  const parent = process.ppid
  if (/^start(:|$)/.test(process.env.npm_lifecycle_event ?? ''))
    setInterval(() => {
      if (first === null && process.ppid !== parent) stop().catch(fail)
    }, 300).unref()
}

const PLAIN = new Set(['ConfigError', 'StartError', 'SetupError'])

const fail = (error) => {
  console.error(PLAIN.has(error?.name) ? error.message : error)
  process.exit(1)
}

main().catch(fail)
