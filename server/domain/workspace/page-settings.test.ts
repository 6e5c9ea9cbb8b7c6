import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { workspaces } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeSellerWithWorkspace } from '../../../db/testing/factories/workspace'
import { toFailure } from '../../trpc'
import { exportWorkspace } from './export-workspace'
import { importWorkspace } from './import-workspace'
import { listPageVersions, readPageVersion } from './page-history'
import { readPage } from './queries'
import { pageRefusal, updatePage } from './update-page'

const database = useDatabase()

const text = (words: string) => ({
  root: {},
  content: [{ type: 'Text', props: { id: 't', text: words } }],
})

const given = async () => {
  const ctx = testContext(database.db)
  const { as } = await makeSellerWithWorkspace(ctx)
  const page = (key: string, slug: string, seo: Record<string, unknown> = {}) => ({
    key,
    name: key,
    slug,
    type: 'PAGE',
    seo,
    content: text(key),
  })
  const { id } = await importWorkspace(as, {
    format: 'offshoot.workspace/1',
    name: 'Two pages',
    funnels: [
      {
        name: 'Main',
        slug: 'main',
        status: 'DRAFT',
        pages: [page('one', 'home', { title: 'Home', canonical: '/x' }), page('two', 'thanks')],
      },
    ],
  })
  const asked = { workspaceId: id, pageId: 'p1' }
  return { ctx, as, asked, page: () => readPage(as, { ...asked, funnelId: '1' }) }
}

test('slug, type and words for search engines are changed; members nobody spoke of stay', async () => {
  const { as, asked, page } = await given()
  await updatePage(as, {
    ...asked,
    slug: 'welcome',
    type: 'RESULT',
    seo: { title: 'Welcome', description: 'Come in.', noIndex: true },
  })
  expect(await page()).toMatchObject({
    slug: 'welcome',
    type: 'RESULT',
    seo: { title: 'Welcome', description: 'Come in.', noIndex: true, canonical: '/x' },
  })
  await updatePage(as, { ...asked, seo: { title: null, noIndex: null } })
  expect((await page()).seo).toEqual({ description: 'Come in.', canonical: '/x' })
  expect((await exportWorkspace(as, asked.workspaceId)).funnels[0]?.pages[0]?.slug).toBe('welcome')
})

test('a slug that another page of the funnel has is refused, and nothing is written', async () => {
  const { as, asked, page } = await given()
  const refusal = await updatePage(as, { ...asked, name: 'New', slug: 'thanks' }).catch(toFailure)
  expect(refusal).toMatchObject({ status: 400, issues: [{ path: ['slug'] }] })
  expect(await page()).toMatchObject({ name: 'one', slug: 'home' })
  await updatePage(as, { ...asked, slug: 'home' })
})

test('a save that asks for a version of its own leaves the one before it in the history', async () => {
  const { as, asked, page } = await given()
  await updatePage(as, { ...asked, content: text('theirs') })
  const { contentVersion: editedFrom } = await page()
  await updatePage(as, { ...asked, content: text('mine'), editedFrom, ownVersion: true })
  const { items } = await listPageVersions(as, { ...asked, limit: 10 })
  const shown = await Promise.all(
    items.map(({ version }) => readPageVersion(as, { ...asked, version }).then(({ content }) => content)),
  )
  expect(shown).toEqual([text('mine'), text('theirs'), text('one')])
})

test('a page of a frozen workspace says why it can only be read', async () => {
  const { as, asked } = await given()
  await database.db
    .update(workspaces)
    .set({ status: 'FROZEN' })
    .where(eq(workspaces.publicId, asked.workspaceId))
  expect(await pageRefusal(as, { ...asked, funnelId: '1' })).toContain('frozen')
})

test('a page that can be edited says nothing; one that is not there is a 404', async () => {
  const { as, asked } = await given()
  expect(await pageRefusal(as, { ...asked, funnelId: '1' })).toBeNull()
  expect(await pageRefusal(as, { ...asked, funnelId: '1', pageId: 'p99' }).catch(toFailure)).toMatchObject({
    status: 404,
  })
})
