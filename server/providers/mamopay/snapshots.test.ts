import { describe, expect, test } from 'vitest'
import { bellOf } from './list-charges'
import { withdrawalOf } from './payouts'
import { readCharge, readCheckout, readSubscribers } from './snapshots'

const aed = (amount: bigint) => ({ amount, currency: 'AED' })
const CHARGE = { id: 'C1', status: 'captured', amount: 100, amount_currency: 'AED' }
const LINK = { id: 'L1', amount: 100, amount_currency: 'AED' }
const charged = (more: Record<string, unknown> = {}) => {
  const charge = readCharge({ ...CHARGE, ...more })
  if (charge === null) throw new Error('it can be read')
  return charge
}

describe('a charge', () => {
  test('that says only what it must is read, and the rest is not known', () => {
    expect(readCharge(CHARGE)).toEqual({
      ref: 'C1',
      checkoutRef: null,
      orderId: null,
      state: 'captured',
      paid: aed(10_000n),
      refunded: 0n,
      refunds: [],
      madeAt: null,
      subscriptionId: null,
      payerEmail: null,
      fee: null,
    })
  })
  test('that says everything is read whole', () => {
    const whole = {
      payment_link_id: 'L2',
      external_id: 'order-1',
      created_date: '2026-11-20-10-00-00',
      created_at: '2026-11-21-10-00-00',
      subscription_id: 'S1',
      customer_details: { email: 'ann@example.test' },
    }
    expect(readCharge({ ...CHARGE, ...whole }, 'L1')).toMatchObject({
      checkoutRef: 'L2',
      orderId: 'order-1',
      madeAt: new Date('2026-11-20T10:00:00Z'),
      subscriptionId: 'S1',
      payerEmail: 'ann@example.test',
    })
    expect(readCharge({ ...CHARGE, created_at: '20/02/2025' }, 'L1')).toMatchObject({
      checkoutRef: 'L1',
      madeAt: new Date('2025-02-20T00:00:00Z'),
    })
  })
  test.each([
    ['confirmation_required', 'pending'],
    ['processing', 'pending'],
    ['captured', 'captured'],
    ['failed', 'failed'],
    ['voided', 'returned'],
    ['refund_initiated', 'returned'],
    ['refunded', 'returned'],
  ])('%s is %s', (status, state) => {
    expect(readCharge({ ...CHARGE, status })).toMatchObject({ state })
  })
  test.each([
    ['no name', { id: undefined }],
    ['an empty name', { id: '' }],
    ['no status', { status: undefined }],
    ['a status nobody knows', { status: 'Captured' }],
    ['no amount', { amount: null }],
    ['a negative amount', { amount: -1 }],
    ['no currency', { amount_currency: undefined }],
    ['less than nothing given back', { refund_amount: -1 }],
  ])('with %s is none that can be read', (_what, more) => {
    expect(readCharge({ ...CHARGE, ...more })).toBeNull()
  })
  test('has the refunds that say which they are and how much', () => {
    const refunds = [
      { id: 'R1', amount: '10.00' },
      { amount: 5 },
      { id: 'R2' },
      { id: 'R3', amount: 0 },
      { id: 'R4', amount: -1 },
      'R5',
    ]
    const [standing, ...others] = charged({ status: 'refunded', refund_amount: 10, refunds }).refunds ?? []
    expect(standing).toEqual({ ref: 'R1', requestId: null, amount: aed(1_000n), status: 'succeeded' })
    expect(others).toEqual([])
    expect(charged({ status: 'refund_initiated', refund_amount: 10, refunds })).toMatchObject({
      refunding: true,
      refunds: [{ ref: 'R1', status: 'pending' }],
    })
  })
  test.each([
    ['only a fee', { settlement_amount: 98, settlement_fee: 'AED 2.00' }, 200n],
    ['nothing kept', { settlement_amount: 100 }, 0n],
    [
      'a tax in another currency',
      { settlement_amount: 98, settlement_fee: 'AED 2.00', settlement_vat: 'USD 0.10' },
      200n,
    ],
    ['a fee but not what was settled', { settlement_fee: 'AED 2.00' }, null],
  ])('with %s says its fee', (_what, more, fee) => {
    expect(charged(more).fee).toBe(fee)
  })
})

describe('a link', () => {
  test('nobody has paid is open, and expired once it is switched off', () => {
    expect(readCheckout(LINK, [])).toMatchObject({
      ref: 'L1',
      orderId: null,
      state: 'open',
      total: aed(10_000n),
      due: aed(10_000n),
      chargeId: null,
      subscriptionId: null,
      fee: null,
      payerEmail: null,
    })
    expect(readCheckout({ ...LINK, active: true }, [charged({ status: 'failed' })])?.state).toBe('open')
    expect(readCheckout({ ...LINK, active: false }, [])?.state).toBe('expired')
  })
  test('is paid by the charge that was captured, also when it is switched off since', () => {
    const paid = charged({
      id: 'C2',
      subscription_id: 'S1',
      customer_details: { email: 'ann@example.test' },
      settlement_amount: 98,
      settlement_fee: 'AED 2.00',
    })
    const link = { ...LINK, active: false, external_id: 'order-1', subscription: { identifier: 'S2' } }
    expect(readCheckout(link, [charged({ status: 'failed' }), paid])).toMatchObject({
      orderId: 'order-1',
      state: 'paid',
      paymentIntentId: 'C2',
      chargeId: 'C2',
      subscriptionId: 'S1',
      fee: 200n,
      payerEmail: 'ann@example.test',
    })
    expect(readCheckout(link, [])?.subscriptionId).toBe('S2')
  })
  test('asks for what is put on top for the payment', () => {
    const due = (processing_fee_percentage: unknown) =>
      readCheckout({ ...LINK, processing_fee_percentage }, [])?.due
    expect([2, '2.75', null].map(due)).toEqual([aed(10_200n), aed(10_275n), aed(10_000n)])
  })
  test.each([
    ['no name', { id: null }],
    ['no amount', { amount: undefined }],
    ['a negative amount', { amount: -1 }],
    ['a currency nobody knows', { amount_currency: 'XXX' }],
    ['a percentage that is none', { processing_fee_percentage: 'some' }],
    ['a negative percentage', { processing_fee_percentage: -1 }],
  ])('with %s is none that can be read', (_what, more) => {
    expect(readCheckout({ ...LINK, ...more }, [])).toBeNull()
  })
})

describe('a subscription', () => {
  const ann = (more: Record<string, unknown> = {}) => ({
    customer: { email: 'ann@example.test' },
    status: 'Active',
    next_payment_date: '2026-12-20',
    ...more,
  })
  const bob = { ...ann(), customer: { email: 'bob@example.test' } }
  const paid = (customer_email: unknown, created_at: unknown, status = 'captured') => ({
    customer_email,
    created_at,
    status,
  })

  test('without subscribers is not known', () => {
    expect(readSubscribers('S1', [], [])).toBeNull()
    expect(readSubscribers('S1', [bob, bob], [paid('ann@example.test', '2026-11-20')])).toBeNull()
  })
  test('nobody has paid yet is of all who are on it, and ends with the first of them', () => {
    const later = { ...bob, next_payment_date: '2026-12-25' }
    expect(readSubscribers('S1', [later, ann()], [])).toEqual({
      ref: 'S1',
      orderId: null,
      status: 'ACTIVE',
      currentPeriodEnd: new Date('2026-12-20T00:00:00Z'),
      cancelAtPeriodEnd: false,
    })
  })
  test('is of whoever paid first, however the address is written', () => {
    const charges = [
      paid('bob@example.test', '2026-11-21'),
      paid(' Ann@Example.test', '2026-11-20'),
      paid('eve@example.test', '2026-11-01', 'failed'),
      paid(null, '2026-11-02'),
      paid('eve@example.test', 'once'),
    ]
    expect(readSubscribers('S1', [bob, ann({ status: 'Inactive' })], charges)).toMatchObject({
      status: 'CANCELLED',
      currentPeriodEnd: null,
    })
    expect(readSubscribers('S1', [{ ...bob, status: 'Inactive' }, ann()], charges)?.status).toBe('ACTIVE')
  })
  test('listed latest first: of two payers in one second the last is the first', () => {
    const charges = [paid('bob@example.test', '2026-11-20'), paid('ann@example.test', '2026-11-20')]
    expect(readSubscribers('S1', [{ ...bob, status: 'Inactive' }, ann()], charges)?.status).toBe('ACTIVE')
  })
  test('of one subscriber is theirs, also by another address', () => {
    expect(readSubscribers('S1', [bob], [paid('ann@example.test', '2026-11-20')])?.status).toBe('ACTIVE')
  })
  test('is past due while the latest charge failed', () => {
    const first = paid('ann@example.test', '2026-10-20')
    const failed = paid('ann@example.test', '2026-11-20', 'failed')
    const again = paid('ann@example.test', '2026-11-21')
    expect(readSubscribers('S1', [ann()], [failed, first])?.status).toBe('PAST_DUE')
    expect(readSubscribers('S1', [ann()], [again, failed, first])?.status).toBe('ACTIVE')
    // Somebody else's failure is not theirs.
    const other = paid('bob@example.test', '2026-11-22', 'failed')
    expect(readSubscribers('S1', [ann(), bob], [other, first])?.status).toBe('ACTIVE')
    // One that names no day counts as the oldest.
    const undated = paid('ann@example.test', undefined, 'failed')
    expect(readSubscribers('S1', [ann()], [undated, first])?.status).toBe('ACTIVE')
  })
  test('without a status or a next payment does not run on', () => {
    expect(readSubscribers('S1', [ann({ status: undefined })], [])?.status).toBe('CANCELLED')
    expect(readSubscribers('S1', [ann({ next_payment_date: null })], [])).toMatchObject({
      status: 'ACTIVE',
      currentPeriodEnd: null,
    })
  })
})

describe('a charge that is found', () => {
  test.each([
    [{ status: 'failed' }, 'charge.failed'],
    [{ status: 'failed', subscription_id: 'S1' }, 'subscription.failed'],
    [{ status: 'refunded', refund_amount: 10 }, 'charge.refunded'],
    [{}, 'charge.succeeded'],
  ])('%o rings as %s', (more, type) => {
    const { event, body } = bellOf(charged(more), true)
    expect(event).toMatchObject({ type, livemode: true, occurredAt: new Date(0), unsigned: true })
    expect(JSON.parse(body)).toEqual({ id: 'C1', event_type: type })
  })
  test('rings once for each step it has come, at the moment it was made', () => {
    const nameOf = (more: Record<string, unknown>) => bellOf(charged(more), false).event.eventId
    expect(nameOf({})).toBe(nameOf({}))
    expect(nameOf({ status: 'refunded', refund_amount: 10 })).not.toBe(
      nameOf({ status: 'refunded', refund_amount: 20 }),
    )
    expect(bellOf(charged({ created_date: '2026-11-20' }), false).event).toMatchObject({
      livemode: false,
      occurredAt: new Date('2026-11-20T00:00:00Z'),
    })
  })
})

test.each([
  ['Payout 0197a1b2-0000-7000-8000-000000000001', '0197a1b2-0000-7000-8000-000000000001'],
  ['Payout for Ann', null],
  [undefined, null],
])('the reason %o of a payout names %o', (reason, id) => {
  expect(withdrawalOf(reason)).toBe(id)
})
