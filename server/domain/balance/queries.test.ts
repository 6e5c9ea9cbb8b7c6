import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { givenHolder } from '../../../db/testing/factories/balance'
import { createBalanceTransaction, exportTransactions, getBalances, listTransactions } from '.'
import { decimal, textCell, transactionsCsv } from './csv'
import { type LineType, TransactionsFilter, TransactionsInput } from './schemas'

const database = useDatabase({ broken: 'posts to the ledger without what it would be about' })

let userId: string
let ctx: TestContext
beforeEach(async () => {
  userId = (await givenHolder(database.db)).userId
  ctx = testContext(database.db)
})

const add = (type: LineType, amount: bigint, currency = 'USD', notes = '') =>
  createBalanceTransaction(ctx, {
    userId,
    type,
    amount,
    currency,
    referenceType: 'test',
    referenceId: '1',
    notes,
    idempotencyKey: randomUUID(),
  })
const list = (more: Partial<TransactionsInput> = {}) => listTransactions(ctx, { userId, limit: 50, ...more })

describe('the balances', () => {
  it('of somebody without movements are none', async () => {
    expect(await getBalances(ctx, userId)).toEqual([])
  })
})

describe('the statement', () => {
  it('is newest first, each line going on from the one below, also within a millisecond', async () => {
    for (let i = 1n; i <= 5n; i += 1n) await add('COMMISSION', i)
    const { items, nextCursor } = await list()
    expect(items.map(({ amount }) => amount.amount)).toEqual([5, 4, 3, 2, 1])
    for (const [i, line] of items.entries())
      expect(line.balanceBefore.amount).toBe(items[i + 1]?.balanceAfter.amount ?? 0)
    expect(nextCursor).toBeNull()
  })

  it('is one’s own', async () => {
    await add('COMMISSION', 1n)
    const { userId: other } = await givenHolder(database.db)
    expect((await list({})).items).toHaveLength(1)
    expect((await listTransactions(ctx, { userId: other, limit: 50 })).items).toEqual([])
  })

  it('neither repeats nor skips a line while lines arrive (rule 40)', async () => {
    for (let i = 1n; i <= 7n; i += 1n) await add('COMMISSION', i, i % 2n === 0n ? 'EUR' : 'USD')
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await list({ limit: 2, cursor: cursor ?? undefined })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
      ctx.clock.advance(1)
      await add('COMMISSION', 100n)
    }
    expect(seen).toHaveLength(7)
    expect(new Set(seen).size).toBe(7)
  })

  it('is filtered by type, currency and a half-open range of time', async () => {
    await add('COMMISSION', 1000n)
    ctx.clock.advance(1000)
    await add('WITHDRAWAL', -10n)
    ctx.clock.advance(1000)
    await add('COMMISSION', 5n, 'EUR')
    const amounts = async (more: Partial<TransactionsInput>) =>
      (await list(more)).items.map(({ amount }) => amount.amount)
    expect(await amounts({ type: 'COMMISSION' })).toEqual([5, 1000])
    expect(await amounts({ currency: 'USD' })).toEqual([-10, 1000])
    expect(
      await amounts({ from: new Date('2026-11-21T12:00:01.000Z'), to: new Date('2026-11-21T12:00:02.000Z') }),
    ).toEqual([-10])
    expect(await amounts({ from: new Date('2026-11-21T12:00:02.001Z') })).toEqual([])
  })

  it.each(['nonsense', Buffer.from('2026-11-21T12:00:00.000Z|x').toString('base64url')])(
    'refuses the cursor %j',
    async (cursor) => {
      await expect(list({ cursor })).rejects.toMatchObject({ status: 400, issues: [{ path: ['cursor'] }] })
    },
  )

  it('is asked for in the words of a query string, its days in the zone named (rule 36)', () => {
    const input = TransactionsInput.parse({
      limit: '5',
      type: 'REFUND',
      from: '2026-11-01',
      to: '2026-11-21T12:00:00+04:00',
    })
    expect(input).toEqual({
      limit: 5,
      type: 'REFUND',
      from: new Date('2026-11-01T00:00:00Z'),
      to: new Date('2026-11-21T08:00:00Z'),
    })
    expect(
      TransactionsFilter.parse({ from: '2026-03-29', to: '2026-03-30', timezone: 'Europe/Berlin' }),
    ).toEqual({ from: new Date('2026-03-28T23:00:00Z'), to: new Date('2026-03-29T22:00:00Z') })
    for (const wrong of [
      { type: 'OTHER' },
      { timezone: 'Mars/Base' },
      { from: '2026-02-30' },
      { currency: 'usd' },
      { from: 'yesterday' },
      { from: '2026-11-21T12:00:00' },
    ])
      expect(TransactionsFilter.safeParse(wrong).success).toBe(false)
  })
})

describe('the statement as CSV', () => {
  it('has fixed columns, ISO times and amounts both ways (rule 40)', async () => {
    await add('COMMISSION', 1000n)
    await add('WITHDRAWAL', -150n, 'USD', 'To "the bank", at last')
    const [head, first, second, rest] = (await exportTransactions(ctx, { userId })).split('\r\n')
    expect(head).toBe(
      'id,type,currency,amount_minor,amount,balance_before_minor,balance_before,balance_after_minor,balance_after,reference_type,reference_id,notes,created_at',
    )
    expect(first).toMatch(
      /^\d+,WITHDRAWAL,USD,-150,-1\.50,1000,10\.00,850,8\.50,test,1,"To ""the bank"", at last",2026-11-21T12:00:00\.000Z$/,
    )
    expect(second).toMatch(/^\d+,COMMISSION,USD,1000,10\.00,0,0\.00,1000,10\.00,test,1,,2026/)
    expect(rest).toBe('')
  })

  it('is filtered like the statement, and a head alone when there is nothing', async () => {
    await add('COMMISSION', 1000n)
    expect((await exportTransactions(ctx, { userId, type: 'REFUND' })).split('\r\n')).toHaveLength(2)
    expect(transactionsCsv([]).endsWith('created_at\r\n')).toBe(true)
  })

  it('holds every line, over any number of pages', async () => {
    await Promise.all(Array.from({ length: 1001 }, () => add('COMMISSION', 1n)))
    expect((await exportTransactions(ctx, { userId })).split('\r\n')).toHaveLength(1003)
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('takes %j for a text, not a formula', (text) => {
    expect(textCell(text)).toBe(`'${text}`)
  })

  it('quotes what would break a row', () => {
    expect(textCell('a,b')).toBe('"a,b"')
    expect(textCell('\rx')).toBe(`"'\rx"`)
    expect(textCell('plain = text')).toBe('plain = text')
  })

  it.each([
    [-5, 'USD', '-0.05'],
    [150, 'JPY', '150'],
    [0, 'JPY', '0'],
    [1500, 'KWD', '1.500'],
    [-1, 'KWD', '-0.001'],
  ])('writes %s %s as %s', (amount, currency, text) => {
    expect(decimal({ amount, currency })).toBe(text)
  })
})
