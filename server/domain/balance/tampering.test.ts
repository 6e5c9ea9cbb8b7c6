import { randomUUID } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import { beforeAll, describe, expect, it } from 'vitest'
import { issuedStatements } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { givenHolder } from '../../../db/testing/factories/balance'
import { postSale, sealAll } from '../../../db/testing/factories/ledger'
import { inTransaction } from '../../kit/context'
import { createBalanceTransaction, postTransfer, verifyLedger } from '.'
import type { LedgerProof, Violation } from './schemas'

const database = useDatabase({ broken: 'posts to the ledger without what it would be about' })

/** A row, by what its table calls it, as a violation names it. */
interface Row {
  readonly table: string
  readonly where: SQL
  readonly named: (violation: Violation) => boolean
}

let userId: string
let otherUser: string
/** Without any account. */
let stranger: string
/** Of the sealed stretches: a sale, its line, the revenue's entry, and an id that was drawn and given up. */
const sealed = { transfer: '', line: '', revenue: '', other: '', gap: '', seal: '', entries: [] as string[] }
const account = { user: '', platform: '' }
const rows: Record<string, () => Row> = {
  "a user's account": () => byId('ledger_accounts', 'ACCOUNT', account.user),
  "a platform's account": () => byId('ledger_accounts', 'ACCOUNT', account.platform),
  'a transfer': () => byId('ledger_transfers', 'TRANSFER', sealed.transfer),
  "an entry of a user's account": () => byId('ledger_entries', 'ENTRY', sealed.line),
  "an entry of a platform's account": () => byId('ledger_entries', 'ENTRY', sealed.revenue),
  'the first seal': () => bySeal('1'),
  'the last seal': () => bySeal(sealed.seal),
  'a snapshot of the first seal': () => snapshot('1'),
  'a snapshot of the last seal': () => snapshot(sealed.seal),
}
const byId = (table: string, kind: Violation['kind'], id: string): Row => ({
  table,
  where: sql`id = ${id}::bigint`,
  named: (violation) => violation.kind === kind && [id, moved(id)].includes(violation.id),
})
const bySeal = (no: string): Row => ({
  table: 'ledger_seals',
  where: sql`no = ${no}::bigint`,
  named: ({ kind, id }) => kind === 'SEAL' && [no, moved(no)].includes(id),
})
const snapshot = (no: string): Row => ({
  table: 'ledger_snapshots',
  where: sql`seal_no = ${no}::bigint and account_id = ${account.platform}::bigint`,
  named: ({ kind, id, accountId }) =>
    kind === 'SNAPSHOT' && id === no && [account.platform, moved(account.platform)].includes(accountId ?? ''),
})

/** What an altered number becomes. */
const moved = (number: string) => String(BigInt(number) + 1_000_000n)

beforeAll(async () => {
  const ctx = testContext(database.db)
  userId = (await givenHolder(database.db)).userId
  otherUser = (await givenHolder(database.db)).userId
  stranger = (await givenHolder(database.db)).userId
  ctx.clock.set(new Date('2020-01-10T00:00:00Z'))
  await postSale(ctx, otherUser, 5000n)
  await postSale(ctx, userId, 1000n)
  await sealAll(ctx)
  const { transferId } = await postSale(ctx, userId, 2000n)
  const given = inTransaction(ctx, async (tx) => {
    sealed.gap = String((await postSale({ ...ctx, db: tx.db }, userId, 1n)).transferId)
    throw new Error('given up')
  })
  await expect(given).rejects.toThrow('given up')
  await issueStatement(userId)
  await createBalanceTransaction(ctx, {
    userId,
    type: 'WITHDRAWAL',
    amount: -3n,
    currency: 'USD',
    referenceType: 'withdrawal',
    referenceId: '1',
    notes: '',
    idempotencyKey: randomUUID(),
  })
  await sealAll(ctx)
  await postSale(ctx, userId, 3000n)
  const [found] = await database.db.execute<
    Record<'line' | 'revenue' | 'other' | 'user' | 'platform' | 'seal', string>
  >(sql`
    select l.id::text line, r.id::text revenue, l.account_id::text "user", r.account_id::text platform,
      (select min(id)::text from ledger_entries where transfer_id = ${transferId} and seq is null and id <> r.id) other,
      (select max(no)::text from ledger_seals) seal
    from ledger_entries l, ledger_entries r join ledger_accounts a on a.id = r.account_id and a.kind = 'revenue'
    where l.transfer_id = ${transferId} and l.seq is not null and r.transfer_id = ${transferId}`)
  if (found === undefined) throw new Error('no sale')
  Object.assign(sealed, found, { transfer: String(transferId) })
  Object.assign(account, found)
  const entries = await database.db.execute<{ id: string }>(
    sql`select id::text from ledger_entries where transfer_id = ${transferId} order by ledger_entries.id`,
  )
  sealed.entries = entries.map(({ id }) => id)
  expect(await verifyLedger(ctx)).toMatchObject({ ok: true, violations: [] })
})

const issueStatement = async (user: string) => {
  const [periodFrom, periodTo] = [new Date('2020-01-01T00:00:00Z'), new Date('2020-02-01T00:00:00Z')]
  await database.db.transaction(async (tx) => {
    await tx.execute(sql`select ledger_close_period(${user}, 'USD', ${periodTo.toISOString()}::timestamptz)`)
    await tx.insert(issuedStatements).values({
      id: randomUUID(),
      userId: user,
      currency: 'USD',
      periodFrom,
      periodTo,
      timezone: 'UTC',
      document: '',
      keyId: '',
      signature: '',
      issuedAt: periodTo,
    })
  })
}

describe.each(Object.keys(rows))('%s', (name) => {
  const row = () => rows[name]?.() ?? bySeal('')

  it('is named when any of its columns was altered', async () => {
    const { table, where, named } = row()
    const columns = await database.db.execute<{ column: string; type: string }>(sql`
      select column_name "column", udt_name "type" from information_schema.columns
      where table_schema = 'public' and table_name = ${table} order by ordinal_position`)
    expect(columns.length).toBeGreaterThan(3)
    const missed: string[] = []
    for (const { column, type } of columns) {
      const to = another(type, sql.identifier(column))
      const proof = await provenAfter(
        sql`update ${sql.identifier(table)} set ${sql.identifier(column)} = ${to} where ${where}`,
      )
      if (!proof.violations.some(named)) missed.push(`${column}: ${JSON.stringify(proof.violations)}`)
    }
    expect(missed).toEqual([])
  })

  it('is missed when it was removed', async () => {
    const { table, where, named } = row()
    const proof = await provenAfter(sql`delete from ${sql.identifier(table)} where ${where}`)
    const traces = {
      ledger_entries: ({ kind, id }: Violation) => kind === 'TRANSFER' && id === sealed.transfer,
      ledger_transfers: ({ kind, transferId }: Violation) =>
        kind === 'ENTRY' && transferId === sealed.transfer,
      ledger_accounts: ({ kind, accountId }: Violation) =>
        kind === 'ENTRY' && [account.user, account.platform].includes(accountId ?? ''),
    }[table]
    expect(proof.violations.filter(traces ?? named)).not.toEqual([])
  })
})

/** Another plausible value of a column's type; a type nobody thought of fails. */
const another = (type: string, column: ReturnType<typeof sql.identifier>): SQL => {
  switch (type) {
    case 'int8':
      return sql`coalesce(${column}, 0) + 1000000`
    case 'text':
      return sql`${column} || 'x'`
    case 'bpchar':
      return sql`'EUR'`
    case 'bytea':
      return sql`sha256('another')`
    case 'timestamptz':
      return sql`coalesce(${column} + interval '1 second', '2020-02-01')`
    case 'uuid':
      return sql`case when ${column} is null then ${userId} else ${stranger} end::uuid`
    case 'account_kind':
      return sql`case ${column} when 'available' then 'pending' else 'fees' end::account_kind`
    case 'balance_transaction_type':
      return sql`case ${column} when 'COMMISSION' then 'ADJUSTMENT' else 'COMMISSION' end::balance_transaction_type`
    default:
      throw new Error(`say what another ${type} would be`)
  }
}

describe('in a sealed stretch', () => {
  it('entries that cancel each other out are found with the transfer they were added to', async () => {
    const proof = await provenAfter(sql`
      insert into ledger_entries (id, transfer_id, account_id, currency, amount, hash, created_at)
      select 900000 + n, t.id, ${account.platform}::bigint, t.currency, amount, ledger_entry_mark(900000 + n, t.hash),
        t.created_at
      from ledger_transfers t, (values (1, 100), (2, -100)) more(n, amount) where t.id = ${sealed.transfer}::bigint`)
    expect(proof.violations).toContainEqual(
      expect.objectContaining({
        kind: 'TRANSFER',
        id: sealed.transfer,
        problem: 'it is not what was posted',
      }),
    )
    expect(kinds(proof)).toContain('SEAL')
  })

  it('a transfer that fits in every respect is found by the seal', async () => {
    const proof = await undone(
      sql`insert into ledger_transfers
        (id, idempotency_key, fingerprint, kind, currency, reference_type, reference_id, created_at) overriding system value
        select ${sealed.gap}::bigint, 'added',
          (select string_agg(ledger_entry_bytes(a.id, m.amount, null), '' order by a.id)
            from (values ('revenue', -100), ('tax', 100)) m(kind, amount)
              join ledger_accounts a on a.kind::text = m.kind and a.currency = 'USD'),
          'test', 'USD', 'test', '1', '2020-01-10'`,
      sql`insert into ledger_entries (transfer_id, account_id, currency, amount, created_at)
        select ${sealed.gap}::bigint, a.id, 'USD', m.amount, '2020-01-10'
        from (values ('revenue', -100), ('tax', 100)) m(kind, amount)
          join ledger_accounts a on a.kind::text = m.kind and a.currency = 'USD' order by a.id`,
    )
    expect(proof.violations).toContainEqual(
      expect.objectContaining({
        kind: 'SEAL',
        id: sealed.seal,
        problem: expect.stringMatching(/speaks of 2 transfers/),
      }),
    )
    expect(new Set(kinds(proof))).toEqual(new Set(['SEAL', 'SNAPSHOT']))
  })

  it('a transfer removed with all its entries is found by the seal', async () => {
    const ctx = testContext(database.db)
    const { transferId } = await postTransfer(ctx, {
      key: randomUUID(),
      kind: 'test',
      currency: 'USD',
      referenceType: 'test',
      referenceId: '1',
      entries: [
        { account: { kind: 'revenue' }, amount: -1n },
        { account: { kind: 'tax' }, amount: 1n },
      ],
    })
    await sealAll(ctx)
    const proof = await provenAfter(
      sql`delete from ledger_entries where transfer_id = ${transferId}`,
      sql`delete from ledger_transfers where id = ${transferId}`,
    )
    expect(new Set(kinds(proof))).toEqual(new Set(['SEAL', 'SNAPSHOT']))
  })

  it('an altered amount is found by the seal though every hash of the account was made to fit', async () => {
    const proof = await provenAfter(
      sql`update ledger_entries set amount = amount + 100 where id = ${sealed.line}::bigint`,
      sql`update ledger_entries set amount = amount - 100 where id = ${sealed.revenue}::bigint`,
      everythingMadeToFit,
    )
    expect(proof.violations).toContainEqual(expect.objectContaining({ kind: 'SEAL', id: sealed.seal }))
    expect(new Set(kinds(proof))).toEqual(new Set(['SEAL', 'SNAPSHOT']))
  })

  it.each([
    [
      "a user's account given to another",
      () => sql`user_id = ${stranger} where id = ${account.user}::bigint`,
    ],
    ["a platform's account renamed", () => sql`name = 'other' where id = ${account.platform}::bigint`],
  ])('%s is found by the seal though every hash was made to fit', async (_, change) => {
    const proof = await provenAfter(sql`update ledger_accounts set ${change()}`, everythingMadeToFit)
    expect(kinds(proof)).toContain('SEAL')
  })

  it('two entries of the platform that changed places are found', async () => {
    const lowest = sql`(select min(id) from ledger_entries where transfer_id = ${sealed.transfer}::bigint)`
    const proof = await provenAfter(sql`
      update ledger_entries e set account_id = o.account_id, amount = o.amount
      from ledger_entries o where o.transfer_id = e.transfer_id and e.transfer_id = ${sealed.transfer}::bigint
        and e.seq is null and o.id = (case e.id when ${lowest} then ${sealed.revenue}::bigint
          when ${sealed.revenue}::bigint then ${lowest} end)`)
    expect(proof.violations).toContainEqual(
      expect.objectContaining({
        kind: 'TRANSFER',
        id: sealed.transfer,
        problem: 'it is not what was posted',
      }),
    )
  })

  it('two entries of the platform that exchanged their ids are found, however they lie', async () => {
    const proof = await provenAfter(
      sql`update ledger_entries set id = -id where transfer_id = ${sealed.transfer}::bigint`,
      // Written anew one after the other, so that they lie in the order of before.
      ...sealed.entries.map((id) => {
        const other = id === sealed.revenue ? sealed.other : id === sealed.other ? sealed.revenue : id
        return sql`update ledger_entries e
          set id = ${other}::bigint, hash = case when e.seq is null then ledger_entry_mark(${other}, t.hash) else e.hash end
          from ledger_transfers t where t.id = e.transfer_id and e.id = -${id}::bigint`
      }),
    )
    expect(proof.violations).toEqual([
      expect.objectContaining({
        kind: 'TRANSFER',
        id: sealed.transfer,
        problem: 'it is not what was posted',
      }),
    ])
  })

  it('the last seal is missed by the proofs that looked up to it, though its snapshots went too', async () => {
    const proof = await provenAfter(
      sql`insert into ledger_proofs (id, scope, ok, checked, violations, seal_no, started_at, finished_at)
        select gen_random_uuid(), 'FULL', true, '{}', '[]', max(no), now(), now() from ledger_seals`,
      sql`delete from ledger_snapshots where seal_no = (select max(no) from ledger_seals)`,
      sql`delete from ledger_seals where no = (select max(no) from ledger_seals)`,
    )
    expect(kinds(proof)).toEqual(['SEAL'])
  })
})

describe('an incremental proof', () => {
  const since = async () => {
    const ctx = testContext(database.db)
    await sealAll(ctx)
    const { sealNo } = await verifyLedger(ctx)
    await postSale(ctx, userId, 700n)
    return { scope: 'INCREMENTAL', sinceSeal: BigInt(sealNo ?? 0) } as const
  }

  it('looks at what came after a seal only, and goes on from the entries before it', async () => {
    const input = await since()
    expect(await verifyLedger(testContext(database.db), input)).toMatchObject({
      ok: true,
      checked: { transfers: 1, entries: 4, accounts: 4, seals: 0 },
    })
    await sealAll(testContext(database.db))
    expect(await verifyLedger(testContext(database.db), input)).toMatchObject({
      ok: true,
      checked: { transfers: 1, seals: 1 },
    })
  })

  it('finds what was altered of a new entry, of what it goes on from, and of the account', async () => {
    const input = await since()
    const newest = sql`(select max(id) from ledger_entries where account_id = ${account.user}::bigint)`
    const proofs = await Promise.all(
      [
        sql`update ledger_entries set amount = amount + 1 where id = ${newest}`,
        sql`update ledger_entries set hash = sha256('') where account_id = ${account.user}::bigint
          and seq = (select version - 1 from ledger_accounts where id = ${account.user}::bigint)`,
        sql`update ledger_accounts set balance = balance + 1 where id = ${account.user}::bigint`,
        sql`delete from ledger_seals where no = ${input.sinceSeal}`,
      ].map((change) => provenAfterBy(input, change)),
    )
    expect(proofs.map(({ ok }) => ok)).toEqual([false, false, false, false])
  })
})

it('a transfer on accounts of another currency is found though every hash fits', async () => {
  const proof = await provenAfter(
    sql`insert into ledger_transfers
      (id, idempotency_key, fingerprint, hash, kind, currency, reference_type, reference_id, created_at)
      values (5000000, 'foreign', '', '', 'test', 'EUR', 'test', '1', now())`,
    sql`insert into ledger_entries (id, transfer_id, account_id, currency, amount, hash, created_at)
      select 5000000 + m.n, 5000000, ${account.platform}::bigint, 'EUR', m.amount, '', now()
      from (values (1, 100), (2, -100)) m(n, amount)`,
    everythingMadeToFit,
  )
  expect(proof.violations).toEqual([
    expect.objectContaining({
      kind: 'TRANSFER',
      id: '5000000',
      problem: 'its entries are not all in its currency',
    }),
  ])
})

it('a proof tells of two hundred violations at most, and counts them all', async () => {
  const proof = await provenAfter(sql`
    insert into ledger_transfers (id, idempotency_key, fingerprint, hash, kind, currency, reference_type, reference_id, created_at)
    select 5000000 + n, 'forged ' || n, '', '', 'x', 'USD', 'x', '', now() from generate_series(1, 250) n`)
  expect(proof).toMatchObject({ ok: false, found: 250 })
  expect(proof.violations).toHaveLength(200)
})

const kinds = (proof: LedgerProof) => proof.violations.map(({ kind }) => kind)

/** What somebody would do who knows how every hash is made: all but the seals is computed anew. */
const everythingMadeToFit = sql`
  do $$
  declare e record; account bigint; h bytea; total bigint;
  begin
    update ledger_accounts set identity = ledger_account_hash(id, kind, user_id, name, currency);
    update ledger_transfers set fingerprint = ledger_fingerprint(id);
    update ledger_transfers set hash = ledger_transfer_hash(id, idempotency_key, fingerprint, kind, currency,
      reference_type, reference_id, notes, created_at);
    update ledger_entries p set hash = ledger_entry_mark(p.id, t.hash)
      from ledger_transfers t where t.id = p.transfer_id and p.seq is null;
    for e in select l.*, t.hash transfer_hash, a.identity from ledger_entries l join ledger_transfers t on t.id = l.transfer_id
        join ledger_accounts a on a.id = l.account_id
      where l.seq is not null order by l.account_id, l.seq
    loop
      if account is distinct from e.account_id then account := e.account_id; h := e.identity; total := 0; end if;
      h := ledger_entry_hash(h, e.transfer_hash, e.id, total + e.amount, e.created_at, e.line_type);
      update ledger_entries set balance_before = total, balance_after = total + e.amount, hash = h where id = e.id;
      total := total + e.amount;
      update ledger_accounts a set balance = total, head = h where a.id = e.account_id;
    end loop;
    update ledger_accounts a set earned = (select coalesce(sum(l.amount), 0) from ledger_entries l
      join ledger_transfers t on t.id = l.transfer_id where l.account_id = a.id and ledger_earns(l.line_type, t.reference_type))
      where a.kind = 'available';
  end $$`

/** What a full proof finds after changes behind the back of triggers and constraints, which are taken back again. */
const provenAfter = (...changes: SQL[]) => provenAfterBy({ scope: 'FULL' }, ...changes)
const provenAfterBy = (input: Parameters<typeof verifyLedger>[1], ...changes: SQL[]) =>
  undone(sql`set local session_replication_role = replica`, withoutConstraints, ...changes, input)

class Undo extends Error {}

const undone = async (
  ...steps: readonly (SQL | Parameters<typeof verifyLedger>[1])[]
): Promise<LedgerProof> => {
  let proof: LedgerProof | undefined
  const work = database.owner.transaction(async (tx) => {
    let input: Parameters<typeof verifyLedger>[1] = { scope: 'FULL' }
    for (const step of steps)
      if (step !== undefined && 'scope' in step) input = step
      else if (step !== undefined) await tx.execute(step)
    proof = await verifyLedger({ ...testContext(database.db), db: tx }, input)
    throw new Undo()
  })
  await expect(work).rejects.toThrow(Undo)
  if (proof === undefined) throw new Error('no proof')
  expect(proof.ok).toBe(false)
  return proof
}

const withoutConstraints = sql`
  do $$
  declare c record;
  begin
    for c in select conrelid::regclass "table", conname from pg_constraint where contype = 'c'
      and conrelid::regclass::text in ('ledger_accounts', 'ledger_transfers', 'ledger_entries', 'ledger_seals')
    loop execute format('alter table %s drop constraint %I', c."table", c.conname); end loop;
    alter table ledger_accounts alter column id drop identity;
    alter table ledger_transfers alter column id drop identity;
    alter table ledger_entries alter column id drop identity;
  end $$`
