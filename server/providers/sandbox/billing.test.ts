import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testClock } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { createStripeProvider } from '../stripe'
import { checkoutOf, type Harness, PAYMENT, startHarness } from './sandbox.harness'

const database = useDatabase()
const clock = testClock()
let h: Harness

beforeAll(async () => {
  h = await startHarness(database.db, clock.now)
})
afterAll(() => h.stop())

const MONTHLY = { frequency: 'MONTHLY', interval: 1, freeTrialDays: 0 } as const
/** A monthly subscription over 30.00 USD, its first month paid. */
const subscribed = async (more: { freeTrialDays?: number; number?: string } = {}) => {
  const recurring = { ...MONTHLY, freeTrialDays: more.freeTrialDays ?? 0 }
  const orderId = randomUUID()
  const { ref, url } = await h.provider.createCheckout(checkoutOf(clock.now(), { orderId, recurring }))
  await h.form(new URL(url).pathname, { ...PAYMENT, number: more.number ?? PAYMENT.number })
  const checkout = await h.provider.fetchCheckout(ref)
  if (checkout?.subscriptionId == null) throw new Error('nothing was subscribed to')
  return checkout.subscriptionId
}
const read = async (path: string) =>
  (await (await h.api('GET', path)).json()) as Record<string, unknown> & { items: { data: { id: string }[] } }
const refusal = async (method: string, path: string, body?: string) => {
  const answer = await h.api(method, path, body)
  const { error } = (await answer.json()) as { error: { code?: string; param?: string; type: string } }
  return { status: answer.status, code: error.code, param: error.param, type: error.type }
}
const price = (amount: bigint, currency = 'USD', frequency: 'MONTHLY' | 'YEARLY' = 'MONTHLY') =>
  h.provider.billing.keepPrice({ title: `Plan ${amount}`, price: { amount, currency }, frequency })
const items = async (ref: string, priceRef: string) => {
  const { items } = await read(`/v1/subscriptions/${ref}`)
  return `items[0][id]=${items.data[0]?.id}&items[0][price]=${priceRef}&proration_behavior=always_invoice`
}

describe('a change of a subscription', () => {
  it('is refused where the real interface refuses it', async () => {
    const ref = await subscribed()
    const path = `/v1/subscriptions/${ref}`
    const good = await items(ref, await price(5_000n))
    for (const [body, expected] of [
      ['plan=price_1', { status: 400, code: 'parameter_unknown', param: 'plan' }],
      ['proration_behavior=sometimes', { status: 400, param: 'proration_behavior' }],
      [good.replace(/items\[0\]\[id\]=[^&]*/, 'items[0][id]=si_none'), { code: 'resource_missing' }],
      [await items(ref, 'price_none'), { status: 400, code: 'resource_missing', param: 'items[0][price]' }],
      [await items(ref, await price(5_000n, 'EUR')), { status: 400, param: 'items[0][price]' }],
      [`${good}&proration_date=1`, { status: 400, param: 'proration_date' }],
      [`${good}&payment_behavior=pending_if_incomplete&metadata[a]=b`, { status: 400, param: 'metadata' }],
    ] as const)
      expect([body, await refusal('POST', path, body)]).toMatchObject([body, expected])
    expect(await refusal('POST', '/v1/subscriptions/sub_none', 'cancel_at_period_end=true')).toMatchObject({
      status: 404,
      code: 'resource_missing',
    })
    expect(await refusal('POST', '/v1/billing_portal/sessions', 'customer=cus_none')).toMatchObject({
      status: 404,
    })
    expect(await h.provider.fetchSubscription(ref)).toMatchObject({ status: 'ACTIVE' })
  })

  it('that the bank declines changes nothing where it was asked to be whole', async () => {
    const ref = await subscribed({ freeTrialDays: 5, number: '4000 0000 0000 0341' })
    const body = `${await items(ref, await price(5_000n))}&trial_end=now`
    expect(
      await refusal('POST', `/v1/subscriptions/${ref}`, `${body}&payment_behavior=error_if_incomplete`),
    ).toEqual({ status: 402, code: 'card_declined', param: undefined, type: 'card_error' })
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'trialing', pending_update: null })
  })

  it('done once is not done again when its answer was lost', async () => {
    const ref = await subscribed()
    const priceRef = await price(6_000n)
    const change = { ref, priceRef, at: null, endTrial: false }
    await h.provider.billing.changePrice({ ...change, idempotencyKey: randomUUID() })
    const { latest_invoice: invoice } = await read(`/v1/subscriptions/${ref}`)
    expect(await h.provider.billing.changePrice({ ...change, idempotencyKey: randomUUID() })).toEqual({
      payUrl: null,
    })
    expect((await read(`/v1/subscriptions/${ref}`)).latest_invoice).toBe(invoice)
  })
})

describe('a price', () => {
  it('of the same terms is made once', async () => {
    expect(await price(7_000n)).toBe(await price(7_000n))
    expect(await price(7_000n)).not.toBe(await price(7_000n, 'USD', 'YEARLY'))
    const known = await h.provider.billing.fetchPrice(await price(7_000n, 'USD', 'YEARLY'))
    expect(known).toMatchObject({
      price: { amount: 7_000n, currency: 'USD' },
      frequency: 'YEARLY',
      active: true,
    })
    expect(await h.provider.billing.fetchPrice('price_none')).toBeNull()
    const taken = `currency=usd&unit_amount=1&product_data[name]=x&lookup_key=`
    const { lookup_key: key } = await read(`/v1/prices/${await price(7_000n)}`)
    expect(await refusal('POST', '/v1/prices', `${taken}${key}`)).toMatchObject({ param: 'lookup_key' })
  })

  it('that is kept can be checked out, and one that is not cannot', async () => {
    const priceRef = await price(4_500n)
    const request = checkoutOf(clock.now(), { recurring: MONTHLY, priceRef, takesCoupons: true })
    const { ref } = await h.provider.createCheckout(request)
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({ total: { amount: 4_500n } })
    await expect(
      h.provider.createCheckout(
        checkoutOf(clock.now(), { orderId: randomUUID(), recurring: MONTHLY, priceRef: 'price_none' }),
      ),
    ).rejects.toMatchObject({ status: 422 })
  })
})

describe('the clock of subscriptions', () => {
  it('moved over a year charges each month in its order, from the same day', async () => {
    const ref = await subscribed()
    const before = (await read(`/v1/subscriptions/${ref}`)).items.data[0] as unknown as Record<string, number>
    expect((await h.form('/sandbox/clock/year/advance', {})).status).toBe(303)
    const invoices = await database.db.query.sandboxObjects.findMany({
      where: (row, { and, eq, sql }) =>
        and(
          eq(row.type, 'invoice'),
          sql`${row.body} -> 'parent' -> 'subscription_details' ->> 'subscription' = ${ref}`,
        ),
    })
    expect(invoices).toHaveLength(13)
    expect(new Set(invoices.map(({ body }) => body.status))).toEqual(new Set(['paid']))
    const now = (await h.provider.fetchSubscription(ref))?.currentPeriodEnd
    const first = new Date(Number(before.current_period_end) * 1000)
    expect(now?.getUTCDate()).toBe(first.getUTCDate())
    expect(await h.provider.billing.nextPayment(ref)).toMatchObject({ due: { amount: 3_000n }, at: now })
  }, 30_000)

  it('takes no step it does not know, and says where it stands', async () => {
    expect((await h.form('/sandbox/clock/century/advance', {})).status).toBe(404)
    expect((await h.form('/sandbox/clock/after-retries/shrug', {})).status).toBe(404)
    expect(await h.get('/sandbox')).toMatch(/\d+ days ahead/)
  })

  it('moved by two at once moves twice', async () => {
    const ahead = async () => Number(/(\d+) days ahead/.exec(await h.get('/sandbox'))?.[1])
    const before = await ahead()
    await Promise.all([h.form('/sandbox/clock/week/advance', {}), h.form('/sandbox/clock/week/advance', {})])
    expect(await ahead()).toBe(before + 14)
  })
})

describe('the customer’s page', () => {
  const portalOf = async (ref: string) => {
    const { customer } = await read(`/v1/subscriptions/${ref}`)
    const url = await h.provider.billing.portalUrl({
      customerRef: String(customer),
      returnUrl: 'https://app.example/billing',
    })
    return new URL(url).pathname
  }

  it('ends a subscription with its period, and lets it go on', async () => {
    const ref = await subscribed()
    const portal = await portalOf(ref)
    expect(await h.get(portal)).toContain('$30.00 per month')
    await h.form(`${portal}/subscriptions/${ref}/cancel`, {})
    expect(await h.provider.fetchSubscription(ref)).toMatchObject({ cancelAtPeriodEnd: true })
    expect(await h.provider.billing.nextPayment(ref)).toBeNull()
    await h.form(`${portal}/subscriptions/${ref}/resume`, {})
    expect(await h.provider.fetchSubscription(ref)).toMatchObject({ cancelAtPeriodEnd: false })
  })

  it('changes nothing of somebody else’s, and takes no card that is none', async () => {
    const ref = await subscribed()
    const portal = await portalOf(ref)
    expect((await h.form(`${portal}/subscriptions/${await subscribed()}/cancel`, {})).status).toBe(404)
    expect((await h.form(`${portal}x/card`, PAYMENT)).status).toBe(404)
    expect((await h.form(`${portal}/card`, { ...PAYMENT, number: '1234 5678 9012 3456' })).status).toBe(422)
    expect((await h.form('/sandbox/invoices/in_none', PAYMENT)).status).toBe(404)
  })
})

it('prices of the settings are those of the provider they were given to', () => {
  const provider = createStripeProvider({
    secretKey: 'sk_test_1',
    webhookSecrets: [],
    apiBase: h.sandbox.apiBase,
    mode: 'sandbox',
    planPrices: { AGENCY_YEARLY: 'price_1' },
  })
  expect(provider.billing.planPrices).toEqual({ AGENCY_YEARLY: 'price_1' })
})
