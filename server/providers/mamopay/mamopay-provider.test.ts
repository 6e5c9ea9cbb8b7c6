import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { NotSentError, PayoutRefusedError } from '../../kit/ports'
import { createMamoProvider } from '.'

const SECRET = 'a-secret-mamopay-sends-along'
const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

interface Asked {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly body: unknown
}
type Reply = { status?: number; body?: unknown; text?: string } | 'hang up'

/** Something that answers as it is told, and the provider that asks it. */
const remote = async (reply: (asked: Asked, count: number) => Reply) => {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        authorization: request.headers.authorization,
        body: text === '' ? null : (JSON.parse(text) as unknown),
      }
      asked.push(one)
      const answer = reply(one, asked.length)
      if (answer === 'hang up') return void request.socket.destroy()
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
      response.end(answer.text ?? JSON.stringify(answer.body ?? {}))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const apiBase = `http://127.0.0.1:${(server.address() as AddressInfo).port}/manage_api/v1`
  const provider = createMamoProvider({
    apiKey: 'sk-very-secret',
    webhookSecrets: [SECRET, 'the-next-secret'],
    apiBase,
    mode: 'test',
  })
  const { payouts, doorbell } = provider
  if (payouts === undefined || doorbell === undefined) throw new Error('it has both')
  return { asked, provider, payouts, doorbell }
}

const charge = (more: Record<string, unknown> = {}) => ({
  id: 'C1',
  status: 'captured',
  amount: 33.99,
  amount_currency: 'AED',
  refund_amount: 0,
  payment_link_id: 'L1',
  external_id: 'order-1',
  ...more,
})
const aed = (amount: bigint) => ({ amount, currency: 'AED' })
const codeOf = (error: unknown) => (error as { code?: string }).code

describe('asking MamoPay', () => {
  test('reading is tried again after a fault of theirs; the key goes along', async () => {
    const { asked, doorbell } = await remote((_asked, count) =>
      count < 3 ? { status: 500 } : { body: charge() },
    )
    expect(await doorbell.fetchCharge('C1')).toMatchObject({ ref: 'C1', paid: aed(3399n) })
    expect(asked.map(({ path, authorization }) => [path, authorization])).toEqual(
      Array(3).fill(['/manage_api/v1/payments/C1', 'Bearer sk-very-secret']),
    )
  })
  test('what may have been done is never sent again by itself', async () => {
    for (const reply of [{ status: 500 }, 'hang up', { text: 'no json' }] as const) {
      const { asked, payouts } = await remote(() => reply)
      const error = await payouts.send(payout).catch((e: unknown) => e)
      expect(codeOf(error)).toBe('PROVIDER_UNAVAILABLE')
      expect(error).not.toBeInstanceOf(PayoutRefusedError)
      expect(asked).toHaveLength(1)
    }
  })
  test('what was turned away at the door is', async () => {
    const { asked, payouts } = await remote((_asked, count) =>
      count === 1 ? { status: 429 } : { body: [disbursement] },
    )
    expect(await payouts.send(payout)).toMatchObject({ status: 'processing' })
    expect(asked).toHaveLength(2)
  })
  test.each([
    [403, 'PROVIDER_UNAVAILABLE'],
    [422, 'PROVIDER_REFUSED'],
    [400, 'PROVIDER_REFUSED'],
  ])('%s is %s, without a word of theirs or the key', async (status, code) => {
    const { provider } = await remote(() => ({
      status,
      body: { messages: ['sk-very-secret'], error_code: 'VALIDATION_FAILED', errors: { title: ['x'] } },
    }))
    const error = await provider.createCheckout(request).catch((e: unknown) => e)
    expect(codeOf(error)).toBe(code)
    expect(String((error as Error).message)).not.toContain('sk-very-secret')
  })
  test('nothing of that name is nothing, also where only the older path is served', async () => {
    const { asked, doorbell, provider } = await remote(({ path }) =>
      path.endsWith('/charges/C2') ? { body: charge({ id: 'C2' }) } : { status: 404 },
    )
    expect(await doorbell.fetchCharge('C2')).toMatchObject({ ref: 'C2' })
    expect(await doorbell.fetchCharge('C/3')).toBeNull()
    expect(asked.at(-1)?.path).toBe('/manage_api/v1/charges/C%2F3')
    expect(await provider.fetchCheckout('L9')).toBeNull()
    expect(await provider.fetchSubscription('S9')).toBeNull()
    expect(await provider.fetchDispute('D9')).toBeNull()
    expect(await provider.fetchRefunds({ chargeId: null, paymentIntentId: null })).toBeNull()
  })
  test.each([
    charge({ amount: 10.005 }),
    charge({ status: 'new' }),
    charge({ id: 'another' }),
    charge({ amount_currency: 'XXX' }),
    charge({ refund_amount: 'some' }),
    [],
  ])('a charge that cannot be read is worth another try: %o', async (body) => {
    const { doorbell } = await remote(() => ({ body }))
    await expect(doorbell.fetchCharge('C1')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })
})

const request = {
  orderId: 'order-1',
  customerRef: null,
  email: 'ann@example.com',
  title: '🎉'.repeat(60),
  description: 'd'.repeat(90),
  price: { amount: 39_000n, currency: 'AED' },
  recurring: { frequency: 'YEARLY' as const, interval: 2, freeTrialDays: 0 },
  successUrl: 'https://app.example/ok?order=order-1&session_id={CHECKOUT_SESSION_ID}',
  cancelUrl: 'https://app.example/no',
  expiresAt: new Date(),
  metadata: {},
  clientReference: null,
  idempotencyKey: 'k',
}

describe('a payment link', () => {
  test('is cut to what MamoPay takes, and asks for exactly the price', async () => {
    const { asked, provider } = await remote(() => ({
      body: { id: 'L1', payment_url: 'https://pay.example/1' },
    }))
    expect(await provider.createCheckout(request)).toEqual({
      ref: 'L1',
      url: 'https://pay.example/1',
      expiresAt: null,
    })
    const body = asked[0]?.body as Record<string, unknown>
    expect([...String(body.title)]).toHaveLength(50)
    expect(String(body.description)).toHaveLength(75)
    expect(body).toMatchObject({
      amount: 390,
      subscription: { frequency: 'annually', frequency_interval: 2 },
      return_url: 'https://app.example/ok?order=order-1',
      custom_data: { details: { email: 'ann@example.com', orderId: 'order-1' } },
    })
  })
  test.each([
    [199n, 'AED', 0],
    [0n, 'AED', 0],
    [10_000n, 'JPY', 0],
    [10_000n, 'KWD', 0],
    [10_000n, 'AED', 7],
  ])(
    'of %s %s with %s free days is refused before anybody is asked',
    async (amount, currency, freeTrialDays) => {
      const { asked, provider } = await remote(() => ({}))
      const recurring = { frequency: 'MONTHLY' as const, interval: 1, freeTrialDays }
      const error = await provider
        .createCheckout({ ...request, price: { amount, currency }, recurring })
        .catch((e: unknown) => e)
      expect(codeOf(error)).toBe('CURRENCY_AMOUNT_REFUSED')
      expect(asked).toEqual([])
    },
  )
  test('without an address is of no use', async () => {
    const { provider } = await remote(() => ({ body: { id: 'L1', payment_url: 'javascript:alert(1)' } }))
    await expect(provider.createCheckout(request)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })
})

const payout = {
  withdrawalId: '0197a1b2-0000-7000-8000-000000000001',
  amount: aed(10_012n),
  destination: { kind: 'MAMOPAY' as const, name: 'Ann Example', iban: 'ae08 0200 0001 2322 3333 121' },
  idempotencyKey: 'payout:1',
}
const disbursement = {
  id: 879,
  identifier: 'PYT-1',
  amount_formatted: '100.12',
  currency: 'AED',
  status: 'Processing',
  reason: `Payout ${payout.withdrawalId}`,
}

describe('a payout', () => {
  test('goes to the account as text, and its reason carries our number', async () => {
    const { asked, payouts } = await remote(() => ({ body: [disbursement] }))
    expect(await payouts.send(payout)).toMatchObject({
      ref: 'PYT-1',
      withdrawalId: payout.withdrawalId,
      amount: aed(10_012n),
      status: 'processing',
    })
    expect(asked[0]?.body).toEqual({
      disbursements: [
        {
          first_name_or_business_name: 'Ann Example',
          last_name: '',
          account: 'AE080200000123223333121',
          transfer_method: 'BANK_ACCOUNT',
          reason: `Payout ${payout.withdrawalId}`,
          amount: '100.12',
        },
      ],
    })
  })
  test('that MamoPay refuses never left', async () => {
    const { payouts } = await remote(() => ({
      status: 422,
      body: { messages: ['no'], error_code: 'INVALID_ATTRIBUTES' },
    }))
    await expect(payouts.send(payout)).rejects.toBeInstanceOf(PayoutRefusedError)
    const stripe = { kind: 'STRIPE' as const, account: 'acct_1' }
    for (const other of [
      { amount: { amount: 1n, currency: 'USD' } },
      { amount: aed(0n) },
      { destination: stripe },
    ])
      await expect(payouts.send({ ...payout, ...other })).rejects.toBeInstanceOf(PayoutRefusedError)
    expect([aed(1n), aed(0n), { amount: 1n, currency: 'USD' }].map(payouts.canPay)).toEqual([
      true,
      false,
      false,
    ])
  })
  test('is found by its reference, and without one nobody says that there is none', async () => {
    const { payouts } = await remote(({ path }) =>
      path.endsWith('/PYT-1')
        ? { body: { ...disbursement, status: 'Failed' } }
        : path.endsWith('/PYT-2')
          ? { body: { ...disbursement, status: 'Odd' } }
          : { status: 404 },
    )
    const withdrawalId = payout.withdrawalId
    expect(await payouts.find({ withdrawalId, ref: 'PYT-1' })).toMatchObject({
      status: 'failed',
      withdrawalId,
    })
    expect(await payouts.find({ withdrawalId, ref: 'PYT-3' })).toBeNull()
    await expect(payouts.find({ withdrawalId, ref: 'PYT-2' })).rejects.toMatchObject({ status: 503 })
    await expect(payouts.find({ withdrawalId, ref: null })).rejects.toMatchObject({ status: 503 })
  })
})

describe('a refund', () => {
  const refunding = (refunds: unknown[], charged: Record<string, unknown> = {}) => {
    const given = [...refunds]
    return remote(({ method, body }) => {
      if (method === 'POST') {
        given.push({ id: `R${given.length + 1}`, amount: (body as { amount: number }).amount })
        return { body: { refund_amount: 1, refund_status: 'success' } }
      }
      const refund_amount = (given as { amount: number }[]).reduce((sum, one) => sum + one.amount, 0)
      return { body: charge({ refund_amount, refunds: given, ...charged }) }
    })
  }
  const input = { paymentIntentId: 'C1', amount: aed(1_000n), idempotencyKey: 'r' }
  const posts = (asked: readonly Asked[]) => asked.filter(({ method }) => method === 'POST').length

  test('is made once, whatever an earlier try did', async () => {
    const { asked, provider } = await refunding([])
    expect(await provider.refund(input)).toMatchObject({ ref: 'R1', amount: aed(1_000n) })
    expect(await provider.refund(input)).toMatchObject({ ref: 'R1' })
    expect(posts(asked)).toBe(1)
    expect(await provider.refund({ ...input, known: { refs: ['R1'], refunded: 1_000n } })).toMatchObject({
      ref: 'R2',
    })
    expect(posts(asked)).toBe(2)
  })
  test('is told apart by the sum where MamoPay names none', async () => {
    const { asked, provider } = await refunding([{ amount: 10 }], { refunds: undefined })
    expect(await provider.refund(input)).toMatchObject({ ref: 'C1:refunded:1000' })
    expect(posts(asked)).toBe(0)
    const known = { refs: ['C1:refunded:1000'], refunded: 1_000n }
    expect(await provider.refund({ ...input, known })).toMatchObject({ ref: 'C1:refunded:2000' })
    expect(posts(asked)).toBe(1)
  })
  test('that is not shown yet is asked for again later', async () => {
    const { provider } = await remote(() => ({ body: charge() }))
    await expect(provider.refund(input)).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })
  test('that may have been taken is only looked for', async () => {
    const { asked, provider } = await remote(() => ({ body: charge() }))
    await expect(provider.refund({ ...input, handedOver: true })).rejects.toMatchObject({ status: 503 })
    expect(posts(asked)).toBe(0)
  })
  test('waits while another one of the charge is under way, or the charge cannot be read: nothing is sent', async () => {
    for (const reply of [{ body: charge({ status: 'refund_initiated' }) }, { status: 500 }]) {
      const { asked, provider } = await remote(() => reply)
      await expect(provider.refund(input)).rejects.toBeInstanceOf(NotSentError)
      expect(posts(asked)).toBe(0)
    }
  })
  test('that was taken and cannot be looked for is no refund that was not sent', async () => {
    for (const reply of [{ status: 401 }, { status: 403 }, { status: 429 }, { status: 404 }]) {
      let taken = false
      const { asked, provider } = await remote(({ method }) => {
        if (method === 'POST') taken = true
        return taken && method !== 'POST' ? reply : { body: charge() }
      })
      const sent = await provider.refund(input).catch((error: unknown) => error)
      expect(sent).toMatchObject({ status: 503 })
      expect(sent).not.toBeInstanceOf(NotSentError)
      expect(posts(asked)).toBe(1)
    }
  })
  test('that may have been taken is not refused because the charge is not shown', async () => {
    const { provider } = await remote(() => ({ status: 404 }))
    await expect(provider.refund({ ...input, handedOver: true })).rejects.toMatchObject({ status: 503 })
  })
  test('of too little, of nothing known, or of another currency is refused', async () => {
    const { provider } = await remote(() => ({ status: 404 }))
    for (const amount of [aed(99n), aed(1_000n), { amount: 1_000n, currency: 'USD' }])
      await expect(provider.refund({ ...input, amount })).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' })
  })
})

describe('a charge', () => {
  test.each([
    ['refund_initiated', 10, 'captured', 1_000n],
    ['refunded', 33.99, 'returned', 3_399n],
    ['refunded', '10.0', 'captured', 1_000n],
    ['voided', 0, 'returned', 3_399n],
    ['processing', null, 'pending', 0n],
    ['failed', 0, 'failed', 0n],
  ])('%s with %s given back is %s', async (status, refund_amount, state, refunded) => {
    const { doorbell } = await remote(() => ({
      body: charge({ status, refund_amount, error_code: 'generic' }),
    }))
    expect(await doorbell.fetchCharge('C1')).toMatchObject({ state, refunded })
  })
  test('says its fee in AED where the figures add up', async () => {
    const settled = { settlement_amount: '31.99', settlement_fee: 'AED 1.90', settlement_vat: 'AED 0.10' }
    for (const [more, fee] of [
      [settled, 200n],
      [{ ...settled, settlement_amount: '31.98' }, 0n],
      [{ ...settled, amount_currency: 'USD' }, 0n],
      [{}, null],
    ] as const) {
      const { doorbell } = await remote(() => ({ body: charge(more) }))
      expect(await doorbell.fetchCharge('C1')).toMatchObject({ fee })
    }
  })
})

describe('the list of charges', () => {
  const since = new Date('2026-11-20T00:00:00Z')
  const at = (id: string, created_date: string) => charge({ id, created_date })
  const found = (data: unknown[], next_page: unknown = null) => ({
    body: { data, pagination_meta: { next_page } },
  })

  test('is read page by page, until there is no other', async () => {
    const { asked, provider } = await remote(({ path }) =>
      path.includes('?page=1&') ? found([at('C1', '2026-11-22')], 2) : found([at('C2', '2026-11-21')]),
    )
    const first = await provider.listCharges({ since, cursor: null })
    expect(first).toMatchObject({
      items: [{ ref: 'C1', paymentIntentId: 'C1', customerRef: null }],
      next: '2',
    })
    const second = await provider.listCharges({ since, cursor: first.next })
    expect(second).toMatchObject({ items: [{ ref: 'C2' }], next: null })
    expect(asked.map(({ path }) => path)).toEqual([
      '/manage_api/v1/payments?page=1&per_page=100',
      '/manage_api/v1/payments?page=2&per_page=100',
    ])
  })
  test('ends with the page that has an older one; one that names no day counts as new', async () => {
    const { provider } = await remote(() =>
      found([at('C1', '2026-11-22'), charge({ id: 'C2' }), at('C3', '2026-11-19')], 2),
    )
    const { items, next } = await provider.listCharges({ since, cursor: null })
    expect(items.map(({ ref }) => ref)).toEqual(['C1', 'C2'])
    expect(next).toBeNull()
  })
  test.each([[[]], [{}], [{ data: [], pagination_meta: { next_page: 'soon' } }]])(
    'of nothing is empty: %o',
    async (body) => {
      const { provider } = await remote(() => ({ body }))
      expect(await provider.listCharges({ since, cursor: null })).toEqual({ items: [], next: null })
    },
  )
  test('asks for the charge itself where a row says too little, and leaves out what is nowhere', async () => {
    const { asked, provider } = await remote(({ path }) =>
      path.includes('?')
        ? { body: [{ id: 'C1', amount: 33.99 }, { amount: 33.99 }, { id: 'C9' }] }
        : path.endsWith('/payments/C1')
          ? { body: charge() }
          : { status: 404 },
    )
    const { items } = await provider.listCharges({ since, cursor: null })
    expect(items).toMatchObject([{ ref: 'C1', paid: aed(3_399n) }])
    expect(asked.map(({ path }) => path.split('/').at(-1))).toContain('C9')
  })
  test('is served under the older name too, and without either it could not be read', async () => {
    const { provider } = await remote(({ path }) =>
      path.includes('/charges?') ? found([at('C1', '2026-11-22')]) : { status: 404 },
    )
    expect((await provider.listCharges({ since, cursor: null })).items).toHaveLength(1)
    const nowhere = await remote(() => ({ status: 404 }))
    await expect(nowhere.provider.listCharges({ since, cursor: null })).rejects.toMatchObject({
      code: 'PROVIDER_UNAVAILABLE',
    })
  })
})

describe('what is looked up', () => {
  const link = { id: 'L1', amount: 33.99, amount_currency: 'AED', external_id: 'order-1' }

  test('a link has the charges in which money moved, each read by itself', async () => {
    const charges = [
      { id: 'C1', status: 'captured' },
      { id: 'C2', status: 'failed' },
      { id: 'C3', status: 'refunded' },
      { id: 'C4' },
      { status: 'captured' },
    ]
    const { asked, provider } = await remote(({ path }) =>
      path.includes('/links/')
        ? { body: { ...link, charges } }
        : path.endsWith('/payments/C1')
          ? { body: charge({ payment_link_id: undefined }) }
          : { status: 404 },
    )
    expect(await provider.fetchCheckout('L1')).toMatchObject({
      state: 'paid',
      chargeId: 'C1',
      charges: [{ ref: 'C1', checkoutRef: 'L1' }],
    })
    expect(asked.map(({ path }) => path.replace('/manage_api/v1', ''))).toEqual([
      '/links/L1',
      '/payments/C1',
      '/payments/C3',
      '/charges/C3',
    ])
  })
  test('a link whose amount cannot be read is worth another try', async () => {
    const { provider } = await remote(() => ({ body: { ...link, amount: 'much' } }))
    await expect(provider.fetchCheckout('L1')).rejects.toMatchObject({ code: 'PROVIDER_UNAVAILABLE' })
  })
  test('a subscription is told by its subscribers, also while nothing is paid', async () => {
    const { provider } = await remote(({ path }) =>
      path.endsWith('/subscribers') ? { body: { data: [{ status: 'Active' }] } } : { status: 404 },
    )
    expect(await provider.fetchSubscription('S1')).toMatchObject({ ref: 'S1', status: 'ACTIVE' })
  })
  test('a subscription’s charges are those that were captured', async () => {
    const { doorbell } = await remote(({ path }) =>
      path.includes('/S1/')
        ? {
            body: [
              { identifier: 'C1', status: 'captured' },
              { identifier: 'C2', status: 'failed' },
              { status: 'captured' },
            ],
          }
        : { status: 404 },
    )
    expect(await doorbell.listSubscriptionCharges('S1')).toEqual(['C1'])
    expect(await doorbell.listSubscriptionCharges('S2')).toBeNull()
  })
  test('refunds are those of the charge, by either of its names', async () => {
    const { provider } = await remote(({ path }) =>
      path.endsWith('/C1')
        ? { body: charge({ status: 'refunded', refund_amount: 10, refunds: [{ id: 'R1', amount: 10 }] }) }
        : { status: 404 },
    )
    for (const named of [
      { chargeId: 'C1', paymentIntentId: null },
      { chargeId: null, paymentIntentId: 'C1' },
    ])
      expect(await provider.fetchRefunds(named)).toMatchObject([{ ref: 'R1', amount: aed(1_000n) }])
    expect(await provider.fetchRefunds({ chargeId: 'C9', paymentIntentId: null })).toBeNull()
  })
  test('a link that is closed is switched off', async () => {
    const { asked, doorbell } = await remote(() => ({ body: {} }))
    await doorbell.closeCheckout('L/1')
    expect(asked).toMatchObject([
      { method: 'PATCH', path: '/manage_api/v1/links/L%2F1', body: { active: false } },
    ])
  })
})

describe('an answer to a payout', () => {
  test('as a webhook tells it is read as well', async () => {
    const told = { id: 'MPB-1', amount: '1,100.12', amount_currency: 'AED', status: 'processed' }
    const { payouts } = await remote(() => ({ body: { ...told, reason: 'Rent' } }))
    expect(await payouts.find({ withdrawalId: payout.withdrawalId, ref: 'MPB-1' })).toEqual({
      ref: 'MPB-1',
      withdrawalId: null,
      amount: aed(110_012n),
      status: 'paid',
      returned: 0n,
      fee: null,
      reason: null,
    })
  })
  test.each([
    ['no member', []],
    ['two members', [disbursement, disbursement]],
    ['no reference', [{ ...disbursement, identifier: undefined, id: undefined }]],
    ['no amount', [{ ...disbursement, amount_formatted: undefined }]],
    ['nothing paid', [{ ...disbursement, amount_formatted: '0.00' }]],
    ['no status', [{ ...disbursement, status: undefined }]],
  ])('with %s may still have been sent', async (_what, body) => {
    const { asked, payouts } = await remote(() => ({ body }))
    const error = await payouts.send(payout).catch((e: unknown) => e)
    expect(codeOf(error)).toBe('PROVIDER_UNAVAILABLE')
    expect(error).not.toBeInstanceOf(NotSentError)
    expect(asked).toHaveLength(1)
  })
  test('that names no currency is in the only one there is', async () => {
    const { payouts } = await remote(() => ({ body: [{ ...disbursement, currency: undefined }] }))
    expect(await payouts.send(payout)).toMatchObject({ amount: aed(10_012n) })
  })
})

test.each([
  [
    { id: 'C1', event_type: 'subscription.succeeded' },
    { kind: 'charge', chargeId: 'C1', renewal: true },
  ],
  [
    { type: 'payment.failed', data: { id: 'C1' } },
    { kind: 'charge', chargeId: 'C1', renewal: false },
  ],
  [
    { id: 'P1', event_type: 'payout.failed', reason: `Payout ${payout.withdrawalId}` },
    { kind: 'payout', ref: 'P1', withdrawalId: payout.withdrawalId },
  ],
  [
    { id: 'D1', payment_id: 'C1', event_type: 'dispute.received' },
    { kind: 'unhandled', about: 'C1' },
  ],
  [
    { id: 'D1', event_type: 'dispute.received' },
    { kind: 'unhandled', about: 'D1' },
  ],
  [{ event_type: 'dispute.received' }, { kind: 'unhandled', about: 'dispute.received' }],
  [{ event_type: 'charge.succeeded' }, { kind: 'ignored' }],
  [{ id: 'x'.repeat(101), event_type: 'charge.succeeded' }, { kind: 'ignored' }],
  [{ id: 'C1', event_type: 'charge.authorized' }, { kind: 'ignored' }],
])('the event %o is read as %o', async (event, read) => {
  const { provider } = await remote(() => ({}))
  expect(provider.readEvent(JSON.stringify(event))).toMatchObject(read)
})

describe('a webhook', () => {
  const receivedAt = new Date('2026-11-21T12:00:00Z')
  const body = JSON.stringify({
    id: 'C1',
    event_type: 'payment.refunded',
    status: 'refunded',
    refund_amount: '1,054.47',
    amount_currency: 'AED',
  })
  test('is one by what it is about, and both secrets count while one is replaced', async () => {
    const { provider } = await remote(() => ({}))
    for (const authorization of [SECRET, 'the-next-secret', `Bearer ${SECRET}`])
      expect(provider.verifyWebhook({ body, headers: new Headers({ authorization }), receivedAt })).toEqual({
        eventId: 'C1:charge.refunded:refunded:105447',
        type: 'charge.refunded',
        apiVersion: null,
        livemode: false,
        occurredAt: receivedAt,
        unsigned: true,
      })
  })
  test.each(['', '[]', 'null', '{}', '{"id":"C1"}', '{"event_type":5}', '{"event_type":""}'])(
    '%s is refused though the header is right',
    async (odd) => {
      const { provider } = await remote(() => ({}))
      const headers = new Headers({ authorization: SECRET })
      expect(() => provider.verifyWebhook({ body: odd, headers, receivedAt })).toThrow('believed')
      expect(provider.readEvent(odd)).toMatchObject({ kind: 'ignored' })
    },
  )
})

const SAMPLES = process.env.SAMPLES_DIR === undefined ? null : join(process.env.SAMPLES_DIR, 'mamopay')
const samples = (folder: string): [string, Record<string, unknown>][] =>
  SAMPLES === null || !existsSync(join(SAMPLES, folder))
    ? []
    : readdirSync(join(SAMPLES, folder))
        .filter((name) => name.endsWith('.json'))
        .map((name) => [name, JSON.parse(readFileSync(join(SAMPLES, folder, name), 'utf8'))])

describe.skipIf(SAMPLES === null)('the samples', () => {
  test('every webhook is taken and read, and only charges and payouts lead anywhere', async () => {
    const { provider, doorbell } = await remote(() => ({}))
    const headers = new Headers({ authorization: SECRET })
    const kinds = new Map<string, string>()
    for (const [name, sample] of samples('webhooks')) {
      const body = JSON.stringify(sample)
      expect(doorbell.isPing(body)).toBe(name === 'ping.json')
      if (name !== 'ping.json') provider.verifyWebhook({ body, headers, receivedAt: new Date(0) })
      kinds.set(name, provider.readEvent(body).kind)
    }
    expect(Object.fromEntries(kinds)).toEqual({
      'charge.authorized.json': 'ignored',
      'charge.card_verified.json': 'ignored',
      'charge.failed.json': 'charge',
      'charge.refund_failed.json': 'charge',
      'charge.refund_initiated.json': 'charge',
      'charge.refunded.full.json': 'charge',
      'charge.succeeded.data-wrapped.json': 'charge',
      'charge.succeeded.json': 'charge',
      'charge.succeeded.workspace.json': 'charge',
      'dispute.received.json': 'unhandled',
      'payment.succeeded.json': 'charge',
      'payment_link.create.json': 'ignored',
      'payment_link.create.workspace.json': 'ignored',
      'payout.processed.json': 'payout',
      'ping.json': 'ignored',
      'subscription.failed.json': 'charge',
      'unknown.event.json': 'ignored',
    })
  })
  test('the interface’s own answers are read', async () => {
    const answers = new Map(
      samples('api').map(([name, { responses }]) => [name, (responses as Record<string, unknown>)['200']]),
    )
    const body = (name: string) => answers.get(name) as Record<string, unknown>
    const id = String(body('GET.charges.chargeId.json').id)
    const { doorbell, provider, payouts } = await remote(({ path, method }) => {
      if (path.includes('/payments/')) return { body: body('GET.charges.chargeId.json') }
      if (path.includes('/links/')) return { body: body('GET.links.linkId.json') }
      if (path.endsWith('/subscribers'))
        return { body: body('GET.subscriptions.subscriptionId.subscribers.json') }
      if (path.endsWith('/payments')) return { body: body('GET.subscriptions.subscriptionId.payments.json') }
      if (path.includes('/disbursements'))
        return {
          body: body(method === 'POST' ? 'POST.disbursements.json' : 'GET.disbursements.disbursementId.json'),
        }
      return { body: body('POST.links.json') }
    })
    expect(await doorbell.fetchCharge(id)).toMatchObject({ state: 'captured', paid: aed(10_000n) })
    expect(await provider.fetchCheckout('MB-LINK-37D90AAF51')).toMatchObject({
      ref: 'MB-LINK-37D90AAF51',
      state: 'paid',
      total: aed(1_000n),
      charges: [{ ref: id, checkoutRef: 'MB-LINK-37D90AAF51' }],
    })
    expect(await provider.createCheckout(request)).toMatchObject({ ref: 'MB-LINK-37D90AAF51' })
    expect(await provider.fetchSubscription('S')).toMatchObject({
      status: 'ACTIVE',
      currentPeriodEnd: new Date('2023-04-19T00:00:00Z'),
    })
    expect(await payouts.send(payout)).toMatchObject({ ref: 'PYT-19044D349D', amount: aed(5_000n) })
    expect(await payouts.find({ withdrawalId: 'w', ref: 'MPB-DISBMT-F2336E5CFB' })).toMatchObject({
      amount: aed(200n),
    })
  })
})
