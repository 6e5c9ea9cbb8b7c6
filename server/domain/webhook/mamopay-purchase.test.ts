import { and, eq, like, sql } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { jobs, orders, sandboxObjects } from '../../../db/schema'
import type { TestContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { FULFILLED, mamoHeaders as headers, useMamoHouse } from '../../../db/testing/factories/mamopay'
import { type MadeOffer, makeOffer } from '../../../db/testing/factories/payment'
import { createMamoProvider } from '../../providers/mamopay'
import {
  type Hook,
  MAMO_KEY,
  MAMO_SECRET,
  type MamoHarness,
} from '../../providers/sandbox/mamopay/mamopay.harness'
import { endCheckout, learnFee, orderProgress, syncOrder } from '../payment'
import { processWebhook, receiveWebhook } from '.'

const database = useDatabase()
const house = useMamoHouse(database)
const { alerts, buy, contextWith, deliver, endOf, hooksOf, orderNow, paymentsOf, rows } = house
let h: MamoHarness
let ctx: TestContext
let offer: MadeOffer
beforeEach(() => {
  ;({ h, ctx, offer } = house.now())
})

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

/** Pays a link; its charge is then as `changes` say. */
const chargeIn = async (url: string, changes: Record<string, unknown>) => {
  await h.pay(url)
  const link = url.split('/').at(-1) ?? ''
  const [row] = await database.db
    .select()
    .from(sandboxObjects)
    .where(and(eq(sandboxObjects.type, 'charge'), like(sandboxObjects.id, 'MPB-CHRG-%')))
    .then((all) => all.filter(({ body }) => body.payment_link_id === link))
  if (row === undefined) throw new Error('no charge was made')
  await changeCharge(row.id, changes)
  return row.id
}
const changeCharge = async (id: string, changes: Record<string, unknown>) => {
  await database.db
    .update(sandboxObjects)
    .set({ body: sql`${sandboxObjects.body} || ${JSON.stringify(changes)}::jsonb` })
    .where(eq(sandboxObjects.id, id))
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
  it('is one as long as it waits, however often and in whichever family it comes', async () => {
    const body = succeeded('MPB-CHRG-TWICE00001')
    const take = (one: Record<string, unknown>) =>
      receiveWebhook(ctx, { provider: 'mamopay', body: JSON.stringify(one), headers: headers() })
    expect(await Promise.all([body, body, body].map(take))).toEqual(
      expect.arrayContaining(['stored', 'duplicate', 'duplicate']),
    )
    expect(await take({ ...body, custom_data: { other: 1 } })).toBe('duplicate')
    expect(await take({ ...body, event_type: 'payment.succeeded' })).toBe('duplicate')
    expect(await take({ ...body, refund_amount: 1 })).toBe('stored')
    const waiting = (await rows()).filter(({ eventId }) => eventId.startsWith('MPB-CHRG-TWICE00001'))
    expect(waiting).toHaveLength(2)
    const key = `webhook:${waiting.find(({ eventId }) => !eventId.endsWith('1.00'))?.id}`
    // Somebody has begun to look: what happened after that may not be seen.
    await database.db.update(jobs).set({ leaseToken: crypto.randomUUID() }).where(like(jobs.key, 'webhook:%'))
    expect(await take(body)).toBe('stored')
    expect(await take(body)).toBe('duplicate')
    await database.db.delete(jobs).where(eq(jobs.key, key))
    expect(await take(body)).toBe('duplicate')
  })
  it('is looked into again when it comes again after it was', async () => {
    const { id, url } = await buy()
    const charge = await chargeIn(url, {})
    const bell = { id: charge, event_type: 'charge.refunded', status: 'captured' }
    await deliver(succeeded(charge))
    for (const parts of [[10], [10, 20]]) {
      await changeCharge(charge, {
        refund_amount: parts.reduce((sum, part) => sum + part, 0),
        refunds: parts.map((amount, place) => ({ id: `MPB-RFND-${id}-${place}`, amount })),
      })
      // It tells nothing of the amounts, so both are of one name.
      expect(await deliver(bell)).toMatchObject({ status: 'PROCESSED' })
    }
    expect(await endOf(id)).toMatchObject({ payments: [['PARTIALLY_REFUNDED', 10_000n, 3_000n]] })
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

describe('what MamoPay keeps of a charge', () => {
  it('is learned once it says so, and booked once', async () => {
    const aed = { mode: 'ONE_OFF' as const, price: { amount: 10_000, currency: 'AED' } }
    const { id, url } = await buy(await makeOffer(ctx, { offer: aed }))
    const charge = await chargeIn(url, {
      settlement_amount: null,
      settlement_fee: null,
      settlement_vat: null,
    })
    for (const { body } of await hooksOf(url)) await deliver(body)
    const feeNow = async () => (await paymentsOf(id)).map(({ feeAmount }) => feeAmount)
    expect(await feeNow()).toEqual([null])
    const [payment] = await paymentsOf(id)
    await expect(learnFee(ctx, payment?.id ?? '')).rejects.toThrow('not known yet')
    await changeCharge(charge, {
      settlement_amount: '96.95',
      settlement_fee: 'AED 2.90',
      settlement_vat: 'AED 0.15',
    })
    for (let n = 0; n < 2; n += 1) await learnFee(ctx, payment?.id ?? '')
    expect(await feeNow()).toEqual([305n])
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
