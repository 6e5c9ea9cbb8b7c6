import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { expect, test } from '@playwright/test'
import { type Answer, Client, mailbox, newMember, ok, PASSWORD } from './support/client'
import { workspaceDocument } from './support/document'
import { type OwnWorld, openWorld } from './support/world'

/**
 * What nobody who means well sends. Each is refused with a status of the 400s (or answered as if it were ordinary),
 * nothing of it is written, and no answer tells how the inside looks.
 */

interface Workspace {
  readonly id: string
}

const MINUTE = 60_000
const EMAIL = 'owner@hard.example'
const AGENT = 'hardening-agent'

let world: OwnWorld
let url: string
let owner: Client
let session: string
let workspaceId: string
let token: string

test.beforeAll(async () => {
  test.setTimeout(3 * MINUTE)
  world = await openWorld('hardening-server.log', { LOG_LEVEL: 'info' })
  url = world.url
  owner = await newMember(url, EMAIL)
  const { user } = ok(await owner.get<{ user: { id: string } }>('/api/auth/me'))
  ok(await (await world.admin()).patch(`/api/admin/users/${user.id}`, { planType: 'AGENCY' }))
  workspaceId = ok(await owner.post<Workspace>('/api/workspace/import', workspaceDocument('Kit', 1, 2))).id
  token = ok(
    await owner.post<{ token: string }>('/api/affiliate/generate-affiliate-link', {
      name: 'First',
      workspaceId,
      planType: 'FREE',
      offer: { mode: 'ONE_OFF', price: { amount: 11_500, currency: 'USD' } },
    }),
  ).token
  const signedIn = await new Client(url).post('/api/auth/sign-in', { email: EMAIL, password: PASSWORD })
  session = signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? ''
})

test.afterAll(() => world?.close())

/** What must not change by anything in this file: everything a request could write. */
const state = async (): Promise<unknown> => {
  const [row] = await world.sql`
    select (select json_agg(w order by w.id) from workspaces w) workspaces, (select count(*) from pages)::int pages,
      (select json_agg(u order by u.id) from users u) users, (select json_agg(o order by o.id) from organizations o) orgs,
      (select json_agg(l order by l.id) from affiliate_links l) links, (select count(*) from orders)::int orders,
      (select count(*) from payments)::int payments, (select count(*) from mails)::int mails,
      (select count(*) from sessions)::int sessions, (select count(*) from ledger_entries)::int entries,
      (select count(*) from webhook_events)::int events`
  return row
}

test.beforeEach(async () => {
  before = await state()
})
test.afterEach(async () => {
  expect(await state(), 'something was written').toEqual(before)
  const failures = world
    .log()
    .split('\n')
    .filter((line) => /^\{"level":[56]0/.test(line))
  expect(failures, 'something went wrong inside').toEqual([])
})
let before: unknown

const TELLTALES =
  /\bat \S+ \(|node_modules|select .+ from|insert into|Failed query|postgres|drizzle|[\\/](server|build)[\\/]\w+/i

const harmless = (answer: { status: number; body: unknown }, what: string): void => {
  expect(answer.status, what).toBeLessThan(500)
  if (answer.status >= 400) expect(JSON.stringify(answer.body), what).not.toMatch(TELLTALES)
}
const refused = (answer: Answer<unknown>, what: string, ...statuses: number[]): void => {
  harmless(answer, what)
  expect(statuses.length === 0 ? [400, 401, 403, 404, 405, 413, 415, 422] : statuses, what).toContain(
    answer.status,
  )
}

/** Sends as it stands: no header of a client's own. A string body needs its Content-Type. */
const send = async (
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Uint8Array<ArrayBuffer>,
): Promise<Answer<string>> => {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.text() }
}

/** Bytes over a socket; what came back until the server closed or fell silent. */
const raw = (text: string, silence = 1_500): Promise<{ status: number; body: string; closed: boolean }> =>
  new Promise((done, failed) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let said = ''
    const end = (closed: boolean) => {
      socket.destroy()
      done({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1] ?? 0), body: said, closed })
    }
    socket.setTimeout(silence, () => end(false))
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1')
    })
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? end(true) : failed(error),
    )
    socket.on('close', () => end(true))
    socket.write(text, 'latin1')
  })

const JSON_TYPE = { 'Content-Type': 'application/json' }
const FORM_TYPE = { 'Content-Type': 'application/x-www-form-urlencoded' }

test.describe('a request from another site', () => {
  const origins: [string, Record<string, string>][] = [
    ['without a word about where it comes from', {}],
    ['from nowhere (a sandboxed frame)', { Origin: 'null' }],
    ['from another site', { Origin: 'https://evil.example' }],
    ['from a site whose name begins like ours', { Origin: 'http://localhost.evil.example' }],
    ['from another port', { Origin: 'http://localhost:1' }],
    ['that the browser calls cross-site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['that the browser calls same-site', { 'Sec-Fetch-Site': 'same-site' }],
    ['with an Origin that is no address', { Origin: '%%' }],
  ]
  for (const [what, headers] of origins)
    test(`${what} changes nothing`, async () => {
      const targets: [string, string][] = [
        ['POST', '/api/workspace'],
        ['PATCH', `/api/workspace/${workspaceId}`],
        ['DELETE', `/api/workspace/${workspaceId}`],
        ['POST', '/api/trpc/workspace.create'],
        ['POST', '/auth/sign-out'],
        ['PUT', '/auth/sign-out'],
        ['PATCH', '/auth/sign-out'],
        ['DELETE', '/dashboard'],
        ['POST', '/api/auth/sign-out'],
        ['POST', '/'],
      ]
      for (const [method, path] of targets) {
        const body = method === 'DELETE' ? undefined : '{"name":"Forged"}'
        const type = path.startsWith('/api/') ? JSON_TYPE : FORM_TYPE
        refused(
          await send(method, path, { Cookie: session, ...type, ...headers }, body),
          `${method} ${path}`,
          403,
        )
      }
      expect((await send('GET', '/api/auth/me', { Cookie: session })).status).toBe(200)
    })

  test('is given no permission to read the answer', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await send(method, '/api/auth/me', { Cookie: session, Origin: 'https://evil.example' })
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    }
  })

  test('is not helped by headers that a proxy would set', async () => {
    const headers = {
      Cookie: session,
      Origin: 'https://evil.example',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      Forwarded: 'host=evil.example;proto=https',
      ...JSON_TYPE,
    }
    refused(await send('POST', '/api/workspace', headers, '{"name":"Forged"}'), 'spoofed', 403)
  })
})

test.describe('a body', () => {
  const from = (more: Record<string, string> = JSON_TYPE) => ({ Cookie: session, Origin: url, ...more })

  test('of another type is not JSON, and JSON is no form', async () => {
    const body = '{"name":"Typed"}'
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'text/json',
      '',
    ]) {
      refused(await send('POST', '/api/workspace', from({ 'Content-Type': type }), body), type, 415)
      refused(
        await send('POST', '/api/trpc/workspace.create', from({ 'Content-Type': type }), body),
        type,
        415,
      )
    }
    for (const type of ['application/json', 'text/plain', 'application/xml'])
      refused(await send('POST', '/auth/sign-in', from({ 'Content-Type': type }), body), type, 415)
    refused(
      await send('POST', '/auth/sign-in', from({ 'Content-Type': 'multipart/form-data' }), 'x'),
      'no boundary',
      400,
    )
    refused(
      await send(
        'POST',
        '/auth/sign-in',
        from({ 'Content-Type': 'multipart/form-data; boundary=a' }),
        '--b\r\n',
      ),
      'other boundary',
      400,
    )
  })

  test('that is no JSON, is nested deep, long or compressed is refused before it is understood', async () => {
    const bodies: [string, string | Uint8Array<ArrayBuffer>, number[]][] = [
      ['cut off', '{"name":', [400]],
      ['two values', '{}{}', [400]],
      ['a lone bracket', ']', [400]],
      ['not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), [400]],
      ['nested 41 deep', '['.repeat(41) + ']'.repeat(41), [400]],
      ['40 000 brackets', '['.repeat(40_000), [400]],
      ['objects in objects', `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, [400]],
      ['a million brackets', '['.repeat(1_000_000), [413]],
      ['an array', '[]', [400]],
      ['null', 'null', [400]],
      ['a number', '1e999', [400]],
    ]
    for (const [what, body, statuses] of bodies)
      for (const path of ['/api/workspace', '/api/trpc/workspace.create'])
        refused(await send('POST', path, from(), body), `${what} to ${path}`, ...statuses)
    for (const encoding of ['gzip', 'br', 'deflate', 'gzip, identity'])
      for (const [path, type] of [
        ['/api/workspace', JSON_TYPE],
        ['/api/trpc/workspace.create', JSON_TYPE],
        ['/auth/sign-in', FORM_TYPE],
      ] as const)
        refused(await send('POST', path, from({ ...type, 'Content-Encoding': encoding }), 'x'), encoding, 415)
    refused(
      await send('POST', '/auth/sign-in', from(FORM_TYPE), `email=${'a'.repeat(3_000_000)}`),
      'long form',
      413,
    )
    const deep = `{"format":"offshoot.workspace/1","name":"x","settings":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    refused(await send('POST', '/api/workspace/import', from(), deep), 'deep document', 400)
  })

  test('larger than it says, or endless, is cut off', async () => {
    const head = `POST /api/auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`
    const chunk = `${(65_536).toString(16)}\r\n${'a'.repeat(65_536)}\r\n`
    const answer = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(4)}`)
    expect(answer.status).toBe(413)
    expect((await raw(`${head}Content-Length: 999999999\r\n\r\n{}`)).status).toBe(413)
    expect((await raw(`${head}Content-Length: -1\r\n\r\n{}`)).status).toBe(400)
    expect((await raw(`${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`)).status).toBe(400)
    expect(
      (await raw(`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).status,
    ).toBe(400)
  })

  test('with members nobody asked for, or that reach for prototypes, is refused', async () => {
    const members = [
      '"role":"ADMIN"',
      '"planType":"AGENCY"',
      '"status":"FROZEN"',
      '"organizationId":"x"',
      '"ownerId":"x"',
      '"balance":1000000000',
      '"commissionPercentage":100',
      '"__proto__":{"isAdmin":true}',
      '"constructor":{"prototype":{"isAdmin":true}}',
      '"foo":"bar"',
    ]
    for (const member of members) {
      for (const path of ['/api/workspace', '/api/trpc/workspace.create'])
        refused(await send('POST', path, from(), `{"name":"Extra",${member}}`), `${member} to ${path}`, 400)
      refused(await send('PATCH', `/api/workspace/${workspaceId}`, from(), `{${member}}`), member, 400)
      refused(
        await send(
          'POST',
          '/api/auth/sign-up',
          { ...JSON_TYPE },
          `{"email":"a@hard.example","password":"${PASSWORD}","firstName":"A","lastName":"B",${member}}`,
        ),
        member,
        400,
      )
      refused(
        await send(
          'POST',
          '/api/payment/create-payment-link',
          { ...JSON_TYPE },
          `{"paymentType":"WORKSPACE_PURCHASE","email":"a@hard.example","firstName":"A","lastName":"B","affiliateToken":"${token}",${member}}`,
        ),
        member,
        400,
      )
    }
    // A path's parameter is the path's, whatever the body says.
    refused(
      await send('PATCH', '/api/workspace/other', from(), `{"id":"${workspaceId}","name":"Swapped"}`),
      'id',
      404,
    )
  })

  test('with texts and numbers that cannot be stored is refused', async () => {
    const nul = '\\u0000'
    const values = [
      `"a${nul}b"`,
      '""',
      '"   "',
      '"\\u00a0\\u2003\\u200b"',
      `"${'x'.repeat(10_000)}"`,
      '"line\\nbreak"',
      '{"$ne":null}',
      '["a"]',
      'true',
      'null',
      '12',
      '1e400',
    ]
    for (const value of values)
      refused(await send('POST', '/api/workspace', from(), `{"name":${value}}`), value.slice(0, 40), 400)
    for (const settings of [`{"a":"${nul}"}`, `{"${nul}":1}`, '"text"', '[]', '{"a":"\\ud800"}'])
      refused(
        await send('POST', '/api/workspace', from(), `{"name":"Ok","settings":${settings}}`),
        settings,
        400,
      )
    for (const amount of ['9007199254740993', '-1', '0.5', '"100"', '1e21', 'null', '[]'])
      refused(
        await send(
          'POST',
          '/api/affiliate/generate-affiliate-link',
          from(),
          `{"name":"N","workspaceId":"${workspaceId}","planType":"FREE","offer":{"mode":"ONE_OFF","price":{"amount":${amount},"currency":"USD"}}}`,
        ),
        amount,
        400,
      )
    for (const more of [
      '"maxUses":2147483648',
      '"maxUses":0',
      '"expiresAt":"2026-02-30T00:00:00Z"',
      '"expiresAt":"+275760-09-13T00:00:00.001Z"',
      '"expiresAt":"0000-00-00"',
      '"settings":{"a":"\\u0000"}',
    ])
      refused(
        await send(
          'POST',
          '/api/affiliate/generate-affiliate-link',
          from(),
          `{"name":"N","workspaceId":"${workspaceId}","planType":"FREE","offer":{"mode":"ONE_OFF","price":{"amount":100,"currency":"USD"}},${more}}`,
        ),
        more,
        400,
      )
  })

  test('with an e-mail address that is more than one, or a password that is none, is refused', async () => {
    const ask = (email: unknown, password: unknown = PASSWORD) =>
      new Client(url).post('/api/auth/sign-up', { email, password, firstName: 'A', lastName: 'B' })
    const emails = [
      'ann',
      'a@x.test,b@x.test',
      'a@x.test\r\nBcc: b@x.test',
      'a@x.test (c)',
      'g:a@x.test;',
      'a@[127.0.0.1]',
      'a\u0000@x.test',
      `${'a'.repeat(300)}@x.test`,
      ['a@x.test'],
      { $ne: null },
      null,
    ]
    for (const email of emails) refused(await ask(email), String(email), 400)
    for (const password of [
      'short',
      'password123',
      'abc\u0000defgh',
      'a'.repeat(257),
      { $ne: null },
      ['a'],
      12345678,
    ])
      refused(await ask('pw@hard.example', password), String(password).slice(0, 20), 400)
    for (const input of [{ token: '' }, { token: null }, { token: ['a'] }, { token: 'a'.repeat(10_240) }, {}])
      refused(
        await new Client(url).post('/api/auth/reset-password', { password: PASSWORD, ...input }),
        'token',
        400,
      )
  })
})

test.describe('an address', () => {
  const from = { Cookie: 'set below' }
  test.beforeEach(() => {
    from.Cookie = session
  })

  test('whose query is doubled, forged or too large is refused', async () => {
    const cursor = (text: string) => Buffer.from(text).toString('base64url')
    const queries = [
      'limit=1&limit=2',
      'limit=1000000000',
      'limit=-1',
      'limit=1.5',
      'limit=0x10',
      'limit=1e400',
      'limit[]=1&limit=',
      `cursor=${'a'.repeat(10_000)}`,
      'cursor=%00',
      `cursor=${cursor('2026-01-01|')}`,
      `cursor=${cursor('yesterday|x')}`,
      `cursor=${cursor("2026-01-01|' or 1=1 --")}`,
      `cursor=${cursor('+275760-09-13T00:00:00.000Z|x\u0000')}`,
      'cursor=a&cursor=b',
    ]
    for (const path of [
      '/api/workspace',
      '/api/affiliate/links',
      '/api/affiliate/sales-history',
      '/api/balance/transactions',
      '/api/payment/purchases',
    ])
      for (const query of queries) {
        const answer = await send('GET', `${path}?${query}`, from)
        harmless(answer, `${path}?${query.slice(0, 60)}`)
        // A cursor may be of the right form and lead nowhere; nothing else may pass.
        if (!query.startsWith('limit=0x')) expect([200, 400], query).toContain(answer.status)
        if (query.startsWith('limit=1&')) expect(answer.status).toBe(400)
      }
    for (const query of [
      'from=2026-02-30',
      'to=0000-00-00',
      'type=ALL',
      'currency=usd',
      'type=COMMISSION&type=REFUND',
    ])
      refused(await send('GET', `/api/balance/transactions?${query}`, from), query, 400)
    for (const query of [
      '__proto__=1',
      'constructor=1',
      '__proto__[isAdmin]=1',
      'toString=1',
      'hasOwnProperty=1&hasOwnProperty=2',
    ])
      harmless(await send('GET', `/api/workspace?${query}`, from), query)
    expect((await send('GET', '/api/admin/ledger/verify', from)).status).toBe(404)
  })

  test('of a thing that has no such name leads to nothing', async () => {
    const ids = [
      '%00',
      '%zz',
      '%E0%A4%A',
      '..%2fadmin',
      '2147483648',
      "'%20or%20'1'='1",
      'a'.repeat(3_000),
      '%ff',
      '__proto__',
      'constructor',
    ]
    for (const id of ids) {
      for (const path of [
        `/api/workspace/${id}`,
        `/api/affiliate/links/${id}`,
        `/api/payment/purchases/${id}`,
        `/api/workspace/${id}/export`,
      ])
        refused(await send('GET', path, from), path.slice(0, 60), 400, 404)
      refused(
        await send('DELETE', `/api/workspace/${id}`, { ...from, Origin: url }),
        id.slice(0, 40),
        400,
        404,
      )
    }
    expect((await send('GET', `/api/workspace/${workspaceId};x=1`, from)).status).toBe(404)
  })

  test('that is not for everybody is not for them under another spelling', async () => {
    const spellings = [
      '/DASHBOARD',
      '/dashboard/',
      '//dashboard',
      '/dashboard;x=1',
      '/%64ashboard',
      '/dashboard.data',
      '/./dashboard',
      '/dashboard%2f',
      '/dashboard?_data=routes%2Fdashboard',
      '/dashboard?_data=root',
      '/?_data=routes%2Fdashboard',
      '/dashboard?_routes=routes%2Fdashboard',
      '/DASHBOARD?index',
    ]
    for (const path of spellings) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      expect(answer.status, path).toBeLessThan(500)
      expect(answer.status, path).toBeGreaterThan(0)
      expect(answer.body, path).not.toContain(EMAIL)
      if (answer.status === 200) expect(path).toContain('_data=root')
    }
    for (const path of [
      '/API/ADMIN/ledger/verify',
      '/api/admin/ledger/verify/',
      '/api/admin/ledger/verify;a',
      '//api/admin/ledger/verify',
    ])
      expect((await send('GET', path, from)).status, path).toBe(404)
  })

  test('of what is not for the public is not there', async () => {
    for (const path of [
      '/.git/config',
      '/.env',
      '/package.json',
      '/build/server/index.js',
      '/assets/../../server/index.js',
      '/assets/..%2f..%2fserver%2findex.js',
      '/assets/%2e%2e/%2e%2e/package.json',
      '/assets/',
      '/assets',
      '/.data/app-secret',
      '/server.js.map',
      '/__remix',
      '/debug',
    ]) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      expect(answer.status, path).toBe(404)
    }
  })
})

test.describe('tRPC', () => {
  test('takes ten calls at once and no more, however the comma is written', async () => {
    const names = (count: number, comma: string) => Array(count).fill('auth.me').join(comma)
    for (const comma of [',', '%2C', '%2c']) {
      refused(await send('GET', `/api/trpc/${names(11, comma)}?batch=1`, {}), comma, 400)
      refused(await send('POST', `/api/trpc/${names(1_000, comma)}?batch=1`, JSON_TYPE, '{}'), comma, 400)
      expect((await send('GET', `/api/trpc/${names(10, comma)}?batch=1`, {})).status).toBe(401)
    }
  })

  test('changes nothing by GET, and answers other methods, names and inputs with a refusal', async () => {
    const own = { Cookie: session, Origin: url }
    const get = (path: string) => send('GET', `/api/trpc/${path}`, own)
    refused(
      await get(`workspace.delete?input=${encodeURIComponent(JSON.stringify({ id: workspaceId }))}`),
      'GET',
      405,
    )
    refused(
      await send('PUT', '/api/trpc/workspace.create', { ...own, ...JSON_TYPE }, '{"name":"x"}'),
      'PUT',
      405,
    )
    for (const name of [
      '',
      'nothing',
      'auth',
      'auth.',
      '__proto__',
      'constructor',
      'auth.__proto__.toString',
      'auth.me/x',
      '%zz',
      '%00',
      '..%2fworkspace.list',
    ])
      refused(await get(name), name, 400, 404)
    for (const input of [
      '{',
      '[',
      '"',
      '%00',
      'null',
      '1',
      encodeURIComponent('{"limit":1e400}'),
      encodeURIComponent('{"__proto__":{"limit":1}}'),
      encodeURIComponent('['.repeat(2_000)),
    ])
      harmless(await get(`workspace.list?input=${input}`), input)
    refused(
      await get(`workspace.get?input=${encodeURIComponent('{"json":{"id":"x"},"meta":{"values":{}}}')}`),
      'superjson',
      400,
    )
    refused(
      await send('POST', '/api/trpc/workspace.create?batch=1', { ...own, ...JSON_TYPE }, '[]'),
      'batch',
      400,
    )
    refused(
      await send('POST', '/api/trpc/workspace.create?batch=1', { ...own, ...JSON_TYPE }, '{"0":null}'),
      'null',
      400,
    )
  })
})

test.describe('a token', () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const [header = '', payload = '', signature = ''] = []
  const parts = () => {
    const [head = header, body = payload, sign = signature] = token.split('.')
    return { head, body, sign, claims: JSON.parse(Buffer.from(body, 'base64url').toString()) as object }
  }
  const signedWith = (key: string, head: string, body: string) =>
    `${head}.${body}.${createHmac('sha256', key).update(`${head}.${body}`).digest('base64url')}`

  test('that we did not sign for this purpose sells nothing', async () => {
    const { head, body, sign, claims } = parts()
    const tokens = [
      `${part({ alg: 'none' })}.${body}.`,
      `${part({ alg: 'nOnE' })}.${body}.`,
      `${part({ alg: 'none' })}.${body}.${sign}`,
      `${part({ alg: 'HS512' })}.${body}.${sign}`,
      `${part({ alg: 'RS256' })}.${body}.${sign}`,
      `${part({ alg: 'HS256', kid: '../../dev/null' })}.${body}.${sign}`,
      `${part({ alg: 'HS256', jku: 'https://evil.example/' })}.${body}.${sign}`,
      `${head}.${part({ ...claims, price: 1 })}.${sign}`,
      `${head}.${part({ ...claims, exp: '9999999999999999999' })}.${sign}`,
      `${head}.${body}`,
      `${head}.${body}.`,
      `${head}.${body}.${sign}.x`,
      `${token}\u0000`,
      ` ${token}`,
      signedWith('a-secret-of-more-than-thirty-two-bytes', head, body),
      signedWith('', head, body),
      session.split('=')[1] ?? '',
      'a'.repeat(10_240),
      `${head}.${'a'.repeat(10_240)}.${sign}`,
    ]
    for (const forged of tokens) {
      const answer = await new Client(url).post<{ code: string }>('/api/payment/create-payment-link', {
        paymentType: 'WORKSPACE_PURCHASE',
        email: 'token@hard.example',
        firstName: 'A',
        lastName: 'B',
        affiliateToken: forged,
      })
      refused(answer, forged.slice(0, 60), 400)
      expect(answer.body.code, forged.slice(0, 60)).toBe('LINK_INVALID')
      const page = await send('GET', `/buy/${encodeURIComponent(forged)}`, {})
      refused(page, `/buy/${forged.slice(0, 40)}`, 400, 404)
    }
  })

  test('of one purpose does not serve another', async () => {
    const mail = (await mailbox(url)).find(({ to }) => to === EMAIL)
    const verification = /token=([\w.-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
    expect(verification).not.toBe('')
    for (const foreign of [verification, token.slice(0, 200), session.split('=')[1] ?? ''])
      refused(
        await new Client(url).post('/api/auth/reset-password', {
          token: foreign,
          password: 'another walk by the sea',
        }),
        foreign.slice(0, 20),
        400,
      )
    const opened = await send('GET', `/api/auth/verify-email?token=${session.split('=')[1]}`, {})
    expect(opened.headers.get('location')).toBe('/auth/sign-in?verified=0')
    for (const cookie of [verification, token, 'a'.repeat(43), 'a'.repeat(4_096), '%00', "' or '1'='1", ''])
      refused(await send('GET', '/api/auth/me', { Cookie: `session=${cookie}` }), cookie.slice(0, 20), 401)
    refused(await send('GET', '/api/auth/me', { Authorization: `Bearer ${token}` }), 'bearer', 401)
  })
})

test.describe('a message', () => {
  const get = (more: string, path = '/healthz', host = 'Host: localhost\r\n') =>
    raw(`GET ${path} HTTP/1.1\r\n${host}${more}Connection: close\r\n\r\n`)

  test('that a proxy might read otherwise than we do is refused', async () => {
    expect((await get('')).status).toBe(200)
    expect((await get('Host: evil.example\r\n')).status).toBe(400)
    expect((await get('', '/healthz', '')).status).toBe(400)
    expect((await get('', '/healthz', 'Host : localhost\r\n')).status).toBe(400)
    expect((await get('', '/healthz', 'Host: a b\r\n')).status).toBe(400)
    expect((await get('Transfer-Encoding: xchunked\r\n')).status).toBe(400)
    expect((await get('Transfer-Encoding: chunked, identity\r\n')).status).toBe(400)
    expect((await get(`X: ${'y'.repeat(17_000)}\r\n`)).status).toBe(431)
    expect((await get(`Cookie: ${'a=b; '.repeat(3_400)}\r\n`)).status).toBe(431)
    expect((await get(`Accept-Language: ${'en;q=0.9,'.repeat(900)}\r\n`)).status).toBe(200)
    expect((await raw('GET /healthz HTTP/1.1\nHost: localhost\n\n')).status).toBe(400)
    expect((await raw('nonsense\r\n\r\n')).status).toBe(400)
    const other = await get('', 'http://evil.example/affiliate?affiliate=T')
    expect(other.status).toBeLessThan(400)
    expect(other.body).not.toContain('evil.example')
  })

  test('of a method we do not have is refused', async () => {
    const ask = (method: string, path: string) =>
      raw(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
    for (const path of ['/', '/healthz', '/api/workspace', '/auth/sign-in'])
      for (const method of ['TRACE', 'PROPFIND', 'SEARCH', 'PURGE'])
        expect([404, 405, 501], `${method} ${path}`).toContain((await ask(method, path)).status)
    expect([400, 405, 501]).toContain((await ask('FOO', '/')).status)
    expect([0, 400, 405, 501]).toContain((await ask('CONNECT', 'evil.example:443')).status)
  })

  test('is what its first line says, whatever its headers say', async () => {
    const answer = await send('GET', `/api/workspace/${workspaceId}`, {
      Cookie: session,
      'X-HTTP-Method-Override': 'DELETE',
      'X-Method-Override': 'DELETE',
      'X-Original-URL': '/api/admin/ledger/verify',
      'X-Rewrite-URL': '/api/admin/ledger/verify',
    })
    expect(JSON.parse(answer.body)).toMatchObject({ id: workspaceId, status: 'ACTIVE' })
  })

  test('cannot choose where links and cookies lead', async () => {
    const spoofed = {
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-For': '127.0.0.1',
    }
    const answer = await send('GET', '/api/openapi.json', spoofed)
    expect(answer.body).not.toContain('evil.example')
    const redirect = await send('GET', '/dashboard', spoofed)
    expect(redirect.headers.get('location')).toMatch(/^\/auth\/sign-in/)
  })

  test('whose headers come too slowly is cut off', async () => {
    test.setTimeout(MINUTE)
    const begun = Date.now()
    const answer = await raw('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 25_000)
    expect(answer.closed).toBe(true)
    expect([0, 408]).toContain(answer.status)
    expect(Date.now() - begun).toBeLessThan(20_000)
  })
})

test.describe('sign-in', () => {
  const wishes = [
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    ' //evil.example',
    '\u0000//evil.example',
    'https://evil.example',
    'https:evil.example',
    'JaVaScRiPt:alert(1)',
    '/..//evil.example',
    '/%2f%2fevil.example',
    '/%5cevil.example',
    '/%252f%252fevil.example',
    '?next=//evil.example',
    'evil.example',
    `/${'a'.repeat(5_000)}`,
  ]

  test('leads to a page of ours, whatever was wished', async () => {
    for (const wish of wishes) {
      const query = `/auth/sign-in?redirectTo=${encodeURIComponent(wish)}`
      const page = await send('GET', query, {})
      harmless(page, wish)
      const field = /<input[^>]*name="redirectTo"[^>]*>/.exec(page.body)?.[0]
      expect(field, wish).toContain('value="/dashboard"')
      const already = await send('GET', query, { Cookie: session })
      expect(already.headers.get('location'), wish).toBe('/dashboard')
    }
    const good = await send('GET', '/auth/sign-in?redirectTo=%2Flinks%3Fa%3D1', { Cookie: session })
    expect(good.headers.get('location')).toBe('/links?a=1')
  })

  test('leads to a page of ours after the form, too', async () => {
    for (const redirectTo of wishes.slice(0, 9)) {
      const client = new Client(url)
      const form = new URLSearchParams({ email: EMAIL, password: PASSWORD, redirectTo })
      const answer = await client.send('POST', '/auth/sign-in', form)
      expect(answer.status).toBe(302)
      expect(answer.headers.get('location'), redirectTo).toBe('/dashboard')
      ok(await client.post('/api/auth/sign-out'))
    }
  })

  test('gives a new session in place of one that came with it', async () => {
    const planted = `session=${'a'.repeat(43)}`
    const answer = await send(
      'POST',
      '/api/auth/sign-in',
      { ...JSON_TYPE, Origin: url, Cookie: planted },
      JSON.stringify({ email: EMAIL, password: PASSWORD }),
    )
    const cookie = answer.headers.getSetCookie().at(-1)?.split(';')[0] ?? ''
    expect(cookie).not.toBe(planted)
    refused(await send('GET', '/api/auth/me', { Cookie: planted }), 'planted', 401)
    await send('POST', '/api/auth/sign-out', { Origin: url, Cookie: cookie })
  })
})

test('every answer carries the headers that protect it', async () => {
  const html = await send('GET', '/auth/sign-in', {})
  const asset = /"(\/assets\/[^"]+\.js)"/.exec(html.body)?.[1] ?? ''
  const answers: [string, Answer<string>][] = [
    ['a page', html],
    ['a page that is not there', await send('GET', '/nothing', {})],
    ['JSON', await send('GET', '/healthz', {})],
    ['a refusal', await send('GET', '/api/auth/me', {})],
    ['a redirect', await send('GET', '/dashboard', {})],
    ['a refused request of another site', await send('POST', '/', { Origin: 'null' })],
    ['a wrong method', await send('PUT', '/', {})],
    ['tRPC', await send('GET', '/api/trpc/auth.me', {})],
    ['a file', await send('GET', asset, {})],
    ['the icon', await send('GET', '/favicon.svg', {})],
    ['the sandbox', await send('GET', '/sandbox', {})],
  ]
  for (const [what, { headers }] of answers) {
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy, what).toContain("object-src 'none'")
    expect(policy, what).toContain("base-uri 'none'")
    expect(policy, what).toContain("frame-ancestors 'none'")
    expect(policy, what).not.toContain('unsafe-inline')
    expect(policy, what).not.toContain('unsafe-eval')
    expect(headers.get('x-content-type-options'), what).toBe('nosniff')
    expect(headers.get('x-frame-options'), what).toBe('DENY')
    expect(headers.get('referrer-policy'), what).toMatch(/^(no-referrer|same-origin|strict-origin)$/)
    expect(headers.get('cross-origin-opener-policy'), what).toBe('same-origin')
    expect(headers.get('x-powered-by'), what).toBeNull()
    expect(headers.get('x-request-id'), what).toMatch(/^[\w-]{36}$/)
    expect(headers.get('cache-control'), what).toMatch(what === 'a file' ? /immutable/ : /no-store/)
  }
  const nonces = await Promise.all(
    [1, 2].map(async () => {
      const page = await send('GET', '/', {})
      const nonce = /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1] ?? ''
      const scripts = [...page.body.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes ?? '')
      expect(scripts.length).toBeGreaterThan(0)
      for (const attributes of scripts) expect(attributes).toContain(`nonce="${nonce}"`)
      return nonce
    }),
  )
  expect(nonces[0]).not.toBe(nonces[1])
})

test('the log has one line for each request, and no secret', async () => {
  const forged = 'x\r\n{"level":60,"msg":"forged"}'
  await raw(
    `GET /healthz?forged HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${forged.replace('\r\n', '\\r\\n')}\r\nConnection: close\r\n\r\n`,
  )
  await raw(
    `GET /${encodeURIComponent('\r\n{"level":60}')} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: ${AGENT}\r\nConnection: close\r\n\r\n`,
  )
  await new Client(url).post('/api/auth/sign-in', { email: 'hunter2hunter2', password: 'hunter3hunter3' })
  await new Client(url).post('/api/auth/sign-in', { email: 'log@hard.example', password: 'hunter4hunter4' })
  await send('GET', `/buy/${token}`, {})
  await send('GET', '/auth/reset-password?token=hunter5hunter5', {})
  await send('GET', '/api/auth/verify-email?token=hunter6hunter6', {})
  await send('GET', '/api/auth/me', { Cookie: session, Authorization: 'Bearer hunter7hunter7' })
  const log = world.log()
  const lines = log.split('\n').filter((line) => line.includes('"level"') || line.includes('forged'))
  expect(lines.length).toBeGreaterThan(50)
  for (const line of lines) {
    const parsed = JSON.parse(line) as { level: number; msg: string; time: string }
    expect(parsed.time).toMatch(/Z$/)
    expect(parsed.msg).not.toBe('forged')
  }
  expect(log).not.toMatch(/hunter\d/)
  for (const secret of [
    PASSWORD,
    session.split('=')[1] ?? '',
    token,
    'a-secret-of-more-than-thirty-two-bytes',
  ])
    expect(log.includes(secret), secret.slice(0, 4)).toBe(false)
})
