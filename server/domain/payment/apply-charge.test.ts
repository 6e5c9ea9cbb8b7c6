import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { type MadeOffer, makeOffer, makeOrder, type Order } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import type { ChargeSnapshot, CheckoutSnapshot } from '../../kit/ports'
import { createMamoProvider } from '../../providers/mamopay'
import { closeCheckout, learnFee, syncOrder } from '.'
import { applyCharge, type ReadBack } from './apply-charge'
import { recordFeeOfCharge } from './complete-payment'

const database = useDatabase()
const mamopay = createMamoProvider({
  apiKey: 'sk-never-used',
  webhookSecrets: [],
  // Nobody listens there: what is asked of it fails.
  apiBase: 'http://127.0.0.1:9',
  mode: 'sandbox',
})
let ctx: TestContext
let offer: MadeOffer
let order: Order
beforeEach(async () => {
  ctx = testContext(database.db, { outside: { payments: new Map([['mamopay', mamopay]]) } })
  offer = await makeOffer(ctx)
  order = await makeOrder(ctx, offer, { provider: 'mamopay' })
})

/** Also what a provider may leave out. */
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined }

const usd = (amount: bigint) => ({ amount, currency: 'USD' })
const chargeOf = (more: Partial<ChargeSnapshot> = {}): ChargeSnapshot => ({
  ref: `C-${order.id}`,
  checkoutRef: order.checkoutRef,
  orderId: order.id,
  state: 'captured',
  paid: usd(order.priceAmount),
  refunded: 0n,
  refunds: [],
  madeAt: ctx.now(),
  subscriptionId: null,
  payerEmail: 'bo@example.test',
  fee: null,
  ...more,
})
const checkoutOf = (more: Partial<CheckoutSnapshot> = {}): CheckoutSnapshot => ({
  ref: order.checkoutRef ?? '',
  orderId: order.id,
  state: 'paid',
  total: usd(order.priceAmount),
  due: usd(order.priceAmount),
  tax: 0n,
  customerRef: null,
  paymentIntentId: null,
  chargeId: null,
  invoiceId: null,
  subscriptionId: null,
  fee: null,
  payerEmail: null,
  charges: [],
  ...more,
})
const apply = (charge: ChargeSnapshot | null, more: Partial<ReadBack> = {}) =>
  inTransaction(ctx, (tx) =>
    applyCharge(
      tx,
      mamopay,
      { chargeId: charge?.ref ?? 'C-none' },
      { charge, orderId: order.id, checkout: checkoutOf(), ...more },
    ),
  )
const paymentNow = () =>
  database.db.query.payments.findFirst({ where: (row, { eq }) => eq(row.orderId, order.id) })
const orderNow = () => database.db.query.orders.findFirst({ where: (row, { eq }) => eq(row.id, order.id) })

describe('a charge that was read back', () => {
  it('settles its order once, with what was paid on top and what it cost', async () => {
    const charge = chargeOf({ paid: usd(order.priceAmount + 200n), fee: 300n })
    const checkout = checkoutOf({ due: usd(order.priceAmount + 200n) })
    expect(await apply(charge, { checkout })).toMatchObject({ status: 'PROCESSED' })
    expect(await orderNow()).toMatchObject({ status: 'FULFILLED' })
    expect(await paymentNow()).toMatchObject({
      capturedAmount: order.priceAmount,
      chargeId: charge.ref,
      feeAmount: 300n,
    })
    expect(await apply(charge, { checkout })).toEqual({
      status: 'PROCESSED',
      outcome: `charge ${charge.ref} is booked as it stands`,
    })
    expect(await apply(chargeOf({ ref: 'C-other' }))).toMatchObject({
      status: 'QUARANTINED',
      outcome: expect.stringContaining('was paid already'),
      about: 'C-other',
    })
  })

  it('and of which a part was given back already is taken back by that part', async () => {
    expect(await apply(chargeOf({ refunded: 1_000n }))).toMatchObject({ status: 'PROCESSED' })
    expect(await paymentNow()).toMatchObject({ status: 'PARTIALLY_REFUNDED', refundedAmount: 1_000n })
    expect(await apply(chargeOf({ refunded: 500n }))).toMatchObject({
      status: 'QUARANTINED',
      outcome: expect.stringContaining('less was given back'),
    })
    expect(await paymentNow()).toMatchObject({ refundedAmount: 1_000n })
  })

  it('without a link of its own is believed where the checkout lists it', async () => {
    const charge = chargeOf({ checkoutRef: null, orderId: null })
    expect(await apply(charge)).toMatchObject({
      status: 'QUARANTINED',
      outcome: expect.stringContaining('was not made with the checkout'),
    })
    expect(await apply(charge, { checkout: checkoutOf({ charges: [charge] }) })).toMatchObject({
      status: 'PROCESSED',
    })
  })

  it('that failed leaves its order as it is', async () => {
    expect(await apply(chargeOf({ state: 'failed' }))).toMatchObject({ status: 'IGNORED' })
    expect(await orderNow()).toMatchObject({ status: 'OPEN' })
  })

  it.each<[string, Partial<ChargeSnapshot> | null, Loose<CheckoutSnapshot> | null, string]>([
    ['is nowhere', null, {}, 'knows no charge'],
    ['is still under way', { state: 'pending' }, {}, 'is not finished'],
    ['was given back', { state: 'returned' }, {}, 'is given back'],
    ['has no checkout', {}, null, 'cannot be read'],
    ['has a checkout that says no sum', {}, { due: undefined }, 'cannot be read'],
    ['has no list of charges', { checkoutRef: null }, { charges: undefined }, 'was not made with'],
    ['is of another link', { checkoutRef: 'L-other' }, {}, 'was not made with'],
    ['names another order', { orderId: randomUUID() }, {}, 'names another order'],
    ['has a checkout of another order', {}, { orderId: randomUUID() }, 'names another order'],
    ['is in another currency', { paid: { amount: 10_000n, currency: 'AED' } }, {}, 'was paid in AED'],
    ['was asked for in another', {}, { total: { amount: 10_000n, currency: 'AED' } }, 'quoted in USD'],
    ['was asked for less', {}, { total: usd(1n) }, 'asks for 1, quoted'],
    ['is less than was due', { paid: usd(1n) }, {}, 'is 1 USD, due were'],
  ])('that %s sells nothing and is the admin’s', async (_what, charged, listed, why) => {
    const charge = charged === null ? null : chargeOf(charged)
    const checkout = listed === null ? null : ({ ...checkoutOf(), ...listed } as CheckoutSnapshot)
    expect(await apply(charge, { checkout })).toMatchObject({
      status: 'QUARANTINED',
      outcome: expect.stringContaining(why),
    })
    expect(await orderNow()).toMatchObject({ status: 'OPEN' })
    expect(await paymentNow()).toBeUndefined()
  })

  it('of no order of ours is the admin’s', async () => {
    for (const orderId of [null, randomUUID()])
      expect(await apply(chargeOf(), { orderId })).toMatchObject({
        status: 'QUARANTINED',
        outcome: expect.stringContaining('belongs to no order'),
      })
  })
})

describe('looking at an order', () => {
  it('asks nobody where there is nothing to learn', async () => {
    const off = testContext(database.db)
    for (const look of [syncOrder(off, { orderId: order.id, look: null }), closeCheckout(off, order.id)])
      await expect(look).resolves.toBeUndefined()
    const none = randomUUID()
    await expect(syncOrder(ctx, { orderId: none, look: 0 })).resolves.toBeUndefined()
    await expect(closeCheckout(ctx, none)).resolves.toBeUndefined()
    const live = await makeOrder(ctx, offer, { provider: 'mamopay', mode: 'live' })
    await expect(syncOrder(ctx, { orderId: live.id, look: 0 })).resolves.toBeUndefined()
    await expect(closeCheckout(ctx, live.id)).resolves.toBeUndefined()
    const bare = await makeOrder(ctx, offer, { provider: 'mamopay', checkoutRef: null })
    await expect(syncOrder(ctx, { orderId: bare.id, look: null })).resolves.toBeUndefined()
    await expect(closeCheckout(ctx, bare.id)).resolves.toBeUndefined()
  })

  it('goes on later though the provider cannot be asked now', async () => {
    await expect(syncOrder(ctx, { orderId: order.id, look: 9 })).rejects.toMatchObject({ status: 503 })
    const jobs = await database.db.query.jobs.findMany({
      where: (row, { eq }) => eq(row.key, `order:${order.id}:look:10`),
    })
    expect(jobs).toMatchObject([{ payload: { orderId: order.id, look: 10 } }])
  })
})

describe('the fee of a charge', () => {
  const told = (more: object) =>
    inTransaction(ctx, (tx) =>
      recordFeeOfCharge(tx, {
        provider: 'mamopay',
        mode: 'sandbox',
        paymentIntentId: `C-${order.id}`,
        chargeId: `C-${order.id}`,
        fee: usd(300n),
        ...more,
      }),
    )

  it('is booked once, where the payment is known and in its currency', async () => {
    expect(await told({})).toBe(false)
    await apply(chargeOf())
    expect(await told({ paymentIntentId: null })).toBe(false)
    expect(await told({ fee: { amount: 300n, currency: 'AED' } })).toBe(false)
    expect(await paymentNow()).toMatchObject({ feeAmount: null })
    expect(await told({ fee: usd(0n) })).toBe(true)
    expect(await paymentNow()).toMatchObject({ feeAmount: null })
    expect(await told({})).toBe(true)
    expect(await told({ fee: usd(400n) })).toBe(true)
    expect(await paymentNow()).toMatchObject({ feeAmount: 300n })
  })

  it('is asked for again later while the provider is off or cannot be asked, and not where it is known', async () => {
    await expect(learnFee(ctx, randomUUID())).resolves.toBeUndefined()
    await apply(chargeOf())
    const { id = '' } = (await paymentNow()) ?? {}
    await expect(learnFee(testContext(database.db), id)).rejects.toThrow('switched off')
    await expect(learnFee(ctx, id)).rejects.toMatchObject({ status: 503 })
    await told({})
    await expect(learnFee(ctx, id)).resolves.toBeUndefined()
  })
})
