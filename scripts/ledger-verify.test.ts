import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { ledgerProofs } from '../db/schema'
import { useDatabase } from '../db/testing/database'
import { givenGoodBooks } from '../db/testing/factories/books'

const SCRIPT = resolve(import.meta.dirname, 'ledger-verify.mjs')
const database = useDatabase({ broken: 'ends with a balance that was altered' })

const verify = (args: string[] = [], env: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string; err: string }>((done) => {
    const { NODE_ENV: _, DATABASE_URL: __, ...outside } = process.env
    execFile(
      process.execPath,
      [SCRIPT, '--no-env-file', ...args],
      {
        cwd: tmpdir(),
        env: { ...outside, DATABASE_URL: database.url, APP_SECRET: 's'.repeat(40), ...env } as never,
      },
      (error, out, err) => done({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })

beforeAll(async () => {
  await givenGoodBooks(database.db)
})

describe('npm run ledger:verify', { timeout: 120_000 }, () => {
  it('says what was looked at and that it adds up, keeps the run, and ends with 0', async () => {
    const { code, out, err } = await verify()
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/Everything was looked at:\n {2}\d+ transfers with \d+ entries/)
    expect(out).toContain('The books add up.')
    expect(await database.db.select().from(ledgerProofs)).toMatchObject([{ scope: 'FULL', ok: true }])
  })

  it('looks at what is new, and tells it as JSON', async () => {
    const { code, out } = await verify(['--incremental', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ scope: 'INCREMENTAL', ok: true, violations: [] })
  })

  it('ends with 2 where it cannot look, and says why', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'offshoot-nothing-'))
    const nothing = await verify([], { DATABASE_URL: '', DATA_DIR: empty })
    rmSync(empty, { recursive: true })
    expect(nothing.code).toBe(2)
    expect(nothing.err).toContain(`There is no database in ${empty} yet.`)
    const away = await verify([], { DATABASE_URL: 'postgres://app@127.0.0.1:9/nothing' })
    expect(away.code).toBe(2)
    expect(away.err).toContain('Could not look at the books.')
    expect((await verify(['--ful'])).code).toBe(2)
  })

  it('names what does not add up, with what to do, and ends with 1', async () => {
    await database.owner.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`)
      await tx.execute(sql`update ledger_accounts set balance = balance + 1
        where id = (select max(id) from ledger_accounts where version > 0)`)
    })
    const { code, out } = await verify()
    expect(code).toBe(1)
    expect(out).toContain('The books do NOT add up')
    expect(out).toMatch(/I04 {2}account \d+: its balance is/)
    expect(out).toContain('What to do: ')
  })
})
