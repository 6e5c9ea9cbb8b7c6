import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CanonicalValue, canonicalJson } from '../server/kit/canonical-json'
import { signingKey } from '../server/kit/signing'

const SCRIPT = resolve(import.meta.dirname, 'verify-statement.mjs')
const KEY = signingKey('a-secret-of-more-than-thirty-two-bytes', 'statement-signature')
const OTHER = signingKey('another-secret-of-more-than-32-bytes!', 'statement-signature')

type Members = Record<string, CanonicalValue>

const line = (no: number, amount: number, before: number, type = 'COMMISSION'): Members => ({
  no,
  id: String(100 + no),
  type,
  amount,
  balanceBefore: before,
  balanceAfter: before + amount,
  referenceType: 'commission',
  referenceId: 'c1',
  notes: 'A “note” with 漢字, \u0007 and more',
  createdAt: `2024-03-0${no - 3}T10:00:00.000Z`,
  hash: String(no).repeat(64),
})

const STATEMENT: Members = {
  format: 'offshoot.statement/1',
  id: '018e0000-0000-7000-8000-000000000000',
  issuer: 'https://offshoot.example',
  issuedAt: '2024-04-02T00:00:00.000Z',
  final: true,
  holder: { userId: 'u1', name: 'Zoë Ångström' },
  currency: { code: 'USD', exponent: 2 },
  period: {
    month: '2024-03',
    timezone: 'UTC',
    from: '2024-03-01T00:00:00.000Z',
    to: '2024-04-01T00:00:00.000Z',
  },
  opening: { balance: 1000, no: 3 },
  closing: { balance: 1150, no: 5 },
  totals: {
    COMMISSION: { count: 1, amount: 200 },
    WITHDRAWAL: { count: 0, amount: 0 },
    ADJUSTMENT: { count: 0, amount: 0 },
    REFUND: { count: 1, amount: -50 },
  },
  lines: [line(4, 200, 1000), line(5, -50, 1200, 'REFUND')],
  head: '5'.repeat(64),
}

const fileOf = (statement: Members, key = KEY): string =>
  canonicalJson({
    statement,
    signature: {
      algorithm: 'Ed25519',
      keyId: key.jwk.kid,
      value: key.sign(canonicalJson(statement)),
    },
  })
const FILE = fileOf(STATEMENT)
const KEYS = JSON.stringify({ keys: [KEY.jwk] })

let folder = ''
let check: (text: string) => unknown
beforeAll(async () => {
  const script = (await import(pathToFileURL(SCRIPT).href)) as {
    checkStatement: (text: string, keyOf: () => object) => unknown
  }
  check = (text) => script.checkStatement(text, () => KEY.jwk)
})
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  folder = mkdtempSync(join(tmpdir(), 'offshoot-statement-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string | Buffer) => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}
const run = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], {
    cwd: tmpdir(),
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

describe('npm run verify-statement', () => {
  it('says of a genuine statement what it proves, with the key from the file beside it', () => {
    write('offshoot-statement-keys.json', KEYS)
    const { status, stdout, stderr } = run(write('march.json', FILE))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('The statement is genuine.')
    expect(stdout).toContain('Zoë Ångström')
    expect(stdout).toMatch(/Opening +10\.00 USD/)
    expect(stdout).toMatch(/Closing +11\.50 USD {3}2 lines/)
    expect(stdout).toContain('its one and final statement')
  })

  it.each([
    ['a file of the set', () => write('keys.json', KEYS)],
    ['a file of the key', () => write('key.json', JSON.stringify(KEY.jwk))],
    ['the key itself', () => JSON.stringify(KEY.jwk)],
    [
      'a set with another key before it',
      () => write('two.json', JSON.stringify({ keys: [OTHER.jwk, KEY.jwk] })),
    ],
  ])('takes with --key %s', (_, keyArgument) => {
    expect(run(write('march.json', FILE), '--key', keyArgument()).status).toBe(0)
  })

  it('says of a preview that it is not final', () => {
    const file = write('march.json', fileOf({ ...STATEMENT, final: false }))
    expect(run('--key', JSON.stringify(KEY.jwk), file).stdout).toContain('a preview, NOT final')
  })

  it('refuses a statement in which an amount is another', () => {
    const forged = FILE.replace('"amount":200', '"amount":900')
    const { status, stdout, stderr } = run(write('march.json', forged), '--key', write('k.json', KEYS))
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toMatch(/^REFUSED: the signature does not fit/)
  })

  it('refuses what somebody else signed, though the forger’s key stands where the own one should be named', () => {
    const forged = fileOf(STATEMENT, OTHER)
    const { status, stderr } = run(write('march.json', forged), '--key', write('k.json', KEYS))
    expect(status).toBe(1)
    expect(stderr).toContain('which is not in')
    const renamed = forged.replace(OTHER.jwk.kid, KEY.jwk.kid)
    expect(run(write('march.json', renamed), '--key', write('k.json', KEYS)).status).toBe(1)
  })

  it('says where to get the key when there is none', () => {
    const { status, stderr } = run(write('march.json', FILE))
    expect(status).toBe(2)
    expect(stderr).toContain(
      'curl -o offshoot-statement-keys.json https://offshoot.example/.well-known/offshoot-statement-keys.json',
    )
  })

  it('never makes a command of what a forger wrote', () => {
    const forged = fileOf({ ...STATEMENT, issuer: 'https://a.example; rm -rf ~' }, OTHER)
    expect(run(write('march.json', forged)).stderr).not.toContain('rm -rf')
  })

  it.each([
    ['no file', []],
    ['two files', ['a', 'b']],
    ['--key without a key', ['a', '--key']],
    ['a file that is not there', ['/nowhere/at/all.json']],
    ['a folder', [tmpdir()]],
  ])('cannot check %s', (_, args) => {
    const { status, stdout, stderr } = run(...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).not.toContain('at main')
  })

  it.each(['not json', '[]', '{"keys":[{}]}', 'null'])('cannot check with the key file %j', (text) => {
    expect(run(write('march.json', FILE), '--key', write('k.json', text)).status).toBe(2)
  })

  it('cannot check with a key file that is not there', () => {
    expect(run(write('march.json', FILE), '--key', join(folder, 'none.json')).status).toBe(2)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['null', 'null'],
    ['a list', '[]'],
    ['another document', '{"statement":{},"signature":{}}'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('refuses a file of %s', (_, content) => {
    const { status, stderr } = run(write('x.json', content), '--key', write('k.json', KEYS))
    expect(status).toBe(1)
    expect(stderr).toMatch(/^REFUSED: [^\n]+\n$/)
  })
})

describe('a statement', () => {
  it('may be printed anew as a whole, its members in any order', () => {
    const value = JSON.parse(FILE) as { statement: Members; signature: Members }
    const turned = { statement: value.statement, signature: value.signature }
    for (const text of [FILE, `${FILE}\n`, JSON.stringify(turned), JSON.stringify(value, null, 2)])
      expect(() => check(text)).not.toThrow()
  })

  it('with any byte replaced, added or taken out is refused', () => {
    const bytes = Buffer.from(FILE)
    const place = fc.nat(bytes.length - 1)
    const mutation = fc.record({
      at: place,
      byte: fc.integer({ min: 0, max: 255 }),
      how: fc.constantFrom('replace', 'insert', 'delete'),
    })
    fc.assert(
      fc.property(mutation, ({ at, byte, how }) => {
        fc.pre(how !== 'replace' || bytes[at] !== byte)
        const middle = how === 'delete' ? [] : [byte]
        const changed = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from(middle),
          bytes.subarray(how === 'insert' ? at : at + 1),
        ])
        // What is no UTF-8 is refused before; a replacement character is another text.
        expect(() => check(changed.toString('utf8'))).toThrow()
      }),
      { numRuns: 3_000 },
    )
  })

  it('with any member changed, left out or twice is refused', () => {
    expect(() => check(FILE.replace('"final":true', '"final":true,"final":true'))).toThrow('comes twice')
    expect(() => check(FILE.replace('"final":true', '"final":true ,'))).toThrow()
    for (const name of Object.keys(STATEMENT)) {
      const { [name]: _, ...rest } = STATEMENT
      expect(() => check(fileOf(rest))).toThrow()
      expect(() => check(fileOf({ ...rest, [name]: { __proto__: null, more: 1 } }))).toThrow()
    }
    expect(() => check(fileOf({ ...STATEMENT, more: 1 }))).toThrow('one too many')
  })

  it.each<[string, Members]>([
    ['lines that leave a gap', { lines: [line(4, 200, 1000), line(6, -50, 1200, 'REFUND')] }],
    [
      'a line that does not go on from the one before',
      { lines: [line(4, 200, 1000), line(5, -50, 1100, 'REFUND')] },
    ],
    ['a line that does not add up', { lines: [{ ...line(4, 200, 1000), balanceAfter: 1300 }] }],
    [
      'a line out of its month',
      { lines: [{ ...line(4, 150, 1000), createdAt: '2024-04-01T00:00:00.000Z' }] },
    ],
    [
      'lines not in the order of time',
      {
        lines: [
          { ...line(4, 200, 1000), createdAt: '2024-03-30T00:00:00.000Z' },
          line(5, -50, 1200, 'REFUND'),
        ],
      },
    ],
    ['an opening that is another', { opening: { balance: 900, no: 3 } }],
    ['a closing that is another', { closing: { balance: 1151, no: 5 } }],
    ['a line cut off at the end', { lines: [line(4, 200, 1000)] }],
    [
      'a total that is another',
      { totals: { ...(STATEMENT.totals as Members), REFUND: { count: 1, amount: -51 } } },
    ],
    ['a head of another chain', { head: '6'.repeat(64) }],
    ['an amount of a fraction', { opening: { balance: '1000', no: 3 } }],
    ['another format', { format: 'offshoot.statement/2' }],
  ])('signed with %s is refused all the same', (_, change) => {
    expect(() => check(fileOf({ ...STATEMENT, ...change }))).toThrow()
  })
})
