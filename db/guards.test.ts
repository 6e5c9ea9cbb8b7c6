import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { sealLedger } from '../server/domain/balance'
import { sqlState, violatedConstraint } from '../server/kit/errors'
import type { Db } from './client'
import { testContext } from './testing/context'
import { useDatabase } from './testing/database'
import { givenHolder } from './testing/factories/balance'
import { sealAll } from './testing/factories/ledger'

const database = useDatabase({ max: 20, broken: 'posts to the ledger without what it would be about' })

let user: string
/** A transfer of 500 USD cents from the revenue to a fresh user. */
let transfer: bigint
let available: bigint
let revenue: bigint

beforeEach(async () => {
  user = (await givenHolder(database.db)).userId
  transfer = await post(database.db, { entries: credit(500) })
  available = await accountOf(transfer, 'available')
  revenue = await accountOf(transfer, 'revenue')
})

const roles = ['application', 'owner'] as const
const as = (role: (typeof roles)[number]): Db => (role === 'owner' ? database.owner : database.db)
/** The application's role has no such right; the owner meets the trigger. */
const refusal = (role: (typeof roles)[number], owner: string) => (role === 'owner' ? owner : '42501')

describe.each(roles)('as the %s', (role) => {
  it.each(['ledger_transfers', 'ledger_entries'])('an update of %s is refused', async (table) => {
    const change = as(role).execute(sql`update ${sql.identifier(table)} set created_at = now()`)
    expect(await stateOf(change)).toBe(refusal(role, '23001'))
  })

  it.each(['ledger_transfers', 'ledger_entries', 'ledger_accounts'])(
    'a delete from %s is refused',
    async (table) => {
      const change = as(role).execute(sql`delete from ${sql.identifier(table)}`)
      expect(await stateOf(change)).toBe(refusal(role, '23001'))
    },
  )

  it.each(['ledger_transfers', 'ledger_entries', 'ledger_accounts'])(
    'a truncate of %s is refused',
    async (table) => {
      const change = as(role).execute(sql`truncate ${sql.identifier(table)} cascade`)
      expect(await stateOf(change)).toBe(refusal(role, '23001'))
    },
  )

  it('a truncate of the users does not reach the ledger', async () => {
    expect(await stateOf(as(role).execute(sql`truncate users cascade`))).toBe(refusal(role, '23001'))
  })

  it('an upsert does not change a transfer', async () => {
    const change = as(role).execute(sql`
      insert into ledger_transfers (idempotency_key, fingerprint, kind, currency, reference_type, reference_id, created_at)
      select idempotency_key, fingerprint, kind, currency, reference_type, reference_id, created_at from ledger_transfers
      on conflict (idempotency_key) do update set notes = 'changed'`)
    expect(await stateOf(change)).toBe(refusal(role, '23001'))
  })

  it.each(['balance = balance + 100', 'version = 9', "head = ''", "currency = 'EUR'", 'user_id = null'])(
    'an account is not set directly: %s',
    async (assignment) => {
      const [column = '', value = ''] = assignment.split(' = ')
      const to =
        value === 'null'
          ? sql`null`
          : value.includes('+')
            ? sql`balance + 100`
            : sql`${value.replaceAll("'", '')}`
      const cast = { version: sql`::bigint`, head: sql`::bytea`, currency: sql`::bpchar` }[column] ?? sql``
      const change = as(role).execute(
        sql`update ledger_accounts set ${sql.identifier(column)} = (${to})${cast} where id = ${available}`,
      )
      expect(await stateOf(change)).toBe(refusal(role, '23001'))
    },
  )

  it('an account does not begin with money', async () => {
    const other = (await givenHolder(database.db)).userId
    const insert = (balance: number, head: string) =>
      as(role).execute(sql`insert into ledger_accounts (kind, user_id, currency, balance, version, head)
        values ('available', ${other}, 'USD', ${balance}, 0, ${head}::bytea)`)
    expect(await stateOf(insert(100, ''))).toBe(refusal(role, '23514'))
    expect(await stateOf(insert(0, '\\x00'))).toBe(refusal(role, '23514'))
  })

  it('a platform account carries no balance', async () => {
    const change = as(
      role,
    ).execute(sql`insert into ledger_accounts (kind, currency, name, balance, version, head)
      values ('provider', 'USD', 'forged', 0, 0, '')`)
    expect(await stateOf(change)).toBe(refusal(role, '23514'))
  })

  it('an entry is not added to an old transfer, not even two that cancel each other out', async () => {
    const change = as(role).execute(sql`
      insert into ledger_entries (transfer_id, account_id, currency, amount, line_type, created_at) values
        (${transfer}, ${available}, 'USD', 100, 'COMMISSION', now()), (${transfer}, ${revenue}, 'USD', -100, null, now())`)
    expect(await stateOf(change)).toBe(refusal(role, '23514'))
    expect(await balanceOf(user)).toBe(500)
  })

  it('a second transfer with a known key is refused', async () => {
    const change = as(role).execute(sql`
      insert into ledger_transfers (idempotency_key, fingerprint, kind, currency, reference_type, reference_id, created_at)
      select idempotency_key, fingerprint, kind, currency, reference_type, reference_id, created_at
      from ledger_transfers where id = ${transfer}`)
    expect(await stateOf(change)).toBe(refusal(role, '23505'))
  })

  it('an unbalanced posting is refused', async () => {
    const entries = [...credit(500), { kind: 'fees', amount: 1 }]
    expect(await stateOf(post(as(role), { entries }))).toBe('23514')
    expect(await balanceOf(user)).toBe(500)
  })

  it('a posting of one entry, or of none, is refused', async () => {
    expect(await stateOf(post(as(role), { entries: credit(500).slice(0, 1) }))).toBe('23514')
    expect(await stateOf(post(as(role), { entries: [] }))).toBe('23514')
  })

  it('an entry of nothing is refused', async () => {
    expect(await stateOf(post(as(role), { entries: [...credit(5), { kind: 'fees', amount: 0 }] }))).toBe(
      '23514',
    )
  })

  it('an uncovered withdrawal is refused, by name', async () => {
    const failure = await post(as(role), { entries: withdrawal(501) }).catch((error: unknown) => error)
    expect(violatedConstraint(failure)).toBe('ledger_entries_withdrawal_covered')
    await post(as(role), { entries: withdrawal(500) })
    expect(await balanceOf(user)).toBe(0)
  })

  it.each(['REFUND', 'ADJUSTMENT'])('a %s may take the balance below zero', async (type) => {
    await post(as(role), {
      entries: [
        { ...line(-700), line_type: type },
        { kind: 'revenue', amount: 700 },
      ],
    })
    expect(await balanceOf(user)).toBe(-200)
    const again = post(as(role), { entries: withdrawal(1) })
    expect(await stateOf(again)).toBe('23514')
  })

  it('the same key with other contents is refused', async () => {
    const key = randomUUID()
    await post(as(role), { key, entries: credit(5) })
    expect(await stateOf(post(as(role), { key, entries: credit(6) }))).toBe('OF409')
    expect(await stateOf(post(as(role), { key, entries: credit(5), currency: 'EUR' }))).toBe('OF409')
    expect(await balanceOf(user)).toBe(505)
  })

  it('the same posting in another order and spelling is the same posting', async () => {
    const key = randomUUID()
    const first = await post(as(role), { key, entries: credit(5) })
    const entries = credit(5)
      .reverse()
      .map((entry) => ({ name: null, user_id: null, line_type: null, ...entry }))
    expect(await post(as(role), { key, entries })).toBe(first)
  })

  it('a statement line stands on an available account, and only there', async () => {
    const unnamed = [
      { kind: 'available', user_id: user, amount: 5 },
      { kind: 'revenue', amount: -5 },
    ]
    const misplaced = [
      ...credit(5),
      { kind: 'fees', amount: 1, line_type: 'REFUND' },
      { kind: 'tax', amount: -1 },
    ]
    expect(await stateOf(post(as(role), { entries: unnamed }))).toBe('23514')
    expect(await stateOf(post(as(role), { entries: misplaced }))).toBe('23514')
  })

  it('a user account without a user, and a platform account with one, are refused', async () => {
    const nobody = [
      { kind: 'pending', amount: 5 },
      { kind: 'revenue', amount: -5 },
    ]
    const somebody = [
      { kind: 'tax', user_id: user, amount: 5 },
      { kind: 'revenue', amount: -5 },
    ]
    expect(await stateOf(post(as(role), { entries: nobody }))).toBe('23514')
    expect(await stateOf(post(as(role), { entries: somebody }))).toBe('23514')
  })

  it('a balance beyond what the column holds is refused, not wrapped', async () => {
    const most = '9223372036854775807'
    const entries = [
      { ...line(0), amount: most },
      { kind: 'revenue', amount: `-${most}` },
    ]
    expect(await stateOf(post(as(role), { entries }))).toBe('22003')
  })
})

describe('seals and snapshots', () => {
  beforeEach(async () => {
    const ctx = testContext(database.db)
    await sealAll(ctx)
    await sealLedger(ctx)
  })

  it.each(
    roles.flatMap((role) =>
      (['ledger_seals', 'ledger_snapshots'] as const).map((table) => ({ role, table })),
    ),
  )('of $table are not changed, removed or emptied by the $role', async ({ role, table }) => {
    const name = sql.identifier(table)
    const column = sql.identifier('entries')
    for (const change of [
      sql`update ${name} set ${column} = ${column} + 1`,
      sql`delete from ${name}`,
      sql`truncate ${name} cascade`,
    ])
      expect(await stateOf(as(role).execute(change))).toBe(refusal(role, '23001'))
  })

  it('are not proposed by hand', async () => {
    for (const change of [
      sql`update ledger_seal_proposal set xmax_then = 0`,
      sql`delete from ledger_seal_proposal`,
      sql`insert into ledger_seal_proposal (upto_transfer_id, xmax_then, proposed_at) values (1, 0, now())`,
    ])
      expect(await stateOf(database.db.execute(change))).toBe('42501')
  })
})

describe.each(roles)('what was told, as the %s', (role) => {
  it.each(['ledger_proofs', 'issued_statements', 'activity_log'])(
    'is not changed or removed: %s',
    async (table) => {
      const name = sql.identifier(table)
      for (const change of [
        sql`update ${name} set id = id`,
        sql`delete from ${name}`,
        sql`truncate ${name} cascade`,
      ])
        expect(await stateOf(as(role).execute(change))).toBe(refusal(role, '23001'))
    },
  )
})

describe('as the application', () => {
  it.each(['earned = 0', 'closed_until = now()', "hash = ''"])('%s is not set', async (assignment) => {
    const change = {
      'earned = 0': sql`update ledger_accounts set earned = 0`,
      'closed_until = now()': sql`update ledger_accounts set closed_until = now()`,
      "hash = ''": sql`update ledger_transfers set hash = ''`,
    }[assignment]
    expect(change && (await stateOf(database.db.execute(change)))).toBe('42501')
  })

  it('what the ledger works with is not replaced', async () => {
    for (const change of [
      sql`create or replace function ledger_guard_account() returns trigger language plpgsql as 'begin return new; end'`,
      sql`drop trigger ledger_accounts_guard on ledger_accounts`,
      sql`alter table ledger_seals disable trigger user`,
    ])
      expect(await stateOf(database.db.execute(change))).toBe('42501')
  })

  it.each([
    'ledger_accounts',
    'ledger_transfers',
    'ledger_entries',
    'ledger_seals',
    'ledger_snapshots',
    'ledger_seal_proposal',
  ])('nothing is inserted into %s', async (table) => {
    expect(await stateOf(database.db.execute(sql`insert into ${sql.identifier(table)} default values`))).toBe(
      '42501',
    )
  })

  it('the triggers are not to be switched off', async () => {
    expect(await stateOf(database.db.execute(sql`set session_replication_role = replica`))).toBe('42501')
    expect(await stateOf(database.db.execute(sql`alter table ledger_entries disable trigger all`))).toBe(
      '42501',
    )
  })

  it('a table of its own does not stand in for the ledger', async () => {
    await database.db.transaction(async (tx) => {
      await tx.execute(sql`create temp table ledger_accounts (like public.ledger_accounts) on commit drop`)
      await tx.execute(sql`set local search_path = pg_temp, public`)
      await tx.execute(posting({ entries: credit(5) }))
    })
    expect(await balanceOf(user)).toBe(505)
  })
})

describe('as the owner', () => {
  it('entries by hand are refused when they do not balance', async () => {
    expect(
      await stateOf(
        byHand([
          ['available', 500],
          ['revenue', -499],
        ]),
      ),
    ).toBe('23514')
  })

  it('a transfer whose fingerprint fits its entries is still refused when they do not balance', async () => {
    const [{ total } = { total: 0 }] = await database.owner.execute<{ total: number }>(sql`
      select count(*)::int total from pg_trigger where tgname = 'ledger_transfers_balance' and tgdeferrable and tginitdeferred`)
    expect(total).toBe(1)
    const work = database.owner.transaction(async (tx) => {
      await tx.execute(posting({ entries: [...credit(500), { kind: 'fees', amount: 1 }] }))
      await tx.execute(sql`select 'still here'`)
    })
    expect(await stateOf(work)).toBe('23514')
  })

  it('entries cannot follow once the balance was checked', async () => {
    const work = database.owner.transaction(async (tx) => {
      const [row] = await tx.execute<{ transfer_id: string }>(posting({ entries: credit(5) }))
      await tx.execute(sql`set constraints all immediate`)
      await tx.execute(sql`insert into ledger_entries (transfer_id, account_id, currency, amount, created_at)
        values (${row?.transfer_id ?? ''}, ${revenue}, 'USD', 5, now())`)
    })
    expect(await stateOf(work)).toBe('23514')
  })

  it('currencies are not mixed in a transfer', async () => {
    const euros = await post(database.db, { entries: credit(5), currency: 'EUR' })
    const account = await accountOf(euros, 'revenue')
    for (const currency of ['USD', 'EUR']) {
      const change = database.owner.transaction(async (tx) => {
        const id = await bareTransfer(tx)
        await tx.execute(sql`insert into ledger_entries (transfer_id, account_id, currency, amount, created_at)
          values (${id}, ${account}, ${currency}, 5, now())`)
      })
      expect(await stateOf(change)).toBe('23514')
    }
  })

  it('a posting finds every row by its key, though its plans were made while the tables were small', async () => {
    await database.owner.execute(sql`analyze ledger_accounts, ledger_transfers, ledger_entries`)
    await database.owner.transaction(async (tx) => {
      const scans = sql`select sum(seq_scan)::text scans from pg_stat_xact_user_tables
        where relname in ('ledger_accounts', 'ledger_transfers', 'ledger_entries')`
      const before = [...(await tx.execute(scans))]
      for (let n = 0; n < 10; n += 1) await tx.execute(posting({ entries: credit(5) }))
      await tx.execute(sql`set constraints all immediate`)
      expect([...(await tx.execute(scans))]).toEqual(before)
    })
  })

  it('a forged running balance is refused', async () => {
    const change = database.owner.transaction(async (tx) => {
      const id = await bareTransfer(tx)
      await tx.execute(sql`insert into ledger_entries
          (transfer_id, account_id, currency, amount, line_type, balance_before, balance_after, seq, created_at) values
          (${id}, ${available}, 'USD', 5, 'COMMISSION', 1000, 1005, 77, now()),
          (${id}, ${revenue}, 'USD', -5, null, 0, -5, 78, now())`)
    })
    expect(await stateOf(change)).toBe('23514')
    expect(await balanceOf(user)).toBe(500)
  })

  const byHand = (entries: [kind: string, amount: number][]) =>
    database.owner.transaction(async (tx) => {
      const id = await bareTransfer(tx)
      for (const [kind, amount] of entries)
        await tx.execute(sql`insert into ledger_entries (transfer_id, account_id, currency, amount, line_type, created_at)
          values (${id}, ${kind === 'available' ? available : revenue}, 'USD', ${amount},
            ${kind === 'available' ? 'COMMISSION' : null}, now())`)
    })
})

describe('a closed period', () => {
  const until = new Date('2020-02-01T00:00:00Z')
  const close = async (at: Date, currency = 'USD', db = database.db) => {
    const [row] = await db.execute<{ closed: Date }>(
      sql`select ledger_close_period(${user}, ${currency}, ${at.toISOString()}::timestamptz) closed`,
    )
    return new Date(row?.closed ?? 0)
  }
  const timesOf = async (account: bigint) => {
    const rows = await database.db.execute<{ at: Date }>(
      sql`select created_at at from ledger_entries where account_id = ${account} order by seq`,
    )
    return rows.map(({ at }) => new Date(at).toISOString())
  }

  beforeEach(async () => {
    user = (await givenHolder(database.db)).userId
    transfer = await post(database.db, { entries: credit(5), at: new Date('2020-01-10T00:00:00Z') })
    available = await accountOf(transfer, 'available')
  })

  it('gets no line any more: a late one is dated to its end', async () => {
    expect(await close(until)).toEqual(until)
    await post(database.db, { entries: credit(5), at: new Date('2020-01-20T00:00:00Z') })
    await post(database.db, { entries: credit(5), at: new Date('2020-02-20T00:00:00Z') })
    expect(await timesOf(available)).toEqual([
      '2020-01-10T00:00:00.000Z',
      '2020-02-01T00:00:00.000Z',
      '2020-02-20T00:00:00.000Z',
    ])
  })

  it('is closed before the first line too', async () => {
    await close(until, 'EUR')
    const late = await post(database.db, {
      entries: credit(5),
      currency: 'EUR',
      at: new Date('2020-01-20T00:00:00Z'),
    })
    expect(await timesOf(await accountOf(late, 'available'))).toEqual(['2020-02-01T00:00:00.000Z'])
  })

  it('never opens again', async () => {
    await close(until)
    expect(await close(new Date('2020-01-01T00:00:00Z'))).toEqual(until)
    const opened = [sql`null`, sql`closed_until - interval '1 day'`, sql`now() + interval '1 day'`]
    for (const at of opened)
      expect(
        await stateOf(
          database.owner.execute(
            sql`update ledger_accounts set closed_until = ${at} where id = ${available}`,
          ),
        ),
      ).toBe('23001')
  })

  it('is not one that is still to come', async () => {
    expect(await stateOf(close(new Date(Date.now() + 3_600_000)))).toBe('22023')
    expect(
      await stateOf(
        database.db.execute(sql`select ledger_close_period(${user}, 'USD', 'infinity'::timestamptz)`),
      ),
    ).toBe('22023')
    expect(await stateOf(database.db.execute(sql`select ledger_close_period(${user}, 'USD', null)`))).toBe(
      '22023',
    )
  })

  it('is waited for by whoever posts, and is complete once it is closed', async () => {
    let seen: unknown[] = []
    let late: Promise<bigint> | undefined
    await database.db.transaction(async (tx) => {
      await tx.execute(sql`select ledger_close_period(${user}, 'USD', ${until.toISOString()}::timestamptz)`)
      late = post(database.db, { entries: credit(5), at: new Date('2020-01-20T00:00:00Z') })
      await waiting()
      seen = await tx.execute(sql`select id from ledger_entries where account_id = ${available}
        and created_at < ${until.toISOString()}::timestamptz`)
    })
    await late
    expect(seen).toHaveLength(1)
    expect(await timesOf(available)).toEqual(['2020-01-10T00:00:00.000Z', '2020-02-01T00:00:00.000Z'])
  })

  /** Until somebody stands behind a lock of this database. */
  const waiting = async (): Promise<void> => {
    for (;;) {
      const [row] = await database.owner.execute<{ n: number }>(sql`
        select count(*)::int n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`)
      if (row?.n) return
    }
  }
})

it('money is kept in whole numbers: the only fractions are percentages', async () => {
  const rows = await database.owner.execute<{ name: string }>(sql`
    select table_name || '.' || column_name as name from information_schema.columns
    where table_schema = 'public' and data_type in ('real', 'double precision', 'numeric', 'money') order by 1`)
  expect(rows.map(({ name }) => name).filter((name) => !/[._]percentage$/.test(name))).toEqual([])
  const amounts = await database.owner.execute<{ type: string }>(sql`
    select distinct data_type as type from information_schema.columns
    where table_schema = 'public' and column_name ~ '(^|_)(amount|balance|fee|price|earned)$'`)
  expect(amounts.map(({ type }) => type)).toEqual(['bigint'])
})

it('every line has the balance the one before it left, in the order of their times, whoever came first', async () => {
  const moments = Array.from({ length: 20 }, (_, i) => new Date(Date.UTC(2026, 10, 21, 12, 0, (i * 7) % 20)))
  await Promise.all(moments.map((at) => post(database.db, { entries: credit(1), at })))
  const lines = await database.db.execute<{ before: string; after: string; ordered: boolean }>(sql`
    select balance_before::text before, balance_after::text after,
      created_at >= coalesce(lag(created_at) over (order by seq), created_at) ordered
    from ledger_entries where account_id = ${available} order by seq`)
  expect(lines.map(({ before }) => before)).toEqual(['0', ...lines.slice(0, -1).map(({ after }) => after)])
  expect(lines.every(({ ordered }) => ordered)).toBe(true)
})

interface EntryJson {
  kind: string
  amount: number | string
  user_id?: string | null
  name?: string | null
  line_type?: string | null
}

const line = (amount: number): EntryJson => ({
  kind: 'available',
  user_id: user,
  amount,
  line_type: 'COMMISSION',
})
const credit = (amount: number): EntryJson[] => [line(amount), { kind: 'revenue', amount: -amount }]
const withdrawal = (amount: number): EntryJson[] => [
  { ...line(-amount), line_type: 'WITHDRAWAL' },
  { kind: 'withdrawing', user_id: user, amount },
]

const posting = (input: { key?: string; entries: EntryJson[]; currency?: string; at?: Date }) => sql`
  select transfer_id::text from ledger_post(${input.key ?? randomUUID()}, 'test', ${input.currency ?? 'USD'}, 'test', '1',
    '', ${(input.at ?? new Date('2026-11-21T12:00:00Z')).toISOString()}::timestamptz,
    ${JSON.stringify(input.entries)}::text::jsonb)`

const post = async (db: Db, input: Parameters<typeof posting>[0]): Promise<bigint> => {
  const [row] = await db.execute<{ transfer_id: string }>(posting(input))
  return BigInt(row?.transfer_id ?? 0)
}

const bareTransfer = async (tx: Pick<Db, 'execute'>): Promise<string> => {
  const [row] = await tx.execute<{ id: string }>(sql`
    insert into ledger_transfers (idempotency_key, fingerprint, kind, currency, reference_type, reference_id, created_at)
    values (${randomUUID()}, sha256(''), 'test', 'USD', 'test', '1', now()) returning id::text`)
  return row?.id ?? ''
}

const accountOf = async (id: bigint, kind: string): Promise<bigint> => {
  const [row] = await database.db.execute<{ id: string }>(sql`
    select a.id::text from ledger_entries e join ledger_accounts a on a.id = e.account_id
    where e.transfer_id = ${id} and a.kind::text = ${kind}`)
  return BigInt(row?.id ?? 0)
}

const balanceOf = async (userId: string): Promise<number> => {
  const [row] = await database.db.execute<{ balance: string }>(sql`
    select balance::text from ledger_accounts where user_id = ${userId} and kind = 'available' and currency = 'USD'`)
  return Number(row?.balance)
}

/** The SQLSTATE a statement is refused with; `undefined` when it passes. */
const stateOf = async (work: PromiseLike<unknown>): Promise<string | undefined> => {
  try {
    await work
    return undefined
  } catch (error) {
    return sqlState(error)
  }
}
