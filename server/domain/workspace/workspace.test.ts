import { and, eq, inArray } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { activityLog, funnels, globalThemes, workspaces } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { cloneWorkspace } from './clone-workspace'
import { createWorkspace } from './create-workspace'
import { deleteWorkspace } from './delete-workspace'
import { exportWorkspace } from './export-workspace'
import { workspaceUsage } from './limits'
import { describeForSale, findPage, getWorkspace, listWorkspaces, readPage, readWorkspace } from './queries'
import { updatePage } from './update-page'
import { updateWorkspace } from './update-workspace'

const database = useDatabase()

const rowIdOf = async (publicId: string): Promise<bigint> => {
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, publicId))
  return row?.id ?? 0n
}

test('a new workspace is its maker’s, with a slug from its name', async () => {
  const ctx = testContext(database.db)
  const { actor } = await makeUser(ctx, { plan: 'AGENCY' })
  const as = ctx.as(actor)
  const first = await createWorkspace(as, { name: 'My Place', settings: { a: 1 }, image: null })
  const second = await createWorkspace(as, { name: 'My Place' })
  expect(first).toMatchObject({
    name: 'My Place',
    slug: 'my-place',
    planType: 'AGENCY',
    status: 'ACTIVE',
    pages: 0,
  })
  expect(second.slug).toBe('my-place-1')
  expect(await getWorkspace(as, first.id)).toEqual(first)
  const log = await database.db.select().from(activityLog).where(eq(activityLog.subjectId, first.id))
  expect(log.map((line) => line.action)).toEqual(['workspace_created'])
})

test('the last place of a plan goes to one of two who ask at once; bought copies and deleted ones leave it free', async () => {
  const ctx = testContext(database.db)
  const { source, sellerId } = await makeSellerWithWorkspace(ctx).then(async ({ seller, workspace }) => ({
    sellerId: seller.id,
    source: await rowIdOf(workspace.id),
  }))
  const buyer = await makeUser(ctx)
  const as = ctx.as(buyer.actor)
  for (let i = 0; i < 3; i += 1)
    await cloneWorkspace(ctx, { sourceId: source, sellerId, buyerId: buyer.id, reason: 'gift' })
  const made = await Promise.allSettled([
    createWorkspace(as, { name: 'A' }),
    createWorkspace(as, { name: 'B' }),
  ])
  expect(made.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
  const refusal = made.find((one) => one.status === 'rejected')
  expect(refusal?.reason).toMatchObject({
    status: 422,
    code: 'PLAN_LIMIT_REACHED',
    message: expect.stringContaining('1 of yours counts'),
  })
  const own = made.find((one) => one.status === 'fulfilled')?.value.id ?? ''
  await deleteWorkspace(as, own)
  await expect(createWorkspace(as, { name: 'C' })).resolves.toMatchObject({ planType: 'FREE' })
})

test('someone else’s workspace, a deleted one, a missing one and a malformed id look alike', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const gone = await createWorkspace(as, { name: 'Gone' })
  await deleteWorkspace(as, gone.id)
  const other = ctx.as((await makeUser(ctx)).actor)
  const page = { funnelId: '1', pageId: 'p1' }
  const attempts = [
    [other, workspace.id],
    [as, gone.id],
    [as, 'abcdefghij123456'],
    [as, '../x'],
    [as, workspace.id.toUpperCase()],
  ] as const
  const missing = { status: 404, code: 'WORKSPACE_NOT_FOUND', message: 'There is no such workspace.' }
  for (const [who, id] of attempts)
    for (const attempt of [
      () => getWorkspace(who, id),
      () => readWorkspace(who, id),
      () => exportWorkspace(who, id),
      () => deleteWorkspace(who, id),
      () => updateWorkspace(who, { id, name: 'X' }),
      () => updatePage(who, { workspaceId: id, pageId: 'p1', name: 'X' }),
      () => readPage(who, { workspaceId: id, ...page }),
    ])
      await expect(attempt()).rejects.toMatchObject(missing)
  await expect(getWorkspace(ctx, workspace.id)).rejects.toMatchObject({ status: 401 })
})

test('two who delete a workspace at once delete it once', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const both = await Promise.allSettled([
    deleteWorkspace(as, workspace.id),
    deleteWorkspace(as, workspace.id),
  ])
  expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('a change touches what is given and keeps the slug', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  ctx.clock.advance(5_000)
  const changed = await updateWorkspace(as, {
    id: workspace.id,
    name: 'New',
    image: null,
    settings: { b: 2 },
  })
  expect(changed).toEqual({
    ...workspace,
    name: 'New',
    image: null,
    settings: { b: 2 },
    updatedAt: ctx.now().toISOString(),
  })
  expect(await updateWorkspace(as, { id: workspace.id, description: 'D' })).toMatchObject({
    name: 'New',
    description: 'D',
  })
})

test('two changes of different things at once both stay', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  for (let round = 0; round < 5; round += 1) {
    const [name, description] = [`Name ${round}`, `Description ${round}`]
    await Promise.all([
      updateWorkspace(as, { id: workspace.id, name }),
      updateWorkspace(as, { id: workspace.id, description }),
    ])
    expect(await getWorkspace(as, workspace.id)).toMatchObject({ name, description })
  }
})

test('settings that could not be stored or exported are refused', async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx)).actor)
  let deep: Record<string, unknown> = {}
  for (let i = 0; i < 100_000; i += 1) deep = { deep }
  for (const settings of [deep, { a: 'x\0' }, { a: 'x'.repeat(300_000) }])
    await expect(createWorkspace(as, { name: 'A', settings })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
})

test('a list has each workspace once, newest first, and none of others', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const made = [workspace.id]
  for (let i = 0; i < 6; i += 1) {
    if (i % 2 === 0) ctx.clock.advance(1_000)
    made.unshift((await createWorkspace(as, { name: `W${i}` })).id)
  }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await listWorkspaces(as, { limit: 2, cursor })
    seen.push(...page.items.map((item) => item.id))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(made)
  expect((await listWorkspaces(as, { limit: 50 })).items.at(-1)).toMatchObject({ funnels: 2, pages: 6 })
  expect(await listWorkspaces(ctx.as((await makeUser(ctx)).actor), { limit: 2 })).toEqual({
    items: [],
    nextCursor: null,
  })
  const forged = Buffer.from('2026-01-01T00:00:00.000Z|x').toString('base64url')
  await expect(listWorkspaces(as, { limit: 2, cursor: forged })).rejects.toMatchObject({ status: 400 })
})

test('the tree shows funnels, pages and themes in order', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const tree = await readWorkspace(as, workspace.id)
  expect(tree.counts).toEqual({ funnels: 2, pages: 6, themes: 1 })
  expect(tree.themes).toEqual([{ key: 'night', name: 'Night' }])
  expect(tree.funnels.map((funnel) => [funnel.id, funnel.theme, funnel.passwordProtected])).toEqual([
    ['1', 'night', true],
    ['2', null, false],
  ])
  expect(tree.funnels[1]?.pages.map((page) => page.id)).toEqual(['p4', 'p5', 'p6'])
  expect(tree.funnels.map((funnel) => funnel.hasTracking)).toEqual([true, true])
  expect(tree.roleTemplates).toEqual([
    { name: 'Editor', permissions: ['pages.edit'] },
    { name: 'Viewer', permissions: [] },
  ])
})

test('a page is shown in the theme of its funnel: the workspace’s own, a global one, or none', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const themeOf = async (funnelId: string, pageId: string) =>
    (await readPage(as, { workspaceId: workspace.id, funnelId, pageId })).funnel.theme
  expect(await themeOf('1', 'p1')).toEqual({ name: 'Night', tokens: { color: { ink: '#fff' } } })
  expect(await themeOf('2', 'p4')).toBeNull()
  await database.db.insert(globalThemes).values({ key: 'day', name: 'Day', tokens: { a: 1 } })
  const ours = database.db
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(eq(workspaces.publicId, workspace.id))
  await database.db
    .update(funnels)
    .set({ globalThemeKey: 'day' })
    .where(and(inArray(funnels.workspaceId, ours), eq(funnels.funnelNo, 2)))
  expect(await themeOf('2', 'p4')).toEqual({ name: 'Day', tokens: { a: 1 } })
})

test('a linking id leads its owner to the page, and nobody else', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx, { pagesPerFunnel: 12 })
  const page = await readPage(as, { workspaceId: workspace.id, funnelId: '2', pageId: 'p20' })
  expect(await findPage(as, page.linkingId)).toEqual({
    workspaceId: workspace.id,
    funnelId: '2',
    pageId: 'p20',
  })
  const missing = { status: 404, code: 'PAGE_NOT_FOUND' }
  const other = ctx.as((await makeUser(ctx)).actor)
  await expect(findPage(other, page.linkingId)).rejects.toMatchObject(missing)
  for (const id of [
    `${workspace.id}-ff`,
    `${workspace.id}-0`,
    'abcdefghij123456-1',
    `${workspace.id}-1G`,
    'x',
  ])
    await expect(findPage(as, id)).rejects.toMatchObject(missing)
  await expect(findPage(ctx, page.linkingId)).rejects.toMatchObject({ status: 401 })
  await deleteWorkspace(as, workspace.id)
  await expect(findPage(as, page.linkingId)).rejects.toMatchObject(missing)
})

test('what counts against the plan is told: own workspaces, neither copies nor deleted ones', async () => {
  const ctx = testContext(database.db)
  const { seller, workspace, as: asSeller } = await makeSellerWithWorkspace(ctx)
  const buyer = await makeUser(ctx)
  const as = ctx.as(buyer.actor)
  expect(await workspaceUsage(as)).toMatchObject({
    planType: 'FREE',
    used: 0,
    limit: 1,
    left: 1,
    refusal: null,
  })
  const own = await createWorkspace(as, { name: 'Mine' })
  await cloneWorkspace(ctx, {
    sourceId: await rowIdOf(workspace.id),
    sellerId: seller.id,
    buyerId: buyer.id,
    reason: 'gift',
  })
  expect(await workspaceUsage(as)).toMatchObject({
    used: 1,
    limit: 1,
    refusal: expect.stringContaining('BUSINESS has 5'),
  })
  const copies = (await listWorkspaces(as, { limit: 50 })).items.map((one) => [one.name, one.isCopy])
  expect(copies).toEqual(
    expect.arrayContaining([
      ['Mine', false],
      [workspace.name, true],
    ]),
  )
  await deleteWorkspace(as, own.id)
  expect(await workspaceUsage(as)).toMatchObject({ used: 0 })
  expect(await workspaceUsage(asSeller)).toMatchObject({
    planType: 'AGENCY',
    used: 1,
    limit: null,
    left: null,
    refusal: null,
    addon: null,
  })
  await expect(workspaceUsage(ctx)).rejects.toMatchObject({ status: 401 })
})

test('a page is read with where its links lead; in the wrong funnel it is not there', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const page = await readPage(as, { workspaceId: workspace.id, funnelId: '1', pageId: 'p3' })
  expect(page).toMatchObject({ id: 'p3', type: 'RESULT', funnel: { id: '1', slug: 'funnel-1' } })
  expect(page.links).toEqual([
    {
      href: 'page:p4',
      target: { pageId: 'p4', name: 'Page 4', slug: 'page-1', funnelId: '2', linkingId: `${workspace.id}-4` },
    },
  ])
  for (const [funnelId, pageId] of [
    ['2', 'p3'],
    ['1', 'p99'],
    ['x', 'p3'],
    ['1', '2147483648'],
    ['1', 'p9999999999'],
  ] as const)
    await expect(readPage(as, { workspaceId: workspace.id, funnelId, pageId })).rejects.toMatchObject({
      status: 404,
      code: 'PAGE_NOT_FOUND',
    })
})

test('a page takes a new name and content, and refuses content an import would refuse', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const edit = { workspaceId: workspace.id, pageId: 'p1' }
  ctx.clock.advance(1_000)
  const changed = await updatePage(as, {
    ...edit,
    name: 'Start',
    content: { to: 'page:p6', text: 'page: six' },
  })
  expect(changed).toMatchObject({
    name: 'Start',
    content: { to: 'page:p6' },
    updatedAt: ctx.now().toISOString(),
  })
  expect(changed.links).toMatchObject([{ href: 'page:p6', target: { pageId: 'p6' } }])
  expect(await updatePage(as, { ...edit, name: 'Only' })).toMatchObject({
    name: 'Only',
    content: { to: 'page:p6' },
  })
  let deep: Record<string, unknown> = {}
  for (let i = 0; i < 60; i += 1) deep = { deep }
  for (const [content, path] of [
    [{ to: ['page:p7'] }, ['content', 'to', 0]],
    [{ text: '\0' }, ['content', 'text']],
    [{ text: 'x'.repeat(1_048_576) }, ['content']],
    [deep, expect.anything()],
  ] as const)
    await expect(updatePage(as, { ...edit, content })).rejects.toMatchObject({
      status: 400,
      issues: [{ path }],
    })
  for (const pageId of ['p7', 'x'])
    await expect(updatePage(as, { ...edit, pageId, name: 'X' })).rejects.toMatchObject({
      code: 'PAGE_NOT_FOUND',
    })
})

test('a buyer is told what is in a workspace and what a copy gets, as long as it is there', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const id = await rowIdOf(workspace.id)
  const told = await describeForSale(ctx, id)
  expect(told).toMatchObject({
    name: 'Premium Templates',
    counts: { funnels: 2, pages: 6, themes: 1 },
    funnels: [{ name: 'Funnel 1', pages: ['Page 1', 'Page 2', 'Page 3'] }, { name: 'Funnel 2' }],
  })
  expect(JSON.stringify(told)).not.toContain('key-of-the-seller')
  await deleteWorkspace(as, workspace.id)
  await expect(describeForSale(ctx, id)).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' })
})
