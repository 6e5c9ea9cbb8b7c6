import { and, desc, eq, like } from 'drizzle-orm'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  activityLog,
  commissions,
  ledgerEntries,
  mails,
  paymentDisputes,
  paymentRefunds,
  payments,
  webhookEvents,
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
  makeOffer,
  makeOrder,
  paidFacts,
  paidSession,
  postedFor,
  signedHeaders,
  stripeEvent,
  WEBHOOK_SECRET,
} from '../../../db/testing/factories/payment'
import { givenMethod, PAYPAL } from '../../../db/testing/factories/payout'
import { inTransaction } from '../../kit/context'
import { reversedShare } from '../../kit/money'
import type { ChargeName, DisputeSnapshot, RefundSnapshot } from '../../kit/ports'
import { createStripeProvider } from '../../providers/stripe'
import { processUnpaidCommissions } from '../affiliate'
import { createBalanceTransaction, getBalances, listTransactions } from '../balance'
import { requestWithdrawal } from '../payout'
import { buryWebhook, processWebhook, receiveWebhook } from '../webhook'
import { exportWorkspace, getWorkspace, updateWorkspace } from '../workspace'
import { applyDispute, applyRefund, settleOrder } from '.'

const database = useDatabase()
let ctx: TestContext
let offer: MadeOffer

/** A provider that is out of reach: every event stands by its payload alone. */
const unreachable = createStripeProvider({
  secretKey: 'sk_test_sandbox',
  webhookSecrets: [WEBHOOK_SECRET],
  apiBase: 'http://127.0.0.1:9',
  mode: 'sandbox',
})
const provider = {
  ...unreachable,
  fetchRefunds: async () => null,
  fetchDispute: async () => null,
  fetchCheckout: async () => null,
}

beforeEach(async () => {
  ctx = testContext(database.db, { outside: { payments: new Map([['stripe', provider]]) } })
  offer = await makeOffer(ctx)
})
afterEach(async () => {
  expect(await brokenBooks(ctx)).toEqual([])
})

const HELD = { env: { COMMISSION_HOLD_DAYS: '7' } }
const held = () => testContext(database.db, { ...HELD, clock: ctx.clock, outside: ctx.outside })

const paymentNow = async (orderId: string) => {
  const [row] = await database.db.select().from(payments).where(eq(payments.orderId, orderId))
  if (row === undefined) throw new Error('no such payment')
  return row
}
const sharesOf = (paymentId: string) =>
  database.db.select().from(commissions).where(eq(commissions.paymentId, paymentId)).orderBy(commissions.kind)
const copyOf = async (paymentId: string) => {
  const [row] = await database.db
    .select({ workspace: workspaces })
    .from(workspaceClones)
    .innerJoin(workspaces, eq(workspaces.id, workspaceClones.copyWorkspaceId))
    .where(eq(workspaceClones.paymentId, paymentId))
  if (row === undefined) throw new Error('no such copy')
  return row.workspace
}
const balanceOf = async (userId: string) => {
  const [row] = await getBalances(ctx, userId)
  return {
    available: row?.balance.amount ?? 0,
    pending: row?.pendingCommissions.amount ?? 0,
    earned: row?.totalEarned.amount ?? 0,
  }
}
const linesOf = async (type: 'REFUND' | 'ADJUSTMENT', userId: string) => {
  const rows = await database.db.query.ledgerAccounts.findMany({
    where: (a, { and, eq }) => and(eq(a.userId, userId), eq(a.kind, 'available')),
  })
  const [account] = rows
  if (account === undefined) return []
  const lines = await database.db
    .select({ amount: ledgerEntries.amount })
    .from(ledgerEntries)
    .where(and(eq(ledgerEntries.accountId, account.id), eq(ledgerEntries.lineType, type)))
    .orderBy(ledgerEntries.seq)
  return lines.map(({ amount }) => Number(amount))
}

/** A sale of 100.00 with a tax of 5.00: the seller's 20 % are 19.00. */
const sold = async (as: TestContext = ctx) => {
  const order = await makeOrder(ctx, offer, { priceAmount: 10_000n })
  await inTransaction(as, (tx) => settleOrder(tx, paidFacts(order, { tax: 500n })))
  return { order, payment: await paymentNow(order.id), name: nameOf(order.id) }
}
const nameOf = (orderId: string) => ({
  provider: 'stripe',
  mode: 'sandbox' as const,
  paymentIntentId: `pi_${orderId}`,
  chargeId: `ch_${orderId}`,
})
type Name = ReturnType<typeof nameOf>
type NameOfCharge = Omit<Name, 'paymentIntentId' | 'chargeId'> & ChargeName

const usd = (amount: number) => ({ amount: BigInt(amount), currency: 'USD' })
const refund = (ref: string, amount: number, status: RefundSnapshot['status'] = 'succeeded') => ({
  ref,
  requestId: null,
  amount: usd(amount),
  status,
})
const dispute = (ref: string, amount: number, state: DisputeSnapshot['state']) => ({
  ref,
  amount: usd(amount),
  state,
})
const refunded = (name: Name, ...refunds: RefundSnapshot[]) =>
  inTransaction(ctx, (tx) => applyRefund(tx, { ...name, refunded: null, refunds }))
const disputed = (name: Name | NameOfCharge, ref: string, amount: number, state: DisputeSnapshot['state']) =>
  inTransaction(ctx, (tx) => applyDispute(tx, { ...name, dispute: dispute(ref, amount, state) }))

describe('a refund', () => {
  it('takes back its part of base, tax and commission, and adds up to exactly the whole', async () => {
    const { order, payment, name } = await sold()
    await refunded(name, refund(`re_1${order.id}`, 3_333))
    // base lost: 3333 - 167 of tax = 3166 of 9500; 1900 × 3166 / 9500 = 633.2
    expect((await sharesOf(payment.id)).map((c) => [c.status, c.reversedAmount])).toEqual([
      ['PARTIALLY_REVERSED', 633n],
    ])
    expect(await balanceOf(offer.seller.id)).toEqual({ available: 1267, pending: 0, earned: 1267 })
    expect((await paymentNow(order.id)).status).toBe('PARTIALLY_REFUNDED')
    expect((await copyOf(payment.id)).status).toBe('ACTIVE')

    await refunded(name, refund(`re_2${order.id}`, 6_667))
    expect((await sharesOf(payment.id)).map((c) => [c.status, c.reversedAmount])).toEqual([
      ['REVERSED', 1_900n],
    ])
    expect(await linesOf('REFUND', offer.seller.id)).toEqual([-633, -1267])
    expect((await postedFor(database.db, payment.id)).slice(3)).toEqual([
      'payment_refunded: revenue -3166',
      'payment_refunded: tax -167',
      'payment_refunded: provider stripe 3333',
      'payment_refunded: revenue -6334',
      'payment_refunded: tax -333',
      'payment_refunded: provider stripe 6667',
    ])
    expect(await paymentNow(order.id)).toMatchObject({ status: 'REFUNDED', refundedAmount: 10_000n })
  })

  it('is cumulative at the provider: repeated or older words of it change nothing', async () => {
    const { order, payment, name } = await sold()
    const told = (amount: number) =>
      inTransaction(ctx, (tx) => applyRefund(tx, { ...name, refunded: usd(amount), refunds: [] }))
    await told(5_000)
    const once = await paymentNow(order.id)
    await Promise.all([told(5_000), told(2_000), told(5_000)])
    expect(await paymentNow(order.id)).toEqual(once)
    await refunded(name, refund(`re_${order.id}`, 5_000, 'pending'))
    await refunded(name, refund(`re_${order.id}`, 5_000))
    await refunded(name, refund(`re_${order.id}`, 5_000, 'pending'))
    expect(await paymentNow(order.id)).toEqual(once)
    expect((await sharesOf(payment.id))[0]?.reversedAmount).toBe(950n)
    expect(await linesOf('REFUND', offer.seller.id)).toEqual([-950])
  })

  it('that was asked for and refused takes nothing off what the charge itself says was refunded', async () => {
    const { order, payment, name } = await sold()
    await database.db.insert(paymentRefunds).values({
      id: crypto.randomUUID(),
      paymentId: payment.id,
      provider: 'stripe',
      mode: 'sandbox',
      status: 'CANCELED',
      amount: 1_000n,
      currency: 'USD',
      createdAt: ctx.now(),
      updatedAt: ctx.now(),
    })
    await inTransaction(ctx, (tx) => applyRefund(tx, { ...name, refunded: usd(3_000), refunds: [] }))
    expect((await paymentNow(order.id)).refundedAmount).toBe(3_000n)
  })

  it('that fails after it succeeded restores what it took, once', async () => {
    const { order, payment, name } = await sold()
    await refunded(name, refund(`re_${order.id}`, 10_000))
    expect((await copyOf(payment.id)).status).toBe('FROZEN')
    for (let times = 0; times < 3; times += 1)
      await refunded(name, refund(`re_${order.id}`, 10_000, 'failed'))
    await refunded(name, refund(`re_${order.id}`, 10_000))
    expect(await linesOf('REFUND', offer.seller.id)).toEqual([-1900])
    expect(await linesOf('ADJUSTMENT', offer.seller.id)).toEqual([1900])
    expect(await paymentNow(order.id)).toMatchObject({ status: 'CAPTURED', refundedAmount: 0n })
    expect((await sharesOf(payment.id)).map((c) => [c.status, c.reversedAmount])).toEqual([['CREDITED', 0n]])
    expect((await copyOf(payment.id)).status).toBe('ACTIVE')
    const alerts = await database.db.select().from(mails).where(eq(mails.template, 'admin-alert'))
    expect(alerts.filter(({ key }) => key.includes(payment.id))).toHaveLength(1)
  })

  it('after the payout takes the balance below zero, and no withdrawal passes until it is filled', async () => {
    const { order, name } = await sold()
    const withdraw = (amount: bigint, key: string) =>
      createBalanceTransaction(ctx, {
        userId: offer.seller.id,
        type: 'WITHDRAWAL',
        amount,
        currency: 'USD',
        referenceType: 'withdrawal',
        referenceId: key,
        notes: '',
        idempotencyKey: key,
      })
    const seller = testContext(database.db, {
      actor: offer.seller.actor,
      env: { AFFILIATE_MIN_WITHDRAWAL: '1' },
      clock: ctx.clock,
    })
    await givenMethod(seller, PAYPAL)
    await requestWithdrawal(seller, { amount: 1_900, currency: 'USD' })
    await refunded(name, refund(`re_${order.id}`, 10_000))
    expect((await balanceOf(offer.seller.id)).available).toBe(-1900)
    await expect(withdraw(-1n, `w2${order.id}`)).rejects.toMatchObject({ code: 'INSUFFICIENT_BALANCE' })
    await sold()
    expect((await balanceOf(offer.seller.id)).available).toBe(0)
  })

  it('before crediting is taken out of pending, and the rest is credited when the hold is over', async () => {
    const { order, payment, name } = await sold(held())
    await refunded(name, refund(`re_${order.id}`, 5_000))
    expect(await balanceOf(offer.seller.id)).toEqual({ available: 0, pending: 950, earned: 0 })
    ctx.clock.advance(8 * 86_400_000)
    await Promise.all([processUnpaidCommissions(ctx), processUnpaidCommissions(ctx)])
    expect(await balanceOf(offer.seller.id)).toEqual({ available: 950, pending: 0, earned: 950 })
    expect((await sharesOf(payment.id))[0]).toMatchObject({
      status: 'PARTIALLY_REVERSED',
      reversedAmount: 950n,
    })
    await refunded(name, refund(`re_2${order.id}`, 5_000))
    expect(await balanceOf(offer.seller.id)).toEqual({ available: 0, pending: 0, earned: 0 })
  })

  it('of the whole before crediting leaves nothing to credit; failing later, it is pending again', async () => {
    const { order, payment, name } = await sold(held())
    await refunded(name, refund(`re_${order.id}`, 10_000))
    ctx.clock.advance(8 * 86_400_000)
    await processUnpaidCommissions(ctx)
    expect(await balanceOf(offer.seller.id)).toEqual({ available: 0, pending: 0, earned: 0 })
    await refunded(name, refund(`re_${order.id}`, 10_000, 'failed'))
    expect((await sharesOf(payment.id))[0]?.status).toBe('PENDING')
    expect(await linesOf('ADJUSTMENT', offer.seller.id)).toEqual([])
    await processUnpaidCommissions(ctx)
    expect(await balanceOf(offer.seller.id)).toEqual({ available: 1900, pending: 0, earned: 1900 })
  })

  it('reverses every beneficiary’s share in the same transaction', async () => {
    const affiliate = await makeUser(ctx)
    const buyer = await makeUser(ctx)
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
    const order = await makeOrder(ctx, offer, { buyerId: buyer.id, email: buyer.email })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
    const payment = await paymentNow(order.id)
    await refunded(nameOf(order.id), refund(`re_${order.id}`, 5_000))
    expect((await sharesOf(payment.id)).map((c) => [c.amount, c.reversedAmount])).toEqual([
      [2_000n, 1_000n],
      [1_500n, 750n],
    ])
    expect([await balanceOf(offer.seller.id), await balanceOf(affiliate.id)]).toMatchObject([
      { available: 1000 },
      { available: 750 },
    ])
  })

  it('of the whole freezes the copy: read and exported, not edited', async () => {
    const buyer = await makeUser(ctx)
    const order = await makeOrder(ctx, offer, { buyerId: buyer.id, email: buyer.email })
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order)))
    await refunded(nameOf(order.id), refund(`re_${order.id}`, 10_000))
    const { publicId: id } = await copyOf((await paymentNow(order.id)).id)
    const as = ctx.as({
      kind: 'user',
      userId: buyer.id,
      organizationId: buyer.organizationId,
      email: buyer.email,
    })
    expect((await getWorkspace(as, id)).status).toBe('FROZEN')
    await expect(exportWorkspace(as, id)).resolves.toBeDefined()
    await expect(updateWorkspace(as, { id, name: 'Mine' })).rejects.toMatchObject({
      status: 422,
      code: 'WORKSPACE_FROZEN',
    })
  })

  it('tells the buyer and the seller, with the amounts', async () => {
    const { order, name } = await sold()
    await refunded(name, refund(`re_${order.id}`, 5_000))
    const told = await database.db.select().from(mails)
    const of = (template: string, to: string) =>
      told.filter((mail) => mail.template === template && mail.to === to).map(({ data }) => data)
    expect(of('payment-refunded', order.email)).toMatchObject([
      { amount: 5_000, total: 5_000, frozen: false },
    ])
    expect(of('sale-reversed', offer.seller.email)).toMatchObject([
      { what: 'REFUNDED', reversed: 950, held: 0 },
    ])
  })

  it('stands in the log of the buyer, of the seller, and of everyone whose share it changed', async () => {
    const affiliate = await makeUser(ctx)
    const { payment, name, order } = await sold()
    const buyer = await database.db.query.users.findFirst({ where: (u, { eq }) => eq(u.id, payment.buyerId) })
    const logs = async (organizationId: string | undefined) =>
      (
        await database.db
          .select()
          .from(activityLog)
          .where(and(eq(activityLog.organizationId, organizationId ?? ''), like(activityLog.action, '%_%')))
          .orderBy(desc(activityLog.action))
      )
        .filter(({ action }) => action.startsWith('payment_') || action.startsWith('commission_'))
        .map(({ action, subjectId, after }) => ({ action, subjectId, after }))
    await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: payment.buyerId })
    await refunded(name, refund(`re_${order.id}`, 5_000))
    const line = { action: 'payment_refunded', subjectId: payment.id, after: expect.anything() }
    expect(await logs(buyer?.organizationId)).toEqual([line])
    expect(await logs(offer.seller.organizationId)).toEqual([
      line,
      {
        action: 'commission_changed',
        subjectId: payment.id,
        after: { kind: 'SALE', reversed: 950, held: 0, currency: 'USD' },
      },
    ])
    // Attributed after the sale: nothing was earned, so nothing was taken back.
    expect(await logs(affiliate.organizationId)).toEqual([])
  })

  it('appears in the period in which it happens: what stood on the statement stays as it was', async () => {
    const { order, name } = await sold()
    const statement = async () => (await listTransactions(ctx, { userId: offer.seller.id, limit: 50 })).items
    const issued = await statement()
    ctx.clock.advance(40 * 86_400_000)
    await refunded(name, refund(`re_${order.id}`, 10_000))
    const [line, ...before] = await statement()
    expect(before).toEqual(issued)
    expect(line).toMatchObject({ type: 'REFUND', createdAt: ctx.now().toISOString() })
  })

  it('in another currency is set aside', async () => {
    const { order, name, payment } = await sold()
    const strange = { ...refund(`re_${order.id}`, 100), amount: { amount: 100n, currency: 'EUR' } }
    await expect(refunded(name, strange)).resolves.toMatchObject({ status: 'QUARANTINED' })
    const other = { ref: 'dp', amount: { amount: 1n, currency: 'EUR' }, state: 'open' as const }
    await expect(
      inTransaction(ctx, (tx) => applyDispute(tx, { ...name, dispute: other })),
    ).resolves.toMatchObject({ status: 'QUARANTINED' })
    expect(await paymentNow(order.id)).toEqual(payment)
  })
})

describe('a dispute', () => {
  it('that is opened holds the commission and freezes the copy; won, both are released', async () => {
    const { order, payment, name } = await sold()
    await disputed(name, `dp_${order.id}`, 10_000, 'open')
    expect(await balanceOf(offer.seller.id)).toMatchObject({ available: 0, pending: 1900 })
    expect((await paymentNow(order.id)).status).toBe('DISPUTED')
    expect((await copyOf(payment.id)).status).toBe('FROZEN')
    await disputed(name, `dp_${order.id}`, 10_000, 'won')
    expect(await balanceOf(offer.seller.id)).toMatchObject({ available: 1900, pending: 0 })
    expect(await linesOf('ADJUSTMENT', offer.seller.id)).toEqual([-1900, 1900])
    expect((await paymentNow(order.id)).status).toBe('CAPTURED')
    expect((await copyOf(payment.id)).status).toBe('ACTIVE')
  })

  it('that is lost reverses from pending', async () => {
    const { order, payment, name } = await sold()
    await disputed(name, `dp_${order.id}`, 10_000, 'open')
    await disputed(name, `dp_${order.id}`, 10_000, 'lost')
    expect(await balanceOf(offer.seller.id)).toMatchObject({ available: 0, pending: 0 })
    expect((await sharesOf(payment.id))[0]).toMatchObject({ status: 'REVERSED', heldAmount: 0n })
    expect(await linesOf('REFUND', offer.seller.id)).toEqual([])
    expect((await copyOf(payment.id)).status).toBe('FROZEN')
  })

  it('that is lost for less than was held releases the rest, which is no refund', async () => {
    const { order, name } = await sold()
    await disputed(name, `dp_${order.id}`, 10_000, 'open')
    await disputed(name, `dp_${order.id}`, 5_000, 'lost')
    expect(await balanceOf(offer.seller.id)).toMatchObject({ available: 950, pending: 0 })
    expect(await linesOf('ADJUSTMENT', offer.seller.id)).toEqual([-1900, 950])
    expect(await linesOf('REFUND', offer.seller.id)).toEqual([])
  })

  it('may be told as closed before it is told as created', async () => {
    const { order, name } = await sold()
    await disputed(name, `dp_${order.id}`, 10_000, 'won')
    await disputed(name, `dp_${order.id}`, 10_000, 'open')
    expect((await paymentNow(order.id)).status).toBe('CAPTURED')
    expect(await linesOf('ADJUSTMENT', offer.seller.id)).toEqual([])
  })

  it('that is a warning or of an unknown status moves nothing', async () => {
    const { order, payment, name } = await sold()
    await disputed(name, `dp_${order.id}`, 10_000, 'no_money_moved')
    expect(await paymentNow(order.id)).toEqual(payment)
    await disputed(name, `dp_${order.id}`, 10_000, 'open')
    await disputed(name, `dp_${order.id}`, 10_000, 'no_money_moved')
    expect((await paymentNow(order.id)).status).toBe('DISPUTED')
  })

  it('before crediting keeps the commission from being credited until it is won', async () => {
    const { order, name } = await sold(held())
    await disputed(name, `dp_${order.id}`, 10_000, 'open')
    ctx.clock.advance(8 * 86_400_000)
    await processUnpaidCommissions(ctx)
    expect(await balanceOf(offer.seller.id)).toMatchObject({ available: 0, pending: 1900 })
    await disputed(name, `dp_${order.id}`, 10_000, 'won')
    await processUnpaidCommissions(ctx)
    expect(await balanceOf(offer.seller.id)).toMatchObject({ available: 1900, pending: 0 })
  })

  it('and a refund of one charge never take back more than the commission', async () => {
    const { order, payment, name } = await sold()
    await refunded(name, refund(`re_${order.id}`, 6_000))
    await disputed(name, `dp_${order.id}`, 10_000, 'open')
    await disputed(name, `dp_${order.id}`, 10_000, 'lost')
    expect((await sharesOf(payment.id))[0]?.reversedAmount).toBe(1_900n)
    expect((await balanceOf(offer.seller.id)).available).toBe(0)
    // The provider took more than the payment; the books say so.
    expect((await postedFor(database.db, payment.id)).at(-1)).toBe('payment_refunded: provider stripe 10000')
  })

  it('that names the charge alone is found once a refund named both', async () => {
    const order = await makeOrder(ctx, offer)
    await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order, { chargeId: null })))
    const name = nameOf(order.id)
    const alone = { ...name, paymentIntentId: null }
    await expect(disputed(alone, `dp_${order.id}`, 10_000, 'open')).rejects.toThrow('is known yet')
    await expect(disputed({ ...alone, chargeId: null }, 'dp', 1, 'open')).rejects.toThrow('is known yet')
    await refunded(name, refund(`re_${order.id}`, 1_000))
    await disputed(alone, `dp_${order.id}`, 10_000, 'open')
    expect((await paymentNow(order.id)).status).toBe('DISPUTED')
  })

  it('is told two at once: one hold', async () => {
    const { order, name } = await sold()
    await Promise.all([1, 2, 3, 4].map(() => disputed(name, `dp_${order.id}`, 10_000, 'open')))
    expect(await linesOf('ADJUSTMENT', offer.seller.id)).toEqual([-1900])
  })
})

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item, i) =>
        permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
      )

describe('whatever the order of the events, the end is the same', () => {
  /** All through the inbox; whoever waits for its payment is tried again, as the worker does. */
  const endOf = async (objects: (orderId: string) => (readonly [string, Record<string, unknown>])[]) => {
    const order = await makeOrder(ctx, offer)
    const all: (readonly [string, Record<string, unknown>])[] = [
      ['checkout.session.completed', paidSession(order)],
      ...objects(order.id),
    ]
    return { order, all }
  }
  const deliver = async (events: (readonly [string, Record<string, unknown>])[]) => {
    let waiting: string[] = []
    for (const [type, object] of events) {
      const body = stripeEvent(ctx.now(), type, object)
      await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
      const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.body, body))
      if (row === undefined) throw new Error('not taken in')
      const left: string[] = []
      for (const id of [...waiting, row.id])
        await processWebhook(ctx, id).catch((error: Error) => {
          expect(error.message).toMatch(/is known yet/)
          left.push(id)
        })
      waiting = left
    }
    for (const id of waiting) await processWebhook(ctx, id)
  }
  const stateOf = async (orderId: string) => {
    const payment = await paymentNow(orderId)
    return {
      payment: [payment.status, payment.refundedAmount],
      shares: (await sharesOf(payment.id)).map((c) => [c.status, c.reversedAmount, c.heldAmount]),
      copy: (await copyOf(payment.id)).status,
    }
  }
  const check = async (
    objects: (orderId: string) => (readonly [string, Record<string, unknown>])[],
    expected: Awaited<ReturnType<typeof stateOf>>,
  ) => {
    const count = (await endOf(objects)).all.length
    for (const way of permutations([...Array(count).keys()])) {
      const { order, all } = await endOf(objects)
      const before = await balanceOf(offer.seller.id)
      await deliver(way.flatMap((i) => (all[i] === undefined ? [] : [all[i]])))
      expect([way, await stateOf(order.id)]).toEqual([way, expected])
      const after = await balanceOf(offer.seller.id)
      const reversed = Number(expected.shares[0]?.[1] ?? 0n)
      expect(after.available - before.available).toBe(2_000 - reversed)
      expect(after.pending).toBe(before.pending)
    }
  }
  const charge = (id: string, amountRefunded: number) => ({
    id: `ch_${id}`,
    object: 'charge',
    payment_intent: `pi_${id}`,
    currency: 'usd',
    amount_refunded: amountRefunded,
  })
  const refundObject = (id: string, n: number, amount: number, status: string) => ({
    id: `re_${n}_${id}`,
    object: 'refund',
    charge: `ch_${id}`,
    payment_intent: `pi_${id}`,
    currency: 'usd',
    amount,
    status,
  })
  const disputeObject = (id: string, status: string) => ({
    id: `dp_${id}`,
    object: 'dispute',
    charge: `ch_${id}`,
    payment_intent: `pi_${id}`,
    currency: 'usd',
    amount: 10_000,
    status,
  })

  it('of {charge, refund part 1, refund part 2, refund failed}', async () => {
    await check(
      (id) => [
        ['refund.created', refundObject(id, 1, 3_000, 'succeeded')],
        [
          'charge.refunded',
          { ...charge(id, 10_000), refunds: { data: [refundObject(id, 2, 7_000, 'succeeded')] } },
        ],
        ['refund.failed', refundObject(id, 2, 7_000, 'failed')],
      ],
      { payment: ['PARTIALLY_REFUNDED', 3_000n], shares: [['PARTIALLY_REVERSED', 600n, 0n]], copy: 'ACTIVE' },
    )
  }, 60_000)

  it('of {charge, dispute created, won, refund}', async () => {
    await check(
      (id) => [
        ['charge.dispute.created', disputeObject(id, 'needs_response')],
        ['charge.dispute.closed', disputeObject(id, 'won')],
        ['charge.refunded', charge(id, 2_500)],
      ],
      { payment: ['PARTIALLY_REFUNDED', 2_500n], shares: [['PARTIALLY_REVERSED', 500n, 0n]], copy: 'ACTIVE' },
    )
  }, 60_000)

  it('of {charge, dispute created, lost, refund}', async () => {
    await check(
      (id) => [
        ['charge.dispute.created', disputeObject(id, 'needs_response')],
        ['charge.dispute.closed', disputeObject(id, 'lost')],
        ['charge.refunded', charge(id, 2_500)],
      ],
      { payment: ['REFUNDED', 2_500n], shares: [['REVERSED', 2_000n, 0n]], copy: 'FROZEN' },
    )
  }, 60_000)

  it('and a refund whose payment never comes is dead, and the admin is told', async () => {
    const body = stripeEvent(ctx.now(), 'refund.created', refundObject('nobody', 1, 100, 'succeeded'))
    await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
    const [row] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.body, body))
    await expect(processWebhook(ctx, row?.id ?? '')).rejects.toThrow('is known yet')
    await buryWebhook(ctx, row?.id ?? '', 'is not known')
    const [dead] = await database.db.select().from(webhookEvents).where(eq(webhookEvents.body, body))
    expect(dead?.status).toBe('DEAD')
    const alerts = await database.db
      .select()
      .from(mails)
      .where(like(mails.key, `alert:webhook:${row?.id}:%`))
    expect(alerts).toHaveLength(1)
  })
})

it('any sequence of refunds, failures and disputes leaves round_half_up(C × R / B) reversed', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('refund' as const), amount: fc.integer({ min: 1, max: 4_000 }) }),
    fc.record({ kind: fc.constant('fail' as const), which: fc.nat(5) }),
    fc.record({
      kind: fc.constant('dispute' as const),
      which: fc.nat(1),
      amount: fc.integer({ min: 1, max: 10_000 }),
      state: fc.constantFrom<DisputeSnapshot['state']>('open', 'won', 'lost', 'no_money_moved'),
    }),
    fc.record({ kind: fc.constant('credit' as const) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 7 }),
      fc.boolean(),
      async (steps, withHold) => {
        const { order, payment, name } = await sold(withHold ? held() : ctx)
        const made: { ref: string; amount: number; failed: boolean }[] = []
        const disputes = new Map<string, { amount: number; state: DisputeSnapshot['state'] }>()
        const over = (state?: string) => state === 'won' || state === 'lost'
        for (const one of steps) {
          if (one.kind === 'credit') {
            ctx.clock.advance(8 * 86_400_000)
            await processUnpaidCommissions(ctx)
          } else if (one.kind === 'refund') {
            const ref = `re_${made.length}_${order.id}`
            made.push({ ref, amount: one.amount, failed: false })
            await refunded(name, refund(ref, one.amount))
          } else if (one.kind === 'fail') {
            const it = made[one.which % Math.max(1, made.length)]
            if (it === undefined) continue
            it.failed = true
            await refunded(name, refund(it.ref, it.amount, 'failed'))
          } else {
            const ref = `dp_${one.which}_${order.id}`
            const known = disputes.get(ref)
            if (!over(known?.state) && !(known?.state === 'open' && !over(one.state)))
              if (known === undefined || one.state !== 'no_money_moved')
                disputes.set(ref, { amount: one.amount, state: one.state })
            await disputed(name, ref, one.amount, one.state)
          }
        }
        const sum = (amounts: number[]) => BigInt(amounts.reduce((a, b) => a + b, 0))
        const back = sum(made.filter(({ failed }) => !failed).map(({ amount }) => amount))
        const lost = sum([...disputes.values()].filter((d) => d.state === 'lost').map((d) => d.amount))
        const least = (a: bigint, b: bigint) => (a < b ? a : b)
        const gone = least(10_000n, least(10_000n, back) + lost)
        const base = gone - reversedShare(500n, gone, 10_000n)
        expect((await sharesOf(payment.id))[0]?.reversedAmount).toBe(reversedShare(1_900n, base, 9_500n))
        expect((await paymentNow(order.id)).refundedAmount).toBe(least(10_000n, back))
        expect(await brokenBooks(ctx)).toEqual([])
      },
    ),
    { numRuns: 25 },
  )
  expect((await database.db.select().from(paymentRefunds)).length).toBeGreaterThan(0)
  expect((await database.db.select().from(paymentDisputes)).length).toBeGreaterThan(0)
}, 120_000)
