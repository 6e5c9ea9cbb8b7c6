import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxObjects } from '../../../db/schema'
import { testClock } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import type { CheckoutRequest } from '../../kit/ports'
import { checkoutOf, type Harness, PAYMENT, startHarness } from './sandbox.harness'

const database = useDatabase()
const clock = testClock()
let h: Harness

beforeAll(async () => {
  h = await startHarness(database.db, clock.now)
})
afterAll(() => h.stop())

const MONTHLY = { frequency: 'MONTHLY', interval: 1, freeTrialDays: 0 } as const
const REFUSED_LATER = '4000 0000 0000 0341'
const ASKS = '4000002760003184'

type Body = Record<string, unknown> & { items: { data: { id: string }[] } }
const read = async (path: string) => (await (await h.api('GET', path)).json()) as Body
const post = async (path: string, fields: Record<string, string>) => {
  const answer = await h.api('POST', path, new URLSearchParams(fields).toString())
  return { status: answer.status, body: (await answer.json()) as Body }
}
const press = async (path: string, fields: Record<string, string> = {}) => {
  const answer = await h.form(path, fields)
  return { status: answer.status, location: answer.headers.get('location'), text: await answer.text() }
}
const open = async (changes: Partial<CheckoutRequest> = {}) => {
  const orderId = randomUUID()
  const { ref, url } = await h.provider.createCheckout(checkoutOf(clock.now(), { orderId, ...changes }))
  return { ref, path: new URL(url).pathname }
}
const subscribed = async (
  more: { freeTrialDays?: number; number?: string; coupon?: string; frequency?: 'MONTHLY' | 'YEARLY' } = {},
) => {
  const { ref, path } = await open({
    recurring: { ...MONTHLY, frequency: more.frequency ?? 'MONTHLY', freeTrialDays: more.freeTrialDays ?? 0 },
    takesCoupons: true,
  })
  await h.form(path, { ...PAYMENT, number: more.number ?? PAYMENT.number, coupon: more.coupon ?? '' })
  const id = (await h.provider.fetchCheckout(ref))?.subscriptionId
  if (id == null) throw new Error('nothing was subscribed to')
  return id
}
const advance = (step: string) => press(`/sandbox/clock/${step}/advance`)
const price = (amount: bigint, frequency: 'MONTHLY' | 'YEARLY' = 'MONTHLY') =>
  h.provider.billing.keepPrice({ title: `Plan ${amount}`, price: { amount, currency: 'USD' }, frequency })
const change = (ref: string, priceRef: string, endTrial = false) =>
  h.provider.billing.changePrice({ ref, priceRef, at: null, endTrial, idempotencyKey: randomUUID() })
const forget = (id: string) => database.db.delete(sandboxObjects).where(eq(sandboxObjects.id, id))
const totals = async (ref: string) => {
  const all = await database.db.query.sandboxObjects.findMany({ where: (row) => eq(row.type, 'invoice') })
  return all
    .map(({ body }) => body as Record<string, unknown>)
    .filter(({ parent }) => JSON.stringify(parent).includes(ref))
    .sort((a, b) => Number(a.created) - Number(b.created))
    .map(({ total }) => total)
}
const portalOf = async (ref: string) => {
  const customerRef = String((await read(`/v1/subscriptions/${ref}`)).customer)
  const url = await h.provider.billing.portalUrl({ customerRef, returnUrl: 'https://app.example/billing' })
  return new URL(url).pathname
}
/** Where the latest invoice of a subscription is paid. */
const invoiceOf = async (ref: string) => {
  const { latest_invoice: id } = await read(`/v1/subscriptions/${ref}`)
  return { id: String(id), path: `/sandbox/invoices/${String(id)}` }
}

describe('the inspector', () => {
  it('says that nothing has happened yet, and that the clock is right', async () => {
    const shown = await h.get('/sandbox')
    for (const words of ['None yet. Buy something', 'None yet. What is paid', 'the real time'])
      expect(shown).toContain(words)
  })

  it.each(['accounts/acct_none/restrict', 'accounts/acct_none/enable', 'transfers/tr_none/reverse'])(
    'knows nothing to do with %s',
    async (path) => {
      expect((await press(`/sandbox/${path}`)).status).toBe(404)
    },
  )

  it.each(['transfers/tr_none/reverse-part', 'faults/none/set', 'dropping/maybe'])(
    'has no switch %s',
    async (path) => {
      expect((await press(`/sandbox/${path}`)).status).toBe(404)
    },
  )

  it('moves the clock by a day, and says what becomes of who does not pay', async () => {
    await advance('day')
    expect(await h.get('/sandbox')).toContain('1 day ahead')
    expect((await press('/sandbox/clock/after-retries/unpaid')).status).toBe(303)
    expect(await h.get('/sandbox')).toContain('becomes unpaid')
    expect((await press('/sandbox/clock/after-retries/cancel')).status).toBe(303)
    expect(await h.get('/sandbox')).toContain('is cancelled')
  })
})

describe('a checkout page', () => {
  it('takes a promotion code, says when there is no such code, and lets it be taken off', async () => {
    const { path, ref } = await open({ recurring: MONTHLY, takesCoupons: true })
    expect(await h.get(path)).toContain('Promotion code')
    const apply = (coupon: string) => press(path, { do: 'apply', coupon, email: 'ann@example.com' })
    expect(await apply('NOPE')).toMatchObject({ status: 422, text: expect.stringContaining('not valid') })
    expect(await apply(' half3 ')).toMatchObject({
      status: 200,
      text: expect.stringContaining('Pay $15.00'),
    })
    expect((await apply('')).text).toContain('Pay $30.00')
    expect((await apply('FIRSTFREE')).text).toContain('Complete order')
    expect((await press(path, { ...PAYMENT, coupon: 'FIRSTFREE' })).status).toBe(303)
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({ state: 'paid', total: { amount: 0n } })
  })

  it('takes no promotion code where none was asked for', async () => {
    const { path } = await open({ recurring: MONTHLY })
    expect(await h.get(path)).not.toContain('Promotion code')
    expect((await press(path, { ...PAYMENT, coupon: 'HALF3' })).status).toBe(422)
  })

  it('lowers nothing of a trial, which is free already', async () => {
    const { path } = await open({ recurring: { ...MONTHLY, freeTrialDays: 1 }, takesCoupons: true })
    const { text } = await press(path, { do: 'apply', coupon: 'HALF3' })
    expect(text).toContain('1 day free, then $30.00 per month. $0.00 due today.')
    expect(text).toContain('Start free trial')
  })

  it('says how often a subscription renews', async () => {
    const { path } = await open({ recurring: { ...MONTHLY, interval: 2 } })
    expect(await h.get(path)).toContain('Renews every 2 months until it is cancelled.')
  })

  it('asks for an address that is none again, and leads nowhere when it was given no way back', async () => {
    const made = await post('/v1/checkout/sessions', {
      mode: 'payment',
      success_url: 'https://app.example/ok',
      'line_items[0][quantity]': '2',
      'line_items[0][price_data][currency]': 'usd',
      'line_items[0][price_data][unit_amount]': '3000',
      'line_items[0][price_data][product_data][name]': 'Two of it',
    })
    const path = `/sandbox/checkout/${String(made.body.id)}`
    const shown = await h.get(path)
    expect(shown).toContain('Pay $60.00')
    expect(shown).not.toMatch(/readonly|Cancel and go back/)
    expect(await press(path, { ...PAYMENT, email: 'ann' })).toMatchObject({
      status: 422,
      text: expect.stringContaining('Enter a valid e-mail address.'),
    })
    expect((await h.api('POST', `/v1/checkout/sessions/${String(made.body.id)}/expire`, '')).status).toBe(200)
    const over = await press(path, PAYMENT)
    expect(over).toMatchObject({ status: 410, text: expect.not.stringContaining('Go back') })
    expect((await press(`${path}/authenticate`, { outcome: 'complete' })).status).toBe(410)
    expect(await h.get(`${path}/authenticate`)).toContain('expired')
  })

  it('lets a customer without an address type one', async () => {
    const { body: customer } = await post('/v1/customers', { name: 'Ann' })
    const { path } = await open({ customerRef: String(customer.id), email: 'ann@example.com' })
    expect(await h.get(path)).not.toContain('readonly')
    expect((await press(path, PAYMENT)).status).toBe(303)
  })

  it('of nobody is not there', async () => {
    for (const path of ['/sandbox/checkout/cs_none', '/sandbox/checkout/cs_none/authenticate']) {
      expect(await h.get(path)).toContain('There is nothing here')
      expect((await press(path, PAYMENT)).status).toBe(404)
    }
  })

  it('does not show the bank’s step to who has not come to it', async () => {
    const { path } = await open()
    const answer = await fetch(`${h.appUrl}${path}/authenticate`, { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, path])
  })

  it.each([0, 7])('has the bank’s step before a subscription with %d days free', async (freeTrialDays) => {
    const { path, ref } = await open({ recurring: { ...MONTHLY, freeTrialDays } })
    const start = () => press(path, { ...PAYMENT, number: ASKS })
    expect(await start()).toMatchObject({ status: 303, location: `${path}/authenticate` })
    expect((await press(`${path}/authenticate`, { outcome: 'fail' })).status).toBe(422)
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({ state: 'open', subscriptionId: null })
    await start()
    expect((await press(`${path}/authenticate`, { outcome: 'complete' })).location).toContain(ref)
    expect(await h.get(`${path}/authenticate`)).toContain('This checkout is complete')
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({
      state: 'paid',
      subscriptionId: expect.any(String),
    })
  })

  it('takes what belongs together only', async () => {
    const line = (at: number, currency: string) => ({
      [`line_items[${at}][price_data][currency]`]: currency,
      [`line_items[${at}][price_data][unit_amount]`]: '3000',
      [`line_items[${at}][price_data][product_data][name]`]: 'A workspace',
    })
    const fields = { mode: 'payment', success_url: 'https://app.example/ok' }
    const mixed = await post('/v1/checkout/sessions', { ...fields, ...line(0, 'usd'), ...line(1, 'eur') })
    expect(mixed).toMatchObject({ status: 400, body: { error: { param: 'line_items' } } })
    const once = await post('/v1/prices', {
      currency: 'usd',
      unit_amount: '900',
      'product_data[name]': 'Once',
    })
    const bought = await post('/v1/checkout/sessions', {
      ...fields,
      'line_items[0][price]': String(once.body.id),
      'line_items[0][quantity]': '1',
    })
    expect(bought.body).toMatchObject({ amount_total: 900, mode: 'payment' })
    const rhythm = { 'line_items[0][price_data][recurring][interval]': 'week' }
    const weekly = await post('/v1/checkout/sessions', {
      ...fields,
      ...line(0, 'usd'),
      ...rhythm,
      mode: 'subscription',
    })
    expect(await h.get(`/sandbox/checkout/${String(weekly.body.id)}`)).toContain('$30.00 per week')
  })
})

describe('a promotion code', () => {
  it.each([
    ['WELCOME20', 0, [2400, 3000, 3000, 3000]],
    ['HALF3', 0, [1500, 1500, 1500, 3000]],
    ['TENOFF', 0, [2700, 2700, 2700, 2700]],
    ['WELCOME20', 2, [0, 2400, 3000, 3000]],
  ])(
    '%s with %d days free lowers as many payments as it says',
    async (coupon, freeTrialDays, expected) => {
      const ref = await subscribed({ coupon, freeTrialDays })
      for (let month = 0; month < 4; month += 1) await advance('month')
      expect((await totals(ref)).slice(0, 4)).toEqual(expected)
    },
    30_000,
  )
})

describe('the customer’s page', () => {
  it('of somebody who has nothing says so, and leads nowhere', async () => {
    const { body: customer } = await post('/v1/customers', { name: 'Ann' })
    const { body } = await post('/v1/billing_portal/sessions', { customer: String(customer.id) })
    const portal = new URL(String(body.url)).pathname
    const shown = await h.get(portal)
    expect(shown.match(/There are none\./g)).toHaveLength(2)
    expect(shown).not.toContain('Go back')
    expect((await press(`${portal}/card`, PAYMENT)).status).toBe(303)
    expect((await press(`${portal}/subscriptions/sub_none/resume`)).status).toBe(404)
    expect(await h.get('/sandbox/portal/bps_none')).toContain('There is nothing here')
    expect((await press('/sandbox/portal/bps_none/subscriptions/sub_none/cancel')).status).toBe(404)
    expect(await h.get('/sandbox/invoices/in_none')).toContain('There is nothing here')
  })

  it('tells a trial, what renews and what ends apart', async () => {
    const ref = await subscribed({ freeTrialDays: 9 })
    const portal = await portalOf(ref)
    expect(await h.get(portal)).toContain('Trial until on')
    expect((await press(`${portal}/subscriptions/${ref}/cancel`)).location).toBe(portal)
    const ending = await h.get(portal)
    expect(ending).toContain('Ends on')
    expect(ending).toContain('Go on with it')
    await press(`${portal}/subscriptions/${ref}/resume`)
    await advance('month')
    const renewing = await h.get(portal)
    expect(renewing).toContain('Renews on')
    expect(renewing).toContain('Cancel at the end of the period')
    expect(renewing).toContain('href="https://app.example/billing"')
  })

  it('takes another card, which pays from then on', async () => {
    const ref = await subscribed({ freeTrialDays: 3, number: REFUSED_LATER })
    const portal = await portalOf(ref)
    expect(await press(`${portal}/card`, { ...PAYMENT, cvc: '1' })).toMatchObject({
      status: 422,
      text: expect.stringContaining('security code is invalid'),
    })
    expect((await press(`${portal}/card`, PAYMENT)).location).toBe(portal)
    await advance('week')
    expect(await h.provider.fetchSubscription(ref)).toMatchObject({ status: 'ACTIVE' })
    expect(await totals(ref)).toEqual([0, 3000])
  })
})

describe('an invoice that could not be charged', () => {
  const failed = async () => {
    const ref = await subscribed({ freeTrialDays: 3, number: REFUSED_LATER })
    await advance('week')
    return { ref, ...(await invoiceOf(ref)) }
  }

  it('is paid by hand, also at the bank’s step, and the subscription goes on', async () => {
    const { ref, path } = await failed()
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'past_due' })
    expect(await h.provider.billing.openInvoiceUrl(ref)).toContain(path)
    expect(await h.get(path)).toContain('$30.00')
    const pay = (changes: Record<string, string>) => press(path, { ...PAYMENT, ...changes })
    expect(await pay({ expiry: '13/34' })).toMatchObject({
      status: 422,
      text: expect.stringContaining('expiration date is invalid'),
    })
    expect(await pay({ number: '4000000000000002' })).toMatchObject({
      status: 422,
      text: expect.stringContaining('Your card was declined.'),
    })
    expect(await pay({ number: ASKS })).toMatchObject({
      status: 200,
      text: expect.stringContaining('Complete authentication'),
    })
    expect(await pay({ number: ASKS, outcome: 'complete' })).toMatchObject({ status: 303, location: path })
    expect(await h.get(path)).toContain('$30.00 of $30.00 was paid by card.')
    expect((await pay({})).location).toBe(path)
    expect(await h.provider.fetchSubscription(ref)).toMatchObject({ status: 'ACTIVE' })
    expect(await h.provider.billing.openInvoiceUrl(ref)).toBeNull()
  })

  it('ends the subscription after its last try; paid later it stays ended', async () => {
    const { ref, path } = await failed()
    const portal = await portalOf(ref)
    for (let week = 0; week < 3; week += 1) await advance('week')
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({
      status: 'canceled',
      cancellation_details: { reason: 'payment_failed' },
    })
    expect(await h.get(portal)).toContain('There are none.')
    expect((await press(path, PAYMENT)).status).toBe(303)
    expect(await h.get(path)).toContain('is paid')
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'canceled' })
    await expect(h.provider.billing.cancelNow(ref)).resolves.toBeUndefined()
  })

  it('leaves the subscription unpaid where that was chosen, until it is paid', async () => {
    await press('/sandbox/clock/after-retries/unpaid')
    const { ref, path } = await failed()
    for (let week = 0; week < 3; week += 1) await advance('week')
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'unpaid' })
    await press(path, PAYMENT)
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'active' })
    await press('/sandbox/clock/after-retries/cancel')
  })

  it('that asks for the bank’s step is not paid while nobody is there', async () => {
    const ref = await subscribed({ freeTrialDays: 3 })
    expect((await press(`${await portalOf(ref)}/card`, { ...PAYMENT, number: ASKS })).status).toBe(303)
    await advance('week')
    await h.until('invoice.payment_action_required')
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'past_due' })
  })

  it('is made and paid though its customer and their card were forgotten', async () => {
    const ref = await subscribed()
    const { default_payment_method: method, customer } = await read(`/v1/subscriptions/${ref}`)
    for (const id of [String(method), `${String(method)}:card`, String(customer)]) await forget(id)
    await advance('month')
    const { id } = await invoiceOf(ref)
    expect(await read(`/v1/invoices/${id}`)).toMatchObject({
      status: 'paid',
      number: 'SANDBOX-0002',
      customer_email: '',
    })
  })
})

describe('a change of price', () => {
  it('leaves credit when it is cheaper, and the next invoice is paid from it', async () => {
    const ref = await subscribed({ frequency: 'YEARLY' })
    const priceRef = await price(500n)
    const preview = await h.provider.billing.previewChange({ ref, priceRef, at: null, endTrial: false })
    expect(preview).toMatchObject({ due: { amount: 0n }, credit: { currency: 'USD' } })
    expect(preview.credit.amount).toBeGreaterThan(2_000n)
    expect(await change(ref, priceRef)).toEqual({ payUrl: null })
    const customer = String((await read(`/v1/subscriptions/${ref}`)).customer)
    const before = Number((await read(`/v1/customers/${customer}`)).balance)
    expect(before).toBeLessThan(-2_000)
    await advance('month')
    await advance('day')
    expect((await read(`/v1/customers/${customer}`)).balance).toBe(before + 500)
    expect(await read(`/v1/invoices/${(await invoiceOf(ref)).id}`)).toMatchObject({
      status: 'paid',
      amount_due: 0,
    })
  })

  it('during a trial costs nothing, or ends it and is paid', async () => {
    const ref = await subscribed({ freeTrialDays: 9 })
    const { latest_invoice: first } = await read(`/v1/subscriptions/${ref}`)
    await change(ref, await price(5_000n))
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({
      status: 'trialing',
      latest_invoice: first,
    })
    await change(ref, await price(6_000n), true)
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'active' })
    expect((await totals(ref)).toSorted()).toEqual([0, 6000])
  })

  it('waits for its payment, gives way to another, and is made when that is paid', async () => {
    const ref = await subscribed({ freeTrialDays: 9, number: REFUSED_LATER })
    const first = await change(ref, await price(5_000n), true)
    const path = new URL(String(first.payUrl)).pathname
    const second = await change(ref, await price(6_000n), true)
    expect(await h.get(path)).toContain('is void')
    expect(await h.provider.billing.openInvoiceUrl(ref)).toBe(second.payUrl)
    expect((await press(new URL(String(second.payUrl)).pathname, PAYMENT)).status).toBe(303)
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'active', pending_update: null })
    expect(await h.provider.billing.nextPayment(ref)).toMatchObject({ due: { amount: 6_000n } })
  })

  it('that nobody pays within a day is not made', async () => {
    const ref = await subscribed({ freeTrialDays: 9, number: REFUSED_LATER })
    const { payUrl } = await change(ref, await price(5_000n), true)
    await advance('day')
    expect(await read(`/v1/subscriptions/${ref}`)).toMatchObject({ status: 'trialing', pending_update: null })
    expect(await h.get(new URL(String(payUrl)).pathname)).toContain('is void')
  })

  it('is refused for what cannot be subscribed to', async () => {
    const ref = await subscribed()
    const item = String((await read(`/v1/subscriptions/${ref}`)).items.data[0]?.id)
    const path = `/v1/subscriptions/${ref}`
    const once = await post('/v1/prices', {
      currency: 'usd',
      unit_amount: '900',
      'product_data[name]': 'Once',
    })
    const inactive = await price(9_900n)
    const body = { ...(await read(`/v1/prices/${inactive}`)), active: false }
    await database.db.update(sandboxObjects).set({ body }).where(eq(sandboxObjects.id, inactive))
    const good = await price(5_000n)
    const whole = { proration_behavior: 'always_invoice' }
    for (const [fields, param] of [
      [{ ...whole, 'items[0][id]': item, 'items[0][price]': String(once.body.id) }, 'items[0][price]'],
      [{ ...whole, 'items[0][id]': item, 'items[0][price]': inactive }, 'items[0][price]'],
      [{ ...whole, 'items[0][price]': good }, 'items[0][id]'],
      [{ ...whole, 'items[0][price]': good, 'items[1][price]': good }, 'items'],
      [{ 'items[0][id]': item, 'items[0][price]': good }, 'proration_behavior'],
    ] as [Record<string, string>, string][])
      expect(await post(path, fields)).toMatchObject({ status: 400, body: { error: { param } } })
    expect((await post(path, { 'metadata[team]': 'a' })).body).toMatchObject({
      metadata: { team: 'a', userId: 'u1' },
    })
  })
})
