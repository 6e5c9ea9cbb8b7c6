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
import postgres from 'postgres'
import { startEmbeddedPostgres } from '../db/embedded'
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

test('at a given database no session of the application is the owner’s; a login made by hand is checked', async () => {
  test.setTimeout(180_000)
  const log = join(ROOT, 'test-results', 'given.log')
  rmSync(log, { force: true })
  const cluster = await startEmbeddedPostgres({ dataDir: join(folder, 'pg'), throwaway: true })
  const sql = postgres(cluster.url('postgres'), { max: 1, onnotice: () => {} })
  const owner = cluster.url('given')
  const env = { APP_SECRET: 'a-secret-of-more-than-thirty-two-bytes', SEED: 'none' }
  const signedIn = async () => {
    const rows = await sql`select distinct usename from pg_stat_activity where application_name = 'offshoot'`
    return rows.map(({ usename }) => usename)
  }
  try {
    await sql.unsafe('create database given')
    const first = await startServer({ ...env, DATABASE_URL: owner }, 'given.log')
    expect(await signedIn()).toEqual([expect.stringMatching(/^offshoot_app_\d+_[0-9a-f]{8}$/)])
    await first.stop()

    const same = await failingStart({ ...env, DATABASE_URL: owner, DATABASE_MIGRATION_URL: owner })
    expect(same.code).toBe(1)
    expect(same.said).toContain('The application may not work with this login: DATABASE_URL is app')

    await sql.unsafe('create role made_by_hand login; grant offshoot_app to made_by_hand')
    const byHand = { DATABASE_URL: cluster.url('given', 'made_by_hand'), DATABASE_MIGRATION_URL: owner }
    const second = await startServer({ ...env, ...byHand }, 'given.log')
    expect(await signedIn()).toEqual(['made_by_hand'])
    await second.stop()
    expect(readFileSync(log, 'utf8')).not.toContain('no login of its own')

    await sql.unsafe('create role plain login; grant offshoot_app to plain')
    await sql.unsafe('create database small owner plain')
    const third = await startServer({ ...env, DATABASE_URL: cluster.url('small', 'plain') }, 'given.log')
    await newMember(third.url, 'kept@given.example')
    await third.stop()
    expect(readFileSync(log, 'utf8').match(/no login of its own/g)).toHaveLength(1)
    expect(readFileSync(log, 'utf8')).toContain('GRANT offshoot_app TO plain WITH ADMIN OPTION')
  } finally {
    await sql.end()
    await cluster.stop()
  }
})
