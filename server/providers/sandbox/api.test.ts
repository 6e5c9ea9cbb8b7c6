import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sandboxIdempotencyKeys } from '../../../db/schema'
import { testClock } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { sha256 } from '../../kit/crypto'
import { checkoutOf, type Harness, PAYMENT, startHarness } from './sandbox.harness'

const database = useDatabase()
const clock = testClock()
let h: Harness

beforeAll(async () => {
  h = await startHarness(database.db, clock.now)
})
afterAll(() => h.stop())

const LINE = 'line_items[0][price_data]'
const session = (changes: Record<string, string | null> = {}) => {
  const fields: Record<string, string | null> = {
    mode: 'payment',
    success_url: 'https://app.example/ok',
    [`${LINE}[currency]`]: 'usd',
    [`${LINE}[unit_amount]`]: '3000',
    [`${LINE}[product_data][name]`]: 'A workspace',
    ...changes,
  }
  return new URLSearchParams(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== null),
  ).toString()
}
const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
  const response = await h.api('POST', path, body, headers)
  return { status: response.status, headers: response.headers, body: await response.json() }
}
const get = async (path: string) => {
  const response = await h.api('GET', path)
  return { status: response.status, body: await response.json() }
}
const SESSIONS = '/v1/checkout/sessions'
const at = () => Math.floor(clock.now().getTime() / 1000)

describe('a request to the sandbox', () => {
  test.each([
    ['another key', { authorization: 'Bearer sk_test_other' }],
    ['no key', { authorization: '' }],
  ])('with %s is answered 401', async (_what, headers) => {
    const answer = await post(SESSIONS, session(), headers)
    expect(answer).toMatchObject({ status: 401, body: { error: { type: 'invalid_request_error' } } })
    expect(JSON.stringify(answer.body)).not.toContain('sk_test')
  })

  test('to an address that is not there is answered 404, with a request id', async () => {
    const response = await h.api('GET', '/v1/nothing')
    expect([response.status, response.headers.get('request-id')]).toEqual([
      404,
      expect.stringMatching(/^req_/),
    ])
    expect(await get('/v1/charges/ch_none')).toMatchObject({
      status: 404,
      body: { error: { code: 'resource_missing' } },
    })
  })

  test.each([
    [{ 'payment_method_types[0]': 'card' }, 'parameter_unknown', 'payment_method_types'],
    [{ [`${LINE}[colour]`]: 'red' }, 'parameter_unknown', `${LINE}[colour]`],
    [{ ui_mode: 'hosted' }, 'parameter_invalid', 'ui_mode'],
    [{ success_url: null }, 'parameter_missing', 'success_url'],
    [{ success_url: 'javascript:alert(1)' }, 'parameter_invalid', 'success_url'],
    [{ client_reference_id: 'x'.repeat(201) }, 'parameter_invalid', 'client_reference_id'],
    [{ [`metadata[${'k'.repeat(41)}]`]: 'v' }, 'parameter_invalid', expect.stringContaining('metadata')],
    [{ 'metadata[k]': 'v'.repeat(501) }, 'parameter_invalid', 'metadata[k]'],
    [
      Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`metadata[k${n}]`, 'v'])),
      'parameter_invalid',
      'metadata',
    ],
    [{ [`${LINE}[unit_amount]`]: '49' }, 'amount_too_small', 'line_items'],
    [{ [`${LINE}[unit_amount]`]: '100000000' }, 'amount_too_large', `${LINE}[unit_amount]`],
    [{ [`${LINE}[unit_amount]`]: '-1' }, 'parameter_invalid', `${LINE}[unit_amount]`],
    [{ [`${LINE}[unit_amount]`]: '9.99' }, 'parameter_invalid', `${LINE}[unit_amount]`],
    [
      { [`${LINE}[currency]`]: 'kwd', [`${LINE}[unit_amount]`]: '1001' },
      'parameter_invalid',
      `${LINE}[unit_amount]`,
    ],
    [
      { [`${LINE}[currency]`]: 'isk', [`${LINE}[unit_amount]`]: '4501' },
      'parameter_invalid',
      `${LINE}[unit_amount]`,
    ],
    [{ expires_at: String(at() + 29 * 60) }, 'parameter_invalid', 'expires_at'],
    [{ expires_at: String(at() + 86_401) }, 'parameter_invalid', 'expires_at'],
    [{ customer: 'cus_none' }, 'resource_missing', 'customer'],
    [{ customer: 'cus_1', customer_email: 'a@b.example' }, 'parameter_invalid', 'customer_email'],
    [{ 'subscription_data[trial_period_days]': '3' }, 'parameter_invalid', 'subscription_data'],
    [{ [`${LINE}[recurring][interval]`]: 'month' }, 'parameter_invalid', 'mode'],
    [{ mode: 'subscription' }, 'parameter_invalid', 'line_items'],
    [
      {
        mode: 'subscription',
        [`${LINE}[recurring][interval]`]: 'month',
        'payment_intent_data[description]': 'x',
      },
      'parameter_invalid',
      'payment_intent_data',
    ],
    [{ 'a[b]c': '1' }, 'parameter_invalid', 'a[b]c'],
    [{ 'mode[x]': '1' }, 'parameter_invalid', 'mode[x]'],
    [{ 'metadata[a]': 'a\0b' }, 'parameter_invalid', 'metadata[a]'],
  ])('for a checkout with %o is refused: %s', async (changes, code, param) => {
    const answer = await post(SESSIONS, session(changes as Record<string, string | null>))
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code, param, type: 'invalid_request_error' } },
    })
  })

  test('that is not a form is refused', async () => {
    const headers = { 'content-type': 'application/json' }
    expect(await post(SESSIONS, '{}', headers)).toMatchObject({ status: 400 })
    expect(await post(SESSIONS, 'mode=payment&mode=payment')).toMatchObject({ status: 400 })
  })
})

describe('an idempotency key', () => {
  test('gives the first answer again, and refuses another request', async () => {
    const headers = { 'idempotency-key': 'same' }
    const first = await post(SESSIONS, session(), headers)
    const second = await post(SESSIONS, session(), headers)
    expect(second.body).toEqual(first.body)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(second.headers.get('idempotent-replayed')).toBe('true')
    const other = await post(SESSIONS, session({ [`${LINE}[unit_amount]`]: '3001' }), headers)
    expect(other).toMatchObject({ status: 400, body: { error: { type: 'idempotency_error' } } })
  })

  test('makes one object of five requests at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 5 }, () =>
        post('/v1/customers', 'email=a@b.example', { 'idempotency-key': 'race' }),
      ),
    )
    const made = all.filter(({ status }) => status === 200).map(({ body }) => body.id)
    expect(new Set(made).size).toBe(1)
    expect(all.filter(({ status }) => status !== 200 && status !== 409)).toEqual([])
  })

  test('is held while the first request is under way, and let go when that was abandoned', async () => {
    const requestHash = sha256('/v1/customers\nname=A').toString('hex')
    const row = { provider: 'stripe', key: 'held', requestHash, createdAt: clock.now() }
    await database.db.insert(sandboxIdempotencyKeys).values(row)
    const again = () => post('/v1/customers', 'name=A', { 'idempotency-key': 'held' })
    expect(await again()).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_in_use' } } })
    clock.advance(61_000)
    expect(await again()).toMatchObject({ status: 200, body: { name: 'A' } })
  })

  test('of a request that was refused may be used again', async () => {
    const headers = { 'idempotency-key': 'again' }
    const body = session({ customer: 'cus_none' })
    expect((await post(SESSIONS, body, headers)).status).toBe(400)
    expect((await post(SESSIONS, session(), headers)).status).toBe(200)
    expect((await post(SESSIONS, session(), { 'idempotency-key': 'x'.repeat(256) })).status).toBe(400)
  })
})

describe('what is kept', () => {
  test('can be read back, listed and expanded', async () => {
    const recurring = { frequency: 'MONTHLY', interval: 3, freeTrialDays: 0 } as const
    const { ref } = await h.provider.createCheckout(checkoutOf(clock.now(), { recurring }))
    await h.form(`/sandbox/checkout/${ref}`, PAYMENT)
    await h.until('checkout.session.completed')
    const whole = await get(
      `${SESSIONS}/${ref}?expand[]=invoice.payments&expand[]=customer&expand[]=line_items&expand[]=subscription.latest_invoice`,
    )
    const { invoice, customer, line_items, subscription } = whole.body
    expect(customer.object).toBe('customer')
    expect(line_items.data).toHaveLength(1)
    expect(subscription.latest_invoice.id).toBe(invoice.id)
    expect(subscription.items.data[0].price.recurring).toMatchObject({ interval: 'month', interval_count: 3 })
    const intent = invoice.payments.data[0].payment.payment_intent
    expect(
      (await get(`/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]=${intent}`)).body
        .data,
    ).toHaveLength(1)
    expect(
      (await get(`/v1/invoice_payments?invoice=${invoice.id}&expand[]=data.invoice`)).body.data[0].invoice.id,
    ).toBe(invoice.id)
    expect((await get(`${SESSIONS}/${ref}/line_items`)).body.data[0].description).toBe(
      'Workspace <b>Acme</b>',
    )
    const { body: paid } = await get(
      `/v1/payment_intents/${intent}?expand[]=latest_charge.balance_transaction`,
    )
    expect(paid.latest_charge.balance_transaction).toMatchObject({ fee: 117, net: 2883 })
    await post('/v1/refunds', `charge=${paid.latest_charge.id}&amount=100&metadata[a]=b`)
    const { body: refunds } = await get(`/v1/refunds?payment_intent=${intent}`)
    expect(refunds.data).toMatchObject([{ amount: 100, metadata: { a: 'b' } }])
    expect(
      (await get(`/v1/charges/${paid.latest_charge.id}?expand[]=refunds`)).body.refunds.data,
    ).toHaveLength(1)
    for (const [path, object] of [
      ['customers', customer],
      ['subscriptions', subscription],
      ['invoices', invoice],
      ['refunds', refunds.data[0]],
    ])
      expect((await get(`/v1/${path}/${object.id}`)).body.id).toBe(object.id)
  })

  test('has its events in a list, by type and by whether they came', async () => {
    const { body: all } = await get('/v1/events?limit=3')
    expect([all.data.length, all.has_more]).toEqual([3, true])
    const { body: next } = await get(`/v1/events?limit=100&starting_after=${all.data[2].id}`)
    expect(next.data.map(({ id }: { id: string }) => id)).not.toContain(all.data[2].id)
    const { body: some } = await get(
      `/v1/events?types[]=invoice.paid&created[gte]=${at() - 3600}&created[lte]=${at()}`,
    )
    expect(some.data.map(({ type }: { type: string }) => type)).toEqual(['invoice.paid'])
    expect((await get(`/v1/events?type=invoice.paid&created[gt]=${at()}`)).body.data).toEqual([])
    expect((await get(`/v1/events?type=invoice.paid&created[lt]=1`)).body.data).toEqual([])
    await expect
      .poll(async () => (await get('/v1/events?delivery_success=false')).body.data, { timeout: 10_000 })
      .toEqual([])
    expect((await get('/v1/events?delivery_success=true&type=invoice.paid')).body.data).toHaveLength(1)
    expect((await get(`/v1/events/${some.data[0].id}`)).body).toEqual(some.data[0])
  })

  test.each(['nothing', 'customer.a.b.c.d', 'mode'])('cannot be expanded by %s', async (path) => {
    const { body } = await post(SESSIONS, session())
    expect((await get(`${SESSIONS}/${body.id}?expand[]=${path}`)).status).toBe(400)
  })

  test('of an open checkout can be ended, once', async () => {
    const { body } = await post(SESSIONS, session())
    expect((await post(`${SESSIONS}/${body.id}/expire`, '')).body.status).toBe('expired')
    expect((await post(`${SESSIONS}/${body.id}/expire`, '')).status).toBe(400)
    expect((await post(`${SESSIONS}/cs_none/expire`, '')).status).toBe(404)
  })

  test.each(['', 'payment_intent=pi_none', 'charge=ch_none', 'charge=ch_none&amount=0'])(
    'cannot be refunded by "%s"',
    async (body) => expect((await post('/v1/refunds', body)).status).toBeGreaterThanOrEqual(400),
  )
})
