import { eq, sql } from 'drizzle-orm'
import type { Db } from '../db/client'
import { workspaces } from '../db/schema'
import { type TestContext, testContext } from '../db/testing/context'
import { makeUser } from '../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../db/testing/factories/workspace'
import { type CloneInput, cloneWorkspace, makeRelease } from '../server/domain/workspace'
import { inTransaction } from '../server/kit/context'
import { inTurns, median, printGoal, quantile, timed } from './measure'

const ROUNDS = 9

/**
 * Cloning, against the fastest deep copy (INSERT … SELECT of the bodies, links not rewritten) and against the mere rows.
 * @param db as the owner of the tables: it makes some of its own
 */
export const benchClone = async (db: Db): Promise<void> => {
  const ctx = testContext(db)
  const thousand = await sourceOf(ctx, { funnels: 20, pagesPerFunnel: 50, pageBytes: 50_000 })
  const hundred = await sourceOf(ctx, { funnels: 10, pagesPerFunnel: 10, pageBytes: 50_000 })
  const light = await sourceOf(ctx, { funnels: 10, pagesPerFunnel: 10, pageBytes: 1_000 })
  const heavy = await sourceOf(ctx, { funnels: 10, pagesPerFunnel: 10, pageBytes: 500_000 })
  const released = await sourceOf(ctx, { funnels: 20, pagesPerFunnel: 50, pageBytes: 50_000 })
  await releaseOf(ctx, released)
  await makeBaselines(db, thousand.sourceId)
  await db.execute(sql`vacuum analyze`)

  const clone = (source: CloneInput) => () => timed(() => cloneWorkspace(ctx, source))
  const times = await inTurns(ROUNDS, {
    thousand: clone(thousand),
    deep: () => timed(() => copyDeep(db)),
    floor: () => timed(() => copyRows(db)),
    hundred: clone(hundred),
    light: clone(light),
    heavy: clone(heavy),
    released: clone(released),
    pointer: () => timed(() => insertPointer(db)),
  })
  const ms = (a: number, b: number) => `${a.toFixed(1)} and ${b.toFixed(1)} ms`
  printGoal({
    id: 'A-1',
    what: 'a clone of 1,000 pages of 50 KB: how many times as fast as a deep copy',
    measured: times.deep / times.thousand,
    atLeast: 15,
    behind: ms(times.thousand, times.deep),
  })
  printGoal({
    id: 'A-9',
    what: 'a clone of a release of 1,000 pages against one of the state as it is, which is looked at first',
    measured: times.released / times.thousand,
    atMost: 1.1,
    behind: ms(times.released, times.thousand),
  })
  printGoal({
    id: 'A-9',
    what: 'the same against one row that points at the release: what a copy costs that has rows of its own',
    measured: times.released / times.pointer,
    atMost: 40,
    behind: ms(times.released, times.pointer),
  })
  await benchGrowth(db, () => cloneWorkspace(ctx, thousand))
  printGoal({
    id: 'A-4',
    what: 'the same clone against inserting its page rows into a table without index or key',
    measured: times.thousand / times.floor,
    atMost: 4.5,
    behind: ms(times.thousand, times.floor),
  })
  printGoal({
    id: 'A-5',
    what: 'a clone of 100 pages of 500 KB against pages of 1 KB',
    measured: times.heavy / times.light,
    atMost: 1.5,
    behind: ms(times.heavy, times.light),
  })
  printGoal({
    id: 'A-6',
    what: 'a clone of 1,000 pages against one of 100',
    measured: times.thousand / times.hundred,
    atMost: 8,
    behind: ms(times.thousand, times.hundred),
  })
  await benchAtOnce(ctx, hundred)
}

const sourceOf = async (
  ctx: TestContext,
  size: { funnels: number; pagesPerFunnel: number; pageBytes: number },
): Promise<CloneInput> => {
  const { seller, workspace } = await makeSellerWithWorkspace(ctx, size)
  const buyer = await makeUser(ctx)
  const [source] = await ctx.db.select().from(workspaces).where(eq(workspaces.publicId, workspace.id))
  if (source === undefined) throw new Error('the source is missing')
  return { sourceId: source.id, buyerId: buyer.id, sellerId: seller.id, reason: 'bench' }
}

/** The source once as a deep copy's table holds it, once as bare rows; the first copy of each has the number 0. */
const makeBaselines = async (db: Db, sourceId: bigint): Promise<void> => {
  const source = sql`${sourceId.toString()}::bigint`
  await db.execute(sql`
    create table bench_deep_pages as
    select 0::bigint workspace_id, p.page_no, p.funnel_no, p.position, p.name, p.slug, p.type, p.seo, c.body, p.created_at
    from pages p join page_contents c on c.hash = p.content_hash where p.workspace_id = ${source}`)
  await db.execute(sql`alter table bench_deep_pages add primary key (workspace_id, page_no)`)
  await db.execute(sql`alter table bench_deep_pages add unique (workspace_id, funnel_no, slug)`)
  await db.execute(
    sql`create table bench_pointers (id bigint generated always as identity primary key, release_id bigint, name text)`,
  )
  await db.execute(sql`create table bench_page_rows as select * from pages where workspace_id = ${source}`)
  await db.execute(sql`update bench_page_rows set workspace_id = 0`)
}

const releaseOf = async (ctx: TestContext, { sourceId, sellerId }: CloneInput): Promise<void> => {
  const [row] = await ctx.db.select().from(workspaces).where(eq(workspaces.id, sourceId))
  const seller = await ctx.db.query.users.findFirst({ where: (users) => eq(users.id, sellerId) })
  if (row === undefined || seller === undefined) throw new Error('the source is missing')
  const { id: userId, organizationId, email } = seller
  await makeRelease(ctx.as({ kind: 'user', userId, organizationId, email }), { workspaceId: row.publicId })
}

/** What a copy would be that falls back to its release page by page. */
const insertPointer = (db: Db) =>
  db.execute(sql`insert into bench_pointers (release_id, name) values (1, 'A copy')`)

let copies = 0
const copyDeep = (db: Db) => {
  copies += 1
  return db.execute(sql`
    insert into bench_deep_pages
    select ${copies}::bigint, page_no, funnel_no, position, name, slug, type, seo, body, created_at
    from bench_deep_pages where workspace_id = 0`)
}
/** From the pages' own table, as the clone reads it. */
const copyRows = (db: Db) =>
  db.execute(sql`
    insert into bench_page_rows
    select p.* from pages p where p.workspace_id = (select min(workspace_id) from pages) order by p.page_no`)

/** What a clone and a deep copy write to the log, and by how much their tables grow. */
const benchGrowth = async (db: Db, clone: () => Promise<unknown>): Promise<void> => {
  const figures = async () => {
    const [row] = await db.execute<{ wal: string; clone: string; deep: string }>(sql`
      select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text wal,
        (select sum(pg_total_relation_size(c))::text from unnest(array['workspaces', 'workspace_members', 'role_templates',
          'themes', 'funnels', 'pages', 'page_contents', 'workspace_clones']::regclass[]) c) "clone",
        pg_total_relation_size('bench_deep_pages')::text deep`)
    if (row === undefined) throw new Error('no figures')
    return { wal: Number(row.wal), clone: Number(row.clone), deep: Number(row.deep) }
  }
  // Pages written for the first time after a checkpoint are logged whole: both are measured right after their first turns.
  const TURNS = 10
  const start = await figures()
  for (let n = 0; n < TURNS; n += 1) await clone()
  const cloned = await figures()
  for (let n = 0; n < TURNS; n += 1) await copyDeep(db)
  const copied = await figures()
  const kb = (a: number, b: number) =>
    `${(a / TURNS / 1024).toFixed(0)} and ${(b / TURNS / 1024).toFixed(0)} KB`
  const wal = { clone: cloned.wal - start.wal, deep: copied.wal - cloned.wal }
  const grown = { clone: cloned.clone - start.clone, deep: copied.deep - cloned.deep }
  printGoal({
    id: 'A-3',
    what: 'how many times less the clone writes to the log than the deep copy',
    measured: wal.deep / wal.clone,
    atLeast: 50,
    behind: kb(wal.clone, wal.deep),
  })
  printGoal({
    id: 'A-3',
    what: 'how many times less the tables grow',
    measured: grown.deep / grown.clone,
    atLeast: 80,
    behind: kb(grown.clone, grown.deep),
  })
}

/** Clones of one source at once, and clones of one name whose transactions stay open for 20 ms. */
const benchAtOnce = async (ctx: TestContext, source: CloneInput): Promise<void> => {
  const latencies: number[] = []
  const perSecond = async (clients: number, each: number): Promise<number> => {
    const took = await timed(() =>
      Promise.all(
        Array.from({ length: clients }, async () => {
          for (let n = 0; n < each; n += 1) {
            const one = await timed(() => cloneWorkspace(ctx, source))
            if (clients > 1) latencies.push(one)
          }
        }),
      ),
    )
    return ((clients * each) / took) * 1000
  }
  const rates = await inTurns(5, { one: () => perSecond(1, 32), sixteen: () => perSecond(16, 4) })
  printGoal({
    id: 'A-7',
    what: 'clones per second of one source, 16 at once against one at a time',
    measured: rates.sixteen / rates.one,
    atLeast: 1.2,
    behind: `${rates.sixteen.toFixed(0)} and ${rates.one.toFixed(0)} per second`,
  })
  printGoal({
    id: 'A-7',
    what: 'the slowest of them in a hundred, against the median',
    measured: quantile(latencies, 0.99) / median(latencies),
    atMost: 3,
  })

  const others: CloneInput[] = []
  for (let n = 0; n < 64; n += 1) others.push(await renamedCopy(ctx, source, `Name ${n} of its own`))
  const open = (sources: readonly CloneInput[]) => () =>
    timed(() => Promise.all(sources.map((one) => cloneSlowly(ctx, one))))
  const named = await inTurns(5, { same: open(others.map(() => source)), own: open(others) })
  printGoal({
    id: 'A-10',
    what: '64 clones at once that stay open for 20 ms: all of one name against each of its own',
    measured: named.same / named.own,
    atMost: 1.5,
    behind: `${named.same.toFixed(0)} and ${named.own.toFixed(0)} ms`,
  })
}

/** A workspace like the source, under another name, to be cloned in its turn. */
const renamedCopy = async (ctx: TestContext, source: CloneInput, name: string): Promise<CloneInput> => {
  const { clonedWorkspaceId } = await cloneWorkspace(ctx, source)
  const [row] = await ctx.db
    .update(workspaces)
    .set({ name })
    .where(eq(workspaces.publicId, clonedWorkspaceId))
    .returning({ id: workspaces.id })
  if (row === undefined) throw new Error('the copy is missing')
  return { ...source, sourceId: row.id }
}

/** A sale's transaction goes on after the clone. */
const cloneSlowly = (ctx: TestContext, source: CloneInput): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    await cloneWorkspace(tx, source)
    await tx.db.execute(sql`select pg_sleep(0.02)`)
  })
