import { and, desc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { commissions, orders, paymentDisputes, payments, users, workspaces } from '../../../db/schema'
import { type Context, inSnapshot, signedIn } from '../../kit/context'
import { invalid } from '../../kit/errors'
import { type MoneyJson, moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { getBalances } from '../balance'
import type { BalanceWithSales } from '../balance/schemas'
import { maskEmail } from './rules'
import { Sale, type SalesInput } from './schemas'

const SaleStatus = Sale.shape.status

/** A payment that was made for a workspace, whatever was given back since. */
export const SOLD = and(
  inArray(payments.type, ['WORKSPACE_PURCHASE', 'WORKSPACE_RENEWAL']),
  inArray(payments.status, SaleStatus.options),
)

/** What was paid for one's workspaces, or through one link of one's own, newest first; a buyer's address is masked. */
export const salesHistory = async (
  ctx: Context,
  { limit, cursor, link }: SalesInput,
): Promise<Page<Sale>> => {
  const { userId } = signedIn(ctx)
  const rows = await ctx.db
    .select({
      id: payments.id,
      workspace: { id: workspaces.publicId, name: workspaces.name },
      buyer: { firstName: users.firstName, lastName: users.lastName, email: users.email },
      currency: payments.currency,
      captured: payments.capturedAmount,
      commissionId: commissions.id,
      earned: commissions.amount,
      reversed: commissions.reversedAmount,
      status: payments.status,
      paidAt: payments.paidAt,
    })
    .from(payments)
    .innerJoin(workspaces, eq(workspaces.id, payments.workspaceId))
    .innerJoin(users, eq(users.id, payments.buyerId))
    .leftJoin(
      commissions,
      and(
        eq(commissions.paymentId, payments.id),
        eq(commissions.beneficiaryId, userId),
        eq(commissions.kind, 'SALE'),
      ),
    )
    .where(and(eq(payments.sellerId, userId), SOLD, through(ctx, link), after(cursor)))
    .orderBy(desc(payments.paidAt), desc(payments.id))
    .limit(limit + 1)
  return toPage(
    rows,
    limit,
    (row) => ({ at: row.paidAt, id: row.id }),
    ({ id, workspace, buyer, currency, captured, commissionId, earned, reversed, status, paidAt }) => ({
      paymentId: id,
      workspace,
      buyer: { name: `${buyer.firstName} ${buyer.lastName}`.trim(), email: maskEmail(buyer.email) },
      amount: moneyToJson({ amount: captured, currency }),
      commission: moneyToJson({ amount: (earned ?? 0n) - (reversed ?? 0n), currency }),
      commissionId,
      status: SaleStatus.parse(status),
      paidAt: paidAt.toISOString(),
    }),
  )
}

/** One's balances, each with what buyers paid in its currency; one that only has sales is among them, at nothing. */
export const balancesWithSales = async (ctx: Context): Promise<BalanceWithSales[]> => {
  const { balances, totalSales: sales } = await affiliateBalance(ctx)
  const currencies = new Set([...balances, ...sales].map(({ currency }) => currency))
  return [...currencies].sort().map((currency) => {
    const nothing = moneyToJson({ amount: 0n, currency })
    return {
      ...(balances.find((balance) => balance.currency === currency) ?? {
        currency,
        balance: nothing,
        pendingCommissions: nothing,
        totalEarned: nothing,
        inWithdrawal: nothing,
      }),
      totalSales: sales.find((one) => one.currency === currency) ?? nothing,
    }
  })
}

/** One's balances, and per currency what buyers paid for one's workspaces, less what refunds and lost disputes gave back. */
export const affiliateBalance = (ctx: Context) =>
  inSnapshot(ctx, async (at) => {
    const { userId } = signedIn(at)
    return { balances: await getBalances(at, userId), totalSales: await totalSales(at, userId) }
  })

const totalSales = async (ctx: Context, sellerId: string): Promise<MoneyJson[]> => {
  // A refund and a dispute together may exceed the payment; what is left is never below nothing.
  const lost = sql`coalesce((select sum(d.amount) from ${paymentDisputes} d
    where d.payment_id = ${payments.id} and d.status = 'LOST'), 0)`
  const rows = await ctx.db
    .select({
      currency: payments.currency,
      total: sql<string>`sum(greatest(0, ${payments.capturedAmount} - ${payments.refundedAmount} - ${lost}))`,
    })
    .from(payments)
    .where(and(eq(payments.sellerId, sellerId), SOLD))
    .groupBy(payments.currency)
    .orderBy(payments.currency)
  return rows.map(({ currency, total }) => moneyToJson({ amount: BigInt(total), currency }))
}

const through = (ctx: Context, link: string | undefined): SQL | undefined =>
  link === undefined
    ? undefined
    : inArray(
        payments.orderId,
        ctx.db.select({ id: orders.id }).from(orders).where(eq(orders.affiliateLinkId, link)),
      )

const after = (cursor: string | undefined): SQL | undefined => {
  const last = readCursor(cursor)
  if (last === null) return undefined
  if (!z.uuid().safeParse(last.id).success)
    throw invalid([{ path: ['cursor'], message: 'Not a cursor of this list.' }])
  return sql`(${payments.paidAt}, ${payments.id}) < (${last.at.toISOString()}::timestamptz, ${last.id}::uuid)`
}
