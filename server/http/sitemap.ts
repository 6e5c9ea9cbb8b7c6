import type { Hono } from 'hono'
import { listCategories, listSitemapParts, listSitemapSlugs } from '../domain/marketplace'
import type { Context } from '../kit/context'
import type { HttpEnv } from './env'

/** What machines that read the site are told: where to go, and where not. */
export const serveSitemap = (app: Hono<HttpEnv>, base: Context): void => {
  const { appUrl } = base.config
  const xml = (body: string) =>
    new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`, {
      headers: { 'Content-Type': 'application/xml; charset=utf-8', 'Cache-Control': 'public, max-age=3600' },
    })

  const urls = (places: readonly Place[]): string =>
    `<urlset xmlns="${SCHEMA}">${places
      .map(({ path, changed }) => {
        const lastmod = changed === undefined ? '' : `<lastmod>${changed.toISOString()}</lastmod>`
        return `<url><loc>${escaped(`${appUrl}${path}`)}</loc>${lastmod}</url>`
      })
      .join('')}</urlset>`

  app.get('/robots.txt', () => {
    const lines = [
      'User-agent: *',
      ...NOT_FOR_ROBOTS.map((path) => `Disallow: ${path}`),
      `Sitemap: ${appUrl}/sitemap.xml`,
    ]
    return new Response(`${lines.join('\n')}\n`, {
      headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'public, max-age=3600' },
    })
  })

  // One file while all of it fits, else a list of files.
  app.get('/sitemap.xml', async () => {
    const parts = await listSitemapParts(base)
    if (parts.length > 1)
      return xml(
        `<sitemapindex xmlns="${SCHEMA}">${[
          '/sitemap-pages.xml',
          ...parts.map((from) => `/sitemap-listings.xml?from=${from}`),
        ]
          .map((path) => `<sitemap><loc>${escaped(`${appUrl}${path}`)}</loc></sitemap>`)
          .join('')}</sitemapindex>`,
      )
    const [from] = parts
    return xml(urls([...(await pages(base)), ...(from === undefined ? [] : await listings(base, from))]))
  })
  app.get('/sitemap-pages.xml', async () => xml(urls(await pages(base))))
  app.get('/sitemap-listings.xml', async (call) => {
    const from = call.req.query('from') ?? ''
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(from)) return call.notFound()
    return xml(urls(await listings(base, from)))
  })
}

const SCHEMA = 'http://www.sitemaps.org/schemas/sitemap/0.9'

/** What needs an account, what is only looked at before buying, and what is meant for programs. */
const NOT_FOR_ROBOTS = ['/admin', '/api/', '/auth/', '/buy/', '/dashboard', '/dev/', '/sandbox', '/preview/']

interface Place {
  readonly path: string
  readonly changed?: Date
}

const pages = async (base: Context): Promise<Place[]> => [
  { path: '/' },
  { path: '/marketplace' },
  ...(await listCategories(base))
    .filter(({ listings: count }) => count > 0)
    .map(({ key }) => ({ path: `/marketplace/c/${encodeURIComponent(key)}` })),
]

const listings = async (base: Context, from: string): Promise<Place[]> =>
  (await listSitemapSlugs(base, from)).map(({ slug, updatedAt }) => ({
    path: `/marketplace/${encodeURIComponent(slug)}`,
    changed: updatedAt,
  }))

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
