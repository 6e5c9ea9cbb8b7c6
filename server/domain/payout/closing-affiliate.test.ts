import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  activityLog,
  affiliateCodes,
  affiliates,
  attributionReviews,
  attributions,
  orders,
} from '../../../db/schema'
import { useDatabase } from '../../../db/testing/database'
import { closingWorld, refusalOf } from '../../../db/testing/factories/closing'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { makeOffer, makeOrder } from '../../../db/testing/factories/payment'
import { type Context, inTransaction, newId } from '../../kit/context'
import { answerReview, approveAffiliate, askForReview, joinProgram, moveAttribution } from '../affiliate'
import { createApiKey } from '../identity'
import { closeAccount } from '.'

const database = useDatabase({ max: 8 })
const { given, close, traces, waiting } = closingWorld(database)

/** An affiliate whose code is made of their name, which is nobody else's. */
const givenAffiliate = async () => {
  const ctx = given()
  const mark = `q${newId(ctx).slice(-8)}`
  const user = await makeUser(ctx, { firstName: `Zoraide${mark}`, lastName: 'Example' })
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  const joined = await joinProgram(ctx.as(user.actor), { paymentEmail: user.email })
  await approveAffiliate(admin, { id: joined.id })
  return { ctx, user, as: ctx.as(user.actor), admin, id: joined.id, code: joined.affiliateCode, mark }
}

describe('closing the account of an affiliate', () => {
  it('leaves no code made of their name, wherever it was written down', async () => {
    const { ctx, user, as, admin, id, code, mark } = await givenAffiliate()
    expect(code).toBe(`zoraide${mark}-example`)
    const [customer, other] = [await makeUser(ctx), await givenAffiliate()]
    await database.db.insert(attributions).values({
      customerId: customer.id,
      affiliateId: other.id,
      ratePercentage: '30',
      code: other.code,
      createdAt: ctx.now(),
    })
    await moveAttribution(admin, { referralId: customer.id, code, reason: 'asked' })
    await database.db.update(attributions).set({ code }).where(eq(attributions.customerId, customer.id))
    const order = await makeOrder(ctx, await makeOffer(ctx), { referralCode: code })
    await close(as)
    const [row] = await database.db.select().from(affiliates).where(eq(affiliates.id, id))
    expect(row).toMatchObject({ status: 'SUSPENDED', paymentEmail: null })
    expect(row?.code).toMatch(/^partner-[a-z2-9]{8}$/)
    expect(await traces(mark)).toEqual([])
    expect(await traces(user.email)).toEqual([])
    expect(await database.db.select().from(orders).where(eq(orders.id, order.id))).toMatchObject([
      { referralCode: row?.code },
    ])
    const [moved] = await database.db
      .select()
      .from(activityLog)
      .where(eq(activityLog.action, 'attribution_moved'))
    expect(moved?.after).toMatchObject({ affiliateId: id, code: row?.code })
    expect(await traces(other.mark)).not.toEqual([])
    expect(await refusalOf(approveAffiliate(admin, { id }))).toEqual([409, 'AFFILIATE_STATE'])
  })

  it('keeps their code taken: somebody of the same name gets another, also at once', async () => {
    const { ctx, user, as, code } = await givenAffiliate()
    const named = () => makeUser(ctx, { firstName: user.firstName, lastName: user.lastName })
    const [first, second] = [await named(), await named()]
    const [beside] = await Promise.all([
      joinProgram(ctx.as(first.actor), { paymentEmail: first.email }),
      close(as),
    ])
    const after = await joinProgram(ctx.as(second.actor), { paymentEmail: second.email })
    for (const { affiliateCode } of [beside, after]) {
      expect(affiliateCode).not.toBe(code)
      expect(affiliateCode.startsWith(`${code}-`)).toBe(true)
    }
    const [row] = await database.db.select().from(affiliates).where(eq(affiliates.userId, user.id))
    const codes = await database.db
      .select()
      .from(affiliateCodes)
      .where(eq(affiliateCodes.affiliateId, row?.id ?? ''))
    expect(codes.map((one) => one.code).sort()).toEqual([
      row?.code,
      expect.stringMatching(/^taken_[0-9a-f]{58}$/),
    ])
    await expect(
      database.db.insert(affiliateCodes).values({ code, affiliateId: beside.id, createdAt: ctx.now() }),
    ).rejects.toThrow()
  })

  it('removes what they asked admins and were told, and leaves nothing to answer', async () => {
    const { as, admin, id } = await givenAffiliate()
    const { id: asked } = await askForReview(as, { message: 'My cousin Xaverine sent them' })
    await askForReview(as, { message: 'Xaverine again' })
    await answerReview(admin, { id: asked, answer: 'Xaverine is right' })
    await close(as)
    expect(await traces('Xaverine')).toEqual([])
    const rows = await database.db
      .select()
      .from(attributionReviews)
      .where(eq(attributionReviews.affiliateId, id))
    expect(rows.map(({ status }) => status)).toEqual(['ANSWERED', 'ANSWERED'])
  })

  it('removes where they came from as a customer, from orders and attribution', async () => {
    const { ctx, id } = await givenAffiliate()
    const buyer = await makeUser(ctx)
    const origin = { source: 'Vilhelmina’s list', medium: '', campaign: '', landingPage: '/' }
    await database.db.insert(attributions).values({
      customerId: buyer.id,
      affiliateId: id,
      ratePercentage: '30',
      origin,
      createdAt: ctx.now(),
    })
    await makeOrder(ctx, await makeOffer(ctx), {
      buyerId: buyer.id,
      status: 'EXPIRED',
      referralOrigin: origin,
    })
    await close(ctx.as(buyer.actor))
    expect(await traces('Vilhelmina')).toEqual([])
  })
})

describe('beside the closing of an account', () => {
  it.each([
    [
      'nobody joins the programme',
      false,
      (as: Context) => joinProgram(as, { paymentEmail: 'late@example.test' }),
    ],
    ['no key is made', false, (as: Context) => createApiKey(as, { name: 'Late key' })],
    ['no review is asked for', true, (as: Context) => askForReview(as, { message: 'A late question' })],
  ])('%s: it waits, and is refused', async (_name, joined, late) => {
    const ctx = given()
    const user = await makeUser(ctx)
    const as = ctx.as(user.actor)
    if (joined) await joinProgram(as, { paymentEmail: user.email })
    let outcome: Promise<unknown> = Promise.resolve()
    await inTransaction(as, async (tx) => {
      await closeAccount(tx, { password: TEST_PASSWORD, confirmation: 'close my account' })
      outcome = refusalOf(late(as))
      await waiting()
    })
    expect(await outcome).toEqual([401, 'SIGN_IN_REQUIRED'])
    for (const text of ['late@example.test', 'Late key', 'A late question'])
      expect(await traces(text)).toEqual([])
  })
})
