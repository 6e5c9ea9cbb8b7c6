import { randomUUID } from 'node:crypto'
import { and, count, eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { issuedStatements, ledgerAccounts, users } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { givenHolder, type Holder } from '../../../db/testing/factories/balance'
import { verifiedStatement } from '../../../db/testing/verify-statement'
import { inTransaction } from '../../kit/context'
import {
  createBalanceTransaction,
  issueStatement,
  readStatement,
  statementCsv,
  statementFile,
  statementKeys,
  statementPdf,
  wrongStatements,
} from '.'
import { StatementInput } from './schemas'
import type { StatementDocument } from './statement-document'
import { renderStatement } from './statement-pdf'

const database = useDatabase({ broken: 'posts to the ledger without what it would be about' })

let holder: Holder
let ctx: TestContext
beforeEach(async () => {
  holder = await givenHolder(database.db, { firstName: 'Zoë', lastName: '王 Ångström' })
  ctx = testContext(database.db, {
    actor: { kind: 'user', ...holder },
    clock: testClock(new Date('2024-02-28T10:00:00.000Z')),
    env: { APP_URL: 'https://offshoot.example' },
  })
})

const add = (type: 'COMMISSION' | 'REFUND' | 'WITHDRAWAL', amount: bigint, currency = 'USD', as = ctx) =>
  createBalanceTransaction(as, {
    userId: holder.userId,
    type,
    amount,
    currency,
    referenceType: 'test',
    referenceId: '1',
    notes: 'Said “so”',
    idempotencyKey: randomUUID(),
  })
const at = (iso: string) => ctx.clock.set(new Date(iso))
const read = (month: string, more: Partial<StatementInput> = {}) =>
  readStatement(ctx, { currency: 'USD', month, timezone: 'UTC', ...more })
const issue = (month: string, more: Partial<StatementInput> = {}, as = ctx) =>
  issueStatement(as, { currency: 'USD', month, timezone: 'UTC', ...more })
const documentOf = async (...asked: Parameters<typeof read>) =>
  JSON.parse((await read(...asked)).document) as StatementDocument
const issuedDocument = async (month: string) => JSON.parse((await issue(month)).document) as StatementDocument
const issuedCount = async () => {
  const [row] = await database.db
    .select({ n: count() })
    .from(issuedStatements)
    .where(eq(issuedStatements.userId, holder.userId))
  return row?.n
}

/** February: 10.00. March: 20.00, then 5.00 back. April: 1.00. */
const threeMonths = async () => {
  await add('COMMISSION', 1000n)
  at('2024-03-01T00:00:00.000Z')
  await add('COMMISSION', 2000n)
  at('2024-03-31T23:59:59.999Z')
  await add('REFUND', -500n)
  at('2024-04-01T00:00:00.000Z')
  await add('COMMISSION', 100n)
  at('2024-05-10T12:00:00.000Z')
}

const verified = (file: string, as = ctx) => verifiedStatement(as, file)

describe('the statement of a month', () => {
  it('holds its lines, half-open, between opening and closing, and their totals', async () => {
    await threeMonths()
    const { lines, ...rest } = await issuedDocument('2024-03')
    expect(rest).toEqual({
      format: 'offshoot.statement/1',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      issuer: 'https://offshoot.example',
      issuedAt: '2024-05-10T12:00:00.000Z',
      final: true,
      holder: { userId: holder.userId, name: 'Zoë 王 Ångström' },
      currency: { code: 'USD', exponent: 2 },
      period: {
        month: '2024-03',
        timezone: 'UTC',
        from: '2024-03-01T00:00:00.000Z',
        to: '2024-04-01T00:00:00.000Z',
      },
      opening: { balance: 1000, no: 1 },
      closing: { balance: 2500, no: 3 },
      totals: {
        COMMISSION: { count: 1, amount: 2000 },
        WITHDRAWAL: { count: 0, amount: 0 },
        ADJUSTMENT: { count: 0, amount: 0 },
        REFUND: { count: 1, amount: -500 },
      },
      head: lines.at(-1)?.hash,
    })
    expect(lines[0]).toEqual({
      no: 2,
      id: expect.stringMatching(/^\d+$/),
      type: 'COMMISSION',
      amount: 2000,
      balanceBefore: 1000,
      balanceAfter: 3000,
      referenceType: 'test',
      referenceId: '1',
      notes: 'Said “so”',
      createdAt: '2024-03-01T00:00:00.000Z',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(lines.map(({ no }) => no)).toEqual([2, 3])
  })

  it('is a month of the zone, an hour of daylight saving included (rule 36)', async () => {
    at('2024-03-31T21:59:59.999Z')
    await add('COMMISSION', 1n)
    at('2024-03-31T22:00:00.000Z')
    await add('COMMISSION', 2n)
    at('2024-06-01T12:00:00.000Z')
    const march = await documentOf('2024-03', { timezone: 'Europe/Berlin' })
    expect(march.period).toMatchObject({ from: '2024-02-29T23:00:00.000Z', to: '2024-03-31T22:00:00.000Z' })
    expect(march.lines.map(({ amount }) => amount)).toEqual([1])
    const april = await documentOf('2024-04', { timezone: 'Europe/Berlin' })
    expect(april.lines.map(({ amount }) => amount)).toEqual([2])
    expect(april.opening).toEqual(march.closing)
    expect((await documentOf('2024-03')).lines).toHaveLength(2)
  })

  it('without lines has opening, closing and the chain as they stood', async () => {
    await threeMonths()
    at('2024-07-01T12:00:00.000Z')
    const april = await documentOf('2024-04')
    const june = await documentOf('2024-06')
    expect(june).toMatchObject({
      lines: [],
      opening: april.closing,
      closing: april.closing,
      head: april.head,
    })
    expect(await documentOf('2024-01')).toMatchObject({
      lines: [],
      opening: { balance: 0, no: 0 },
      closing: { balance: 0, no: 0 },
      head: '',
    })
  })

  it('keeps currencies apart, each with its own exponent', async () => {
    await threeMonths()
    at('2024-05-11T00:00:00.000Z')
    await add('COMMISSION', 7n, 'KWD')
    expect(await documentOf('2024-04', { currency: 'KWD' })).toMatchObject({
      currency: { code: 'KWD', exponent: 3 },
      lines: [],
    })
    await expect(read('2024-04', { currency: 'EUR' })).rejects.toMatchObject({
      status: 404,
      code: 'STATEMENT_NOT_FOUND',
    })
    const accounts = await database.db
      .select({ n: count() })
      .from(ledgerAccounts)
      .where(and(eq(ledgerAccounts.userId, holder.userId), eq(ledgerAccounts.currency, 'EUR')))
    expect(accounts).toEqual([{ n: 0 }])
  })

  it('of a month that has not begun there is none', async () => {
    await add('COMMISSION', 1n)
    await expect(read('2024-03')).rejects.toMatchObject({ status: 422, code: 'MONTH_NOT_BEGUN' })
    // It has begun where it is already March.
    at('2024-02-29T10:30:00.000Z')
    expect((await documentOf('2024-03', { timezone: 'Pacific/Kiritimati' })).final).toBe(false)
  })

  it('is nobody’s who is not signed in', async () => {
    await expect(
      readStatement(ctx.as({ kind: 'visitor' }), { currency: 'USD', month: '2024-01', timezone: 'UTC' }),
    ).rejects.toMatchObject({ status: 401 })
  })
})

describe('a statement once issued (rule 17)', () => {
  it('never changes, whatever is posted since, and whatever the holder is called by then', async () => {
    await threeMonths()
    const first = statementFile(await issue('2024-03'))
    // Somebody whose clock is behind, or whose transaction began in March.
    at('2024-03-15T00:00:00.000Z')
    await add('COMMISSION', 5000n)
    await database.db.update(users).set({ lastName: 'Other' }).where(eq(users.id, holder.userId))
    at('2024-06-10T12:00:00.000Z')
    expect(statementFile(await read('2024-03'))).toBe(first)
    // What came late is in the first month that was not closed.
    const april = await documentOf('2024-04')
    expect(april.lines.map(({ amount }) => amount)).toEqual([100, 5000])
    expect(april.opening).toEqual((await documentOf('2024-03')).closing)
  })

  it('is one though many ask at once, and beside postings', async () => {
    await threeMonths()
    const late = testContext(database.db, { clock: testClock(new Date('2024-03-20T00:00:00.000Z')) })
    const [files] = await Promise.all([
      Promise.all(Array.from({ length: 6 }, async () => statementFile(await issue('2024-03')))),
      ...Array.from({ length: 4 }, () => add('COMMISSION', 10n, 'USD', late)),
    ])
    expect(new Set(files).size).toBe(1)
    const rows = await database.db
      .select({ document: issuedStatements.document })
      .from(issuedStatements)
      .where(eq(issuedStatements.userId, holder.userId))
    expect(rows).toHaveLength(1)
    const march = JSON.parse(rows[0]?.document ?? '') as StatementDocument
    const april = await documentOf('2024-04')
    // Each of the four is in one of the two, and the months meet.
    expect(march.lines.length + april.lines.length).toBe(3 + 4)
    expect(april.opening).toEqual(march.closing)
    expect((await verified(files[0] ?? '')).status).toBe(0)
  })

  it('waits for a posting that is under way, which is then in it', async () => {
    await threeMonths()
    const behind = testContext(database.db, { clock: testClock(new Date('2024-03-31T23:59:59.999Z')) })
    const { reading } = await inTransaction(behind, async (tx) => {
      await add('COMMISSION', 77n, 'USD', { ...behind, ...tx })
      const begun = issuedDocument('2024-03')
      // It waits for the account's lock, which this transaction has.
      const first = await Promise.race([begun, new Promise((soon) => setTimeout(soon, 100, 'still waiting'))])
      expect(first).toBe('still waiting')
      return { reading: begun }
    })
    // Dated no earlier than the line before it, which is of April.
    expect((await reading).lines.map(({ amount }) => amount)).toEqual([2000, -500])
    expect((await documentOf('2024-04')).lines.map(({ amount }) => amount)).toEqual([100, 77])
  })

  it('of a month that runs cannot be issued', async () => {
    await add('COMMISSION', 1000n)
    await expect(issue('2024-02')).rejects.toMatchObject({ status: 422, code: 'MONTH_NOT_OVER' })
    await expect(issue('2024-03')).rejects.toMatchObject({ status: 422, code: 'MONTH_NOT_BEGUN' })
    await expect(issue('2024-02', { currency: 'EUR' })).rejects.toMatchObject({ status: 404 })
    expect(await issuedCount()).toBe(0)
  })
})

describe('a statement not issued yet', () => {
  it('is a preview that says so, of a month that runs or is over, and nothing is written for it', async () => {
    await threeMonths()
    const accounts = () =>
      database.db.select().from(ledgerAccounts).where(eq(ledgerAccounts.userId, holder.userId))
    const before = await accounts()
    for (const [month, amounts] of [
      ['2024-03', [2000, -500]],
      ['2024-05', []],
    ] as const) {
      const preview = await read(month)
      expect(preview.final).toBe(false)
      expect(await verified(statementFile(preview))).toMatchObject({
        status: 0,
        text: expect.stringContaining('preview, NOT final'),
      })
      const { id, final, lines } = await documentOf(month)
      expect([id, final, lines.map(({ amount }) => amount)]).toEqual(['preview', false, amounts])
    }
    await statementPdf(ctx, { currency: 'USD', month: '2024-03', timezone: 'UTC' })
    expect(await issuedCount()).toBe(0)
    expect(await accounts()).toEqual(before)
  })

  it('grows with what comes late', async () => {
    await threeMonths()
    at('2024-03-15T00:00:00.000Z')
    await add('COMMISSION', 5000n)
    at('2024-05-10T12:00:00.000Z')
    // Dated no earlier than the line before it, which is of April.
    expect((await documentOf('2024-04')).lines.map(({ amount }) => amount)).toEqual([100, 5000])
  })
})

describe('the signature', () => {
  it('is checked by anybody, offline, and fits this very file only', async () => {
    await threeMonths()
    const file = statementFile(await issue('2024-03'))
    expect(await verified(file)).toMatchObject({
      status: 0,
      text: expect.stringContaining('The statement is genuine.'),
    })
    expect(await verified(file.replace('"amount":2000', '"amount":2001'))).toMatchObject({
      status: 1,
      text: expect.stringContaining('REFUSED'),
    })
  })

  it('is of a key made of the secret, and verifies still when another secret is another key', async () => {
    await threeMonths()
    const { keyId } = await issue('2024-02')
    await issue('2024-03')
    expect((await statementKeys(ctx)).keys.map(({ kid }) => kid)).toEqual([keyId])
    const other = testContext(database.db, {
      actor: { kind: 'user', ...holder },
      clock: ctx.clock,
      env: { APP_SECRET: 'another-secret-of-more-than-32-bytes!!', APP_URL: 'https://offshoot.example' },
    })
    const asked = { currency: 'USD', month: '2024-03', timezone: 'UTC' }
    const next = await issue('2024-04', {}, other)
    expect(next.keyId).not.toBe(keyId)
    expect((await statementKeys(other)).keys.map(({ kid }) => kid)).toEqual([next.keyId, keyId])
    for (const month of ['2024-03', '2024-04'])
      expect(
        await verified(statementFile(await readStatement(other, { ...asked, month })), other),
      ).toMatchObject({
        status: 0,
      })
    expect(await wrongStatements(other, null)).toEqual([])
  })

  it('is found when it was changed behind the application, or its key is not kept', async () => {
    await threeMonths()
    const ids = [(await issuedDocument('2024-02')).id, (await issuedDocument('2024-03')).id]
    expect(await wrongStatements(ctx, null)).toEqual([])
    const other = testContext(database.db, { env: { APP_SECRET: 'another-secret-of-more-than-32-bytes!!' } })
    await database.owner.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`)
      await tx.execute(sql`update issued_statements set public_key = null where id = ${ids[0]}`)
      await tx.execute(
        sql`update issued_statements set document = replace(document, '"amount":2000', '"amount":2001') where id = ${ids[1]}`,
      )
    })
    expect(await wrongStatements(ctx, null)).toEqual([
      { id: ids[1], problem: expect.stringContaining('its signature is not') },
    ])
    expect(new Map((await wrongStatements(other, null)).map(({ id, problem }) => [id, problem]))).toEqual(
      new Map([
        [ids[0], expect.stringContaining('is not kept')],
        [ids[1], expect.stringContaining('its signature is not')],
      ]),
    )
    await database.owner.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`)
      await tx.execute(
        sql`update issued_statements set public_key = '{}', document = replace(document, '"amount":2001', '"amount":2000') where id = ${ids[1]}`,
      )
    })
    expect(await wrongStatements(ctx, null)).toEqual([])
    expect(await wrongStatements(other, new Date('2024-06-01T00:00:00Z'))).toEqual([])
  })
})

describe('the other forms of a month', () => {
  it('on paper is the same file each time, of a month that is over', async () => {
    await threeMonths()
    const asked = StatementInput.parse({ currency: 'USD', month: '2024-03' })
    await issue('2024-03')
    const first = await statementPdf(ctx, asked)
    at('2024-06-10T12:00:00.000Z')
    expect(first.subarray(0, 5).toString()).toBe('%PDF-')
    expect((await statementPdf(ctx, asked)).equals(first)).toBe(true)
  })

  it('on paper has as many pages as its lines need, and one with none', async () => {
    await threeMonths()
    const march = await documentOf('2024-03')
    const [line] = march.lines
    if (line === undefined) throw new Error('no line')
    const pages = async (n: number) => {
      const lines = Array.from({ length: n }, () => line)
      const pdf = await renderStatement({ ...march, lines, final: n > 0 }, 'key')
      return /\/Type \/Pages[^>]*\/Count (\d+)/s.exec(pdf.toString('latin1'))?.[1]
    }
    expect(await pages(0)).toBe('1')
    expect(await pages(100)).toBe('5')
  })

  it.each([
    'محمد عبد الرحمن آل سعود',
    '王小明 諸葛孔明',
    '김철수',
    'Александра Константинопольская-Рождественская '.repeat(5),
    'Эта 🙂 \u202egnp.exe \u0007',
    'x'.repeat(400),
    '',
  ])('on paper prints the name %j', async (name) => {
    await threeMonths()
    const march = await documentOf('2024-03')
    const pdf = await renderStatement({ ...march, holder: { ...march.holder, name } }, 'key')
    expect(pdf.subarray(-6).toString()).toContain('EOF')
  })

  it('as CSV is its lines alone', async () => {
    await threeMonths()
    const csv = await statementCsv(ctx, { currency: 'USD', month: '2024-03', timezone: 'UTC' })
    expect(csv.split('\r\n').map((row) => row.split(',')[3])).toEqual([
      'amount_minor',
      '-500',
      '2000',
      undefined,
    ])
  })

  it('with more lines than a paper is for says what to take instead', async () => {
    await threeMonths()
    const many = `[${Array.from({ length: 5001 }, () => '{}').join()}]`
    await database.db.insert(issuedStatements).values({
      id: randomUUID(),
      userId: holder.userId,
      currency: 'USD',
      periodFrom: new Date('2024-02-01T00:00:00Z'),
      periodTo: new Date('2024-03-01T00:00:00Z'),
      timezone: 'UTC',
      document: `{"lines":${many}}`,
      keyId: 'k',
      signature: 's',
      issuedAt: ctx.now(),
    })
    await expect(
      statementPdf(ctx, { currency: 'USD', month: '2024-02', timezone: 'UTC' }),
    ).rejects.toMatchObject({
      status: 422,
      code: 'STATEMENT_TOO_LONG',
      message: expect.stringContaining('CSV'),
    })
  })
})
