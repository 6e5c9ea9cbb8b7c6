import { expect, test } from '@playwright/test'
import { type Answer, Client, mailbox, newMember, ok, PASSWORD, payAtSandbox, until } from './support/client'
import { workspaceDocument } from './support/document'
import { type OwnWorld, openWorld } from './support/world'

/**
 * The contract of the plain HTTP interface, asked from outside. `world` is a server of this file's own, whose
 * database can be looked into.
 */

interface Failure {
  readonly code: string
  readonly message: string
  readonly issues?: readonly { readonly path: readonly unknown[]; readonly message: string }[]
}
interface Workspace {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly planType: string
  readonly status: string
}
interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}
interface Operation {
  readonly operationId: string
  readonly security: readonly Record<string, unknown>[]
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: object
  readonly responses: Record<string, object>
}
interface OpenApi {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Record<string, Record<string, Operation>>
}

const ONE_OFF = { mode: 'ONE_OFF', price: { amount: 11_500, currency: 'USD' } }
const MINUTE = 60_000

let world: OwnWorld
let url: string
let owner: Client
let other: Client
let chief: Client
let ownerId: string
let workspace: Workspace
let token: string
let linkId: string

const visitor = () => new Client(url)
const failed = (answer: Answer<unknown>, status: number, code: string): Failure => {
  expect({ status: answer.status, body: answer.body }).toMatchObject({ status, body: { code } })
  const failure = answer.body as Failure
  expect(failure.message.length).toBeGreaterThan(5)
  return failure
}
const mailsTo = async (to: string) => (await mailbox(url)).filter((mail) => mail.to === to)
const allMailsAreSent = () =>
  until(async () => (await world.sql`select 1 from mails where status <> 'SENT'`).length === 0)
const linkInput = (name: string, more: object = {}) => ({
  name,
  workspaceId: workspace.id,
  planType: 'FREE',
  offer: ONE_OFF,
  ...more,
})
const checkoutInput = (email: string, more: object = {}) => ({
  paymentType: 'WORKSPACE_PURCHASE',
  email,
  firstName: 'Bea',
  lastName: 'Buyer',
  affiliateToken: token,
  ...more,
})
const fulfilled = (orderId: string) =>
  until(async () => {
    const [order] = await world.sql`select status from orders where id = ${orderId}`
    return order?.status === 'FULFILLED'
  })

test.beforeAll(async () => {
  test.setTimeout(3 * MINUTE)
  world = await openWorld('api-server.log')
  url = world.url
  chief = await world.admin()
  owner = await newMember(url, 'owner@api.example', 'Olga')
  other = await newMember(url, 'other@api.example', 'Otto')
  const { user } = ok(await owner.get<{ user: { id: string } }>('/api/auth/me'))
  ownerId = user.id
  ok(await chief.patch(`/api/admin/users/${ownerId}`, { planType: 'AGENCY' }))
  workspace = ok(await owner.post<Workspace>('/api/workspace/import', workspaceDocument('Kit', 2, 3)))
  const link = ok(
    await owner.post<{ id: string; token: string }>(
      '/api/affiliate/generate-affiliate-link',
      linkInput('First'),
    ),
  )
  token = link.token
  linkId = link.id
})
test.afterAll(() => world?.close())

test.describe('accounts', () => {
  const form = (email: string) => ({ email, password: PASSWORD, firstName: 'Ann', lastName: 'Lee' })

  test('sign-up answers the user, sends one mail, and tells nobody that an address is taken', async () => {
    const email = 'new@api.example'
    const first = await visitor().post('/api/auth/sign-up', form(email))
    expect(first.status).toBe(200)
    expect(first.body).toEqual({
      user: { email, firstName: 'Ann', lastName: 'Lee' },
      requiresVerification: true,
    })
    expect(first.headers.getSetCookie()).toEqual([])
    await allMailsAreSent()
    const mails = await mailsTo(email)
    expect(mails).toHaveLength(1)
    expect(mails[0]?.links[0]).toMatch(/\/api\/auth\/verify-email\?token=[\w.-]+$/)

    const again = await visitor().post('/api/auth/sign-up', form(email))
    expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: first.body })
    await allMailsAreSent()
    expect(await mailsTo(email)).toHaveLength(2)
    const [count] = await world.sql`select count(*)::int n from users where email = ${email}`
    expect(count?.n).toBe(1)
  })

  test('an address is verified by its link, as often as it is opened, and signs nobody in', async () => {
    const email = 'verify@api.example'
    ok(await visitor().post('/api/auth/sign-up', form(email)))
    const client = visitor()
    failed(await client.post('/api/auth/sign-in', { email, password: PASSWORD }), 403, 'EMAIL_NOT_VERIFIED')
    failed(
      await client.post('/api/auth/sign-in', { email, password: 'not this one' }),
      401,
      'INVALID_CREDENTIALS',
    )
    const [mail] = await until(async () => {
      const found = await mailsTo(email)
      return found.length > 0 && found
    })
    for (let time = 0; time < 3; time += 1) {
      const answer = await client.get(mail?.links[0] ?? '')
      expect(answer.status).toBe(302)
      expect(answer.headers.get('location')).toBe('/auth/sign-in?verified=1')
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    failed(await client.get('/api/auth/me'), 401, 'SIGN_IN_REQUIRED')

    const signedIn = await client.post('/api/auth/sign-in', { email, password: PASSWORD })
    expect(ok(signedIn)).toMatchObject({ user: { email, firstName: 'Ann', lastName: 'Lee' } })
    const [cookie = ''] = signedIn.headers.getSetCookie()
    expect(cookie).toMatch(/^session=[\w-]{43};/)
    expect(cookie).toContain('HttpOnly')
    expect(cookie).toContain('SameSite=Lax')
    expect(cookie).toContain('Path=/')
    expect(cookie).not.toContain('Domain')
    expect(ok(await client.get('/api/auth/me'))).toMatchObject({
      user: { email, role: 'USER' },
    })
    const out = await client.post('/api/auth/sign-out')
    expect(out.headers.getSetCookie()[0]).toMatch(/^session=;.*Max-Age=0/)
    failed(await client.get('/api/auth/me'), 401, 'SIGN_IN_REQUIRED')
    const ended = await client.send('GET', '/api/auth/me', undefined, {
      Cookie: cookie.split(';')[0] ?? '',
    })
    failed(ended, 401, 'SIGN_IN_REQUIRED')
  })

  test('a link that verifies nothing leads to sign-in all the same', async () => {
    for (const query of ['', '?token=', '?token=nothing', `?token=${'a'.repeat(5_000)}`]) {
      const answer = await visitor().get(`/api/auth/verify-email${query}`)
      expect(answer.status).toBe(302)
      expect(answer.headers.get('location')).toBe('/auth/sign-in?verified=0')
    }
  })

  test('a forgotten password is set through a mailed link, once', async () => {
    const email = 'forgot@api.example'
    const before = await newMember(url, email)
    const known = await visitor().post('/api/auth/forgot-password', { email })
    const unknown = await visitor().post('/api/auth/forgot-password', { email: 'nobody@api.example' })
    expect(known.status).toBe(200)
    expect({ status: unknown.status, body: unknown.body }).toEqual({ status: 200, body: known.body })
    const link = await until(async () =>
      (await mailsTo(email)).flatMap(({ links }) => links).find((each) => each.includes('reset-password')),
    )
    expect(link).toContain('/auth/reset-password?token=')
    const input = { token: new URL(link).searchParams.get('token'), password: 'another walk by the sea' }
    failed(
      await visitor().post('/api/auth/reset-password', { ...input, password: 'short' }),
      400,
      'INVALID_INPUT',
    )
    ok(await visitor().post('/api/auth/reset-password', input))
    failed(await visitor().post('/api/auth/reset-password', input), 400, 'TOKEN_INVALID')
    failed(await before.get('/api/auth/me'), 401, 'SIGN_IN_REQUIRED')
    failed(
      await visitor().post('/api/auth/sign-in', { email, password: PASSWORD }),
      401,
      'INVALID_CREDENTIALS',
    )
    ok(await visitor().post('/api/auth/sign-in', { email, password: input.password }))
  })

  test('what a form lacks is said field by field', async () => {
    const failure = failed(
      await visitor().post('/api/auth/sign-up', { email: 'no', password: 'short' }),
      400,
      'INVALID_INPUT',
    )
    const fields = failure.issues?.map(({ path }) => path[0])
    expect(fields).toEqual(expect.arrayContaining(['email', 'password', 'firstName', 'lastName']))
  })
})

test.describe('workspaces', () => {
  test('are made, read, changed and deleted', async () => {
    const made = ok(await owner.post<Workspace>('/api/workspace', { name: 'Fresh' }))
    expect(made).toMatchObject({ name: 'Fresh', status: 'ACTIVE' })
    for (const member of ['id', 'name', 'slug', 'planType', 'status'] as const)
      expect(typeof made[member]).toBe('string')
    expect(ok(await owner.get<Workspace>(`/api/workspace/${made.id}`))).toEqual(made)
    expect(ok(await owner.patch(`/api/workspace/${made.id}`, { name: 'Renamed' }))).toMatchObject({
      id: made.id,
      name: 'Renamed',
    })
    ok(await owner.send('DELETE', `/api/workspace/${made.id}`))
    failed(await owner.get(`/api/workspace/${made.id}`), 404, 'WORKSPACE_NOT_FOUND')
    failed(await owner.send('DELETE', `/api/workspace/${made.id}`), 404, 'WORKSPACE_NOT_FOUND')
  })

  test('are listed in pages that repeat and skip nothing', async () => {
    const member = await newMember(url, 'lists@api.example')
    const { user } = ok(await member.get<{ user: { id: string } }>('/api/auth/me'))
    ok(await chief.patch(`/api/admin/users/${user.id}`, { planType: 'AGENCY' }))
    const made: string[] = []
    for (let n = 0; n < 5; n += 1)
      made.unshift(ok(await member.post<Workspace>('/api/workspace', { name: `Number ${n}` })).id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const page: Page<Workspace> = ok(await member.get<Page<Workspace>>(`/api/workspace?limit=2${query}`))
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual(made)
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'cursor=nonsense'])
      failed(await member.get(`/api/workspace?${query}`), 400, 'INVALID_INPUT')
  })

  test('come back from an import as they were exported', async () => {
    test.setTimeout(2 * MINUTE)
    const document = workspaceDocument('Large', 20, 50)
    const source = ok(await owner.post<Workspace>('/api/workspace/import', document))
    const exported = ok(await owner.get<Exported>(`/api/workspace/${source.id}/export`))
    expect(exported.funnels).toHaveLength(20)
    expect(exported.funnels.flatMap(({ pages }) => pages)).toHaveLength(1_000)
    expect(withoutFresh(exported)).toEqual(withoutFresh(document as unknown as Exported))
    const again = ok(await owner.post<Workspace>('/api/workspace/import', exported))
    const second = ok(await owner.get<Exported>(`/api/workspace/${again.id}/export`))
    expect(withoutFresh(second)).toEqual(withoutFresh(exported))
    const ids = [exported, second].flatMap(({ funnels }) =>
      funnels.flatMap(({ pages }) => pages.map(({ linkingId }) => linkingId)),
    )
    expect(new Set(ids).size).toBe(2_000)
  })

  test('are imported whole or not at all, and every fault is named with its path', async () => {
    const count = async () => (await world.sql`select count(*)::int n from workspaces`)[0]?.n
    const before = await count()
    const good = workspaceDocument('Faulty', 1, 2)
    const [funnel] = good.funnels
    const [page] = funnel?.pages ?? []
    const faulty = [
      { ...good, format: 'offshoot.workspace/2' },
      { ...good, funnels: [funnel, funnel] },
      { ...good, funnels: [{ ...funnel, pages: [page, page] }] },
      { ...good, funnels: [{ ...funnel, pages: [{ ...page, content: { href: 'page:nowhere' } }] }] },
      { ...good, funnels: [{ ...funnel, pages: [{ ...page, content: nested(70) }] }] },
      { ...good, funnels: [{ ...funnel, pages: [{ ...page, content: { text: 'x'.repeat(1_100_000) } }] }] },
      [],
      null,
      'text',
    ]
    for (const document of faulty) {
      const failure = failed(await owner.post('/api/workspace/import', document), 400, 'INVALID_DOCUMENT')
      expect(failure.issues?.length).toBeGreaterThan(0)
    }
    expect(await count()).toBe(before)
  })

  test('a page takes content of a megabyte and no more', async () => {
    const made = ok(await owner.post<Workspace>('/api/workspace/import', workspaceDocument('Big', 1, 1)))
    const { funnels } = ok(await owner.get<Exported>(`/api/workspace/${made.id}/export`))
    const path = `/api/workspace/${made.id}/pages/${funnels[0]?.pages[0]?.id}`
    const content = (bytes: number) => ({ content: { root: {}, content: [], text: 'x'.repeat(bytes) } })
    ok(await owner.patch(path, content(1_000_000)))
    expect((await owner.patch(path, content(1_100_000))).status).toBe(400)
    failed(await owner.patch(path, content(3_000_000)), 413, 'BODY_TOO_LARGE')
  })

  test('are copied by an admin, with a reason; the copy exports as its source does', async () => {
    const { user } = ok(await other.get<{ user: { id: string } }>('/api/auth/me'))
    const path = `/api/workspace/${workspace.id}/clone`
    failed(await owner.post(path, { newOwnerId: user.id, reason: 'mine' }), 404, 'NOT_FOUND')
    failed(await chief.post(path, { newOwnerId: user.id }), 400, 'INVALID_INPUT')
    const copy = ok(
      await chief.post<Record<string, unknown>>(path, { newOwnerId: user.id, reason: 'They asked for it.' }),
    )
    expect(copy).toMatchObject({ clonedWorkspaceName: 'Kit', funnelsCloned: 2, pagesCloned: 6 })
    expect(typeof copy.clonedWorkspaceSlug).toBe('string')
    expect(typeof copy.message).toBe('string')
    const source = ok(await owner.get<Exported>(`/api/workspace/${workspace.id}/export`))
    const copied = ok(await other.get<Exported>(`/api/workspace/${copy.clonedWorkspaceId}/export`))
    expect(asCopy(copied)).toEqual(asCopy(source))
    expect(copied.funnels.every(({ passwordProtected }) => !passwordProtected)).toBe(true)
  })
})

interface Exported {
  readonly id?: string
  readonly slug?: string
  readonly funnels: readonly {
    readonly id?: string
    readonly passwordProtected: boolean
    readonly tracking: object
    readonly pages: readonly {
      readonly id?: string
      readonly visits?: number
      readonly linkingId?: string
      readonly key: string
    }[]
  }[]
}

/** An export but for what every workspace has of its own; an import may rename the pages' keys, in all content alike. */
const withoutFresh = ({ id: _id, slug: _slug, ...document }: Exported): unknown => {
  const keys = document.funnels.flatMap(({ pages }) => pages.map(({ key }) => key))
  const bare = {
    ...document,
    funnels: document.funnels.map(({ id: _funnelId, ...funnel }) => ({
      ...funnel,
      // A password is no part of a document, so an import is open.
      passwordProtected: false,
      pages: funnel.pages.map(({ id: _pageId, visits: _visits, linkingId: _linkingId, ...page }) => page),
    })),
  }
  const renamed = new Map(keys.map((key, n) => [key, `page number ${n}`]))
  return JSON.parse(JSON.stringify(bare), (name, value: unknown) => {
    if (typeof value !== 'string') return value
    if (name === 'key') return renamed.get(value) ?? value
    return value.startsWith('page:') ? `page:${renamed.get(value.slice(5))}` : value
  })
}

/** An export but for what a copy is given anew: protection and tracking are the owner's own. */
const asCopy = (document: Exported): unknown =>
  withoutFresh({
    ...document,
    funnels: document.funnels.map((funnel) => ({ ...funnel, tracking: {}, status: 'any', settings: 'any' })),
  })

const nested = (depth: number): object => (depth === 0 ? {} : { in: nested(depth - 1) })

test.describe('links', () => {
  const path = '/api/affiliate/generate-affiliate-link'

  test('answer message, id, url and token', async () => {
    const link = ok(await owner.post<Record<string, string>>(path, linkInput('Shape')))
    expect(Object.keys(link).sort()).toEqual(['id', 'message', 'token', 'url'])
    expect(link.url).toBe(`${url}/buy/${link.token}`)
    const listed = ok(await owner.get<Page<{ id: string }>>('/api/affiliate/links?limit=1'))
    expect(listed.items[0]?.id).toBe(link.id)
    expect(typeof listed.nextCursor).toBe('string')
    ok(await owner.post(`/api/affiliate/links/${link.id}/revoke`))
    failed(
      await visitor().post('/api/payment/create-payment-link', {
        ...checkoutInput('late@api.example'),
        affiliateToken: link.token,
      }),
      422,
      'LINK_NOT_AVAILABLE',
    )
  })

  test('ask first whose it is, then the name, then the rules', async () => {
    // Not theirs (404), a name that is taken for its owner (409), a plan that may not sell (422).
    failed(await other.post(path, linkInput('First')), 404, 'WORKSPACE_NOT_FOUND')
    failed(await owner.post(path, linkInput('First', { planType: 'BUSINESS' })), 409, 'LINK_NAME_TAKEN')
    failed(
      await owner.post(path, linkInput('Second', { planType: 'BUSINESS' })),
      422,
      'ONE_OFF_INCLUDES_NO_PLAN',
    )
    failed(
      await owner.post(path, { name: 'Third', workspaceId: workspace.id, planType: 'FREE' }),
      422,
      'FREE_NEEDS_OFFER',
    )
    const mine = ok(await other.post<Workspace>('/api/workspace', { name: 'Not sellable' }))
    failed(await other.post(path, linkInput('Own', { workspaceId: mine.id })), 422, 'NOT_SELLABLE')
    failed(await owner.post(path, linkInput('x', { workspaceId: 'nonsense' })), 404, 'WORKSPACE_NOT_FOUND')
    failed(await owner.post(path, linkInput('')), 400, 'INVALID_INPUT')
  })
})

test.describe('a purchase', () => {
  const path = '/api/payment/create-payment-link'

  test('refuses what is no link, and what is no offer of it', async () => {
    const ask = (more: object) => visitor().post(path, checkoutInput('ask@api.example', more))
    for (const forged of ['x', 'a.b.c', `${token.slice(0, -2)}xx`, 'a'.repeat(10_240)])
      failed(await ask({ affiliateToken: forged }), 400, 'LINK_INVALID')
    failed(await ask({ workspaceId: 'other' }), 422, 'WORKSPACE_MISMATCH')
    failed(await ask({ provider: 'paypal' }), 400, 'INVALID_INPUT')
    failed(await ask({ paymentType: 'SUBSCRIPTION_RENEWAL' }), 400, 'INVALID_INPUT')
    failed(await ask({ price: { amount: 1, currency: 'USD' } }), 400, 'INVALID_INPUT')
    const [row] = await world.sql`select count(*)::int n from orders where email = 'ask@api.example'`
    expect(row?.n).toBe(0)
  })

  test('an attempt has one checkout, and without a name the open one is returned', async () => {
    const email = 'twice@api.example'
    const ask = async (key?: string) =>
      ok(
        await visitor().post<{ id: string; url: string }>(
          path,
          checkoutInput(email, { workspaceId: workspace.id }),
          key === undefined ? {} : { 'Idempotency-Key': key },
        ),
      )
    const first = await ask('one')
    expect(await ask('one')).toEqual(first)
    const unnamed = await ask()
    expect(await ask()).toEqual(unnamed)
    expect((await ask('two')).id).not.toBe(first.id)
    const both = await Promise.all([ask('race'), ask('race'), ask('race')])
    expect(new Set(both.map(({ id }) => id)).size).toBe(1)
  })

  test('by a guest sends one mail, whose link opens the account once', async () => {
    test.setTimeout(2 * MINUTE)
    const email = 'guest@api.example'
    const checkout = ok(await visitor().post<{ id: string; url: string }>(path, checkoutInput(email)))
    expect((await payAtSandbox(url, checkout.url)).status).toBe(303)
    await fulfilled(checkout.id)
    await allMailsAreSent()
    const mails = await mailsTo(email)
    expect(mails).toHaveLength(1)
    const link = mails[0]?.links.find((each) => each.includes('/auth/reset-password?token='))
    const input = { token: new URL(link ?? '').searchParams.get('token'), password: 'a quiet hill in autumn' }
    const buyer = visitor()
    failed(await buyer.get('/api/auth/me'), 401, 'SIGN_IN_REQUIRED')
    ok(await buyer.post('/api/auth/reset-password', input))
    failed(await buyer.post('/api/auth/reset-password', input), 400, 'TOKEN_INVALID')
    ok(await buyer.post('/api/auth/sign-in', { email, password: input.password }))
    expect(ok(await buyer.get('/api/auth/me'))).toMatchObject({ user: { planType: 'FREE' } })
    const bought = ok(await buyer.get<Page<Workspace>>('/api/workspace'))
    expect(bought.items.map(({ name }) => name)).toEqual(['Kit'])
    const purchases = ok(await buyer.get<Page<{ id: string; amount: object }>>('/api/payment/purchases'))
    expect(purchases.items).toHaveLength(1)
    expect(purchases.items[0]?.amount).toEqual({ amount: 11_500, currency: 'USD' })
    failed(await other.get(`/api/payment/purchases/${purchases.items[0]?.id}`), 404, 'PURCHASE_NOT_FOUND')

    const sales = ok(await owner.get<Page<Record<string, unknown>>>('/api/affiliate/sales-history'))
    expect(sales.items[0]).toMatchObject({
      workspace: { name: 'Kit' },
      amount: { amount: 11_500, currency: 'USD' },
      commission: { amount: 2_300, currency: 'USD' },
    })
    expect(String(sales.items[0]?.paidAt)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    const { balances, totalSales } = ok(
      await owner.get<{ balances: Record<string, unknown>[]; totalSales: object[] }>(
        '/api/affiliate/balance',
      ),
    )
    expect(totalSales).toEqual([{ amount: 11_500, currency: 'USD' }])
    const usd = (amount: number) => ({ amount, currency: 'USD' })
    expect(balances).toEqual([
      {
        currency: 'USD',
        balance: usd(2_300),
        pendingCommissions: usd(0),
        totalEarned: usd(2_300),
        inWithdrawal: usd(0),
      },
    ])
    const statement = ok(await owner.get<Page<Record<string, unknown>>>('/api/balance/transactions'))
    expect(Object.keys(statement.items[0] ?? {}).sort()).toEqual(
      'amount balanceAfter balanceBefore createdAt id notes referenceId referenceType type'.split(' '),
    )
    expect(statement.items[0]).toMatchObject({
      amount: usd(2_300),
      balanceBefore: usd(0),
      balanceAfter: usd(2_300),
    })
    const csv = await owner.get<string>('/api/balance/transactions.csv?currency=USD')
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(csv.headers.get('content-disposition')).toContain('attachment')
    expect(csv.body).toContain('2300')
    failed(await owner.get('/api/balance/transactions.csv?from=yesterday'), 400, 'INVALID_INPUT')

    const proof = ok(await chief.get<Record<string, unknown>>('/api/admin/ledger/verify'))
    expect(JSON.stringify(proof)).not.toContain('"kind"')
    expect(ok(await chief.post('/api/affiliate/process-commissions'))).toMatchObject({
      processed: 0,
      totalAmount: [],
      transactions: 0,
    })
  })
})

test.describe('the interface as it is described', () => {
  const description = async () => ok(await visitor().get<OpenApi>('/api/openapi.json'))
  const operations = async () =>
    Object.entries((await description()).paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        path,
        method: method.toUpperCase(),
        operation,
      })),
    )

  test('is an OpenAPI document that holds together', async () => {
    const document = await description()
    expect(document.openapi).toMatch(/^3\.1\.\d+$/)
    expect(document.info.title).toBeTruthy()
    expect(document.info.version).toBeTruthy()
    const all = await operations()
    expect(all.length).toBeGreaterThan(20)
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length)
    for (const { path, method, operation } of all) {
      expect(['GET', 'POST', 'PATCH', 'DELETE'], path).toContain(method)
      expect(Object.keys(operation.responses).length, path).toBeGreaterThan(0)
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
      const inPath = (operation.parameters ?? []).filter((each) => each.in === 'path')
      expect(inPath.map(({ name }) => name).sort(), path).toEqual(named)
      if (method === 'GET') expect(operation.requestBody, path).toBeUndefined()
    }
    const text = JSON.stringify(document)
    for (const [, reference = ''] of text.matchAll(/"\$ref":"([^"]+)"/g)) {
      expect(reference).toMatch(/^#\//)
      const target = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document)
      expect(target, reference).toBeDefined()
    }
    expect(text).not.toContain('$defs')
  })

  test('names every path that the contract has and this version offers', async () => {
    const offered = new Set((await operations()).map(({ method, path }) => `${method} ${path}`))
    const contract = `POST /api/auth/sign-up, POST /api/auth/sign-in, POST /api/auth/sign-out, GET /api/auth/me,
      GET /api/auth/verify-email, POST /api/auth/forgot-password, POST /api/auth/reset-password,
      POST /api/affiliate/generate-affiliate-link, GET /api/affiliate/balance, GET /api/affiliate/sales-history,
      POST /api/affiliate/process-commissions, POST /api/payment/create-payment-link, POST /api/workspace,
      GET /api/workspace, GET /api/workspace/{id}, PATCH /api/workspace/{id}, DELETE /api/workspace/{id},
      GET /api/workspace/{id}/export, POST /api/workspace/import, POST /api/workspace/{id}/clone,
      GET /api/balance/transactions, GET /api/balance/transactions.csv, PATCH /api/admin/users/{id},
      GET /api/admin/ledger/verify`
    expect(contract.split(/,\s*/).filter((each) => !offered.has(each))).toEqual([])
    const docs = await visitor().get<string>('/api/docs')
    expect(docs.status).toBe(200)
    expect(docs.body).toContain('/api/workspace/import')
  })

  test('answers 401 to visitors, 404 to strangers, and never 5xx, on every path', async () => {
    const ids = { id: workspace.id, workspaceId: workspace.id, funnelId: 'none', pageId: 'none' }
    const ask = (who: Client, method: string, path: string) =>
      who.send(
        method,
        path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => ids[name as keyof typeof ids] ?? 'none'),
        method === 'POST' || method === 'PATCH' ? {} : undefined,
      )
    const count = async () =>
      (
        await world.sql`select (select count(*) from workspaces where status <> 'DELETED')::int workspaces,
          (select count(*) from affiliate_links)::int links, (select count(*) from orders)::int orders`
      )[0]
    const before = await count()
    for (const { path, method, operation } of await operations()) {
      const what = `${method} ${path}`
      if (path.startsWith('/api/auth/')) continue
      const open = operation.security.some((way) => Object.keys(way).length === 0)
      const asVisitor = await ask(visitor(), method, path)
      const isAdmins = path.startsWith('/api/admin/') || /clone$|process-commissions$|refund$/.test(path)
      if (!open && isAdmins) expect(asVisitor.status, what).toBe(404)
      else if (!open) failed(asVisitor, 401, 'SIGN_IN_REQUIRED')
      const asStranger = await ask(other, method, path)
      // Refused for what else it has to say, for a name that can be none, or for the name; well-formed ones are asked
      // one by one in the tests of the routers.
      if (isAdmins) expect(asStranger.status, what).toBe(404)
      else if (path.includes('{') && !open) expect([400, 404], what).toContain(asStranger.status)
      expect(asVisitor.status, what).toBeLessThan(500)
      expect(asStranger.status, what).toBeLessThan(500)
    }
    expect(await count()).toEqual(before)
  })

  test('shows nobody what is someone else’s, changes included', async () => {
    const theirs = `/api/workspace/${workspace.id}`
    for (const who of [other, chief]) {
      failed(await who.get(theirs), 404, 'WORKSPACE_NOT_FOUND')
      failed(await who.patch(theirs, { name: 'Taken' }), 404, 'WORKSPACE_NOT_FOUND')
      failed(await who.send('DELETE', theirs), 404, 'WORKSPACE_NOT_FOUND')
      failed(await who.get(`${theirs}/export`), 404, 'WORKSPACE_NOT_FOUND')
      failed(await who.get(`/api/affiliate/links/${linkId}`), 404, 'LINK_NOT_FOUND')
      failed(await who.post(`/api/affiliate/links/${linkId}/revoke`), 404, 'LINK_NOT_FOUND')
    }
    expect(ok(await owner.get(theirs))).toMatchObject({ name: 'Kit', status: 'ACTIVE' })
    for (const id of [workspace.id.toUpperCase(), `{${workspace.id}}`, '1', '2147483648', '../admin'])
      if (id !== workspace.id)
        failed(await other.get(`/api/workspace/${encodeURIComponent(id)}`), 404, 'WORKSPACE_NOT_FOUND')
  })

  test('takes a role away at once', async () => {
    const helper = await newMember(url, 'helper@api.example')
    const { user } = ok(await helper.get<{ user: { id: string } }>('/api/auth/me'))
    failed(await helper.get('/api/admin/ledger/verify'), 404, 'NOT_FOUND')
    ok(await chief.patch(`/api/admin/users/${user.id}`, { role: 'ADMIN' }))
    ok(await helper.get('/api/admin/ledger/verify'))
    ok(await chief.patch(`/api/admin/users/${user.id}`, { role: 'USER' }))
    failed(await helper.get('/api/admin/ledger/verify'), 404, 'NOT_FOUND')
  })

  test('says of a wrong method which ones there are, and of an unknown address that nothing is there', async () => {
    const wrong = await visitor().send('PUT', '/api/workspace')
    failed(wrong, 405, 'METHOD_NOT_ALLOWED')
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'POST'])
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE'])
      failed(
        await visitor().send(method, '/api/nothing/here', method === 'GET' ? undefined : {}),
        404,
        'NOT_FOUND',
      )
  })
})

test('operations: alive, ready, and an address for each', async () => {
  expect(ok(await visitor().get('/healthz'))).toEqual({ status: 'ok' })
  expect(ok(await visitor().get('/readyz'))).toMatchObject({ status: 'ready' })
  expect((await fetch(`${url}/healthz`, { method: 'HEAD' })).status).toBe(200)
  const old = await visitor().get('/affiliate?affiliate=TOKEN')
  expect([301, 302, 303, 307, 308]).toContain(old.status)
  expect(old.headers.get('location')).toBe('/buy/TOKEN')
})

test('each kind of request is limited by address and minute', async () => {
  test.setTimeout(2 * MINUTE)
  const limited = await world.another({
    RATE_LIMIT_SIGN_UP: '2',
    RATE_LIMIT_SIGN_IN: '2',
    RATE_LIMIT_PASSWORD_RESET: '2',
    RATE_LIMIT_CREATE_PAYMENT_LINK: '2',
  })
  try {
    const paths = ['auth/sign-up', 'auth/sign-in', 'auth/reset-password', 'payment/create-payment-link']
    for (const path of paths) {
      const ask = (headers = {}) => new Client(limited.url).post(`/api/${path}`, {}, headers)
      expect((await ask()).status, path).toBe(400)
      expect((await ask()).status, path).toBe(400)
      const third = await ask()
      failed(third, 429, 'TOO_MANY_REQUESTS')
      const wait = Number(third.headers.get('retry-after'))
      expect(wait).toBeGreaterThanOrEqual(1)
      expect(wait).toBeLessThanOrEqual(60)
      failed(await ask({ 'X-Forwarded-For': '203.0.113.7' }), 429, 'TOO_MANY_REQUESTS')
    }
    failed(await new Client(limited.url).post('/api/auth/forgot-password', {}), 429, 'TOO_MANY_REQUESTS')
    const form = new URLSearchParams({ email: 'a@api.example', password: 'x' })
    const page = await new Client(limited.url).send('POST', '/auth/sign-in', form)
    expect(page.status).toBe(429)
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    ok(await new Client(limited.url).get('/healthz'))
  } finally {
    await limited.stop()
  }
})
