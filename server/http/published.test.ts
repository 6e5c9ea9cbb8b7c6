import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import { pageRenderer } from '../../app/features/page/published/render.server'
import { funnels, pages, workspaces } from '../../db/schema'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeSellerWithWorkspace } from '../../db/testing/factories/workspace'
import { hashPassword } from '../domain/identity'
import { publishedAddress, updatePage } from '../domain/workspace'
import type { Environment } from '../kit/config'
import { createLog } from '../kit/log'
import type { HttpEnv } from './env'
import { isPublished, servePublished, wayTo } from './published'
import { createRenderedPages } from './rendered-pages'
import { createVisits, type Visits } from './visits'

const database = useDatabase()
let ctx: TestContext
beforeAll(() => {
  ctx = testContext(database.db)
})

const serve = (env: Environment = {}): { app: Hono<HttpEnv>; visits: Visits } => {
  const base = testContext(database.db, { env, clock: ctx.clock })
  const visits = createVisits(base, createLog('silent'))
  const app = new Hono<HttpEnv>()
  app.use(async (call, next) => {
    call.set('cookies', [])
    await next()
    for (const cookie of call.get('cookies')) call.res.headers.append('Set-Cookie', cookie)
  })
  servePublished(app, {
    rendered: createRenderedPages(),
    base,
    render: pageRenderer,
    visits,
    addressOf: (call) => call.req.header('x-test-address') ?? '192.0.2.1',
  })
  return { app, visits }
}

/** A workspace whose first funnel is live and open. */
const scene = async (content?: readonly object[]) => {
  const { as, workspace } = await makeSellerWithWorkspace(ctx)
  const [row] = await database.db.select().from(workspaces).where(eq(workspaces.publicId, workspace.id))
  const id = row?.id ?? 0n
  const set = (change: Partial<typeof funnels.$inferInsert>) =>
    database.db.update(funnels).set(change).where(sql`workspace_id = ${id} and funnel_no = 1`)
  await set({ passwordProtected: false, tracking: {} })
  const write = (blocks: readonly object[]) =>
    updatePage(as, { workspaceId: workspace.id, pageId: 'p1', content: { root: {}, content: [...blocks] } })
  if (content !== undefined) await write(content)
  return { as, id, workspace, set, write, path: `/w/${workspace.slug}/funnel-1`, funnel: 'funnel-1' }
}
const block = (type: string, props: object) => ({ type, props: { id: type, ...props } })
const browser = { 'user-agent': 'Mozilla/5.0 Firefox/130.0', 'sec-fetch-mode': 'navigate' }
const form = (fields: Record<string, string>, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'null', ...headers },
  body: new URLSearchParams(fields).toString(),
})

describe('a published page', () => {
  it('shows its blocks, and links lead to published pages alone', async () => {
    const { path } = await scene([
      block('Hero', { title: 'Come in', cta: { label: 'Go on', href: 'page:p2' } }),
      block('Button', { label: 'Hidden', href: 'page:p4' }),
    ])
    const answer = await serve().app.request(path)
    expect(answer.status).toBe(200)
    const html = await answer.text()
    expect(html).toContain('Come in')
    expect(html).toContain(`href="${path}/page-2"`)
    expect(html).not.toContain('funnel-2')
    expect(await (await serve().app.request(`${path}/page-1`)).text()).toBe(html)
  })

  it('says what search engines and previews are to know', async () => {
    const { path, set, id } = await scene()
    await set({
      settings: { language: 'de', favicon: 'https://a.example/f.png', seo: { description: 'Of "all"' } },
    })
    await database.db
      .update(pages)
      .set({ seo: { title: '<Title>', noindex: true, ogImage: '/pictures/x.webp' } })
      .where(sql`workspace_id = ${id} and page_no = 1`)
    const html = await (await serve().app.request(path)).text()
    expect(html).toContain('<html lang="de">')
    expect(html).toContain('<title>&lt;Title&gt;</title>')
    expect(html).toContain('content="Of &quot;all&quot;"')
    expect(html).toContain('noindex')
    expect(html).toContain('content="http://localhost:3000/pictures/x.webp"')
    expect(html).toContain('rel="icon" href="https://a.example/f.png"')
  })

  it.each([
    ['a draft', { status: 'DRAFT' as const }],
    ['an archived funnel', { status: 'ARCHIVED' as const }],
  ])('is not there for %s', async (_, change) => {
    const { path, set } = await scene()
    await set(change)
    expect((await serve().app.request(path)).status).toBe(404)
  })

  it.each(['FROZEN', 'DELETED', 'ARCHIVED'] as const)(
    'is not there while its workspace is %s',
    async (status) => {
      const { path, id } = await scene()
      await database.db.update(workspaces).set({ status }).where(eq(workspaces.id, id))
      const answer = await serve().app.request(path)
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([404, 'private, no-store'])
    },
  )

  it.each(['/w/no/such', '/w/%00/%00', '/w/a/b/%F0%9F%A6%8A', '/w/..%2f/x'])(
    'is not there at %s',
    async (path) => {
      expect((await serve().app.request(path)).status).toBe(404)
    },
  )

  it('is led to by its linking id, while it is published', async () => {
    const { workspace, set, funnel } = await scene()
    const id = `${workspace.id}-1`
    expect(await publishedAddress(ctx, id)).toEqual({ workspace: workspace.slug, funnel, page: 'page-1' })
    await set({ status: 'DRAFT' })
    expect(await publishedAddress(ctx, id)).toBeNull()
    expect(await publishedAddress(ctx, 'nonsense')).toBeNull()
  })

  it('is sent again only when it has changed', async () => {
    const { path, write, set } = await scene()
    const { app } = serve()
    const tagOf = async () => (await app.request(path)).headers.get('etag') ?? ''
    const tag = await tagOf()
    expect((await app.request(path, { headers: { 'if-none-match': tag } })).status).toBe(304)
    ctx.clock.advance(1_000)
    await write([block('Text', { text: 'Other words' })])
    const next = await app.request(path, { headers: { 'if-none-match': tag } })
    expect(next.status).toBe(200)
    expect(await next.text()).toContain('Other words')
    const before = await tagOf()
    await set({ settings: { language: 'fr' } })
    expect(await tagOf()).not.toBe(before)
  })
})

describe('what a published page may do', () => {
  it('is nothing to the application: it has no origin, and runs no script but ours', async () => {
    const { path } = await scene([block('Text', { text: '<script>alert(1)</script>' })])
    const answer = await serve().app.request(path)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/sandbox allow-scripts/)
    expect(policy).not.toContain('allow-same-origin')
    expect(policy).not.toContain('unsafe-inline')
    expect(policy).toMatch(/script-src 'sha256-[^ ]+';/)
    expect(await answer.text()).not.toContain('<script>alert')
    expect(isPublished(path)).toBe(true)
  })

  it('needs no sandbox on an origin of its own, where nothing else is', async () => {
    const { path } = await scene()
    const { app } = serve({ PAGES_URL: 'https://pages.example' })
    const moved = await app.request(path, { headers: { host: 'localhost:3000' } })
    expect([moved.status, moved.headers.get('location')]).toEqual([302, `https://pages.example${path}`])
    const there = await app.request(path, { headers: { host: 'pages.example' } })
    expect(there.status).toBe(200)
    expect(there.headers.get('content-security-policy')).not.toContain('sandbox')
    expect((await app.request('/auth/sign-in', { headers: { host: 'pages.example' } })).status).toBe(404)
  })
})

describe('visits', () => {
  const visitsOf = async (id: bigint) => {
    const [row] = await database.db
      .select({ visits: pages.visits, updatedAt: pages.updatedAt })
      .from(pages)
      .where(sql`workspace_id = ${id} and page_no = 1`)
    return row
  }
  it('are counted once a session, for people alone, and change nothing else', async () => {
    const { path, id } = await scene()
    const { app, visits } = serve()
    const before = await visitsOf(id)
    const look = (headers: Record<string, string>, method = 'GET') => app.request(path, { method, headers })
    await look(browser)
    await look(browser)
    await look({ ...browser, 'x-test-address': '192.0.2.2' })
    await look({ ...browser, 'sec-purpose': 'prefetch', 'x-test-address': '192.0.2.3' })
    await look({ 'user-agent': 'Googlebot/2.1', 'x-test-address': '192.0.2.4' })
    await look({ ...browser, 'x-test-address': '192.0.2.5' }, 'HEAD')
    await visits.flush()
    expect(await visitsOf(id)).toEqual({ visits: 2n, updatedAt: before?.updatedAt })
    ctx.clock.advance(31 * 60_000)
    await look(browser)
    await visits.flush()
    expect((await visitsOf(id))?.visits).toBe(3n)
  })
})

describe('with an origin of their own', () => {
  it('a page with script of its author’s shares it with nobody', async () => {
    const { path, set } = await scene()
    const { app } = serve({ PAGES_URL: 'https://pages.example' })
    const policy = async () =>
      (await app.request(`https://pages.example${path}`, { headers: { host: 'pages.example' } })).headers.get(
        'content-security-policy',
      )
    expect(await policy()).not.toContain('sandbox')
    await set({ settings: { customScript: 'window.x = 1' } })
    expect(await policy()).toContain('sandbox allow-scripts')
    expect(await policy()).not.toContain('allow-same-origin')
  })
})

describe('a funnel with a password', () => {
  it('lets in and leads back under an address of any script', async () => {
    const { path, set, id } = await scene()
    await set({ passwordProtected: true, passwordHash: await hashPassword(ctx, 'open sesame') })
    await database.db.update(pages).set({ slug: '日本' }).where(sql`workspace_id = ${id} and page_no = 1`)
    const answer = await serve().app.request(`${path}/日本`, form({ password: 'open sesame' }))
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      `${path}/${encodeURIComponent('日本')}`,
    ])
  })

  it('opens to who knows it, for this funnel, until it is changed', async () => {
    const { path, set } = await scene()
    await set({ passwordProtected: true, passwordHash: await hashPassword(ctx, 'open sesame') })
    const { app } = serve()
    const closed = await app.request(path)
    expect([closed.status, closed.headers.get('cache-control')]).toEqual([401, 'private, no-store'])
    expect(await closed.text()).not.toContain('Page 1')
    const wrong = await app.request(path, form({ password: 'guess' }))
    expect(wrong.status).toBe(401)
    expect(await wrong.text()).toContain('That is not the password')
    const right = await app.request(path, form({ password: 'open sesame' }))
    expect([right.status, right.headers.get('location')]).toEqual([303, path])
    const cookie = right.headers.get('set-cookie') ?? ''
    expect(cookie).toContain(`Path=${path}; HttpOnly; SameSite=Lax`)
    const headers = { cookie: cookie.split(';')[0] ?? '' }
    const open = await app.request(path, { headers })
    expect([open.status, open.headers.get('cache-control'), open.headers.get('etag')]).toEqual([
      200,
      'private, no-store',
      null,
    ])
    await set({ passwordHash: await hashPassword(ctx, 'another') })
    expect((await app.request(path, { headers })).status).toBe(401)
  })

  it('is not guessed at without end, and never opens where none was set', async () => {
    const { path, set } = await scene()
    await set({ passwordProtected: true, passwordHash: null })
    const { app } = serve()
    const statuses: number[] = []
    for (let n = 0; n < 11; n += 1) statuses.push((await app.request(path, form({ password: '' }))).status)
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401))
    expect(statuses[10]).toBe(429)
  })
})

describe('what measures visits', () => {
  const TRACKING = { googleAnalyticsId: 'G-ABC123', metaPixelId: '12345' }
  it('is loaded only once its visitor agreed', async () => {
    const { path, set } = await scene()
    await set({
      tracking: TRACKING,
      settings: {
        customScript: 'window.mine = 1',
        cookieConsent: { text: 'May we?', privacyUrl: 'https://a.example/p' },
      },
    })
    const { app } = serve()
    const asked = await (await app.request(path)).text()
    expect(asked).toContain('May we?')
    expect(asked).toContain('href="https://a.example/p"')
    expect(asked).not.toMatch(/googletagmanager|facebook|window\.mine/)
    const agreed = await app.request(path, form({ consent: 'yes' }))
    expect(agreed.status).toBe(303)
    const cookie = (agreed.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const answer = await app.request(path, { headers: { cookie } })
    const html = await answer.text()
    expect(html).toContain('https://www.googletagmanager.com/gtag/js?id=G-ABC123')
    expect(html).toContain('fbq("init","12345")')
    expect(html).toContain('window.mine = 1')
    expect(html).not.toContain('May we?')
    expect(answer.headers.get('content-security-policy')).toContain('https://connect.facebook.net')
    for (const headers of [{ 'sec-gpc': '1' }, { cookie: 'offshoot_consent=no' }]) {
      const refused = await (await app.request(path, { headers })).text()
      expect(refused).not.toMatch(/May we|googletagmanager/)
    }
  })

  it('is nothing where an id is none', async () => {
    const { path, set } = await scene()
    await set({
      tracking: { googleAnalyticsId: '"><script>alert(1)</script>', metaPixelId: '1);alert(1' },
      settings: { customScript: '</script><script>alert(1)' },
    })
    const html = await (
      await serve().app.request(path, { headers: { cookie: 'offshoot_consent=yes' } })
    ).text()
    expect(html).not.toContain('alert(1)')
  })
})

it('a form that asks for nothing known is answered as nothing', async () => {
  const { path } = await scene()
  expect((await serve().app.request(path, form({ other: 'x' }))).status).toBe(404)
  expect((await serve().app.request('/w/no/such', form({ consent: 'yes' }))).status).toBe(404)
})

it('addresses of pages are escaped', () => {
  expect(wayTo('a b', 'ü/..')).toBe('/w/a%20b/%C3%BC%2F..')
})
