import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { workspaces } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { cloneWorkspace } from './clone-workspace'
import { exportWorkspace } from './export-workspace'
import { importWorkspace } from './import-workspace'
import { readWorkspace } from './queries'
import { readUpdate } from './read-update'
import { makeRelease } from './releases'
import {
  changeFunnel,
  createFunnel,
  createPage,
  deletePage,
  duplicateFunnel,
  duplicatePage,
} from './structure'
import { takeUpdate, undoUpdate } from './take-update'
import { updatePage } from './update-page'

const database = useDatabase({ max: 8 })

const button = (href: string) => ({
  root: {},
  content: [{ type: 'Button', props: { id: 'z', label: 'Go', href } }],
})
const rowOf = async (publicId: string) => {
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, publicId))
  if (row === undefined) throw new Error('there is no such workspace')
  return row
}

/** A seller's workspace with a release, and a copy of it whose owner makes funnels and pages of their own. */
const given = async () => {
  const ctx = testContext(database.db)
  const { as: seller, workspace } = await makeSellerWithWorkspace(ctx)
  const source = await rowOf(workspace.id)
  const buyer = await makeUser(ctx, { plan: 'AGENCY' })
  const as = ctx.as(buyer.actor)
  const release = async () => {
    ctx.clock.advance(1)
    await makeRelease(seller, { workspaceId: workspace.id, notes: '' })
  }
  await release()
  const { clonedWorkspaceId: workspaceId } = await cloneWorkspace(ctx, {
    sourceId: source.id,
    buyerId: buyer.id,
    sellerId: source.ownerId,
    reason: 'a test',
  })
  const look = (choices?: Record<string, string>) => readUpdate(as, { workspaceId, choices })
  const take = async (choices?: Record<string, string>) => {
    ctx.clock.advance(1)
    return takeUpdate(as, { workspaceId, seen: (await look(choices)).update?.seen ?? '', choices })
  }
  const funnelsNow = async () => (await readWorkspace(as, workspaceId)).funnels
  return {
    ctx,
    seller,
    sourceId: workspace.id,
    source,
    as,
    workspaceId,
    release,
    look,
    take,
    undo: () => undoUpdate(as, { workspaceId }),
    funnelsNow,
    idOf: async (name: string) => (await funnelsNow()).find((funnel) => funnel.name === name)?.id ?? '',
    document: () => exportWorkspace(as, workspaceId),
  }
}

test('what a release brings goes to the funnel that was bought, not to the owner’s duplicate of it', async () => {
  const { seller, sourceId, as, workspaceId, release, take, funnelsNow, idOf } = await given()
  const names = (await funnelsNow()).map(({ name }) => name)
  const { funnelId } = await duplicateFunnel(as, { workspaceId, funnelId: '1' })
  await duplicatePage(as, { workspaceId, pageId: 'p1' })
  await changeFunnel(seller, { workspaceId: sourceId, funnelId: '1', name: 'Renamed' })
  await createPage(seller, { workspaceId: sourceId, funnelId: '1', name: 'New page' })
  await release()
  await take()
  expect((await funnelsNow()).map(({ name }) => name)).toEqual(['Renamed', names[1], `${names[0]} (copy)`])
  expect(await idOf('Renamed')).toBe('1')
  const inFunnel = async (id: string) => (await funnelsNow()).find((one) => one.id === id)?.pages ?? []
  expect((await inFunnel('1')).map(({ name }) => name)).toContain('New page')
  expect((await inFunnel(funnelId)).map(({ name }) => name)).not.toContain('New page')
})

test('a duplicate made before, which still says where it comes from, is left out of updates too', async () => {
  const { seller, sourceId, as, workspaceId, release, take, idOf } = await given()
  const { funnelId } = await duplicateFunnel(as, { workspaceId, funnelId: '1' })
  const { id } = await rowOf(workspaceId)
  await database.db.execute(sql`update funnels set origin_no = 1
    where workspace_id = ${id.toString()}::bigint and funnel_no = ${Number(funnelId)}`)
  await changeFunnel(seller, { workspaceId: sourceId, funnelId: '1', name: 'Renamed' })
  await release()
  await take()
  expect(await idOf('Renamed')).toBe('1')
})

test('undo is refused while a page of the owner’s own is in a funnel that would go, and nothing is lost', async () => {
  const { seller, sourceId, as, workspaceId, release, take, undo, idOf, document } = await given()
  const before = await document()
  await createFunnel(seller, { workspaceId: sourceId, name: 'Newcomer' })
  await release()
  await take()
  const { pageId } = await createPage(as, { workspaceId, funnelId: await idOf('Newcomer'), name: 'My own' })
  const taken = await document()
  await expect(undo()).rejects.toMatchObject({
    status: 422,
    code: 'EDITED_SINCE',
    message: expect.stringContaining('“My own”'),
  })
  expect(await document()).toEqual(taken)
  await deletePage(as, { workspaceId, pageId })
  await undo()
  expect(await document()).toEqual(before)
})

test('undo is refused while a link of the owner’s leads to a page that would go', async () => {
  const { seller, sourceId, as, workspaceId, release, take, undo, document } = await given()
  const before = await document()
  const { pageId } = await createPage(seller, { workspaceId: sourceId, funnelId: '1', name: 'Newcomer' })
  await release()
  await take()
  await updatePage(as, { workspaceId, pageId: 'p2', content: button(`page:${pageId}`) })
  await expect(undo()).rejects.toMatchObject({
    code: 'EDITED_SINCE',
    message: expect.stringContaining('“Page 2”'),
  })
  await importWorkspace(as, await document())
  const [row] = before.funnels.flatMap(({ pages: all }) => all).filter(({ key }) => key === 'p2')
  await updatePage(as, { workspaceId, pageId: 'p2', content: row?.content ?? {} })
  await undo()
  expect(await document()).toEqual(before)
})

test('undo is refused while what would come back leads to what the owner removed since', async () => {
  const { seller, sourceId, as, workspaceId, release, take, undo, document } = await given()
  await updatePage(as, { workspaceId, pageId: 'p1', content: button('page:p2') })
  await updatePage(seller, { workspaceId: sourceId, pageId: 'p1', content: button('page:p3') })
  await release()
  await take({ 'page:p1': 'take' })
  const { id } = await rowOf(workspaceId)
  await database.db.execute(sql`update pages set content_hash = (select content_hash from pages
    where workspace_id = ${id.toString()}::bigint and page_no = 1) where workspace_id = ${id.toString()}::bigint`)
  await deletePage(as, { workspaceId, pageId: 'p2' })
  const taken = await document()
  await expect(undo()).rejects.toMatchObject({
    code: 'EDITED_SINCE',
    message: expect.stringContaining('“Page 1”'),
  })
  expect(await document()).toEqual(taken)
})

test('undo is refused while a funnel uses a theme that would go', async () => {
  const { source, as, workspaceId, release, take, undo, document } = await given()
  const before = await document()
  await database.db.execute(sql`insert into themes (workspace_id, theme_no, key, name, tokens)
    values (${source.id.toString()}::bigint, 99, 'brandnew', 'Brand new', '{}')`)
  await release()
  await take()
  const { theme } = before.funnels[0] ?? {}
  await changeFunnel(as, { workspaceId, funnelId: '1', theme: 'brandnew' })
  await expect(undo()).rejects.toMatchObject({
    code: 'EDITED_SINCE',
    message: expect.stringContaining('“Funnel 1”'),
  })
  await changeFunnel(as, { workspaceId, funnelId: '1', theme: theme ?? null })
  await undo()
  expect(await document()).toEqual(before)
})

test('undo is refused while an address that would come back is another funnel’s', async () => {
  const { seller, sourceId, as, workspaceId, release, take, undo, document } = await given()
  await changeFunnel(seller, { workspaceId: sourceId, funnelId: '1', slug: 'elsewhere' })
  await release()
  await take()
  await createFunnel(as, { workspaceId, name: 'Mine', slug: 'funnel-1' })
  const taken = await document()
  await expect(undo()).rejects.toMatchObject({ status: 422, code: 'EDITED_SINCE' })
  expect(await document()).toEqual(taken)
})

test('a release puts nothing online and takes nothing offline', async () => {
  const { seller, sourceId, as, workspaceId, release, look, take, undo, funnelsNow } = await given()
  const isOnline = async () =>
    Object.fromEntries((await funnelsNow()).map(({ name, status }) => [name, status]))
  await changeFunnel(as, { workspaceId, funnelId: '1', status: 'LIVE' })
  await changeFunnel(as, { workspaceId, funnelId: '2', status: 'DRAFT' })
  const before = await isOnline()
  await changeFunnel(seller, { workspaceId: sourceId, funnelId: '1', status: 'ARCHIVED' })
  await changeFunnel(seller, { workspaceId: sourceId, funnelId: '2', status: 'LIVE' })
  const { funnelId } = await createFunnel(seller, { workspaceId: sourceId, name: 'Newcomer' })
  await changeFunnel(seller, { workspaceId: sourceId, funnelId, status: 'LIVE' })
  await release()
  const items = (await look()).update?.items ?? []
  expect(items.filter(({ kind }) => kind === 'funnel').map(({ name, change }) => [name, change])).toEqual([
    ['Newcomer', 'ADDED'],
  ])
  expect(items.flatMap(({ fields }) => fields).map(({ name }) => name)).not.toContain('status')
  await take()
  expect(await isOnline()).toEqual({ ...before, Newcomer: 'DRAFT' })
  await undo()
  expect(await isOnline()).toEqual(before)
})
