import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { orders, payments, users, workspaceClones, workspaces } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { invalid, notFound } from '../../kit/errors'
import { type MoneyJson, moneyToJson } from '../../kit/money'
import { type Keyset, type Page, readCursor, toPage } from '../../kit/pages'
import { lookNow } from './apply-charge'
import { awaitsBank } from './delayed'
import { dueOf } from './rules'

export interface OrderProgress {
  readonly status: 'OPEN' | 'PAID' | 'FULFILLED' | 'EXPIRED' | 'FAILED'
  readonly workspaceName: string | null
  readonly email: string
  readonly price: MoneyJson
  readonly failure: string | null
  /** The checkout is complete, and a bank has yet to pay: that takes days. */
  readonly atBank: boolean
  readonly funnels: number | null
  readonly pages: number | null
  /** Only for the buyer when signed in: where the copy is. */
  readonly copyId: string | null
}

/**
 * How far an order is, for the page a buyer comes back to. Knowing both the order's id and the checkout's is what
 * entitles to ask; the answer grants nothing and signs nobody in.
 * @throws DomainError 404 ORDER_NOT_FOUND
 */
export const orderProgress = async (
  ctx: Context,
  input: { orderId: string; checkoutRef: string },
): Promise<OrderProgress> => {
  const [row] = await ctx.db
    .select({ order: orders, source: workspaces.name, clone: workspaceClones })
    .from(orders)
    .leftJoin(workspaces, eq(workspaces.id, orders.workspaceId))
    .leftJoin(payments, and(eq(payments.orderId, orders.id), eq(payments.type, orders.paymentType)))
    .leftJoin(workspaceClones, eq(workspaceClones.paymentId, payments.id))
    .where(and(eq(orders.id, input.orderId), eq(orders.checkoutRef, input.checkoutRef)))
    .limit(1)
  if (row === undefined) throw notFound('ORDER_NOT_FOUND', 'There is no such order.')
  const { order, clone } = row
  await lookNow(ctx, order)
  const mine = 'userId' in ctx.actor && order.buyerId === ctx.actor.userId
  const copy =
    mine && clone !== null
      ? await ctx.db.query.workspaces.findFirst({ where: eq(workspaces.id, clone.copyWorkspaceId) })
      : undefined
  return {
    status: order.status,
    workspaceName: row.source,
    email: order.email,
    price: moneyToJson({ amount: dueOf(order), currency: order.priceCurrency }),
    failure: order.failure,
    atBank: order.status === 'OPEN' && awaitsBank(order),
    funnels: clone?.funnelsCloned ?? null,
    pages: clone?.pagesCloned ?? null,
    copyId: copy?.publicId ?? null,
  }
}

export interface Purchase {
  readonly id: string
  /** The payment type. */
  readonly type: string
  readonly status: string
  readonly paidAt: string
  readonly amount: MoneyJson
  readonly tax: MoneyJson
  /** What of it was given back. */
  readonly refunded: MoneyJson
  readonly seller: string
  /** The copy; null when the payment was refunded instead. */
  readonly workspace: { readonly id: string; readonly name: string; readonly slug: string } | null
  readonly funnels: number
  readonly pages: number
}

/** What the signed-in user bought, newest first. */
export const listPurchases = async (
  ctx: Context,
  input: { limit: number; cursor?: string | undefined },
): Promise<Page<Purchase>> => {
  const { userId } = signedIn(ctx)
  const after = readCursor(input.cursor)
  const rows = await ctx.db
    .select({ payment: payments, clone: workspaceClones, copy: workspaces, seller: users })
    .from(payments)
    .leftJoin(workspaceClones, eq(workspaceClones.paymentId, payments.id))
    .leftJoin(workspaces, eq(workspaces.id, workspaceClones.copyWorkspaceId))
    .leftJoin(users, eq(users.id, payments.sellerId))
    .where(and(eq(payments.buyerId, userId), after === null ? undefined : paidBefore(after)))
    .orderBy(desc(payments.paidAt), desc(payments.id))
    .limit(input.limit + 1)
  return toPage(rows, input.limit, ({ payment }) => ({ at: payment.paidAt, id: payment.id }), toPurchase)
}

const toPurchase = (row: {
  payment: typeof payments.$inferSelect
  clone: typeof workspaceClones.$inferSelect | null
  copy: typeof workspaces.$inferSelect | null
  seller: typeof users.$inferSelect | null
}): Purchase => ({
  id: row.payment.id,
  type: row.payment.type,
  status: row.payment.status,
  paidAt: row.payment.paidAt.toISOString(),
  amount: moneyToJson({ amount: row.payment.capturedAmount, currency: row.payment.currency }),
  tax: moneyToJson({ amount: row.payment.taxAmount, currency: row.payment.currency }),
  refunded: moneyToJson({ amount: row.payment.refundedAmount, currency: row.payment.currency }),
  seller: row.seller === null ? '' : `${row.seller.firstName} ${row.seller.lastName}`,
  workspace:
    row.copy === null || row.copy.status === 'DELETED'
      ? null
      : { id: row.copy.publicId, name: row.copy.name, slug: row.copy.slug },
  funnels: row.clone?.funnelsCloned ?? 0,
  pages: row.clone?.pagesCloned ?? 0,
})

/**
 * Behind a row of a list of payments, newest first: as one comparison of rows, which an index finds at once.
 * @throws DomainError 400 for another list's cursor
 */
export const paidBefore = ({ at, id }: Keyset): SQL => {
  if (!z.uuid().safeParse(id).success)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return sql`(${payments.paidAt}, ${payments.id}) < (${at.toISOString()}::timestamptz, ${id}::uuid)`
}
