import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../..')
/** A first start makes the database and the demo; slow machines take a while over that. */
const START_SECONDS = 180

export interface Server {
  readonly url: string
  /** As Ctrl-C does it: finishes what is under way. */
  readonly stop: () => Promise<void>
  /** As a power cut does it. */
  readonly kill: () => Promise<void>
}

/** Journeys come from one address: its limits are wider, unless set. */
const WIDE = {
  LOG_LEVEL: 'warn',
  RATE_LIMIT_SIGN_UP: '1000',
  RATE_LIMIT_SIGN_IN: '1000',
  RATE_LIMIT_PASSWORD_RESET: '1000',
  RATE_LIMIT_CREATE_PAYMENT_LINK: '1000',
  RATE_LIMIT_CLICKS: '1000',
}

/**
 * Starts the built application as a process of its own and waits until it is ready.
 * @param env settings; those of this process count too, but for NODE_ENV
 * @param logName its output goes to test-results under this name
 * @param parts only these of it; none: all
 * @throws Error with the server's last words
 */
export const startServer = async (
  env: Readonly<Record<string, string>>,
  logName = 'server.log',
  parts: readonly ('--web' | '--worker')[] = [],
): Promise<Server> => {
  const port = env.PORT ?? String(await freePort())
  const log = join(ROOT, 'test-results', logName)
  mkdirSync(dirname(log), { recursive: true })
  const output = openSync(log, 'a')
  const outside = { ...process.env }
  delete (outside as Record<string, string | undefined>).NODE_ENV
  // Node itself, not npm, so that the pid is the server's.
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs'), '--no-env-file', ...parts], {
    cwd: ROOT,
    env: { ...WIDE, ...outside, ...env, PORT: port },
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  const server = {
    url: `http://localhost:${port}`,
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  }
  try {
    await untilReady(child, `${server.url}/readyz`, () => readFileSync(log, 'utf8').slice(-4000))
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

const untilReady = async (child: ChildProcess, address: string, lastWords: () => string): Promise<void> => {
  const deadline = Date.now() + START_SECONDS * 1000
  while (Date.now() < deadline) {
    if (hasEnded(child)) throw new Error(`The server ended while starting:\n${lastWords()}`)
    const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
    if (answer?.ok) return
    await new Promise((resume) => setTimeout(resume, 100))
  }
  throw new Error(`The server was not ready within ${START_SECONDS} s:\n${lastWords()}`)
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

const end = async (child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
  if (hasEnded(child)) return
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  child.kill(signal)
  const impatient = setTimeout(() => child.kill('SIGKILL'), 30_000)
  await ended
  clearTimeout(impatient)
}

export const freePort = (): Promise<number> =>
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
