import { type SQL, sql } from 'drizzle-orm'
import { type Context, inTransaction } from '../../kit/context'
import { renamedAccounts, wrongAccounts } from './proof/accounts'
import { wrongEntries } from './proof/entries'
import { wrongSeals, wrongSnapshots } from './proof/seals'
import { soundness } from './proof/sound'
import type { Stretch } from './proof/stretch'
import { wrongTransfers } from './proof/transfers'
import type { LedgerProof, Violation } from './schemas'

/** Told of at most; all are counted. */
const TOLD = 200

export interface VerifyLedgerInput {
  /** FULL computes everything anew; INCREMENTAL what came after a seal, at a cost that follows that, not the whole. */
  readonly scope: 'FULL' | 'INCREMENTAL'
  /** The seal an incremental run goes on from (0: the beginning), such as the `sealNo` of a proof that was fine. */
  readonly sinceSeal?: bigint
}

/**
 * Proves the books from the rows alone, each statement of one moment: transfers, entries and their chains, accounts, seals
 * and snapshots. A full run first asks whether all holds, and looks for names only if not. What was altered, added or
 * removed behind the triggers' back is named, and once it is sealed it is found even where every hash was made to fit.
 * @returns the first 200 violations, each with the ids of what it is about; how many there are; and up to which seal all
 * was looked at, for the next incremental run.
 */
export const verifyLedger = (
  ctx: Context,
  { scope, sinceSeal = 0n }: VerifyLedgerInput = { scope: 'FULL' },
): Promise<LedgerProof> =>
  inTransaction(ctx, async (tx) => {
    await tx.db.execute(generously)
    if (scope === 'INCREMENTAL') return prove(tx, await stretchSince(tx, String(sinceSeal)))
    return (await proveSound(tx)) ?? prove(tx, WHOLE)
  })

/** All of the ledger, fast; `null` when something does not hold, which is then for `prove` to name. */
const proveSound = async (ctx: Context): Promise<LedgerProof | null> => {
  await ctx.db.execute(inOneWalk(true))
  const [last] = await ctx.db.execute<{ id: string }>(
    sql`select coalesce(max(id), 0)::text id from ledger_transfers`,
  )
  const [row] = await ctx.db.execute<SoundRow>(soundness(WHOLE, BigInt(last?.id ?? 0)))
  await ctx.db.execute(inOneWalk(false))
  if (row === undefined) throw new Error('the proof returned nothing')
  const { sound, sealNo, ...checked } = row
  return sound ? { ok: true, checked, found: 0, sealNo, violations: [] } : null
}

type SoundRow = Record<string, unknown> &
  LedgerProof['checked'] &
  Pick<LedgerProof, 'sealNo'> & { sound: boolean }

/**
 * As many processes as there are may take part. Each reads the tables once from end to end or as an index has them,
 * neither row by row nor to sort them: that is what takes long.
 */
const inOneWalk = (so: boolean): SQL => sql`
  select set_config('parallel_setup_cost', '0', true), set_config('parallel_tuple_cost', '0', true),
    set_config('enable_nestloop', ${so ? 'off' : 'on'}, true), set_config('enable_sort', ${so ? 'off' : 'on'}, true)`

/** Compiling so large a statement costs more than it saves; sorting in memory and ten minutes are what a proof may take. */
const generously = sql`select set_config('jit', 'off', true), set_config('work_mem', '128MB', true),
  set_config('statement_timeout', '600000', true)`

const prove = async (ctx: Context, stretch: Stretch): Promise<LedgerProof> => {
  const since = sql`${stretch.sinceTransfer}::bigint`
  const [row] = await ctx.db.execute<ProofRow>(sql`
    with found as materialized (
      ${wrongTransfers(stretch)}
      union all ${wrongEntries(stretch)} union all ${wrongAccounts(stretch)} union all ${renamedAccounts(stretch)}
      union all ${wrongSeals(stretch)} union all ${wrongSnapshots(stretch)}
    )
    select (select count(*)::int from ledger_transfers where id > ${since}) transfers,
      (select count(*)::int from ledger_entries where transfer_id > ${since}) entries,
      ${
        stretch.scope === 'FULL'
          ? sql`(select count(*)::int from ledger_accounts)`
          : sql`(select count(distinct account_id)::int from ledger_entries where transfer_id > ${since})`
      } accounts,
      (select count(*)::int from ledger_seals where no > ${stretch.sinceSeal}::bigint) seals,
      (select max(no)::text from ledger_seals) "sealNo", (select count(*)::int from found) found,
      (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'id', id::text, 'accountId', account_id::text,
        'transferId', transfer_id::text, 'problem', problem) order by kind, id, account_id), '[]')
        from (select * from found order by kind, id, account_id limit ${TOLD}) told) violations`)
  if (row === undefined) throw new Error('the proof returned nothing')
  const { violations, found, sealNo, ...checked } = row
  return { ok: found === 0, checked, found, sealNo, violations }
}

type ProofRow = Record<string, unknown> & {
  transfers: number
  entries: number
  accounts: number
  seals: number
  sealNo: string | null
  found: number
  violations: Violation[]
}

const WHOLE: Stretch = { scope: 'FULL', sinceSeal: '0', sinceTransfer: '0' }

/** Read beforehand, so that the database knows how little it is asked to look at; a seal does not change in between. */
const stretchSince = async (ctx: Context, sinceSeal: string): Promise<Stretch> => {
  const [seal] = await ctx.db.execute<{ upto: string }>(
    sql`select upto_transfer_id::text upto from ledger_seals where no = ${sinceSeal}::bigint`,
  )
  return { scope: 'INCREMENTAL', sinceSeal, sinceTransfer: seal?.upto ?? '0' }
}
