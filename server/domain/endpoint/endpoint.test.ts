import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commissions, endpointDeliveries, endpoints, jobs, mails } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeOffer, makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { announce } from '../../kit/announce'
import { type Actor, inTransaction } from '../../kit/context'
import { createPost } from '../../providers/endpoint'
import { settleOrder } from '../payment'
import {
  changeEndpoint,
  createEndpoint,
  deliverToEndpoint,
  listDeliveries,
  listEndpoints,
  redeliver,
  removeEndpoint,
  removeOldDeliveries,
  rotateEndpointSecret,
  testEndpoint,
} from '.'
import { DELAYS, GIVEN_UP_AFTER } from './deliver'
import type { EndpointKind } from './schemas'

const database = useDatabase()
const HOUR = 3_600_000

interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
let server: Server
let base: string
let received: Received[] = []
let answers: number[] = []
/** So many are answered at once. */
let together = 1
const waiting: (() => void)[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      })
      waiting.push(() => response.writeHead(answers.shift() ?? 204, { location: `${base}/elsewhere` }).end())
      if (waiting.length >= together) for (const answer of waiting.splice(0)) answer()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise<void>((done) => void server.close(() => done())))
beforeEach(() => {
  received = []
  answers = []
  together = 1
})

const given = async (kinds: EndpointKind[] = ['sale.created', 'commission.credited']) => {
  const ctx = testContext(database.db, { env: { ENDPOINTS_PRIVATE: '1' } })
  const user = await makeUser(ctx)
  const as = ctx.as(user.actor)
  const made = await createEndpoint(as, { url: `${base}/hooks`, kinds })
  return { ctx, user, as, ...made }
}
const deliveriesOf = (id: string) =>
  database.db.select().from(endpointDeliveries).where(eq(endpointDeliveries.endpointId, id))
const credited = (userId: string, key = 'c1') =>
  ({
    userId,
    kind: 'commission.credited',
    key,
    data: { commissionId: key, amount: { amount: 2_300, currency: 'USD' } },
  }) as const
const announced = async (ctx: TestContext, userId: string, endpointId: string, key = 'c1') => {
  await announce(ctx, [credited(userId, key)])
  const row = (await deliveriesOf(endpointId)).find((one) => one.key === key)
  if (row === undefined) throw new Error('nothing was announced')
  return row.id
}
/** As a receiver of Standard Webhooks does it. */
const isSigned = (secret: string, { headers, body }: Received): boolean => {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const wanted = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  return String(headers['webhook-signature']).split(' ').includes(wanted)
}

describe('a message to an endpoint', () => {
  it('is signed as Standard Webhooks says, and is announced once', async () => {
    const { ctx, user, endpoint, secret } = await given()
    const id = await announced(ctx, user.id, endpoint.id)
    await announce(ctx, [credited(user.id)])
    await Promise.all([deliverToEndpoint(ctx, id), announce(ctx, [credited(user.id)])])
    await deliverToEndpoint(ctx, id)
    expect(received).toHaveLength(1)
    const [message] = received
    expect(message?.path).toBe('/hooks')
    expect(message?.headers).toMatchObject({ 'webhook-id': id, 'content-type': 'application/json' })
    expect(JSON.parse(message?.body ?? '')).toEqual({
      type: 'commission.credited',
      timestamp: ctx.now().toISOString(),
      data: { commissionId: 'c1', amount: { amount: 2_300, currency: 'USD' } },
    })
    expect(message !== undefined && isSigned(secret, message)).toBe(true)
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ status: 'DELIVERED', attempts: 1, answer: 204 }])
  })

  it('goes only where its kind is listened to, and only to whom it concerns', async () => {
    const { ctx, user, endpoint } = await given(['sale.created'])
    const other = await given()
    await announce(ctx, [credited(user.id)])
    expect(await deliveriesOf(endpoint.id)).toEqual([])
    expect(await deliveriesOf(other.endpoint.id)).toEqual([])
  })

  it('is tried again with growing delays until it is given up, and not through a redirect', async () => {
    const { ctx, user, endpoint } = await given()
    const id = await announced(ctx, user.id, endpoint.id)
    answers = [500, 302]
    await deliverToEndpoint(ctx, id)
    await deliverToEndpoint(ctx, id)
    expect(received.map(({ path }) => path)).toEqual(['/hooks', '/hooks'])
    const [row] = await deliveriesOf(endpoint.id)
    expect(row).toMatchObject({ status: 'QUEUED', attempts: 2, answer: 302 })
    const wait = ((row?.nextAt?.getTime() ?? 0) - ctx.now().getTime()) / 1_000
    expect(wait).toBeGreaterThanOrEqual(DELAYS[1] ?? 0)
    expect(wait).toBeLessThanOrEqual((DELAYS[1] ?? 0) * 1.2 + 1)
    expect(await database.db.$count(jobs, eq(jobs.key, `endpoint:${id}:2`))).toBe(1)
    answers = DELAYS.map(() => 503)
    for (let n = 0; n < DELAYS.length; n += 1) await deliverToEndpoint(ctx, id)
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ status: 'FAILED', nextAt: null, answer: 503 }])
  })

  it('is noted once by two workers that posted it both', async () => {
    const { ctx, user, endpoint } = await given()
    const id = await announced(ctx, user.id, endpoint.id)
    answers = [500, 500]
    together = 2
    await Promise.all([deliverToEndpoint(ctx, id), deliverToEndpoint(ctx, id)])
    expect(await deliveriesOf(endpoint.id)).toMatchObject([{ attempts: 1 }])
  })

  it('that finds nobody says so in words without a detail of our network', async () => {
    const { ctx, user, as } = await given()
    const { endpoint } = await createEndpoint(as, {
      url: 'http://127.0.0.1:9/',
      kinds: ['commission.credited'],
    })
    await deliverToEndpoint(ctx, await announced(ctx, user.id, endpoint.id))
    expect(await deliveriesOf(endpoint.id)).toMatchObject([
      { answer: null, problem: 'The connection failed (ECONNREFUSED).' },
    ])
  })

  it('can be sent again under its own id once it is not tried any more', async () => {
    const { ctx, user, as, endpoint } = await given()
    const id = await announced(ctx, user.id, endpoint.id)
    const again = () => redeliver(as, { id: endpoint.id, deliveryId: id })
    await expect(again()).rejects.toMatchObject({ status: 409 })
    await deliverToEndpoint(ctx, id)
    await again()
    await deliverToEndpoint(ctx, id)
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id])
    const { items } = await listDeliveries(as, { id: endpoint.id, limit: 10 })
    expect(items).toMatchObject([{ id, status: 'DELIVERED', attempts: 1 }])
    await expect(redeliver(as, { id: endpoint.id, deliveryId: 'nothing' })).rejects.toMatchObject({
      status: 404,
    })
  })

  it('is forgotten after thirty days', async () => {
    const { ctx, user, endpoint } = await given()
    await announced(ctx, user.id, endpoint.id)
    ctx.clock.advance(29 * 24 * HOUR)
    await removeOldDeliveries(ctx)
    expect(await deliveriesOf(endpoint.id)).toHaveLength(1)
    ctx.clock.advance(2 * 24 * HOUR)
    await removeOldDeliveries(ctx)
    expect(await deliveriesOf(endpoint.id)).toEqual([])
  })
})

describe('an endpoint', () => {
  it('signs with both secrets for a day after the change', async () => {
    const { ctx, user, as, endpoint, secret } = await given()
    const { secret: fresh } = await rotateEndpointSecret(as, { id: endpoint.id })
    await deliverToEndpoint(ctx, await announced(ctx, user.id, endpoint.id, 'c1'))
    ctx.clock.advance(25 * HOUR)
    await deliverToEndpoint(ctx, await announced(ctx, user.id, endpoint.id, 'c2'))
    const signedBy = (one: string) => received.map((message) => isSigned(one, message))
    expect([signedBy(secret), signedBy(fresh)]).toEqual([
      [true, false],
      [true, true],
    ])
  })

  it('that takes nothing for five days is switched off with one mail, and begins anew when switched on', async () => {
    const { ctx, user, as, endpoint } = await given()
    answers = [500, 500, 500]
    await deliverToEndpoint(ctx, await announced(ctx, user.id, endpoint.id, 'c1'))
    ctx.clock.advance(GIVEN_UP_AFTER)
    for (const key of ['c2', 'c3']) {
      const id = await announced(ctx, user.id, endpoint.id, key).catch(() => null)
      if (id !== null) await deliverToEndpoint(ctx, id)
    }
    expect(await listEndpoints(as)).toMatchObject([{ status: 'OFF' }])
    const told = and(eq(mails.to, user.email), eq(mails.template, 'endpoint-off'))
    expect(await database.db.$count(mails, told)).toBe(1)
    expect((await deliveriesOf(endpoint.id)).map(({ key }) => key).sort()).toEqual(['c1', 'c2'])
    await changeEndpoint(as, { id: endpoint.id, status: 'ACTIVE' })
    expect(await listEndpoints(as)).toMatchObject([{ status: 'ACTIVE', failingSince: null }])
  })

  it('that takes a message again is no longer failing; one that is off gets none', async () => {
    const { ctx, user, as, endpoint } = await given()
    answers = [500]
    const id = await announced(ctx, user.id, endpoint.id)
    await deliverToEndpoint(ctx, id)
    expect((await listEndpoints(as))[0]?.failingSince).not.toBeNull()
    await deliverToEndpoint(ctx, id)
    expect((await listEndpoints(as))[0]?.failingSince).toBeNull()
    await testEndpoint(as, { id: endpoint.id })
    await changeEndpoint(as, { id: endpoint.id, status: 'OFF', kinds: ['sale.created'] })
    const [test] = (await deliveriesOf(endpoint.id)).filter(({ kind }) => kind === 'endpoint.test')
    received = []
    await deliverToEndpoint(ctx, test?.id ?? '')
    expect(received).toEqual([])
    expect(await listEndpoints(as)).toMatchObject([{ kinds: ['sale.created'] }])
  })

  it('is nobody’s but its owner’s, and is gone with its log', async () => {
    const { ctx, user, as, endpoint } = await given()
    const stranger = (await given()).as
    const { id } = endpoint
    await announced(ctx, user.id, id)
    for (const work of [
      () => changeEndpoint(stranger, { id, status: 'OFF' }),
      () => removeEndpoint(stranger, { id }),
      () => rotateEndpointSecret(stranger, { id }),
      () => testEndpoint(stranger, { id }),
      () => listDeliveries(stranger, { id, limit: 10 }),
      () => removeEndpoint(as, { id: 'nothing' }),
    ])
      await expect(work()).rejects.toMatchObject({ status: 404, code: 'ENDPOINT_NOT_FOUND' })
    await removeEndpoint(as, { id })
    expect(await deliveriesOf(id)).toEqual([])
    expect(await database.db.$count(endpoints, eq(endpoints.id, id))).toBe(0)
  })

  it('is refused over the limit, also by two at once, and where nothing may be posted to', async () => {
    const { as } = await given()
    const more = Array.from({ length: 20 }, (_, n) =>
      createEndpoint(as, { url: `${base}/${n}`, kinds: ['sale.created'] }).then(
        () => 'made',
        (error: { code: string }) => error.code,
      ),
    )
    const outcomes = await Promise.all(more)
    expect(outcomes.filter((outcome) => outcome === 'TOO_MANY_ENDPOINTS')).toHaveLength(1)
    const strict = testContext(database.db)
    const user = strict.as((await makeUser(strict)).actor)
    for (const url of ['http://example.com/', 'https://user:word@example.com/'])
      await expect(createEndpoint(user, { url, kinds: ['sale.created'] })).rejects.toMatchObject({
        status: 400,
      })
  })

  it('shows its messages page by page', async () => {
    const { ctx, user, as, endpoint } = await given()
    for (const key of ['c1', 'c2', 'c3']) {
      await announced(ctx, user.id, endpoint.id, key)
      ctx.clock.advance(1_000)
    }
    const first = await listDeliveries(as, { id: endpoint.id, limit: 2 })
    const second = await listDeliveries(as, { id: endpoint.id, limit: 2, cursor: first.nextCursor ?? '' })
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([2, 1, null])
    const foreign = Buffer.from(`${ctx.now().toISOString()}|x`).toString('base64url')
    await expect(listDeliveries(as, { id: endpoint.id, limit: 2, cursor: foreign })).rejects.toMatchObject({
      status: 400,
    })
  })
})

describe('a sale', () => {
  it('is announced to seller, affiliate and buyer, and so is its reversal, as the books have it', async () => {
    const ctx = testContext(database.db, { env: { ENDPOINTS_PRIVATE: '1' } })
    const offer = await makeOffer(ctx)
    const [buyer, affiliate] = [await makeUser(ctx), await makeUser(ctx)]
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
    const listen = (actor: Actor, kinds: EndpointKind[]) =>
      createEndpoint(ctx.as(actor), { url: `${base}/hooks`, kinds })
    const theirs = [
      await listen(offer.seller.actor, ['sale.created', 'sale.reversed', 'commission.created']),
      await listen(affiliate.actor, ['commission.created']),
      await listen(buyer.actor, ['workspace.cloned']),
    ]
    const order = await makeOrder(ctx, offer, { buyerId: buyer.id })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
    const told = async () =>
      (await Promise.all(theirs.map(({ endpoint }) => deliveriesOf(endpoint.id)))).map((rows) =>
        rows.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> }),
      )
    const [seller, referrer, owner] = await told()
    expect(seller?.map(({ type }) => type).sort()).toEqual(['commission.created', 'sale.created'])
    const sale = seller?.find(({ type }) => type === 'sale.created')
    const [commission] = await database.db
      .select()
      .from(commissions)
      .where(and(eq(commissions.beneficiaryId, offer.seller.id), eq(commissions.kind, 'SALE')))
    expect(sale?.data).toMatchObject({
      renewal: false,
      commission: { amount: Number(commission?.amount), currency: commission?.currency },
    })
    expect(referrer).toMatchObject([{ type: 'commission.created', data: { kind: 'REFERRAL' } }])
    expect(owner).toMatchObject([{ type: 'workspace.cloned', data: { name: expect.any(String) } }])
  })
})

describe('what is posted to addresses of users', () => {
  const post = createPost({ allowPrivate: false })
  it.each([
    'http://example.com/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://0/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://100.64.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[2002:7f00:1::]/',
    'https://[64:ff9b::7f00:1]/',
    'https://224.0.0.1/',
    'https://localhost/',
    'https://user:word@example.com/',
  ])('never goes to %s', async (url) => {
    await expect(post({ url, headers: {}, body: '{}' })).rejects.toThrow(/private network|https|password/)
  })
})
