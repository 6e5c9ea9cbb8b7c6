import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { commissions, payments } from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { type MadeUser, makeUser } from '../../../db/testing/factories/identity'
import { type MadeOffer, makeOffer, makeOrder, paidFacts } from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import type { DisputeSnapshot, RefundSnapshot } from '../../kit/ports'
import { affiliateBalance, balancesWithSales, listCommissions, processUnpaidCommissions } from '../affiliate'
import { CommissionsInput } from '../affiliate/schemas'
import { listTransactions } from '../balance'
import { applyDispute, applyRefund, explainCommission, settleOrder } from '.'

const database = useDatabase({ broken: 'alters a stored figure, and writes a bonus no verb makes' })
let ctx: TestContext
let held: TestContext
let offer: MadeOffer
beforeEach(async () => {
  ctx = testContext(database.db)
  held = testContext(database.db, { clock: ctx.clock, env: { COMMISSION_HOLD_DAYS: '7' } })
  await processUnpaidCommissions(
    testContext(database.db, { clock: { ...ctx.clock, now: () => new Date('2027-06-01') } }),
  )
  offer = await makeOffer(ctx)
})

const asSeller = (as = ctx): TestContext => asUser(offer.seller, as)
const asUser = (user: MadeUser, as = ctx): TestContext =>
  as.as({ kind: 'user', userId: user.id, organizationId: user.organizationId, email: user.email })

/** A sale of 119.00 with 19.00 of tax: the seller's 20 % are 20.00. */
const sold = async (as: TestContext = ctx, captured = 11_900n, tax = 1_900n) => {
  const order = await makeOrder(ctx, offer, { priceAmount: captured })
  await inTransaction(as, (tx) => settleOrder(tx, paidFacts(order, { tax })))
  const [payment] = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
  if (payment === undefined) throw new Error('no payment')
  const [share] = await database.db.select().from(commissions).where(eq(commissions.paymentId, payment.id))
  const name = {
    provider: 'stripe',
    mode: 'sandbox' as const,
    paymentIntentId: `pi_${order.id}`,
    chargeId: `ch_${order.id}`,
  }
  return { payment, id: share?.id ?? '', name }
}
type Name = Awaited<ReturnType<typeof sold>>['name']

const usd = (amount: number) => ({ amount: BigInt(amount), currency: 'USD' })
const refund = (name: Name, ref: string, amount: number, status: RefundSnapshot['status'] = 'succeeded') =>
  inTransaction(ctx, (tx) =>
    applyRefund(tx, {
      ...name,
      refunded: null,
      refunds: [{ ref: `${ref}${name.chargeId}`, requestId: null, amount: usd(amount), status }],
    }),
  )
const dispute = (name: Name, amount: number, state: DisputeSnapshot['state']) =>
  inTransaction(ctx, (tx) =>
    applyDispute(tx, { ...name, dispute: { ref: `dp_${name.chargeId}`, amount: usd(amount), state } }),
  )
const explain = (id: string, as = asSeller()) => explainCommission(as, { id })
const figure = (amount: number) => ({ amount, currency: 'USD' })

describe('why this amount (rule 10)', () => {
  it('tells what was paid, the tax removed, base, rate and its source, rounding, hold, and the line that credited it', async () => {
    const { id, payment } = await sold()
    const why = await explain(id)
    const { items } = await listTransactions(ctx, { userId: offer.seller.id, limit: 5 })
    expect(why).toEqual({
      commission: {
        id,
        kind: 'SALE',
        status: 'CREDITED',
        workspace: { name: expect.any(String) },
        amount: figure(2_000),
        reversed: figure(0),
        held: figure(0),
        net: figure(2_000),
        review: null,
        holdUntil: '2026-11-21T12:00:00.000Z',
        creditedAt: '2026-11-21T12:00:00.000Z',
        createdAt: '2026-11-21T12:00:00.000Z',
      },
      payment: {
        id: payment.id,
        paidAt: '2026-11-21T12:00:00.000Z',
        status: 'CAPTURED',
        captured: figure(11_900),
        taxRemoved: figure(1_900),
      },
      base: figure(10_000),
      rate: '20.00',
      rateSource: 'affiliate link',
      rounding: 'half away from zero, to the minor unit',
      share: figure(2_000),
      capped: false,
      hold: { days: 0, until: '2026-11-21T12:00:00.000Z' },
      credited: { lineId: items[0]?.id, at: '2026-11-21T12:00:00.000Z', amount: figure(2_000), batch: null },
      takenBack: [],
      booked: [
        {
          lineId: items[0]?.id,
          account: 'available',
          amount: figure(2_000),
          notes: 'Commission on a sale',
          at: '2026-11-21T12:00:00.000Z',
        },
      ],
      differences: [],
    })
  })

  it('names each refund and dispute with its day, what was held meanwhile, and what is left', async () => {
    const { id, name } = await sold()
    ctx.clock.advance(86_400_000)
    await refund(name, 're_1', 5_950)
    ctx.clock.advance(86_400_000)
    await dispute(name, 5_950, 'open')
    expect(await explain(id)).toMatchObject({
      commission: {
        status: 'PARTIALLY_REVERSED',
        reversed: figure(1_000),
        held: figure(1_000),
        net: figure(1_000),
      },
      takenBack: [
        { what: 'REFUND', status: 'SUCCEEDED', amount: figure(5_950), at: '2026-11-22T12:00:00.000Z' },
        { what: 'DISPUTE', status: 'OPEN', amount: figure(5_950), at: '2026-11-23T12:00:00.000Z' },
      ],
      differences: [],
    })
    ctx.clock.advance(86_400_000)
    await dispute(name, 5_950, 'lost')
    const why = await explain(id)
    expect(why).toMatchObject({
      commission: { status: 'REVERSED', held: figure(0), net: figure(0) },
      takenBack: [{}, { status: 'LOST', changedAt: '2026-11-24T12:00:00.000Z' }],
      differences: [],
    })
    expect(why.booked.map(({ account, amount }) => [account, amount.amount])).toEqual([
      ['available', 2_000],
      ['available', -1_000],
      ['available', -1_000],
      ['pending', 1_000],
      ['pending', -1_000],
    ])
  })

  it('says of a refund that failed later that it is restored', async () => {
    const { id, name } = await sold()
    await refund(name, 're_1', 11_900)
    await refund(name, 're_1', 11_900, 'failed')
    expect(await explain(id)).toMatchObject({
      commission: { status: 'CREDITED', net: figure(2_000) },
      takenBack: [{ what: 'REFUND', status: 'FAILED' }],
      differences: [],
    })
  })

  it('counts the share of who came before, when the base was not enough for both', async () => {
    const generous = await makeOffer(ctx)
    const buyer = await makeUser(ctx)
    const affiliate = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id, rate: '30.00' })
    const order = await makeOrder(ctx, generous, {
      priceAmount: 1_000n,
      buyerId: buyer.id,
      email: buyer.email,
      commissionPercentage: '80.00',
    })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
    const [referral] = await database.db
      .select()
      .from(commissions)
      .where(eq(commissions.beneficiaryId, affiliate.id))
    expect(await explain(referral?.id ?? '', asUser(affiliate))).toMatchObject({
      commission: { kind: 'REFERRAL', amount: figure(200) },
      share: figure(300),
      capped: true,
      rateSource: 'attribution',
      differences: [],
    })
  })

  it('recomputes to the same figure, whatever was paid and whatever happened to it since', async () => {
    const amount = fc.integer({ min: 100, max: 99_999 })
    await fc.assert(
      fc.asyncProperty(
        amount,
        fc.integer({ min: 0, max: 30 }),
        amount,
        amount,
        fc.boolean(),
        async (captured, taxRate, back, claimed, waits) => {
          const { id, name } = await sold(
            waits ? held : ctx,
            BigInt(captured),
            BigInt(Math.floor((captured * taxRate) / 100)),
          )
          await refund(name, 're_1', Math.min(back, captured))
          await dispute(name, Math.min(claimed, captured), claimed % 2 === 0 ? 'open' : 'lost')
          expect((await explain(id)).differences).toEqual([])
        },
      ),
      { numRuns: 12 },
    )
  })

  it('says so when a stored figure is not what the rules make of the rows', async () => {
    const { id } = await sold()
    await database.owner.execute(sql`set session_replication_role = replica`)
    await database.owner.update(commissions).set({ amount: 2_001n }).where(eq(commissions.id, id))
    await database.owner.execute(sql`set session_replication_role = origin`)
    expect((await explain(id)).differences).toEqual([
      { figure: 'amount, as noted', stored: '2000', recomputed: '2001' },
      { figure: 'on your accounts', stored: '2000', recomputed: '2001' },
      { figure: 'amount', stored: '2001', recomputed: '2000' },
    ])
  })

  it('is told to who earned it and to admins; anybody else finds nothing', async () => {
    const { id } = await sold()
    const other = await makeUser(ctx)
    const nothing = { status: 404, code: 'COMMISSION_NOT_FOUND' }
    await expect(explain(id, asUser(other))).rejects.toMatchObject(nothing)
    await expect(explain('0197a000-0000-7000-8000-000000000000')).rejects.toMatchObject(nothing)
    await expect(explain('nonsense')).rejects.toMatchObject(nothing)
    await expect(explain(id, ctx.as({ kind: 'visitor' }))).rejects.toMatchObject({ status: 401 })
    const admin = ctx.as({ kind: 'admin', userId: other.id, organizationId: other.organizationId, email: '' })
    expect((await explain(id, admin)).commission.id).toBe(id)
  })

  it('of a bonus tells the amount alone', async () => {
    const [bonus] = await database.db
      .insert(commissions)
      .values({
        id: '0197a000-0000-7000-8000-00000000b0b0',
        kind: 'BONUS',
        status: 'PENDING',
        beneficiaryId: offer.seller.id,
        currency: 'USD',
        baseAmount: 500n,
        ratePercentage: '100.00',
        amount: 500n,
        explanation: { rateSource: 'ten conversions' },
        holdUntil: new Date('2027-07-01'),
        createdAt: ctx.now(),
      })
      .returning()
    expect(await explain(bonus?.id ?? '')).toMatchObject({
      payment: null,
      commission: { workspace: null, amount: figure(500) },
      share: figure(500),
      credited: null,
      rateSource: 'ten conversions',
    })
  })
})

describe('the list of commissions', () => {
  const list = (query: Record<string, string> = {}) =>
    listCommissions(asSeller(), CommissionsInput.parse(query))

  it('is one’s own, newest first, by state; nothing repeats or is skipped while rows arrive (rule 40)', async () => {
    const ids: string[] = []
    for (let i = 0; i < 5; i += 1) {
      ctx.clock.advance(1)
      ids.push((await sold(i < 2 ? held : ctx)).id)
    }
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await list({ limit: '2', ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
      ctx.clock.advance(1)
      await sold()
    }
    expect(seen).toEqual([...ids].reverse())
    expect((await list({ status: 'PENDING' })).items.map(({ id }) => id)).toEqual(ids.slice(0, 2).reverse())
    expect((await list({ status: 'REVERSED' })).items).toEqual([])
    expect((await listCommissions(asUser(await makeUser(ctx)), CommissionsInput.parse({}))).items).toEqual([])
  })

  it('leads from a line that credited many to each of them, and back', async () => {
    const ids = [(await sold(held)).id, (await sold(held)).id]
    await sold()
    ctx.clock.advance(8 * 86_400_000)
    await processUnpaidCommissions(held)
    const { items } = await listTransactions(ctx, { userId: offer.seller.id, limit: 5 })
    const line = items.find(({ referenceType }) => referenceType === 'commission_batch')
    const batch = line?.referenceId ?? ''
    expect((await list({ batch })).items.map(({ id }) => id).sort()).toEqual([...ids].sort())
    expect(await explain(ids[0] ?? '')).toMatchObject({
      credited: { lineId: line?.id, amount: figure(4_000), batch },
      hold: { days: 7, until: '2026-11-28T12:00:00.000Z' },
      differences: [],
    })
    expect((await list({ batch: '0'.repeat(64) })).items).toEqual([])
  })

  it('refuses what is no state, batch or cursor of it', async () => {
    for (const wrong of [{ status: 'PAID' }, { batch: "x' or 1=1" }])
      expect(CommissionsInput.safeParse(wrong).success).toBe(false)
    const cursor = Buffer.from('2026-11-21T12:00:00.000Z|x').toString('base64url')
    await expect(list({ cursor })).rejects.toMatchObject({ status: 400 })
  })
})

it('an explanation is of one moment, though a refund comes meanwhile', async () => {
  const { id, name } = await sold()
  const { explained } = await database.owner.transaction(async (tx) => {
    await tx.execute(sql`lock table payment_disputes in access exclusive mode`)
    const reading = explain(id)
    const waiting = sql`select from pg_locks where relation = 'payment_disputes'::regclass and not granted`
    while ((await database.owner.execute(waiting)).length === 0);
    await applyRefund(
      { ...ctx, db: tx },
      {
        ...name,
        refunded: null,
        refunds: [{ ref: `re_${name.chargeId}`, requestId: null, amount: usd(5_950), status: 'succeeded' }],
      },
    )
    return { explained: reading }
  })
  expect(await explained).toMatchObject({ takenBack: [], booked: [{}], differences: [] })
  expect((await explain(id)).takenBack).toHaveLength(1)
})

describe('the balance of a seller', () => {
  const figures = async () => {
    const { balances, totalSales } = await affiliateBalance(asSeller())
    const [withSales] = await balancesWithSales(asSeller())
    expect(withSales).toEqual({ ...balances[0], totalSales: totalSales[0] })
    return {
      sales: totalSales[0]?.amount,
      earned: balances[0]?.totalEarned.amount,
      available: balances[0]?.balance.amount,
    }
  }

  it('has a currency in which there are sales, though nothing was earned of them', async () => {
    await sold(ctx, 11_900n, 11_900n)
    const nothing = figure(0)
    expect(await balancesWithSales(asSeller())).toEqual([
      {
        currency: 'USD',
        balance: nothing,
        pendingCommissions: nothing,
        totalEarned: nothing,
        inWithdrawal: nothing,
        totalSales: figure(11_900),
      },
    ])
  })

  it('counts neither as sold nor as earned what a refund or a lost dispute took back, and again what failed', async () => {
    const first = await sold()
    const second = await sold()
    expect(await figures()).toEqual({ sales: 23_800, earned: 4_000, available: 4_000 })
    await refund(first.name, 're_1', 5_950)
    expect(await figures()).toEqual({ sales: 17_850, earned: 3_000, available: 3_000 })
    await refund(first.name, 're_1', 5_950, 'failed')
    expect(await figures()).toEqual({ sales: 23_800, earned: 4_000, available: 4_000 })
    await dispute(second.name, 11_900, 'open')
    expect(await figures()).toMatchObject({ sales: 23_800, available: 2_000 })
    await dispute(second.name, 11_900, 'lost')
    expect(await figures()).toEqual({ sales: 11_900, earned: 2_000, available: 2_000 })
    await refund(second.name, 're_2', 11_900)
    expect(await figures()).toEqual({ sales: 11_900, earned: 2_000, available: 2_000 })
  })
})
