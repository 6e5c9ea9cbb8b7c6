import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { funnels, pages, workspaceClones, workspaces } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { inTransaction } from '../../kit/context'
import { cloneWorkspace } from './clone-workspace'
import { exportWorkspace } from './export-workspace'
import { listPageVersions } from './page-history'
import { readUpdate, readUpdatedPage } from './read-update'
import { makeRelease } from './releases'
import { removeContents } from './remove-contents'
import { takeUpdate, undoUpdate } from './take-update'
import { updatePage } from './update-page'
import { updateWorkspace } from './update-workspace'

const database = useDatabase({ max: 8 })

const text = (id: string, words: string) => ({ type: 'Text', props: { id, text: words } })
const body = (...content: unknown[]) => ({ root: {}, content })
const rowOf = async (publicId: string) => {
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, publicId))
  if (row === undefined) throw new Error('there is no such workspace')
  return row
}
const copyOf = async (ctx: TestContext, sourceId: string) => {
  const source = await rowOf(sourceId)
  const buyer = await makeUser(ctx)
  const as = ctx.as(buyer.actor)
  const sold = { sourceId: source.id, buyerId: buyer.id, sellerId: source.ownerId, reason: 'a test' }
  const { clonedWorkspaceId: id } = await cloneWorkspace(ctx, sold)
  return {
    id,
    as,
    edit: (pageId: string, ...content: unknown[]) =>
      updatePage(as, { workspaceId: id, pageId, content: body(...content) }),
    document: () => exportWorkspace(as, id),
    look: (choices?: Record<string, string>) => readUpdate(as, { workspaceId: id, choices }),
    take: async (choices?: Record<string, string>) => {
      ctx.clock.advance(1)
      const seen = (await readUpdate(as, { workspaceId: id, choices })).update?.seen ?? ''
      return takeUpdate(as, { workspaceId: id, seen, choices })
    },
    undo: () => undoUpdate(as, { workspaceId: id }),
  }
}
const given = async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const edit = (pageId: string, ...content: unknown[]) =>
    updatePage(as, { workspaceId: workspace.id, pageId, content: body(...content) })
  await edit('p1', text('a', 'one'), text('b', 'one'))
  const release = (notes = '') => makeRelease(as, { workspaceId: workspace.id, notes })
  return { ctx, as, edit, release, workspace, copy: await copyOf(ctx, workspace.id) }
}
const pagesOf = (document: Awaited<ReturnType<typeof exportWorkspace>>) =>
  Object.fromEntries(document.funnels.flatMap((funnel) => funnel.pages.map((page) => [page.key, page])))

test('the whole way: bought, edited, released, one page merged, undone to the byte, and taken again', async () => {
  const { as, edit, release, workspace, copy } = await given()
  await copy.edit('p1', text('a', 'mine'), text('b', 'one'))
  expect(await copy.look()).toMatchObject({ isCopy: true, release: null, update: null, undo: null })
  await edit('p1', text('a', 'one'), text('b', 'theirs'), text('c', 'new'))
  await edit('p2', text('x', 'theirs'))
  await release('Two pages')
  const source = await exportWorkspace(as, workspace.id)
  const before = await copy.document()
  const view = await copy.look()
  expect(view).toMatchObject({
    release: { label: 'Version 1', notes: 'Two pages' },
    since: [{ label: 'Version 1' }],
    update: {
      items: [
        {
          key: 'page:p1',
          change: 'BOTH_CHANGED',
          choice: 'merge',
          clashes: [],
          blocks: [
            { id: 'b', change: 'changed', fields: [{ name: 'text', before: 'one', after: 'theirs' }] },
            { id: 'c', change: 'added' },
          ],
        },
        { key: 'page:p2', change: 'CHANGED', choice: 'take' },
      ],
      outcome: [
        { kind: 'page', what: 'changed' },
        { kind: 'page', what: 'changed' },
      ],
    },
  })
  expect(await readUpdatedPage(copy.as, { workspaceId: copy.id, pageId: 'p1' })).toMatchObject({
    after: body(text('a', 'mine'), text('b', 'theirs'), text('c', 'new')),
  })
  expect(await copy.document()).toEqual(before)
  await copy.take()
  const taken = await copy.document()
  expect(pagesOf(taken).p1?.content).toEqual(body(text('a', 'mine'), text('b', 'theirs'), text('c', 'new')))
  expect(pagesOf(taken).p2?.content).toEqual(body(text('x', 'theirs')))
  expect(await copy.look()).toMatchObject({
    release: null,
    taken: { label: 'Version 1' },
    undo: { label: 'Version 1' },
  })
  await expect(copy.take()).rejects.toMatchObject({ status: 404, code: 'NO_UPDATE' })
  await copy.undo()
  expect(await copy.document()).toEqual(before)
  await expect(copy.undo()).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' })
  await copy.take()
  expect(await copy.document()).toEqual(taken)
  expect(await exportWorkspace(as, workspace.id)).toEqual(source)
  const { items } = await listPageVersions(copy.as, { workspaceId: copy.id, pageId: 'p1', limit: 10 })
  expect(items.map(({ kind }) => kind)).toEqual(['UPDATE', 'UNDO', 'UPDATE', 'EDIT', 'FIRST'])
})

test('an untouched copy becomes the release, whatever the seller did: names, order, slugs, settings, themes', async () => {
  const { as, release, workspace, copy, edit } = await given()
  const source = await rowOf(workspace.id)
  await updateWorkspace(as, { id: workspace.id, name: 'New', settings: { locale: 'de', apiKey: 'secret' } })
  await edit('p3', { type: 'Button', props: { id: 'q', href: 'page:p9' } }).catch(() => {})
  const id = source.id.toString()
  for (const change of [
    sql`update pages set slug = 'swap' where workspace_id = ${id}::bigint and page_no = 1`,
    sql`update pages set slug = 'page-1' where workspace_id = ${id}::bigint and page_no = 2`,
    sql`update pages set slug = 'page-2', position = 5, seo = '{"title":"New"}' where workspace_id = ${id}::bigint and page_no = 1`,
    sql`insert into themes (workspace_id, theme_no, key, name, tokens) values (${id}::bigint, 2, 'day', 'Day', '{"a":1}')`,
    sql`insert into funnels (workspace_id, funnel_no, position, name, slug, status, theme_no, settings, tracking,
      password_protected) values (${id}::bigint, 3, 0, 'Third', 'third', 'DRAFT', 2, '{}', '{}', false)`,
    sql`update pages set funnel_no = 3, slug = 'moved' where workspace_id = ${id}::bigint and page_no = 6`,
    sql`insert into pages (workspace_id, page_no, funnel_no, position, name, slug, type, seo, content_hash, created_at, updated_at)
      select workspace_id, 7, 3, 9, 'Seven', 'seven', type, seo, content_hash, created_at, updated_at from pages
      where workspace_id = ${id}::bigint and page_no = 1`,
    sql`update role_templates set permissions = '{"sell":true}' where workspace_id = ${id}::bigint and role_no = 1`,
  ])
    await database.db.execute(change)
  await release()
  const before = await copy.document()
  const later = await copyOf(testContext(database.db), workspace.id)
  await copy.take()
  const plain = ({ id, slug, funnels, ...rest }: Awaited<ReturnType<typeof exportWorkspace>>) => ({
    ...rest,
    funnels: funnels.map(({ pages, ...funnel }) => ({
      ...funnel,
      pages: pages.map(({ linkingId, ...page }) => page),
    })),
  })
  expect(plain(await copy.document())).toEqual(plain(await later.document()))
  await copy.undo()
  expect(await copy.document()).toEqual(before)
})

test('what is looked at is what is taken: an edit meanwhile, a newer release or other choices are 409', async () => {
  const { edit, release, copy } = await given()
  await edit('p2', text('x', 'theirs'))
  await release()
  const seen = (await copy.look()).update?.seen ?? ''
  await copy.edit('p5', text('m', 'mine'))
  const take = (how: string) => takeUpdate(copy.as, { workspaceId: copy.id, seen: how })
  await expect(take(seen)).rejects.toMatchObject({ status: 409, code: 'UPDATE_CHANGED' })
  const again = (await copy.look()).update?.seen ?? ''
  await edit('p2', text('x', 'newer'))
  await release()
  await expect(take(again)).rejects.toMatchObject({ status: 409 })
  expect(pagesOf(await copy.document()).p2?.content).not.toHaveProperty('content.0.props.text', 'theirs')
})

test('of two who take it at once one does; an edit beside it comes before or after, and is never lost', async () => {
  const { edit, release, copy } = await given()
  await edit('p1', text('a', 'theirs'), text('b', 'one'))
  await release()
  const seen = (await copy.look()).update?.seen ?? ''
  const take = () => takeUpdate(copy.as, { workspaceId: copy.id, seen })
  const both = await Promise.allSettled([take(), take()])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  for (let round = 0; round < 4; round += 1) {
    await edit('p1', text('a', `theirs ${round}`), text('b', 'one'))
    await release()
    const next = (await copy.look()).update?.seen ?? ''
    const [taken] = await Promise.allSettled([
      takeUpdate(copy.as, { workspaceId: copy.id, seen: next }),
      copy.edit('p1', text('a', 'mine'), text('b', `mine ${round}`)),
    ])
    const shown = JSON.stringify(pagesOf(await copy.document()).p1?.content)
    expect(shown).toContain(`mine ${round}`)
    if (taken?.status === 'rejected') expect(taken.reason).toMatchObject({ status: 409 })
  }
})

test('undo is possible until what was changed is edited again; what was edited elsewhere stays', async () => {
  const { edit, release, copy } = await given()
  await edit('p2', text('x', 'theirs'))
  await release()
  await copy.take()
  await copy.edit('p5', text('m', 'mine'))
  await copy.undo()
  expect(pagesOf(await copy.document()).p5?.content).toEqual(body(text('m', 'mine')))
  await copy.take()
  await copy.edit('p2', text('x', 'again'))
  await expect(copy.undo()).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining('“Page 2”'),
  })
})

test('a frozen copy takes nothing; a workspace that is no copy, and somebody else’s, have nothing to take', async () => {
  const { edit, release, copy, as, workspace, ctx } = await given()
  await edit('p2', text('x', 'theirs'))
  await release()
  await database.db.update(workspaces).set({ status: 'FROZEN' }).where(eq(workspaces.publicId, copy.id))
  expect(await copy.look()).toMatchObject({ workspace: { frozen: true } })
  await expect(copy.take()).rejects.toMatchObject({ status: 422, code: 'WORKSPACE_FROZEN' })
  expect(await readUpdate(as, { workspaceId: workspace.id })).toMatchObject({ isCopy: false, update: null })
  await expect(takeUpdate(as, { workspaceId: workspace.id, seen: '' })).rejects.toMatchObject({
    code: 'NO_UPDATE',
  })
  const stranger = ctx.as((await makeUser(ctx)).actor)
  await expect(readUpdate(stranger, { workspaceId: copy.id })).rejects.toMatchObject({ status: 404 })
  await expect(readUpdatedPage(as, { workspaceId: workspace.id, pageId: 'p1' })).rejects.toMatchObject({
    status: 404,
  })
})

test('pages of one number made on both sides are two, and the links lead to the right one, again and again', async () => {
  const { as, edit, release, copy, workspace } = await given()
  const add = async (publicId: string, name: string) => {
    const { id } = await rowOf(publicId)
    await database.db.execute(sql`
      insert into pages (workspace_id, page_no, funnel_no, position, name, slug, type, seo, content_hash, created_at, updated_at)
      select workspace_id, 7, 1, 9, ${name}, 'seven', type, seo, content_hash, created_at, updated_at from pages
      where workspace_id = ${id.toString()}::bigint and page_no = 2`)
  }
  await add(copy.id, 'Mine')
  await copy.edit('p2', { type: 'Button', props: { id: 'm', href: 'page:p7' } })
  await add(workspace.id, 'Theirs')
  await edit('p3', { type: 'Button', props: { id: 't', href: 'page:p7' } })
  await release()
  const before = await copy.document()
  await copy.take()
  const taken = pagesOf(await copy.document())
  expect([taken.p7?.name, taken.p8?.name, taken.p8?.slug]).toEqual(['Mine', 'Theirs', 'seven-2'])
  expect(taken.p2?.content).toEqual(body({ type: 'Button', props: { id: 'm', href: 'page:p7' } }))
  expect(taken.p3?.content).toEqual(body({ type: 'Button', props: { id: 't', href: 'page:p8' } }))
  await updatePage(as, { workspaceId: workspace.id, pageId: 'p7', name: 'Theirs, renamed' })
  await release()
  const view = await copy.look()
  expect(view.update?.items.map(({ key }) => key)).toEqual(['page:p8'])
  await copy.take()
  expect(pagesOf(await copy.document()).p8?.name).toBe('Theirs, renamed')
  await copy.undo()
  await copy.undo().catch(() => {})
  expect(pagesOf(await copy.document()).p8?.name).toBe('Theirs')
  expect(before.funnels).toHaveLength(2)
})

test('a copy of a copy follows its direct seller', async () => {
  const { ctx, edit, release, copy } = await given()
  const second = await copyOf(ctx, copy.id)
  await edit('p2', text('x', 'theirs'))
  await release()
  expect(await second.look()).toMatchObject({ isCopy: true, release: null })
  await copy.take()
  await makeRelease(copy.as, { workspaceId: copy.id })
  expect(await second.look()).toMatchObject({ update: { items: [{ key: 'page:p2', choice: 'take' }] } })
  await second.take()
  expect(pagesOf(await second.document()).p2?.content).toEqual(body(text('x', 'theirs')))
})

test('a removed page is offered, and put back by undo with its visits; a funnel with its password', async () => {
  const { release, copy, workspace } = await given()
  const [source, mine] = [await rowOf(workspace.id), await rowOf(copy.id)]
  await database.db.update(pages).set({ visits: 7n }).where(eq(pages.workspaceId, mine.id))
  await database.db
    .update(funnels)
    .set({ passwordProtected: true, passwordHash: 'x', tracking: { googleAnalyticsId: 'G-9' } })
    .where(eq(funnels.workspaceId, mine.id))
  const inSource = sql`workspace_id = ${source.id.toString()}::bigint`
  await database.db.execute(
    sql`update pages set content_hash = (select content_hash from pages where ${inSource} and page_no = 1) where ${inSource}`,
  )
  await database.db.execute(sql`delete from funnels where ${inSource} and funnel_no = 2`)
  await release()
  const before = await copy.document()
  const rows = () =>
    database.db.select().from(funnels).where(eq(funnels.workspaceId, mine.id)).orderBy(funnels.funnelNo)
  const whole = await rows()
  expect((await copy.look()).update?.items).toMatchObject([
    { key: 'funnel:2', change: 'REMOVED', choice: 'keep' },
    { key: 'page:p2' },
    { key: 'page:p3' },
    { key: 'page:p4', change: 'REMOVED', choice: 'keep' },
    { key: 'page:p5' },
    { key: 'page:p6' },
  ])
  await copy.take({ 'funnel:2': 'remove' })
  expect((await copy.document()).funnels).toHaveLength(1)
  await copy.undo()
  expect(await copy.document()).toEqual(before)
  expect(await rows()).toEqual(whole)
})

test('new pictures of the seller’s come to the library, and go with undo', async () => {
  const { release, copy, workspace } = await given()
  const add = async (publicId: string, name: string) => {
    const { id } = await rowOf(publicId)
    const hash = sql`sha256(convert_to(${name}, 'UTF8'))`
    await database.db.execute(sql`insert into picture_files (hash, width, height, bytes, seen_at, created_at)
      values (${hash}, 1, 1, 1, now(), now())`)
    await database.db.execute(sql`insert into workspace_pictures (workspace_id, picture_no, folder, name, hash, created_at)
      values (${id.toString()}::bigint, 1, '', ${name}, ${hash}, now())`)
  }
  await add(workspace.id, 'theirs.webp')
  await add(copy.id, 'mine.webp')
  await release()
  const before = await copy.document()
  expect((await copy.look()).update?.outcome).toEqual([
    { kind: 'picture', name: 'theirs.webp', what: 'added' },
  ])
  await copy.take()
  expect(JSON.stringify(await copy.document())).toMatch(/mine\.webp.*theirs\.webp/)
  await copy.undo()
  expect(await copy.document()).toEqual(before)
})

test('a copy older than releases keeps what its owner may have changed, and takes contents', async () => {
  const { edit, release, copy, as, workspace } = await given()
  await database.db.update(workspaceClones).set({ releaseId: null })
  await updatePage(copy.as, { workspaceId: copy.id, pageId: 'p1', name: 'Mine' })
  await updatePage(as, { workspaceId: workspace.id, pageId: 'p1', name: 'Theirs' })
  await edit('p1', text('a', 'theirs'), text('b', 'one'))
  await release()
  const before = await copy.document()
  await copy.take()
  expect(pagesOf(await copy.document()).p1).toMatchObject({
    name: 'Mine',
    content: body(text('a', 'theirs'), text('b', 'one')),
  })
  await copy.undo()
  expect(await copy.document()).toEqual(before)
})

test('undo and history survive the removal of contents, and a take that fails leaves nothing', async () => {
  const { edit, release, copy, ctx } = await given()
  await edit('p1', text('a', 'theirs'), text('b', 'theirs'))
  await release()
  await copy.edit('p1', text('a', 'one'), text('b', 'mine'))
  const before = await copy.document()
  const seen = (await copy.look({ 'page:p1': 'take' })).update?.seen ?? ''
  const failing = inTransaction(copy.as, async (tx) => {
    await takeUpdate(tx, { workspaceId: copy.id, seen, choices: { 'page:p1': 'take' } })
    throw new Error('power cut')
  })
  await expect(failing).rejects.toThrow('power cut')
  expect(await copy.document()).toEqual(before)
  await copy.take({ 'page:p1': 'take' })
  await database.db.execute(sql`delete from page_versions`)
  for (let n = 0; n < 3; n += 1) {
    await removeContents(ctx)
    ctx.clock.advance(2 * 3_600_000)
  }
  await copy.undo()
  expect(await copy.document()).toEqual(before)
})

test('whatever both did and whatever is chosen: undo is the copy as it was, and nothing touches the source', async () => {
  const { as, workspace, copy, release } = await given()
  const edits = fc.array(
    fc.record({
      page: fc.integer({ min: 1, max: 6 }),
      ids: fc.shuffledSubarray(['a', 'b', 'c']),
      words: fc.constantFrom('x', 'y', 'z'),
      link: fc.integer({ min: 1, max: 6 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  const choices = fc.dictionary(
    fc.constantFrom('page:p1', 'page:p2', 'page:p3', 'page:p1#a', 'page:p2#b'),
    fc.constantFrom('take', 'keep', 'merge', 'theirs'),
    { noNullPrototype: true },
  )
  let round = 0
  await fc.assert(
    fc.asyncProperty(edits, edits, choices, async (theirs, mine, chosen) => {
      round += 1
      const doAll = async (by: TestContext, workspaceId: string, all: typeof theirs) => {
        for (const { page, ids, words, link } of all)
          await updatePage(by, {
            workspaceId,
            pageId: `p${page}`,
            name: `Page ${words}`,
            content: body(...ids.map((id) => text(id, words)), {
              type: 'Button',
              props: { id: `link${round}`, href: `page:p${link}` },
            }),
          })
      }
      await doAll(as, workspace.id, theirs)
      await doAll(copy.as, copy.id, mine)
      await release().catch(() => {})
      const [source, before] = [await exportWorkspace(as, workspace.id), await copy.document()]
      if ((await copy.look()).release === null) return
      await copy.take(chosen)
      const taken = await copy.document()
      await copy.undo()
      expect(await copy.document()).toEqual(before)
      await copy.take(chosen)
      expect(await copy.document()).toEqual(taken)
      expect(await exportWorkspace(as, workspace.id)).toEqual(source)
    }),
    { numRuns: 9 },
  )
}, 60_000)
