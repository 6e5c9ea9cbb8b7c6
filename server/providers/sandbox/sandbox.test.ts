import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { and, eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sandboxDeliveries, sandboxObjects } from '../../../db/schema'
import { testClock } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import type { CheckoutRequest } from '../../kit/ports'
import { checkoutOf, type Harness, PAYMENT, startHarness } from './sandbox.harness'

const database = useDatabase()
const clock = testClock()
const all: Record<string, unknown>[] = []
let h: Harness

beforeAll(async () => {
  h = await startHarness(database.db, clock.now)
})
afterAll(() => h.stop())
beforeEach(async () => {
  await settled()
  all.push(...h.received.map(({ object }) => object))
  h.received.length = 0
})

const open = async (changes: Partial<CheckoutRequest> = {}) => {
  const checkout = await h.provider.createCheckout(checkoutOf(clock.now(), changes))
  return { ...checkout, path: `/sandbox/checkout/${checkout.ref}` }
}
/** Every event has been taken. */
const settled = () =>
  expect
    .poll(
      async () => {
        const waiting = eq(sandboxDeliveries.delivered, false)
        return (await database.db.select().from(sandboxDeliveries).where(waiting)).length
      },
      { timeout: 20_000 },
    )
    .toBe(0)
const monthly = { frequency: 'MONTHLY', interval: 1, freeTrialDays: 0 } as const

describe('a purchase', () => {
  test('is paid on the hosted page, told by signed events and read back with its fee', async () => {
    const { ref, url, path } = await open()
    expect(url).toBe(`${h.appUrl}${path}`)
    const shown = await h.get(path)
    expect(shown).toContain('Pay $30.00')
    expect(shown).toContain('Workspace &lt;b&gt;Acme&lt;/b&gt;')
    expect(shown).toContain('href="https://app.example/no"')
    expect(shown).not.toMatch(/<script/)
    const paid = await h.form(path, PAYMENT)
    expect([paid.status, paid.headers.get('location')]).toEqual([
      303,
      `https://app.example/ok?session_id=${ref}`,
    ])
    const completed = await h.until('checkout.session.completed')
    await h.until('charge.succeeded')
    await h.until('payment_intent.succeeded')
    expect(completed.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(completed.event).toMatchObject({
      outcome: 'completed',
      checkout: { ref, orderId: 'order-1', state: 'paid', total: { amount: 3000n, currency: 'USD' } },
    })
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({
      state: 'paid',
      paymentIntentId: expect.stringMatching(/^pi_/),
      chargeId: expect.stringMatching(/^ch_/),
      fee: 117n,
      payerEmail: 'ann@example.com',
      cardFingerprint: expect.stringMatching(/^SANDBOX./),
      customerRef: null,
    })
    expect(await h.get(path)).toContain('complete')
  })

  test('that is sent twice at once is paid once', async () => {
    const { path, ref } = await open()
    const both = await Promise.all([h.form(path, PAYMENT), h.form(path, PAYMENT), h.form(path, PAYMENT)])
    expect(both.map(({ status }) => status).filter((status) => status !== 303 && status !== 200)).toEqual([])
    await h.until('checkout.session.completed')
    const intent = (await h.provider.fetchCheckout(ref))?.paymentIntentId ?? ''
    const charges = await database.db
      .select()
      .from(sandboxObjects)
      .where(
        and(eq(sandboxObjects.type, 'charge'), sql`${sandboxObjects.body} ->> 'payment_intent' = ${intent}`),
      )
    expect(charges).toHaveLength(1)
  })

  test.each([
    ['4000000000000002', 'Your card was declined.'],
    ['4000000000009995', 'Your card has insufficient funds.'],
    ['4000000000000069', 'Your card has expired.'],
    ['4000000000000127', 'security code is incorrect'],
    ['4111111111111111', 'test card numbers'],
  ])('with %s is declined, says so, and may be tried again', async (number, message) => {
    const { path, ref } = await open()
    const answer = await h.form(path, { ...PAYMENT, number })
    const text = await answer.text()
    expect(answer.status).toBe(422)
    expect(text.replaceAll('&#39;', "'")).toContain(message)
    expect(text).not.toContain(number)
    const failed = await h.until('payment_intent.payment_failed')
    await h.until('charge.failed')
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({ state: 'open' })
    expect((await h.form(path, PAYMENT)).status).toBe(303)
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({
      state: 'paid',
      paymentIntentId: failed.object.id,
    })
    await h.until('checkout.session.completed')
  })

  test.each([
    [{ number: '4242424242424241' }, 'card number is invalid'],
    [{ number: 'x' }, 'card number is invalid'],
    [{ expiry: '13/34' }, 'expiration date is invalid'],
    [{ expiry: '10/26' }, 'in the past'],
    [{ cvc: '12' }, 'security code is invalid'],
  ])('that is filled in wrongly (%o) says what is wrong, and nothing happens', async (changes, message) => {
    const { path, ref } = await open()
    const answer = await h.form(path, { ...PAYMENT, ...changes })
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining(message)])
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({ state: 'open', paymentIntentId: null })
  })

  test('may need a 3-D Secure step, which can fail and then succeed', async () => {
    const { path, ref } = await open()
    const start = () => h.form(path, { ...PAYMENT, number: '4000002760003184' })
    expect((await start()).headers.get('location')).toBe(`${path}/authenticate`)
    expect(await h.get(`${path}/authenticate`)).toContain('Complete authentication')
    const failed = await h.form(`${path}/authenticate`, { outcome: 'fail' })
    expect([failed.status, await failed.text()]).toEqual([
      422,
      expect.stringContaining('unable to authenticate'),
    ])
    expect((await h.form(`${path}/authenticate`, { outcome: 'complete' })).headers.get('location')).toBe(path)
    await start()
    const done = await h.form(`${path}/authenticate`, { outcome: 'complete' })
    expect(done.headers.get('location')).toContain(ref)
    await h.until('payment_intent.requires_action', 2)
    await h.until('checkout.session.completed')
  })

  test('of nothing needs no card', async () => {
    const { path, ref } = await open({ price: { amount: 0n, currency: 'USD' } })
    expect(await h.get(path)).toContain('Complete order')
    expect((await h.form(path, { email: 'ann@example.com' })).status).toBe(303)
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({
      state: 'paid',
      total: { amount: 0n },
      chargeId: null,
    })
    await h.until('checkout.session.completed')
  })

  test('is over when its time is, and says so', async () => {
    const { path, ref } = await open()
    clock.advance(3_600_000)
    expect(await h.get(path)).toContain('expired')
    expect((await h.form(path, PAYMENT)).status).toBe(410)
    await settled()
    expect(h.received.map(({ event }) => event)).toContainEqual(
      expect.objectContaining({
        outcome: 'expired',
        checkout: expect.objectContaining({ ref, state: 'expired' }),
      }),
    )
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({ state: 'expired' })
  })

  test('is given back in parts and then no more', async () => {
    const { path, ref } = await open({ price: { amount: 45n, currency: 'ISK' } })
    await h.form(path, PAYMENT)
    const paymentIntentId = (await h.provider.fetchCheckout(ref))?.paymentIntentId ?? ''
    const give = (amount: bigint, key: string) =>
      h.provider.refund({
        paymentIntentId,
        amount: { amount, currency: 'ISK' },
        idempotencyKey: `${ref}${key}`,
      })
    const first = await give(20n, 'a')
    expect(await give(20n, 'a')).toEqual(first)
    expect((await h.until('charge.refunded')).object).toMatchObject({
      amount_refunded: 2000,
      refunded: false,
    })
    await expect(give(26n, 'b')).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' })
    await give(25n, 'c')
    expect((await h.until('charge.refunded', 2)).object).toMatchObject({
      amount_refunded: 4500,
      refunded: true,
    })
    await expect(give(1n, 'd')).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' })
    await h.until('refund.created', 2)
  })

  test('can be refunded, fail to be, and be disputed from the inspector', async () => {
    const { path, ref } = await open()
    await h.form(path, PAYMENT)
    const chargeId = (await h.provider.fetchCheckout(ref))?.chargeId ?? ''
    const name = { chargeId, paymentIntentId: null }
    const press = async (action: string) => (await h.form(`/sandbox/${action}`, {})).status
    expect(await h.get('/sandbox')).toContain(`/sandbox/charges/${chargeId}/refund`)
    expect(await press(`charges/${chargeId}/refund`)).toBe(303)
    expect(await press(`charges/${chargeId}/refund`)).toBe(422)
    const [made] = (await h.provider.fetchRefunds(name)) ?? []
    expect(made).toMatchObject({ status: 'succeeded', amount: { amount: 3000n } })
    expect(await h.get('/sandbox')).toContain('Let the refund fail')
    const both = await Promise.all([1, 2].map(() => press(`refunds/${made?.ref}/fail`)))
    expect(both.sort()).toEqual([303, 422])
    expect((await h.until('refund.failed')).event).toMatchObject({
      kind: 'refund',
      chargeId,
      refunds: [{ ref: made?.ref, status: 'failed' }],
    })
    expect(await h.provider.fetchRefunds(name)).toMatchObject([{ status: 'failed' }])

    for (const outcome of ['won', 'lost'] as const) {
      expect(await press(`charges/${chargeId}/dispute`)).toBe(303)
      expect(await press(`charges/${chargeId}/dispute`)).toBe(422)
      expect(await press(`charges/${chargeId}/refund`)).toBe(422)
      expect(await h.get('/sandbox')).toContain('needs_response')
      const created = outcome === 'won' ? 1 : 2
      const { event } = await h.until('charge.dispute.created', created)
      if (event.kind !== 'dispute') throw new Error('no dispute')
      const id = event.dispute.ref
      expect(event).toMatchObject({ chargeId, dispute: { state: 'open', amount: { amount: 3000n } } })
      expect(await press(`disputes/${id}/${outcome}`)).toBe(303)
      expect(await press(`disputes/${id}/lost`)).toBe(422)
      expect(await h.provider.fetchDispute(id)).toMatchObject({ ref: id, state: outcome })
      expect((await h.until('charge.dispute.closed', created)).event).toMatchObject({
        dispute: { state: outcome },
      })
    }
    await h.until('charge.dispute.funds_reinstated')
    for (const action of [
      'charges/ch_no/refund',
      'charges/ch_no/dispute',
      'disputes/no/won',
      'refunds/no/fail',
    ])
      expect(await press(action)).toBe(404)
    expect(await h.provider.fetchDispute('du_no')).toBeNull()
    expect(await h.provider.fetchRefunds({ chargeId: null, paymentIntentId: null })).toBeNull()
  })
})

describe('a subscription', () => {
  test('is paid, and its invoice and checkout tell of it in both ways', async () => {
    const { ref: customerRef } = await h.provider.createCustomer({
      email: 'bob@example.com',
      name: 'Bob',
      idempotencyKey: 'customer-bob',
    })
    const { path, ref } = await open({ recurring: monthly, customerRef })
    const shown = await h.get(path)
    expect(shown).toContain('$30.00 per month')
    expect(shown).toContain('value="bob@example.com" readonly')
    await h.form(path, PAYMENT)
    const invoice = await h.until('invoice.paid')
    expect(invoice.event).toMatchObject({
      invoice: { orderId: 'order-1', reason: 'first', paid: true, captured: 3000n, customerRef },
    })
    expect((await h.until('invoice.payment_succeeded')).object.id).toBe(invoice.object.id)
    for (const type of ['invoice.created', 'invoice.finalized', 'invoice_payment.paid']) await h.until(type)
    await h.until('checkout.session.completed')
    const subscription = await h.until('customer.subscription.created')
    expect(subscription.event).toMatchObject({
      subscription: { orderId: 'order-1', status: 'ACTIVE', currentPeriodEnd: expect.any(Date) },
    })
    expect(await h.provider.fetchSubscription(String(subscription.object.id))).toMatchObject({
      status: 'ACTIVE',
    })
    expect(await h.provider.fetchCheckout(ref)).toMatchObject({
      state: 'paid',
      fee: 117n,
      customerRef,
      invoiceId: invoice.object.id,
      subscriptionId: subscription.object.id,
      paymentIntentId: expect.stringMatching(/^pi_/),
      chargeId: expect.stringMatching(/^ch_/),
      payerEmail: 'bob@example.com',
    })
  })

  test('with a trial takes a card and no money', async () => {
    const { path, ref } = await open({ recurring: { ...monthly, freeTrialDays: 14 } })
    expect(await h.get(path)).toContain('14 days free, then $30.00 per month. $0.00 due today.')
    expect((await h.form(path, { ...PAYMENT, number: '4000000000000002' })).status).toBe(422)
    await h.form(path, PAYMENT)
    expect((await h.until('customer.subscription.created')).event).toMatchObject({
      subscription: {
        status: 'TRIALING',
        currentPeriodEnd: new Date(clock.now().getTime() + 14 * 86_400_000),
      },
    })
    expect((await h.until('invoice.paid')).event).toMatchObject({ invoice: { paid: true, captured: 0n } })
    expect((await h.until('checkout.session.completed')).event).toMatchObject({
      checkout: { ref, state: 'paid', total: { amount: 0n }, paymentIntentId: null },
    })
    expect(h.received.map(({ type }) => type)).not.toContain('charge.succeeded')
  })
})

describe('an event', () => {
  test('is sent until it is taken, redirects not followed, and again when asked', async () => {
    const { path } = await open({ price: { amount: 0n, currency: 'USD' } })
    h.answers.push(503, 302)
    await h.form(path, { email: 'ann@example.com' })
    const { body } = await h.until('checkout.session.completed')
    const { id } = JSON.parse(body) as { id: string }
    const rows = () => database.db.select().from(sandboxDeliveries).where(eq(sandboxDeliveries.eventId, id))
    await expect.poll(async () => (await rows())[0]?.delivered).toBe(true)
    expect(await rows()).toMatchObject([{ attempts: 3, lastStatus: 200, nextAttemptAt: null }])
    const inspector = await h.get('/sandbox')
    expect(inspector).toContain('delivered (answered 200, 3 attempts)')
    expect((await h.form(`/sandbox/events/${id}/send`, {})).status).toBe(303)
    expect((await h.until('checkout.session.completed', 2)).body).toBe(body)
    expect((await h.form('/sandbox/events/evt_none/send', {})).status).toBe(404)
  })

  test('is sent by one of two processes only', async () => {
    const other = await startHarness(database.db, clock.now)
    try {
      const paths = await Promise.all([open(), open(), open()])
      await Promise.all(paths.map(({ path }) => h.form(path, PAYMENT)))
      await settled()
      const ids = [...h.received, ...other.received].map(
        ({ body }) => (JSON.parse(body) as { id: string }).id,
      )
      expect(new Set(ids).size).toBe(ids.length)
    } finally {
      await other.stop()
    }
  })
})

test('an unknown checkout is not there', async () => {
  expect(await h.get('/sandbox/checkout/cs_test_none')).toContain('There is nothing here')
  expect((await h.form('/sandbox/checkout/cs_test_none', PAYMENT)).status).toBe(404)
  expect(await h.provider.fetchCheckout('cs_test_none')).toBeNull()
})

const folderOfSamples: unknown = import.meta.env.SAMPLES_DIR
const samples = typeof folderOfSamples === 'string' ? join(folderOfSamples, 'stripe') : null

describe.runIf(samples !== null && existsSync(samples))('what is sent', () => {
  test('has no member that the samples of its kind lack', () => {
    all.push(...h.received.map(({ object }) => object))
    const known = knownMembers(String(samples))
    const strange = new Set(
      all.flatMap((object) => {
        const members = known.get(String(object.object))
        if (!members) return []
        return pathsOf(object).flatMap((path) => (isKnown(members, path) ? [] : [`${object.object}.${path}`]))
      }),
    )
    expect([...strange]).toEqual([])
    expect(new Set(all.map(({ object }) => object)).size).toBeGreaterThanOrEqual(6)
  })
})

/** By kind of object: the members in the newest events, else in the reference objects. */
const knownMembers = (folder: string): Map<string, Set<string>> => {
  const known = new Map<string, Set<string>>()
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  const add = (object: Record<string, unknown>) => {
    const members = known.get(String(object.object)) ?? new Set()
    known.set(String(object.object), members)
    for (const path of pathsOf(object)) members.add(path)
  }
  for (const file of readdirSync(join(folder, 'events')).filter((name) =>
    name.startsWith('2026-10-28.endive'),
  ))
    add((read(join(folder, 'events', file)).data as { object: Record<string, unknown> }).object)
  const covered = new Set(known.keys())
  for (const file of readdirSync(join(folder, 'objects')).filter((name) => name.endsWith('.json'))) {
    const object = read(join(folder, 'objects', file))
    if (!covered.has(String(object.object))) add(object)
  }
  return known
}

/** Free to hold anything, or null in every sample. */
const OPEN_ENDED = /(^|\.)(metadata|last_payment_error|next_action)\./

const pathsOf = (value: unknown, before = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${before}[].`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    const path = `${before}${key}`
    return [path, ...pathsOf(member, Array.isArray(member) ? path : `${path}.`)]
  })
}

/** A member is unknown when the samples have an object in its place, without it. */
const isKnown = (members: Set<string>, path: string): boolean => {
  if (members.has(path) || OPEN_ENDED.test(path)) return true
  const parent = path.slice(0, path.lastIndexOf('.') + 1)
  return parent !== '' && ![...members].some((known) => known.startsWith(parent))
}
