import { and, eq } from 'drizzle-orm'
import { orders, paymentRefunds, payments } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import type {
  ChargeSnapshot,
  CheckoutSnapshot,
  InvoiceSnapshot,
  PaymentProvider,
  RefundSnapshot,
} from '../../kit/ports'
import { enqueueJob, enqueueMail } from '../../kit/queue'
import { recordFeeOnTop } from './complete-payment'
import { dueOf } from './rules'
import { settleOrder } from './settle-order'
import { settleRenewal, tellFailedRenewal } from './settle-renewal'
import { isOurs } from './subscriptions'
import { applyRefund } from './take-back'
import type { Verdict } from './verdict'

type Order = typeof orders.$inferSelect
type Payment = typeof payments.$inferSelect

/** A charge somebody told of, as its provider knows it, with the checkout of the order it seems to be for. */
export interface ReadBack {
  /** Null: the provider knows none of that name. */
  readonly charge: ChargeSnapshot | null
  readonly orderId: string | null
  readonly checkout: CheckoutSnapshot | null
  /** Of a later charge of a subscription: the one its order was settled with. */
  readonly first?: ChargeSnapshot | null
}

/** About two minutes of tries. */
const TRIES_FOR_END = 8

/**
 * Asks the provider for a charge of which only the name was told. Call it outside any transaction.
 * @param attempt which try of the job this is, from 1
 * @throws Error while the charge is still under way, DomainError 503 when the provider cannot be asked: try again.
 */
export const readBackCharge = async (
  ctx: Context,
  provider: PaymentProvider,
  chargeId: string,
  attempt: number,
): Promise<ReadBack> => {
  const charge = (await provider.doorbell?.fetchCharge(chargeId)) ?? null
  if (charge?.state === 'pending' && attempt < TRIES_FOR_END)
    throw new Error(`charge ${chargeId} is still under way`)
  const order = charge === null ? undefined : await orderOfCharge(ctx, provider, charge)
  const ref = order?.checkoutRef ?? null
  return {
    charge,
    orderId: order?.id ?? null,
    checkout: ref === null ? null : await provider.fetchCheckout(ref),
    first: order === undefined || charge === null ? null : await firstCharge(ctx, provider, order, charge),
  }
}

/** Whoever paid the first period is who pays the later ones. */
const firstCharge = async (
  ctx: Context,
  provider: PaymentProvider,
  order: Order,
  charge: ChargeSnapshot,
): Promise<ChargeSnapshot | null> => {
  const ref = charge.subscriptionId === null ? null : ((await paymentOf(ctx, order))?.chargeId ?? null)
  return ref === null || ref === charge.ref ? null : ((await provider.doorbell?.fetchCharge(ref)) ?? null)
}

/** The order its checkout belongs to; by our own id only where the charge names no checkout. */
const orderOfCharge = async (
  ctx: Context,
  provider: PaymentProvider,
  { checkoutRef, orderId }: ChargeSnapshot,
): Promise<Order | undefined> => {
  const name =
    checkoutRef !== null
      ? eq(orders.checkoutRef, checkoutRef)
      : isOurs(orderId)
        ? eq(orders.id, orderId)
        : undefined
  if (name === undefined) return undefined
  return ctx.db.query.orders.findFirst({
    where: and(eq(orders.provider, provider.name), eq(orders.mode, provider.mode), name),
  })
}

/**
 * Does what a charge says that was read back: one that is captured and is exactly what its order asked for settles it,
 * what was given back of it is taken back, and everything else is the admin's. To be called in a transaction.
 */
export const applyCharge = async (
  ctx: Context,
  provider: PaymentProvider,
  { chargeId, renewal = false }: { chargeId: string; renewal?: boolean },
  back: ReadBack,
): Promise<Verdict> => {
  const { charge, checkout } = back
  const aside = (outcome: string): Verdict => ({ status: 'QUARANTINED', outcome, about: chargeId })
  if (charge === null) return aside(`${provider.name} knows no charge ${chargeId}`)
  const order = back.orderId === null ? undefined : await lockedOrder(ctx, back.orderId)
  if (order === undefined) return aside(`charge ${charge.ref} belongs to no order of ours`)
  const payment = await paymentOf(ctx, order)
  const booked = await bookedAs(ctx, provider, charge)
  if (booked !== undefined) return takeBack(ctx, booked, charge, aside)
  const again = payment !== undefined && isOfSubscription(payment, charge)
  // Two charges at once: this one was read before the other had settled the order.
  if (again && payment.chargeId !== null && back.first == null)
    throw new Error(`order ${order.id} was settled meanwhile: who paid it first is to be asked`)
  const later = again && payerOf(charge) === payerOf(back.first ?? null)
  // A try of the first period that failed may be told of after the one that did not.
  if (charge.state === 'failed' && !(later && renewal))
    return { status: 'IGNORED', outcome: `charge ${charge.ref} failed; order ${order.id} stays as it is` }
  if (later && charge.state === 'failed')
    return tellFailedRenewal(ctx, provider, asInvoice(order, charge), { attempt: 1, nextAttemptAt: null })
  if (again && !later)
    return aside(
      `charge ${charge.ref} was not paid by who subscribed with order ${order.id}: nothing is sold for it, give it back`,
    )
  if (payment !== undefined && !later)
    return aside(`order ${order.id} was paid already: ${charge.ref} is another charge`)
  if (charge.state !== 'captured')
    return aside(`charge ${charge.ref} is ${STATE[charge.state]}: nothing is sold for it`)
  const mismatch = mismatchOf(order, charge, checkout)
  if (mismatch !== null) return aside(mismatch)
  if (later) return applyRenewal(ctx, provider, order, charge, aside)
  const verdict = await settleOrder(ctx, {
    orderId: order.id,
    provider: provider.name,
    mode: provider.mode,
    checkoutRef: order.checkoutRef,
    captured: { amount: dueOf(order), currency: order.priceCurrency },
    onTop: charge.paid.amount - dueOf(order),
    tax: 0n,
    paymentIntentId: charge.ref,
    chargeId: charge.ref,
    invoiceId: null,
    subscriptionId: charge.subscriptionId,
    customerRef: null,
    fee: charge.fee,
    payer: { email: charge.payerEmail, card: null },
  })
  if (verdict.status !== 'PROCESSED') return { ...verdict, about: chargeId }
  await enqueueJob(ctx, {
    kind: 'payment.closeCheckout',
    key: `order:${order.id}:close`,
    payload: { orderId: order.id },
  })
  const settled = await paymentOf(ctx, order)
  if (settled !== undefined && charge.refunded > 0n) await takeBack(ctx, settled, charge, aside)
  return verdict
}

const STATE = {
  pending: 'not finished',
  returned: 'given back',
  captured: 'captured',
  failed: 'failed',
} as const

/** The payment this very charge was booked as, of the first period or of a later one. */
const bookedAs = async (
  ctx: Context,
  provider: PaymentProvider,
  { ref }: ChargeSnapshot,
): Promise<Payment | undefined> =>
  ctx.db.query.payments.findFirst({
    where: and(
      eq(payments.provider, provider.name),
      eq(payments.mode, provider.mode),
      eq(payments.chargeId, ref),
    ),
  })

const applyRenewal = async (
  ctx: Context,
  provider: PaymentProvider,
  order: Order,
  charge: ChargeSnapshot,
  aside: (outcome: string) => Verdict,
): Promise<Verdict> => {
  const cash = { captured: { amount: dueOf(order), currency: order.priceCurrency }, tax: 0n }
  const verdict = await settleRenewal(ctx, provider, asInvoice(order, charge), cash)
  const booked = await bookedAs(ctx, provider, charge)
  if (verdict.status !== 'PROCESSED' || booked === undefined) return { ...verdict, about: charge.ref }
  await recordFeeOnTop(ctx, booked, charge.paid.amount - dueOf(order))
  if (charge.refunded > 0n) await takeBack(ctx, booked, charge, aside)
  return verdict
}

/** A later period in the words of those who have invoices: its charge is all there is. */
const asInvoice = (order: Order, charge: ChargeSnapshot): InvoiceSnapshot => ({
  ref: charge.ref,
  orderId: order.id,
  subscriptionId: charge.subscriptionId,
  reason: 'renewal',
  paid: charge.state === 'captured',
  total: { amount: dueOf(order), currency: order.priceCurrency },
  captured: charge.state === 'captured' ? dueOf(order) : 0n,
  tax: 0n,
  paymentIntentId: charge.ref,
  chargeId: charge.ref,
  customerRef: null,
  fee: charge.fee,
})

const isOfSubscription = (payment: Payment, charge: ChargeSnapshot): boolean =>
  charge.subscriptionId !== null && payment.subscriptionId === charge.subscriptionId

/** A checkout of a subscription can be paid by several; nothing but the address tells them apart. */
const payerOf = (charge: ChargeSnapshot | null): string | null =>
  charge?.payerEmail?.trim().toLowerCase() ?? null

const lockedOrder = async (ctx: Context, id: string): Promise<Order | undefined> => {
  const [order] = await ctx.db.select().from(orders).where(eq(orders.id, id)).for('no key update')
  return order
}

const paymentOf = async (ctx: Context, order: Order): Promise<Payment | undefined> =>
  ctx.db.query.payments.findFirst({
    where: and(eq(payments.orderId, order.id), eq(payments.type, order.paymentType)),
  })

/** What of it is not exactly what the order asked for. Null: nothing. */
const mismatchOf = (
  order: Order,
  charge: ChargeSnapshot,
  checkout: CheckoutSnapshot | null,
): string | null => {
  const { ref, paid } = charge
  if (checkout === null || checkout.due === undefined)
    return `the checkout of order ${order.id} cannot be read: charge ${ref} proves nothing`
  const listed = checkout.charges?.some((one) => one.ref === ref) ?? false
  if (charge.checkoutRef === null ? !listed : charge.checkoutRef !== order.checkoutRef)
    return `charge ${ref} was not made with the checkout of order ${order.id}`
  for (const named of [charge.orderId, checkout.orderId])
    if (named !== null && named !== order.id) return `charge ${ref} names another order than ${order.id}`
  if (paid.currency !== order.priceCurrency || checkout.total.currency !== order.priceCurrency)
    return `charge ${ref} was paid in ${paid.currency}, quoted in ${order.priceCurrency}`
  if (checkout.total.amount !== dueOf(order))
    return `the checkout of order ${order.id} asks for ${checkout.total.amount}, quoted ${dueOf(order)}`
  if (paid.amount !== checkout.due.amount)
    return `charge ${ref} is ${paid.amount} ${paid.currency}, due were ${checkout.due.amount}`
  return null
}

/** What was given back of a charge that is booked: set, not added. */
const takeBack = async (
  ctx: Context,
  payment: Payment,
  charge: ChargeSnapshot,
  aside: (outcome: string) => Verdict,
): Promise<Verdict> => {
  const rows = await ctx.db.select().from(paymentRefunds).where(eq(paymentRefunds.paymentId, payment.id))
  const gone = goneRefunds(rows, charge)
  const failed = rows.filter(({ status }) => status === 'FAILED' || status === 'CANCELED')
  const known = payment.reportedRefundAmount - total(failed) - total(gone.map(({ amount }) => amount))
  if (charge.refunded < known)
    return aside(
      `less was given back of charge ${charge.ref} than was said before: ${charge.refunded} of ${known}`,
    )
  if (charge.refunded === 0n && gone.length === 0)
    return { status: 'PROCESSED', outcome: `charge ${charge.ref} is booked as it stands` }
  return applyRefund(ctx, {
    provider: payment.provider,
    mode: payment.mode,
    paymentIntentId: payment.paymentIntentId,
    chargeId: charge.ref,
    refunded: { amount: charge.refunded, currency: charge.paid.currency },
    refunds: [...gone, ...named(rows, charge.refunds)],
  })
}

type Refund = typeof paymentRefunds.$inferSelect

const total = (amounts: readonly { amount: bigint }[]): bigint =>
  amounts.reduce((sum, { amount }) => sum + amount, 0n)

/** Refunds that the charge knew and does not know any more: the payer's bank did not take them. */
const goneRefunds = (rows: readonly Refund[], charge: ChargeSnapshot): RefundSnapshot[] => {
  if (charge.refunds.length === 0 && charge.refunded > 0n) return []
  return rows.flatMap(({ externalId, status, amount, currency }) =>
    externalId === null ||
    (status !== 'PENDING' && status !== 'SUCCEEDED') ||
    charge.refunds.some(({ ref }) => ref === externalId)
      ? []
      : [{ ref: externalId, requestId: null, amount: { amount, currency }, status: 'failed' as const }],
  )
}

/** Nothing of ours stands in such a refund: one that is new, of the amount we asked for, is the one we asked for. */
const named = (rows: readonly Refund[], told: readonly RefundSnapshot[]): RefundSnapshot[] => {
  const waiting = rows.filter(({ status, externalId }) => status === 'REQUESTED' && externalId === null)
  return told.map((refund) => {
    if (rows.some(({ externalId }) => externalId === refund.ref)) return refund
    const place = waiting.findIndex(({ amount }) => amount === refund.amount.amount)
    const [asked] = place < 0 ? [] : waiting.splice(place, 1)
    return asked === undefined ? refund : { ...refund, requestId: asked.id }
  })
}

/** Seconds from one look at an open order to the next: 1, 2, 5, 15 and 60 minutes after it was made, then daily. */
const LOOKS = [60, 60, 180, 600, 2_700]
const DAILY = 86_400

/** Leaves the next look at an order to a job: its provider may never call. */
export const lookLater = (ctx: Context, orderId: string, look = 0): Promise<void> =>
  enqueueJob(ctx, {
    kind: 'payment.syncOrder',
    key: `order:${orderId}:look:${look}`,
    payload: { orderId, look },
    after: LOOKS[look] ?? DAILY,
  })

/** One look as soon as there is a worker for it: somebody waits for the order. */
export const lookNow = async (
  ctx: Context,
  order: Pick<Order, 'id' | 'provider' | 'status'>,
): Promise<void> => {
  const waits = order.status === 'OPEN' || order.status === 'EXPIRED'
  if (!waits || ctx.outside.payments.get(order.provider)?.doorbell === undefined) return
  await inTransaction(ctx, (tx) =>
    enqueueJob(tx, {
      kind: 'payment.syncOrder',
      key: `order:${order.id}:look`,
      payload: { orderId: order.id, look: null },
    }),
  )
}

/**
 * Reads the charges of an order that is not settled from its provider, as if it had been told of them.
 * @param look which of the planned looks this is; null: none of them
 * @throws DomainError 503 when the provider cannot be asked; the job tries again.
 */
export const syncOrder = async (
  ctx: Context,
  { orderId, look }: { orderId: string; look: number | null },
): Promise<void> => {
  const order = await ctx.db.query.orders.findFirst({ where: eq(orders.id, orderId) })
  const provider = order === undefined ? undefined : ctx.outside.payments.get(order.provider)
  if (order === undefined || order.status === 'FULFILLED' || provider?.doorbell === undefined) return
  if (provider.mode !== order.mode) return
  // First, so that looks go on though this one fails.
  if (order.status === 'OPEN' && look !== null) await lookLater(ctx, orderId, look + 1)
  const checkout = order.checkoutRef === null ? null : await provider.fetchCheckout(order.checkoutRef)
  for (const charge of checkout?.charges ?? []) {
    const first = await firstCharge(ctx, provider, order, charge)
    await inTransaction(ctx, async (tx) => {
      const back = { charge, orderId, checkout, first }
      const verdict = await applyCharge(tx, provider, { chargeId: charge.ref }, back)
      if (verdict.status === 'QUARANTINED')
        await tellOfCharge(tx, order.provider, charge.ref, verdict.outcome)
    })
  }
}

/** Under the key of the charge's own events: whoever sees it first, the admin is told once. */
export const tellOfCharge = async (
  ctx: Context,
  provider: string,
  chargeId: string,
  why: string,
): Promise<void> => {
  if (ctx.config.admin === null) return
  await enqueueMail(ctx, {
    key: `alert:webhook:${provider}:${chargeId}`,
    to: ctx.config.admin.email,
    template: 'admin-alert',
    data: {
      title: 'A payment needs you',
      text: `${provider} charge ${chargeId} was found and not booked: ${why}`,
    },
  })
}

/**
 * Ends the provider's checkout of an order that is settled or over, then looks whether somebody paid at the last
 * moment. Safe to repeat.
 */
export const closeCheckout = async (ctx: Context, orderId: string): Promise<void> => {
  const order = await ctx.db.query.orders.findFirst({ where: eq(orders.id, orderId) })
  const provider = order === undefined ? undefined : ctx.outside.payments.get(order.provider)
  if (order === undefined || provider === undefined || order.checkoutRef === null) return
  if (provider.mode !== order.mode) return
  // Others end by themselves when their time is over; what was replaced is ended before.
  if (order.status === 'EXPIRED') await provider.closeCheckout?.(order.checkoutRef)
  if (provider.doorbell === undefined) return
  await provider.doorbell.closeCheckout(order.checkoutRef)
  await syncOrder(ctx, { orderId, look: null })
}

/** Orders that were replaced or are over: nobody shall pay them any more. */
export const closeLater = async (ctx: Context, orderIds: readonly string[]): Promise<void> => {
  for (const orderId of orderIds)
    await enqueueJob(ctx, {
      kind: 'payment.closeCheckout',
      key: `order:${orderId}:close`,
      payload: { orderId },
    })
}
