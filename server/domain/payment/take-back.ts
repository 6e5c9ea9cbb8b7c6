import { and, eq, or } from 'drizzle-orm'
import { orders, paymentDisputes, paymentRefunds, payments, users, workspaces } from '../../../db/schema'
import { announce } from '../../kit/announce'
import { type Context, newId } from '../../kit/context'
import { type Money, moneyToJson, safeNumber } from '../../kit/money'
import type { ChargeName, DisputeSnapshot, ProviderMode, RefundSnapshot } from '../../kit/ports'
import { enqueueMail, type MailTemplates } from '../../kit/queue'
import { type CommissionChange, reverseCommissions } from '../affiliate'
import { recordActivity } from '../audit'
import { postTransfer } from '../balance'
import { settleCopies } from './bought-again'
import { type Standing, standingOf } from './rules'
import { soldWords } from './sold-words'
import { endStay } from './subscriptions'
import type { Verdict } from './verdict'

type Payment = typeof payments.$inferSelect
type Refund = typeof paymentRefunds.$inferSelect
type Dispute = typeof paymentDisputes.$inferSelect

/** Which payment a provider speaks of. */
export interface ToldPayment extends ChargeName {
  readonly provider: string
  readonly mode: ProviderMode
}

/**
 * Takes in what a provider says was given back of a charge, whoever asked for it: books, commissions, copy, mails.
 * Everything is set, not added, so that events may come in any order and any number. To be called in a transaction.
 * @throws Error while the payment is not known; the job tries again.
 */
export const applyRefund = async (
  ctx: Context,
  told: ToldPayment & { readonly refunded: Money | null; readonly refunds: readonly RefundSnapshot[] },
): Promise<Verdict> => {
  const payment = await lockedPayment(ctx, told)
  const amounts = [told.refunded, ...told.refunds.map(({ amount }) => amount)]
  if (amounts.some((amount) => amount !== null && amount.currency !== payment.currency))
    return { status: 'QUARANTINED', outcome: `a refund in another currency than payment ${payment.id}` }
  return settled(ctx, payment, async (known) => {
    for (const refund of told.refunds) await keepRefund(ctx, payment, known.refunds, refund)
    const reported = told.refunded?.amount ?? 0n
    if (reported > payment.reportedRefundAmount)
      await ctx.db.update(payments).set({ reportedRefundAmount: reported }).where(eq(payments.id, payment.id))
  })
}

/**
 * Takes in what a provider says of a dispute: open holds the commissions and freezes the copy, won releases them, lost
 * takes back. What is over is never open again. To be called in a transaction. Errors as `applyRefund`.
 */
export const applyDispute = async (
  ctx: Context,
  told: ToldPayment & { readonly dispute: DisputeSnapshot },
): Promise<Verdict> => {
  const payment = await lockedPayment(ctx, told)
  if (told.dispute.amount.currency !== payment.currency)
    return { status: 'QUARANTINED', outcome: `a dispute in another currency than payment ${payment.id}` }
  return settled(ctx, payment, (known) => keepDispute(ctx, payment, known.disputes, told.dispute))
}

const lockedPayment = async (ctx: Context, told: ToldPayment): Promise<Payment> => {
  const names = [
    told.paymentIntentId === null ? undefined : eq(payments.paymentIntentId, told.paymentIntentId),
    told.chargeId === null ? undefined : eq(payments.chargeId, told.chargeId),
  ].filter((name) => name !== undefined)
  const [payment] =
    names.length === 0
      ? []
      : await ctx.db
          .select()
          .from(payments)
          .where(and(eq(payments.provider, told.provider), eq(payments.mode, told.mode), or(...names)))
          .for('no key update')
  if (payment === undefined)
    throw new Error(`no payment of charge ${told.chargeId ?? told.paymentIntentId} is known yet`)
  // A dispute of an old version names the charge alone.
  if (payment.chargeId === null && told.chargeId !== null)
    await ctx.db.update(payments).set({ chargeId: told.chargeId }).where(eq(payments.id, payment.id))
  return payment
}

interface Known {
  readonly payment: Payment
  readonly refunds: readonly Refund[]
  readonly disputes: readonly Dispute[]
}

const knownOf = async (ctx: Context, id: string): Promise<Known> => {
  const [payment] = await ctx.db.select().from(payments).where(eq(payments.id, id))
  if (payment === undefined) throw new Error(`payment ${id} is gone`)
  return {
    payment,
    refunds: await ctx.db.select().from(paymentRefunds).where(eq(paymentRefunds.paymentId, id)),
    disputes: await ctx.db.select().from(paymentDisputes).where(eq(paymentDisputes.paymentId, id)),
  }
}

/** A refund's status only moves on: pending, succeeded, and then possibly failed. */
const PROGRESS: Readonly<Record<Refund['status'], number>> = {
  REQUESTED: 0,
  PENDING: 1,
  SUCCEEDED: 2,
  FAILED: 3,
  CANCELED: 3,
}
const REFUND_STATUS = {
  pending: 'PENDING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  canceled: 'CANCELED',
} as const

const keepRefund = async (
  ctx: Context,
  payment: Payment,
  known: readonly Refund[],
  { ref, requestId, amount, status: said }: RefundSnapshot,
): Promise<void> => {
  const status = REFUND_STATUS[said]
  const row = known.find((one) => one.externalId === ref || (one.id === requestId && one.externalId === null))
  if (row === undefined) {
    await ctx.db.insert(paymentRefunds).values({ ...firstTold(ctx, payment, ref, amount), status })
    return
  }
  if (PROGRESS[status] <= PROGRESS[row.status]) return
  await ctx.db
    .update(paymentRefunds)
    .set({ externalId: ref, status, updatedAt: ctx.now() })
    .where(eq(paymentRefunds.id, row.id))
}

const DISPUTE_STATUS = { open: 'OPEN', won: 'WON', lost: 'LOST', no_money_moved: 'NO_MONEY_MOVED' } as const
const DISPUTE_PROGRESS: Readonly<Record<Dispute['status'], number>> = {
  NO_MONEY_MOVED: 0,
  OPEN: 1,
  WON: 2,
  LOST: 2,
}

const keepDispute = async (
  ctx: Context,
  payment: Payment,
  known: readonly Dispute[],
  { ref, amount, state }: DisputeSnapshot,
): Promise<void> => {
  const status = DISPUTE_STATUS[state]
  const row = known.find((one) => one.externalId === ref)
  if (row === undefined) {
    await ctx.db.insert(paymentDisputes).values({ ...firstTold(ctx, payment, ref, amount), status })
    return
  }
  if (DISPUTE_PROGRESS[status] <= DISPUTE_PROGRESS[row.status]) return
  await ctx.db
    .update(paymentDisputes)
    .set({ status, amount: amount.amount, updatedAt: ctx.now() })
    .where(eq(paymentDisputes.id, row.id))
}

/** A refund or dispute that only its provider knew of until now. */
const firstTold = (ctx: Context, payment: Payment, externalId: string, { amount, currency }: Money) => ({
  id: newId(ctx),
  paymentId: payment.id,
  provider: payment.provider,
  mode: payment.mode,
  externalId,
  amount,
  currency,
  createdAt: ctx.now(),
  updatedAt: ctx.now(),
})

/** Writes what was told, compares where the payment stood with where it stands, and books the difference. */
const settled = async (
  ctx: Context,
  payment: Payment,
  keep: (known: Known) => Promise<void>,
): Promise<Verdict> => {
  const known = await knownOf(ctx, payment.id)
  const before = standingOf(known.payment, known.refunds, known.disputes)
  await keep(known)
  const now = await knownOf(ctx, payment.id)
  const after = standingOf(now.payment, now.refunds, now.disputes)
  if (isSame(before, after))
    return { status: 'PROCESSED', outcome: `payment ${payment.id} stands as it stood` }
  const change = payment.reversals + 1
  await ctx.db
    .update(payments)
    .set({ status: after.status, refundedAmount: after.refunded, reversals: change })
    .where(eq(payments.id, payment.id))
  await postReturned(ctx, payment, before, after, change)
  const earned = await reverseCommissions(ctx, {
    paymentId: payment.id,
    lost: after.lostBase,
    atRisk: after.baseAtRisk,
    change,
  })
  if (after.status === 'REFUNDED') await endStay(ctx, payment)
  await tell(ctx, payment, before, after, change, earned)
  return {
    status: 'PROCESSED',
    outcome: `payment ${payment.id} is ${after.status}, ${after.refunded} ${payment.currency} refunded`,
  }
}

const isSame = (a: Standing, b: Standing): boolean =>
  (Object.keys(a) as (keyof Standing)[]).every((key) => a[key] === b[key])

/** revenue, tax → provider by what left since; the other way round for what came back. */
const postReturned = async (
  ctx: Context,
  payment: Payment,
  before: Standing,
  after: Standing,
  change: number,
): Promise<void> => {
  const gone = after.gone - before.gone
  const tax = after.goneTax - before.goneTax
  if (gone === 0n) return
  await postTransfer(ctx, {
    key: `refund:${payment.id}:${change}`,
    kind: gone > 0n ? 'payment_refunded' : 'refund_failed',
    currency: payment.currency,
    referenceType: 'payment',
    referenceId: payment.id,
    entries: [
      { account: { kind: 'revenue' }, amount: tax - gone },
      { account: { kind: 'tax' }, amount: -tax },
      { account: { kind: 'provider', name: payment.provider }, amount: gone },
    ],
  })
}

const tell = async (
  ctx: Context,
  payment: Payment,
  before: Standing,
  after: Standing,
  change: number,
  earned: readonly CommissionChange[],
): Promise<void> => {
  const what = whatHappened(before, after)
  const people = await peopleOf(ctx, payment)
  const { buyer, seller, workspaceName } = people
  if (before.frozen || after.frozen)
    await settleCopies(ctx, { payment, organizationId: buyer.organizationId, reason: SAID[what] })
  await record(ctx, payment, before, after, earned, what, people)
  const given = after.refunded - before.refunded
  // Whose order could not be fulfilled was told with the reason.
  if (given > 0n && people.orderStatus !== 'FAILED')
    await enqueueMail(ctx, {
      key: `refund:${payment.id}:${change}:buyer`,
      to: buyer.email,
      template: 'payment-refunded',
      data: {
        firstName: buyer.firstName,
        workspaceName,
        ...moneyToJson({ amount: given, currency: payment.currency }),
        total: safeNumber(after.refunded),
        // Of a plan and of an add-on there is no copy.
        frozen: after.frozen && payment.workspaceId !== null,
      },
    })
  const share = earned.find(({ kind }) => kind === 'SALE')
  if (seller !== null && share !== undefined) {
    await announce(ctx, [
      {
        userId: seller.id,
        kind: 'sale.reversed',
        key: `reversal:${payment.id}:${change}`,
        data: {
          paymentId: payment.id,
          what: workspaceName,
          why: what,
          reversed: moneyToJson({ amount: share.reversed, currency: payment.currency }),
          held: moneyToJson({ amount: share.held, currency: payment.currency }),
        },
      },
    ])
    await enqueueMail(ctx, {
      key: `refund:${payment.id}:${change}:seller`,
      to: seller.email,
      template: 'sale-reversed',
      data: {
        firstName: seller.firstName,
        workspaceName,
        what,
        currency: payment.currency,
        reversed: safeNumber(share.reversed),
        held: safeNumber(share.held),
      },
    })
  }
  if (what === 'REFUND_FAILED' && ctx.config.admin !== null)
    await enqueueMail(ctx, {
      key: `refund:${payment.id}:${change}:admin`,
      to: ctx.config.admin.email,
      template: 'admin-alert',
      data: {
        title: 'A refund failed after it was made',
        text: `The refund of payment ${payment.id} did not reach ${buyer.email}. What it took back is restored; the buyer still waits for the money.`,
      },
    })
}

/** In the log of the buyer and of the seller; and in that of everyone whose share it changed. */
const record = async (
  ctx: Context,
  payment: Payment,
  before: Standing,
  after: Standing,
  earned: readonly CommissionChange[],
  what: What,
  { buyer, seller, workspaceName }: Awaited<ReturnType<typeof peopleOf>>,
): Promise<void> => {
  const common = {
    userId: 'userId' in ctx.actor ? ctx.actor.userId : null,
    subject: { type: 'payment', id: payment.id },
  }
  for (const organizationId of new Set([buyer.organizationId, ...(seller ? [seller.organizationId] : [])]))
    await recordActivity(ctx, {
      ...common,
      action: `payment_${what.toLowerCase()}`,
      description: `${SAID[what]} (“${workspaceName}”)`,
      organizationId,
      before: { status: before.status, refunded: safeNumber(before.refunded) },
      after: { status: after.status, refunded: safeNumber(after.refunded), currency: payment.currency },
    })
  for (const { organizationId, kind, reversed, held } of earned)
    await recordActivity(ctx, {
      ...common,
      action: 'commission_changed',
      description: `${SHARE_SAID[what]} (“${workspaceName}”)`,
      organizationId,
      after: { kind, reversed: safeNumber(reversed), held: safeNumber(held), currency: payment.currency },
    })
}

type What = MailTemplates['sale-reversed']['what']

const SAID: Readonly<Record<What, string>> = {
  REFUNDED: 'The payment was refunded',
  REFUND_FAILED: 'A refund of the payment failed',
  DISPUTED: 'The payment is disputed',
  DISPUTE_WON: 'The dispute of the payment was won',
  DISPUTE_LOST: 'The dispute of the payment was lost',
}

const SHARE_SAID: Readonly<Record<What, string>> = {
  REFUNDED: 'A commission was taken back, because the payment was refunded',
  REFUND_FAILED: 'A commission was restored, because a refund of the payment failed',
  DISPUTED: 'A commission is held, because the payment is disputed',
  DISPUTE_WON: 'A held commission was released, because the dispute of the payment was won',
  DISPUTE_LOST: 'A commission was taken back, because the dispute of the payment was lost',
}

const whatHappened = (before: Standing, after: Standing): What => {
  if (after.refunded > before.refunded) return 'REFUNDED'
  if (after.refunded < before.refunded) return 'REFUND_FAILED'
  if (after.gone > before.gone) return 'DISPUTE_LOST'
  return after.disputed && !before.disputed ? 'DISPUTED' : 'DISPUTE_WON'
}

const peopleOf = async (ctx: Context, payment: Payment) => {
  const person = async (id: string) => ctx.db.query.users.findFirst({ where: eq(users.id, id) })
  const buyer = await person(payment.buyerId)
  if (buyer === undefined) throw new Error(`the buyer of payment ${payment.id} is gone`)
  const [sold] = await ctx.db
    .select({
      orderStatus: orders.status,
      name: workspaces.name,
      paymentType: orders.paymentType,
      planType: orders.planType,
      addon: orders.addon,
      quantity: orders.quantity,
    })
    .from(orders)
    .leftJoin(workspaces, eq(workspaces.id, orders.workspaceId))
    .where(eq(orders.id, payment.orderId))
  return {
    buyer,
    seller: payment.sellerId === null ? null : ((await person(payment.sellerId)) ?? null),
    orderStatus: sold?.orderStatus,
    workspaceName: sold === undefined ? 'the workspace' : soldWords(sold, sold.name),
  }
}
