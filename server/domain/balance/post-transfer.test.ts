import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ledgerEntries, ledgerTransfers } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { givenHolder } from '../../../db/testing/factories/balance'
import { inTransaction } from '../../kit/context'
import { getBalances, type Posting, postTransfer, postTransfers, verifyLedger } from '.'

const database = useDatabase({ max: 20, broken: 'posts to the ledger without what it would be about' })
const context = () => testContext(database.db)

let userId: string
beforeEach(async () => {
  userId = (await givenHolder(database.db)).userId
})

const credit = (amount: bigint, more: Partial<Posting> = {}): Posting => ({
  key: randomUUID(),
  kind: 'test',
  currency: 'USD',
  referenceType: 'test',
  referenceId: '1',
  entries: [
    { account: { kind: 'revenue' }, amount: -amount },
    { account: { kind: 'available', userId }, amount, lineType: 'COMMISSION' },
  ],
  ...more,
})
const withdrawal = (amount: bigint): Posting =>
  credit(0n, {
    entries: [
      { account: { kind: 'available', userId }, amount: -amount, lineType: 'WITHDRAWAL' },
      { account: { kind: 'withdrawing', userId }, amount },
    ],
  })

const available = async () => (await getBalances(context(), userId))[0]?.balance.amount ?? 0

describe('a posting', () => {
  it('moves the balance once, however often its key comes', async () => {
    const posting = credit(500n)
    const first = await postTransfer(context(), posting)
    expect(first.replayed).toBe(false)
    const ctx = context()
    ctx.clock.advance(86_400_000)
    expect(await postTransfer(ctx, posting)).toEqual({ transferId: first.transferId, replayed: true })
    expect(await available()).toBe(500)
  })

  it('of one key, a hundred at once, has one effect', async () => {
    const posting = credit(500n)
    const posted = await Promise.all(Array.from({ length: 100 }, () => postTransfer(context(), posting)))
    expect(posted.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(posted.map(({ transferId }) => transferId)).size).toBe(1)
    expect(await available()).toBe(500)
  })

  it('of a known key with other contents is refused and changes nothing', async () => {
    const posting = credit(500n)
    await postTransfer(context(), posting)
    for (const other of [credit(501n), { ...posting, notes: 'else' }, { ...posting, referenceId: '2' }])
      await expect(postTransfer(context(), { ...other, key: posting.key })).rejects.toMatchObject({
        status: 409,
        code: 'IDEMPOTENCY_KEY_REUSED',
      })
    expect(await available()).toBe(500)
  })

  it('of a known key for somebody else is refused and makes no account', async () => {
    const posting = credit(500n)
    await postTransfer(context(), posting)
    const { userId: other } = await givenHolder(database.db)
    const entries: Posting['entries'] = [
      { account: { kind: 'revenue' }, amount: -500n },
      { account: { kind: 'available', userId: other }, amount: 500n, lineType: 'COMMISSION' },
    ]
    await expect(postTransfer(context(), { ...posting, entries })).rejects.toMatchObject({ status: 409 })
    expect(await getBalances(context(), other)).toEqual([])
  })

  it('of a known key with its entries in another order is the same', async () => {
    const posting = credit(500n)
    const { transferId } = await postTransfer(context(), posting)
    expect(await postTransfer(context(), { ...posting, entries: posting.entries.toReversed() })).toEqual({
      transferId,
      replayed: true,
    })
  })

  it('of one key with two contents at once, for somebody without accounts, passes with one of them', async () => {
    const one = credit(500n)
    const tries = await Promise.allSettled(
      [500n, 600n, 500n, 600n].map((amount) => postTransfer(context(), { ...credit(amount), key: one.key })),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect([500, 600]).toContain(await available())
  })

  it('leaves out entries of nothing, and is refused when nothing is left', async () => {
    const { entries } = credit(500n)
    const { transferId } = await postTransfer(
      context(),
      credit(0n, { entries: [...entries, { account: { kind: 'tax' }, amount: 0n }] }),
    )
    const rows = await database.db.select().from(ledgerEntries).where(sql`transfer_id = ${transferId}`)
    expect(rows).toHaveLength(2)
    await expect(postTransfer(context(), credit(0n))).rejects.toMatchObject({
      status: 422,
      code: 'NOTHING_TO_POST',
    })
    await expect(postTransfer(context(), credit(0n, { entries: [] }))).rejects.toMatchObject({
      code: 'NOTHING_TO_POST',
    })
  })

  it('that does not balance is the code’s fault, not the caller’s', async () => {
    const { entries } = credit(500n)
    const posting = credit(0n, { entries: [...entries, { account: { kind: 'fees' }, amount: 1n }] })
    await expect(postTransfer(context(), posting)).rejects.not.toMatchObject({ name: 'DomainError' })
  })

  it('goes with its transaction', async () => {
    const work = inTransaction(context(), async (ctx) => {
      await postTransfer(ctx, credit(500n))
      throw new Error('after all not')
    })
    await expect(work).rejects.toThrow('after all not')
    expect(await available()).toBe(0)
  })

  it('keeps providers apart by their names', async () => {
    for (const name of ['stripe', 'mamopay', 'stripe'])
      await postTransfer(
        context(),
        credit(0n, {
          entries: [
            { account: { kind: 'provider', name }, amount: -7n },
            { account: { kind: 'revenue' }, amount: 7n },
          ],
        }),
      )
    const rows = await database.db.execute(sql`
      select a.name, sum(e.amount)::text from ledger_entries e join ledger_accounts a on a.id = e.account_id
      where a.kind = 'provider' group by 1 order by 1`)
    expect([...rows]).toEqual([
      { name: 'mamopay', sum: '-7' },
      { name: 'stripe', sum: '-14' },
    ])
  })
})

describe('several postings', () => {
  it('are answered in their order, known ones among them', async () => {
    const known = credit(1n)
    const { transferId } = await postTransfer(context(), known)
    const posted = await postTransfers(context(), [credit(2n), known, credit(3n)])
    expect(posted.map(({ replayed }) => replayed)).toEqual([false, true, false])
    expect(posted[1]?.transferId).toBe(transferId)
    expect(await available()).toBe(6)
    expect(await postTransfers(context(), [])).toEqual([])
  })

  it('pass together or not at all', async () => {
    await expect(postTransfers(context(), [credit(5n), withdrawal(6n)])).rejects.toMatchObject({
      code: 'INSUFFICIENT_BALANCE',
    })
    expect(await available()).toBe(0)
  })

  it('that fail half-way leave their connection as it was', async () => {
    await expect(postTransfers(context(), [credit(5n), withdrawal(6n)])).rejects.toThrow()
    const numbers = Array.from({ length: 60 }, (_, n) => n)
    const answers = await Promise.all(numbers.map((n) => database.db.execute(sql`select ${n}::int n`)))
    expect(answers.map((rows) => [...rows])).toEqual(numbers.map((n) => [{ n }]))
  })
})

describe('a withdrawal', () => {
  it('passes once when a thousand come at once for a balance that pays one, and leaves nothing of the others', async () => {
    await postTransfer(context(), credit(500n))
    const before = await database.db.$count(ledgerTransfers)
    const tries = await Promise.allSettled(
      Array.from({ length: 1_000 }, () => postTransfer(context(), withdrawal(500n))),
    )
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await database.db.$count(ledgerTransfers)).toBe(before + 1)
    for (const one of tries)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ status: 422, code: 'INSUFFICIENT_BALANCE' })
    const [balance] = await getBalances(context(), userId)
    expect(balance).toMatchObject({ balance: { amount: 0 }, inWithdrawal: { amount: 500 } })
  })

  it('beside a refund ends in the same books in either order', async () => {
    await postTransfer(context(), credit(500n))
    const refund = credit(0n, {
      entries: [
        { account: { kind: 'available', userId }, amount: -200n, lineType: 'REFUND' },
        { account: { kind: 'revenue' }, amount: 200n },
      ],
    })
    const [first, second] = await Promise.allSettled([
      postTransfer(context(), withdrawal(500n)),
      postTransfer(context(), refund),
    ])
    expect(second?.status).toBe('fulfilled')
    expect(await available()).toBe(first?.status === 'fulfilled' ? -200 : 300)
    expect((await verifyLedger(context())).violations).toEqual([])
  })
})

it('any sequence of movements ends where a model in memory ends, and verifies', async () => {
  const movement = fc.record({
    who: fc.nat(2),
    type: fc.constantFrom('COMMISSION', 'WITHDRAWAL', 'REFUND', 'ADJUSTMENT', 'PENDING', 'RELEASE'),
    amount: fc.bigInt({ min: 1n, max: 1000n }),
    currency: fc.constantFrom('USD', 'JPY'),
    again: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(movement, { minLength: 1, maxLength: 25 }), async (movements) => {
      const people = await Promise.all([0, 1, 2].map(async () => (await givenHolder(database.db)).userId))
      const model = new Map<string, bigint>()
      for (const { who, type, amount, currency, again } of movements) {
        const person = people[who] ?? ''
        const entries = MOVEMENTS[type](person, amount)
        const key = (account: string) => `${account} ${person} ${currency}`
        const own = entries.filter(({ account }) => 'userId' in account)
        const left = (model.get(key('available')) ?? 0n) - amount
        const posting: Posting = { ...credit(1n), kind: type, currency, entries }
        if (type === 'WITHDRAWAL' && left < 0n) {
          await expect(postTransfer(context(), posting)).rejects.toMatchObject({
            code: 'INSUFFICIENT_BALANCE',
          })
          continue
        }
        await postTransfer(context(), posting)
        if (again) expect((await postTransfer(context(), posting)).replayed).toBe(true)
        for (const entry of own)
          model.set(key(entry.account.kind), (model.get(key(entry.account.kind)) ?? 0n) + entry.amount)
      }
      for (const person of people)
        for (const balance of await getBalances(context(), person)) {
          const expected = (kind: string) => Number(model.get(`${kind} ${person} ${balance.currency}`) ?? 0n)
          expect(balance.balance.amount).toBe(expected('available'))
          expect(balance.pendingCommissions.amount).toBe(expected('pending'))
          expect(balance.inWithdrawal.amount).toBe(expected('withdrawing'))
        }
    }),
    { numRuns: 25 },
  )
  expect((await verifyLedger(context())).violations).toEqual([])
  expect(await database.db.$count(ledgerTransfers)).toBeGreaterThan(0)
})

type Movement = 'COMMISSION' | 'WITHDRAWAL' | 'REFUND' | 'ADJUSTMENT' | 'PENDING' | 'RELEASE'

const MOVEMENTS: Record<Movement, (person: string, amount: bigint) => Posting['entries']> = {
  COMMISSION: (person, amount) => [
    { account: { kind: 'revenue' }, amount: -amount },
    { account: { kind: 'available', userId: person }, amount, lineType: 'COMMISSION' },
  ],
  WITHDRAWAL: (person, amount) => [
    { account: { kind: 'available', userId: person }, amount: -amount, lineType: 'WITHDRAWAL' },
    { account: { kind: 'withdrawing', userId: person }, amount },
  ],
  REFUND: (person, amount) => [
    { account: { kind: 'available', userId: person }, amount: -amount, lineType: 'REFUND' },
    { account: { kind: 'revenue' }, amount },
  ],
  ADJUSTMENT: (person, amount) => [
    { account: { kind: 'adjustments' }, amount },
    { account: { kind: 'available', userId: person }, amount: -amount, lineType: 'ADJUSTMENT' },
  ],
  PENDING: (person, amount) => [
    { account: { kind: 'revenue' }, amount: -amount },
    { account: { kind: 'pending', userId: person }, amount },
  ],
  RELEASE: (person, amount) => [
    { account: { kind: 'pending', userId: person }, amount: -amount },
    { account: { kind: 'available', userId: person }, amount, lineType: 'COMMISSION' },
  ],
}
