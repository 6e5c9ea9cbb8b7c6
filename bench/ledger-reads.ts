import { createHash } from 'node:crypto'
import postgres from 'postgres'
import { connect, type Db } from '../db/client'
import { testContext } from '../db/testing/context'
import { givenHolder } from '../db/testing/factories/balance'
import { getBalances, listTransactions, postTransfer, verifyLedger } from '../server/domain/balance'
import type { Context } from '../server/kit/context'
import { inTurns, printGoal, timed } from './measure'

/**
 * Reading and proving: B-6, B-7, and the balance and statement of an account with 1,000,000 entries.
 * @param url of an empty migrated database, as its owner
 */
export const benchLedgerReads = async (url: string): Promise<void> => {
  const owner = postgres(url, { max: 1, onnotice: () => {} })
  const connection = connect({ url }, { max: 2, role: null, statementTimeout: 300_000 })
  const ctx = testContext(connection.db)
  try {
    await owner.unsafe(MAKE_GROW)
    const small = await grown(ctx, owner, 1_000)
    await grown(ctx, owner, 40_000)
    await benchProof(ctx, owner, url)
    const middle = await grown(ctx, owner, 100_000)
    const large = await grown(ctx, owner, 1_000_000)
    await benchReads(ctx, { small, middle, large })
    await mustHold(ctx)
  } finally {
    await connection.close()
    await owner.end({ timeout: 5 })
  }
}

/**
 * Adds rows to the books as postings of one user's account would have left them: with the product's own hash functions,
 * the triggers off, and proven right afterwards. The account has to be there, made by a real posting.
 */
const MAKE_GROW = `
  create function bench_chain(p_account bigint, p_from bigint, p_entry bigint) returns setof ledger_entries
  language plpgsql as $$
  declare
    a ledger_accounts; t record; e ledger_entries; n bigint := 0;
  begin
    select * into a from ledger_accounts where id = p_account;
    e.account_id := a.id; e.currency := a.currency; e.amount := 100; e.line_type := 'COMMISSION';
    for t in select id, hash, created_at from ledger_transfers where id >= p_from order by id loop
      n := n + 1;
      e.id := p_entry + 2 * n; e.transfer_id := t.id; e.created_at := t.created_at;
      e.balance_before := a.balance + 100 * (n - 1); e.balance_after := a.balance + 100 * n; e.seq := a.version + n;
      e.hash := ledger_entry_hash(coalesce(e.hash, a.head), t.hash, e.id, e.balance_after, e.created_at, e.line_type);
      return next e;
    end loop;
  end $$;
  create function bench_grow(p_user uuid, p_count int) returns void language plpgsql as $$
  declare
    own bigint := ledger_account_id('available', p_user, '', 'USD');
    revenue bigint := ledger_account_id('revenue', null, '', 'USD');
    first_transfer bigint := (select max(id) + 1 from ledger_transfers);
    first_entry bigint := (select max(id) + 1 from ledger_entries);
    since timestamptz := (select max(created_at) from ledger_entries);
  begin
    set local session_replication_role = replica;
    insert into ledger_transfers (id, idempotency_key, fingerprint, hash, kind, currency, reference_type, reference_id,
        notes, created_at) overriding system value
      select id, key, fingerprint, ledger_transfer_hash(id, key, fingerprint, 'sale', 'USD', 'payment', n::text, '', moment),
        'sale', 'USD', 'payment', n::text, '', moment
      from (select first_transfer + n - 1 id, p_user || '-' || n as key, n, since + n * interval '1 second' as moment,
          ledger_entry_bytes(revenue, -100, null) || ledger_entry_bytes(own, 100, 'COMMISSION') fingerprint
        from generate_series(1, p_count) n) t;
    insert into ledger_entries (id, transfer_id, account_id, currency, amount, line_type, balance_before, balance_after,
        seq, hash, created_at) overriding system value
      select id, transfer_id, account_id, currency, amount, line_type, balance_before, balance_after, seq, hash, created_at
      from bench_chain(own, first_transfer, first_entry);
    insert into ledger_entries (id, transfer_id, account_id, currency, amount, hash, created_at) overriding system value
      select first_entry + 2 * (id - first_transfer) + 1, id, revenue, 'USD', -100,
        ledger_entry_mark(first_entry + 2 * (id - first_transfer) + 1, hash), created_at
      from ledger_transfers where id >= first_transfer;
    update ledger_accounts a set balance = a.balance + 100 * p_count, earned = a.earned + 100 * p_count,
      version = a.version + p_count, head = e.hash
      from ledger_entries e where a.id = own and e.account_id = own and e.seq = a.version + p_count;
    perform setval(pg_get_serial_sequence('ledger_transfers', 'id'), (select max(id) from ledger_transfers)),
      setval(pg_get_serial_sequence('ledger_entries', 'id'), (select max(id) from ledger_entries));
  end $$`

/** Somebody whose available account has so many entries. */
const grown = async (ctx: Context, owner: postgres.Sql, entries: number): Promise<string> => {
  const { userId } = await givenHolder(ctx.db as Db)
  await postTransfer(ctx, {
    key: `first-${userId}`,
    kind: 'sale',
    currency: 'USD',
    referenceType: 'payment',
    referenceId: userId,
    entries: [
      { account: { kind: 'revenue' }, amount: -100n },
      { account: { kind: 'available', userId }, amount: 100n, lineType: 'COMMISSION' },
    ],
  })
  await owner`select bench_grow(${userId}, ${entries - 1})`
  await owner.unsafe('vacuum analyze ledger_transfers, ledger_entries, ledger_accounts')
  return userId
}

const mustHold = async (ctx: Context): Promise<void> => {
  const { ok, violations, checked } = await verifyLedger(ctx, { scope: 'FULL' })
  if (!ok) throw new Error(`the books made here do not hold: ${JSON.stringify(violations.slice(0, 3))}`)
  console.log(`(the books made here hold: ${checked.transfers} transfers, ${checked.entries} entries)`)
}

const benchProof = async (ctx: Context, owner: postgres.Sql, url: string): Promise<void> => {
  await mustHold(ctx)
  const times = await inTurns(5, {
    sum: () => timed(() => owner`select sum(amount) from ledger_entries`),
    proof: () => timed(() => verifyLedger(ctx, { scope: 'FULL' })),
    cursor: () => timed(() => proveFromHere(url)),
  })
  const ms = (a: number, b: number) => `${a.toFixed(0)} and ${b.toFixed(0)} ms`
  printGoal({
    id: 'B-7',
    what: 'the full proof of 82,000 entries against a plain sum of them',
    measured: times.proof / times.sum,
    atMost: 12,
    behind: ms(times.proof, times.sum),
  })
  printGoal({
    id: 'B-7',
    what: 'the full proof against sums, chains and hashes checked through a cursor in Node',
    measured: times.cursor / times.proof,
    atLeast: 2.5,
    behind: ms(times.proof, times.cursor),
  })
}

interface ProofRow {
  id: string
  transfer_id: string
  account_id: string
  currency: string
  amount: string
  line_type: string | null
  balance_before: string | null
  balance_after: string | null
  seq: string | null
  hash: Buffer
  transfer_hash: Buffer
  identity: Buffer
  created_ms: string
}

/** Zero sums, running balances, counts, chains and hashes of all entries, as an application would check them. */
const proveFromHere = async (url: string): Promise<void> => {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const sums = new Map<string, bigint>()
  let account = ''
  let head: Buffer = Buffer.alloc(0)
  let running = 0n
  let seq = 0n
  try {
    const rows = sql<ProofRow[]>`
      select e.id::text, e.transfer_id::text, e.account_id::text, e.currency, e.amount::text, e.line_type, e.balance_before::text,
        e.balance_after::text, e.seq::text, e.hash, t.hash transfer_hash, a.identity,
        (extract(epoch from e.created_at) * 1000)::bigint::text created_ms
      from ledger_entries e join ledger_transfers t on t.id = e.transfer_id
        join ledger_accounts a on a.id = e.account_id order by e.account_id, e.seq, e.id`
    for await (const batch of rows.cursor(5_000))
      for (const row of batch) {
        const amount = BigInt(row.amount)
        sums.set(row.transfer_id, (sums.get(row.transfer_id) ?? 0n) + amount)
        if (row.account_id !== account) {
          account = row.account_id
          head = row.identity
          running = 0n
          seq = 0n
        }
        const inChain = row.seq !== null
        if (inChain) {
          seq += 1n
          if (BigInt(row.seq ?? 0) !== seq || BigInt(row.balance_before ?? 0) !== running)
            throw new Error(`entry ${row.id}`)
          running += amount
          if (BigInt(row.balance_after ?? 0) !== running) throw new Error(`entry ${row.id}`)
        }
        const hash = inChain ? hashOf(row, head) : Buffer.concat([int8(row.id), row.transfer_hash])
        if (!hash.equals(row.hash)) throw new Error(`hash of entry ${row.id}`)
        if (inChain) head = hash
      }
    for (const [transfer, sum] of sums) if (sum !== 0n) throw new Error(`transfer ${transfer}`)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

const EPOCH_2000 = 946_684_800_000n

const int8 = (value: string | bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}

const hashOf = (row: ProofRow, head: Buffer): Buffer =>
  createHash('sha256')
    .update(head)
    .update(row.transfer_hash)
    .update(int8(row.id))
    .update(int8(row.balance_after ?? ''))
    .update(int8((BigInt(row.created_ms) - EPOCH_2000) * 1000n))
    .update(row.line_type ?? '')
    .digest()

type Readers = Readonly<Record<'small' | 'middle' | 'large', string>>

/** Each figure is the time of twenty calls of the product's own verb. */
const benchReads = async (ctx: Context, { small, middle, large }: Readers): Promise<void> => {
  const twenty = (read: () => Promise<unknown>) => () =>
    timed(async () => {
      for (let n = 0; n < 20; n += 1) await read()
    })
  const page = (userId: string, cursor?: string) => listTransactions(ctx, { userId, limit: 25, cursor })
  const middleOf = async (userId: string): Promise<string> => {
    const [line] = (
      await ctx.db.execute<{ cursor: string }>(`
        select encode(convert_to(to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '|' || e.account_id
          || '.' || e.seq, 'UTF8'), 'base64') "cursor"
        from ledger_entries e join ledger_accounts a on a.id = e.account_id
        where a.user_id = '${userId}' and a.kind = 'available' and e.seq = a.version / 2`)
    ).map(({ cursor }) => Buffer.from(cursor, 'base64').toString('base64url'))
    if (line === undefined) throw new Error('there is no line in the middle')
    return line
  }
  const cursors = {
    small: await middleOf(small),
    middle: await middleOf(middle),
    large: await middleOf(large),
  }
  const times = await inTurns(9, {
    balanceSmall: twenty(() => getBalances(ctx, small)),
    balanceLarge: twenty(() => getBalances(ctx, large)),
    newestSmall: twenty(() => page(small)),
    newestLarge: twenty(() => page(large)),
    insideSmall: twenty(() => page(small, cursors.small)),
    insideMiddle: twenty(() => page(middle, cursors.middle)),
    insideLarge: twenty(() => page(large, cursors.large)),
  })
  const us = (a: number, b: number) => `${(a * 50).toFixed(0)} and ${(b * 50).toFixed(0)} us`
  const goal = (id: string, what: string, one: number, other: number, atMost: number) =>
    printGoal({ id, what, measured: one / other, atMost, behind: us(one, other) })
  goal(
    'B-6',
    'a page in the middle of 1,000,000 entries against 100,000',
    times.insideLarge,
    times.insideMiddle,
    1.5,
  )
  goal('B-6', 'the balance with 1,000,000 entries against 1,000', times.balanceLarge, times.balanceSmall, 2)
  goal('B-6', 'the newest page of 1,000,000 entries against 1,000', times.newestLarge, times.newestSmall, 2)
  goal(
    'B-6',
    'a page in the middle of 1,000,000 entries against 1,000',
    times.insideLarge,
    times.insideSmall,
    2,
  )
}
