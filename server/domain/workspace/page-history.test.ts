import { eq, sql } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { pages } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { toFailure } from '../../trpc'
import { listPageVersions, readPageVersion } from './page-history'
import { readPage } from './queries'
import { restorePage, updatePage } from './update-page'

const database = useDatabase({ max: 8 })

const text = (words: string) => ({
  root: {},
  content: [{ type: 'Text', props: { id: 't', text: words } }],
})

const given = async () => {
  const ctx = testContext(database.db)
  const { as, workspace, seller } = await makeSellerWithWorkspace(ctx)
  const asked = { workspaceId: workspace.id, pageId: 'p1' }
  const page = () => readPage(as, { ...asked, funnelId: '1' })
  const history = async () => (await listPageVersions(as, { ...asked, limit: 50 })).items
  const save = (words: string, more: { editedFrom?: string } = {}, by: TestContext = as) =>
    updatePage(by, { ...asked, content: text(words), ...more })
  return { ctx, as, seller, workspace, asked, page, history, save }
}

test('a page that was never edited has no history; its first edit keeps what was there before', async () => {
  const { page, history, save, asked, as } = await given()
  expect(await history()).toEqual([])
  const before = await page()
  await save('one')
  expect(await history()).toMatchObject([
    { version: 2, kind: 'EDIT', by: expect.stringMatching(/\w/), isShown: true },
    { version: 1, kind: 'FIRST', by: null, isShown: false, contentVersion: before.contentVersion },
  ])
  expect((await readPageVersion(as, { ...asked, version: 1 })).content).toEqual(before.content)
})

test('the saves of one author within ten minutes are one version; later ones and those of others are their own', async () => {
  const { ctx, history, save, as, workspace } = await given()
  for (const words of ['a', 'b', 'c']) {
    await save(words)
    ctx.clock.advance(4 * 60_000)
  }
  expect(await history()).toHaveLength(2)
  await save('d')
  expect(await history()).toHaveLength(3)
  const [row] = await database.db
    .select({ id: sql<string>`id::text` })
    .from(sql`workspaces`)
    .where(sql`public_id = ${workspace.id}`)
  const other = await makeUser(ctx)
  await database.db.execute(sql`insert into workspace_members (workspace_id, user_id, role, created_at)
    values (${row?.id}::bigint, ${other.id}, 'EDITOR', now())`)
  await save('e', {}, as.as(other.actor))
  await save('f')
  expect((await history()).map(({ kind }) => kind)).toEqual(['EDIT', 'EDIT', 'EDIT', 'EDIT', 'FIRST'])
})

test('a save over a newer one is refused with the newer one, and neither is lost', async () => {
  const { page, history, save } = await given()
  const { contentVersion: editedFrom } = await page()
  const theirs = await save('theirs', { editedFrom })
  const refusal = await save('mine', { editedFrom }).catch(toFailure)
  expect(refusal).toMatchObject({
    status: 409,
    code: 'PAGE_CHANGED',
    current: { contentVersion: theirs.contentVersion, content: text('theirs') },
  })
  expect(await page()).toMatchObject({ content: text('theirs') })
  await save('mine', { editedFrom: theirs.contentVersion })
  expect((await history())[0]).toMatchObject({ isShown: true })
  // The very same content is no conflict: a save that was sent twice.
  await save('mine', { editedFrom })
})

test('of two who save the same page at once from the same content, one passes and one is told', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { page, save } = await given()
    const { contentVersion: editedFrom } = await page()
    const both = await Promise.allSettled([save('left', { editedFrom }), save('right', { editedFrom })])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const shown = JSON.stringify((await page()).content)
    const won = both.findIndex(({ status }) => status === 'fulfilled')
    expect(shown).toContain(['left', 'right'][won])
  }
})

test('what another way than an edit made of a page is in its history once it is edited', async () => {
  const { history, save, ctx, as, asked } = await given()
  await save('one')
  ctx.clock.advance(3_600_000)
  await database.db
    .update(pages)
    .set({ contentHash: sql`(select content_hash from pages p where p.page_no = 2 limit 1)` })
    .where(eq(pages.pageNo, 1))
  await save('two')
  expect((await history()).map(({ kind }) => kind)).toEqual(['EDIT', 'FIRST', 'EDIT', 'FIRST'])
  expect(JSON.stringify((await readPageVersion(as, { ...asked, version: 3 })).content)).toContain('"b2"')
})

test('a page goes back to a version, and forth again', async () => {
  const { page, history, save, as, asked, ctx } = await given()
  const before = await page()
  await save('one')
  const back = await restorePage(as, { ...asked, version: 1 })
  expect(back.content).toEqual(before.content)
  expect((await history()).map(({ kind }) => kind)).toEqual(['RESTORE', 'EDIT', 'FIRST'])
  expect((await history()).map(({ isShown }) => isShown)).toEqual([true, false, true])
  ctx.clock.advance(1)
  expect((await restorePage(as, { ...asked, version: 2 })).content).toEqual(text('one'))
  const stale = restorePage(as, { ...asked, version: 1, editedFrom: before.contentVersion })
  await expect(stale).rejects.toMatchObject({ status: 409 })
})

test('a version whose links lead nowhere any more is refused with what is missing', async () => {
  const { save, as, asked, workspace } = await given()
  await updatePage(as, { ...asked, content: { to: 'page:p6' } })
  await updatePage(as, { ...asked, pageId: 'p5', content: {} })
  await save('one')
  await database.db.execute(
    sql`delete from pages p using workspaces w where w.public_id = ${workspace.id} and p.workspace_id = w.id and p.page_no in (2, 6)`,
  )
  await expect(restorePage(as, { ...asked, version: 1 })).rejects.toMatchObject({
    status: 400,
    issues: [{ message: 'There is no page with the key “p2”.' }],
  })
})

test('the history is a list with pages, somebody else’s is not there, and a missing version is 404', async () => {
  const { save, as, asked, ctx } = await given()
  for (let n = 0; n < 5; n += 1) {
    await save(`words ${n}`)
    ctx.clock.advance(3_600_000)
  }
  const first = await listPageVersions(as, { ...asked, limit: 4 })
  const rest = await listPageVersions(as, { ...asked, limit: 4, cursor: first.nextCursor ?? undefined })
  expect([...first.items, ...rest.items].map(({ version }) => version)).toEqual([6, 5, 4, 3, 2, 1])
  expect(rest.nextCursor).toBeNull()
  const bad = Buffer.from('2026-01-01T00:00:00.000Z|x').toString('base64url')
  await expect(listPageVersions(as, { ...asked, limit: 4, cursor: bad })).rejects.toMatchObject({
    status: 400,
  })
  await expect(readPageVersion(as, { ...asked, version: 99 })).rejects.toMatchObject({ status: 404 })
  await expect(listPageVersions(as, { ...asked, pageId: 'p99', limit: 4 })).rejects.toMatchObject({
    code: 'PAGE_NOT_FOUND',
  })
  const stranger = ctx.as((await makeUser(ctx)).actor)
  await expect(listPageVersions(stranger, { ...asked, limit: 4 })).rejects.toMatchObject({ status: 404 })
  await expect(restorePage(stranger, { ...asked, version: 1 })).rejects.toMatchObject({ status: 404 })
})

test('of one page 200 versions are kept', async () => {
  const { save, as, asked, ctx } = await given()
  for (let n = 0; n < 3; n += 1) {
    await save(`words ${n}`)
    ctx.clock.advance(3_600_000)
  }
  await database.db.execute(sql`update page_versions set version_no = version_no + 197 where version_no > 1`)
  await save('the last')
  const { items } = await listPageVersions(as, { ...asked, limit: 100 })
  expect(items.map(({ version }) => version)).toEqual([202, 201, 200, 199])
})
