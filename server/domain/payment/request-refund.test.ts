import { eq, sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commissions, jobs, mails, orders, paymentRefunds, payments } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { brokenBooks, type MadeOffer, makeOffer } from '../../../db/testing/factories/payment'
import { DomainError } from '../../kit/errors'
import { type Harness, PAYMENT, startHarness } from '../../providers/sandbox/sandbox.harness'
import { getBalances } from '../balance'
import { processWebhook, receiveWebhook } from '../webhook'
import {
  createPaymentLink,
  inspectPayment,
  listAllPayments,
  reportUnsentRefund,
  requestRefund,
  sendRefund,
} from '.'

const database = useDatabase({ max: 20 })
let h: Harness
let ctx: TestContext
let admin: TestContext
let offer: MadeOffer

beforeAll(async () => {
  h = await startHarness(database.db, () => ctx.now())
})
afterAll(() => h.stop())
beforeEach(async () => {
  ctx = testContext(database.db, { outside: { payments: new Map([['stripe', h.provider]]) } })
  const person = await makeUser(ctx)
  admin = ctx.as({
    kind: 'admin',
    userId: person.id,
    organizationId: person.organizationId,
    email: person.email,
  })
  offer = await makeOffer(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

/** Takes in what the sandbox has sent, as often as it takes. */
let taken = 0
const takeIn = async (type: string, count = 1) => {
  await h.until(type, count)
  for (; taken < h.received.length; taken += 1) {
    const one = h.received[taken]
    if (one === undefined) break
    await receiveWebhook(ctx, { provider: 'stripe', body: one.body, headers: one.headers })
  }
  const waiting = await database.db.query.webhookEvents.findMany({ columns: { id: true } })
  for (const { id } of waiting) await processWebhook(ctx, id).catch(() => {})
  for (const { id } of waiting) await processWebhook(ctx, id)
}
const countOf = (type: string) => h.received.filter((one) => one.type === type).length

/** Bought at the sandbox and told by its webhooks: 100.00 USD, of which the seller has 20.00. */
const bought = async () => {
  const { id, url } = await createPaymentLink(ctx, {
    paymentType: 'WORKSPACE_PURCHASE',
    email: `buyer-${taken}-${offer.link.id}@example.test`,
    firstName: 'Bo',
    lastName: 'Buyer',
    affiliateToken: offer.token,
    attempt: null,
  })
  const before = countOf('checkout.session.completed')
  await h.form(new URL(url).pathname, PAYMENT)
  await takeIn('checkout.session.completed', before + 1)
  const [order] = await database.db.select().from(orders).where(eq(orders.id, id))
  expect(order?.status).toBe('FULFILLED')
  return paymentOf(id)
}
const paymentOf = async (orderId: string) => {
  const [row] = await database.db.select().from(payments).where(eq(payments.orderId, orderId))
  if (row === undefined) throw new Error('no such payment')
  return row
}
const atProvider = async (intent: string | null) =>
  (await h.provider.fetchRefunds({ paymentIntentId: intent, chargeId: null })) ?? []
const available = async () => (await getBalances(ctx, offer.seller.id))[0]?.balance.amount

describe('an admin refunds a payment', () => {
  it('in parts, at the provider and in the books at once; the webhook later changes nothing', async () => {
    const payment = await bought()
    const given = countOf('refund.created')
    const answer = await requestRefund(admin, { id: payment.id, amount: 2_500, reason: 'Late.' })
    expect(answer).toMatchObject({
      status: 'PARTIALLY_REFUNDED',
      refunded: { amount: 2_500, currency: 'USD' },
      requested: { amount: 0 },
      refunds: [{ status: 'SUCCEEDED', amount: 2_500, reference: expect.stringMatching(/^re_/) }],
    })
    expect(await available()).toBe(1_500)
    await takeIn('refund.created', given + 1)
    const { status, refundedAmount, reversals } = await paymentOf(payment.orderId)
    expect({ status, refundedAmount, reversals }).toEqual({
      status: 'PARTIALLY_REFUNDED',
      refundedAmount: 2_500n,
      reversals: 1,
    })
    expect(await requestRefund(admin, { id: payment.id, reason: 'The rest.' })).toMatchObject({
      status: 'REFUNDED',
      refunded: { amount: 10_000 },
    })
    expect((await atProvider(payment.paymentIntentId)).map(({ amount }) => amount.amount)).toEqual([
      7_500n,
      2_500n,
    ])
    expect(await available()).toBe(0)
  })

  it('of the whole, asked for two at once: one refund', async () => {
    const payment = await bought()
    const answers = await Promise.allSettled(
      [1, 2, 3].map(() => requestRefund(admin, { id: payment.id, reason: 'Twice.' })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'REFUND_TOO_LARGE' })
    expect(await atProvider(payment.paymentIntentId)).toHaveLength(1)
  })

  it('under one attempt once, one after the other and at once; with other contents it is refused', async () => {
    const payment = await bought()
    const part = { id: payment.id, amount: 1_000, reason: 'Late.', attempt: 'form-1' }
    await Promise.all([requestRefund(admin, part), requestRefund(admin, part)])
    await requestRefund(admin, part)
    expect(await atProvider(payment.paymentIntentId)).toHaveLength(1)
    expect((await paymentOf(payment.orderId)).refundedAmount).toBe(1_000n)
    await expect(requestRefund(admin, { ...part, amount: 2_000 })).rejects.toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    await requestRefund(admin, { ...part, attempt: 'form-2' })
    expect((await paymentOf(payment.orderId)).refundedAmount).toBe(2_000n)
  })

  it('after seeing what it takes back from whom, which is what it then takes back', async () => {
    const payment = await bought()
    const foreseen = await inspectPayment(admin, { id: payment.id, amount: 2_501 })
    const usd = (amount: number) => ({ amount, currency: 'USD' })
    expect(foreseen).toMatchObject({
      commissions: [{ reversed: usd(0) }],
      refunds: [],
      copy: { status: 'ACTIVE' },
    })
    expect(foreseen.refund).toEqual({
      left: usd(10_000),
      amount: usd(2_501),
      freezes: false,
      shares: [{ who: 'Ann Example', kind: 'SALE', takenBack: usd(500) }],
      platform: usd(2_001),
      tax: usd(0),
    })
    await requestRefund(admin, { id: payment.id, amount: 2_501, reason: 'Late.' })
    const now = await inspectPayment(admin, { id: payment.id })
    expect(now).toMatchObject({
      status: 'PARTIALLY_REFUNDED',
      refunds: [{ status: 'SUCCEEDED', amount: usd(2_501), reason: 'Late.' }],
      commissions: [{ reversed: usd(500) }],
      refund: { left: usd(7_499), freezes: true, shares: [{ takenBack: usd(1_500) }] },
    })
    for (const { entries } of now.transfers)
      expect(entries.reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(0)
    await requestRefund(admin, { id: payment.id, reason: 'All of it.' })
    expect(await inspectPayment(admin, { id: payment.id, amount: 1 })).toMatchObject({
      status: 'REFUNDED',
      copy: { status: 'FROZEN' },
      refund: null,
    })
    for (const id of [crypto.randomUUID(), 'nonsense'])
      await expect(inspectPayment(admin, { id })).rejects.toMatchObject({
        status: 404,
        code: 'PAYMENT_NOT_FOUND',
      })
  })

  it('found in the list of all payments, newest first, none twice and none left out, by state', async () => {
    const made: string[] = []
    for (let i = 0; i < 3; i += 1) {
      ctx.clock.advance(1_000)
      made.unshift((await bought()).id)
    }
    await requestRefund(admin, { id: made[1] ?? '', reason: 'Late.' })
    const first = await listAllPayments(admin, { limit: 2 })
    expect(first.items.map(({ id }) => id)).toEqual(made.slice(0, 2))
    const rest = await listAllPayments(admin, { limit: 100, cursor: first.nextCursor ?? '' })
    expect(rest.items[0]?.id).toBe(made[2])
    expect(new Set([...first.items, ...rest.items].map(({ id }) => id)).size).toBe(
      await ctx.db.$count(payments),
    )
    const refunded = await listAllPayments(admin, { limit: 100, status: 'REFUNDED' })
    expect(refunded.items[0]).toMatchObject({
      id: made[1],
      refunded: { amount: 10_000, currency: 'USD' },
      seller: { email: offer.seller.email },
      sold: 'Premium Templates',
    })
    expect(refunded.items.every(({ status }) => status === 'REFUNDED')).toBe(true)
    await expect(listAllPayments(admin, { limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
      status: 400,
    })
  })

  it('more than there is, a disputed one, or none, is refused', async () => {
    const payment = await bought()
    const ask = (id: string, amount?: number) => requestRefund(admin, { id, amount, reason: 'Why not.' })
    await expect(ask(payment.id, 10_001)).rejects.toMatchObject({ status: 422, code: 'REFUND_TOO_LARGE' })
    await expect(ask('00000000-0000-7000-8000-000000000000')).rejects.toMatchObject({
      code: 'PAYMENT_NOT_FOUND',
    })
    const { chargeId } = await paymentOf(payment.orderId)
    const opened = countOf('charge.dispute.created')
    await h.form(`/sandbox/charges/${chargeId}/dispute`, {})
    await takeIn('charge.dispute.created', opened + 1)
    await expect(ask(payment.id)).rejects.toMatchObject({ code: 'PAYMENT_NOT_REFUNDABLE' })
    expect(await atProvider(payment.paymentIntentId)).toEqual([])
  })

  it('goes on by a job where the provider was out of reach or a crash came between, and refunds once', async () => {
    const payment = await bought()
    const given = countOf('refund.created')
    const away = new DomainError(503, 'PROVIDER_UNAVAILABLE', 'Away.')
    const cut = {
      ...h.provider,
      refund: async (input: Parameters<typeof h.provider.refund>[0]) => {
        await h.provider.refund(input)
        throw away
      },
    }
    const offline = { ...admin, outside: { ...admin.outside, payments: new Map([['stripe', cut]]) } }
    expect(await requestRefund(offline, { id: payment.id, amount: 4_000, reason: 'Cut.' })).toMatchObject({
      status: 'CAPTURED',
      requested: { amount: 4_000 },
    })
    const [row] = await database.db
      .select()
      .from(paymentRefunds)
      .where(eq(paymentRefunds.paymentId, payment.id))
    const id = row?.id ?? ''
    const [job] = await database.db
      .select()
      .from(jobs)
      .where(eq(jobs.key, `refund:send:${id}`))
    expect(job?.payload).toEqual({ refundId: id })
    // Its webhook may come first: it names the row it was asked for with.
    await takeIn('refund.created', given + 1)
    await Promise.all([sendRefund(ctx, id), sendRefund(ctx, id)])
    expect(await atProvider(payment.paymentIntentId)).toHaveLength(1)
    expect(
      await database.db.select().from(paymentRefunds).where(eq(paymentRefunds.paymentId, payment.id)),
    ).toMatchObject([{ id, status: 'SUCCEEDED', amount: 4_000n, reason: 'Cut.' }])
    expect(await paymentOf(payment.orderId)).toMatchObject({ refundedAmount: 4_000n })
  })

  it('refused by the provider is cancelled, and can be asked for again', async () => {
    const payment = await bought()
    const refusing = {
      ...h.provider,
      refund: async () => {
        throw new DomainError(422, 'PROVIDER_REFUSED', 'No.')
      },
    }
    const off = { ...admin, outside: { ...admin.outside, payments: new Map([['stripe', refusing]]) } }
    await expect(requestRefund(off, { id: payment.id, reason: 'No.' })).rejects.toMatchObject({
      code: 'PROVIDER_REFUSED',
    })
    expect(await requestRefund(admin, { id: payment.id, reason: 'Yes.' })).toMatchObject({
      status: 'REFUNDED',
      refunds: expect.arrayContaining([expect.objectContaining({ status: 'CANCELED', reference: null })]),
    })
  })

  it('that is never sent, or refused to a job, is the admin’s', async () => {
    const payment = await bought()
    const providers = (code: string, status: 422 | 503) =>
      new Map([
        [
          'stripe',
          {
            ...h.provider,
            refund: async () => {
              throw new DomainError(status, code, 'No.')
            },
          },
        ],
      ])
    const away = { ...admin.outside, payments: providers('PROVIDER_UNAVAILABLE', 503) }
    await requestRefund({ ...admin, outside: away }, { id: payment.id, reason: 'Away.' })
    const [row] = await database.db
      .select()
      .from(paymentRefunds)
      .where(eq(paymentRefunds.paymentId, payment.id))
    const id = row?.id ?? ''
    const job = {
      ...ctx.as({ kind: 'job', name: 'payment.sendRefund' }),
      outside: { ...ctx.outside, payments: providers('PROVIDER_REFUSED', 422) },
    }
    await expect(
      sendRefund({ ...job, outside: { ...job.outside, payments: new Map() } }, id),
    ).rejects.toThrow('switched off')
    await expect(sendRefund(job, id)).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' })
    await expect(sendRefund(job, id)).resolves.toBeUndefined()
    expect(
      await database.db
        .select()
        .from(mails)
        .where(eq(mails.key, `alert:refund-request:${id}`)),
    ).toHaveLength(1)
    await reportUnsentRefund(ctx, 'r1', 'away')
    await reportUnsentRefund({ ...ctx, config: { ...ctx.config, admin: null } }, 'r2', 'away')
    const told = await database.db.select().from(mails).where(sql`key like 'alert:refund-request:%'`)
    expect(told.map(({ key }) => key)).toContain('alert:refund-request:r1')
    expect(told.map(({ key }) => key)).not.toContain('alert:refund-request:r2')
  })
})

describe('what happens at the provider', () => {
  it('a refund made there fails later: taken back, then restored', async () => {
    const payment = await bought()
    const { chargeId } = await paymentOf(payment.orderId)
    const given = countOf('charge.refunded')
    await h.form(`/sandbox/charges/${chargeId}/refund`, {})
    await takeIn('charge.refunded', given + 1)
    expect(await paymentOf(payment.orderId)).toMatchObject({ status: 'REFUNDED' })
    expect(await available()).toBe(0)
    const [made] = await atProvider(payment.paymentIntentId)
    const failed = countOf('refund.failed')
    await h.form(`/sandbox/refunds/${made?.ref}/fail`, {})
    await takeIn('refund.failed', failed + 1)
    expect(await paymentOf(payment.orderId)).toMatchObject({ status: 'CAPTURED', refundedAmount: 0n })
    expect(await available()).toBe(2_000)
  })

  it.each([
    ['won', 'CAPTURED', 2_000],
    ['lost', 'REFUNDED', 0],
  ])('a dispute that is opened and %s leaves the payment %s', async (outcome, status, left) => {
    const payment = await bought()
    const { chargeId } = await paymentOf(payment.orderId)
    const opened = countOf('charge.dispute.created')
    await h.form(`/sandbox/charges/${chargeId}/dispute`, {})
    await takeIn('charge.dispute.created', opened + 1)
    const [share] = await database.db.select().from(commissions).where(eq(commissions.paymentId, payment.id))
    expect(share).toMatchObject({ heldAmount: 2_000n })
    const id = String(h.received.filter((one) => one.type === 'charge.dispute.created').at(-1)?.object.id)
    const closed = countOf('charge.dispute.closed')
    await h.form(`/sandbox/disputes/${id}/${outcome}`, {})
    await takeIn('charge.dispute.closed', closed + 1)
    expect(await paymentOf(payment.orderId)).toMatchObject({ status })
    expect(await available()).toBe(left)
  })
})
