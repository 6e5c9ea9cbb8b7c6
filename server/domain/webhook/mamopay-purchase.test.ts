import { and, eq, like, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  commissions,
  jobs,
  mails,
  orders,
  paymentRefunds,
  payments,
  sandboxObjects,
  subscriptions,
  webhookEvents,
  workspaceClones,
} from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { brokenBooks, type MadeOffer, MONTHLY, makeOffer } from '../../../db/testing/factories/payment'
import type { PaymentProvider } from '../../kit/ports'
import { createMamoProvider } from '../../providers/mamopay'
import {
  type Hook,
  MAMO_KEY,
  MAMO_SECRET,
  type MamoHarness,
  startMamoHarness,
} from '../../providers/sandbox/mamopay/mamopay.harness'
import {
  createPaymentLink,
  endCheckout,
  orderProgress,
  refundUnfulfillable,
  sendRefund,
  syncOrder,
} from '../payment'
import { processWebhook, receiveWebhook } from '.'

const database = useDatabase()
let h: MamoHarness
let ctx: TestContext
let offer: MadeOffer

beforeAll(async () => {
  h = await startMamoHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = contextWith(h.provider)
  offer = await makeOffer(ctx)
  h.hooks.length = 0
})
afterEach(async () => {
  await h.settled()
  expect(await brokenBooks(ctx)).toEqual([])
})

const contextWith = (provider: PaymentProvider): TestContext =>
  testContext(database.db, {
    outside: { payments: new Map([['mamopay', provider]]) },
    ...(ctx === undefined ? {} : { clock: ctx.clock }),
  })

let buyers = 0
const buy = async (from: MadeOffer = offer) => {
  buyers += 1
  const email = `buyer-${buyers}@example.test`
  const { id, url } = await createPaymentLink(ctx, {
    paymentType: 'WORKSPACE_PURCHASE',
    affiliateToken: from.token,
    email,
    firstName: 'Bo',
    lastName: 'Buyer',
    attempt: null,
    provider: 'mamopay',
  })
  return { id, url, email }
}

const headers = (authorization = MAMO_SECRET) =>
  new Headers({ authorization, 'content-type': 'application/json' })

/** Taken in and processed, as the job does; the row it became. */
const deliver = async (body: string | Record<string, unknown>) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const before = new Set((await rows()).map(({ id }) => id))
  await receiveWebhook(ctx, { provider: 'mamopay', body: text, headers: headers() })
  const row = (await rows()).find(({ id }) => !before.has(id))
  if (row === undefined) return null
  await processWebhook(ctx, row.id, 20)
  const [after] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.id, row.id))
  return after ?? null
}
const rows = () => database.db.select().from(webhookEvents).where(eq(webhookEvents.provider, 'mamopay'))

const orderNow = async (id: string) => {
  const [order] = await database.db.select().from(orders).where(eq(orders.id, id))
  if (order === undefined) throw new Error('the order is gone')
  return order
}
const paymentsOf = (id: string) => database.db.select().from(payments).where(eq(payments.orderId, id))
const alerts = (about: string) =>
  database.db
    .select()
    .from(mails)
    .where(and(eq(mails.template, 'admin-alert'), like(mails.key, `%${about}%`)))

/** What a purchase left behind, without what differs from one to the next. */
const endOf = async (id: string) => {
  const [payment] = await paymentsOf(id)
  const earned = await database.db
    .select()
    .from(commissions)
    .where(eq(commissions.paymentId, payment?.id ?? id))
  const clones = await database.db
    .select()
    .from(workspaceClones)
    .where(eq(workspaceClones.paymentId, payment?.id ?? id))
  const order = await orderNow(id)
  const sent = await database.db.select().from(mails).where(eq(mails.to, order.email))
  return {
    order: order.status,
    payments: (await paymentsOf(id)).map((one) => [one.status, one.capturedAmount, one.refundedAmount]),
    commissions: earned.map(({ kind, status, amount, reversedAmount }) => [
      kind,
      status,
      amount,
      reversedAmount,
    ]),
    clones: clones.length,
    mails: sent.map(({ template }) => template).sort(),
  }
}
const FULFILLED = {
  order: 'FULFILLED',
  payments: [['CAPTURED', 10_000n, 0n]],
  commissions: [['SALE', 'CREDITED', 2_000n, 0n]],
  clones: 1,
  mails: ['purchase-ready'],
}

/** The webhooks of one purchase, as MamoPay sent them. */
const hooksOf = async (url: string): Promise<Hook[]> => {
  await h.settled()
  const link = url.split('/').at(-1)
  return h.hooks.filter(({ object }) => object.id === link || object.payment_link_id === link)
}

describe('a purchase through MamoPay', () => {
  it('is asked for with everything its dashboard shows, and nothing that is secret', async () => {
    const { id, url, email } = await buy()
    const link = (await (await h.api('GET', `/links/${url.split('/').at(-1)}`)).json()) as Record<
      string,
      unknown
    >
    expect(link).toMatchObject({
      amount: 100,
      amount_currency: 'USD',
      capacity: 1,
      active: true,
      external_id: id,
      enable_tips: false,
      enable_quantity: false,
      enable_tabby: false,
      processing_fee_percentage: 0,
      subscription: null,
      custom_data: {
        details: {
          email,
          firstName: 'Bo',
          lastName: 'Buyer',
          planType: 'FREE',
          paymentType: 'WORKSPACE_PURCHASE',
          orderId: id,
        },
        workspace: { sellerId: offer.seller.id },
        affiliateLink: {
          id: offer.link.id,
          userId: offer.seller.id,
          planType: 'FREE',
          commissionPercentage: 20,
        },
      },
    })
    expect(JSON.stringify(link.custom_data)).not.toContain(offer.token)
    expect(String(link.return_url)).toBe(`${ctx.config.appUrl}/buy/success?order=${id}`)
  })

  it('ends the same in any order and any number of its webhooks', async () => {
    const orderings = [
      (all: Hook[]) => all,
      (all: Hook[]) => [...all].reverse(),
      (all: Hook[]) => [...all, ...all, ...[...all].reverse()],
      (all: Hook[]) => all.filter(({ type }) => type === 'payment.succeeded'),
    ]
    for (const ordering of orderings) {
      const { id, url } = await buy()
      await h.pay(url)
      const hooks = await hooksOf(url)
      expect(hooks.map(({ type }) => type).sort()).toEqual([
        'charge.succeeded',
        'payment.succeeded',
        'payment_link.create',
      ])
      for (const { body } of ordering(hooks)) await deliver(body)
      expect(await endOf(id)).toEqual(FULFILLED)
      expect(await alerts(String(hooks.at(-1)?.object.id))).toEqual([])
    }
  })

  it('is fulfilled once though its webhooks and two looks come at once, and its link is then closed', async () => {
    const { id, url } = await buy()
    await h.pay(url)
    const hooks = await hooksOf(url)
    await Promise.all([
      ...hooks.map(({ body }) => deliver(body)),
      syncOrder(ctx, { orderId: id, look: 0 }),
      syncOrder(ctx, { orderId: id, look: null }),
    ])
    expect(await endOf(id)).toEqual(FULFILLED)
    const closing = await database.db
      .select()
      .from(jobs)
      .where(eq(jobs.key, `order:${id}:close`))
    expect(closing).toHaveLength(1)
    await endCheckout(ctx, id)
    expect(await h.get(url)).toContain('This link is paid')
    expect((await h.provider.fetchCheckout(url.split('/').at(-1) ?? ''))?.state).toBe('paid')
  })

  it('is found by looking when MamoPay never calls, at 1, 2, 5, 15 and 60 minutes, then daily', async () => {
    const { id, url } = await buy()
    await h.pay(url)
    const plan: number[] = []
    for (let look = 0; look < 7; look += 1) {
      const [job] = await database.db
        .select({ wait: sql<number>`extract(epoch from ${jobs.runAt} - now())::float8` })
        .from(jobs)
        .where(eq(jobs.key, `order:${id}:look:${look}`))
      plan.push(Math.round((job?.wait ?? 0) / 10) * 10)
      if (look < 6) await openAgain(id, () => syncOrder(ctx, { orderId: id, look }))
    }
    expect(plan).toEqual([60, 60, 180, 600, 2_700, 86_400, 86_400])
    await syncOrder(ctx, { orderId: id, look: 6 })
    expect(await endOf(id)).toEqual(FULFILLED)
  })

  it('is looked for as soon as the buyer comes back, whatever the address says', async () => {
    const { id, url } = await buy()
    const back = new URL(await h.pay(url))
    expect(Object.fromEntries(back.searchParams)).toEqual({
      order: id,
      createdAt: expect.stringMatching(/^\d{4}(-\d\d){5}$/),
      paymentLinkId: url.split('/').at(-1),
      status: 'captured',
      transactionId: expect.stringMatching(/^MPB-CHRG-/),
    })
    const checkoutRef = back.searchParams.get('paymentLinkId') ?? ''
    for (let n = 0; n < 2; n += 1)
      expect(await orderProgress(ctx, { orderId: id, checkoutRef })).toMatchObject({ status: 'OPEN' })
    const [job, ...more] = await database.db
      .select()
      .from(jobs)
      .where(eq(jobs.key, `order:${id}:look`))
    expect(job?.payload).toEqual({ orderId: id, look: null })
    expect(more).toEqual([])
    await syncOrder(ctx, { orderId: id, look: null })
    expect(await orderProgress(ctx, { orderId: id, checkoutRef })).toMatchObject({ status: 'FULFILLED' })
  })

  it('that is declined leaves the order open, told by nobody, and can be paid after that', async () => {
    const { id, url } = await buy()
    expect((await h.form(url, { ...decline })).status).toBe(422)
    for (const { body } of await hooksOf(url))
      expect(await deliver(body)).toSatisfy(
        (row: { status: string } | null) => row === null || row.status === 'IGNORED',
      )
    expect(await endOf(id)).toMatchObject({ order: 'OPEN', payments: [], mails: [] })
    await h.pay(url)
    for (const { body } of await hooksOf(url)) await deliver(body)
    expect(await endOf(id)).toEqual(FULFILLED)
  })

  it('cannot be paid after its time; what was paid in the last moment is not lost', async () => {
    const [late, paid] = [await buy(), await buy()]
    await h.pay(paid.url)
    await endCheckout(ctx, late.id)
    await endCheckout(ctx, paid.id)
    expect((await orderNow(late.id)).status).toBe('EXPIRED')
    expect(await h.get(late.url)).toContain('no longer active')
    expect(await endOf(paid.id)).toEqual(FULFILLED)
  })
})

const decline = { email: 'a@b.example', number: '4567361325981788', expiry: '01/28', cvc: '123', name: 'A' }

/** As if what it found had not been there yet. */
const openAgain = async (id: string, work: () => Promise<void>) => {
  const { checkoutRef } = await orderNow(id)
  await database.db.update(orders).set({ checkoutRef: null }).where(eq(orders.id, id))
  await work()
  await database.db.update(orders).set({ checkoutRef }).where(eq(orders.id, id))
}

describe('a webhook with the right header', () => {
  const succeeded = (id: unknown, more: Record<string, unknown> = {}) => ({
    id,
    event_type: 'charge.succeeded',
    status: 'captured',
    amount: 100,
    amount_currency: 'USD',
    ...more,
  })
  /** Quarantined with one alert, and the order stands as it did. */
  const movesNothing = async (orderId: string, body: Record<string, unknown>, why: string) => {
    const before = await endOf(orderId)
    const row = await deliver(body)
    expect(row).toMatchObject({ status: 'QUARANTINED', outcome: expect.stringContaining(why) })
    expect(await endOf(orderId)).toEqual(before)
    expect(await alerts(String(body.id))).toHaveLength(1)
  }
  const chargeIn = async (url: string, changes: Record<string, unknown>) => {
    await h.pay(url)
    const link = url.split('/').at(-1) ?? ''
    const [row] = await database.db
      .select()
      .from(sandboxObjects)
      .where(and(eq(sandboxObjects.type, 'charge'), like(sandboxObjects.id, 'MPB-CHRG-%')))
      .then((all) => all.filter(({ body }) => body.payment_link_id === link))
    if (row === undefined) throw new Error('no charge was made')
    await database.db
      .update(sandboxObjects)
      .set({ body: { ...row.body, ...changes } })
      .where(eq(sandboxObjects.id, row.id))
    return row.id
  }

  it('about a charge nobody knows moves nothing', async () => {
    const { id } = await buy()
    await movesNothing(id, succeeded('MPB-CHRG-FORGED0001', { external_id: id }), 'knows no charge')
  })
  it.each([
    ['smaller by a hundredth', { amount: 99.99 }, 'due were 10000'],
    ['larger by a hundredth', { amount: 100.01 }, 'due were 10000'],
    ['of another currency', { amount_currency: 'AED' }, 'paid in AED'],
    ['that names another order', { external_id: '00000000-0000-7000-8000-000000000000' }, 'another order'],
    ['that was given back', { status: 'refunded', refund_amount: 100 }, 'given back'],
    ['that was voided', { status: 'voided' }, 'given back'],
    ['that is only held', { status: 'confirmation_required' }, 'not finished'],
    ['that verified a card', { amount: 0 }, 'due were 10000'],
  ])('about a charge %s moves nothing', async (_name, changes, why) => {
    const { id, url } = await buy()
    const charge = await chargeIn(url, changes)
    await movesNothing(id, succeeded(charge), why)
  })
  it('about a charge of another order settles that order, not the one it names', async () => {
    const [mine, other] = [await buy(), await buy()]
    const charge = await chargeIn(other.url, {})
    await deliver(succeeded(charge, { external_id: mine.id, payment_link_id: mine.url.split('/').at(-1) }))
    expect(await endOf(mine.id)).toMatchObject({ order: 'OPEN', payments: [] })
    expect(await endOf(other.id)).toEqual(FULFILLED)
  })
  it('about a charge of a link that is not ours moves nothing', async () => {
    const { id } = await buy()
    const foreign = (await (
      await h.api('POST', '/links', {
        title: 'Not ours',
        amount: 100,
        amount_currency: 'USD',
        external_id: id,
      })
    ).json()) as { payment_url: string }
    const charge = await chargeIn(foreign.payment_url, {})
    await movesNothing(id, succeeded(charge), 'no order of ours')
  })
  it('about a second charge of a paid order is set aside', async () => {
    const { id, url } = await buy()
    const first = await chargeIn(url, {})
    await deliver(succeeded(first))
    const link = url.split('/').at(-1) ?? ''
    await database.db.insert(sandboxObjects).values({
      id: 'MPB-CHRG-SECOND0001',
      provider: 'mamopay',
      type: 'charge',
      body: {
        ...((await (await h.api('GET', `/charges/${first}`)).json()) as object),
        id: 'MPB-CHRG-SECOND0001',
        payment_link_id: link,
      },
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    await movesNothing(id, succeeded('MPB-CHRG-SECOND0001'), 'paid already')
  })
  it.each([
    'charge.card_verified',
    'payment.card_verified',
    'charge.authorized',
    'payment_link.create',
    'expense.create',
  ])('%s fulfils nothing, though its charge is captured', async (event_type) => {
    const { id, url } = await buy()
    const charge = await chargeIn(url, {})
    expect(await deliver(succeeded(charge, { event_type }))).toMatchObject({ status: 'IGNORED' })
    expect(await endOf(id)).toMatchObject({ order: 'OPEN', payments: [] })
  })
  it('about a dispute is the admin’s', async () => {
    const row = await deliver({
      id: 'MPB-DSPT-1',
      payment_id: 'MPB-CHRG-X',
      event_type: 'dispute.received',
      status: 'received',
    })
    expect(row).toMatchObject({ status: 'QUARANTINED', outcome: expect.stringContaining('dashboard') })
  })
  it('is kept under one name however often and in whichever family it comes', async () => {
    const body = succeeded('MPB-CHRG-TWICE00001')
    expect(await deliver(body)).not.toBeNull()
    expect(await deliver({ ...body, custom_data: { other: 1 } })).toBeNull()
    expect(await deliver({ ...body, event_type: 'payment.succeeded' })).toBeNull()
    expect(await deliver({ ...body, refund_amount: 1 })).not.toBeNull()
  })
  it('waits for a charge that is under way before it is set aside', async () => {
    const { url } = await buy()
    const charge = await chargeIn(url, { status: 'processing' })
    await receiveWebhook(ctx, {
      provider: 'mamopay',
      body: JSON.stringify(succeeded(charge)),
      headers: headers(),
    })
    const row = (await rows()).find(({ eventId }) => eventId.startsWith(charge))
    await expect(processWebhook(ctx, row?.id ?? '', 1)).rejects.toThrow('still under way')
  })
  it('waits when MamoPay cannot be asked, and loses nothing', async () => {
    const { id, url } = await buy()
    const charge = await chargeIn(url, {})
    const away = createMamoProvider({
      apiKey: MAMO_KEY,
      webhookSecrets: [MAMO_SECRET],
      apiBase: 'http://127.0.0.1:9',
      mode: 'sandbox',
    })
    const body = JSON.stringify(succeeded(charge))
    await receiveWebhook(ctx, { provider: 'mamopay', body, headers: headers() })
    const row = (await rows()).find(({ eventId }) => eventId.startsWith(charge))
    await expect(processWebhook(contextWith(away), row?.id ?? '', 20)).rejects.toMatchObject({ status: 503 })
    await processWebhook(ctx, row?.id ?? '', 1)
    expect(await endOf(id)).toEqual(FULFILLED)
  })
})

describe('a webhook without it', () => {
  it.each(['', 'wrong', `${MAMO_SECRET}x`, MAMO_SECRET.slice(1), 'é'.repeat(3), 'Basic x'])(
    '%s is refused and not kept',
    async (given) => {
      const before = (await rows()).length
      const body = JSON.stringify({ id: 'MPB-CHRG-1', event_type: 'charge.succeeded' })
      await expect(
        receiveWebhook(ctx, { provider: 'mamopay', body, headers: headers(given) }),
      ).rejects.toMatchObject({ status: 400, code: 'WEBHOOK_INVALID' })
      expect(await rows()).toHaveLength(before)
    },
  )
  it('a ping is answered and leaves nothing', async () => {
    const before = (await rows()).length
    const ping = { provider: 'mamopay', body: '{"ping":"pong"}', headers: new Headers() }
    expect(await receiveWebhook(ctx, ping)).toBe('ping')
    expect(await rows()).toHaveLength(before)
    const disguised = { ...ping, body: '{"ping":"pong","id":"MPB-CHRG-1","event_type":"charge.succeeded"}' }
    await expect(receiveWebhook(ctx, disguised)).rejects.toMatchObject({ status: 400 })
  })
})

describe('a fee on top of the price', () => {
  it('is paid and booked, and earns nobody anything', async () => {
    const { id, url } = await buy()
    await h.api('PATCH', `/links/${url.split('/').at(-1)}`, { processing_fee_percentage: 2 })
    await h.pay(url)
    const [charge] = (await hooksOf(url)).filter(({ type }) => type === 'charge.succeeded')
    expect(charge?.object.amount).toBe(102)
    for (const { body } of await hooksOf(url)) await deliver(body)
    expect(await endOf(id)).toEqual(FULFILLED)
  })
})

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

describe('a subscription through MamoPay', () => {
  it('is settled by its first charge; later periods are booked, and one that fails is past due until it is paid', async () => {
    const { id, url } = await buy(await makeOffer(ctx, { offer: MONTHLY }))
    expect(await (await h.api('GET', `/links/${url.split('/').at(-1)}`)).json()).toMatchObject({
      subscription: { frequency: 'month', frequency_interval: 1 },
    })
    expect((await h.form(url, decline)).status).toBe(422)
    await h.pay(url)
    // The try that failed is told of last.
    for (const { body } of [...(await hooksOf(url))].reverse())
      expect(await deliver(body)).toSatisfy((row: { status: string } | null) => row?.status !== 'QUARANTINED')
    expect(await endOf(id)).toMatchObject({ order: 'FULFILLED', payments: [['CAPTURED', 5_000n, 0n]] })
    const [kept] = await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, id))
    expect(kept).toMatchObject({
      provider: 'mamopay',
      status: 'ACTIVE',
      externalId: expect.stringMatching(/^MPB-SUB-/),
    })
    expect(await h.provider.fetchSubscription(kept?.externalId ?? '')).toMatchObject({ status: 'ACTIVE' })
    const [subscriber] = (await (
      await h.api('GET', `/subscriptions/${kept?.externalId}/subscribers`)
    ).json()) as { id: string }[]
    for (const [what, status] of [
      ['renew', 'ACTIVE'],
      ['decline', 'PAST_DUE'],
      ['renew', 'ACTIVE'],
    ] as const) {
      h.hooks.length = 0
      ctx.clock.advance(86_400_000)
      await h.form(`/sandbox/mamopay/subscribers/${subscriber?.id}/${what}`)
      const [hook] = await hooksOf(url)
      expect(await deliver(hook?.body ?? '')).toMatchObject({ status: 'PROCESSED' })
      const [today] = await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, id))
      expect(today?.status).toBe(status)
    }
    expect((await paymentsOf(id)).map(({ type, capturedAmount }) => [type, capturedAmount]).sort()).toEqual([
      ['WORKSPACE_PURCHASE', 5_000n],
      ['WORKSPACE_RENEWAL', 5_000n],
      ['WORKSPACE_RENEWAL', 5_000n],
    ])
    const told = await database.db
      .select()
      .from(mails)
      .where(eq(mails.to, (await orderNow(id)).email))
    expect(told.map(({ template }) => template).sort()).toEqual([
      'purchase-ready',
      'renewal-failed',
      'renewal-paid',
      'renewal-paid',
    ])
    await h.api('DELETE', `/subscriptions/${kept?.externalId}/subscribers/${subscriber?.id}`)
    expect(await h.provider.fetchSubscription(kept?.externalId ?? '')).toMatchObject({ status: 'CANCELLED' })
  })
})
