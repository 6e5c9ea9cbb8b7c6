import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { CheckoutRequest } from '../../kit/ports'
import { createStripeProvider } from '.'

type Reply = { status?: number; body: object }
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** An HTTP server that answers as told and keeps what it was asked. */
const remote = async (answer: (path: string) => Reply) => {
  const asked: { path: string; body: URLSearchParams; key: string | undefined }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part) => {
      text += part
    })
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      const key = request.headers['idempotency-key']
      asked.push({ path, body: new URLSearchParams(text), key: Array.isArray(key) ? key[0] : key })
      const { status = 200, body } = answer(path)
      response.writeHead(status, { 'content-type': 'application/json', 'stripe-should-retry': 'false' })
      response.end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.close()
    server.closeAllConnections()
  })
  const apiBase = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    asked,
    apiBase,
    provider: createStripeProvider({
      secretKey: 'sk_test_secret',
      webhookSecrets: [],
      apiBase,
      mode: 'test',
    }),
  }
}

const request: CheckoutRequest = {
  orderId: 'order-1',
  customerRef: null,
  email: 'ann@example.com',
  title: 'A workspace',
  description: '',
  price: { amount: 3000n, currency: 'USD' },
  recurring: null,
  successUrl: 'https://app.example/ok?session_id=%7BCHECKOUT_SESSION_ID%7D',
  cancelUrl: 'https://app.example/no',
  expiresAt: new Date(1_800_000_000_000),
  metadata: { userId: 'u1', orderId: 'another', long: 'x'.repeat(600), 'a[b]': 'no', empty: '' },
  clientReference: 'PARTNER',
  idempotencyKey: 'key-1',
}
const opened = () => ({ body: { id: 'cs_1', url: 'https://pay.example/cs_1', expires_at: 1_800_000_000 } })
const session = {
  id: 'cs_1',
  amount_total: 3000,
  currency: 'usd',
  payment_intent: 'pi_1',
  payment_status: 'paid',
  status: 'complete',
}

describe('a checkout at Stripe', () => {
  test('carries the order on the session and on the payment', async () => {
    const { provider, asked } = await remote(opened)
    expect(await provider.createCheckout(request)).toEqual({
      ref: 'cs_1',
      url: 'https://pay.example/cs_1',
      expiresAt: new Date(1_800_000_000_000),
    })
    const body = Object.fromEntries(asked[0]?.body ?? [])
    expect(asked[0]?.key).toBe('key-1')
    expect(body).toMatchObject({
      mode: 'payment',
      customer_email: 'ann@example.com',
      client_reference_id: 'PARTNER',
      success_url: 'https://app.example/ok?session_id={CHECKOUT_SESSION_ID}',
      'line_items[0][price_data][unit_amount]': '3000',
      'metadata[orderId]': 'order-1',
      'payment_intent_data[metadata][orderId]': 'order-1',
    })
    expect(body['metadata[long]']).toHaveLength(500)
    expect(Object.keys(body).join()).not.toMatch(
      /payment_method_types|description|a\[b|empty|subscription_data/,
    )
  })

  test('of a subscription carries it on the subscription, with its rhythm and trial', async () => {
    const { provider, asked } = await remote(opened)
    await provider.createCheckout({
      ...request,
      customerRef: 'cus_1',
      clientReference: null,
      title: '🎈'.repeat(300),
      recurring: { frequency: 'YEARLY', interval: 2, freeTrialDays: 14 },
    })
    const body = Object.fromEntries(asked[0]?.body ?? [])
    expect(body).toMatchObject({
      mode: 'subscription',
      customer: 'cus_1',
      'line_items[0][price_data][recurring][interval]': 'year',
      'line_items[0][price_data][recurring][interval_count]': '2',
      'subscription_data[trial_period_days]': '14',
      'subscription_data[metadata][orderId]': 'order-1',
    })
    expect([...(body['line_items[0][price_data][product_data][name]'] ?? '')]).toHaveLength(250)
    expect(Object.keys(body).join()).not.toMatch(/customer_email|payment_intent_data|client_reference/)
  })

  test('of an amount Stripe cannot take is refused before it is asked', async () => {
    const { provider, asked } = await remote(opened)
    const price = { amount: 1001n, currency: 'KWD' }
    await expect(provider.createCheckout({ ...request, price })).rejects.toMatchObject({
      code: 'CURRENCY_AMOUNT_REFUSED',
    })
    expect(asked).toEqual([])
  })

  test('is read back though nothing comes expanded', async () => {
    const { provider } = await remote((path) => {
      if (path.includes('payment_intents')) return { body: { id: 'pi_1', latest_charge: 'ch_1' } }
      if (path.includes('charges')) return { body: { id: 'ch_1', balance_transaction: 'txn_1' } }
      if (path.includes('balance')) return { body: { id: 'txn_1', fee: 117, currency: 'usd' } }
      return { body: session }
    })
    expect(await provider.fetchCheckout('cs_1')).toMatchObject({ state: 'paid', chargeId: 'ch_1', fee: 117n })
  })

  test.each([
    ['is not there yet', { id: 'pi_1', latest_charge: { id: 'ch_1', balance_transaction: null } }, 'ch_1'],
    [
      'is of another currency',
      { id: 'pi_1', latest_charge: { id: 'ch_1', balance_transaction: { fee: 1, currency: 'eur' } } },
      'ch_1',
    ],
    ['has no charge', { id: 'pi_1', latest_charge: null }, null],
  ])('has an unknown fee when it %s', async (_what, intent, chargeId) => {
    const { provider } = await remote(() => ({ body: { ...session, payment_intent: intent } }))
    expect(await provider.fetchCheckout('cs_1')).toMatchObject({
      chargeId,
      fee: null,
      paymentIntentId: 'pi_1',
    })
  })

  test('is read back though its charge cannot be', async () => {
    const { provider } = await remote((path) =>
      path.includes('payment_intents') ? { status: 500, body: { error: {} } } : { body: session },
    )
    expect(await provider.fetchCheckout('cs_1')).toMatchObject({ state: 'paid', chargeId: null, fee: null })
  })

  test('of an unknown name is null', async () => {
    const { provider } = await remote(() => ({
      status: 404,
      body: { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such thing' } },
    }))
    expect(await provider.fetchCheckout('cs_x')).toBeNull()
    expect(await provider.fetchSubscription('sub_x')).toBeNull()
  })
})

describe('what Stripe does not do', () => {
  const failing = (status: number, error: object) => remote(() => ({ status, body: { error } }))

  test.each([
    [400, { type: 'invalid_request_error', code: 'amount_too_small', param: 'amount' }, 'PROVIDER_REFUSED'],
    [402, { type: 'card_error', code: 'card_declined' }, 'PROVIDER_REFUSED'],
    [400, { type: 'idempotency_error' }, 'PROVIDER_REFUSED'],
    [409, { type: 'idempotency_error' }, 'PROVIDER_UNAVAILABLE'],
    [401, { type: 'invalid_request_error' }, 'PROVIDER_UNAVAILABLE'],
    [403, { type: 'invalid_request_error' }, 'PROVIDER_UNAVAILABLE'],
    [429, { type: 'rate_limit_error' }, 'PROVIDER_UNAVAILABLE'],
    [500, { type: 'api_error' }, 'PROVIDER_UNAVAILABLE'],
  ])('%d %o is %s, and its own sentence stays here', async (status, error, code) => {
    const { provider } = await failing(status, {
      ...error,
      message: 'Invalid API Key provided: sk_test_secret',
    })
    const amount = { amount: 3000n, currency: 'USD' }
    const failure = await provider
      .refund({ paymentIntentId: 'pi_1', amount, idempotencyKey: 'r' })
      .catch((e) => e)
    expect(failure).toMatchObject({ code })
    expect(`${failure.message} ${failure.stack}`).not.toContain('sk_test_secret')
  })

  test('a provider that cannot be reached is worth another try', async () => {
    const { provider, apiBase } = await failing(500, {})
    for (const stop of stops.splice(0)) stop()
    expect(apiBase).toMatch(/^http/)
    await expect(
      provider.createCustomer({ email: 'a@b.example', name: ' ', idempotencyKey: 'c' }),
    ).rejects.toMatchObject({ status: 503, code: 'PROVIDER_UNAVAILABLE', retryAfter: 5 })
  })

  test.each([[{ id: 'sub_1', status: 'new' }], [{ id: 'sub_1' }]])(
    'an answer that cannot be read is too: %o',
    async (body) => {
      const { provider } = await remote(() => ({ body }))
      await expect(provider.fetchSubscription('sub_1')).rejects.toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
      })
      await expect(provider.fetchCheckout('cs_1')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
      await expect(provider.createCheckout({ ...request, idempotencyKey: 'k' })).rejects.toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
      })
    },
  )
})
