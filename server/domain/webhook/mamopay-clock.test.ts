import { eq, inArray } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { commissions, subscriptions } from '../../../db/schema'
import type { TestContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { useMamoHouse } from '../../../db/testing/factories/mamopay'
import { MONTHLY, makeOffer } from '../../../db/testing/factories/payment'
import type { MamoHarness } from '../../providers/sandbox/mamopay/mamopay.harness'

const database = useDatabase()
const house = useMamoHouse(database)
const { buy, deliver, paymentsOf } = house
let h: MamoHarness
let ctx: TestContext
beforeEach(() => {
  ;({ h, ctx } = house.now())
})

const charged = async (link: string) => {
  const answer = await h.api('GET', `/links/${link}`)
  const { charges } = (await answer.json()) as { charges: { id: string; status: string }[] }
  return charges
}

describe('a MamoPay subscription under the sandbox’s clock', () => {
  it('lives through its first payment, a renewal, one that fails and is paid, a refund and its end', async () => {
    const { id, url } = await buy(await makeOffer(ctx, { offer: MONTHLY }))
    const link = url.split('/').at(-1) ?? ''
    const take = async () => {
      await h.settled()
      for (const { body } of h.hooks.splice(0)) await deliver(body)
    }
    const advance = async (...steps: string[]) => {
      for (const step of steps) expect((await h.form(`/sandbox/clock/${step}/advance`)).status).toBe(303)
      await take()
    }
    const kept = async () =>
      (await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, id)))[0]
    /** What the seller has of it in all, and how the subscription stands. */
    const standing = async () => {
      const paid = (await paymentsOf(id)).map((payment) => payment.id)
      const earned = await database.db.select().from(commissions).where(inArray(commissions.paymentId, paid))
      const sum = earned.reduce((all, { amount, reversedAmount }) => all + amount - reversedAmount, 0n)
      return [paid.length, sum, (await kept())?.status]
    }

    await h.pay(url)
    await take()
    expect(await standing()).toEqual([1, 1_000n, 'ACTIVE'])
    await advance('month', 'day')
    expect(await standing()).toEqual([2, 2_000n, 'ACTIVE'])

    const subscribers = await h.api('GET', `/subscriptions/${(await kept())?.externalId}/subscribers`)
    const [subscriber] = (await subscribers.json()) as Record<string, unknown>[]
    expect(Object.keys(subscriber ?? {}).filter((name) => name.startsWith('_'))).toEqual([])
    const press = (what: string) => h.form(`/sandbox/mamopay/subscribers/${subscriber?.id}/${what}`)
    expect((await press('card-fails')).status).toBe(303)
    await advance('month')
    expect(await standing()).toEqual([2, 2_000n, 'PAST_DUE'])
    expect((await charged(link)).filter(({ status }) => status === 'failed').length).toBeGreaterThan(0)
    expect((await press('card-pays')).status).toBe(303)
    await advance('day')
    expect(await standing()).toEqual([3, 3_000n, 'ACTIVE'])

    const [newest] = await charged(link)
    expect((await h.form(`/sandbox/mamopay/charges/${newest?.id}/refund`)).status).toBe(303)
    await take()
    expect(await standing()).toEqual([3, 2_000n, 'ACTIVE'])

    await h.api('DELETE', `/subscriptions/${(await kept())?.externalId}/subscribers/${subscriber?.id}`)
    expect((await press('card-fails')).status).toBe(422)
    await advance('month', 'month')
    expect(await standing()).toEqual([3, 2_000n, 'ACTIVE'])
    expect(await h.provider.fetchSubscription((await kept())?.externalId ?? '')).toMatchObject({
      status: 'CANCELLED',
    })
  }, 30_000)

  it('is charged as often as the clock passes its periods, and no more than was agreed', async () => {
    const made = await h.api('POST', '/links', {
      title: 'Twice',
      amount: 10,
      subscription: { frequency: 'weekly', payment_quantity: 3 },
    })
    const { id, payment_url: url } = (await made.json()) as { id: string; payment_url: string }
    await h.form(url, {
      email: 'a@b.example',
      number: '4659105569051157',
      expiry: '01/28',
      cvc: '123',
      name: 'A',
    })
    await h.form('/sandbox/clock/month/advance')
    expect((await charged(id)).map(({ status }) => status)).toEqual(['captured', 'captured', 'captured'])
    await h.form('/sandbox/clock/month/advance')
    expect(await charged(id)).toHaveLength(3)
  }, 30_000)
})
