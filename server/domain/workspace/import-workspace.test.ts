import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { globalThemes, pageContents, workspaces } from '../../../db/schema'
import { testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeSellerWithWorkspace, sampleDocument } from '../../../db/testing/factories/workspace'
import { inTransaction } from '../../kit/context'
import { exportWorkspace } from './export-workspace'
import { importWorkspace } from './import-workspace'
import type { WorkspaceDocument } from './schemas'

const database = useDatabase()

/** An export without what belongs to the one workspace. */
const withoutIds = ({ id, slug, ...document }: WorkspaceDocument) => ({
  ...document,
  funnels: document.funnels.map(({ id: _id, ...funnel }) => ({
    ...funnel,
    pages: funnel.pages.map(({ id: _page, linkingId: _linking, visits: _visits, ...page }) => page),
  })),
})

test('a document comes out as it went in', async () => {
  const ctx = testContext(database.db)
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const exported = await exportWorkspace(as, workspace.id)
  expect(withoutIds(exported)).toEqual(sampleDocument())
  expect(workspace).toMatchObject({ planType: 'AGENCY', status: 'ACTIVE', funnels: 2, pages: 6 })
  expect(exported.funnels[0]?.pages[1]).toMatchObject({ id: 'p2', visits: 0, linkingId: `${workspace.id}-2` })
  expect(Object.keys(exported)).toEqual(
    'format id slug name description image settings themes roleTemplates funnels'.split(' '),
  )
})

test('any document that was imported equals its export, and the export of its import', async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx, { plan: 'AGENCY' })).actor)
  await fc.assert(
    fc.asyncProperty(anyDocument, async (document) => {
      const first = withoutIds(await exportWorkspace(as, (await importWorkspace(as, document)).id))
      const second = withoutIds(await exportWorkspace(as, (await importWorkspace(as, first)).id))
      expect(second).toEqual(first)
      expect(first).toEqual(JSON.parse(JSON.stringify(document)))
    }),
    { numRuns: 40 },
  )
})

const name = fc
  .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
  .map((text) => `N${text}`.trim())
const json = fc
  .dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 4 }), {
    maxKeys: 4,
    noNullPrototype: true,
  })
  .filter((value) => !/\\u0000|\\u[dD][89a-fA-F]|__proto__|"page:/.test(JSON.stringify(value)))
const anyDocument = fc
  .array(fc.array(fc.record({ name, seo: json, body: json, link: fc.nat() }), { maxLength: 4 }), {
    maxLength: 4,
  })
  .chain((tree) =>
    fc.record({ name, settings: json, tokens: json, tree: fc.constant(tree) }).map((top) => {
      const total = tree.flat().length
      let no = 0
      return {
        format: 'offshoot.workspace/1',
        name: top.name,
        description: '',
        image: null,
        settings: top.settings,
        themes: [{ key: 't', name: 'T', tokens: top.tokens }],
        roleTemplates: [],
        funnels: top.tree.map((pages, f) => ({
          name: `F${f}`,
          slug: `f${f}`,
          status: 'DRAFT',
          theme: f % 2 === 0 ? 't' : null,
          settings: {},
          tracking: {},
          passwordProtected: false,
          pages: pages.map((page, i) => {
            no += 1
            const content = { ...page.body, link: [`page:p${(page.link % total) + 1}`] }
            return { key: `p${no}`, name: page.name, slug: `s${i}`, type: 'PAGE', seo: page.seo, content }
          }),
        })),
      }
    }),
  )

test('text that would run as a script elsewhere is kept as the text it is', async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx)).actor)
  const text = '<img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>\u2028</script>'
  const page = {
    key: 'a',
    name: text.replace('\u2028', ''),
    slug: 'a',
    content: { text, constructor: { prototype: { isAdmin: true } } },
  }
  const made = await importWorkspace(as, {
    format: 'offshoot.workspace/1',
    name: 'X',
    description: text,
    funnels: [{ name: 'F', slug: 'f', pages: [page] }],
  })
  const exported = await exportWorkspace(as, made.id)
  expect(exported.description).toBe(text)
  expect(exported.funnels[0]?.pages[0]?.content).toEqual(page.content)
  expect(exported.funnels[0]?.pages[0]?.name).toBe(page.name)
})

test('a page whose key is not ours gets one, and its links follow', async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx)).actor)
  const pages = ['home', 'thanks'].map((key, i, keys) => ({
    key,
    name: key,
    slug: key,
    content: { href: `page:${keys[1 - i]}` },
  }))
  const made = await importWorkspace(as, {
    format: 'offshoot.workspace/1',
    name: 'Keys',
    funnels: [{ name: 'F', slug: 'f', pages }],
  })
  const exported = (await exportWorkspace(as, made.id)).funnels[0]?.pages
  expect(exported?.map((page) => [page.key, page.content])).toEqual([
    ['p1', { href: 'page:p2' }],
    ['p2', { href: 'page:p1' }],
  ])
})

test('global themes are taken by reference, unknown ones refused', async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx, { plan: 'AGENCY' })).actor)
  await database.owner.insert(globalThemes).values({ key: 'calm', name: 'Calm', tokens: {} })
  const themed = (theme: string) => ({
    format: 'offshoot.workspace/1',
    name: 'Themed',
    funnels: [{ name: 'F', slug: 'f', theme, pages: [] }],
  })
  const made = await importWorkspace(as, themed('global:calm'))
  expect((await exportWorkspace(as, made.id)).funnels[0]?.theme).toBe('global:calm')
  await expect(importWorkspace(as, themed('global:none'))).rejects.toMatchObject({
    code: 'INVALID_DOCUMENT',
    issues: [{ path: ['funnels', 0, 'theme'] }],
  })
})

test('equal contents are stored once, and one that waited for its removal is wanted again', async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx, { plan: 'AGENCY' })).actor)
  const document = {
    format: 'offshoot.workspace/1',
    name: 'Once',
    funnels: [
      {
        name: 'F',
        slug: 'f',
        pages: ['a', 'b'].map((key) => ({ key, name: key, slug: key, content: { once: 'only' } })),
      },
    ],
  }
  const stored = () => database.db.select().from(pageContents).where(sql`body = '{"once":"only"}'`)
  await Promise.all([importWorkspace(as, document), importWorkspace(as, document)])
  expect(await stored()).toMatchObject([{ orphanedAt: null, bytes: 15 }])
  await database.db.update(pageContents).set({ orphanedAt: ctx.now() })
  await importWorkspace(as, document)
  expect(await stored()).toMatchObject([{ orphanedAt: null }])
})

test('what the database refuses half-way leaves nothing', async () => {
  const ctx = testContext(database.db)
  const as = ctx.as((await makeUser(ctx, { plan: 'AGENCY' })).actor)
  const before = await database.db.$count(workspaces)
  const failing = inTransaction(as, async (tx) => {
    await importWorkspace(tx, sampleDocument())
    throw new Error('power cut')
  })
  await expect(failing).rejects.toThrow('power cut')
  expect(await database.db.$count(workspaces)).toBe(before)
})

describe('plan limits', () => {
  const sized = (funnels: number, pagesPerFunnel: number) => sampleDocument({ funnels, pagesPerFunnel })
  test.each([
    ['FREE', sized(4, 1), 'up to 3 funnels'],
    ['FREE', sized(1, 36), 'up to 35 pages in a funnel'],
    ['BUSINESS', sized(21, 1), 'up to 20 funnels'],
    ['BUSINESS', sized(1, 101), 'up to 100 pages in a funnel'],
  ] as const)('%s refuses more than it has', async (plan, document, words) => {
    const ctx = testContext(database.db)
    const as = ctx.as((await makeUser(ctx, { plan })).actor)
    await expect(importWorkspace(as, document)).rejects.toMatchObject({
      status: 422,
      code: 'PLAN_LIMIT_REACHED',
      message: expect.stringContaining(words),
    })
  })

  test('a trial has the limits of BUSINESS', async () => {
    const ctx = testContext(database.db)
    const trialEndsAt = new Date(ctx.now().getTime() + 86_400_000)
    const as = ctx.as((await makeUser(ctx, { trialEndsAt })).actor)
    await expect(importWorkspace(as, sized(21, 1))).rejects.toMatchObject({ code: 'PLAN_LIMIT_REACHED' })
    await expect(importWorkspace(as, sized(20, 1))).resolves.toMatchObject({ planType: 'BUSINESS' })
  })

  test('two imports at once cannot both take the last place', async () => {
    const ctx = testContext(database.db)
    const as = ctx.as((await makeUser(ctx)).actor)
    const both = await Promise.allSettled([
      importWorkspace(as, sized(1, 1)),
      importWorkspace(as, sized(1, 1)),
    ])
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})

test('a visitor is asked to sign in', async () => {
  await expect(importWorkspace(testContext(database.db), sampleDocument())).rejects.toMatchObject({
    status: 401,
  })
})
