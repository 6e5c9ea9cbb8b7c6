import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { mails, subscriptions } from '../../../db/schema'
import type { TestContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { useMamoHouse } from '../../../db/testing/factories/mamopay'
import { MONTHLY, makeOffer } from '../../../db/testing/factories/payment'
import type { MamoHarness } from '../../providers/sandbox/mamopay/mamopay.harness'

const database = useDatabase()
const house = useMamoHouse(database)
const { alerts, buy, deliver, endOf, hooksOf, orderNow, paymentsOf } = house
let h: MamoHarness
let ctx: TestContext
beforeEach(() => {
  ;({ h, ctx } = house.now())
})

const decline = { email: 'a@b.example', number: '4567361325981788', expiry: '01/28', cvc: '123', name: 'A' }

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

  /** A subscription that is paid, its link open to another payer for a while. */
  const subscribed = async () => {
    const { id, url } = await buy(await makeOffer(ctx, { offer: MONTHLY }))
    await h.pay(url, { email: 'first@payer.example' })
    for (const { body } of await hooksOf(url)) await deliver(body)
    const [kept] = await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, id))
    const subscribers = async () =>
      (await (await h.api('GET', `/subscriptions/${kept?.externalId}/subscribers`)).json()) as {
        id: string
        customer: { email: string }
      }[]
    const subscriberOf = async (email: string) =>
      (await subscribers()).find(({ customer }) => customer.email === email)?.id ?? ''
    h.hooks.length = 0
    ctx.clock.advance(86_400_000)
    return { id, url, ref: kept?.externalId ?? '', subscriberOf }
  }
  const statusOf = async (id: string) =>
    (await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, id)))[0]?.status

  it('that somebody else pays too is not renewed by them: their charge is set aside, each of them, and nobody is told', async () => {
    const { id, url, ref, subscriberOf } = await subscribed()
    await h.pay(url, { email: 'second@payer.example' })
    const [charge] = (await hooksOf(url)).filter(({ type }) => type === 'charge.succeeded')
    expect(await deliver(charge?.body ?? '')).toMatchObject({
      status: 'QUARANTINED',
      outcome: expect.stringContaining('not paid by who subscribed'),
    })
    expect(await alerts(String(charge?.object.id))).toHaveLength(1)
    expect(await endOf(id)).toMatchObject({ payments: [['CAPTURED', 5_000n, 0n]], mails: ['purchase-ready'] })
    h.hooks.length = 0
    await h.form(`/sandbox/mamopay/subscribers/${await subscriberOf('second@payer.example')}/decline`)
    const [declined] = await hooksOf(url)
    expect(await deliver(declined?.body ?? '')).toMatchObject({ status: 'IGNORED' })
    expect(await statusOf(id)).toBe('ACTIVE')
    h.hooks.length = 0
    await h.form(`/sandbox/mamopay/subscribers/${await subscriberOf('first@payer.example')}/renew`)
    const [renewed] = await hooksOf(url)
    expect(await deliver(renewed?.body ?? '')).toMatchObject({ status: 'PROCESSED' })
    expect((await paymentsOf(id)).map(({ type }) => type).sort()).toEqual([
      'WORKSPACE_PURCHASE',
      'WORKSPACE_RENEWAL',
    ])
    await h.api('DELETE', `/subscriptions/${ref}/subscribers/${await subscriberOf('first@payer.example')}`)
    expect(await h.provider.fetchSubscription(ref)).toMatchObject({ status: 'CANCELLED' })
  })
})
