import { eq, getTableName, is, sql } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import * as schema from '../../../db/schema'
import { funnels, mails, pages, themes, workspaceReleases, workspaces } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { inTransaction } from '../../kit/context'
import { cloneManifest } from './clone-manifest'
import { cloneWorkspace } from './clone-workspace'
import { deleteWorkspace } from './delete-workspace'
import { exportWorkspace } from './export-workspace'
import { planUsage, workspaceUsage } from './limits'
import { manualClone } from './manual-clone'
import { describeForSale, listWorkspaces } from './queries'
import { listReleases, makeRelease } from './releases'
import type { WorkspaceDocument } from './schemas'
import { tellOwners } from './tell-owners'
import { updatePage } from './update-page'
import { updateWorkspace } from './update-workspace'
import { whatIsOffered } from './what-is-offered'

const database = useDatabase({ max: 16 })

const given = async () => {
  const ctx = testContext(database.db)
  const { as, workspace, seller } = await makeSellerWithWorkspace(ctx)
  const buyer = await makeUser(ctx)
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, workspace.id))
  if (row === undefined) throw new Error('there is no such workspace')
  const sell = async () => {
    const sold = await cloneWorkspace(ctx, {
      sourceId: row.id,
      buyerId: buyer.id,
      sellerId: seller.id,
      reason: 'a test',
    })
    return { ...sold, document: await exportWorkspace(ctx.as(buyer.actor), sold.clonedWorkspaceId) }
  }
  const release = (more: { label?: string; notes?: string } = {}) =>
    makeRelease(as, { workspaceId: workspace.id, ...more })
  const edit = (words: string, pageId = 'p1') =>
    updatePage(as, { workspaceId: workspace.id, pageId, content: { words } })
  return { ctx, as, workspace, row, seller, buyer, asBuyer: ctx.as(buyer.actor), sell, release, edit }
}

/** What a copy takes over. */
const content = (document: WorkspaceDocument) => ({
  name: document.name,
  themes: document.themes,
  pages: document.funnels.flatMap((funnel) =>
    funnel.pages.map(({ linkingId, visits, ...page }) => ({ ...page, funnel: funnel.name })),
  ),
})

test('buyers get the latest release, whatever the seller does meanwhile; without one, the state as it is', async () => {
  const { release, edit, sell, as, workspace, row } = await given()
  await edit('before')
  const live = await exportWorkspace(as, workspace.id)
  expect(content((await sell()).document)).toEqual(content(live))
  await edit('one')
  const sold = await exportWorkspace(as, workspace.id)
  expect(await release({ notes: 'The first' })).toMatchObject({
    number: 1,
    label: 'Version 1',
    notes: 'The first',
    funnels: 2,
    pages: 6,
    sold: 0,
  })
  await edit('not yet', 'p2')
  await updateWorkspace(as, { id: workspace.id, name: 'Another name' })
  const bought = await sell()
  expect(content(bought.document)).toEqual(content(sold))
  expect(bought.clonedWorkspaceName).toBe(row.name)
  await release({ label: 'Spring' })
  expect(content((await sell()).document)).toEqual(content(await exportWorkspace(as, workspace.id)))
  const { items, hasChanged } = await listReleases(as, { workspaceId: workspace.id, limit: 10 })
  expect(items.map(({ label, sold }) => [label, sold])).toEqual([
    ['Spring', 1],
    ['Version 1', 1],
  ])
  expect(hasChanged).toBe(false)
})

test('the clone record knows the release or the state; a state that is the same still is kept once', async () => {
  const { sell, edit, row, release } = await given()
  const releaseOf = async ({ cloneId }: { cloneId: string }) => {
    const [found] = await database.db.execute<{ id: string; number: number | null }>(
      sql`select r.id, r.number from workspace_clones c join workspace_releases r on r.id = c.release_id where c.id = ${cloneId}`,
    )
    return found
  }
  const [first, second] = [await releaseOf(await sell()), await releaseOf(await sell())]
  expect(first).toMatchObject({ number: null })
  expect(second).toEqual(first)
  await edit('changed')
  expect((await releaseOf(await sell()))?.id).not.toBe(first?.id)
  const { id } = await release()
  expect(await releaseOf(await sell())).toEqual({ id, number: 1 })
  expect(await database.db.$count(workspaceReleases, eq(workspaceReleases.workspaceId, row.id))).toBe(3)
})

test('the fingerprint is that of its copies too, and of nothing that is not copied', async () => {
  const { sell, row, edit } = await given()
  const fingerprint = async (id: bigint) => {
    const [found] = await database.db.execute<{ hex: string }>(
      sql`select encode(workspace_fingerprint(${id.toString()}::bigint), 'hex') hex`,
    )
    return found?.hex
  }
  const before = await fingerprint(row.id)
  const [copy] = await database.db
    .select()
    .from(workspaces)
    .where(eq(workspaces.publicId, (await sell()).clonedWorkspaceId))
  expect(await fingerprint(copy?.id ?? 0n)).toBe(before)
  await database.db.update(pages).set({ visits: 5n }).where(eq(pages.workspaceId, row.id))
  await database.db.update(funnels).set({ tracking: {} }).where(eq(funnels.workspaceId, row.id))
  expect(await fingerprint(row.id)).toBe(before)
  await edit('changed')
  expect(await fingerprint(row.id)).not.toBe(before)
})

test('every table that is copied is part of the fingerprint', async () => {
  const [row] = await database.db.execute<{ body: string }>(
    sql`select prosrc as body from pg_proc where proname = 'workspace_fingerprint'`,
  )
  for (const [name, what] of Object.entries(cloneManifest)) {
    const table = Object.entries<unknown>(schema).find(([key]) => key === name)?.[1]
    if (what === 'copy' && is(table, PgTable)) expect(row?.body).toContain(`"${getTableName(table)}"`)
  }
})

test('nothing of a release changes, and it is nobody’s: not listed, not counted, not cloned by its name', async () => {
  const { as, release, row, ctx, buyer, sell } = await given()
  const [before, usage] = [await listWorkspaces(as, { limit: 10 }), await workspaceUsage(as)]
  const limits = await planUsage(as)
  await release()
  await sell()
  expect(await listWorkspaces(as, { limit: 10 })).toEqual(before)
  expect(await workspaceUsage(as)).toEqual(usage)
  expect(await planUsage(as)).toEqual(limits)
  const [made] = await database.db
    .select()
    .from(workspaceReleases)
    .where(eq(workspaceReleases.workspaceId, row.id))
  const [frozen] = await database.db
    .select()
    .from(workspaces)
    .where(eq(workspaces.id, made?.frozenId ?? 0n))
  if (frozen === undefined) throw new Error('the release is missing')
  await expect(exportWorkspace(as, frozen.publicId)).rejects.toMatchObject({ status: 404 })
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  await expect(
    manualClone(admin, { id: frozen.publicId, newOwnerId: buyer.id, reason: 'a gift' }),
  ).rejects.toMatchObject({ status: 404 })
  for (const change of [
    sql`update workspaces set name = 'x' where id = ${frozen.id.toString()}::bigint`,
    sql`update workspaces set status = 'ACTIVE' where id = ${frozen.id.toString()}::bigint`,
    sql`delete from workspaces where id = ${frozen.id.toString()}::bigint`,
    ...[pages, funnels, themes].flatMap((table) => [
      sql`update ${table} set name = 'x' where workspace_id = ${frozen.id.toString()}::bigint`,
      sql`delete from ${table} where workspace_id = ${frozen.id.toString()}::bigint`,
    ]),
    sql`update workspace_releases set notes = 'x'`,
  ])
    await expect(database.db.execute(change)).rejects.toThrow()
})

test('a release without a change is refused, and so is the eleventh of a day', async () => {
  const { release, edit, ctx } = await given()
  await release()
  await expect(release()).rejects.toMatchObject({ status: 422, code: 'NOTHING_NEW' })
  for (let n = 2; n <= 10; n += 1) {
    await edit(`state ${n}`)
    await release()
  }
  await edit('one more')
  await expect(release()).rejects.toMatchObject({ status: 422, code: 'TOO_MANY_RELEASES' })
  ctx.clock.advance(25 * 3_600_000)
  expect(await release()).toMatchObject({ number: 11 })
})

test('two releases at once: one passes, the other finds nothing new', async () => {
  const { release, as, workspace } = await given()
  const both = await Promise.allSettled([release(), release()])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect((await listReleases(as, { workspaceId: workspace.id, limit: 10 })).items).toHaveLength(1)
})

test('beside edits of many pages at once a release is one state', async () => {
  const { as, workspace, release, sell } = await given()
  let over = false
  const editing = (async () => {
    for (let round = 0; !over; round += 1)
      await inTransaction(as, async (tx) => {
        for (const no of [1, 4, 6])
          await updatePage(tx, {
            workspaceId: workspace.id,
            pageId: `p${no}`,
            content: { round: `round ${round}` },
          })
      })
  })()
  for (let n = 0; n < 8; n += 1) {
    await release().catch(() => {})
    const all = (await sell()).document.funnels.flatMap((funnel) => funnel.pages)
    const edited = all.filter(({ key }) => ['p1', 'p4', 'p6'].includes(key))
    expect(new Set(edited.map((page) => JSON.stringify(page.content.round ?? page.key))).size).toBeOneOf([
      1, 3,
    ])
  }
  over = true
  await editing
})

test('what is offered is the latest release: counts, words and the row to preview', async () => {
  const { release, row, as, workspace } = await given()
  expect(await whatIsOffered(as, row.id)).toMatchObject({
    row: { id: row.id },
    release: null,
    counts: { funnels: 2, pages: 6, themes: 1 },
  })
  const { id } = await release({ label: 'Spring' })
  await updateWorkspace(as, { id: workspace.id, name: 'Another name' })
  await database.db.delete(funnels).where(sql`workspace_id = ${row.id.toString()}::bigint and funnel_no = 2`)
  expect(await whatIsOffered(as, row.id)).toMatchObject({
    row: { status: 'RELEASE', name: row.name },
    release: { id, label: 'Spring' },
    counts: { funnels: 2, pages: 6, themes: 1 },
  })
  expect(await describeForSale(as, row.id)).toMatchObject({ name: row.name, counts: { funnels: 2 } })
  await deleteWorkspace(as, workspace.id)
  await expect(whatIsOffered(as, row.id)).rejects.toMatchObject({ status: 404 })
})

test('the owner of each copy is told once, of the latest release, unless the copy is frozen or gone', async () => {
  const { ctx, release, sell, edit, buyer, asBuyer } = await given()
  const [first, frozen, gone] = [await sell(), await sell(), await sell()]
  await deleteWorkspace(asBuyer, gone.clonedWorkspaceId)
  await database.db
    .update(workspaces)
    .set({ status: 'FROZEN' })
    .where(eq(workspaces.publicId, frozen.clonedWorkspaceId))
  await edit('one')
  const old = await release()
  await edit('two')
  const { id } = await release({ notes: 'Better.' })
  for (const one of [old.id, id, id]) await tellOwners(ctx, one)
  await Promise.all([tellOwners(ctx, id), tellOwners(ctx, id)])
  const told = await database.db.select().from(mails).where(eq(mails.template, 'release-available'))
  expect(told).toMatchObject([
    {
      to: buyer.email,
      data: { workspacePublicId: first.clonedWorkspaceId, label: 'Version 2', notes: 'Better.' },
    },
  ])
  await tellOwners(ctx, crypto.randomUUID())
})

test('a release is made by the owner of a workspace that may be edited', async () => {
  const { workspace, asBuyer, as, row, release } = await given()
  await expect(makeRelease(asBuyer, { workspaceId: workspace.id })).rejects.toMatchObject({ status: 404 })
  await database.db.update(workspaces).set({ status: 'FROZEN' }).where(eq(workspaces.id, row.id))
  await expect(release()).rejects.toMatchObject({ code: 'WORKSPACE_FROZEN' })
  await expect(listReleases(as, { workspaceId: workspace.id, limit: 1, cursor: 'x' })).rejects.toMatchObject({
    status: 400,
  })
})
