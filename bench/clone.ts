import { eq, sql } from 'drizzle-orm'
import type { Db } from '../db/client'
import { workspaces } from '../db/schema'
import { testContext } from '../db/testing/context'
import { makeUser } from '../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../db/testing/factories/workspace'
import { cloneWorkspace } from '../server/domain/workspace'

const ROUNDS = 9

/**
 * A clone of 1,000 pages of 50 KB against the fastest deep copy (INSERT … SELECT of the bodies, links not rewritten),
 * in turns. Prints the ratio of the medians; the goal is 15.
 * @param db as the owner of the tables: it makes and drops one of its own
 */
export const benchClone = async (db: Db): Promise<number> => {
  const ctx = testContext(db)
  const { seller, workspace } = await makeSellerWithWorkspace(ctx, {
    funnels: 20,
    pagesPerFunnel: 50,
    pageBytes: 50_000,
  })
  const buyer = await makeUser(ctx)
  const [source] = await db.select().from(workspaces).where(eq(workspaces.publicId, workspace.id))
  if (source === undefined) throw new Error('the source is missing')
  const input = { sourceId: source.id, buyerId: buyer.id, sellerId: seller.id, reason: 'bench' }
  await db.execute(sql`
    create table bench_deep_pages as
    select p.workspace_id, p.page_no, p.funnel_no, p.position, p.name, p.slug, p.type, p.seo, c.body, p.created_at
    from pages p join page_contents c on c.hash = p.content_hash where p.workspace_id = ${source.id.toString()}::bigint`)
  await db.execute(sql`alter table bench_deep_pages add primary key (workspace_id, page_no)`)
  await db.execute(sql`alter table bench_deep_pages add unique (workspace_id, funnel_no, slug)`)
  try {
    const times = { clone: [] as number[], deep: [] as number[] }
    for (let round = 0; round <= ROUNDS; round += 1) {
      const clone = await timed(() => cloneWorkspace(ctx, input))
      const deep = await timed(() =>
        db.execute(sql`
          insert into bench_deep_pages
          select ${`-${round + 1}`}::bigint, page_no, funnel_no, position, name, slug, type, seo, body, created_at
          from bench_deep_pages where workspace_id = ${source.id.toString()}::bigint`),
      )
      if (round > 0) {
        times.clone.push(clone)
        times.deep.push(deep)
      }
    }
    const ratio = median(times.deep) / median(times.clone)
    console.log(
      `clone of 1,000 pages x 50 KB: ${ratio.toFixed(1)} times as fast as a deep copy ` +
        `(medians of ${ROUNDS}: ${median(times.clone).toFixed(0)} ms and ${median(times.deep).toFixed(0)} ms; goal 15)`,
    )
    return ratio
  } finally {
    await db.execute(sql`drop table bench_deep_pages`)
  }
}

const timed = async (work: () => PromiseLike<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const median = (values: number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
