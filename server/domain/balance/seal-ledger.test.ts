import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { givenHolder } from '../../../db/testing/factories/balance'
import { postSale, sealAll } from '../../../db/testing/factories/ledger'
import { inTransaction } from '../../kit/context'
import { platformBalances, postTransfer, sealLedger, verifyLedger } from '.'

const database = useDatabase({ max: 20, broken: 'posts to the ledger without what it would be about' })
const context = () => testContext(database.db)

let userId: string
beforeEach(async () => {
  userId = (await givenHolder(database.db)).userId
})

interface SealRow extends Record<string, unknown> {
  no: number
  from: number
  upto: number
  transfers: number
  entries: number
}
const seals = async () => [
  ...(await database.db.execute<SealRow>(sql`select no::int, from_transfer_id::int "from", upto_transfer_id::int upto,
    transfers::int, entries::int from ledger_seals order by no`)),
]

/** What platformBalances says, computed the long way. */
const sums = async () => {
  const rows = await database.db.execute<{ kind: string; name: string; currency: string; sum: string }>(sql`
    select a.kind, a.name, a.currency, coalesce(sum(e.amount), 0)::text sum
    from ledger_accounts a left join ledger_entries e on e.account_id = a.id where a.user_id is null
    group by a.id order by a.currency, a.kind, a.name`)
  return rows.map(({ sum, ...account }) => ({ ...account, balance: BigInt(sum) }))
}

describe('sealing', () => {
  it('proposes first and seals later, stretch after stretch', async () => {
    const ctx = context()
    await postSale(ctx, userId, 1000n)
    await sealAll(ctx)
    const before = await seals()
    expect(await sealLedger(ctx)).toEqual({ sealed: null, proposedUpto: null })

    const first = await postSale(ctx, userId, 1000n)
    const { transferId } = await postSale(ctx, userId, 1000n)
    expect(await sealLedger(ctx)).toEqual({ sealed: null, proposedUpto: transferId })
    await postSale(ctx, userId, 1000n)
    while ((await seals()).length === before.length) await sealLedger(ctx)
    const last = before.at(-1)
    expect((await seals()).at(-1)).toEqual({
      no: (last?.no ?? 0) + 1,
      from: Number(first.transferId) - 1,
      upto: Number(transferId),
      transfers: 2,
      entries: 8,
    })
    expect(await verifyLedger(ctx)).toMatchObject({ ok: true, sealNo: String((last?.no ?? 0) + 1) })
  })

  it('waits for a posting that began earlier, though later ones have ended, and includes it', async () => {
    const ctx = context()
    await sealAll(ctx)
    let upto: bigint | null = null
    const early = await inTransaction(ctx, async (tx) => {
      const { transferId } = await postTransferIn(tx)
      const later = await postSale(ctx, (await givenHolder(database.db)).userId, 1000n)
      upto = (await sealLedger(ctx)).proposedUpto
      expect(upto).toBe(later.transferId)
      for (let tries = 0; tries < 5; tries += 1) expect((await sealLedger(ctx)).sealed).toBeNull()
      return transferId
    })
    await sealAll(ctx)
    const seal = (await seals()).find((row) => row.upto === Number(upto))
    expect(seal).toMatchObject({ transfers: 2, upto: Number(early) + 1 })
    expect((await verifyLedger(ctx)).violations).toEqual([])
  })

  it('is right also within a transaction that began long ago', async () => {
    const ctx = context()
    await sealAll(ctx)
    let release = () => {}
    const held = new Promise<void>((resume) => {
      release = resume
    })
    let drawn = () => {}
    const isDrawn = new Promise<void>((resume) => {
      drawn = resume
    })
    const other = (await givenHolder(database.db)).userId
    let underWay: Promise<unknown> | undefined
    await inTransaction(ctx, async (tx) => {
      // This transaction has its number; the posting under way gets a higher one, and an id below the one proposed.
      await tx.db.execute(sql`select pg_current_xact_id()`)
      underWay = inTransaction(ctx, async (late) => {
        await postTransferIn(late)
        drawn()
        await held
      })
      await isDrawn
      await postSale(ctx, other, 1000n)
      expect((await sealLedger({ ...ctx, db: tx.db })).proposedUpto).not.toBeNull()
    })
    for (let tries = 0; tries < 5; tries += 1) expect((await sealLedger(ctx)).sealed).toBeNull()
    release()
    await underWay
    await sealAll(ctx)
    expect((await verifyLedger(ctx)).violations).toEqual([])
  })

  it('by many at once has one effect', async () => {
    const ctx = context()
    await sealAll(ctx)
    const before = (await seals()).length
    await postSale(ctx, userId, 1000n)
    await sealLedger(ctx)
    while ((await seals()).length === before)
      await Promise.all(Array.from({ length: 8 }, () => sealLedger(ctx)))
    expect(await seals()).toHaveLength(before + 1)
  })

  it('goes on after a restore, where transactions are counted anew', async () => {
    const ctx = context()
    await postSale(ctx, userId, 1000n)
    await sealLedger(ctx)
    await database.owner.execute(sql`update ledger_seal_proposal set xmax_then = 4000000000000000000`)
    const { sealed, proposedUpto } = await sealLedger(ctx)
    expect(sealed).toBeNull()
    expect(proposedUpto).not.toBeNull()
    await sealAll(ctx)
    expect((await verifyLedger(ctx)).violations).toEqual([])
  })

  const postTransferIn = (ctx: Parameters<typeof postTransfer>[0]) =>
    postTransfer(ctx, {
      key: crypto.randomUUID(),
      kind: 'test',
      currency: 'USD',
      referenceType: 'test',
      referenceId: '1',
      entries: [
        { account: { kind: 'revenue' }, amount: -5n },
        { account: { kind: 'available', userId }, amount: 5n, lineType: 'COMMISSION' },
      ],
    })
})

describe("the platform's balances", () => {
  it('are the latest snapshot and what came since', async () => {
    const ctx = context()
    await postSale(ctx, userId, 1000n)
    await postSale(ctx, userId, 300n, { currency: 'KWD' })
    expect(await platformBalances(ctx)).toEqual(await sums())
    await sealAll(ctx)
    expect(await platformBalances(ctx)).toEqual(await sums())
    await postSale(ctx, userId, 200n)
    await postSale(ctx, userId, 200n, { currency: 'AED' })
    expect(await platformBalances(ctx)).toEqual(await sums())
    await sealAll(ctx)
    await sealAll(ctx)
    const balances = await platformBalances(ctx)
    expect(balances).toEqual(await sums())
    expect(balances.find(({ kind, currency }) => kind === 'tax' && currency === 'KWD')?.balance).toBe(15n)
  })
})

it('whatever is posted while it is sealed, the books verify, and snapshots and tail are the sums', async () => {
  const holders = [userId, (await givenHolder(database.db)).userId, (await givenHolder(database.db)).userId]
  const step = fc.record({
    who: fc.integer({ min: 0, max: 2 }),
    base: fc.bigInt({ min: 8n, max: 1_000_000n }),
    currency: fc.constantFrom('USD', 'EUR', 'JPY'),
    seals: fc.boolean(),
    fails: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const ctx = context()
      await Promise.all(
        steps.map(async ({ who, base, currency, seals: alsoSeals, fails }) => {
          const holder = holders[who] ?? userId
          const posted = inTransaction(ctx, async (tx) => {
            await postSale({ ...ctx, db: tx.db }, holder, base, { currency })
            if (fails) throw new Error('given up')
          })
          await (fails ? expect(posted).rejects.toThrow('given up') : posted)
          if (alsoSeals) await sealLedger(ctx)
        }),
      )
      const [balances, proof] = [await platformBalances(ctx), await verifyLedger(ctx)]
      expect(proof.violations).toEqual([])
      expect(balances).toEqual(await sums())
    }),
    { numRuns: 12 },
  )
  await sealAll(context())
  expect(await verifyLedger(context())).toMatchObject({ ok: true })
  expect(await platformBalances(context())).toEqual(await sums())
})
