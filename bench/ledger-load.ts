import postgres from 'postgres'
import { connect } from '../db/client'
import { testContext } from '../db/testing/context'
import { type Posting, postTransfers } from '../server/domain/balance'
import { makeBarePosting, makeLockingLedger, makeSimpleUpdate, USERS } from './baselines'
import { openLoad } from './load'
import { inTurns, printGoal, quantile } from './measure'

const ROUNDS = 5
const SECONDS = 1

const userId = (n: number | string): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** A sale of 115.00 with a commission of 23.00: four entries on three accounts, in one call. */
const entriesOf = (user: string): string =>
  `jsonb_build_array(
    jsonb_build_object('kind', 'provider', 'name', 'stripe', 'amount', -11500),
    jsonb_build_object('kind', 'revenue', 'amount', 11500),
    jsonb_build_object('kind', 'revenue', 'amount', -2300),
    jsonb_build_object('kind', 'available', 'user_id', ${user}, 'amount', 2300, 'line_type', 'COMMISSION'))`
const saleOf = (post: string, key: string, user: string): string =>
  `select * from ${post}('sale-' || ${key}, 'sale', 'USD', 'payment', ${key}::text, '', now(), ${entriesOf(user)})`
const SALE = [
  `\\set u random(1, ${USERS})`,
  '\\set k random(1, 9000000000000000)',
  `${saleOf('ledger_post', ':k', "'00000000-0000-4000-8000-' || lpad(:u::text, 12, '0')").replace(/\s+/g, ' ')};`,
  '',
].join('\n')

/**
 * Posting sales: B-1 to B-5 and B-8.
 * @param url of an empty migrated database, as its owner
 * @param appUrl the same, as the application's role
 */
export const benchLedgerLoad = async (url: string, appUrl: string): Promise<void> => {
  const owner = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await makeUsers(owner)
    const simpleUpdate = await makeSimpleUpdate(owner)
    const lockingSale = await makeLockingLedger(owner)
    await owner.unsafe(
      `select count(*) from generate_series(1, ${USERS}) n, lateral (${saleOf('ledger_post', "('first' || n)", `'00000000-0000-4000-8000-' || lpad(n::text, 12, '0')`)}) x`,
    )
    await makeBarePosting(owner)
    await owner.unsafe('vacuum analyze')
    await benchThroughput(url, appUrl, simpleUpdate, lockingSale)
    await benchInvariants(owner)
    await benchBatches(appUrl)
    await benchIsolation(appUrl)
  } finally {
    await owner.end({ timeout: 5 })
  }
}

const makeUsers = (owner: postgres.Sql): Promise<unknown> =>
  owner.unsafe(`
    insert into organizations (id, name, created_at) values ('${userId(0)}', 'Bench', now());
    insert into users (id, organization_id, email, first_name, last_name, commission_percentage, created_at)
      select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, '${userId(0)}', 'user' || n || '@bench.example',
        'Pat', 'Number ' || n, 20, now() from generate_series(1, ${USERS}) n`)

const benchThroughput = async (
  url: string,
  appUrl: string,
  simpleUpdate: string,
  lockingSale: string,
): Promise<void> => {
  const { load, how } = openLoad(url)
  const app = openLoad(appUrl).load
  console.log(`(posting is measured with ${how})`)
  const tps = await inTurns(ROUNDS, {
    simple8: () => load(simpleUpdate, { clients: 8, seconds: SECONDS }),
    sale8: () => app(SALE, { clients: 8, seconds: SECONDS }),
    locking8: () => load(lockingSale, { clients: 8, seconds: SECONDS }),
    sale1: () => app(SALE, { clients: 1, seconds: SECONDS }),
    sale32: () => app(SALE, { clients: 32, seconds: SECONDS }),
    locking32: () => load(lockingSale, { clients: 32, seconds: SECONDS }),
  })
  const each = (a: number, b: number) => `${a.toFixed(0)} and ${b.toFixed(0)} per second`
  printGoal({
    id: 'B-1',
    what: 'a sale with every check on, 8 connections, against pgbench simple-update',
    measured: tps.sale8 / tps.simple8,
    atLeast: 0.9,
    behind: each(tps.sale8, tps.simple8),
  })
  printGoal({
    id: 'B-2',
    what: 'against a ledger that locks every account, 8 connections',
    measured: tps.sale8 / tps.locking8,
    atLeast: 4,
    behind: each(tps.sale8, tps.locking8),
  })
  printGoal({
    id: 'B-2',
    what: 'the same, 32 connections',
    measured: tps.sale32 / tps.locking32,
    atLeast: 8,
    behind: each(tps.sale32, tps.locking32),
  })
  printGoal({
    id: 'B-3',
    what: 'sales with 32 connections against 1',
    measured: tps.sale32 / tps.sale1,
    atLeast: 1.3,
    behind: each(tps.sale32, tps.sale1),
  })
}

/** One session, a commit per sale, short alternating stretches. */
const benchInvariants = async (owner: postgres.Sql): Promise<void> => {
  let made = 0
  const stretch = async (post: string): Promise<number> => {
    made += 1
    const [row] = await owner.unsafe<{ took: number }[]>(
      `select extract(epoch from clock_timestamp())::float8 took`,
    )
    await owner.unsafe(`
      do $$ begin
        for n in 1..200 loop
          perform transfer_id from (${saleOf(post, `('${made}-' || n)`, `'00000000-0000-4000-8000-' || lpad((1 + (n * 7919 + ${made}) % ${USERS})::text, 12, '0')`)}) x;
          commit;
        end loop;
      end $$`)
    const [end] = await owner.unsafe<{ took: number }[]>(
      `select extract(epoch from clock_timestamp())::float8 took`,
    )
    return ((end?.took ?? 0) - (row?.took ?? 0)) * 1000
  }
  const times = await inTurns(21, { full: () => stretch('ledger_post'), bare: () => stretch('bare.post') })
  printGoal({
    id: 'B-5',
    what: 'time of a sale with every check on, against the bare posting',
    measured: times.full / times.bare,
    atMost: 1.25,
    behind: `${(times.full * 5).toFixed(0)} and ${(times.bare * 5).toFixed(0)} us`,
  })
}

/** 64 callers of the product's own verb, over its pool of 10: each posting on its own, or all that wait in one call. */
const benchBatches = async (appUrl: string): Promise<void> => {
  const connection = connect({ url: appUrl }, { max: 10, role: null })
  const ctx = testContext(connection.db)
  let made = 0
  const posting = (): Posting => {
    made += 1
    return {
      key: `caller-${made}`,
      kind: 'sale',
      currency: 'USD',
      referenceType: 'payment',
      referenceId: String(made),
      entries: [
        { account: { kind: 'provider', name: 'stripe' }, amount: -11_500n },
        { account: { kind: 'revenue' }, amount: 11_500n },
        { account: { kind: 'revenue' }, amount: -2_300n },
        {
          account: { kind: 'available', userId: userId(1 + Math.floor(Math.random() * USERS)) },
          amount: 2_300n,
          lineType: 'COMMISSION',
        },
      ],
    }
  }
  const single = async (): Promise<void> => void (await postTransfers(ctx, [posting()]))
  let waiting: { posting: Posting; done: () => void; failed: (error: unknown) => void }[] = []
  let flushing = false
  const flush = async (): Promise<void> => {
    flushing = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const user = ({ entries }: Posting) => JSON.stringify(entries.at(-1)?.account)
      batch.sort((a, b) => user(a.posting).localeCompare(user(b.posting)))
      await postTransfers(
        ctx,
        batch.map((one) => one.posting),
      ).then(
        () => batch.forEach((one) => void one.done()),
        (error: unknown) => batch.forEach((one) => void one.failed(error)),
      )
    }
    flushing = false
  }
  const batched = (): Promise<void> =>
    new Promise((done, failed) => {
      waiting.push({ posting: posting(), done, failed })
      if (!flushing) void flush()
    })
  const p99 = { single: [] as number[], batched: [] as number[] }
  const callers = async (name: 'single' | 'batched', call: () => Promise<void>): Promise<number> => {
    const latencies: number[] = []
    const start = performance.now()
    const caller = async (): Promise<void> => {
      while (performance.now() - start < SECONDS * 1000) {
        const begin = performance.now()
        await call()
        latencies.push(performance.now() - begin)
      }
    }
    await Promise.all(Array.from({ length: 64 }, caller))
    p99[name].push(quantile(latencies, 0.99))
    return (latencies.length / (performance.now() - start)) * 1000
  }
  const tps = await inTurns(ROUNDS, {
    single: () => callers('single', single),
    batched: () => callers('batched', batched),
  })
  await connection.close()
  const late = { single: quantile(p99.single, 0.5), batched: quantile(p99.batched, 0.5) }
  printGoal({
    id: 'B-4',
    what: 'what 64 callers bring, posted by one call at a time for all that wait, against one call each',
    measured: tps.batched / tps.single,
    atLeast: 1.7,
    behind: `${tps.batched.toFixed(0)} and ${tps.single.toFixed(0)} per second`,
  })
  printGoal({
    id: 'B-4',
    what: 'the same: the slowest in a hundred, against one call each',
    measured: late.batched / late.single,
    atMost: 1,
    behind: `${late.batched.toFixed(0)} and ${late.single.toFixed(0)} ms`,
  })
}

/** 16 connections on 10 users: how often a sale has to be tried again. */
const benchIsolation = async (appUrl: string): Promise<void> => {
  let made = 0
  const retriesPerSale = async (isolation: 'read committed' | 'serializable'): Promise<number> => {
    const sql = postgres(appUrl, {
      max: 16,
      onnotice: () => {},
      connection: { default_transaction_isolation: isolation },
    })
    let committed = 0
    let retried = 0
    const until = performance.now() + SECONDS * 1000
    const seller = async (): Promise<void> => {
      while (performance.now() < until) {
        made += 1
        const key = `'isolated-${made}'`
        const user = `'${userId(1 + (made % 10))}'`
        for (;;) {
          try {
            await sql.unsafe(saleOf('ledger_post', key, user))
            break
          } catch (error) {
            const state = error instanceof postgres.PostgresError ? error.code : ''
            if (state !== '40001' && state !== '40P01') throw error
            retried += 1
          }
        }
        committed += 1
      }
    }
    await Promise.all(Array.from({ length: 16 }, seller))
    await sql.end({ timeout: 5 })
    return retried / committed
  }
  const retries = await inTurns(ROUNDS, {
    'read committed': () => retriesPerSale('read committed'),
    serializable: () => retriesPerSale('serializable'),
  })
  printGoal({
    id: 'B-8',
    what: 'sales tried again, 16 connections on 10 users',
    measured: retries['read committed'],
    atMost: 0,
    behind: `under SERIALIZABLE ${retries.serializable.toFixed(1)} per sale, expected 5 or more`,
  })
}
