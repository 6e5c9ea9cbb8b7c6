import { gzipSync } from 'node:zlib'
import { eq, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { connect } from '../../db/client'
import { webhookEvents } from '../../db/schema'
import { type TestContext, testContext } from '../../db/testing/context'
import { useDatabase } from '../../db/testing/database'
import { signedHeaders, stripeEvent } from '../../db/testing/factories/payment'
import type { Context } from '../kit/context'
import { createStripeProvider } from '../providers/stripe'
import type { ApiContext } from '../trpc'
import { answerWebhook } from './webhook'

const database = useDatabase()
let ctx: TestContext
beforeEach(() => {
  ctx = withSecrets('whsec_sandbox')
})

/** Nothing is asked of Stripe here: a webhook is proven from its own bytes. */
const withSecrets = (...webhookSecrets: string[]): TestContext =>
  testContext(database.db, {
    outside: {
      payments: new Map([
        [
          'stripe',
          createStripeProvider({
            secretKey: 'sk_test_x',
            webhookSecrets,
            apiBase: 'http://127.0.0.1:9',
            mode: 'sandbox',
          }),
        ],
      ]),
    },
  })
const apiOf = (base: Context): ApiContext => ({
  ...base,
  request: {
    address: '127.0.0.1',
    idempotencyKey: null,
    sessionId: null,
    setCookie: () => {},
    limit: async () => {},
  },
})
const post = async (
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: Headers | Record<string, string>,
  more: { as?: Context; method?: string; provider?: string } = {},
) => {
  const method = more.method ?? 'POST'
  const request = new Request('http://localhost/webhooks/stripe', {
    method,
    headers,
    ...(method === 'GET' ? {} : { body }),
  })
  const response = await answerWebhook(apiOf(more.as ?? ctx), request, more.provider ?? 'stripe')
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}
const made = () => stripeEvent(ctx.now(), 'customer.created', { id: 'cus_1' })
const kept = async (body: string) => {
  const { id } = JSON.parse(body) as { id: string }
  return database.db.select().from(webhookEvents).where(eq(webhookEvents.eventId, id))
}
const seconds = (by: number) => new Date(ctx.now().getTime() + by * 1_000)

describe('a webhook', () => {
  it('is kept word for word and answered 200, again when it comes again', async () => {
    const body = made()
    const first = await post(body, signedHeaders(body, ctx.now()))
    expect([first.status, first.body]).toEqual([200, { received: 'stored' }])
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect((await post(body, signedHeaders(body, seconds(10)))).body).toEqual({ received: 'duplicate' })
    expect(await kept(body)).toMatchObject([
      { body, status: 'RECEIVED', type: 'customer.created', receivedAt: ctx.now() },
    ])
  })

  it('is answered 200 a hundred times at once, and kept once', async () => {
    const body = made()
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => post(body, signedHeaders(body, ctx.now()))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200))
    expect(await kept(body)).toHaveLength(1)
  })

  it('may be signed with either of two secrets while one is being replaced', async () => {
    const as = withSecrets('whsec_old', 'whsec_new')
    for (const secret of ['whsec_old', 'whsec_new']) {
      const body = made()
      expect((await post(body, signedHeaders(body, ctx.now(), secret), { as })).status).toBe(200)
    }
  })

  it('is answered 200 when another body comes under its id, which is set aside', async () => {
    const [body, other] = [1, 2].map((n) =>
      stripeEvent(ctx.now(), 'customer.created', { id: `cus_${n}` }, 'evt_twice'),
    ) as [string, string]
    await post(body, signedHeaders(body, ctx.now()))
    expect((await post(other, signedHeaders(other, ctx.now()))).body).toEqual({ received: 'conflicting' })
  })

  it.each<[string, (body: string) => Headers | Record<string, string>]>([
    ['another secret', (body) => signedHeaders(body, ctx.now(), 'whsec_other')],
    ['a signature of other bytes', (body) => signedHeaders(`${body} `, ctx.now())],
    ['a signature older than 300 s', (body) => signedHeaders(body, seconds(-301))],
    ['a signature from more than 300 s ahead', (body) => signedHeaders(body, seconds(301))],
    ['no signature', () => ({ 'content-type': 'application/json' })],
    ['an empty signature', () => ({ 'content-type': 'application/json', 'stripe-signature': '' })],
    [
      'another content type',
      (body) => ({ ...Object.fromEntries(signedHeaders(body, ctx.now())), 'content-type': 'text/plain' }),
    ],
    [
      'a compressed body',
      (body) => ({ ...Object.fromEntries(signedHeaders(body, ctx.now())), 'content-encoding': 'gzip' }),
    ],
  ])('with %s is answered 400 and kept nowhere', async (_name, headers) => {
    const body = made()
    const answer = await post(body, headers(body))
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual({ code: expect.any(String), message: expect.any(String) })
    expect(await kept(body)).toEqual([])
  })

  it('up to 300 s old or ahead is believed', async () => {
    for (const by of [-300, 300]) {
      const body = made()
      expect((await post(body, signedHeaders(body, seconds(by)))).status).toBe(200)
    }
  })

  it('that is signed but is no event, of the other mode, not UTF-8 or really compressed, is answered 400', async () => {
    const live = made().replace('"livemode":false', '"livemode":true')
    for (const body of ['', 'null', '[]', '{}', '{"id":', live])
      expect((await post(body, signedHeaders(body, ctx.now()))).status, body).toBe(400)
    expect((await post(new Uint8Array([0xff, 0xfe]), signedHeaders('x', ctx.now()))).status).toBe(400)
    const zipped = new Uint8Array(gzipSync(made()))
    const headers = { ...Object.fromEntries(signedHeaders('x', ctx.now())), 'content-encoding': 'gzip' }
    expect((await post(zipped, headers)).status).toBe(400)
  })

  it('over 1 MiB is answered 413, whatever length it says, and just under it is kept', async () => {
    const padded = (bytes: number) => {
      const body = stripeEvent(ctx.now(), 'customer.created', { id: 'cus_1', pad: '' })
      return body.replace('"pad":""', `"pad":"${'x'.repeat(bytes - Buffer.byteLength(body))}"`)
    }
    const [fits, over] = [padded(1_048_576), padded(1_048_577)]
    expect((await post(fits, signedHeaders(fits, ctx.now()))).status).toBe(200)
    expect((await post(over, signedHeaders(over, ctx.now()))).status).toBe(413)
    const lying = { ...Object.fromEntries(signedHeaders(fits, ctx.now())), 'content-length': '1048577' }
    expect((await post('{}', lying)).status).toBe(413)
    expect(await kept(over)).toEqual([])
  })

  it('is posted, or answered 405', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await post(null, {}, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
  })

  it('for a provider that is off is answered 404', async () => {
    const body = made()
    expect((await post(body, signedHeaders(body, ctx.now()), { provider: 'mamopay' })).status).toBe(404)
  })

  it('is answered 503 while the database is away, so that the provider comes again', async () => {
    const nowhere = connect({ url: 'postgres://nobody:x@127.0.0.1:9/none' }, { max: 1 })
    const body = made()
    const answer = await post(body, signedHeaders(body, ctx.now()), { as: { ...ctx, db: nowhere.db } })
    await nowhere.close(0)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    expect(answer.body.code).toBe('UNAVAILABLE')
  })

  it('is answered 503 when keeping it goes wrong, and says nothing of what', async () => {
    await database.owner.execute(
      sql`create function fail() returns trigger language plpgsql as 'begin raise exception ''a secret''; end'`,
    )
    await database.owner.execute(
      sql`create trigger fails before insert on webhook_events for each row execute function fail()`,
    )
    const body = made()
    const answer = await post(body, signedHeaders(body, ctx.now()))
    await database.owner.execute(sql`drop function fail cascade`)
    expect(answer.status).toBe(503)
    expect(JSON.stringify(answer.body)).not.toContain('secret')
    expect((await post(body, signedHeaders(body, ctx.now()))).body).toEqual({ received: 'stored' })
  })
})
