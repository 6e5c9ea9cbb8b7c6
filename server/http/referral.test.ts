import { eq, sql } from 'drizzle-orm'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { clicks } from '../../db/schema'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeAffiliate } from '../../db/testing/factories/affiliate'
import { makeUser } from '../../db/testing/factories/identity'
import { readReferral } from '../domain/affiliate'
import type { ApiContext } from '../trpc'
import type { HttpEnv } from './env'
import { isVisit, serveReferrals } from './referral'

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36'
const visit = (headers: Record<string, string> = {}, method = 'GET') =>
  isVisit(
    new Request('http://shop.example/r/mira', { method, headers: { 'user-agent': CHROME, ...headers } }),
  )

describe('a visit', () => {
  it('is a navigation by a browser', () => {
    expect(visit()).toBe(true)
    expect(visit({ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBe(true)
  })

  it.each([
    [{}, 'HEAD'],
    [{ 'sec-purpose': 'prefetch;prerender' }, 'GET'],
    [{ purpose: 'prefetch' }, 'GET'],
    [{ 'x-moz': 'prefetch' }, 'GET'],
    [{ 'x-purpose': 'preview' }, 'GET'],
    [{ 'sec-fetch-mode': 'cors' }, 'GET'],
    ...[
      'Googlebot/2.1 (+http://www.google.com/bot.html)',
      'facebookexternalhit/1.1',
      'WhatsApp/2.23',
      'Slackbot-LinkExpanding 1.0',
      'TelegramBot (like TwitterBot)',
      'Mozilla/5.0 (compatible; bingbot/2.0)',
      'curl/8.5.0',
      'python-requests/2.32',
    ].map((agent) => [{ 'user-agent': agent }, 'GET'] as const),
  ] as const)('is none of %j by %s', (headers, method) => {
    expect(visit(headers, method)).toBe(false)
  })
})

describe('a click by somebody who wants nothing kept on their device', () => {
  const database = useDatabase()
  const app = () => {
    const http = new Hono<HttpEnv>()
    http.use(async (call, next) => {
      call.set('cookies', [])
      await next()
      for (const cookie of call.get('cookies')) call.res.headers.append('Set-Cookie', cookie)
    })
    const ctx = testContext(database.db)
    serveReferrals(
      http,
      async () =>
        ({ ...ctx, request: { address: '192.0.2.9', limit: async () => {} } }) as unknown as ApiContext,
    )
    return { http, ctx }
  }

  it.each([[{ dnt: '1' }], [{ 'sec-gpc': '1' }], [{ cookie: 'a=b; tracking=no' }]] as const)(
    'by %j: the proof travels in the address, and nothing is set',
    async (headers) => {
      const { http, ctx } = app()
      const { code } = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })
      const answer = await http.request(`http://shop.example/r/${code}?to=/buy/x%3Fa=1`, {
        headers: { 'user-agent': CHROME, ...headers },
      })
      expect(answer.status).toBe(302)
      expect(answer.headers.get('set-cookie')).toBeNull()
      const to = new URL(answer.headers.get('location') ?? '', 'http://shop.example')
      expect([to.pathname, to.searchParams.get('a')]).toEqual(['/buy/x', '1'])
      expect(readReferral(ctx, to.searchParams.get('referral'))).toMatchObject({ code })
    },
  )

  it('and by anybody else gets the cookie, and an address that shows nothing of it', async () => {
    const { http, ctx } = app()
    const { code } = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })
    const answer = await http.request(`http://shop.example/?ref=${code}&utm_source=${'x'.repeat(900)}&q=1`, {
      headers: { 'user-agent': CHROME, referer: 'https://www.news.example/a' },
    })
    expect(answer.headers.get('location')).toMatch(/^\/\?utm_source=x+&q=1$/)
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    const proof = /^referral_code=([^;]+)/.exec(answer.headers.get('set-cookie') ?? '')?.[1]
    expect(readReferral(ctx, proof)?.origin).toMatchObject({ source: 'x'.repeat(100), landingPage: '/' })
  })

  it('is led on though the click cannot be kept', async () => {
    const { http, ctx } = app()
    const { code } = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })
    await database.owner.execute(sql`alter table clicks add constraint closed check (false) not valid`)
    const answer = await http.request(`http://shop.example/r/${code}`, { headers: { 'user-agent': CHROME } })
    await database.owner.execute(sql`alter table clicks drop constraint closed`)
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/auth/sign-up'])
  })

  it('leads on without a word where there is no code, or one that nobody has', async () => {
    const { http } = app()
    const headers = { 'user-agent': CHROME, dnt: '1' }
    for (const [path, to] of [
      ['/api/track/referral', '/auth/sign-up'],
      ['/api/track/referral?ref=nobody-has-it&to=//evil.example', '/auth/sign-up'],
      ['/r/nobody-has-it?to=/buy/x', '/buy/x'],
    ] as const) {
      const answer = await http.request(`http://shop.example${path}`, { headers })
      expect([answer.headers.get('location'), answer.headers.get('set-cookie')]).toEqual([to, null])
    }
  })

  it('is marked as paid search by what search engines add, or by its medium', async () => {
    const { http, ctx } = app()
    for (const [query, paid] of [
      ['gclid=abc', true],
      ['msclkid=abc', true],
      ['utm_medium=CPC', true],
      ['utm_medium=mail', false],
    ] as const) {
      const { id, code } = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })
      await http.request(`http://shop.example/?ref=${code}&${query}`, {
        headers: { 'user-agent': CHROME, referer: 'not an address' },
      })
      const rows = await database.db.select().from(clicks).where(eq(clicks.affiliateId, id))
      expect(rows).toMatchObject([{ paidSearch: paid, source: '' }])
    }
  })

  it('by a reader of data, or on what is no page, is none', async () => {
    const { http, ctx } = app()
    http.all('*', (call) => call.text('answered'))
    const { id, code } = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })
    for (const path of [`/?ref=${code}&_data=root`, `/assets/x.js?ref=${code}`, `/api/x?ref=${code}`])
      expect(await (await http.request(`http://shop.example${path}`)).text()).toBe('answered')
    expect(await database.db.$count(clicks, eq(clicks.affiliateId, id))).toBe(0)
  })
})
