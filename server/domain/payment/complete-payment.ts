import { and, eq } from 'drizzle-orm'
import { orders, payments } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import type { Money } from '../../kit/money'
import type { CheckoutSnapshot, PaymentProvider, ProviderMode } from '../../kit/ports'
import { postTransfer } from '../balance'
import { type Payer, payerMarks, payerOf } from './payer'

type Payment = typeof payments.$inferSelect

/** The fee of a charge whose payment is booked. Says whether there was one. */
export const recordFeeOfCharge = async (
  ctx: Context,
  fee: { provider: string; mode: ProviderMode; paymentIntentId: string | null; chargeId: string; fee: Money },
): Promise<boolean> => {
  if (fee.paymentIntentId === null) return false
  const [payment] = await ctx.db
    .select()
    .from(payments)
    .where(
      and(
        eq(payments.provider, fee.provider),
        eq(payments.mode, fee.mode),
        eq(payments.paymentIntentId, fee.paymentIntentId),
      ),
    )
    .for('no key update')
  // A fee in the account's own currency says nothing in the payment's.
  if (payment === undefined || payment.currency !== fee.fee.currency) return false
  await ctx.db.update(payments).set({ chargeId: fee.chargeId }).where(eq(payments.id, payment.id))
  await recordFee(ctx, payment, fee.fee.amount)
  return true
}

/**
 * Asks the provider for the fee of a payment that was booked without it.
 * @throws Error while it is not known; the job tries again.
 */
export const learnFee = async (ctx: Context, paymentId: string): Promise<void> => {
  const [row] = await ctx.db
    .select({ payment: payments, order: orders })
    .from(payments)
    .innerJoin(orders, eq(orders.id, payments.orderId))
    .where(eq(payments.id, paymentId))
  if (row === undefined || row.payment.feeAmount !== null) return
  const provider = ctx.outside.payments.get(row.payment.provider)
  if (provider === undefined) throw new Error(`${row.payment.provider} is switched off`)
  const told = await chargeToday(provider, row.payment, row.order)
  if (told === null) return
  if (told.fee === null) throw new Error(`the fee of payment ${paymentId} is not known yet`)
  await inTransaction(ctx, async (tx) => {
    const [payment] = await tx.db
      .select()
      .from(payments)
      .where(eq(payments.id, paymentId))
      .for('no key update')
    if (payment !== undefined) await completePayment(tx, payment, told)
  })
}

/** What names a charge, its fee, and who paid it. */
type ChargeFacts = Pick<
  CheckoutSnapshot,
  'paymentIntentId' | 'chargeId' | 'invoiceId' | 'subscriptionId' | 'fee'
> & { readonly payer?: Payer }

/** The first payment is its checkout's; that of a later period its invoice's. Where charges are read, each is its own. */
const chargeToday = async (
  provider: PaymentProvider,
  payment: Payment,
  order: typeof orders.$inferSelect,
): Promise<ChargeFacts | null> => {
  if (provider.doorbell !== undefined && payment.chargeId !== null) {
    const charge = await provider.doorbell.fetchCharge(payment.chargeId)
    return charge === null ? null : { ...payment, fee: charge.fee }
  }
  if (payment.type === order.paymentType)
    return order.checkoutRef === null ? null : withPayer(await provider.fetchCheckout(order.checkoutRef))
  if (payment.invoiceId === null || provider.fetchInvoice === undefined) return null
  const invoice = await provider.fetchInvoice(payment.invoiceId)
  return withPayer(invoice === null ? null : { ...invoice, invoiceId: invoice.ref })
}

const withPayer = <T extends Parameters<typeof payerOf>[0]>(told: T | null) =>
  told === null ? null : { ...told, payer: payerOf(told) }

/** A later event may know what the first one did not: the charge, the fee, the payer. */
export const completePayment = async (ctx: Context, payment: Payment, facts: ChargeFacts): Promise<void> => {
  const marks = payerMarks(ctx, payment.mode, facts.payer)
  await ctx.db
    .update(payments)
    .set({
      paymentIntentId: payment.paymentIntentId ?? facts.paymentIntentId,
      chargeId: payment.chargeId ?? facts.chargeId,
      invoiceId: payment.invoiceId ?? facts.invoiceId,
      subscriptionId: payment.subscriptionId ?? facts.subscriptionId,
      payerMark: payment.payerMark ?? marks.payerMark,
      cardMark: payment.cardMark ?? marks.cardMark,
    })
    .where(eq(payments.id, payment.id))
  if (facts.fee !== null) await recordFee(ctx, payment, facts.fee)
}

/** The provider's fee, once it is known: fees → provider. */
export const recordFee = async (ctx: Context, payment: Payment, fee: bigint): Promise<void> => {
  if (payment.feeAmount !== null || fee <= 0n) return
  await ctx.db.update(payments).set({ feeAmount: fee }).where(eq(payments.id, payment.id))
  await postTransfer(ctx, {
    key: `fee:${payment.id}`,
    kind: 'provider_fee',
    currency: payment.currency,
    referenceType: 'payment',
    referenceId: payment.id,
    entries: [
      { account: { kind: 'fees' }, amount: -fee },
      { account: { kind: 'provider', name: payment.provider }, amount: fee },
    ],
  })
}

/** What the payer paid on top of the price for the payment itself: provider → fees. It earns nobody anything. */
export const recordFeeOnTop = async (ctx: Context, payment: Payment, onTop: bigint): Promise<void> => {
  if (onTop <= 0n) return
  await postTransfer(ctx, {
    key: `on-top:${payment.id}`,
    kind: 'fee_on_top',
    currency: payment.currency,
    referenceType: 'payment',
    referenceId: payment.id,
    entries: [
      { account: { kind: 'provider', name: payment.provider }, amount: -onTop },
      { account: { kind: 'fees' }, amount: onTop },
    ],
  })
}
