import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { orders, paymentRefunds } from '../../../db/schema'
import type { TestContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { useMamoHouse } from '../../../db/testing/factories/mamopay'
import { makeOffer } from '../../../db/testing/factories/payment'
import type { PaymentProvider } from '../../kit/ports'
import { createMamoProvider } from '../../providers/mamopay'
import { MAMO_KEY, MAMO_SECRET, type MamoHarness } from '../../providers/sandbox/mamopay/mamopay.harness'
import { refundUnfulfillable, sendRefund } from '../payment'

const database = useDatabase()
const house = useMamoHouse(database)
const { buy, contextWith, deliver, endOf, hooksOf, paymentsOf } = house
let h: MamoHarness
let ctx: TestContext
beforeEach(() => {
  ;({ h, ctx } = house.now())
})

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** Takes refunds, and shows a charge as it is told to. */
const slowRemote = async (shown: Record<string, unknown>) => {
  const remote = { shown, posts: 0, base: '' }
  const server = createServer((request, response) => {
    request.resume()
    if (request.method === 'POST') remote.posts += 1
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(request.method === 'POST' ? { refund_status: 'success' } : remote.shown))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  remote.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stops.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return remote
}

describe('what is given back', () => {
  const AED = { mode: 'ONE_OFF' as const, price: { amount: 10_000, currency: 'AED' } }
  const bought = async (price = AED) => {
    const made = await buy(await makeOffer(ctx, { offer: price }))
    await h.pay(made.url)
    for (const { body } of await hooksOf(made.url)) await deliver(body)
    const [payment] = await paymentsOf(made.id)
    if (payment === undefined) throw new Error('it was not booked')
    return { ...made, payment, chargeId: payment.chargeId ?? '' }
  }
  const request = async (
    payment: { id: string; provider: string; mode: 'sandbox' | 'test' | 'live' },
    amount: bigint,
    currency = 'AED',
  ) => {
    const id = crypto.randomUUID()
    await database.db.insert(paymentRefunds).values({
      id,
      paymentId: payment.id,
      provider: payment.provider,
      mode: payment.mode,
      status: 'REQUESTED',
      amount,
      currency,
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    return id
  }

  it('in its dashboard, in parts, is taken back cumulatively in any order of its webhooks', async () => {
    const { id, url, chargeId, payment } = await bought()
    await h.provider.refund({
      paymentIntentId: chargeId,
      amount: { amount: 1_000n, currency: 'AED' },
      idempotencyKey: 'x',
    })
    await h.form(`/sandbox/mamopay/charges/${chargeId}/refund`)
    for (const { body } of [...(await hooksOf(url))].reverse()) await deliver(body)
    expect(await endOf(id)).toMatchObject({
      payments: [['REFUNDED', 10_000n, 10_000n]],
      commissions: [['SALE', 'REVERSED', 2_000n, 2_000n]],
    })
    expect(
      await database.db.select().from(paymentRefunds).where(eq(paymentRefunds.paymentId, payment.id)),
    ).toHaveLength(2)
  })

  it('by an admin is sent once though it is tried again after its answer was lost', async () => {
    const { id, url, payment, chargeId } = await bought()
    const refundId = await request(payment, 4_000n)
    const lost: PaymentProvider = {
      ...h.provider,
      refund: async (input) => {
        await h.provider.refund(input)
        throw new Error('the answer was lost')
      },
    }
    await expect(sendRefund(contextWith(lost), refundId)).rejects.toThrow('lost')
    await sendRefund(ctx, refundId)
    await sendRefund(ctx, refundId)
    for (const { body } of await hooksOf(url)) await deliver(body)
    const charge = (await (await h.api('GET', `/charges/${chargeId}`)).json()) as { refunds: unknown[] }
    expect(charge.refunds).toHaveLength(1)
    const kept = await database.db
      .select()
      .from(paymentRefunds)
      .where(eq(paymentRefunds.paymentId, payment.id))
    expect(kept.map(({ id: row, status, amount }) => [row, status, amount])).toEqual([
      [refundId, 'SUCCEEDED', 4_000n],
    ])
    expect(await endOf(id)).toMatchObject({ payments: [['PARTIALLY_REFUNDED', 10_000n, 4_000n]] })
  })

  it('by an admin that MamoPay took and does not show is never asked for again, and found when it is shown', async () => {
    const { id, payment, chargeId } = await bought()
    const refundId = await request(payment, 4_000n)
    const shown = (await (await h.api('GET', `/charges/${chargeId}`)).json()) as Record<string, unknown>
    const remote = await slowRemote(shown)
    const provider = createMamoProvider({
      apiKey: MAMO_KEY,
      webhookSecrets: [MAMO_SECRET],
      apiBase: remote.base,
      mode: 'sandbox',
    })
    for (let n = 0; n < 3; n += 1)
      await expect(sendRefund(contextWith(provider), refundId)).rejects.toMatchObject({ status: 503 })
    expect(remote.posts).toBe(1)
    remote.shown = { ...shown, refund_amount: 40, refunds: [{ id: 'MPB-RFND-LATE', amount: 40 }] }
    await sendRefund(contextWith(provider), refundId)
    expect(remote.posts).toBe(1)
    expect(await endOf(id)).toMatchObject({ payments: [['PARTIALLY_REFUNDED', 10_000n, 4_000n]] })
  })

  it('by an admin is asked for again when MamoPay turned it away', async () => {
    const { id, payment, chargeId } = await bought()
    const refundId = await request(payment, 4_000n)
    const away = createMamoProvider({
      apiKey: 'sk-a-wrong-key',
      webhookSecrets: [MAMO_SECRET],
      apiBase: h.base,
      mode: 'sandbox',
    })
    await expect(sendRefund(contextWith(away), refundId)).rejects.toMatchObject({ status: 503 })
    await sendRefund(ctx, refundId)
    const charge = (await (await h.api('GET', `/charges/${chargeId}`)).json()) as { refunds: unknown[] }
    expect(charge.refunds).toHaveLength(1)
    expect(await endOf(id)).toMatchObject({ payments: [['PARTIALLY_REFUNDED', 10_000n, 4_000n]] })
  })

  it('by an admin is one refund though its webhook is quicker than its answer', async () => {
    const { id, url, payment, chargeId } = await bought()
    const refundId = await request(payment, 4_000n)
    await h.provider.refund({
      paymentIntentId: chargeId,
      amount: { amount: 4_000n, currency: 'AED' },
      idempotencyKey: 'x',
    })
    for (const { body } of await hooksOf(url)) await deliver(body)
    await sendRefund(ctx, refundId)
    const kept = await database.db
      .select()
      .from(paymentRefunds)
      .where(eq(paymentRefunds.paymentId, payment.id))
    expect(kept.map(({ id: row, status }) => [row, status])).toEqual([[refundId, 'SUCCEEDED']])
    expect(await endOf(id)).toMatchObject({ payments: [['PARTIALLY_REFUNDED', 10_000n, 4_000n]] })
  })

  it('and fails after all is restored, once', async () => {
    const { id, url, chargeId } = await bought()
    await h.form(`/sandbox/mamopay/charges/${chargeId}/refund`)
    for (const { body } of await hooksOf(url)) await deliver(body)
    expect(await endOf(id)).toMatchObject({ payments: [['REFUNDED', 10_000n, 10_000n]] })
    await h.form(`/sandbox/mamopay/charges/${chargeId}/fail-refund`)
    for (let n = 0; n < 2; n += 1) for (const { body } of await hooksOf(url)) await deliver(body)
    expect(await endOf(id)).toMatchObject({
      payments: [['CAPTURED', 10_000n, 0n]],
      commissions: [['SALE', 'CREDITED', 2_000n, 0n]],
    })
  })

  it('in another currency than AED is refused in words; what its dashboard gives back is booked', async () => {
    const { id, url, chargeId, payment } = await bought({
      ...AED,
      price: { amount: 10_000, currency: 'USD' },
    })
    const refundId = await request(payment, 4_000n, 'USD')
    await expect(sendRefund(ctx, refundId)).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('AED only'),
    })
    await h.form(`/sandbox/mamopay/charges/${chargeId}/refund`)
    for (const { body } of await hooksOf(url)) await deliver(body)
    expect(await endOf(id)).toMatchObject({ payments: [['REFUNDED', 10_000n, 10_000n]] })
  })

  it('of an order that could not be fulfilled goes back whole', async () => {
    const made = await buy(await makeOffer(ctx, { offer: AED }))
    await database.db.update(orders).set({ workspaceId: null }).where(eq(orders.id, made.id))
    await h.pay(made.url)
    for (const { body } of await hooksOf(made.url)) await deliver(body)
    const [payment] = await paymentsOf(made.id)
    await refundUnfulfillable(ctx, payment?.id ?? '')
    expect(await endOf(made.id)).toMatchObject({
      order: 'FAILED',
      payments: [['REFUNDED', 10_000n, 10_000n]],
      clones: 0,
    })
  })
})
