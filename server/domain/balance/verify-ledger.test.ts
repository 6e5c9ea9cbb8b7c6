import { randomUUID } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { givenHolder } from '../../../db/testing/factories/balance'
import { createBalanceTransaction, postTransfer, verifyLedger } from '.'

const database = useDatabase({ broken: 'posts to the ledger without what it would be about' })

let accountId: string
let entryId: string
let transferId: string
let lastId: string

beforeEach(async () => {
  const { userId } = await givenHolder(database.db)
  const lines = []
  for (const amount of [100n, 200n, 300n])
    lines.push(
      await createBalanceTransaction(testContext(database.db), {
        userId,
        type: 'COMMISSION',
        amount,
        currency: 'USD',
        referenceType: 'test',
        referenceId: '1',
        notes: '',
        idempotencyKey: randomUUID(),
      }),
    )
  entryId = lines[1]?.id ?? ''
  lastId = lines[2]?.id ?? ''
  const [entry] = await database.db.execute<{ account_id: string; transfer_id: string }>(
    sql`select account_id::text, transfer_id::text from ledger_entries where id = ${entryId}`,
  )
  accountId = entry?.account_id ?? ''
  transferId = entry?.transfer_id ?? ''
})

describe('the proof', () => {
  it('finds nothing in books nobody touched', async () => {
    const ctx = testContext(database.db)
    const before = await verifyLedger(ctx)
    await postTransfer(ctx, {
      key: randomUUID(),
      kind: 'payment',
      currency: 'KWD',
      referenceType: 'payment',
      referenceId: '1',
      entries: [
        { account: { kind: 'provider', name: 'sandbox' }, amount: -1150n },
        { account: { kind: 'revenue' }, amount: 1000n },
        { account: { kind: 'tax' }, amount: 150n },
      ],
    })
    expect(await verifyLedger(ctx)).toEqual({
      ok: true,
      checked: {
        transfers: before.checked.transfers + 1,
        entries: before.checked.entries + 3,
        accounts: before.checked.accounts + 3,
        seals: 0,
      },
      found: 0,
      sealNo: null,
      violations: [],
    })
  })

  it('names the entry and the transfer whose amount was altered', async () => {
    const found = await alteredBy(
      sql`update ledger_entries set amount = amount + 1, balance_after = balance_after + 1 where id = ${entryId}`,
    )
    expect(named(found)).toEqual([
      `ACCOUNT ${accountId}`,
      `ENTRY ${entryId}`,
      `ENTRY ${lastId}`,
      `TRANSFER ${transferId}`,
    ])
    expect(found.find(({ id }) => id === lastId)?.problem).toBe('the balance before it is 300 instead of 301')
    expect(found.find(({ kind }) => kind === 'TRANSFER')?.problem).toContain('its entries sum to 1')
  })

  it('names the entry whose amount was altered together with all that should follow from it', async () => {
    const found = await alteredBy(
      sql`update ledger_entries set amount = amount + 1, balance_after = balance_after + 1 where id = ${entryId}`,
      sql`update ledger_entries set balance_before = balance_before + 1, balance_after = balance_after + 1
        where account_id = ${accountId} and seq = 3`,
      sql`update ledger_entries set amount = amount - 1 where transfer_id = ${transferId} and id <> ${entryId}`,
      sql`update ledger_accounts set balance = balance + 1 where id = ${accountId}`,
    )
    expect(named(found)).toContain(`ENTRY ${entryId}`)
    expect(named(found)).toContain(`TRANSFER ${transferId}`)
  })

  it('names the line whose type was altered', async () => {
    const found = await alteredBy(
      sql`update ledger_entries set line_type = 'ADJUSTMENT' where id = ${entryId}`,
    )
    expect(named(found)).toEqual([`ACCOUNT ${accountId}`, `ENTRY ${entryId}`, `TRANSFER ${transferId}`])
    expect(found[1]).toEqual({
      kind: 'ENTRY',
      id: entryId,
      accountId,
      transferId,
      problem: 'it is none of those its transfer was posted with; its hash does not continue the chain',
    })
  })

  it('names the account whose balance was altered', async () => {
    const found = await alteredBy(
      sql`update ledger_accounts set balance = balance + 1 where id = ${accountId}`,
    )
    expect(found).toEqual([
      {
        kind: 'ACCOUNT',
        id: accountId,
        accountId,
        transferId: null,
        problem: 'its balance is 601, its entries sum to 600',
      },
    ])
  })

  it('names the line whose time was altered', async () => {
    const found = await alteredBy(
      sql`update ledger_entries set created_at = created_at - interval '1 hour' where id = ${entryId}`,
    )
    expect(named(found)).toEqual([`ENTRY ${entryId}`])
    expect(found[0]?.problem).toContain('older than the entry before it')
  })

  it('names the transfer whose note was altered', async () => {
    const found = await alteredBy(sql`update ledger_transfers set notes = 'else' where id = ${transferId}`)
    expect(named(found)).toEqual([`TRANSFER ${transferId}`])
  })

  it('names the transfer one of whose platform entries was moved to another account', async () => {
    const found = await alteredBy(sql`update ledger_entries set account_id =
      (select id from ledger_accounts where kind = 'tax' limit 1) where transfer_id = ${transferId} and id <> ${entryId}`)
    expect(named(found)).toContain(`TRANSFER ${transferId}`)
  })

  it('names what surrounds a line that was removed, though its transfer went too', async () => {
    const found = await alteredBy(
      sql`delete from ledger_entries where transfer_id = ${transferId}`,
      sql`delete from ledger_transfers where id = ${transferId}`,
    )
    expect(named(found)[0]).toBe(`ACCOUNT ${accountId}`)
    expect(found.find(({ kind }) => kind === 'ENTRY')?.problem).toContain('it is counted 3 instead of 2')
  })

  it('names a transfer without entries', async () => {
    const found = await alteredBy(sql`delete from ledger_entries where transfer_id = ${transferId}`)
    expect(found.find(({ kind }) => kind === 'TRANSFER')).toMatchObject({
      id: transferId,
      problem: /it has 0 entries/,
    })
  })
})

class Undo extends Error {}

/** What the proof finds after changes behind the triggers' back, which are taken back again. */
const alteredBy = async (...changes: SQL[]) => {
  let proof: Awaited<ReturnType<typeof verifyLedger>> | undefined
  const work = database.owner.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    for (const change of changes) await tx.execute(change)
    proof = await verifyLedger({ ...testContext(database.db), db: tx })
    throw new Undo()
  })
  await expect(work).rejects.toThrow(Undo)
  expect(proof?.ok).toBe(false)
  return proof?.violations ?? []
}

const named = (violations: readonly { kind: string; id: string }[]) =>
  violations.map(({ kind, id }) => `${kind} ${id}`)
