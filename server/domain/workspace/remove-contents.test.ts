import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { pageContents, pages } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { inTransaction } from '../../kit/context'
import { cloneWorkspace } from './clone-workspace'
import { toContent } from './contents'
import { POINTERS, removeContents } from './remove-contents'
import { updatePage } from './update-page'

const database = useDatabase({ max: 8 })

const HOUR = 3_600_000
const hashOf = (body: Record<string, unknown>) => Buffer.from(toContent(body).hash, 'hex')
const stands = async (body: Record<string, unknown>) => {
  const [row] = await database.db
    .select()
    .from(pageContents)
    .where(eq(pageContents.hash, hashOf(body)))
  return row
}
/** Other test databases of the server may have transactions under way, which the removal waits for. */
const removeAll = async (ctx: TestContext, gone: Record<string, unknown>) => {
  for (let n = 0; n < 200; n += 1) {
    await removeContents(ctx)
    if ((await stands(gone)) === undefined) return
    await new Promise((resume) => setTimeout(resume, 20))
  }
  throw new Error('it was not removed')
}

const given = async () => {
  const ctx = testContext(database.db)
  const { as, workspace, seller } = await makeSellerWithWorkspace(ctx)
  const save = (content: Record<string, unknown>, by = as) =>
    updatePage(by, { workspaceId: workspace.id, pageId: 'p1', content })
  const [row] = await database.db.execute<{ id: string }>(
    sql`select id::text from workspaces where public_id = ${workspace.id}`,
  )
  const id = BigInt(row?.id ?? 0)
  const forget = () =>
    database.db.execute(sql`delete from page_versions where workspace_id = ${row?.id}::bigint`)
  const clone = (by: TestContext = ctx) =>
    cloneWorkspace(by, { sourceId: id, buyerId: seller.id, sellerId: seller.id, reason: 'a test' })
  return { ctx, as, save, forget, clone, id }
}

test('every column that points at a content is asked', async () => {
  const rows = await database.owner.execute<{ table: string; column: string }>(sql`
    select c.table_name as "table", c.column_name as "column" from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name in ('content_hash', 'origin_hash')
      -- What a content shows goes with it.
      and c.table_name <> 'content_pictures'`)
  const known = POINTERS.map(([table, column]) => `${table}.${column}`)
  expect(rows.map(({ table, column }) => `${table}.${column}`).sort()).toEqual([...known].sort())
})

test('what nothing points at is removed after an hour; pages, histories and releases keep theirs', async () => {
  const { ctx, save, forget, clone } = await given()
  await save({ of: 'a release' })
  await clone()
  await save({ of: 'nothing' })
  await save({ of: 'a history' })
  await forget()
  await save({ of: 'a page' })
  await removeContents(ctx)
  expect((await stands({ of: 'nothing' }))?.orphanedAt).not.toBeNull()
  ctx.clock.advance(HOUR - 1)
  await removeContents(ctx)
  expect(await stands({ of: 'nothing' })).toBeDefined()
  ctx.clock.advance(2)
  await removeAll(ctx, { of: 'nothing' })
  for (const of of ['a release', 'a history', 'a page'])
    expect(await stands({ of }), of).toMatchObject({ orphanedAt: null, orphanedXid: null })
})

test('who saves a content that waits takes it back, in whatever order they come', async () => {
  for (let round = 0; round < 6; round += 1) {
    const { ctx, save, forget } = await given()
    const body = { again: `round ${round}` }
    await save(body)
    await save({ other: round })
    await forget()
    await removeContents(ctx)
    ctx.clock.advance(2 * HOUR)
    await Promise.all([removeContents(ctx), save(body), removeContents(ctx)])
    expect(await stands(body)).toBeDefined()
    ctx.clock.advance(2 * HOUR)
    await removeContents(ctx)
    await removeContents(ctx)
    expect(await stands(body)).toMatchObject({ orphanedAt: null })
  }
})

test('a save that is under way keeps its content, though it is not to be seen yet', async () => {
  const { ctx, save, forget, as } = await given()
  const body = { under: 'way' }
  await save(body)
  await save({ other: 1 })
  await forget()
  await removeContents(ctx)
  ctx.clock.advance(2 * HOUR)
  let removal: Promise<unknown> = Promise.resolve()
  await inTransaction(as, async (tx) => {
    await save(body, { ...as, db: tx.db } as TestContext)
    removal = removeContents(ctx)
    await new Promise((resume) => setTimeout(resume, 200))
  })
  await removal
  expect(await stands(body)).toBeDefined()
})

test('a copy that is under way keeps what its source lets go of meanwhile', async () => {
  const { ctx, as, save, forget, clone, id } = await given()
  const body = { let: 'go' }
  await save(body)
  await clone()
  await inTransaction(as, async (tx) => {
    // The copy is made, and not to be seen yet.
    await tx.db.execute(sql`insert into pages (workspace_id, page_no, funnel_no, position, name, slug, type, seo,
      content_hash, created_at, updated_at) select workspace_id, 99, funnel_no, 99, name, 'copied', type, seo,
      content_hash, created_at, updated_at from pages where workspace_id = ${id.toString()}::bigint and page_no = 1`)
    await database.db.execute(sql`delete from workspace_clones`)
    await forget()
    await save({ other: 1 })
    await forget()
    for (let n = 0; n < 3; n += 1) {
      await removeContents(ctx)
      ctx.clock.advance(2 * HOUR)
    }
    expect(await stands(body)).toBeDefined()
  })
  await removeContents(ctx)
  expect(await stands(body)).toMatchObject({ orphanedAt: null })
})

test('whoever lets go of a content that waits makes it wait anew', async () => {
  const { ctx, save, forget, id } = await given()
  const body = { waits: true }
  await save(body)
  await save({ other: 1 })
  await forget()
  await removeContents(ctx)
  expect((await stands(body))?.orphanedAt).not.toBeNull()
  // As a clone does that saw the page before: it points at it without storing it.
  const pointAt = (to: Record<string, unknown>) =>
    database.db
      .update(pages)
      .set({ contentHash: hashOf(to) })
      .where(sql`workspace_id = ${id.toString()}::bigint and page_no = 1`)
  await pointAt(body)
  await pointAt({ other: 1 })
  expect(await stands(body)).toMatchObject({ orphanedAt: null, orphanedXid: null })
  ctx.clock.advance(2 * HOUR)
  await removeContents(ctx)
  expect(await stands(body)).toBeDefined()
})

test('killed between its steps, or begun twice at once, it goes on the next time', async () => {
  const { ctx, save, forget } = await given()
  const body = { killed: true }
  await save(body)
  await save({ other: 2 })
  await forget()
  const killed = inTransaction(ctx, async (tx) => {
    await removeContents({ ...ctx, db: tx.db })
    throw new Error('killed')
  })
  await expect(killed).rejects.toThrow('killed')
  expect(await stands(body)).toMatchObject({ orphanedAt: null })
  await removeContents(ctx)
  ctx.clock.advance(2 * HOUR)
  await Promise.all([removeContents(ctx), removeContents(ctx)])
  await removeAll(ctx, body)
  // A mark from before a restore: transactions are counted anew.
  await save({ restored: 1 })
  await save({ other: 3 })
  await forget()
  await removeContents(ctx)
  await database.db.execute(
    sql`update page_contents set orphaned_xid = 9000000000000000 where orphaned_at is not null`,
  )
  await removeContents(ctx)
  expect((await stands({ restored: 1 }))?.orphanedXid).toBeLessThan(9_000_000_000_000_000n)
})
