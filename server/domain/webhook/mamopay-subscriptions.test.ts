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
const { buy, deliver, endOf, hooksOf, orderNow, paymentsOf } = house
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
})
