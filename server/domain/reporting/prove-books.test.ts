import { like, type SQL, sql } from 'drizzle-orm'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ledgerProofs, mails } from '../../../db/schema'
import type { TestContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { givenGoodBooks } from '../../../db/testing/factories/books'
import { sealAll } from '../../../db/testing/factories/ledger'
import { withPlanted } from '../../../db/testing/plant'
import { sealLedger } from '../balance'
import { examineBooks, ledgerOverview, proveBooks, proveDue } from '.'

const database = useDatabase()
let ctx: TestContext

beforeAll(async () => {
  ctx = await givenGoodBooks(database.db)
})
beforeEach(async () => {
  await behind(sql`delete from ledger_proofs`)
})

const alerts = (db: TestContext['db']) => db.select().from(mails).where(like(mails.key, 'proof:%'))
const runs = () => database.db.select().from(ledgerProofs).orderBy(ledgerProofs.startedAt)
/** What the guards would refuse: the past cannot be waited for. */
const behind = (...changes: SQL[]) =>
  database.owner.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`)
    for (const change of changes) await tx.execute(change)
  })
const older = (by: string) => behind(sql`update ledger_proofs set started_at = started_at - ${by}::interval`)

describe('a proof of good books', () => {
  it('is kept, with how much was looked at, and tells nobody', async () => {
    const proof = await proveBooks(ctx, { scope: 'FULL' })
    expect(proof).toMatchObject({ scope: 'FULL', ok: true, violations: [] })
    expect(proof.checked.invariants).toBeGreaterThan(60)
    expect(proof.checked.entries).toBeGreaterThan(proof.checked.transfers)
    expect((await ledgerOverview(ctx)).runs).toEqual([proof])
    expect(await alerts(database.db)).toEqual([])
  })

  it('goes on from the last good one when only what is new is asked for', async () => {
    await sealLedger(ctx)
    const full = await proveBooks(ctx, { scope: 'FULL' })
    expect(full.sealNo).not.toBeNull()
    const next = await proveBooks(ctx, { scope: 'INCREMENTAL' })
    expect(next).toMatchObject({ ok: true, sealNo: full.sealNo, checked: { transfers: 0, entries: 0 } })
  })

  it('looks at everything when there is no good one to go on from', async () => {
    const first = await proveBooks(ctx, { scope: 'INCREMENTAL' })
    expect(first.checked.transfers).toBeGreaterThan(20)
  })

  it('two at once both say so', async () => {
    const both = await Promise.all([proveBooks(ctx, { scope: 'FULL' }), proveBooks(ctx, { scope: 'FULL' })])
    expect(both.map(({ ok }) => ok)).toEqual([true, true])
  })
})

describe('an examination', () => {
  it('answers what a proof would, and writes nothing', async () => {
    const proof = await proveBooks(ctx, { scope: 'FULL' })
    const before = await written()
    const { id: _, startedAt, finishedAt, ...same } = proof
    expect(await examineBooks(ctx, { scope: 'FULL' })).toMatchObject(same)
    expect(await examineBooks(ctx, { scope: 'INCREMENTAL' })).toMatchObject({
      ok: true,
      scope: 'INCREMENTAL',
    })
    expect(await written()).toEqual(before)
  })

  it('of books that do not add up says so, and tells nobody', async () => {
    const less = sql`update ledger_accounts set balance = balance - 1
      where id = (select max(id) from ledger_accounts where version > 0)`
    await withPlanted(database, ctx, [less], async (planted) => {
      const { ok, violations } = await examineBooks(planted, { scope: 'FULL' })
      expect(ok).toBe(false)
      expect(violations.map(({ id }) => id)).toContain('ACCOUNT')
      expect(await alerts(planted.db as TestContext['db'])).toEqual([])
    })
  })

  const written = async () => [
    ...(await database.db.execute(sql`select (select count(*) from ledger_proofs) proofs, (select count(*) from mails) mails,
      (select count(*) from ledger_seals) seals, (select to_jsonb(p) from ledger_seal_proposal p) proposal,
      (select count(*) from activity_log) log`)),
  ]
})

describe('a proof that finds something', () => {
  const moreBalance = [
    sql`update ledger_accounts set balance = balance + 1 where id = (select max(id) from ledger_accounts where version > 0)`,
  ]

  it('names it, says what to do, and tells an admin once a day', async () => {
    await withPlanted(database, ctx, moreBalance, async (planted) => {
      const proof = await proveBooks(planted, { scope: 'FULL' })
      expect(proof.ok).toBe(false)
      expect(proof.violations.map(({ id }) => id)).toEqual(expect.arrayContaining(['ACCOUNT', 'I04', 'L1']))
      for (const { todo, problem, subject } of proof.violations) {
        expect(todo).not.toBe('')
        expect(problem).not.toBe('')
        expect(subject).not.toBe('')
      }
      const told = await alerts(planted.db as TestContext['db'])
      expect(told).toHaveLength(proof.violations.length)
      expect(told[0]).toMatchObject({ template: 'admin-alert', to: ctx.config.admin?.email })
      await proveBooks(planted, { scope: 'FULL' })
      expect(await alerts(planted.db as TestContext['db'])).toHaveLength(told.length)
      await planted.db.execute(sql`update mails set key = key || ':yesterday' where key like 'proof:%'`)
      await proveBooks(planted, { scope: 'FULL' })
      expect(await alerts(planted.db as TestContext['db'])).toHaveLength(2 * told.length)
    })
  })

  it('tells of very many in one mail more', async () => {
    await withPlanted(database, ctx, [sql`delete from workspace_members`], async (planted) => {
      const proof = await proveBooks(planted, { scope: 'FULL' })
      expect(proof.violations.length).toBeGreaterThanOrEqual(10)
      const told = await alerts(planted.db as TestContext['db'])
      expect(told.length).toBe(Math.min(proof.violations.length, 20) + (proof.violations.length > 20 ? 1 : 0))
    })
  })

  it('is no proof to go on from', async () => {
    await withPlanted(database, ctx, moreBalance, async (planted) => {
      await proveBooks(planted, { scope: 'FULL' })
      const next = await proveBooks(planted, { scope: 'INCREMENTAL' })
      expect(next).toMatchObject({ ok: false, scope: 'FULL' })
      expect(next.checked.transfers).toBeGreaterThan(20)
    })
  })

  it('is not forgotten because what is new is fine', async () => {
    await sealLedger(ctx)
    await proveBooks(ctx, { scope: 'FULL' })
    const old = [
      sql`update ledger_transfers set notes = 'another' where id = (select min(id) from ledger_transfers)`,
    ]
    await withPlanted(database, ctx, old, async (planted) => {
      expect((await proveBooks(planted, { scope: 'FULL' })).ok).toBe(false)
      expect((await proveBooks(planted, { scope: 'INCREMENTAL' })).ok).toBe(false)
      expect((await proveBooks(planted, { scope: 'INCREMENTAL' })).ok).toBe(false)
    })
  })
})

describe('what is due', () => {
  const badFullOne = sql`insert into ledger_proofs (id, scope, ok, checked, violations, started_at, finished_at)
    values (gen_random_uuid(), 'FULL', false, '{}', '[]', now() - interval '26 hours', now())`

  it('is a full proof each night while the last full one was not fine, whatever was found since', async () => {
    await proveBooks(ctx, { scope: 'FULL' })
    await behind(
      sql`update ledger_proofs set scope = 'INCREMENTAL', started_at = now() - interval '25 hours'`,
      badFullOne,
    )
    expect((await proveBooks(ctx, { scope: 'INCREMENTAL' })).scope).toBe('FULL')
    await behind(sql`delete from ledger_proofs where started_at > now() - interval '1 hour'`)
    expect(await proveDue(ctx)).toBe('FULL')
    expect(await proveDue(ctx)).toBeNull()
  })

  it('is what is new even where a full one cannot end, which stays due', async () => {
    await sealAll(ctx)
    await proveBooks(ctx, { scope: 'FULL' })
    await older('8 days')
    await database.owner.execute(sql`alter function ledger_transfer_hash rename to ledger_transfer_hash_kept`)
    await database.owner.execute(sql`create function ledger_transfer_hash(p_id bigint, text, bytea, text, text, text, text, text, timestamptz)
      returns bytea language plpgsql as $$ begin raise 'worn out by transfer %', p_id; end $$`)
    try {
      await expect(proveDue(ctx)).rejects.toMatchObject({ cause: { message: 'worn out by transfer 1' } })
    } finally {
      await database.owner.execute(sql`drop function ledger_transfer_hash`)
      await database.owner.execute(
        sql`alter function ledger_transfer_hash_kept rename to ledger_transfer_hash`,
      )
    }
    expect((await runs()).map(({ scope, ok }) => [scope, ok])).toEqual([
      ['FULL', true],
      ['INCREMENTAL', true],
    ])
    expect(await proveDue(ctx)).toBe('FULL')
  })

  it('is a full proof each week and one of what is new each night, however often it is asked', async () => {
    expect(await proveDue(ctx)).toBe('FULL')
    expect(await proveDue(ctx)).toBeNull()
    await behind(
      sql`insert into ledger_proofs select gen_random_uuid(), 'FULL', true, checked, '[]', null,
        (date_trunc('week', now() - interval '2 hours') + interval '3 hours'), now() from ledger_proofs limit 1`,
    )
    await behind(sql`delete from ledger_proofs where started_at > date_trunc('day', now() - interval '2 hours')
      and started_at <> date_trunc('week', now() - interval '2 hours') + interval '3 hours'`)
    // On a Monday the week's own proof is the night's too.
    const [{ monday } = { monday: false }] = await database.db.execute<{ monday: boolean }>(
      sql`select extract(isodow from now() - interval '2 hours') = 1 monday`,
    )
    expect(await proveDue(ctx)).toBe(monday ? null : 'INCREMENTAL')
    expect(await proveDue(ctx)).toBeNull()
    await older('8 days')
    expect(await proveDue(ctx)).toBe('FULL')
    expect((await runs()).at(-1)?.scope).toBe('FULL')
  })
})

describe('the books at a glance', () => {
  it('are of one moment, though a proof ends meanwhile', async () => {
    await proveBooks(ctx, { scope: 'FULL' })
    const { glance } = await database.owner.transaction(async (tx) => {
      await tx.execute(sql`lock table ledger_proofs in access exclusive mode`)
      const reading = ledgerOverview(ctx)
      while (
        (
          await database.owner.execute(
            sql`select from pg_locks where relation = 'ledger_proofs'::regclass and not granted`,
          )
        ).length === 0
      );
      await tx.execute(sql`insert into ledger_proofs (id, scope, ok, checked, violations, started_at, finished_at)
        select gen_random_uuid(), scope, ok, checked, violations, now(), now() from ledger_proofs`)
      return { glance: reading }
    })
    expect((await glance).runs).toHaveLength(1)
    expect((await ledgerOverview(ctx)).runs).toHaveLength(2)
  })

  it('add up to zero in each currency', async () => {
    const { positions } = await ledgerOverview(ctx)
    expect(positions.map(({ currency }) => currency)).toEqual(['USD'])
    for (const { total, platform, owed } of positions) {
      expect(total.amount).toBe(0)
      expect(platform.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['provider', 'revenue', 'tax', 'fees', 'paid_out', 'adjustments']),
      )
      expect(owed.map(({ kind }) => kind)).toEqual(['available', 'pending', 'withdrawing'])
      expect([...platform, ...owed].reduce((sum, { balance }) => sum + balance.amount, 0)).toBe(0)
    }
  })
})
