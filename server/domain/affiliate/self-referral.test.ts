import { and, eq, sql } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'
import {
  activityLog,
  affiliates,
  commissions,
  mails,
  payments,
  workspaceMembers,
  workspaces,
} from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeAffiliate, makeReferral } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import { makeOffer, makeOrder, type Order, paidFacts, postedFor } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { getBalances } from '../balance'
import { applyDispute, applyRefund, explainCommission, type PaidFacts, settleOrder } from '../payment'
import { changeProgram } from '../program'
import { ChangeProgramInput } from '../program/schemas'
import { judgeCommission, listHeldCommissions, oneCommission, processUnpaidCommissions } from '.'
import { standingOf } from './standing'

const database = useDatabase({ max: 20 })

/** A seller's offer, an affiliate and a customer of theirs. */
const given = async ({ affiliateEmail }: { affiliateEmail?: string } = {}) => {
  const ctx = testContext(database.db)
  const offer = await makeOffer(ctx)
  const affiliate = await makeUser(ctx, affiliateEmail === undefined ? {} : { email: affiliateEmail })
  const buyer = await makeUser(ctx)
  await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
  const admin = async () => ctx.as((await makeUser(ctx, { role: 'ADMIN' })).actor)
  const pay = async (more: Partial<PaidFacts> = {}, typed: Partial<Order> = {}) => {
    const order = await makeOrder(ctx, offer, { buyerId: buyer.id, email: buyer.email, ...typed })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order, more)))
    return { order, ...(await sharesOf(ctx, order, affiliate.id)) }
  }
  /** By the address of the affiliate: likely, and not certain. */
  const payAsAffiliate = () => pay({}, { email: affiliate.email })
  return { ctx, offer, affiliate, buyer, admin, pay, payAsAffiliate }
}

const sharesOf = async (ctx: TestContext, order: Order, userId: string) => {
  const [payment] = await ctx.db.select().from(payments).where(eq(payments.orderId, order.id))
  if (payment === undefined) throw new Error('no payment')
  const [share] = await ctx.db
    .select()
    .from(commissions)
    .where(and(eq(commissions.paymentId, payment.id), eq(commissions.beneficiaryId, userId)))
  return { payment, share }
}
const again = async (ctx: TestContext, share: { id: string } | undefined) => {
  const [row] = await ctx.db
    .select()
    .from(commissions)
    .where(eq(commissions.id, share?.id ?? ''))
  if (row === undefined) throw new Error('no commission')
  return row
}
const refund = (
  ctx: TestContext,
  order: Order,
  amount: bigint,
  status: 'succeeded' | 'failed' = 'succeeded',
) =>
  inTransaction(ctx, (tx) =>
    applyRefund(tx, {
      provider: order.provider,
      mode: order.mode,
      paymentIntentId: `pi_${order.id}`,
      chargeId: null,
      refunded: null,
      refunds: [{ ref: `re_${order.id}`, requestId: null, amount: { amount, currency: 'USD' }, status }],
    }),
  )
const dispute = (ctx: TestContext, order: Order, state: 'open' | 'won' | 'lost') =>
  inTransaction(ctx, (tx) =>
    applyDispute(tx, {
      provider: order.provider,
      mode: order.mode,
      paymentIntentId: `pi_${order.id}`,
      chargeId: null,
      dispute: { ref: `dp_${order.id}`, amount: { amount: order.priceAmount, currency: 'USD' }, state },
    }),
  )
const mailsAbout = (ctx: TestContext, share: { id: string } | undefined) =>
  ctx.db.$count(mails, eq(mails.key, `commission:${share?.id}:judged`))
const rulesOf = (share: { suspicion: readonly { rule: string }[] | null } | undefined) =>
  share?.suspicion?.map(({ rule }) => rule) ?? null
const HELD = { limit: 50, state: 'HELD' } as const
const release = (id: string | undefined) =>
  ({ id: id ?? '', verdict: 'RELEASED', reason: 'They share a desk.' }) as const
const refuse = (id: string | undefined) =>
  ({ id: id ?? '', verdict: 'REFUSED', reason: 'It is their own card.' }) as const

describe('a purchase that is certainly one’s own', () => {
  it('earns nothing, by whichever of one’s addresses, and says why', async () => {
    const ctx = testContext(database.db)
    const offer = await makeOffer(ctx)
    const affiliate = await makeUser(ctx, { email: 'zo.e+work@gmail.com' })
    const buyer = await makeUser(ctx, { email: 'z.oe+shop@googlemail.com' })
    const { id: affiliateId } = await makeAffiliate(ctx, { userId: affiliate.id })
    await ctx.db.execute(sql`insert into attributions (customer_id, affiliate_id, rate_percentage, created_at)
      values (${buyer.id}, ${affiliateId}, 15, ${ctx.now().toISOString()}::timestamptz)`)
    const order = await makeOrder(ctx, offer, { buyerId: buyer.id })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
    const { payment, share } = await sharesOf(ctx, order, affiliate.id)
    expect(share).toBeUndefined()
    expect(payment.withheld).toEqual([{ kind: 'REFERRAL', userId: affiliate.id, reason: 'SAME_EMAIL' }])
    const standing = await standingOf(ctx, { affiliateId, userId: affiliate.id })
    expect(standing.conversions).toBe(0)
  })
})

describe('a purchase that is likely one’s own', () => {
  it('is credited at once when nothing speaks against it', async () => {
    const { pay } = await given()
    expect((await pay()).share).toMatchObject({ status: 'CREDITED', suspicion: null })
  })

  it('waits when the payer typed the affiliate’s address, here or at the provider', async () => {
    const { ctx, pay, payAsAffiliate, affiliate } = await given({ affiliateEmail: 'ka.i@gmail.com' })
    const { share } = await payAsAffiliate()
    expect(share).toMatchObject({ status: 'PENDING', creditedAt: null, verdict: null })
    expect(rulesOf(share)).toEqual(['PAYER_EMAIL'])
    const other = await given({ affiliateEmail: 'kai.two@gmail.com' })
    const told = await other.pay({ payer: { email: 'kaitwo+me@googlemail.com', card: null } })
    expect(rulesOf(told.share)).toEqual(['PAYER_EMAIL'])
    // The seller’s own share is nobody’s doubt.
    const [sale] = await ctx.db
      .select()
      .from(commissions)
      .where(and(eq(commissions.kind, 'SALE'), eq(commissions.paymentId, told.payment.id)))
    expect(sale).toMatchObject({ status: 'CREDITED', suspicion: null })
    expect((await getBalances(ctx, affiliate.id))[0]).toMatchObject({
      balance: { amount: 0 },
      pendingCommissions: { amount: 1_500 },
    })
    expect(rulesOf((await pay()).share)).toEqual(['EARLIER_PAYMENT'])
  })

  it('waits when the payer’s address is the one for the affiliate’s payments', async () => {
    const { ctx, pay, affiliate } = await given()
    await ctx.db
      .update(affiliates)
      .set({ paymentEmail: 'till@example.test' })
      .where(eq(affiliates.userId, affiliate.id))
    expect(rulesOf((await pay({}, { email: 'till+2@example.test' })).share)).toEqual(['PAYMENTS_EMAIL'])
  })

  it('waits when the affiliate has paid with the same card, and not for any other', async () => {
    const { ctx, offer, pay, affiliate } = await given()
    const own = await makeOrder(ctx, offer, { buyerId: affiliate.id })
    await inTransaction(ctx, (tx) =>
      settleOrder(tx, paidFacts(own, { payer: { email: null, card: 'card-1' } })),
    )
    expect(rulesOf((await pay({ payer: { email: null, card: 'card-2' } })).share)).toBeNull()
    expect(rulesOf((await pay({ payer: { email: null, card: 'card-1' } })).share)).toEqual(['SAME_CARD'])
  })

  it('waits when the buyer works in the seller’s workspace, for the seller’s share too', async () => {
    const { ctx, offer, buyer, pay } = await given()
    await ctx.db
      .insert(workspaceMembers)
      .values({ workspaceId: offer.link.workspaceId, userId: buyer.id, role: 'EDITOR', createdAt: ctx.now() })
    const { payment } = await pay()
    const rows = await ctx.db.select().from(commissions).where(eq(commissions.paymentId, payment.id))
    expect(rows.map((row) => [row.kind, row.status, rulesOf(row)]).sort()).toEqual([
      ['REFERRAL', 'PENDING', ['SELLERS_WORKSPACE']],
      ['SALE', 'PENDING', ['SELLERS_WORKSPACE']],
    ])
  })

  it('waits when buyer and affiliate work in the same workspace', async () => {
    const { ctx, affiliate, buyer, pay } = await given()
    const other = await makeOffer(ctx)
    const [workspace] = await ctx.db
      .select()
      .from(workspaces)
      .where(eq(workspaces.id, other.link.workspaceId))
    for (const { id: userId } of [affiliate, buyer])
      await ctx.db
        .insert(workspaceMembers)
        .values({ workspaceId: other.link.workspaceId, userId, role: 'VIEWER', createdAt: ctx.now() })
    expect((await pay()).share?.suspicion).toEqual([{ rule: 'SHARED_WORKSPACE', found: workspace?.publicId }])
  })

  it('is credited by no job before it is judged, and brings nobody nearer to a tier', async () => {
    const { ctx, affiliate, payAsAffiliate } = await given()
    const { share } = await payAsAffiliate()
    ctx.clock.advance(400 * 86_400_000)
    await processUnpaidCommissions(ctx)
    expect(await again(ctx, share)).toMatchObject({ status: 'PENDING', creditedAt: null })
    const [row] = await ctx.db.select().from(affiliates).where(eq(affiliates.userId, affiliate.id))
    const standing = await standingOf(ctx, { affiliateId: row?.id ?? '', userId: affiliate.id })
    expect([standing.conversions, standing.earnings.size]).toEqual([0, 0])
  })

  it('is shown to who earns it as held, without what was found', async () => {
    const { ctx, affiliate, payAsAffiliate } = await given()
    const { share } = await payAsAffiliate()
    const { view } = await oneCommission(ctx.as(affiliate.actor), share?.id ?? '')
    expect(view.review).toEqual({ state: 'HELD', reason: null })
    expect(JSON.stringify(view)).not.toContain('PAYER_EMAIL')
  })
})

describe('the judgement', () => {
  it('that lets it pass lets the job credit it, once, and is not asked for again', async () => {
    const { ctx, admin, affiliate, payAsAffiliate } = await given()
    const { share } = await payAsAffiliate()
    const as = await admin()
    expect((await listHeldCommissions(as, HELD)).items.find(({ id }) => id === share?.id)).toMatchObject({
      state: 'HELD',
      net: { amount: 1_500, currency: 'USD' },
      evidence: [{ rule: 'PAYER_EMAIL', words: expect.stringContaining('u•••@example.test') }],
      judgedWith: null,
    })
    expect(await judgeCommission(as, release(share?.id))).toMatchObject({ state: 'RELEASED' })
    await processUnpaidCommissions(ctx)
    await processUnpaidCommissions(ctx)
    expect(await again(ctx, share)).toMatchObject({ status: 'CREDITED', verdict: 'RELEASED' })
    expect((await getBalances(ctx, affiliate.id))[0]).toMatchObject({ balance: { amount: 1_500 } })
    expect(await mailsAbout(ctx, share)).toBe(1)
    expect((await payAsAffiliate()).share).toMatchObject({ status: 'CREDITED', suspicion: null })
  })

  it('that refuses it takes it back from what is pending, for good', async () => {
    const { ctx, admin, affiliate, payAsAffiliate } = await given()
    const { share } = await payAsAffiliate()
    await judgeCommission(await admin(), refuse(share?.id))
    expect(await again(ctx, share)).toMatchObject({ status: 'REVERSED', reversedAmount: 1_500n })
    expect(await postedFor(ctx.db, share?.id ?? '')).toEqual([
      'commission_created: revenue -1500',
      'commission_created: pending 1500',
      'commission_reversed: pending -1500',
      'commission_reversed: revenue 1500',
    ])
    expect((await getBalances(ctx, affiliate.id))[0]?.pendingCommissions.amount).toBe(0)
    expect(await mailsAbout(ctx, share)).toBe(1)
    const log = await ctx.db
      .select()
      .from(activityLog)
      .where(and(eq(activityLog.subjectId, share?.id ?? ''), eq(activityLog.action, 'commission_refused')))
    expect(log).toHaveLength(1)
    const self = ctx.as(affiliate.actor)
    const why = await explainCommission(self, { id: share?.id ?? '' })
    expect([why.differences, why.commission.review]).toEqual([
      [],
      { state: 'REFUSED', reason: 'It is their own card.' },
    ])
    expect(rulesOf((await payAsAffiliate()).share)).toEqual(['PAYER_EMAIL', 'EARLIER_PAYMENT'])
  })

  it.each(['before', 'after'] as const)(
    'and a refund %s it never take back more than the share',
    async (when) => {
      const { ctx, admin, affiliate, payAsAffiliate } = await given()
      const { order, share } = await payAsAffiliate()
      if (when === 'before') await refund(ctx, order, 4_000n)
      await judgeCommission(await admin(), refuse(share?.id))
      if (when === 'after') await refund(ctx, order, 4_000n)
      expect(await again(ctx, share)).toMatchObject({ status: 'REVERSED', reversedAmount: 1_500n })
      // The refund failed after all: what an admin refused stays refused.
      await refund(ctx, order, 4_000n, 'failed')
      expect(await again(ctx, share)).toMatchObject({ status: 'REVERSED', reversedAmount: 1_500n })
      expect((await getBalances(ctx, affiliate.id))[0]?.pendingCommissions.amount).toBe(0)
    },
  )

  it('lets pass what a refund has left', async () => {
    const { ctx, admin, affiliate, payAsAffiliate } = await given()
    const { order, share } = await payAsAffiliate()
    await refund(ctx, order, 4_000n)
    await judgeCommission(await admin(), release(share?.id))
    await processUnpaidCommissions(ctx)
    expect((await getBalances(ctx, affiliate.id))[0]).toMatchObject({ balance: { amount: 900 } })
    await refund(ctx, order, 4_000n, 'failed')
    expect((await getBalances(ctx, affiliate.id))[0]).toMatchObject({ balance: { amount: 1_500 } })
  })

  it('is not asked for of a payment that was given back whole, unless that fails', async () => {
    const { ctx, admin, payAsAffiliate } = await given()
    const { order, share } = await payAsAffiliate()
    const as = await admin()
    const isListed = async () =>
      (await listHeldCommissions(as, HELD)).items.some(({ id }) => id === share?.id)
    await refund(ctx, order, 10_000n)
    expect(await isListed()).toBe(false)
    await refund(ctx, order, 10_000n, 'failed')
    expect(await isListed()).toBe(true)
    await processUnpaidCommissions(ctx)
    expect(await again(ctx, share)).toMatchObject({ status: 'PENDING' })
  })

  it.each(['won', 'lost'] as const)(
    'stands while the payment is disputed, and when that is %s',
    async (end) => {
      const { ctx, admin, payAsAffiliate } = await given()
      const { order, share } = await payAsAffiliate()
      await dispute(ctx, order, 'open')
      await judgeCommission(await admin(), refuse(share?.id))
      expect(await again(ctx, share)).toMatchObject({ reversedAmount: 1_500n, heldAmount: 0n })
      await dispute(ctx, order, end)
      expect(await again(ctx, share)).toMatchObject({ reversedAmount: 1_500n, heldAmount: 0n })
    },
  )

  it('of two admins at once is one: one change, one mail, and the other is told', async () => {
    const { ctx, admin, payAsAffiliate } = await given()
    for (const second of [refuse, release]) {
      const { share } = await payAsAffiliate()
      const [a, b] = [await admin(), await admin()]
      const answers = await Promise.allSettled([
        judgeCommission(a, refuse(share?.id)),
        judgeCommission(b, second(share?.id)),
      ])
      const row = await again(ctx, share)
      expect(await mailsAbout(ctx, share)).toBe(1)
      const done = answers.filter(({ status }) => status === 'fulfilled')
      expect(done).toHaveLength(second === refuse ? 2 : 1)
      for (const answer of answers)
        if (answer.status === 'rejected')
          expect(answer.reason).toMatchObject({ status: 409, code: 'COMMISSION_JUDGED' })
        else expect(answer.value.state).toBe(row.verdict)
    }
  })

  it('and a refund and the job at the same time come one after the other', async () => {
    const { ctx, admin, payAsAffiliate, affiliate } = await given()
    for (const verdict of [refuse, release]) {
      const { order, share } = await payAsAffiliate()
      const as = await admin()
      await Promise.all([
        judgeCommission(as, verdict(share?.id)),
        refund(ctx, order, 4_000n),
        processUnpaidCommissions(ctx),
      ])
      await processUnpaidCommissions(ctx)
      const row = await again(ctx, share)
      expect(row.reversedAmount).toBe(verdict === release ? 600n : 1_500n)
    }
    expect((await getBalances(ctx, affiliate.id))[0]).toMatchObject({
      balance: { amount: 900 },
      pendingCommissions: { amount: 0 },
    })
  })

  it('of a referral is that of the override which hangs on it', async () => {
    const { ctx, admin, affiliate, payAsAffiliate } = await given()
    await changeProgram(await admin(), ChangeProgramInput.parse({ overrideCommissionPercentage: 5 }))
    ctx.clock.advance(1_000)
    const recruiter = await makeUser(ctx)
    const { id: recruiterId } = await makeAffiliate(ctx, { userId: recruiter.id })
    await ctx.db.update(affiliates).set({ recruiterId }).where(eq(affiliates.userId, affiliate.id))
    const { share, payment } = await payAsAffiliate()
    const override = async () => {
      const [row] = await ctx.db
        .select()
        .from(commissions)
        .where(and(eq(commissions.paymentId, payment.id), eq(commissions.kind, 'OVERRIDE')))
      return row
    }
    expect(rulesOf(await override())).toEqual(['REFERRAL_HELD'])
    const as = await admin()
    await expect(judgeCommission(as, release((await override())?.id))).rejects.toMatchObject({
      status: 409,
      code: 'REFERRAL_FIRST',
    })
    await judgeCommission(as, refuse(share?.id))
    expect(await override()).toMatchObject({ status: 'REVERSED', verdict: 'REFUSED' })
    expect(await mailsAbout(ctx, await override())).toBe(1)
  })

  it('is nobody’s about what would be their own', async () => {
    const { ctx, affiliate, payAsAffiliate } = await given()
    const { share } = await payAsAffiliate()
    const self = ctx.as({ ...affiliate.actor, kind: 'admin' })
    await expect(judgeCommission(self, release(share?.id))).rejects.toMatchObject({
      status: 422,
      code: 'OWN_COMMISSION',
    })
    expect(await again(ctx, share)).toMatchObject({ verdict: null })
  })

  it.each(['', 'x', '00000000-0000-7000-8000-000000000000'])('finds nothing under %j', async (id) => {
    const { admin } = await given()
    await expect(judgeCommission(await admin(), refuse(id))).rejects.toMatchObject({
      status: 404,
      code: 'COMMISSION_NOT_FOUND',
    })
  })

  it('finds nothing to judge of a share nothing speaks against', async () => {
    const { ctx, pay, admin } = await given()
    const { share } = await pay()
    await expect(judgeCommission(await admin(), refuse(share?.id))).rejects.toMatchObject({ status: 404 })
    expect(await again(ctx, share)).toMatchObject({ status: 'CREDITED' })
  })

  it('stands: nobody can write another, or other evidence, into the books', async () => {
    const { ctx, admin, payAsAffiliate } = await given()
    const { share } = await payAsAffiliate()
    await judgeCommission(await admin(), refuse(share?.id))
    const change = (set: Partial<typeof commissions.$inferInsert>) =>
      ctx.db
        .update(commissions)
        .set(set)
        .where(eq(commissions.id, share?.id ?? ''))
    const refused = { cause: { code: '23514' } }
    await expect(change({ verdict: 'RELEASED' })).rejects.toMatchObject(refused)
    await expect(change({ suspicion: null })).rejects.toMatchObject(refused)
    await expect(change({ creditedAt: ctx.now() })).rejects.toMatchObject(refused)
    await expect(change({ reversedAmount: 1n })).rejects.toMatchObject(refused)
  })

  it('is listed by its state, newest first, each once; a cursor of another list is refused', async () => {
    const { ctx, admin, payAsAffiliate } = await given()
    const as = await admin()
    const mine: string[] = []
    for (let i = 0; i < 3; i += 1) mine.unshift((await payAsAffiliate()).share?.id ?? '')
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await listHeldCommissions(as, { limit: 1, state: 'HELD', cursor })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(seen.filter((id) => mine.includes(id)).sort()).toEqual([...mine].sort())
    expect(new Set(seen).size).toBe(seen.length)
    for (const id of mine) await judgeCommission(as, release(id))
    const released = await listHeldCommissions(as, { limit: 50, state: 'RELEASED' })
    expect(released.items.filter(({ id }) => mine.includes(id))).toHaveLength(3)
    expect(released.items[0]?.judgedAt).toBe(ctx.now().toISOString())
    await expect(listHeldCommissions(as, { ...HELD, cursor: 'x' })).rejects.toMatchObject({ status: 400 })
  })
})
