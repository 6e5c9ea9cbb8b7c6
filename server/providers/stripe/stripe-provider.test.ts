import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { CheckoutRequest } from '../../kit/ports'
import { createStripeProvider } from '.'

type Reply = { status?: number; body: object; headers?: Record<string, string> }
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** An HTTP server that answers as told and keeps what it was asked. */
const remote = async (answer: (path: string, key?: string) => Reply) => {
  const asked: { path: string; body: URLSearchParams; key: string | undefined }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part) => {
      text += part
    })
    request.on('end', () => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      const sent = request.headers['idempotency-key']
      const key = Array.isArray(sent) ? sent[0] : sent
      asked.push({ path, body: new URLSearchParams(text), key })
      const { status = 200, body, headers } = answer(path, key)
      response.writeHead(status, {
        'content-type': 'application/json',
        'stripe-should-retry': 'false',
        ...headers,
      })
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

  test('with a code is made though Stripe kept a failure of its own under the code’s key', async () => {
    const { provider, asked } = await remote((path, key) =>
      path === '/v1/coupons' && key === 'coupon:offshoot-1-all'
        ? {
            status: 500,
            body: { error: { type: 'api_error', message: 'kept' } },
            headers: { 'idempotent-replayed': 'true' },
          }
        : opened(),
    )
    const due = { amount: 2400n, currency: 'USD' }
    const discount = { ref: 'offshoot-1-all', name: 'ANNA', off: { percentage: '20' }, months: null, due }
    expect(await provider.createCheckout({ ...request, discount })).toMatchObject({ ref: 'cs_1' })
    expect(asked.map(({ path, key }) => [path, key])).toEqual([
      ['/v1/coupons', 'coupon:offshoot-1-all'],
      ['/v1/coupons', 'coupon:offshoot-1-all:2'],
      ['/v1/checkout/sessions', 'key-1'],
    ])
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

describe('what Stripe keeps', () => {
  const since = new Date(1_800_000_000_000)
  const charge = { id: 'ch_1', amount: 3000, currency: 'usd', status: 'succeeded', captured: true }

  test('is listed page by page; what cannot be read is left out', async () => {
    const data = [
      { ...charge, amount_captured: 2500, amount_refunded: 100, metadata: { orderId: 'order-1' } },
      { ...charge, id: 'ch_2', status: 'failed' },
      { ...charge, id: 'ch_3', captured: false },
      { ...charge, id: '' },
      { ...charge, amount: 'much' },
      { ...charge, amount_refunded: 'some' },
      { ...charge, id: 'ch_9' },
    ]
    const { provider, asked } = await remote(() => ({ body: { data, has_more: true } }))
    const { items, next } = await provider.listCharges({ since, cursor: null })
    expect(next).toBe('ch_9')
    expect(items.map(({ ref, state, paid, refunded }) => [ref, state, paid.amount, refunded])).toEqual([
      ['ch_1', 'captured', 2500n, 100n],
      ['ch_2', 'failed', 3000n, 0n],
      ['ch_3', 'pending', 3000n, 0n],
      ['ch_9', 'captured', 3000n, 0n],
    ])
    expect(asked[0]?.path).toBe('/v1/charges')
  })

  test('is at its end when there is no more, or nothing to go on from', async () => {
    const { provider } = await remote((path) =>
      path.endsWith('charges')
        ? { body: { data: [charge], has_more: false } }
        : { body: { data: [{ object: 'event' }, 'no'], has_more: true } },
    )
    expect(await provider.listCharges({ since, cursor: 'ch_0' })).toMatchObject({ next: null })
    expect(await provider.listEvents?.({ since, cursor: 'evt_0' })).toEqual({ items: [], next: null })
  })

  test.each([
    ['month', 1, 'MONTHLY'],
    ['year', 1, 'YEARLY'],
    ['month', 3, null],
    ['week', 1, null],
  ])('as a price for each %s × %d is told as %s', async (interval, interval_count, frequency) => {
    const { provider } = await remote(() => ({
      body: { id: 'price_1', unit_amount: 900, currency: 'usd', recurring: { interval, interval_count } },
    }))
    expect(await provider.billing.fetchPrice('price_1')).toMatchObject({ frequency, active: false })
  })

  test('as a price without an amount is none', async () => {
    const { provider } = await remote(() => ({ body: { id: 'price_1', unit_amount: null, currency: 'usd' } }))
    expect(await provider.billing.fetchPrice('price_1')).toBeNull()
  })

  test('as refunds is asked for by what is known of the payment', async () => {
    const { provider } = await remote(() => ({
      body: { data: [{ id: 're_1', amount: 100, currency: 'usd', status: 'succeeded' }, { id: 're_2' }] },
    }))
    const found = await provider.fetchRefunds({ chargeId: null, paymentIntentId: 'pi_1' })
    expect(found?.map(({ ref }) => ref)).toEqual(['re_1'])
  })
})

describe('a subscription at Stripe', () => {
  const subscription = { id: 'sub_1', status: 'active', items: { data: [{ id: 'si_1' }] } }
  const wanted = { ref: 'sub_1', priceRef: 'price_2', at: new Date(1_800_000_000_000), endTrial: true }
  const answering = (preview: object) =>
    remote((path) => ({ body: path.includes('create_preview') ? preview : subscription }))

  test('tells what a change costs, what it leaves and when it is paid next', async () => {
    const period = { start: 1_800_000_000, end: 1_802_000_000 }
    const { provider, asked } = await answering({
      amount_due: 0,
      total: -2000,
      starting_balance: -500,
      currency: 'usd',
      lines: { data: [{ period }, { period: { ...period, end: 1_803_000_000 } }, {}] },
    })
    expect(await provider.billing.previewChange(wanted)).toEqual({
      due: { amount: 0n, currency: 'USD' },
      credit: { amount: 2500n, currency: 'USD' },
      nextAt: new Date(1_803_000_000_000),
      reckonedAt: new Date(1_800_000_000_000),
    })
    expect(Object.fromEntries(asked.at(-1)?.body ?? [])).toMatchObject({
      'subscription_details[proration_date]': '1800000000',
      'subscription_details[trial_end]': 'now',
    })
  })

  test('leaves no credit and no moment where the preview has none', async () => {
    const { provider } = await answering({ amount_due: 700, total: 700, currency: 'usd' })
    expect(await provider.billing.previewChange({ ...wanted, at: null, endTrial: false })).toEqual({
      due: { amount: 700n, currency: 'USD' },
      credit: { amount: 0n, currency: 'USD' },
      nextAt: null,
      reckonedAt: null,
    })
  })

  test.each([
    [{ total: 1, currency: 'usd' }],
    [{ amount_due: 1, currency: 'usd' }],
    [{ amount_due: 1, total: 1, starting_balance: 'some', currency: 'usd' }],
  ])('is worth another try when the preview cannot be read: %o', async (preview) => {
    const { provider } = await answering(preview)
    await expect(provider.billing.previewChange(wanted)).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
    })
  })

  test('about more than one thing, or about nothing, is not changed', async () => {
    for (const data of [[], [{ id: 'si_1' }, { id: 'si_2' }]]) {
      const { provider, asked } = await remote(() => ({ body: { ...subscription, items: { data } } }))
      const change = { ...wanted, idempotencyKey: 'k' }
      await expect(provider.billing.changePrice(change)).rejects.toMatchObject({
        code: 'PROVIDER_UNAVAILABLE',
      })
      expect(asked).toHaveLength(1)
    }
  })

  test.each([
    [null, null],
    [undefined, null],
    [{ expires_at: 1 }, 'https://pay.example/in_1'],
  ])('whose pending update is %o is to be paid at %s', async (pending_update, payUrl) => {
    const latest_invoice = { status: 'open', hosted_invoice_url: 'https://pay.example/in_1' }
    const { provider } = await remote(() => ({ body: { ...subscription, pending_update, latest_invoice } }))
    expect(await provider.billing.changePrice({ ...wanted, idempotencyKey: 'k' })).toEqual({ payUrl })
    expect(await provider.billing.openInvoiceUrl('sub_1')).toBe('https://pay.example/in_1')
  })

  test('has no next payment when that cannot be read, and is not taken for ended when Stripe fails', async () => {
    const { provider } = await answering({ amount_due: 'much', currency: 'usd' })
    expect(await provider.billing.nextPayment('sub_1')).toBeNull()
    const failing = await remote(() => ({ status: 500, body: { error: { type: 'api_error' } } }))
    const { billing } = failing.provider
    for (const call of [billing.nextPayment, billing.cancelNow, billing.fetchPrice])
      await expect(call('sub_1')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })
})

test('a refund or an invoice that cannot be read is worth another try', async () => {
  const { provider } = await remote(() => ({ body: { id: 'x_1' } }))
  const amount = { amount: 3000n, currency: 'USD' }
  const given = { paymentIntentId: 'pi_1', amount, requestId: 'refund-1', idempotencyKey: 'r' }
  await expect(provider.refund(given)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  await expect(provider.fetchInvoice?.('in_1')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
})

test.each(['https://127.0.0.1:1', 'http://127.0.0.1:1'])(
  'a provider at %s that is not there is worth another try',
  async (apiBase) => {
    const provider = createStripeProvider({ secretKey: 'sk', webhookSecrets: [], apiBase, mode: 'test' })
    await expect(provider.fetchSubscription('sub_1')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  },
  20_000,
)
