import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from '@playwright/test'
import { Client, mailbox, newMember, ok } from './support/client'
import { freePort, startServer } from './support/server'

const ROOT = resolve(import.meta.dirname, '..')
let folder: string

test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'offshoot-start-'))
  chmodSync(folder, 0o755)
})
test.afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a start that is expected to fail; what it said, and its exit code. */
const failingStart = (env: Record<string, string>): Promise<{ code: number | null; said: string }> =>
  new Promise((done) => {
    const outside = { ...process.env }
    delete (outside as Record<string, string | undefined>).NODE_ENV
    const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs'), '--no-env-file'], {
      cwd: ROOT,
      env: { ...outside, DATA_DIR: join(folder, 'data'), LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const hear = (chunk: Buffer) => {
      said += chunk.toString()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('close', (code) => done({ code, said }))
  })

test('a wrong setting stops the start with its name, what is wrong and an example', async () => {
  const { code, said } = await failingStart({ PORT: 'eighty', STRIPE_SECRET_KEY: 'pk_live_1' })
  expect(code).toBe(1)
  expect(said).toContain('PORT must be a whole number')
  expect(said).toContain('Example: PORT=3000')
  expect(said).toContain('STRIPE_WEBHOOK_SECRET is missing')
  expect(said).not.toContain('    at ')
  expect(existsSync(join(folder, 'data'))).toBe(false)
})

test('production starts neither the sandbox nor without a secret', async () => {
  const { code, said } = await failingStart({ NODE_ENV: 'production' })
  expect(code).toBe(1)
  expect(said).toContain('SANDBOX=1')
  expect(said).toContain('APP_SECRET is missing')
})

test('a port in use is named, with what to do, and nothing is left running', async () => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  const { code, said } = await failingStart({ PORT: String(port) })
  other.close()
  expect(code).toBe(1)
  expect(said).toContain(`Port ${port} is in use`)
  expect(said).toContain('PORT=')
})

test('a data folder in use is named; a lock left by a dead process is taken over; data is kept', async () => {
  test.setTimeout(120_000)
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  // No process has this number.
  writeFileSync(join(dataDir, 'offshoot.lock'), '4194303')
  const first = await startServer({ DATA_DIR: dataDir, SEED: 'none' }, 'start.log')
  await newMember(first.url, 'kept@start.example')
  expect(await mailbox(first.url)).toHaveLength(1)
  const second = await failingStart({ PORT: String(await freePort()) })
  expect(second.code).toBe(1)
  expect(second.said).toContain('is in use by process')
  expect(second.said).toContain('DATA_DIR')
  await first.kill()
  const again = await startServer({ DATA_DIR: dataDir, SEED: 'none' }, 'start.log')
  const password = 'a walk along the river'
  ok(await new Client(again.url).post('/api/auth/sign-in', { email: 'kept@start.example', password }))
  await again.stop()
  expect(readdirSync(dataDir)).not.toContain('offshoot.lock')
})

test('a data folder that only root may enter does for root', async () => {
  test.skip(process.getuid?.() !== 0, 'only root has such a folder')
  test.setTimeout(120_000)
  const log = join(ROOT, 'test-results', 'closed.log')
  rmSync(log, { force: true })
  const closed = join(folder, 'closed')
  mkdirSync(closed, { mode: 0o700 })
  const dataDir = join(closed, 'data')
  const server = await startServer({ DATA_DIR: dataDir, SEED: 'none' }, 'closed.log')
  ok(await new Client(server.url).get('/readyz'))
  await server.stop()
  // It said where the database is instead; that folder goes too.
  const elsewhere = /it is in (\/var\/lib\/offshoot\/[0-9a-f]{24})$/m.exec(readFileSync(log, 'utf8'))?.[1]
  expect(elsewhere).toBeDefined()
  rmSync(elsewhere ?? '', { recursive: true })
})
