import { eq } from 'drizzle-orm'
import { beforeEach, describe, expect, it } from 'vitest'
import { affiliateLinks, commissions, payments, users } from '../../../db/schema'
import { type TestContext, testClock, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeUser } from '../../../db/testing/factories/identity'
import { type MadeOffer, makeOffer, makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { sellingTerms } from '../marketplace'
import { applyDispute, settleOrder } from '../payment'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import { generateAffiliateLink, judgeCommission, liftLink } from '.'

const database = useDatabase()
const clock = testClock()
let ctx: TestContext
let admin: TestContext
let offer: MadeOffer
let seller: TestContext
let count = 0

const set = (sellerLevels: object[]) =>
  changeProgram(admin, ChangeProgramInput.parse({ sellerLevels, reason: '' }))

beforeEach(async () => {
  clock.advance(1_000)
  ctx = testContext(database.db, { clock })
  admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  await set([{ sales: 0 }, { sales: 2, percentage: 25 }])
  clock.advance(1_000)
  offer = await makeOffer(ctx)
  seller = ctx.as(offer.seller.actor)
})

const sell = async ({ email, payer }: { email?: string; payer?: string } = {}) => {
  const [link] = await database.db.select().from(affiliateLinks).where(eq(affiliateLinks.id, offer.link.id))
  if (link === undefined) throw new Error('no link')
  const order = await makeOrder(ctx, { link }, email === undefined ? {} : { email })
  await inTransaction(ctx, (tx) =>
    settleOrder(tx, paidFacts(order, payer === undefined ? {} : { payer: { email: payer, card: null } })),
  )
  const [earned] = await database.db
    .select({ id: commissions.id, rate: commissions.ratePercentage, paymentId: payments.id })
    .from(commissions)
    .innerJoin(payments, eq(payments.id, commissions.paymentId))
    .where(eq(payments.orderId, order.id))
  return earned
}
const newRate = async () => {
  count += 1
  const { id } = await generateAffiliateLink(seller, {
    name: `Link ${count}`,
    workspaceId: offer.workspaceId,
    offer: { mode: 'ONE_OFF', price: { amount: 10_000, currency: 'USD' } },
  })
  const [link] = await database.db.select().from(affiliateLinks).where(eq(affiliateLinks.id, id))
  return link?.commissionPercentage
}

describe('a level', () => {
  it('is reached with the sale that completes its count, and counts for what is made from then on', async () => {
    expect([(await sell())?.rate, await newRate()]).toEqual(['20.00', '20.00'])
    expect((await sellingTerms(seller)).level).toEqual({
      number: 1,
      of: 2,
      sales: 1,
      next: { sales: 2, percentage: '25.00' },
    })
    expect([(await sell())?.rate, await newRate()]).toEqual(['20.00', '25.00'])
    expect(await sellingTerms(seller)).toMatchObject({
      commissionPercentage: '25.00',
      level: { number: 2, next: null },
    })
  })

  it('leaves links as they are until their seller lifts them, once', async () => {
    await sell()
    await expect(liftLink(seller, { id: offer.link.id })).rejects.toMatchObject({ code: 'NOTHING_TO_LIFT' })
    await sell()
    expect((await sell())?.rate).toBe('20.00')
    const results = await Promise.allSettled([
      liftLink(seller, { id: offer.link.id }),
      liftLink(seller, { id: offer.link.id }),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect((await sell())?.rate).toBe('25.00')
  })

  it('never lowers a seller’s own rate, and without a percentage changes none', async () => {
    await set([{ sales: 0, percentage: 5 }, { sales: 1 }])
    clock.advance(1_000)
    await sell()
    expect(await newRate()).toBe('20.00')
  })

  it('is not reached by what was given back', async () => {
    const earned = await sell()
    await sell()
    await database.owner.transaction(async (tx) => {
      await tx
        .update(payments)
        .set({ refundedAmount: 10_000n })
        .where(eq(payments.id, earned?.paymentId ?? ''))
    })
    expect(await newRate()).toBe('20.00')
    await database.owner.transaction(async (tx) => {
      await tx
        .update(payments)
        .set({ refundedAmount: 0n })
        .where(eq(payments.id, earned?.paymentId ?? ''))
    })
  })

  it('is not reached by what is disputed or was charged back, and is once the dispute is won', async () => {
    const charge = await sell().then(async (earned) => {
      const [payment] = await database.db
        .select()
        .from(payments)
        .where(eq(payments.id, earned?.paymentId ?? ''))
      if (payment === undefined) throw new Error('no payment')
      return payment
    })
    await sell()
    const { provider, mode, paymentIntentId, chargeId } = charge
    const dispute = (ref: string, state: 'open' | 'won' | 'lost') =>
      inTransaction(ctx, (tx) =>
        applyDispute(tx, {
          ...{ provider, mode, paymentIntentId, chargeId },
          dispute: { ref: `${ref}_${charge.id}`, amount: { amount: 10_000n, currency: 'USD' }, state },
        }),
      )
    await dispute('dp_1', 'open')
    expect(await newRate()).toBe('20.00')
    await dispute('dp_1', 'won')
    expect(await newRate()).toBe('25.00')
    await dispute('dp_2', 'lost')
    expect(await newRate()).toBe('20.00')
  })

  it('is not reached by sales to a colleague, nor by one that waits for an admin, but by one they let pass', async () => {
    await sell()
    const { seller: who } = offer
    const colleague = await makeUser(ctx)
    await database.db
      .update(users)
      .set({ organizationId: who.organizationId })
      .where(eq(users.id, colleague.id))
    await sell({ email: colleague.email })
    expect(await newRate()).toBe('20.00')
    const held = await sell({ payer: who.email })
    expect(await newRate()).toBe('20.00')
    await judgeCommission(admin, { id: held?.id ?? '', verdict: 'RELEASED', reason: 'They are two people.' })
    expect(await newRate()).toBe('25.00')
  })

  it('cannot bring the shares of a payment above all of it', async () => {
    await expect(set([{ sales: 0, percentage: '85.01' }])).rejects.toMatchObject({
      status: 422,
      code: 'SHARES_TOO_HIGH',
      issues: [{ path: ['sellerLevels'] }],
    })
  })

  it.each([
    [[{ sales: 5 }, { sales: 5 }]],
    [[{ sales: 5 }, { sales: 1 }]],
    [[{ sales: -1 }]],
    [[{ sales: 0.5 }]],
    [[{ sales: 1, percentage: 101 }]],
    [[{ sales: 1, more: 1 }]],
  ])('is refused as %j', (sellerLevels) => {
    expect(ChangeProgramInput.safeParse({ sellerLevels }).success).toBe(false)
  })
})
