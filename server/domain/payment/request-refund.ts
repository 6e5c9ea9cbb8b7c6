import { and, eq } from 'drizzle-orm'
import { paymentDisputes, paymentRefunds, payments } from '../../../db/schema'
import { type Context, inTransaction, newId, signedIn } from '../../kit/context'
import { sha256 } from '../../kit/crypto'
import { conflict, DomainError, notFound, refused } from '../../kit/errors'
import { moneyToJson, safeNumber } from '../../kit/money'
import { NotSentError } from '../../kit/ports'
import { enqueueJob, enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { standingOf } from './rules'
import type { RefundedPayment } from './schemas'
import { applyRefund } from './take-back'

/**
 * Gives back a payment, or `amount` (minor units) of it: its row first, then the provider under that row's key, then
 * the books at once. When the provider is out of reach a job goes on, and the answer shows the amount as requested.
 * The same attempt again is the first one.
 * @throws DomainError 404 PAYMENT_NOT_FOUND; 422 PAYMENT_NOT_REFUNDABLE, REFUND_TOO_LARGE, PROVIDER_REFUSED;
 * 409 IDEMPOTENCY_KEY_REUSED
 */
export const requestRefund = async (ctx: Context, input: Asked): Promise<RefundedPayment> => {
  const refundId = await inTransaction(ctx, (tx) => writeRequest(tx, input))
  try {
    await sendRefund(ctx, refundId)
  } catch (error) {
    if (!(error instanceof DomainError && error.status === 503)) throw error
  }
  return refundedPayment(ctx, input.id)
}

interface Asked {
  readonly id: string
  /** Minor units; what is left by default. */
  readonly amount?: number | undefined
  readonly reason: string
  readonly attempt?: string | null
}

const writeRequest = async (ctx: Context, input: Asked): Promise<string> => {
  const { userId } = signedIn(ctx)
  const [payment] = await ctx.db.select().from(payments).where(eq(payments.id, input.id)).for('no key update')
  if (payment === undefined) throw noSuchPayment()
  const id = idOf(ctx, userId, input)
  const [known] = await ctx.db.select().from(paymentRefunds).where(eq(paymentRefunds.id, id))
  if (known !== undefined) return replayed(known, input)
  if (!REFUNDABLE.has(payment.status) || payment.paymentIntentId === null)
    throw refused('PAYMENT_NOT_REFUNDABLE', 'This payment cannot be refunded as it stands.')
  const refunds = await ctx.db.select().from(paymentRefunds).where(eq(paymentRefunds.paymentId, payment.id))
  const disputes = await ctx.db
    .select()
    .from(paymentDisputes)
    .where(eq(paymentDisputes.paymentId, payment.id))
  const left = refundable(payment, refunds, disputes)
  const amount = input.amount === undefined ? left : BigInt(input.amount)
  if (amount <= 0n || amount > left)
    throw refused('REFUND_TOO_LARGE', 'That is more than what is left of this payment.')
  const now = ctx.now()
  await ctx.db.insert(paymentRefunds).values({
    id,
    paymentId: payment.id,
    provider: payment.provider,
    mode: payment.mode,
    status: 'REQUESTED',
    amount,
    currency: payment.currency,
    requestedById: userId,
    reason: input.reason,
    createdAt: now,
    updatedAt: now,
  })
  await enqueueJob(ctx, {
    kind: 'payment.sendRefund',
    key: `refund:send:${id}`,
    payload: { refundId: id },
    after: SENT_BY_A_JOB_AFTER,
  })
  await recordActivity(ctx, {
    action: 'refund_requested',
    description: `Asked for a refund: ${input.reason}`,
    subject: { type: 'payment', id: payment.id },
    after: moneyToJson({ amount, currency: payment.currency }),
  })
  return id
}

/** An attempt names its row, so that a form sent twice refunds once. */
const idOf = (ctx: Context, userId: string, { attempt }: Asked): string => {
  if (attempt === undefined || attempt === null) return newId(ctx)
  const hex = sha256(`refund:${userId}:${attempt}`).toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const replayed = (known: typeof paymentRefunds.$inferSelect, { id, amount }: Asked): string => {
  if (known.paymentId !== id || (amount !== undefined && known.amount !== BigInt(amount)))
    throw conflict('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used for something else.')
  return known.id
}

/** What of a payment may still be asked for, in minor units; below zero where more is gone than was paid. */
export const refundable = (
  payment: typeof payments.$inferSelect,
  refunds: readonly (typeof paymentRefunds.$inferSelect)[],
  disputes: readonly (typeof paymentDisputes.$inferSelect)[],
): bigint => payment.capturedAmount - standingOf(payment, refunds, disputes).gone - beingSent(refunds)

/** What was refunded already has nothing left, which is said as such. */
export const REFUNDABLE: ReadonlySet<string> = new Set(['CAPTURED', 'PARTIALLY_REFUNDED', 'REFUNDED'])

/** Seconds. */
const SENT_BY_A_JOB_AFTER = 60

const noSuchPayment = () => notFound('PAYMENT_NOT_FOUND', 'There is no such payment.')

const beingSent = (refunds: readonly { status: string; amount: bigint }[]): bigint =>
  refunds.reduce((total, { status, amount }) => (status === 'REQUESTED' ? total + amount : total), 0n)

/**
 * Sends a requested refund to its provider, under its row's own key, and books what comes back. Safe to repeat at any
 * point: the provider never refunds twice, and one that is booked is passed over. A refusal cancels the request.
 * @throws DomainError 503 when the provider is out of reach, 422 PROVIDER_REFUSED when it will not.
 */
export const sendRefund = async (ctx: Context, refundId: string): Promise<void> => {
  const [row] = await ctx.db
    .select({ refund: paymentRefunds, payment: payments })
    .from(paymentRefunds)
    .innerJoin(payments, eq(payments.id, paymentRefunds.paymentId))
    .where(and(eq(paymentRefunds.id, refundId), eq(paymentRefunds.status, 'REQUESTED')))
  if (row === undefined) return
  const { refund, payment } = row
  const provider = ctx.outside.payments.get(payment.provider)
  if (provider === undefined || payment.paymentIntentId === null)
    throw new DomainError(503, 'PROVIDER_UNAVAILABLE', `${payment.provider} is switched off.`)
  const handedOver = !(await handOver(ctx, refund))
  const made = await provider
    .refund({
      paymentIntentId: payment.paymentIntentId,
      amount: { amount: refund.amount, currency: refund.currency },
      requestId: refund.id,
      idempotencyKey: `refund:${refund.id}`,
      known: await otherRefunds(ctx, payment),
      handedOver,
    })
    .catch(async (error: unknown) => {
      if (error instanceof NotSentError && !handedOver) await takeBackFromProvider(ctx, refund)
      if (error instanceof DomainError && error.status === 422) await cancelRequest(ctx, refund.id)
      throw error
    })
  await inTransaction(ctx, (tx) =>
    applyRefund(tx, {
      provider: payment.provider,
      mode: payment.mode,
      paymentIntentId: payment.paymentIntentId,
      chargeId: payment.chargeId,
      refunded: null,
      // The row is ours, whether or not the answer names it.
      refunds: [{ ...made, requestId: refund.id }],
    }),
  )
}

/**
 * Notes, before the provider hears of it, that a request is handed over: from then on its last change is later than its
 * making. False: an earlier try did that.
 */
const handOver = async (ctx: Context, { id, createdAt }: Refund): Promise<boolean> => {
  const at = new Date(Math.max(ctx.now().getTime(), createdAt.getTime() + 1))
  const [noted] = await ctx.db
    .update(paymentRefunds)
    .set({ updatedAt: at })
    .where(and(eq(paymentRefunds.id, id), eq(paymentRefunds.updatedAt, paymentRefunds.createdAt)))
    .returning({ id: paymentRefunds.id })
  return noted !== undefined
}

/** The provider did not hear of it: the next try is the first again. */
const takeBackFromProvider = async (ctx: Context, { id, createdAt }: Refund): Promise<void> => {
  await ctx.db
    .update(paymentRefunds)
    .set({ updatedAt: createdAt })
    .where(and(eq(paymentRefunds.id, id), eq(paymentRefunds.status, 'REQUESTED')))
}

/**
 * What is known to have been given back of a payment, one by one or by the charge's own figure, whichever is more; the
 * one being sent is not among it.
 */
const otherRefunds = async (ctx: Context, { id, reportedRefundAmount }: Payment) => {
  const rows = await ctx.db.select().from(paymentRefunds).where(eq(paymentRefunds.paymentId, id))
  const made = rows.filter(({ status }) => status === 'PENDING' || status === 'SUCCEEDED')
  const failed = rows.filter(
    ({ status, externalId }) => externalId !== null && (status === 'FAILED' || status === 'CANCELED'),
  )
  const reported = reportedRefundAmount - total(failed)
  const told = total(made)
  return {
    refs: made.flatMap(({ externalId }) => externalId ?? []),
    refunded: reported > told ? reported : told,
  }
}

const total = (refunds: readonly Refund[]): bigint => refunds.reduce((sum, { amount }) => sum + amount, 0n)

type Payment = typeof payments.$inferSelect
type Refund = typeof paymentRefunds.$inferSelect

const cancelRequest = async (ctx: Context, id: string): Promise<void> =>
  inTransaction(ctx, async (tx) => {
    const [canceled] = await tx.db
      .update(paymentRefunds)
      .set({ status: 'CANCELED', updatedAt: ctx.now() })
      .where(and(eq(paymentRefunds.id, id), eq(paymentRefunds.status, 'REQUESTED')))
      .returning({ paymentId: paymentRefunds.paymentId })
    if (canceled === undefined) return
    await recordActivity(tx, {
      action: 'refund_canceled',
      description: 'The provider refused a refund that was asked for',
      subject: { type: 'payment', id: canceled.paymentId },
    })
    // Whoever asked is told by the answer; of what a job was refused, nobody would know.
    if (ctx.actor.kind === 'job')
      await alert(tx, id, `The provider refused refund request ${id} of payment ${canceled.paymentId}.`)
  })

/** After the last attempt: the request stands, and the admin is told. */
export const reportUnsentRefund = async (ctx: Context, refundId: string, reason: string): Promise<void> =>
  inTransaction(ctx, (tx) =>
    alert(
      tx,
      refundId,
      `Refund request ${refundId} could not be sent to the provider for the last time: ${reason}`,
    ),
  )

const alert = async (ctx: Context, refundId: string, text: string): Promise<void> => {
  if (ctx.config.admin === null) return
  await enqueueMail(ctx, {
    key: `alert:refund-request:${refundId}`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: { title: 'A refund was not sent', text },
  })
}

const refundedPayment = async (ctx: Context, id: string): Promise<RefundedPayment> => {
  const [payment] = await ctx.db.select().from(payments).where(eq(payments.id, id))
  if (payment === undefined) throw noSuchPayment()
  const refunds = await ctx.db.select().from(paymentRefunds).where(eq(paymentRefunds.paymentId, id))
  const { currency } = payment
  return {
    id,
    status: payment.status,
    amount: moneyToJson({ amount: payment.capturedAmount, currency }),
    refunded: moneyToJson({ amount: payment.refundedAmount, currency }),
    requested: moneyToJson({ amount: beingSent(refunds), currency }),
    refunds: refunds.map((refund) => ({
      id: refund.id,
      status: refund.status,
      amount: safeNumber(refund.amount),
      reference: refund.externalId,
    })),
  }
}
