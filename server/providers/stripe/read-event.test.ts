import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readEvent } from './read-event'

const event = (type: string, object: unknown) =>
  JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } })

const session = {
  id: 'cs_1',
  amount_total: 3000,
  currency: 'usd',
  customer: 'cus_1',
  customer_details: { email: 'ann@example.com' },
  invoice: null,
  metadata: { orderId: 'order-1' },
  payment_intent: 'pi_1',
  payment_status: 'paid',
  status: 'complete',
  subscription: null,
  total_details: { amount_tax: 500 },
}
const current = {
  id: 'in_1',
  amount_paid: 3000,
  billing_reason: 'subscription_create',
  currency: 'usd',
  customer: { id: 'cus_1' },
  parent: { subscription_details: { metadata: { orderId: 'order-1' }, subscription: 'sub_1' } },
  status: 'paid',
  total: 3000,
  total_taxes: [{ amount: 200 }, { amount: 50 }],
}
const classic = {
  id: 'in_1',
  amount_paid: 3000,
  billing_reason: 'subscription_create',
  currency: 'usd',
  customer: 'cus_1',
  subscription: 'sub_1',
  subscription_details: { metadata: { orderId: 'order-1' } },
  paid: true,
  total: 3000,
  tax: 250,
}

describe('reading an event', () => {
  test('a completed checkout tells what was paid, by whom, for which order', () => {
    expect(readEvent(event('checkout.session.completed', session))).toEqual({
      kind: 'checkout',
      outcome: 'completed',
      checkout: {
        ref: 'cs_1',
        orderId: 'order-1',
        state: 'paid',
        total: { amount: 3000n, currency: 'USD' },
        tax: 500n,
        customerRef: 'cus_1',
        paymentIntentId: 'pi_1',
        chargeId: null,
        invoiceId: null,
        subscriptionId: null,
        fee: null,
        payerEmail: 'ann@example.com',
      },
    })
  })

  test.each([
    ['checkout.session.completed', { payment_status: 'unpaid' }, 'completed', 'unpaid'],
    [
      'checkout.session.completed',
      { payment_status: 'no_payment_required', amount_total: 0 },
      'completed',
      'paid',
    ],
    ['checkout.session.async_payment_succeeded', {}, 'completed', 'paid'],
    ['checkout.session.async_payment_failed', { payment_status: 'unpaid' }, 'failed', 'unpaid'],
    ['checkout.session.expired', { status: 'expired', payment_status: 'unpaid' }, 'expired', 'expired'],
    ['checkout.session.completed', { status: 'open', payment_status: 'paid' }, 'completed', 'open'],
  ])('%s %o is %s and %s', (type, changes, outcome, state) => {
    expect(readEvent(event(type, { ...session, ...changes }))).toMatchObject({ outcome, checkout: { state } })
  })

  test('an invoice of the old shape says the same as one of the new', () => {
    const expected = {
      kind: 'invoice',
      invoice: {
        ref: 'in_1',
        orderId: 'order-1',
        subscriptionId: 'sub_1',
        reason: 'first',
        paid: true,
        total: { amount: 3000n, currency: 'USD' },
        captured: 3000n,
        tax: 250n,
        paymentIntentId: null,
        chargeId: null,
        customerRef: 'cus_1',
        fee: null,
      },
    }
    expect(readEvent(event('invoice.paid', current))).toEqual(expected)
    expect(readEvent(event('invoice.payment_succeeded', classic))).toEqual(expected)
    expect(readEvent(event('invoice.paid', { ...classic, ...current }))).toEqual(expected)
  })

  test('order and subscription are found on the lines when nowhere else', () => {
    const lines = {
      data: [
        {},
        {
          metadata: { orderId: 'order-2' },
          parent: { subscription_item_details: { subscription: 'sub_2' } },
        },
      ],
    }
    expect(readEvent(event('invoice.paid', { ...current, parent: null, lines }))).toMatchObject({
      invoice: { orderId: 'order-2', subscriptionId: 'sub_2' },
    })
  })

  test('the payment of an invoice is the one that was paid', () => {
    const payments = {
      data: [
        { status: 'paid', payment: { payment_intent: { id: 'pi_2', latest_charge: 'ch_2' } } },
        { status: 'canceled', payment: { payment_intent: 'pi_1' } },
      ],
    }
    expect(readEvent(event('invoice.paid', { ...current, payments }))).toMatchObject({
      invoice: { paymentIntentId: 'pi_2', chargeId: 'ch_2' },
    })
  })

  test.each([
    [{ paid_out_of_band: true }],
    [{ amount_paid_off_stripe: 3000 }],
    [{ payments: { data: [{ payment: { type: 'payment_record' } }] } }],
  ])('an invoice paid elsewhere says so: %o', (changes) => {
    expect(readEvent(event('invoice.paid', { ...current, ...changes }))).toMatchObject({
      kind: 'invoice',
      invoice: { paidElsewhere: true },
    })
  })

  test('an invoice that could not be charged says which try it was and when the next is', () => {
    const open = { ...current, status: 'open', attempt_count: 2, next_payment_attempt: 1_800_000_000 }
    expect(readEvent(event('invoice.payment_failed', open))).toMatchObject({
      kind: 'invoice-failed',
      attempt: 2,
      nextAttemptAt: new Date(1_800_000_000_000),
      invoice: { paid: false },
    })
    const last = { ...open, attempt_count: undefined, next_payment_attempt: null }
    expect(readEvent(event('invoice.payment_failed', last))).toMatchObject({
      attempt: 1,
      nextAttemptAt: null,
    })
    expect(readEvent(event('invoice.payment_failed', { id: 'in_x' }))).toMatchObject({ kind: 'ignored' })
  })

  test('a period stands on the items, before that on the subscription', () => {
    const subscription = { id: 'sub_1', status: 'active', metadata: { orderId: 'order-1' } }
    const read = (more: object) =>
      readEvent(event('customer.subscription.updated', { ...subscription, ...more }))
    expect(read({ current_period_end: 1_800_000_000 })).toMatchObject({
      subscription: { currentPeriodEnd: new Date(1_800_000_000_000), cancelAtPeriodEnd: false },
    })
    const items = { data: [{ current_period_end: 1_800_000_001 }, { current_period_end: 1_800_000_002 }] }
    expect(read({ items, cancel_at: 1_800_000_002, current_period_end: 1 })).toMatchObject({
      subscription: {
        currentPeriodEnd: new Date(1_800_000_002_000),
        cancelAtPeriodEnd: true,
        status: 'ACTIVE',
      },
    })
    expect(read({ status: 'constructor' })).toMatchObject({ kind: 'ignored' })
  })

  test('a fee is told only by an expanded balance transaction, in its own currency', () => {
    const charge = { id: 'ch_1', payment_intent: 'pi_1', balance_transaction: { fee: 117, currency: 'eur' } }
    expect(readEvent(event('charge.updated', charge))).toEqual({
      kind: 'fee',
      chargeId: 'ch_1',
      paymentIntentId: 'pi_1',
      fee: { amount: 117n, currency: 'EUR' },
    })
    expect(readEvent(event('charge.succeeded', { ...charge, balance_transaction: 'txn_1' })).kind).toBe(
      'ignored',
    )
  })

  const charge = { id: 'ch_1', payment_intent: { id: 'pi_1' }, currency: 'usd', amount_refunded: 300 }
  const given = { id: 're_1', charge: 'ch_1', payment_intent: 'pi_1', currency: 'usd', amount: 300 }
  const named = { kind: 'refund', chargeId: 'ch_1', paymentIntentId: 'pi_1' }
  const said = { ref: 're_1', requestId: null, amount: { amount: 300n, currency: 'USD' } }

  test('a refunded charge tells the sum, and in older versions each refund', () => {
    const refunded = { amount: 300n, currency: 'USD' }
    expect(readEvent(event('charge.refunded', charge))).toEqual({ ...named, refunded, refunds: [] })
    expect(
      readEvent(event('charge.refunded', { ...charge, refunds: { data: [given, { id: 're_2' }] } })),
    ).toEqual({ ...named, refunded, refunds: [{ ...said, status: 'succeeded' }] })
    expect(readEvent(event('charge.refunded', { id: 'ch_1' })).kind).toBe('unhandled')
  })

  test.each([
    ['refund.created', 'pending', 'pending'],
    ['refund.updated', 'requires_action', 'pending'],
    ['charge.refund.updated', 'succeeded', 'succeeded'],
    ['refund.failed', 'failed', 'failed'],
    ['refund.updated', 'canceled', 'canceled'],
  ])('%s of a refund that is %s', (type, status, expected) => {
    expect(readEvent(event(type, { ...given, status, metadata: { refundId: 'r-1' } }))).toEqual({
      ...named,
      refunded: null,
      refunds: [{ ...said, requestId: 'r-1', status: expected }],
    })
  })

  test('a refund of no charge, or of an unknown status, is set aside', () => {
    for (const more of [{ status: 'new' }, { charge: null, payment_intent: null }, { amount: -1 }])
      expect(readEvent(event('refund.updated', { ...given, ...more })).kind).toBe('unhandled')
  })

  test.each([
    ['needs_response', 'open'],
    ['under_review', 'open'],
    ['won', 'won'],
    ['lost', 'lost'],
    ['charge_refunded', 'won'],
    ['warning_needs_response', 'no_money_moved'],
    ['warning_closed', 'no_money_moved'],
    ['prevented', 'no_money_moved'],
    ['constructor', 'no_money_moved'],
  ])('a dispute that is %s is %s', (status, state) => {
    expect(readEvent(event('charge.dispute.updated', { ...given, id: 'du_1', status }))).toEqual({
      ...named,
      kind: 'dispute',
      dispute: { ref: 'du_1', amount: { amount: 300n, currency: 'USD' }, state },
    })
  })

  test('a dispute of old has no id of its own: it is its charge’s', () => {
    const { id: _id, ...old } = { ...given, status: 'won' }
    expect(readEvent(event('charge.dispute.closed', old))).toMatchObject({ dispute: { ref: 'ch_1' } })
    expect(readEvent(event('charge.dispute.closed', { id: 'du_1' })).kind).toBe('unhandled')
  })

  test.each([
    '',
    'null',
    '[]',
    '{"object":"event"}',
    '{',
    event('foo.bar.baz', {}),
    event('invoice.paid', {}),
  ])('%s is ignored', (body) => expect(readEvent(body).kind).toBe('ignored'))

  test('no JSON whatever makes it throw', () => {
    const type = fc.constantFrom(
      'checkout.session.completed',
      'invoice.paid',
      'customer.subscription.updated',
      'charge.updated',
      'charge.refunded',
      'refund.updated',
      'charge.dispute.closed',
      'other',
    )
    const base = fc.constantFrom<object>(session, current, classic, { id: 'sub_1', status: 'active' })
    const key = fc.constantFrom(
      ...Object.keys({ ...session, ...current, ...classic, items: 1, lines: 1, payments: 1 }),
    )
    fc.assert(
      fc.property(type, base, key, fc.jsonValue(), fc.jsonValue(), (name, object, member, value, whole) => {
        expect(readEvent(event(name, { ...object, [member]: value })).kind).toMatch(/^[a-z]+$/)
        expect(readEvent(event(name, { ...object, [member]: { data: [value] } })).kind).toMatch(/^[a-z]+$/)
        expect(readEvent(event(name, whole)).kind).toMatch(/^[a-z]+$/)
        expect(readEvent(JSON.stringify(whole)).kind).toBe('ignored')
      }),
      { numRuns: 500 },
    )
  })
})

const folderOfSamples: unknown = import.meta.env.SAMPLES_DIR
const samples = typeof folderOfSamples === 'string' ? join(folderOfSamples, 'stripe') : null

describe.runIf(samples !== null && existsSync(samples))('every sample of an event', () => {
  test('is read or ignored with a reason', () => {
    const folder = join(String(samples), 'events')
    const files = readdirSync(folder).filter((name) => name.endsWith('.json') && name !== 'index.json')
    expect(files.length).toBeGreaterThan(0)
    for (const file of files) {
      const read = readEvent(readFileSync(join(folder, file), 'utf8'))
      if (
        /__(checkout\.session\.|invoice\.(paid|payment_succeeded)|customer\.subscription\.|charge\.refund|refund\.|charge\.dispute\.)/.test(
          file,
        )
      )
        expect([file, read.kind]).not.toContain('ignored')
      if (read.kind === 'invoice' && read.invoice.reason !== 'other')
        expect([file, read.invoice.subscriptionId]).not.toContain(null)
      if (read.kind === 'subscription') expect([file, read.subscription.currentPeriodEnd]).not.toContain(null)
    }
  })
})
