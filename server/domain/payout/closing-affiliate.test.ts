import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  activityLog,
  affiliateBonuses,
  affiliateCodes,
  affiliates,
  attributionReviews,
  attributions,
  commissions,
  orders,
} from '../../../db/schema'
import { useDatabase } from '../../../db/testing/database'
import { makeBareWorkspace, makePayment, makeSeller } from '../../../db/testing/factories/affiliate'
import { closingWorld, refusalOf } from '../../../db/testing/factories/closing'
import { makeUser, TEST_PASSWORD } from '../../../db/testing/factories/identity'
import { makeOffer, makeOrder } from '../../../db/testing/factories/payment'
import { type Context, inTransaction, newId } from '../../kit/context'
import {
  answerReview,
  approveAffiliate,
  askForReview,
  grantBonuses,
  joinProgram,
  moveAttribution,
  recordCommissions,
} from '../affiliate'
import { createApiKey } from '../identity'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
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

  it('no bonus is granted: it waits, and finds nobody', async () => {
    const { ctx, admin, as, id, user } = await givenAffiliate()
    await referredPayment(ctx, id)
    await changeProgram(
      admin,
      ChangeProgramInput.parse({
        affiliateBonuses: [{ name: 'Late', amount: { amount: 500, currency: 'USD' }, conversions: 1 }],
      }),
    )
    ctx.clock.advance(1_000)
    let granted: Promise<number> = Promise.resolve(-1)
    await inTransaction(as, async (tx) => {
      await closeAccount(tx, { password: TEST_PASSWORD, confirmation: 'close my account' })
      granted = grantBonuses(ctx)
      await waiting()
    })
    await granted
    expect(await database.db.$count(affiliateBonuses, eq(affiliateBonuses.affiliateId, id))).toBe(0)
    expect(await database.db.$count(commissions, eq(commissions.beneficiaryId, user.id))).toBe(0)
  })

  it('no commission is earned: the payment waits, and withholds it', async () => {
    const { ctx, as, id, user } = await givenAffiliate()
    const { facts, customer } = await referredPayment(ctx, id)
    let recorded: ReturnType<typeof recordCommissions> | null = null
    await inTransaction(as, async (tx) => {
      await closeAccount(tx, { password: TEST_PASSWORD, confirmation: 'close my account' })
      recorded = recordCommissions(ctx, {
        ...facts,
        buyerOrganizationId: customer.organizationId,
        saleRate: '20.00',
        saleRateSource: 'link',
      })
      await waiting()
    })
    expect(await recorded).toMatchObject({ withheld: [{ kind: 'REFERRAL', userId: user.id }] })
    expect(await database.db.$count(commissions, eq(commissions.beneficiaryId, user.id))).toBe(0)
  })
})

/** A payment of somebody attributed to the affiliate, its shares not yet recorded. */
const referredPayment = async (ctx: ReturnType<typeof given>, affiliateId: string) => {
  const [seller, customer] = [await makeSeller(ctx), await makeUser(ctx)]
  const workspace = await makeBareWorkspace(ctx, seller.id)
  await database.db
    .insert(attributions)
    .values({ customerId: customer.id, affiliateId, ratePercentage: '15.00', createdAt: ctx.now() })
  const of = { buyerId: customer.id, sellerId: seller.id, workspaceId: workspace.id, baseAmount: 10_000n }
  const { id: paymentId, capturedAmount } = await makePayment(ctx, of)
  return {
    customer,
    facts: { ...of, paymentId, capturedAmount, taxAmount: 0n, currency: 'USD', paidAt: ctx.now() },
  }
}
