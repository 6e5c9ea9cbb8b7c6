import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
const LOG = join(ROOT, 'test-results', 'server.log')
/** A first start makes the database and the demo; slow machines take a while over that. */
const START_SECONDS = 180

/** Starts the built server with the demo in a database of its own; what it returns stops it. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const port = await freePort()
  const address = `http://localhost:${port}`
  const folder = mkdtempSync(join(tmpdir(), 'offshoot-e2e-'))
  // The embedded PostgreSQL runs as another user when we are root, and must get in.
  chmodSync(folder, 0o755)
  const server = startServer(port, join(folder, 'data'))
  const stop = async () => {
    await stopServer(server)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await untilReady(server, `${address}/readyz`)
  } catch (error) {
    await stop()
    throw error
  }
  process.env.E2E_BASE_URL = address
  return stop
}

const startServer = (port: number, dataDir: string): ChildProcess => {
  const outside: Partial<NodeJS.ProcessEnv> = { ...process.env }
  delete outside.NODE_ENV
  mkdirSync(join(ROOT, 'test-results'), { recursive: true })
  const log = openSync(LOG, 'w')
  // Node itself, not npm, so that the pid is the server's.
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs'), '--no-env-file'], {
    cwd: ROOT,
    env: { ...QUIET, ...outside, PORT: String(port), DATA_DIR: dataDir, SEED: 'demo' } as NodeJS.ProcessEnv,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return child
}

/** All journeys come from one address: its limits are wider, unless set. */
const QUIET = {
  LOG_LEVEL: 'warn',
  RATE_LIMIT_SIGN_UP: '1000',
  RATE_LIMIT_SIGN_IN: '1000',
  RATE_LIMIT_PASSWORD_RESET: '1000',
  RATE_LIMIT_CREATE_PAYMENT_LINK: '1000',
}

const untilReady = async (server: ChildProcess, address: string): Promise<void> => {
  const deadline = Date.now() + START_SECONDS * 1000
  while (Date.now() < deadline) {
    if (hasEnded(server)) throw new Error(`The server ended while starting:\n${lastWords()}`)
    const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
    if (answer?.ok) return
    await new Promise((resume) => setTimeout(resume, 100))
  }
  throw new Error(`The server was not ready within ${START_SECONDS} s:\n${lastWords()}`)
}

const lastWords = (): string => readFileSync(LOG, 'utf8').slice(-4000)

const hasEnded = (server: ChildProcess): boolean => server.exitCode !== null || server.signalCode !== null

const stopServer = async (server: ChildProcess): Promise<void> => {
  if (hasEnded(server)) return
  const ended = new Promise<void>((done) => server.once('exit', () => done()))
  server.kill('SIGTERM')
  const impatient = setTimeout(() => server.kill('SIGKILL'), 30_000)
  await ended
  clearTimeout(impatient)
}

const freePort = (): Promise<number> =>
  new Promise((done, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        typeof address === 'object' && address
          ? done(address.port)
          : failed(new Error('there is no free port')),
      )
    })
  })
