import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { ServerBuild } from '@remix-run/node'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../../db/client'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { makeUser, TEST_PASSWORD } from '../../db/testing/factories/identity'
import { makePayee } from '../../db/testing/factories/payout'
import { createBalanceTransaction } from '../domain/balance'
import { createApiKey } from '../domain/identity'
import { addPayoutDocument } from '../domain/payout'
import type { Environment } from '../kit/config'
import { createLog } from '../kit/log'
import { createMailbox } from '../providers/mail'
import { createHttpApp } from './app'

const database = useDatabase()
let folder: string
/** Nobody listens there. */
const nowhere = connect({ url: 'postgres://nobody@127.0.0.1:1/none' }, { max: 1 })
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'offshoot-client-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'assets', 'a.js'), 'export {}')
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await nowhere.close(1)
})

type Handled = {
  context: { nonce: string; requestId: string; api: { actor: { kind: string } } }
  request: Request
}

/** A build of two resource routes: one tells what it was given, one breaks. */
const build = (): ServerBuild => {
  const tell = async ({ context, request }: Handled) =>
    Response.json({
      nonce: context.nonce,
      requestId: context.requestId,
      actor: context.api.actor.kind,
      form: request.method === 'POST' ? Object.fromEntries(await request.formData()) : null,
    })
  const broken = () => {
    throw new Error('inside: hunter2')
  }
  const route = (id: string, path: string, module: object) => [id, { id, path, module }] as const
  const routes = [
    route('page', 'page', { loader: tell, action: tell }),
    route('broken', 'broken', { loader: broken }),
    route('rest', '*', { loader: () => new Response('nothing', { status: 404 }) }),
    route('hook', 'webhooks/stripe', {
      action: async ({ request }: Handled) => new Response(await request.text()),
    }),
  ]
  const assets = routes.map(([id, { path }]) => [
    id,
    { id, path, hasAction: true, hasLoader: true, module: '/x.js' },
  ])
  return {
    entry: { module: { default: () => new Response('none', { status: 404 }), handleError: () => {} } },
    routes: Object.fromEntries(routes),
    assets: {
      version: '1',
      url: '/m.js',
      entry: { module: '/e.js', imports: [] },
      routes: Object.fromEntries(assets),
    },
    publicPath: '/',
    assetsBuildDirectory: '',
    future: {},
    isSpaMode: false,
  } as unknown as ServerBuild
}

interface World {
  readonly ctx: TestContext
  readonly lines: Record<string, unknown>[]
  readonly ask: (path: string, init?: RequestInit, rawHeaders?: string[]) => Promise<Response>
}

const world = (options: { env?: Environment; away?: boolean; mailbox?: boolean } = {}): World => {
  const known = testContext(database.db, {
    env: options.env ?? {},
    outside: options.mailbox ? { mail: createMailbox() } : {},
  })
  const ctx = options.away ? { ...known, db: nowhere.db } : known
  const lines: Record<string, unknown>[] = []
  const app = createHttpApp({
    base: ctx,
    log: createLog('info', { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) }),
    build: build(),
    clientFolder: relative(process.cwd(), folder),
    sandboxPages: new Hono().get('/', (call) => call.text('sandbox')) as never,
  })
  const ask = async (path: string, init: RequestInit = {}, rawHeaders: string[] = []) =>
    app.fetch(new Request(`http://localhost:3000${path}`, init), {
      incoming: { rawHeaders, socket: { remoteAddress: '192.0.2.1' } },
    } as never)
  return { ctx, lines, ask }
}

const json = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
const bodyOf = async (answer: Response) => ({ status: answer.status, body: (await answer.json()) as unknown })
const signIn = async ({ ctx, ask }: World, role: 'USER' | 'ADMIN' = 'USER'): Promise<string> => {
  const { email } = await makeUser(ctx, { role })
  const answer = await ask('/api/auth/sign-in', json({ email, password: TEST_PASSWORD }))
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

describe('an API key in the header', () => {
  it('speaks for its owner, before any cookie, on the API and nowhere else', async () => {
    const one = world()
    const cookie = await signIn(one, 'ADMIN')
    const user = await makeUser(one.ctx)
    const { key } = await createApiKey(one.ctx.as(user.actor), { name: 'Import' })
    const headers = { Authorization: `bearer ${key}`, Cookie: cookie }
    expect(await bodyOf(await one.ask('/api/auth/me', { headers }))).toMatchObject({
      status: 200,
      body: { user: { email: user.email } },
    })
    expect(await (await one.ask('/page', { headers })).json()).toMatchObject({ actor: 'admin' })
    const made = await one.ask('/api/workspace', json({ name: 'By key' }, { Authorization: `Bearer ${key}` }))
    expect(made.status).toBe(200)
  })

  it('that is none is refused, also where nobody has to be signed in', async () => {
    const { ask } = world()
    for (const path of ['/api/auth/me', '/api/balance/transactions.csv', '/api/trpc/affiliates.terms'])
      expect((await ask(path, { headers: { Authorization: 'Bearer osk_none' } })).status).toBe(401)
    // Another scheme is none of ours.
    expect((await ask('/api/auth/me', { headers: { Authorization: 'Basic abc' } })).status).toBe(401)
  })

  it('of an admin administers only if it may', async () => {
    const one = world()
    const admin = one.ctx.as((await makeUser(one.ctx, { role: 'ADMIN' })).actor)
    const list = async (scopes?: ('read' | 'write' | 'admin')[]) => {
      const { key } = await createApiKey(admin, { name: 'Desk', ...(scopes === undefined ? {} : { scopes }) })
      return (await one.ask('/api/admin/affiliates', { headers: { Authorization: `Bearer ${key}` } })).status
    }
    expect([await list(), await list(['read', 'write'])]).toEqual([200, 404])
  })

  it('does nothing beyond its scopes', async () => {
    const one = world()
    const as = one.ctx.as((await makeUser(one.ctx)).actor)
    const { key } = await createApiKey(as, { name: 'Reader', scopes: ['read'] })
    const headers = { Authorization: `Bearer ${key}` }
    expect(await bodyOf(await one.ask('/api/workspace', json({ name: 'No' }, headers)))).toMatchObject({
      status: 403,
      body: { code: 'SCOPE_MISSING' },
    })
  })
})

describe('the pages', () => {
  it('are told who asks, with which nonce, under which number', async () => {
    const one = world()
    const answer = await one.ask('/page')
    const told = (await answer.json()) as Record<string, string>
    expect(told.actor).toBe('visitor')
    expect(told.requestId).toBe(answer.headers.get('x-request-id'))
    expect(answer.headers.get('content-security-policy')).toContain(`'nonce-${told.nonce}'`)
    expect(one.lines[0]).toMatchObject({
      msg: 'request',
      path: '/page',
      status: 200,
      request: told.requestId,
    })
    const cookie = await signIn(one)
    expect(await (await one.ask('/page', { headers: { Cookie: cookie } })).json()).toMatchObject({
      actor: 'user',
    })
  })
  it('are handed forms, and other methods and bodies are not', async () => {
    const { ask } = world()
    const form = await ask('/page', { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
    expect(await form.json()).toMatchObject({ form: { a: 'b' } })
    expect(await bodyOf(await ask('/page', json({})))).toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_TYPE' },
    })
    const put = await ask('/page', { method: 'PUT' })
    expect(put.headers.get('allow')).toBe('GET, HEAD, POST')
    expect(await bodyOf(put)).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } })
  })
  it('take a session that is over away', async () => {
    const answer = await world().ask('/page', { headers: { Cookie: `a=b; session=${'a'.repeat(43)}` } })
    expect(answer.headers.getSetCookie()[0]).toMatch(/^session=;.*Max-Age=0/)
  })
  it('renew a session that is used', async () => {
    const one = world()
    const cookie = await signIn(one)
    one.ctx.clock.advance(3 * 86_400_000)
    const [renewed = ''] = (await one.ask('/page', { headers: { Cookie: cookie } })).headers.getSetCookie()
    expect(renewed.startsWith(`${cookie};`)).toBe(true)
  })
  it('do not show what broke', async () => {
    const answer = await world().ask('/broken')
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('hunter2')
  })
  it('say in words that the database is away', async () => {
    const one = world({ away: true })
    const headers = { Cookie: `session=${'a'.repeat(43)}`, Accept: 'text/html' }
    const answer = await one.ask('/page', { headers })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(await answer.text()).toContain('<h1>The database cannot be reached')
    expect(one.lines.at(-1)).toMatchObject({
      msg: 'request failed',
      status: 503,
      error: { message: expect.any(String) },
    })
    const api = await one.ask('/api/auth/me', { headers })
    expect(await bodyOf(api)).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } })
    const trpc = await one.ask('/api/trpc/auth.me', { headers })
    expect(trpc.status).toBe(503)
  })
})

describe('webhooks', () => {
  it('come from elsewhere and keep their body as it is', async () => {
    const answer = await world().ask('/webhooks/stripe', {
      method: 'POST',
      headers: { Origin: 'https://stripe.example', 'Content-Type': 'application/json' },
      body: '{ "a" : 1 }',
    })
    expect(await answer.text()).toBe('{ "a" : 1 }')
  })
})

describe('a request', () => {
  it('from another site is refused', async () => {
    const answer = await world().ask('/page', { method: 'POST', headers: { Origin: 'https://evil.example' } })
    expect(await bodyOf(answer)).toMatchObject({ status: 403, body: { code: 'CROSS_ORIGIN' } })
  })
  it('that a proxy may read otherwise is refused', async () => {
    const { ask } = world()
    expect((await ask('/healthz', {}, ['Host', 'a', 'host', 'b'])).status).toBe(400)
    expect((await ask('/healthz', {}, ['Host', 'a', 'Transfer-Encoding', 'xchunked'])).status).toBe(400)
    expect((await ask('/healthz', {}, ['Host', 'a', 'Transfer-Encoding', 'Chunked'])).status).toBe(200)
  })
})

describe('the addresses beside the pages', () => {
  it('say that we are alive and ready, or not', async () => {
    expect(await bodyOf(await world().ask('/healthz'))).toEqual({ status: 200, body: { status: 'ok' } })
    expect((await world({ away: true }).ask('/healthz')).status).toBe(200)
    const away = await world({ away: true }).ask('/readyz')
    expect(away.headers.get('retry-after')).toBe('5')
    expect(await bodyOf(away)).toMatchObject({ status: 503, body: { status: 'unavailable' } })
  })
  it('serve built files, for good', async () => {
    const { ask } = world()
    const file = await ask('/assets/a.js')
    expect([file.status, file.headers.get('cache-control')]).toEqual([
      200,
      'public, max-age=31536000, immutable',
    ])
    expect((await ask('/favicon.svg')).headers.get('content-type')).toContain('svg')
    expect((await ask('/favicon.ico')).headers.get('location')).toBe('/favicon.svg')
    expect((await ask('/sandbox')).headers.get('x-content-type-options')).toBe('nosniff')
  })
  it('show the mails only where they are kept', async () => {
    expect((await world().ask('/dev/mailbox.json')).status).toBe(404)
    expect(await bodyOf(await world({ mailbox: true }).ask('/dev/mailbox.json'))).toEqual({
      status: 200,
      body: [],
    })
  })
  it('answer a mailed link with a redirect', async () => {
    const answer = await world().ask('/api/auth/verify-email?token=nothing')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/auth/sign-in?verified=0'])
    expect((await world().ask('/api/auth/verify-email')).status).toBe(302)
    expect((await world({ away: true }).ask('/api/auth/verify-email?token=x')).status).toBe(503)
  })
  it('give a statement as CSV', async () => {
    const one = world()
    expect((await one.ask('/api/balance/transactions.csv')).status).toBe(401)
    const answer = await one.ask('/api/balance/transactions.csv', { headers: { Cookie: await signIn(one) } })
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  })
  it('give a month of the balance signed, as PDF and as CSV, to its holder only', async () => {
    const one = world()
    const ask = async (form: string, query = 'currency=USD&month=2024-03') => {
      const headers = { Cookie: cookie }
      return one.ask(`/api/balance/statements${form}?${query}`, { headers })
    }
    const { id, email } = await makeUser(one.ctx)
    const signedIn = await one.ask('/api/auth/sign-in', json({ email, password: TEST_PASSWORD }))
    const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect((await one.ask('/api/balance/statements.json?currency=USD&month=2024-03')).status).toBe(401)
    expect((await ask('.json')).status).toBe(404)
    await createBalanceTransaction(one.ctx, {
      userId: id,
      type: 'COMMISSION',
      amount: 100n,
      currency: 'USD',
      referenceType: 'test',
      referenceId: '1',
      notes: '',
      idempotencyKey: id,
    })
    const answer = await ask('.json')
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toBe(
      'attachment; filename="statement-USD-2024-03.json"',
    )
    expect(await answer.text()).toContain('"final":false')
    const month = { currency: 'USD', month: '2024-03' }
    const issued = await one.ask(
      '/api/balance/statements',
      json(month, { Cookie: cookie, Origin: 'http://localhost:3000' }),
    )
    expect(await issued.json()).toMatchObject({ ...month, timezone: 'UTC', signature: expect.any(String) })
    const file = await (await ask('.json')).text()
    expect(file).toContain('"format":"offshoot.statement/1"')
    expect(file).toContain('"final":true')
    for (const form of ['', '.json']) expect(await (await ask(form)).text()).toBe(file)
    const pdf = await ask('.pdf')
    expect(pdf.headers.get('content-type')).toBe('application/pdf')
    expect((await pdf.text()).startsWith('%PDF-')).toBe(true)
    expect(await (await ask('.csv')).text()).toMatch(/^id,type,.*created_at\r\n$/)
    for (const wrong of [
      'currency=USD',
      'currency=usd&month=2024-03',
      'currency=USD&month=2024-3',
      'currency=USD&month=2024-03&timezone=Mars',
    ])
      for (const form of ['.json', '.pdf', '.csv']) expect((await ask(form, wrong)).status).toBe(400)
    expect((await ask('.json', 'currency=USD&month=2100-01')).status).toBe(422)
  })
  it('give everybody the public keys of the statements, and nothing that is only for one', async () => {
    const one = world()
    const answer = await one.ask('/.well-known/offshoot-statement-keys.json', {
      headers: { Cookie: 'session=gone' },
    })
    expect(answer.headers.get('content-type')).toBe('application/jwk-set+json')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(await answer.json()).toEqual({
      keys: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          x: expect.any(String),
          kid: expect.any(String),
          use: 'sig',
          alg: 'EdDSA',
        },
      ],
    })
  })
  it('give admins what is to be paid as CSV, and nobody else', async () => {
    const one = world()
    const ask = (path: string, cookie: string) => one.ask(path, { headers: { Cookie: cookie } })
    const path = '/api/admin/withdrawals.csv'
    expect((await one.ask(path)).status).toBe(404)
    expect((await ask(path, await signIn(one))).status).toBe(404)
    const cookie = await signIn(one, 'ADMIN')
    const answer = await ask(path, cookie)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(await answer.text()).toMatch(
      /^id,status,requested_at,.*note,requested_minor,fee_minor,paid_to\r\n$/,
    )
    expect((await ask(`${path}?status=GONE`, cookie)).status).toBe(400)
    for (const id of ['x', '00000000-0000-7000-8000-000000000000']) {
      const batch = await ask(`/api/admin/withdrawals/batches/${id}.csv`, cookie)
      expect([batch.status, await batch.json()]).toMatchObject([404, { code: 'BATCH_NOT_FOUND' }])
    }
    const refused = await one.ask('/api/admin/withdrawals/batches', {
      method: 'POST',
      headers: { Cookie: cookie, Origin: 'http://localhost:3000', 'Content-Type': 'application/json' },
      body: '{}',
    })
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'NOTHING_TO_PAY' }])
  })
})

describe('what admins download', () => {
  it('is the yearly summary as CSV, for a year', async () => {
    const one = world()
    const ask = (path: string, cookie = '') => one.ask(path, { headers: { Cookie: cookie } })
    const path = '/api/admin/tax-summary.csv'
    expect((await ask(`${path}?year=2026`, await signIn(one))).status).toBe(404)
    const cookie = await signIn(one, 'ADMIN')
    expect([(await ask(path, cookie)).status, (await ask(`${path}?year=26`, cookie)).status]).toEqual([
      400, 400,
    ])
    const answer = await ask(`${path}?year=2026`, cookie)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(await answer.text()).toMatch(/^year,recipient_name,.*\r\n$/)
  })
  it('is a document as an attachment that no browser runs', async () => {
    const one = world()
    const { as } = await makePayee(one.ctx)
    const content = Buffer.from('%PDF-1.7 bank').toString('base64')
    const { id } = await addPayoutDocument(as, { name: 'x.html', content })
    const ask = (cookie: string, other = id) =>
      one.ask(`/api/admin/payout-documents/${other}`, { headers: { Cookie: cookie } })
    expect((await ask('')).status).toBe(404)
    expect((await ask(await signIn(one))).status).toBe(404)
    const cookie = await signIn(one, 'ADMIN')
    expect((await ask(cookie, 'none')).status).toBe(404)
    const answer = await ask(cookie)
    expect(await answer.text()).toBe('%PDF-1.7 bank')
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="payout-document-${id}.pdf"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cache-control': 'private, no-store',
    })
  })
})

describe('the plain interface', () => {
  it('takes bodies, queries and parameters of the path', async () => {
    const one = world()
    const headers = { Cookie: await signIn(one), Origin: 'http://localhost:3000' }
    const made = (await (await one.ask('/api/workspace', json({ name: 'Kit' }, headers))).json()) as {
      id: string
    }
    expect(await bodyOf(await one.ask(`/api/workspace/${made.id}`, { headers }))).toMatchObject({
      status: 200,
      body: made,
    })
    const patch = { ...json({ id: 'other', name: 'New' }, headers), method: 'PATCH' }
    expect(await bodyOf(await one.ask(`/api/workspace/${made.id}`, patch))).toMatchObject({
      body: { id: made.id, name: 'New' },
    })
    expect((await one.ask('/api/workspace?limit=1', { headers })).status).toBe(200)
    expect((await one.ask('/api/workspace?limit=1&limit=2', { headers })).status).toBe(400)
    const list = { ...json([], headers), method: 'PATCH' }
    expect(await bodyOf(await one.ask(`/api/workspace/${made.id}`, list))).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT' },
    })
  })
  it('does not read the body of somebody it refuses anyway', async () => {
    const answer = await world().ask('/api/workspace/import', json('x'.repeat(200_000)))
    expect(answer.status).toBe(401)
  })
  it('says which methods an address has, and where there is none', async () => {
    const answer = await world().ask('/api/workspace', { method: 'PUT' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, GET'])
    expect(await bodyOf(await world().ask('/api/nothing'))).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    })
  })
  it('says how long to wait', async () => {
    const one = world({ env: { RATE_LIMIT_SIGN_IN: '1' } })
    await one.ask('/api/auth/sign-in', json({}))
    for (const path of ['/api/auth/sign-in', '/api/trpc/auth.signIn']) {
      const answer = await one.ask(path, json({}))
      expect(answer.status).toBe(429)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
  })
})

describe('tRPC', () => {
  it('answers calls, alone and together', async () => {
    const one = world()
    const headers = { Cookie: await signIn(one), Origin: 'http://localhost:3000' }
    expect((await one.ask('/api/trpc/auth.me', { headers })).status).toBe(200)
    const made = await one.ask('/api/trpc/workspace.create', json({ name: 'Kit' }, headers))
    expect(await bodyOf(made)).toMatchObject({ status: 200, body: { result: { data: { name: 'Kit' } } } })
    expect((await one.ask('/api/trpc/auth.me,auth.me?batch=1', { headers })).status).toBe(200)
  })
  it('counts the calls of a batch, however the comma is written', async () => {
    for (const comma of [',', '%2C']) {
      const answer = await world().ask(`/api/trpc/${Array(11).fill('auth.me').join(comma)}?batch=1`)
      expect(await bodyOf(answer)).toMatchObject({ status: 400, body: { code: 'BATCH_TOO_LARGE' } })
    }
  })
  it('refuses what it cannot read, with the code of the refusal', async () => {
    const { ask } = world()
    expect((await ask('/api/trpc/%zz')).status).toBe(400)
    expect((await ask('/api/trpc/auth.signIn', { method: 'POST', body: '{}' })).status).toBe(415)
    expect((await ask('/api/trpc/auth.signIn')).status).toBe(405)
    const refusal = await ask('/api/trpc/auth.me')
    expect(await bodyOf(refusal)).toMatchObject({
      status: 401,
      body: { error: { data: { code: 'SIGN_IN_REQUIRED' } } },
    })
  })
})
