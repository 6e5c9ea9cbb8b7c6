import { eq } from 'drizzle-orm'
import { payments } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { postTransfer } from '../balance'

/**
 * Gives back the whole of a payment whose order could not be fulfilled: the provider first, under a key that never
 * refunds twice, then the books. Safe to repeat at any point.
 */
export const refundUnfulfillable = async (ctx: Context, paymentId: string): Promise<void> => {
  const payment = await ctx.db.query.payments.findFirst({ where: eq(payments.id, paymentId) })
  if (payment === undefined || payment.status === 'REFUNDED') return
  if (payment.capturedAmount > 0n) {
    const provider = ctx.outside.payments.get(payment.provider)
    if (provider === undefined) throw new Error(`${payment.provider} is switched off`)
    if (payment.paymentIntentId === null)
      throw new Error(`payment ${payment.id} names no charge to refund yet`)
    await provider.refund({
      paymentIntentId: payment.paymentIntentId,
      amount: { amount: payment.capturedAmount, currency: payment.currency },
      idempotencyKey: `refund:${payment.id}:unfulfillable`,
    })
  }
  await inTransaction(ctx, async (tx) => {
    const [row] = await tx.db
      .update(payments)
      .set({ status: 'REFUNDED', refundedAmount: payment.capturedAmount })
      .where(eq(payments.id, payment.id))
      .returning()
    if (row === undefined || row.capturedAmount === 0n) return
    await postTransfer(tx, {
      key: `refund:${row.id}:unfulfillable`,
      kind: 'payment_refunded',
      currency: row.currency,
      referenceType: 'payment',
      referenceId: row.id,
      entries: [
        { account: { kind: 'revenue' }, amount: -row.baseAmount },
        { account: { kind: 'tax' }, amount: -row.taxAmount },
        { account: { kind: 'provider', name: row.provider }, amount: row.capturedAmount },
      ],
    })
  })
}
