import { gzipSync } from 'node:zlib'
import { eq } from 'drizzle-orm'
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { clicks } from '../../db/schema'
import { testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeAffiliate } from '../../db/testing/factories/affiliate'
import { makeUser } from '../../db/testing/factories/identity'
import { addTrackingSite, readReferral, revokeTrackingSite } from '../domain/affiliate'
import { AddTrackingSiteInput } from '../domain/affiliate/schemas'
import type { ApiContext } from '../trpc'
import type { HttpEnv } from './env'
import { serveReferrals } from './referral'
import { serveTracking } from './track'
import { TRACK_SCRIPT } from './track-script'

const database = useDatabase()
const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36'
const SHOP = 'https://shop.example'

const given = async (limit: () => Promise<void> = async () => {}) => {
  const ctx = testContext(database.db)
  const http = new Hono<HttpEnv>()
  http.use(async (call, next) => {
    call.set('cookies', [])
    await next()
  })
  const apiOf = async () => ({ ...ctx, request: { address: '192.0.2.9', limit } }) as unknown as ApiContext
  serveTracking(http, apiOf)
  serveReferrals(http, apiOf)
  const { actor } = await makeUser(ctx, { role: 'ADMIN' })
  const site = await addTrackingSite(
    ctx.as(actor),
    AddTrackingSiteInput.parse({ name: 'Shop', origins: [SHOP, 'http://localhost:8080'] }),
  )
  const affiliate = await makeAffiliate(ctx, { userId: (await makeUser(ctx)).id })
  const tell = (body: unknown, headers: Record<string, string> = {}, key = site.key) =>
    http.request(`http://own.example/api/track/sites/${key}/clicks`, {
      method: 'POST',
      headers: { 'user-agent': CHROME, origin: SHOP, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  const kept = () => database.db.select().from(clicks).where(eq(clicks.affiliateId, affiliate.id))
  return { ctx, http, site, affiliate, tell, kept, actor }
}

describe('the script', () => {
  it('is below 2 kB compressed, may be kept for an hour and loaded by any site', async () => {
    expect(gzipSync(TRACK_SCRIPT, { level: 9 }).byteLength).toBeLessThan(2_000)
    const { http } = await given()
    const answer = await http.request('http://own.example/track.js')
    expect(await answer.text()).toBe(TRACK_SCRIPT)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=3600',
      'cross-origin-resource-policy': 'cross-origin',
    })
    const again = await http.request('http://own.example/track.js', {
      headers: { 'if-none-match': answer.headers.get('etag') ?? '' },
    })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })
})

describe('a click at another site', () => {
  it('is counted with where it came from, and answered with its proof to that origin alone', async () => {
    const { ctx, affiliate, tell, kept } = await given()
    const answer = await tell({
      ref: affiliate.code.toUpperCase(),
      page: `${SHOP}/sale?ref=${affiliate.code}&utm_source=news&utm_medium=cpc&utm_campaign==1%2B1`,
      referrer: 'https://elsewhere.example/',
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('access-control-allow-origin')).toBe(SHOP)
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    expect(answer.headers.get('vary')).toBe('Origin')
    expect(answer.headers.get('set-cookie')).toBeNull()
    const { referral } = (await answer.json()) as { referral: string }
    expect(readReferral(ctx, referral)).toMatchObject({
      code: affiliate.code,
      origin: { source: 'news', medium: 'cpc', campaign: '=1+1', landingPage: 'shop.example/sale' },
    })
    expect(await kept()).toMatchObject([{ source: 'news', paidSearch: true }])
    await tell({ ref: affiliate.code })
    expect(await kept()).toHaveLength(1)
  })

  it.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['a subdomain', { origin: 'https://a.shop.example' }],
    ['another port', { origin: `${SHOP}:8443` }],
    ['no https', { origin: 'http://shop.example' }],
    ['nothing', { origin: 'null' }],
  ] as const)('from %s is nothing, and no page there reads why', async (_, headers) => {
    const { affiliate, tell, kept } = await given()
    const answer = await tell({ ref: affiliate.code }, headers)
    expect(answer.status).toBe(404)
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(await kept()).toEqual([])
  })

  it('under a key that ended, or never was, is nothing', async () => {
    const { ctx, actor, affiliate, tell, site } = await given()
    for (const key of ['osp_', `osp_${'A'.repeat(24)}`, '%00', 'x'.repeat(500)])
      expect((await tell({ ref: affiliate.code }, {}, key)).status).toBe(404)
    await revokeTrackingSite(ctx.as(actor), { id: site.id })
    expect((await tell({ ref: affiliate.code })).status).toBe(404)
    await expect(revokeTrackingSite(ctx.as(actor), { id: site.id })).rejects.toMatchObject({ status: 404 })
  })

  it('is asked about before by a browser that has to', async () => {
    const { http, site } = await given()
    const ask = (origin: string) =>
      http.request(`http://own.example/api/track/sites/${site.key}/clicks`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const answer = await ask(SHOP)
    expect([answer.status, answer.headers.get('access-control-allow-methods')]).toEqual([204, 'POST'])
    expect((await ask('https://evil.example')).status).toBe(404)
  })

  it('by a machine, ahead of the visitor, or under a code that is nobody’s counts nothing', async () => {
    const { affiliate, tell, kept } = await given()
    for (const [code, headers] of [
      [affiliate.code, { 'user-agent': 'Googlebot/2.1' }],
      [affiliate.code, { 'sec-purpose': 'prefetch;prerender' }],
      ['nobody-has-it', {}],
      ['\u0000', {}],
      ['', {}],
    ] as const)
      expect(await (await tell({ ref: code }, headers)).json()).toEqual({ referral: null })
    expect(await kept()).toEqual([])
  })

  it.each([
    ['', 400],
    ['{', 400],
    ['[]', 400],
    ['{"ref":7}', 400],
    [JSON.stringify({ ref: 'x'.repeat(201) }), 400],
    [JSON.stringify({ ref: 'x', page: 'y'.repeat(20_000) }), 413],
  ] as const)('told as %.20j is refused with %d', async (body, status) => {
    const { tell } = await given()
    expect((await tell(body)).status).toBe(status)
  })
})

describe('a flood of clicks from one network', () => {
  it('counts as one visitor beyond what people click, here and elsewhere, and still gets its proofs', async () => {
    let left = 3
    const { ctx, http, affiliate, tell, kept } = await given(async () => {
      left -= 1
      if (left < 0) throw new Error('too often')
    })
    for (let i = 0; i < 20; i += 1) {
      const headers = { 'user-agent': `${CHROME} ${i}` }
      const told = (await (await tell({ ref: affiliate.code }, headers)).json()) as { referral: string }
      expect(readReferral(ctx, told.referral)).not.toBeNull()
      const led = await http.request(`http://own.example/r/${affiliate.code}`, {
        headers: { ...headers, dnt: '1' },
      })
      expect(led.headers.get('location')).toContain('referral=')
    }
    expect(await kept()).toHaveLength(3)
  })
})
