import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sandboxDeliveries } from '../../../../db/schema'
import { testClock } from '../../../../db/testing/context'
import { useDatabase } from '../../../../db/testing/database'
import { type MamoHarness, startMamoHarness } from './mamopay.harness'

const database = useDatabase()
const clock = testClock()
let h: MamoHarness
beforeAll(async () => {
  h = await startMamoHarness(database.db, clock.now)
})
afterAll(() => h?.stop())
beforeEach(() => {
  h.hooks.length = 0
})
afterEach(() => h.settled())

type Answer = Record<string, unknown>

const ask = async (method: string, path: string, body?: unknown) => {
  const answer = await h.api(method, path, body)
  return { status: answer.status, body: (await answer.json()) as Answer }
}
const LINK = { title: 'A thing', amount: 100, amount_currency: 'AED' }
const makeLink = async (more: Answer = {}) => {
  const { status, body } = await ask('POST', '/links', { ...LINK, ...more })
  expect(status).toBe(200)
  return body as Answer & { id: string; payment_url: string }
}
/** A link that was paid: its charge. */
const paid = async (more: Answer = {}) => {
  const link = await makeLink(more)
  await h.pay(link.payment_url)
  const { body } = await ask('GET', `/links/${link.id}`)
  const [charge] = body.charges as (Answer & { id: string })[]
  return { link, charge: charge?.id ?? '' }
}
const notFound = (name: string) => ({
  status: 404,
  body: { messages: [`${name} record was not found`], error_code: 'RECORD_NOT_FOUND' },
})
const refusedFor = (message: string, code = 'VALIDATION_FAILED') => ({
  status: 422,
  body: { messages: [message], error_code: code },
})

describe('the interface of the MamoPay sandbox', () => {
  it('pages what it lists, and has an empty page of nothing', async () => {
    expect(await ask('GET', '/links')).toMatchObject({
      status: 200,
      body: { data: [], pagination_meta: { page: 1, from: 0, to: 0, total_pages: 1, total_count: 0 } },
    })
    const ids = []
    for (const title of ['one', 'two', 'three']) ids.unshift((await makeLink({ title })).id)
    const page = async (query: string) => {
      const { body } = await ask('GET', `/links?${query}`)
      return { ids: (body.data as { id: string }[]).map(({ id }) => id), meta: body.pagination_meta }
    }
    expect(await page('page=2&per_page=1')).toEqual({
      ids: [ids[1]],
      meta: {
        page: 2,
        per_page: 1,
        total_pages: 3,
        next_page: 3,
        prev_page: 1,
        from: 2,
        to: 2,
        total_count: 3,
      },
    })
    for (const query of ['page=0&per_page=-1', 'page=x&per_page=1.5'])
      expect(await page(query)).toMatchObject({
        ids,
        meta: { page: 1, per_page: 10, next_page: null, prev_page: null },
      })
    expect(await page('page=9&per_page=1000')).toMatchObject({
      ids: [],
      meta: { page: 9, per_page: 100, from: 0 },
    })
  })

  it('answers only who has its key, and knows whose it is', async () => {
    for (const answer of [
      await h.api('GET', '/links', undefined, 'sk-another'),
      await fetch(`${h.base}/links`),
      await fetch(`${h.base}/nothing`),
    ]) {
      expect(answer.status).toBe(403)
      expect(await answer.json()).toEqual({ messages: ['Unauthorized'], error_code: 'UNAUTHORIZED' })
    }
    expect(await ask('GET', '/me')).toMatchObject({ status: 200, body: { website: h.appUrl } })
    expect(await ask('GET', '/nothing')).toEqual({ status: 404, body: { status: 404, error: 'Not Found' } })
  })

  it('fails as the real one does on a body that is no JSON, and on what it cannot store', async () => {
    const failed = { status: 500, body: { status: 500, error: 'Internal Server Error' } }
    expect(await ask('POST', '/links', '{')).toEqual(failed)
    expect(await ask('POST', '/links', { ...LINK, title: 'a\0b' })).toEqual(failed)
    expect(await ask('POST', '/links', { ...LINK, subscription: true })).toEqual(failed)
  })
})

describe('a link of the MamoPay sandbox', () => {
  it('is refused with each field that is wrong', async () => {
    const wrong = await ask('POST', '/links', {
      title: 'x'.repeat(51),
      amount: -1,
      amount_currency: 'XXX',
      return_url: 'javascript:alert(1)',
      capacity: 0,
    })
    expect(wrong).toMatchObject({ status: 422, body: { error_code: 'VALIDATION_FAILED' } })
    expect(Object.keys(wrong.body.errors as object).sort()).toEqual([
      'amount',
      'amount_currency',
      'capacity',
      'return_url',
      'title',
    ])
    expect((await ask('POST', '/links')).body).toMatchObject({ errors: { title: [expect.any(String)] } })
    for (const body of ['null', '[]', '"a"'])
      expect(await ask('POST', '/links', body)).toMatchObject({
        status: 422,
        body: { errors: { base: [expect.any(String)] } },
      })
  })

  it('costs two at least, except where only a card is kept', async () => {
    for (const amount of [undefined, null, 0, 1.99])
      expect(await ask('POST', '/links', { ...LINK, amount })).toEqual(
        refusedFor('Amount must be greater than 2.00', 'VALIDATION_ERROR'),
      )
    expect(await ask('POST', '/links', { ...LINK, amount: 2.001 })).toEqual(refusedFor('Amount is invalid'))
    expect(await makeLink({ amount: 2 })).toMatchObject({ amount: 2 })
    expect(await makeLink({ amount: null, save_card: 'required' })).toMatchObject({ amount: null })
  })

  it('is changed in what is sent alone, deactivated, and unknown by another id', async () => {
    const link = await makeLink({ capacity: 3, enable_tips: true })
    const changed = await ask('PATCH', `/links/${link.id}`, { amount: 7.5 })
    expect(changed).toEqual({ status: 200, body: { ...link, amount: 7.5 } })
    expect(await ask('PATCH', `/links/${link.id}`)).toEqual(changed)
    expect(await ask('PATCH', `/links/${link.id}`, { amount: 1 })).toMatchObject({ status: 422 })
    expect(await ask('PATCH', `/links/${link.id}`, { active: 'no' })).toMatchObject({
      status: 422,
      body: { errors: { active: [expect.any(String)] } },
    })
    expect(await ask('DELETE', `/links/${link.id}`)).toEqual({ status: 200, body: { success: true } })
    expect(await ask('GET', `/links/${link.id}`)).toMatchObject({
      status: 200,
      body: { active: false, amount: 7.5, capacity: 3, enable_tips: true, charges: [] },
    })
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(await ask(method, '/links/MB-LINK-0', method === 'PATCH' ? {} : undefined)).toEqual(
        notFound('Merchant::Link'),
      )
  })
})

describe('a charge of the MamoPay sandbox', () => {
  it('is settled in dirhams, whatever it was charged in', async () => {
    const { charge, link } = await paid({ amount: 1000, amount_currency: 'USD' })
    const read = await ask('GET', `/charges/${charge}`)
    expect(read).toMatchObject({
      status: 200,
      body: {
        amount: 1000,
        amount_currency: 'USD',
        settlement_amount: '3,560.67',
        settlement_currency: 'AED',
        settlement_fee: 'AED 106.50',
        settlement_vat: 'AED 5.33',
        settlement_date: expect.stringMatching(/^\d{2}\/\d{2}\/\d{4}$/),
        payment_method: { card_last4: '•••• 1157' },
        payment_link_id: link.id,
      },
    })
    expect(await ask('GET', `/payments/${charge}`)).toEqual(read)
    const listed = (await ask('GET', '/payments?per_page=1')).body.data as Answer[]
    expect(listed).toEqual([read.body])
    expect(await ask('GET', '/charges/no')).toEqual(notFound('Charge'))
    expect(await ask('GET', '/payments/no')).toEqual(notFound('Payment'))
  })

  it('that failed has no settlement, and is not given back', async () => {
    const link = await makeLink()
    const fields = { email: 'a@b.example', expiry: '01/28', cvc: '123', name: 'A' }
    expect((await h.form(link.payment_url, { ...fields, number: '4095254802642505' })).status).toBe(422)
    const [charge] = (await ask('GET', '/charges')).body.data as (Answer & { id: string })[]
    expect(charge).toMatchObject({
      status: 'failed',
      error_code: 'insufficient_funds',
      settlement_amount: null,
      settlement_date: null,
      max_refund_amount: 0,
      payment_link_id: link.id,
    })
    expect(await ask('POST', `/charges/${charge?.id}/refunds`, { amount: 50 })).toEqual(
      refusedFor('Can not refund this payment', 'UNPROCESSABLE ENTITY'),
    )
  })

  it('is given back in parts, never more than was charged, in dirhams only', async () => {
    const { charge } = await paid()
    const refund = (body?: unknown, id = charge) => ask('POST', `/charges/${id}/refunds`, body)
    const refusal = refusedFor('Can not refund this payment', 'UNPROCESSABLE ENTITY')
    for (const body of [
      undefined,
      'null',
      {},
      ...[0, -1, 0.99, 100.01, 'much', null].map((amount) => ({ amount })),
    ])
      expect(await refund(body)).toEqual(refusal)
    expect(await refund({ amount: 40 })).toEqual({
      status: 200,
      body: { refund_amount: 40, refund_status: 'success' },
    })
    expect(await ask('GET', `/charges/${charge}`)).toMatchObject({
      body: {
        status: 'captured',
        refund_status: 'Partially refunded',
        refund_amount: 40,
        max_refund_amount: 60,
      },
    })
    expect(await refund({ amount: 60.01 })).toEqual(refusal)
    expect(await refund({ amount: '60' })).toMatchObject({ status: 200 })
    expect(await ask('GET', `/charges/${charge}`)).toMatchObject({
      body: { status: 'refunded', refund_status: 'Refunded', refunds: [{ amount: 40 }, { amount: 60 }] },
    })
    expect(await refund({ amount: 1 })).toEqual(refusal)
    expect(await refund({ amount: 1 }, 'no')).toEqual(notFound('Charge'))
    const dollars = await paid({ amount_currency: 'USD' })
    expect(await refund({ amount: 10 }, dollars.charge)).toEqual(refusal)
  })
})

describe('a subscription of the MamoPay sandbox', () => {
  it('is made for itself and used by a link, which needs to know it', async () => {
    const made = await ask('POST', '/subscriptions', { frequency: 'weekly', frequency_interval: 2 })
    expect(made).toMatchObject({
      status: 200,
      body: { frequency: 'week', frequency_interval: 2, start_date: null, payment_quantity: null },
    })
    const link = await makeLink({ subscription_id: made.body.identifier })
    expect(link.subscription).toEqual(made.body)
    expect(await ask('POST', '/links', { ...LINK, subscription_id: 'no' })).toEqual(notFound('Subscription'))
    expect(await ask('POST', '/subscriptions', { frequency: 'hourly' })).toMatchObject({
      status: 422,
      body: { errors: { frequency: [expect.any(String)] } },
    })
    const full = {
      start_date: '2030-01-01',
      end_date: '2031-01-01',
      payment_quantity: 3,
      monthly_start_date: 5,
      weekly_start_day: 'monday',
    }
    expect((await ask('POST', '/subscriptions', { frequency: 'test', ...full })).body).toMatchObject(full)
  })

  it('has subscribers, the next payment of each as far away as its terms say', async () => {
    for (const [frequency, days] of [
      ['daily', [2, 2]],
      ['weekly', [14, 14]],
      ['monthly', [58, 63]],
      ['annually', [730, 732]],
    ] as const) {
      const { link } = await paid({ subscription: { frequency, frequency_interval: 2 } })
      const { identifier } = link.subscription as { identifier: string }
      const subscribers = async () =>
        (await ask('GET', `/subscriptions/${identifier}/subscribers`)).body as unknown as (Answer & {
          id: string
        })[]
      const [subscriber, ...others] = await subscribers()
      expect(others).toEqual([])
      expect(subscriber).toMatchObject({
        status: 'Active',
        customer: { email: 'ann@example.com' },
        number_of_payments: 1,
        total_paid: 'AED 100.00',
      })
      expect(Object.keys(subscriber ?? {}).filter((name) => name.startsWith('_'))).toEqual([])
      const today = Date.parse(clock.now().toISOString().slice(0, 10))
      const away = (Date.parse(String(subscriber?.next_payment_date)) - today) / 86_400_000
      expect(away).toBeGreaterThanOrEqual(days[0])
      expect(away).toBeLessThanOrEqual(days[1])
      expect((await ask('GET', `/subscriptions/${identifier}/payments`)).body).toMatchObject([
        { amount: 100, currency: 'AED', customer_email: 'ann@example.com', status: 'captured' },
      ])
      const path = `/subscriptions/${identifier}/subscribers/${subscriber?.id}`
      expect(await ask('DELETE', path)).toEqual({ status: 200, body: { success: true } })
      expect(await subscribers()).toMatchObject([{ status: 'Inactive' }])
      expect(await ask('DELETE', path)).toEqual(refusedFor('Subscriber is not active', 'INACTIVE_SUBSCRIBER'))
    }
    expect(await ask('GET', '/subscriptions/no/subscribers')).toEqual(notFound('Subscription'))
    expect(await ask('GET', '/subscriptions/no/payments')).toEqual(notFound('Subscription'))
    expect(await ask('DELETE', '/subscriptions/no/subscribers/no')).toEqual(notFound('Subscriber'))
  })
})

describe('a disbursement of the MamoPay sandbox', () => {
  const ROW = {
    first_name_or_business_name: 'Ann',
    last_name: 'Bee',
    account: 'AE070331234567890123456',
    transfer_method: 'BANK_ACCOUNT',
    reason: 'A withdrawal',
    amount: '25.50',
  }

  it('is made of rows that are all right, and read by its identifier', async () => {
    const made = await ask('POST', '/disbursements', {
      disbursements: [ROW, { ...ROW, last_name: undefined, amount: '1,000' }],
    })
    expect(made).toMatchObject({
      status: 200,
      body: [
        { name: 'Ann Bee', amount_formatted: '25.50', status: 'Processing', recipient: ROW.account },
        { name: 'Ann', amount_formatted: '1000.00', id: expect.any(Number) },
      ],
    })
    const [first] = made.body as unknown as { identifier: string }[]
    expect(await ask('GET', `/disbursements/${first?.identifier}`)).toEqual({ status: 200, body: first })
    expect(await ask('GET', '/disbursements/no')).toEqual(notFound('Merchant::Disbursement'))
  })

  it('is refused as a whole for one row that is wrong', async () => {
    const blank = refusedFor('Disbursements can not be blank', 'INVALID_ATTRIBUTES')
    for (const body of [undefined, 'null', { disbursements: [] }, { disbursements: 'all' }])
      expect(await ask('POST', '/disbursements', body)).toEqual(blank)
    for (const [row, message] of [
      [{ ...ROW, first_name_or_business_name: ' ' }, "Recipient first name can't be blank"],
      [{ ...ROW, account: '12345' }, 'Account is not a valid IBAN'],
      [{ ...ROW, transfer_method: 'CASH' }, 'Transfer method is not included in the list'],
      [{ ...ROW, reason: '' }, "Reason can't be blank"],
      [{ ...ROW, amount: 25 }, 'Amount is invalid'],
      [{ ...ROW, amount: 'much' }, 'Amount is invalid'],
      [{ ...ROW, amount: '0' }, 'Amount is invalid'],
      [{ ...ROW, amount: '-5' }, 'Amount is invalid'],
      [{ ...ROW, last_name: 5 }, 'it is not a row'],
      ['a row', 'it is not a row'],
    ] as const)
      expect(await ask('POST', '/disbursements', { disbursements: [ROW, row] })).toEqual(
        refusedFor(`Row 2 is invalid: ${message}`, 'INVALID_ATTRIBUTES'),
      )
  })
})

describe('a webhook of the MamoPay sandbox', () => {
  /** Somebody who wants to be told. */
  const listener = async () => {
    const heard: { authorization: string | undefined; body: Answer }[] = []
    const state = { status: 200 }
    const server = createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(parts).toString()) as Answer
        heard.push({ authorization: request.headers.authorization, body })
        response.writeHead(state.status).end('an answer')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    stops.push(() => {
      server.close()
      server.closeAllConnections()
    })
    return { heard, state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
  }
  const stops: (() => void)[] = []
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  it('is told what it asked for with its secret, and nothing more once it is deleted', async () => {
    const { heard, url } = await listener()
    const input = { url, enabled_events: ['payment_link.create'], auth_header: 'a secret' }
    const { status, body: webhook } = await ask('POST', '/webhooks', input)
    expect(status).toBe(200)
    expect(webhook).toMatchObject({ ...input, id: expect.stringMatching(/^MPB-WH-/) })
    expect(heard.splice(0)).toEqual([{ authorization: 'a secret', body: { ping: 'pong' } }])
    expect((await ask('GET', '/webhooks')).body).toEqual([webhook])
    const link = await makeLink()
    await h.pay(link.payment_url)
    await h.settled()
    expect(heard.splice(0)).toMatchObject([
      { authorization: 'a secret', body: { event_type: 'payment_link.create', id: link.id } },
    ])
    expect(await ask('DELETE', `/webhooks/${webhook.id}`)).toEqual({ status: 200, body: { success: true } })
    await makeLink()
    await h.settled()
    expect(heard).toEqual([])
    expect(await ask('DELETE', `/webhooks/${webhook.id}`)).toEqual(notFound('Webhook'))
  })

  it('is not what something else is deleted by', async () => {
    const link = await makeLink()
    expect(await ask('DELETE', `/webhooks/${link.id}`)).toEqual(notFound('Webhook'))
    expect(await ask('GET', `/links/${link.id}`)).toMatchObject({ status: 200 })
  })

  it('has to answer before it is registered or changed', async () => {
    const { heard, state, url } = await listener()
    const input = { url, enabled_events: ['payment_link.create'] }
    const unreachable = refusedFor('Webhook is unreachable')
    state.status = 204
    expect(await ask('POST', '/webhooks', input)).toEqual(unreachable)
    expect(await ask('POST', '/webhooks', { ...input, url: 'http://127.0.0.1:9/' })).toEqual(unreachable)
    state.status = 200
    const { body: webhook } = await ask('POST', '/webhooks', input)
    expect(heard.at(-1)).toEqual({ authorization: undefined, body: { ping: 'pong' } })
    await makeLink()
    await h.settled()
    expect(heard.at(-1)).toMatchObject({
      authorization: undefined,
      body: { event_type: 'payment_link.create' },
    })
    const path = `/webhooks/${webhook.id}`
    expect(await ask('PATCH', path, { ...input, auth_header: 'new' })).toEqual({
      status: 200,
      body: { ...webhook, auth_header: 'new' },
    })
    expect(await ask('PATCH', path, { ...input, enabled_events: ['charge.failed'] })).toMatchObject({
      status: 200,
      body: { auth_header: 'new', enabled_events: ['charge.failed'] },
    })
    expect(heard.at(-1)?.authorization).toBe('new')
    state.status = 500
    expect(await ask('PATCH', path, input)).toEqual(unreachable)
    expect(await ask('PATCH', '/webhooks/no', input)).toEqual(notFound('Webhook'))
    await ask('DELETE', path)
  })

  it('is refused with what is missing and with each field that is wrong', async () => {
    const missing = ['Url is missing', 'Enabled_events is missing']
    for (const [body, errors] of [
      [undefined, missing],
      ['null', missing],
      [{ url: 'http://a.example' }, missing.slice(1)],
      [{ enabled_events: ['charge.failed'] }, missing.slice(0, 1)],
    ] as const)
      expect(await ask('POST', '/webhooks', body)).toEqual({
        status: 422,
        body: { messages: ['See errors'], error_code: 'VALIDATION_FAILED', errors },
      })
    const wrong = await ask('POST', '/webhooks', {
      url: 'ftp://a.example',
      enabled_events: [],
      auth_header: 'x'.repeat(51),
    })
    expect(wrong.status).toBe(422)
    expect(Object.keys(wrong.body.errors as object).sort()).toEqual(['auth_header', 'enabled_events', 'url'])
  })

  it('gets no delivery whose event or addressee is gone', async () => {
    await makeLink()
    await h.settled()
    const [known] = await database.db.select().from(sandboxDeliveries).limit(1)
    const lost = [
      { eventId: known?.eventId ?? '', url: 'MPB-WH-GONE' },
      { eventId: 'gone', url: known?.url ?? '' },
    ]
    for (const one of lost)
      await database.db.insert(sandboxDeliveries).values({
        ...one,
        provider: 'mamopay',
        nextAttemptAt: new Date(0),
        createdAt: clock.now(),
      })
    h.hooks.length = 0
    await ask('POST', '/subscriptions', { frequency: 'daily' })
    await h.settled()
    const rows = await database.db.select().from(sandboxDeliveries)
    for (const { eventId, url } of lost)
      expect(rows.filter((row) => row.eventId === eventId && row.url === url)).toMatchObject([
        { delivered: false, lastStatus: null, nextAttemptAt: null, attempts: 1 },
      ])
    expect(h.hooks).toEqual([])
  })
})
