import { Hono } from 'hono'
import { beforeAll, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeListing } from '../../db/testing/factories/marketplace'
import { listSitemapParts } from '../domain/marketplace'
import type { HttpEnv } from './env'
import { serveSitemap } from './sitemap'

const database = useDatabase()
let ctx: TestContext
let slug = ''
const ask = async (path: string) => {
  const app = new Hono<HttpEnv>()
  serveSitemap(app, ctx)
  const answer = await app.request(path)
  return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') }
}
beforeAll(async () => {
  ctx = testContext(database.db)
  slug = (await makeListing(ctx, { title: 'Launch kit', category: 'food' })).listing.slug
  await makeListing(ctx, { title: 'A draft', draft: true })
})

it('tells robots where to go and where not', async () => {
  const { text, type } = await ask('/robots.txt')
  expect(type).toContain('text/plain')
  for (const path of ['/api/', '/auth/', '/admin', '/preview/'])
    expect(text).toContain(`\nDisallow: ${path}\n`)
  expect(text).toContain(`\nSitemap: ${ctx.config.appUrl}/sitemap.xml\n`)
})

it('lists what is on sale, the categories that have something, and the pages for everybody', async () => {
  const { text, type } = await ask('/sitemap.xml')
  expect(type).toContain('application/xml')
  const places = [...text.matchAll(/<loc>([^<]*)<\/loc>/g)].map(([, place = '']) => place)
  expect(places).toEqual(
    ['/', '/marketplace', '/marketplace/c/food', `/marketplace/${slug}`].map(
      (path) => `${ctx.config.appUrl}${path}`,
    ),
  )
  expect(text).toMatch(/<lastmod>\d{4}-\d\d-\d\dT/)
})

it('has the same in files, for when there is more than one', async () => {
  const [from] = await listSitemapParts(ctx)
  expect((await ask(`/sitemap-listings.xml?from=${from}`)).text).toContain(`/marketplace/${slug}<`)
  expect((await ask('/sitemap-pages.xml')).text).not.toContain(slug)
})

it.each(['', '?from=', '?from=1', "?from='", '?from=%00'])('has no file %j', async (query) => {
  expect((await ask(`/sitemap-listings.xml${query}`)).status).toBe(404)
})
