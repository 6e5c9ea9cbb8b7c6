import { and, eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import { funnels, pages, workspaces } from '../../../../db/schema'
import { type TestContext, testContext } from '../../../../db/testing/context'
import { useDatabase } from '../../../../db/testing/database'
import { makeUser } from '../../../../db/testing/factories/identity'
import { sampleDocument } from '../../../../db/testing/factories/workspace'
import {
  changeFunnel,
  createFunnel,
  createPage,
  createWorkspace,
  deleteFunnel,
  deletePage,
  duplicateFunnel,
  duplicatePage,
  exportWorkspace,
  importWorkspace,
  makeRelease,
  moveFunnel,
  movePage,
  readFunnelSettings,
  readWorkspace,
  updatePage,
} from '..'

const database = useDatabase()

const given = async (size: Parameters<typeof sampleDocument>[0] = {}) => {
  const ctx = testContext(database.db)
  const owner = await makeUser(ctx, { plan: 'AGENCY' })
  const as = ctx.as(owner.actor)
  const workspace = await importWorkspace(as, sampleDocument(size))
  return { ctx, as, workspaceId: workspace.id }
}
const treeOf = (as: TestContext, id: string) => readWorkspace(as, id)
const funnelNames = async (as: TestContext, id: string) =>
  (await treeOf(as, id)).funnels.map(({ name }) => name)
const pagesOf = async (as: TestContext, id: string, funnelId: string) =>
  (await treeOf(as, id)).funnels.find((one) => one.id === funnelId)?.pages ?? []
const refusal = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: { status: number; code: string; message: string }) => error,
  )

describe('a funnel', () => {
  it('is made last, as a draft with an empty page, under an address of its own', async () => {
    const { as, workspaceId } = await given()
    const first = await createFunnel(as, { workspaceId, name: 'Früh­jahr 2027' })
    const second = await createFunnel(as, { workspaceId, name: 'Früh­jahr 2027' })
    const { funnels: all } = await treeOf(as, workspaceId)
    expect(all.slice(2)).toMatchObject([
      { id: first.funnelId, status: 'DRAFT', pages: [{ name: 'Home', slug: 'home' }] },
      { id: second.funnelId, slug: `${all[2]?.slug}-2` },
    ])
    expect(await refusal(createFunnel(as, { workspaceId, name: 'X', slug: 'funnel-1' }))).toMatchObject({
      status: 409,
      code: 'SLUG_TAKEN',
    })
  })

  it('is made once in each of two requests at once, and not over the limit of the plan', async () => {
    const ctx = testContext(database.db)
    const as = ctx.as((await makeUser(ctx, { plan: 'FREE' })).actor)
    const { id: workspaceId } = await createWorkspace(as, { name: 'Small' })
    const made = await Promise.all(
      ['A', 'B', 'C', 'D'].map((name) =>
        createFunnel(as, { workspaceId, name }).then(
          () => 'made',
          (error: { code: string }) => error.code,
        ),
      ),
    )
    expect(made.filter((one) => one === 'made')).toHaveLength(3)
    expect(made).toContain('PLAN_LIMIT_REACHED')
    const { funnels: all } = await treeOf(as, workspaceId)
    expect(new Set(all.map(({ id }) => id)).size).toBe(3)
    expect(new Set(all.flatMap((one) => one.pages.map(({ id }) => id))).size).toBe(3)
  })

  it('changes in what is given, and is refused a theme or an address that is not to be had', async () => {
    const { as, workspaceId } = await given()
    const address = { workspaceId, funnelId: '2' }
    await changeFunnel(as, {
      ...address,
      name: 'Launch',
      slug: 'launch',
      status: 'LIVE',
      theme: 'night',
      settings: { language: 'de' },
      tracking: { googleAnalyticsId: 'G-9', metaPixelId: ' ' },
      password: 'open sesame',
    })
    expect(await readFunnelSettings(as, address)).toMatchObject({
      name: 'Launch',
      slug: 'launch',
      status: 'LIVE',
      theme: 'night',
      settings: { language: 'de', favicon: null },
      tracking: { googleAnalyticsId: 'G-9' },
      passwordProtected: true,
      passwordSet: true,
    })
    await changeFunnel(as, { ...address, theme: null, password: null, slug: 'launch' })
    expect(await readFunnelSettings(as, address)).toMatchObject({
      name: 'Launch',
      theme: null,
      passwordProtected: false,
      passwordSet: false,
    })
    expect(await refusal(changeFunnel(as, { ...address, theme: 'nothing' }))).toMatchObject({ status: 400 })
    expect(await refusal(changeFunnel(as, { ...address, theme: 'global:nothing' }))).toMatchObject({
      status: 400,
    })
    expect(await refusal(changeFunnel(as, { ...address, slug: 'funnel-1' }))).toMatchObject({ status: 409 })
  })

  it('moves before another one, or last', async () => {
    const { as, workspaceId } = await given({ funnels: 3, pagesPerFunnel: 1 })
    await moveFunnel(as, { workspaceId, funnelId: '3', before: '1' })
    expect(await funnelNames(as, workspaceId)).toEqual(['Funnel 3', 'Funnel 1', 'Funnel 2'])
    await moveFunnel(as, { workspaceId, funnelId: '3' })
    expect(await funnelNames(as, workspaceId)).toEqual(['Funnel 1', 'Funnel 2', 'Funnel 3'])
  })

  it('is duplicated with links that stay within the duplicate, without what visitors are tracked or asked by', async () => {
    const { as, workspaceId } = await given({ funnels: 2, pagesPerFunnel: 3 })
    const { funnelId } = await duplicateFunnel(as, { workspaceId, funnelId: '1' })
    const document = await exportWorkspace(as, workspaceId)
    const [one, , copy] = document.funnels
    expect(copy).toMatchObject({
      id: funnelId,
      name: 'Funnel 1 (copy)',
      status: 'DRAFT',
      theme: 'night',
      tracking: {},
      passwordProtected: false,
    })
    expect(copy?.pages.map(({ key }) => key)).toEqual(['p7', 'p8', 'p9'])
    const hrefs = (funnel: typeof one) =>
      funnel?.pages.map(
        ({ content }) => (content as { content: { props: { href?: string } }[] }).content[0]?.props.href,
      )
    expect(hrefs(one)).toEqual(['page:p2', 'page:p3', 'page:p4'])
    // The last leads to the other funnel, as before.
    expect(hrefs(copy)).toEqual(['page:p8', 'page:p9', 'page:p4'])
    expect(copy?.pages.map(({ seo }) => seo)).toEqual(one?.pages.map(({ seo }) => seo))
  })

  it('is not deleted while pages of others lead into it, and then with all its pages', async () => {
    const { ctx, as, workspaceId } = await given({ funnels: 2, pagesPerFunnel: 2 })
    const gone = () => deleteFunnel(as, { workspaceId, funnelId: '2' })
    expect(await refusal(gone())).toMatchObject({
      status: 422,
      code: 'PAGE_LINKED',
      message: expect.stringContaining('“Page 2”'),
    })
    await updatePage(as, { workspaceId, pageId: 'p2', content: { root: {}, content: [] } })
    await gone()
    expect(await funnelNames(as, workspaceId)).toEqual(['Funnel 1'])
    const [row] = await ctx.db.select().from(workspaces).where(eq(workspaces.publicId, workspaceId))
    const ofIt = and(eq(pages.workspaceId, row?.id ?? 0n), eq(pages.funnelNo, 2))
    expect(await ctx.db.$count(pages, ofIt)).toBe(0)
    expect(await refusal(gone())).toMatchObject({ status: 404, code: 'FUNNEL_NOT_FOUND' })
  })
})

describe('a page', () => {
  it('is made, moved, duplicated and deleted within its funnel', async () => {
    const { as, workspaceId } = await given({ funnels: 1, pagesPerFunnel: 2 })
    const { pageId } = await createPage(as, { workspaceId, funnelId: '1', name: 'Thank you', type: 'RESULT' })
    expect(pageId).toBe('p3')
    await movePage(as, { workspaceId, pageId, before: 'p1' })
    await duplicatePage(as, { workspaceId, pageId: 'p1' })
    const names = async () => (await pagesOf(as, workspaceId, '1')).map(({ name, slug }) => [name, slug])
    expect(await names()).toEqual([
      ['Thank you', 'thank-you'],
      ['Page 1', 'page-1'],
      ['Page 1 (copy)', 'page-1-2'],
      ['Page 2', 'page-2'],
    ])
    expect(await refusal(deletePage(as, { workspaceId, pageId: 'p1' }))).toMatchObject({
      code: 'PAGE_LINKED',
      message: expect.stringContaining('“Page 2” leads there'),
    })
    await deletePage(as, { workspaceId, pageId: 'p3' })
    expect((await names()).map(([name]) => name)).toEqual(['Page 1', 'Page 1 (copy)', 'Page 2'])
    expect(await refusal(deletePage(as, { workspaceId, pageId: 'p3' }))).toMatchObject({ status: 404 })
  })

  it('never gets the number of one that was released or edited and deleted', async () => {
    const { as, workspaceId } = await given({ funnels: 1, pagesPerFunnel: 2 })
    const { pageId } = await createPage(as, { workspaceId, funnelId: '1', name: 'Released' })
    await makeRelease(as, { workspaceId })
    await deletePage(as, { workspaceId, pageId })
    const next = await createPage(as, { workspaceId, funnelId: '1', name: 'Another' })
    expect([pageId, next.pageId]).toEqual(['p3', 'p4'])
    await updatePage(as, {
      workspaceId,
      pageId: 'p4',
      content: { root: {}, content: [{ type: 'Text', props: { id: 'a', text: 'Edited' } }] },
    })
    await deletePage(as, { workspaceId, pageId: 'p4' })
    expect((await createPage(as, { workspaceId, funnelId: '1', name: 'Third' })).pageId).toBe('p5')
  })

  it('is made by two at once under two numbers and two addresses', async () => {
    const { as, workspaceId } = await given({ funnels: 1, pagesPerFunnel: 1 })
    await Promise.all(
      Array.from({ length: 5 }, () => createPage(as, { workspaceId, funnelId: '1', name: 'Same' })),
    )
    const all = await pagesOf(as, workspaceId, '1')
    expect(new Set(all.map(({ id }) => id)).size).toBe(6)
    expect(new Set(all.map(({ slug }) => slug)).size).toBe(6)
  })
})

it('what is frozen changes in nothing', async () => {
  const { ctx, as, workspaceId } = await given({ funnels: 1, pagesPerFunnel: 2 })
  await ctx.db.update(workspaces).set({ status: 'FROZEN' }).where(eq(workspaces.publicId, workspaceId))
  const before = await ctx.db.select().from(funnels)
  const address = { workspaceId, funnelId: '1' }
  for (const work of [
    () => createFunnel(as, { workspaceId, name: 'X' }),
    () => changeFunnel(as, { ...address, name: 'X' }),
    () => moveFunnel(as, address),
    () => duplicateFunnel(as, address),
    () => deleteFunnel(as, address),
    () => createPage(as, { ...address, name: 'X' }),
    () => duplicatePage(as, { workspaceId, pageId: 'p1' }),
    () => movePage(as, { workspaceId, pageId: 'p1' }),
    () => deletePage(as, { workspaceId, pageId: 'p1' }),
  ])
    expect(await refusal(work())).toMatchObject({ status: 422, code: 'WORKSPACE_FROZEN' })
  expect(await ctx.db.select().from(funnels)).toEqual(before)
})
