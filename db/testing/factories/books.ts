import { and, eq } from 'drizzle-orm'
import { processUnpaidCommissions } from '../../../server/domain/affiliate'
import { signIn } from '../../../server/domain/identity'
import { sendMail } from '../../../server/domain/notification'
import { applyDispute, applyRefund, settleOrder } from '../../../server/domain/payment'
import {
  applyPayoutEvent,
  approveWithdrawal,
  cancelWithdrawal,
  completePayoutEvent,
  createAdjustment,
  holdWithdrawal,
  markFailed,
  markPaid,
  markReturned,
  rejectWithdrawal,
  requestWithdrawal,
  sendWithdrawal,
} from '../../../server/domain/payout'
import { buryWebhook, processWebhook, receiveWebhook } from '../../../server/domain/webhook'
import { manualClone } from '../../../server/domain/workspace'
import { inTransaction } from '../../../server/kit/context'
import type { DisputeSnapshot, PaymentProvider, RefundSnapshot } from '../../../server/kit/ports'
import type { Db } from '../../client'
import { mails, webhookEvents } from '../../schema'
import { type TestContext, testContext } from '../context'
import { makeReferral } from './affiliate'
import { makeUser, TEST_PASSWORD } from './identity'
import { givenAccount, makePayoutHouse, type PayoutHouse } from './payee'
import {
  type MadeOffer,
  MONTHLY,
  makeOffer,
  makeOrder,
  type Order,
  paidFacts,
  paidSession,
  signedHeaders,
  stripeEvent,
} from './payment'
import { givenMethod, makePayee, PAYPAL } from './payout'

/** It pays out; else nothing is asked of it: every event stands by its payload alone. */
const providerOf = (house: PayoutHouse): PaymentProvider => ({
  ...house.provider,
  fetchRefunds: async () => null,
  fetchDispute: async () => null,
  fetchCheckout: async () => null,
  fetchInvoice: async () => null,
  fetchSubscription: async () => null,
})
const DAY = 86_400_000

/**
 * Books in which everything has happened once, through the verbs that make it happen: sales with tax, fee, hold and
 * referral, renewals, refunds, disputes, withdrawals in every state, by hand and through a provider, an adjustment,
 * copies, events, mails, sessions. Nothing is under way in them any more but a payout at its provider.
 * @returns a context whose clock stands two minutes later
 */
export const givenGoodBooks = async (db: Db): Promise<TestContext> => {
  const house = makePayoutHouse()
  const outside = { payments: new Map([['stripe', providerOf(house)]]) }
  const ctx = testContext(db, { outside })
  const held = testContext(db, { outside, clock: ctx.clock, env: { COMMISSION_HOLD_DAYS: '7' } })
  const admin = ctx.as((await makeUser(ctx, { role: 'ADMIN', firstName: 'Root' })).actor)
  const offer = await makeOffer(ctx)

  await sell(ctx, offer, { fee: 320n })
  await sellReferred(ctx, offer)
  await giveBack(ctx, offer)
  await dispute(ctx, offer)
  await sell(held, offer)
  const half = await sell(held, offer)
  await refund(ctx, half, { ref: `re_${half.id}`, amount: 5_000, status: 'succeeded' })
  ctx.clock.advance(8 * DAY)
  await processUnpaidCommissions(ctx)
  await sell(held, offer)

  await renew(ctx)
  await withdraw(ctx, admin)
  await payOut(ctx, admin, house)
  await givenMethod(ctx.as(offer.seller.actor), PAYPAL)
  const friend = await makeUser(ctx)
  await manualClone(admin, {
    id: offer.workspaceId,
    newOwnerId: friend.id,
    reason: 'A gift',
  })
  await createAdjustment(admin, { userId: friend.id, amount: 700, currency: 'USD', reason: 'Sorry' })
  await signIn(ctx, { email: friend.email, password: TEST_PASSWORD })
  await hear(ctx, offer)
  const queued = await db.select({ id: mails.id }).from(mails).where(eq(mails.status, 'QUEUED'))
  for (const { id } of queued) await sendMail(ctx, id)
  ctx.clock.advance(120_000)
  return ctx
}

const sell = async (
  as: TestContext,
  offer: MadeOffer,
  facts: Parameters<typeof paidFacts>[1] = {},
  more: Parameters<typeof makeOrder>[2] = {},
): Promise<Order> => {
  const order = await makeOrder(as, offer, { priceAmount: 10_000n, ...more })
  await inTransaction(as, (tx) => settleOrder(tx, paidFacts(order, { tax: 500n, ...facts })))
  return order
}

const sellReferred = async (ctx: TestContext, offer: MadeOffer): Promise<void> => {
  const [buyer, affiliate, other] = [await makeUser(ctx), await makeUser(ctx), await makeUser(ctx)]
  await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
  await makeReferral(ctx, { affiliateUserId: buyer.id, customerId: other.id, status: 'SUSPENDED' })
  ctx.clock.advance(1_000)
  await sell(ctx, offer, {}, { buyerId: buyer.id })
  await sell(ctx, offer, {}, { buyerId: other.id })
}

const nameOf = ({ id, provider, mode }: Order) => ({
  provider,
  mode,
  paymentIntentId: `pi_${id}`,
  chargeId: `ch_${id}`,
})

const refund = (
  ctx: TestContext,
  order: Order,
  { ref, amount, status }: { ref: string; amount: number; status: RefundSnapshot['status'] },
) =>
  inTransaction(ctx, (tx) =>
    applyRefund(tx, {
      ...nameOf(order),
      refunded: null,
      refunds: [{ ref, requestId: null, amount: { amount: BigInt(amount), currency: 'USD' }, status }],
    }),
  )

const giveBack = async (ctx: TestContext, offer: MadeOffer): Promise<void> => {
  const [part, whole, failed] = [await sell(ctx, offer), await sell(ctx, offer), await sell(ctx, offer)]
  await refund(ctx, part, { ref: `re_${part.id}`, amount: 3_333, status: 'succeeded' })
  await refund(ctx, whole, { ref: `re_${whole.id}`, amount: 10_000, status: 'pending' })
  await refund(ctx, whole, { ref: `re_${whole.id}`, amount: 10_000, status: 'succeeded' })
  await refund(ctx, failed, { ref: `re_${failed.id}`, amount: 4_000, status: 'succeeded' })
  await refund(ctx, failed, { ref: `re_${failed.id}`, amount: 4_000, status: 'failed' })
}

const dispute = async (ctx: TestContext, offer: MadeOffer): Promise<void> => {
  const tell = (order: Order, state: DisputeSnapshot['state']) =>
    inTransaction(ctx, (tx) =>
      applyDispute(tx, {
        ...nameOf(order),
        dispute: { ref: `dp_${order.id}`, amount: { amount: 6_000n, currency: 'USD' }, state },
      }),
    )
  const [open, won, lost] = [await sell(ctx, offer), await sell(ctx, offer), await sell(ctx, offer)]
  for (const order of [open, won, lost]) await tell(order, 'open')
  await tell(won, 'won')
  await tell(lost, 'lost')
}

const withdraw = async (ctx: TestContext, admin: TestContext): Promise<void> => {
  const request = async () => {
    const { as } = await makePayee(ctx)
    return { as, id: (await requestWithdrawal(as, { amount: 6_000, currency: 'USD' })).id }
  }
  const approved = async () => {
    const { id } = await request()
    await approveWithdrawal(admin, { id })
    return { id, reason: 'It is so' }
  }
  await request()
  await approved()
  await holdWithdrawal(admin, await approved())
  await markFailed(admin, await approved())
  await markPaid(admin, { ...(await approved()), reference: 'bank 1' })
  const paid = await approved()
  await markPaid(admin, { ...paid, reference: 'bank 2' })
  await markReturned(admin, paid)
  await rejectWithdrawal(admin, { id: (await request()).id, reason: 'No' })
  const cancelled = await request()
  await cancelWithdrawal(cancelled.as, { id: cancelled.id })
}

/** At a provider: one on its way, one paid, one that came back. */
const payOut = async (ctx: TestContext, admin: TestContext, house: PayoutHouse): Promise<void> => {
  const send = async () => {
    const { user, as } = await makePayee(ctx, { method: null })
    await givenMethod(as, { kind: 'STRIPE', details: { account: await givenAccount(ctx, user.id) } })
    const { id } = await requestWithdrawal(as, { amount: 6_000, currency: 'USD' })
    await approveWithdrawal(admin, { id })
    await sendWithdrawal(ctx.as({ kind: 'job', name: 'payout.send' }), id)
    return id
  }
  house.fee = 25n
  await send()
  const { ref } = house.change(await send(), { status: 'returned', returned: 6_000n })
  const webhook = ctx.as({ kind: 'webhook', provider: 'stripe' })
  const provider = providerOf(house)
  const event = await completePayoutEvent(webhook, provider, { kind: 'payout', ref, withdrawalId: null })
  await inTransaction(webhook, (tx) => applyPayoutEvent(tx, provider, event))
  house.temper = 'takes its time'
  house.fee = null
  await send()
}

/** A subscription by a referred buyer whose first month and two later ones are paid. */
const renew = async (ctx: TestContext): Promise<void> => {
  const offer = await makeOffer(ctx, { offer: MONTHLY })
  const [buyer, affiliate] = [await makeUser(ctx), await makeUser(ctx)]
  await makeReferral(ctx, { affiliateUserId: affiliate.id, customerId: buyer.id })
  ctx.clock.advance(1_000)
  const order = await makeOrder(ctx, offer, { buyerId: buyer.id })
  const subscriptionId = `sub_${order.id}`
  const first = { subscriptionId, invoiceId: `in_${order.id}` }
  await inTransaction(ctx, (tx) => settleOrder(tx, paidFacts(order, first)))
  for (const month of [1, 2]) {
    const invoice = {
      id: `in_${order.id}_${month}`,
      object: 'invoice',
      status: 'paid',
      total: 5_000,
      amount_paid: 5_000,
      currency: 'usd',
      billing_reason: 'subscription_cycle',
      parent: {
        type: 'subscription_details',
        subscription_details: { subscription: subscriptionId, metadata: { orderId: order.id } },
      },
    }
    await processWebhook(ctx, await receive(ctx, stripeEvent(ctx.now(), 'invoice.paid', invoice)))
  }
}

/** A sale told by a webhook, one event that means nothing, and one that was given up. */
const hear = async (ctx: TestContext, offer: MadeOffer): Promise<void> => {
  const order = await makeOrder(ctx, offer)
  await processWebhook(
    ctx,
    await receive(ctx, stripeEvent(ctx.now(), 'checkout.session.completed', paidSession(order))),
  )
  await processWebhook(ctx, await receive(ctx, stripeEvent(ctx.now(), 'product.created', { id: 'prod_1' })))
  await buryWebhook(
    ctx,
    await receive(ctx, stripeEvent(ctx.now(), 'product.created', { id: 'prod_2' })),
    'tired',
  )
}

/** @returns the event's id in the inbox */
const receive = async (ctx: TestContext, body: string): Promise<string> => {
  await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
  const { id } = JSON.parse(body) as { id: string }
  const [row] = await ctx.db
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(and(eq(webhookEvents.provider, 'stripe'), eq(webhookEvents.eventId, id)))
  return row?.id ?? ''
}
