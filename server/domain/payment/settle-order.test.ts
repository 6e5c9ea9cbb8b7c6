import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  affiliateLinks,
  authTokens,
  commissions,
  jobs,
  mails,
  orders,
  organizations,
  payments,
  subscriptions,
  users,
  workspaceClones,
  workspaces,
} from '../../../db/schema'
import { type TestContext, testContext } from '../../../db/testing/context'
import { useDatabase } from '../../../db/testing/database'
import { makeReferral } from '../../../db/testing/factories/affiliate'
import { makeUser } from '../../../db/testing/factories/identity'
import {
  brokenBooks,
  type MadeOffer,
  MONTHLY,
  makeOffer,
  makeOrder,
  type Order,
  paidFacts,
  postedFor,
} from '../../../db/testing/factories/payment'
import { inTransaction } from '../../kit/context'
import { verifyLedger } from '../balance'
import { type PaidFacts, settleOrder } from '.'
import { recordFeeOfCharge } from './complete-payment'

const database = useDatabase()
let ctx: TestContext
let offer: MadeOffer

beforeEach(async () => {
  ctx = testContext(database.db, { actor: { kind: 'webhook', provider: 'stripe' } })
  offer = await makeOffer(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

const settle = (order: Order, more: Partial<PaidFacts> = {}, as = ctx) =>
  inTransaction(as, (tx) => settleOrder(tx, paidFacts(order, more)))
const paymentOf = async (order: Order) => {
  const rows = await database.db.select().from(payments).where(eq(payments.orderId, order.id))
  expect(rows).toHaveLength(1)
  return rows[0] as typeof payments.$inferSelect
}
const orderNow = async (order: Order) => {
  const [row] = await database.db.select().from(orders).where(eq(orders.id, order.id))
  return row
}
const copiesOf = async (order: Order) =>
  database.db
    .select({ copy: workspaces, clone: workspaceClones })
    .from(workspaceClones)
    .innerJoin(workspaces, eq(workspaces.id, workspaceClones.copyWorkspaceId))
    .innerJoin(payments, eq(payments.id, workspaceClones.paymentId))
    .where(eq(payments.orderId, order.id))
const earnedBy = async (paymentId: string) =>
  database.db.select().from(commissions).where(eq(commissions.paymentId, paymentId))
const mailsTo = async (address: string) =>
  database.db.select().from(mails).where(eq(mails.to, address)).orderBy(mails.key)
const organizationOf = async (userId: string) => {
  const [row] = await database.db
    .select({ organization: organizations })
    .from(organizations)
    .innerJoin(users, eq(users.organizationId, organizations.id))
    .where(eq(users.id, userId))
  return row?.organization
}
const counts = async () => {
  const [row] = await database.db.execute(sql`select
    (select count(*) from payments)::int payments, (select count(*) from workspaces)::int workspaces,
    (select count(*) from users)::int users, (select count(*) from mails)::int mails, (select count(*) from jobs)::int jobs,
    (select count(*) from commissions)::int commissions, (select count(*) from ledger_transfers)::int transfers,
    (select count(*) from subscriptions)::int subscriptions, (select count(*) from auth_tokens)::int tokens,
    (select sum(uses) from affiliate_links)::int uses, (select count(*) from activity_log)::int activity`)
  return row
}

describe('a paid one-off order', () => {
  it('is fulfilled whole: payment, books, account, copy, commission, link, mails', async () => {
    const order = await makeOrder(ctx, offer)
    expect(
      await settle(order, { tax: 1_000n, captured: { amount: 11_000n, currency: 'USD' }, fee: 349n }),
    ).toMatchObject({
      status: 'PROCESSED',
    })
    const payment = await paymentOf(order)
    expect(payment).toMatchObject({
      status: 'CAPTURED',
      type: 'WORKSPACE_PURCHASE',
      externalId: `pi_${order.id}`,
      capturedAmount: 11_000n,
      taxAmount: 1_000n,
      baseAmount: 10_000n,
      feeAmount: 349n,
      withheld: [],
    })
    expect(await postedFor(database.db, payment.id)).toEqual([
      'payment_captured: provider stripe -11000',
      'payment_captured: tax 1000',
      'payment_captured: revenue 10000',
      'provider_fee: fees -349',
      'provider_fee: provider stripe 349',
    ])
    const [sale] = await earnedBy(payment.id)
    expect(sale).toMatchObject({
      kind: 'SALE',
      status: 'CREDITED',
      beneficiaryId: offer.seller.id,
      baseAmount: 10_000n,
      amount: 2_000n,
      explanation: expect.objectContaining({ orderId: order.id, taxRemoved: 1_000, base: 10_000 }),
    })
    expect(await postedFor(database.db, sale?.id ?? '')).toEqual([
      'commission_credited: revenue -2000',
      'commission_credited: available 2000',
    ])
    expect(await orderNow(order)).toMatchObject({
      status: 'FULFILLED',
      buyerId: payment.buyerId,
      fulfilledAt: ctx.now(),
    })
    const [copy] = await copiesOf(order)
    expect(copy?.copy).toMatchObject({ ownerId: payment.buyerId, status: 'ACTIVE' })
    expect(copy?.clone).toMatchObject({ sellerId: offer.seller.id, funnelsCloned: 2, pagesCloned: 6 })
    expect((await organizationOf(payment.buyerId))?.paidPlan).toBe('FREE')
    const [link] = await database.db.select().from(affiliateLinks).where(eq(affiliateLinks.id, offer.link.id))
    expect(link).toMatchObject({ uses: 1, status: 'ACTIVE' })
    expect((await mailsTo(order.email)).map(({ template, data }) => ({ template, data }))).toEqual([
      {
        template: 'purchase-ready',
        data: expect.objectContaining({
          amount: 11_000,
          currency: 'USD',
          existingAccount: false,
          pages: 6,
          orderId: order.id,
        }),
      },
    ])
    expect((await mailsTo(offer.seller.email)).map(({ template, data }) => ({ template, data }))).toEqual([
      {
        template: 'workspace-sold',
        data: expect.objectContaining({
          commission: 2_000,
          commissionStatus: 'CREDITED',
          buyerName: 'Bo Buyer',
        }),
      },
    ])
  })

  it('is fulfilled once, however many tell of it at once', async () => {
    const order = await makeOrder(ctx, offer)
    const verdicts = await Promise.all(Array.from({ length: 8 }, () => settle(order, { fee: 320n })))
    expect(verdicts.map(({ status }) => status)).toEqual(Array(8).fill('PROCESSED'))
    expect(await copiesOf(order)).toHaveLength(1)
    expect((await paymentOf(order)).feeAmount).toBe(320n)
  })

  it('learns charge, invoice and fee later, and books the fee exactly once', async () => {
    const order = await makeOrder(ctx, offer)
    await settle(order, { chargeId: null })
    const { id } = await paymentOf(order)
    expect(await postedFor(database.db, id)).toHaveLength(2)
    const told = {
      provider: 'stripe',
      mode: 'sandbox' as const,
      paymentIntentId: `pi_${order.id}`,
      chargeId: 'ch_late',
    }
    const fee = (amount: bigint, currency = 'USD') =>
      inTransaction(ctx, (tx) => recordFeeOfCharge(tx, { ...told, fee: { amount, currency } }))
    expect(await fee(99n, 'EUR')).toBe(false)
    expect(
      await Promise.all([fee(320n), fee(320n), settle(order, { chargeId: 'ch_late', fee: 320n })]),
    ).toEqual([true, true, expect.objectContaining({ status: 'PROCESSED' })])
    expect(await fee(999n)).toBe(true)
    expect(await paymentOf(order)).toMatchObject({ chargeId: 'ch_late', feeAmount: 320n })
    expect((await postedFor(database.db, id)).filter((line) => line.startsWith('provider_fee'))).toEqual([
      'provider_fee: fees -320',
      'provider_fee: provider stripe 320',
    ])
  })

  it('leaves a job that asks for the fee while it is unknown, and none when nothing was paid', async () => {
    const unknown = await makeOrder(ctx, offer)
    const known = await makeOrder(ctx, offer)
    const free = await makeOrder(ctx, offer)
    await settle(unknown)
    await settle(known, { fee: 320n })
    await settle(free, { captured: { amount: 0n, currency: 'USD' } })
    const asked = async (order: Order) => {
      const key = `fee:${(await paymentOf(order)).id}`
      return (await database.db.select().from(jobs).where(eq(jobs.key, key))).map(({ kind }) => kind)
    }
    expect(await Promise.all([unknown, known, free].map(asked))).toEqual([['payment.learnFee'], [], []])
  })

  it('of nothing (a coupon of 100 %) clones, earns nothing and moves no money', async () => {
    const order = await makeOrder(ctx, offer)
    await settle(order, { captured: { amount: 0n, currency: 'USD' }, paymentIntentId: null, chargeId: null })
    const payment = await paymentOf(order)
    expect(payment).toMatchObject({ capturedAmount: 0n, externalId: order.checkoutRef, withheld: [] })
    expect(await postedFor(database.db, payment.id)).toEqual([])
    expect(await earnedBy(payment.id)).toEqual([])
    expect(await copiesOf(order)).toHaveLength(1)
    const [mail] = await mailsTo(offer.seller.email)
    expect(mail?.data).toMatchObject({ commission: 0, commissionStatus: 'NONE' })
  })

  it('earns on what a discount left', async () => {
    const order = await makeOrder(ctx, offer)
    await settle(order, { captured: { amount: 999n, currency: 'USD' } })
    expect((await earnedBy((await paymentOf(order)).id)).map(({ amount }) => amount)).toEqual([200n])
  })

  it('keeps the commission pending while there is a hold', async () => {
    const held = testContext(database.db, { env: { COMMISSION_HOLD_DAYS: '14' }, actor: ctx.actor })
    const order = await makeOrder(ctx, offer)
    await settle(order, {}, held)
    const [sale] = await earnedBy((await paymentOf(order)).id)
    expect(sale).toMatchObject({
      status: 'PENDING',
      creditedAt: null,
      holdUntil: new Date('2026-12-05T12:00:00Z'),
    })
    expect(await postedFor(database.db, sale?.id ?? '')).toEqual([
      'commission_created: revenue -2000',
      'commission_created: pending 2000',
    ])
    expect((await mailsTo(offer.seller.email))[0]?.data).toMatchObject({ commissionStatus: 'PENDING' })
  })

  it('earns its buyer’s referrer a share too', async () => {
    const buyer = await makeUser(ctx)
    const affiliate = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
    const order = await makeOrder(ctx, offer, { buyerId: buyer.id, email: buyer.email })
    await settle(order)
    expect(
      (await earnedBy((await paymentOf(order)).id)).map(({ kind, amount }) => [kind, amount]).sort(),
    ).toEqual([
      ['REFERRAL', 1_500n],
      ['SALE', 2_000n],
    ])
  })

  it('withholds the share of who buys from oneself, or from one’s organization, with the reason', async () => {
    const self = await makeOrder(ctx, offer, { buyerId: offer.seller.id, email: offer.seller.email })
    await settle(self)
    expect(await paymentOf(self)).toMatchObject({
      withheld: [{ kind: 'SALE', userId: offer.seller.id, reason: 'SELF_PURCHASE' }],
    })
    const colleague = await makeUser(ctx)
    await database.db
      .update(users)
      .set({ organizationId: offer.seller.organizationId })
      .where(eq(users.id, colleague.id))
    const same = await makeOrder(ctx, offer, { buyerId: colleague.id, email: colleague.email })
    await settle(same)
    const payment = await paymentOf(same)
    expect(payment.withheld).toEqual([{ kind: 'SALE', userId: offer.seller.id, reason: 'SAME_ORGANIZATION' }])
    expect(await earnedBy(payment.id)).toEqual([])
    expect(await copiesOf(same)).toHaveLength(1)
  })

  it('works without a link, and without a seller', async () => {
    const listed = await makeOrder(ctx, offer, { affiliateLinkId: null })
    await settle(listed)
    expect((await earnedBy((await paymentOf(listed)).id))[0]?.explanation).toMatchObject({
      rateSource: 'listing',
    })
    const own = await makeOrder(ctx, offer, { sellerId: null, affiliateLinkId: null })
    await settle(own)
    expect(await earnedBy((await paymentOf(own)).id)).toEqual([])
    expect((await mailsTo(own.email))[0]?.data).toMatchObject({ sellerName: 'the seller' })
  })

  it('is fulfilled though its checkout had expired or failed before', async () => {
    for (const status of ['EXPIRED', 'FAILED'] as const) {
      const order = await makeOrder(ctx, offer, { status, failure: 'before' })
      await settle(order)
      expect(await orderNow(order)).toMatchObject({ status: 'FULFILLED', failure: null })
    }
  })
})

describe('who bought', () => {
  it('is the account of that address in any letter case, whose password stays', async () => {
    const known = await makeUser(ctx, { email: 'mixed@example.test' })
    const order = await makeOrder(ctx, offer, { email: 'MiXeD@Example.test' })
    await settle(order)
    expect((await paymentOf(order)).buyerId).toBe(known.id)
    const [now] = await database.db.select().from(users).where(eq(users.id, known.id))
    expect(now).toMatchObject({ passwordHash: known.passwordHash, organizationId: known.organizationId })
    expect((await mailsTo('mixed@example.test'))[0]?.data).toMatchObject({
      existingAccount: true,
      tokenId: null,
    })
  })

  it('gets a link to set a password while nobody has proven the address', async () => {
    const unproven = await makeUser(ctx, { email: 'unproven@example.test', verified: false })
    const order = await makeOrder(ctx, offer, { email: unproven.email })
    await settle(order)
    const [mail] = await mailsTo(unproven.email)
    expect(mail?.data).toMatchObject({ existingAccount: true, tokenId: expect.any(String) })
    const [token] = await database.db.select().from(authTokens).where(eq(authTokens.userId, unproven.id))
    expect(token).toMatchObject({ id: mail?.data.tokenId, purpose: 'OPEN_PURCHASE' })
  })

  it('buys twice and has two payments, two copies, two slugs, one account', async () => {
    const email = 'twice@example.test'
    const [first, second] = [await makeOrder(ctx, offer, { email }), await makeOrder(ctx, offer, { email })]
    await Promise.all([settle(first), settle(second)])
    const [a, b] = [await copiesOf(first), await copiesOf(second)]
    expect(a[0]?.copy.slug).not.toBe(b[0]?.copy.slug)
    expect(a[0]?.copy.ownerId).toBe(b[0]?.copy.ownerId)
  })

  it('is not tied to the provider’s customer of whoever typed the address', async () => {
    const victim = await makeUser(ctx)
    await settle(await makeOrder(ctx, offer, { email: victim.email }), { customerRef: 'cus_of_a_stranger' })
    const rows = await database.db.execute(
      sql`select from provider_customers where external_id = 'cus_of_a_stranger'`,
    )
    expect(rows).toHaveLength(0)
  })
})

describe('a paid subscription order', () => {
  const subscriptionFacts = (order: Order) => ({
    paymentIntentId: null,
    chargeId: null,
    invoiceId: `in_${order.id}`,
    subscriptionId: `sub_${order.id}`,
    customerRef: 'cus_1',
  })

  it('gives the buyer’s organization the plan', async () => {
    const plan = await makeOffer(ctx, { offer: MONTHLY })
    const order = await makeOrder(ctx, plan)
    await settle(order, subscriptionFacts(order))
    const payment = await paymentOf(order)
    expect(payment).toMatchObject({
      externalId: `in_${order.id}`,
      subscriptionId: `sub_${order.id}`,
      baseAmount: 5_000n,
    })
    expect((await organizationOf(payment.buyerId))?.paidPlan).toBe('BUSINESS')
    expect(
      await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, order.id)),
    ).toMatchObject([{ status: 'ACTIVE', plan: 'BUSINESS', userId: payment.buyerId }])
  })

  it('with a trial clones, gives the plan, and earns nothing', async () => {
    const plan = await makeOffer(ctx, { offer: { ...MONTHLY, freeTrialPeriodInDays: 14 } })
    const buyer = await makeUser(ctx)
    const order = await makeOrder(ctx, plan, { buyerId: buyer.id, email: buyer.email })
    await settle(order, { ...subscriptionFacts(order), captured: { amount: 0n, currency: 'USD' } })
    const payment = await paymentOf(order)
    expect(await earnedBy(payment.id)).toEqual([])
    expect(await postedFor(database.db, payment.id)).toEqual([])
    expect(await copiesOf(order)).toHaveLength(1)
    expect((await organizationOf(buyer.id))?.paidPlan).toBe('BUSINESS')
    expect(
      await database.db.select().from(subscriptions).where(eq(subscriptions.orderId, order.id)),
    ).toMatchObject([{ status: 'TRIALING' }])
  })

  it('leaves the higher of two plans that are paid for at once, whichever ends last', async () => {
    const buyer = await makeUser(ctx)
    const [high, low] = [
      await makeOffer(ctx, {
        planType: 'AGENCY',
        offer: { ...MONTHLY, price: { amount: 9_900, currency: 'USD' } },
      }),
      await makeOffer(ctx, { offer: MONTHLY }),
    ]
    const to = { buyerId: buyer.id, email: buyer.email }
    const [agency, business] = [await makeOrder(ctx, high, to), await makeOrder(ctx, low, to)]
    let both: Promise<unknown> = Promise.resolve()
    await database.owner.transaction(async (holder) => {
      await holder.execute(
        sql`select from organizations where id = ${buyer.organizationId} for no key update`,
      )
      const first = settle(agency, subscriptionFacts(agency))
      await blocked(1)
      const second = settle(business, subscriptionFacts(business))
      await blocked(2)
      both = Promise.all([first, second])
    })
    await both
    expect((await organizationOf(buyer.id))?.paidPlan).toBe('AGENCY')
  })
})

/** Waits until as many sessions of this database wait for a lock. */
const blocked = (count: number) =>
  expect
    .poll(
      async () => {
        const [row] = await database.owner.execute<{ n: number }>(
          sql`select count(*)::int n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        return row?.n
      },
      { timeout: 10_000 },
    )
    .toBe(count)

describe('between checkout and payment', () => {
  it('the workspace may be deleted or frozen, and its seller no longer allowed to sell: paid is paid', async () => {
    const deleted = await makeOrder(ctx, offer)
    await database.db
      .update(workspaces)
      .set({ status: 'DELETED' })
      .where(eq(workspaces.id, offer.link.workspaceId))
    await database.db
      .update(organizations)
      .set({ grantedPlan: 'FREE' })
      .where(eq(organizations.id, offer.seller.organizationId))
    await database.db
      .update(affiliateLinks)
      .set({ status: 'REVOKED' })
      .where(eq(affiliateLinks.id, offer.link.id))
    await settle(deleted)
    expect(await copiesOf(deleted)).toHaveLength(1)
    expect(await earnedBy((await paymentOf(deleted)).id)).toHaveLength(1)
  })

  it('the seller’s rate may change: the order’s counts', async () => {
    const order = await makeOrder(ctx, offer)
    await database.db
      .update(users)
      .set({ commissionPercentage: '90.00' })
      .where(eq(users.id, offer.seller.id))
    await settle(order)
    expect((await earnedBy((await paymentOf(order)).id)).map(({ amount }) => amount)).toEqual([2_000n])
  })

  it('the content may be gone for good: the money goes back by itself, once, and both are told', async () => {
    const plan = await makeOffer(ctx, { offer: MONTHLY })
    const order = await makeOrder(ctx, plan, { workspaceId: null })
    const facts = { invoiceId: 'in_gone', subscriptionId: 'sub_gone', paymentIntentId: null, chargeId: null }
    expect(await settle(order, facts)).toMatchObject({ status: 'PROCESSED' })
    // Told again, with what was missing: no second payment, no error, and now the refund can be made.
    expect(await settle(order, { ...facts, paymentIntentId: 'pi_gone' })).toMatchObject({
      status: 'PROCESSED',
    })
    const payment = await paymentOf(order)
    expect(payment).toMatchObject({ paymentIntentId: 'pi_gone' })
    expect(await orderNow(order)).toMatchObject({
      status: 'FAILED',
      failure: 'The workspace no longer exists.',
    })
    expect(
      (
        await database.db
          .select()
          .from(jobs)
          .where(eq(jobs.key, `refund:${payment.id}`))
      ).map(({ kind }) => kind),
    ).toEqual(['payment.refundUnfulfillable'])
    expect((await mailsTo(order.email)).map(({ template }) => template)).toEqual(['purchase-refunded'])
    const [alert] = await mailsTo(ctx.config.admin?.email ?? '')
    expect(alert).toMatchObject({
      template: 'admin-alert',
      data: { text: expect.stringContaining('sub_gone') },
    })
    // Nothing was sold: no plan, no share.
    expect((await organizationOf(payment.buyerId))?.paidPlan).toBe('FREE')
    expect(await earnedBy(payment.id)).toEqual([])
  })
})

describe('what does not fit the order is set aside, and nothing is written', () => {
  it.each<[string, (order: Order) => Partial<PaidFacts>]>([
    ['another currency', () => ({ captured: { amount: 10_000n, currency: 'EUR' } })],
    ['more than was quoted', () => ({ captured: { amount: 10_001n, currency: 'USD' } })],
    ['a negative amount', () => ({ captured: { amount: -1n, currency: 'USD' } })],
    ['a tax larger than what was paid', () => ({ tax: 10_001n })],
    ['a negative tax', () => ({ tax: -1n })],
    ['another mode', () => ({ mode: 'live' as const })],
    ['another provider', () => ({ provider: 'mamopay' })],
    ['another checkout', () => ({ checkoutRef: 'cs_other' })],
    ['an order that is not there', () => ({ orderId: '00000000-0000-7000-8000-000000000000' })],
  ])('%s', async (_name, wrong) => {
    const order = await makeOrder(ctx, offer)
    const before = await counts()
    expect(await settle(order, wrong(order))).toMatchObject({ status: 'QUARANTINED' })
    expect(await counts()).toEqual(before)
    expect(await orderNow(order)).toMatchObject({ status: 'OPEN' })
  })

  it.each<[string, Partial<PaidFacts>]>([
    ['payment', { paymentIntentId: 'pi_second' }],
    ['invoice', { invoiceId: 'in_second' }],
    ['subscription', { subscriptionId: 'sub_second' }],
    ['amount', { captured: { amount: 4_999n, currency: 'USD' } }],
  ])('another %s for an order that was fulfilled', async (_name, second) => {
    const plan = await makeOffer(ctx, { offer: MONTHLY })
    const order = await makeOrder(ctx, plan)
    const facts = { invoiceId: 'in_first', subscriptionId: `sub_${order.id}` }
    await settle(order, { ...facts, invoiceId: `in_${order.id}` })
    const before = await counts()
    expect(await settle(order, { ...facts, invoiceId: `in_${order.id}`, ...second })).toMatchObject({
      status: 'QUARANTINED',
    })
    expect(await counts()).toEqual(before)
  })
})

describe('a step that fails', () => {
  it.each([
    'users',
    'payments',
    'ledger_entries',
    'subscriptions',
    'workspaces',
    'pages',
    'workspace_clones',
    'commissions',
    'mails',
    'jobs',
    'activity_log',
  ])('at %s leaves nothing at all, and the next try completes', async (table) => {
    const plan = await makeOffer(ctx, { offer: MONTHLY })
    const order = await makeOrder(ctx, plan)
    const facts = { invoiceId: `in_${order.id}`, subscriptionId: `sub_${order.id}`, fee: 175n }
    const before = await counts()
    await database.owner.execute(
      sql`create function fail() returns trigger language plpgsql as 'begin raise exception ''broken''; end'`,
    )
    await database.owner.execute(
      sql`create trigger fails before insert on ${sql.identifier(table)} for each row execute function fail()`,
    )
    try {
      await expect(settle(order, facts)).rejects.toThrow()
    } finally {
      await database.owner.execute(sql`drop function fail cascade`)
    }
    expect(await counts()).toEqual(before)
    expect(await orderNow(order)).toMatchObject({ status: 'OPEN' })
    expect(await settle(order, facts)).toMatchObject({ status: 'PROCESSED' })
    expect(await copiesOf(order)).toHaveLength(1)
  })
})

it('leaves books that prove themselves', async () => {
  expect(await verifyLedger(ctx)).toMatchObject({ ok: true })
})
