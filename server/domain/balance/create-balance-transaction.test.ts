import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { givenHolder } from '../../../db/testing/factories/balance'
import { type BalanceTransactionInput, createBalanceTransaction, getBalances } from '.'

const database = useDatabase({ broken: 'posts to the ledger without what it would be about' })

let userId: string
beforeEach(async () => {
  userId = (await givenHolder(database.db)).userId
})

const create = (
  type: BalanceTransactionInput['type'],
  amount: bigint,
  more: Partial<BalanceTransactionInput> = {},
) =>
  createBalanceTransaction(testContext(database.db), {
    userId,
    type,
    amount,
    currency: 'USD',
    referenceType: 'commission',
    referenceId: 'c1',
    notes: 'A note',
    idempotencyKey: randomUUID(),
    ...more,
  })
const balances = () => getBalances(testContext(database.db), userId)

describe('a balance transaction', () => {
  it('is a line with the balance before and after', async () => {
    await create('COMMISSION', 1000n)
    expect(await create('COMMISSION', 500n)).toEqual({
      id: expect.stringMatching(/^\d+$/),
      type: 'COMMISSION',
      amount: { amount: 500, currency: 'USD' },
      balanceBefore: { amount: 1000, currency: 'USD' },
      balanceAfter: { amount: 1500, currency: 'USD' },
      referenceType: 'commission',
      referenceId: 'c1',
      notes: 'A note',
      createdAt: '2026-11-21T12:00:00.000Z',
      replayed: false,
    })
  })

  it('posted again is the first line', async () => {
    const idempotencyKey = randomUUID()
    const first = await create('COMMISSION', 1000n, { idempotencyKey })
    await create('COMMISSION', 1n)
    expect(await create('COMMISSION', 1000n, { idempotencyKey })).toEqual({ ...first, replayed: true })
  })

  it('has its other side where its type says', async () => {
    await create('COMMISSION', 1000n)
    await create('WITHDRAWAL', -600n)
    await create('REFUND', -500n)
    await create('ADJUSTMENT', -50n, { referenceType: 'adjustment' })
    await create('ADJUSTMENT', 20n, { referenceType: 'adjustment' })
    const figure = (amount: number) => ({ amount, currency: 'USD' })
    expect(await balances()).toEqual([
      {
        currency: 'USD',
        balance: figure(-130),
        pendingCommissions: figure(0),
        totalEarned: figure(500),
        inWithdrawal: figure(600),
      },
    ])
  })

  it('that holds, releases or restores a commission changes what was earned', async () => {
    await create('COMMISSION', 1000n)
    await create('ADJUSTMENT', -400n)
    expect((await balances())[0]?.totalEarned.amount).toBe(600)
    await create('ADJUSTMENT', 150n)
    expect((await balances())[0]?.totalEarned.amount).toBe(750)
  })

  it('that withdraws more than there is is refused', async () => {
    await create('COMMISSION', 1000n)
    await expect(create('WITHDRAWAL', -1001n)).rejects.toMatchObject({
      status: 422,
      code: 'INSUFFICIENT_BALANCE',
    })
  })

  it('keeps currencies apart', async () => {
    await create('COMMISSION', 1000n)
    await create('COMMISSION', 7n, { currency: 'JPY' })
    expect((await balances()).map(({ balance }) => balance)).toEqual([
      { amount: 7, currency: 'JPY' },
      { amount: 1000, currency: 'USD' },
    ])
  })

  it.each([
    ['COMMISSION', 0n],
    ['COMMISSION', -1n],
    ['WITHDRAWAL', 1n],
    ['WITHDRAWAL', 0n],
    ['REFUND', 1n],
    ['REFUND', 0n],
    ['ADJUSTMENT', 0n],
    ['COMMISSION', 2n ** 53n],
    ['ADJUSTMENT', -(2n ** 53n)],
  ] as const)('of type %s and amount %s is refused', async (type, amount) => {
    await expect(create(type, amount)).rejects.toMatchObject({ status: 400, issues: [{ path: ['amount'] }] })
  })

  it.each(['usd', 'XXX', ''])('in the currency %j is refused', async (currency) => {
    await expect(create('COMMISSION', 1n, { currency })).rejects.toMatchObject({
      status: 400,
      issues: [{ path: ['currency'] }],
    })
  })
})
