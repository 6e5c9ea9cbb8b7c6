import { and, eq } from 'drizzle-orm'
import { processUnpaidCommissions } from '../../../server/domain/affiliate'
import { signIn } from '../../../server/domain/identity'
import { sendMail } from '../../../server/domain/notification'
import { applyDispute, applyRefund, settleOrder } from '../../../server/domain/payment'
import {
  approveWithdrawal,
  cancelWithdrawal,
  createAdjustment,
  holdWithdrawal,
  markFailed,
  markPaid,
  markReturned,
  rejectWithdrawal,
  requestWithdrawal,
} from '../../../server/domain/payout'
import { buryWebhook, processWebhook, receiveWebhook } from '../../../server/domain/webhook'
import { manualClone } from '../../../server/domain/workspace'
import { inTransaction } from '../../../server/kit/context'
import type { DisputeSnapshot, RefundSnapshot } from '../../../server/kit/ports'
import { createStripeProvider } from '../../../server/providers/stripe'
import type { Db } from '../../client'
import { mails, webhookEvents } from '../../schema'
import { type TestContext, testContext } from '../context'
import { makeReferral } from './affiliate'
import { makeUser, TEST_PASSWORD } from './identity'
import {
  type MadeOffer,
  makeOffer,
  makeOrder,
  type Order,
  paidFacts,
  paidSession,
  signedHeaders,
  stripeEvent,
  WEBHOOK_SECRET,
} from './payment'
import { givenMethod, makePayee, PAYPAL } from './payout'

/** Nothing is asked of it: every event stands by its payload alone. */
const provider = {
  ...createStripeProvider({
    secretKey: 'sk_test_sandbox',
    webhookSecrets: [WEBHOOK_SECRET],
    apiBase: 'http://127.0.0.1:9',
    mode: 'sandbox',
  }),
  fetchRefunds: async () => null,
  fetchDispute: async () => null,
  fetchCheckout: async () => null,
}
const outside = { payments: new Map([['stripe', provider]]) }
const DAY = 86_400_000

/**
 * Books in which everything has happened once, through the verbs that make it happen: sales with tax, fee, hold and
 * referral, refunds, disputes, withdrawals in every state, an adjustment, copies, events, mails, sessions.
 * Nothing is under way in them any more.
 * @returns a context whose clock stands two minutes later
 */
export const givenGoodBooks = async (db: Db): Promise<TestContext> => {
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

  await withdraw(ctx, admin)
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

/** A sale told by a webhook, one event that means nothing, and one that was given up. */
const hear = async (ctx: TestContext, offer: MadeOffer): Promise<void> => {
  const receive = async (body: string) => {
    await receiveWebhook(ctx, { provider: 'stripe', body, headers: signedHeaders(body, ctx.now()) })
    const { id } = JSON.parse(body) as { id: string }
    const [row] = await ctx.db
      .select({ id: webhookEvents.id })
      .from(webhookEvents)
      .where(and(eq(webhookEvents.provider, 'stripe'), eq(webhookEvents.eventId, id)))
    return row?.id ?? ''
  }
  const order = await makeOrder(ctx, offer)
  await processWebhook(
    ctx,
    await receive(stripeEvent(ctx.now(), 'checkout.session.completed', paidSession(order))),
  )
  await processWebhook(ctx, await receive(stripeEvent(ctx.now(), 'product.created', { id: 'prod_1' })))
  await buryWebhook(ctx, await receive(stripeEvent(ctx.now(), 'product.created', { id: 'prod_2' })), 'tired')
}
