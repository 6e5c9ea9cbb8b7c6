import { and, asc, desc, eq, inArray, or } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import {
  commissions,
  ledgerAccounts,
  ledgerEntries,
  ledgerTransfers,
  orders,
  paymentDisputes,
  paymentRefunds,
  payments,
  users,
  workspaceClones,
  workspaces,
} from '../../../db/schema'
import type { Context } from '../../kit/context'
import { notFound } from '../../kit/errors'
import { type MoneyJson, moneyToJson } from '../../kit/money'
import { type Page, readCursor, toPage } from '../../kit/pages'
import { previewReversal } from '../affiliate'
import { paidBefore } from './queries'
import { REFUNDABLE, refundable } from './request-refund'
import { standingOf } from './rules'
import type { AdminPayment, AdminPaymentsInput, InspectedPayment, InspectPaymentInput } from './schemas'
import { soldWords } from './sold-words'

type Payment = typeof payments.$inferSelect
type User = typeof users.$inferSelect

/** Everyone's payments, newest first. @throws DomainError 400 when the cursor is not one of this list. */
export const listAllPayments = async (
  ctx: Context,
  { status, limit, cursor }: AdminPaymentsInput,
): Promise<Page<AdminPayment>> => {
  const after = readCursor(cursor)
  const rows = await paymentRows(ctx)
    .where(
      and(
        status === undefined ? undefined : eq(payments.status, status),
        after === null ? undefined : paidBefore(after),
      ),
    )
    .orderBy(desc(payments.paidAt), desc(payments.id))
    .limit(limit + 1)
  return toPage(rows, limit, ({ payment }) => ({ at: payment.paidAt, id: payment.id }), toAdminPayment)
}

const buyers = alias(users, 'buyers')
const sellers = alias(users, 'sellers')
const sources = alias(workspaces, 'sources')
const copies = alias(workspaces, 'copies')

const paymentRows = (ctx: Context) =>
  ctx.db
    .select({
      payment: payments,
      order: orders,
      buyer: buyers,
      seller: sellers,
      sold: sources.name,
      copy: copies,
    })
    .from(payments)
    .innerJoin(orders, eq(orders.id, payments.orderId))
    .innerJoin(buyers, eq(buyers.id, payments.buyerId))
    .leftJoin(sellers, eq(sellers.id, payments.sellerId))
    .leftJoin(sources, eq(sources.id, payments.workspaceId))
    .leftJoin(workspaceClones, eq(workspaceClones.paymentId, payments.id))
    .leftJoin(copies, eq(copies.id, workspaceClones.copyWorkspaceId))

interface Row {
  readonly payment: Payment
  readonly order: typeof orders.$inferSelect
  readonly buyer: User
  readonly seller: User | null
  readonly sold: string | null
}

const toAdminPayment = ({ payment, order, buyer, seller, sold }: Row): AdminPayment => ({
  id: payment.id,
  type: payment.type,
  status: payment.status,
  paidAt: payment.paidAt.toISOString(),
  amount: moneyToJson({ amount: payment.capturedAmount, currency: payment.currency }),
  refunded: moneyToJson({ amount: payment.refundedAmount, currency: payment.currency }),
  buyer: party(buyer),
  seller: seller === null ? null : party(seller),
  sold: payment.type.startsWith('PLAN_') ? 'a plan' : soldWords(order, sold),
})

const party = (user: User) => ({ id: user.id, name: nameOf(user), email: user.email })
const nameOf = ({ firstName, lastName }: Pick<User, 'firstName' | 'lastName'>): string =>
  `${firstName} ${lastName}`.trim()

/**
 * One payment with its refunds, disputes, shares, copy and all that was posted for it, and what a refund of `amount`
 * (minor units; all that is left by default, and at most that) would take back from whom.
 * @throws DomainError 404 PAYMENT_NOT_FOUND
 */
export const inspectPayment = async (
  ctx: Context,
  { id, amount }: InspectPaymentInput,
): Promise<InspectedPayment> => {
  const [row] = z.uuid().safeParse(id).success ? await paymentRows(ctx).where(eq(payments.id, id)) : []
  if (row === undefined) throw notFound('PAYMENT_NOT_FOUND', 'There is no such payment.')
  const { payment, copy } = row
  const money = (sum: bigint) => moneyToJson({ amount: sum, currency: payment.currency })
  const refunds = await ctx.db
    .select()
    .from(paymentRefunds)
    .where(eq(paymentRefunds.paymentId, id))
    .orderBy(asc(paymentRefunds.createdAt), asc(paymentRefunds.id))
  const disputes = await ctx.db
    .select()
    .from(paymentDisputes)
    .where(eq(paymentDisputes.paymentId, id))
    .orderBy(asc(paymentDisputes.createdAt), asc(paymentDisputes.id))
  const shares = await ctx.db
    .select({ commission: commissions, user: users })
    .from(commissions)
    .innerJoin(users, eq(users.id, commissions.beneficiaryId))
    .where(eq(commissions.paymentId, id))
    .orderBy(asc(commissions.kind))
  const names = new Map(shares.map(({ user }) => [user.id, nameOf(user)]))
  return {
    ...toAdminPayment(row),
    tax: money(payment.taxAmount),
    base: money(payment.baseAmount),
    fee: payment.feeAmount === null ? null : money(payment.feeAmount),
    provider: payment.provider,
    mode: payment.mode,
    reference: payment.externalId,
    orderId: payment.orderId,
    // No copy is a release.
    copy:
      copy === null || copy.status === 'RELEASE'
        ? null
        : { id: copy.publicId, name: copy.name, status: copy.status },
    refunds: refunds.map((one) => ({
      id: one.id,
      status: one.status,
      amount: money(one.amount),
      reason: one.reason,
      reference: one.externalId,
      createdAt: one.createdAt.toISOString(),
    })),
    disputes: disputes.map((one) => ({
      id: one.id,
      status: one.status,
      amount: money(one.amount),
      reference: one.externalId,
      createdAt: one.createdAt.toISOString(),
    })),
    commissions: shares.map(({ commission, user }) => ({
      id: commission.id,
      kind: commission.kind,
      status: commission.status,
      who: nameOf(user),
      ratePercentage: commission.ratePercentage,
      amount: money(commission.amount),
      reversed: money(commission.reversedAmount),
      held: money(commission.heldAmount),
    })),
    transfers: await transfersOf(
      ctx,
      id,
      shares.map(({ commission }) => commission.id),
    ),
    refund: await refundPreview(ctx, payment, refunds, disputes, amount, names),
  }
}

/** What was posted for the payment and for its shares; credits of several shares at once belong to none of them. */
const transfersOf = async (ctx: Context, paymentId: string, commissionIds: readonly string[]) => {
  const rows = await ctx.db
    .select({ transfer: ledgerTransfers, entry: ledgerEntries, account: ledgerAccounts, user: users })
    .from(ledgerTransfers)
    .innerJoin(ledgerEntries, eq(ledgerEntries.transferId, ledgerTransfers.id))
    .innerJoin(ledgerAccounts, eq(ledgerAccounts.id, ledgerEntries.accountId))
    .leftJoin(users, eq(users.id, ledgerAccounts.userId))
    .where(
      or(
        and(eq(ledgerTransfers.referenceType, 'payment'), eq(ledgerTransfers.referenceId, paymentId)),
        and(
          eq(ledgerTransfers.referenceType, 'commission'),
          inArray(ledgerTransfers.referenceId, [...commissionIds]),
        ),
      ),
    )
    .orderBy(asc(ledgerTransfers.id), asc(ledgerEntries.id))
  const found = new Map<
    bigint,
    { id: string; kind: string; createdAt: string; entries: { account: string; amount: MoneyJson }[] }
  >()
  for (const { transfer, entry, account, user } of rows) {
    const { id, kind, createdAt } = transfer
    const known = found.get(id) ?? { id: String(id), kind, createdAt: createdAt.toISOString(), entries: [] }
    const owner = user === null ? account.name : `of ${nameOf(user)}`
    known.entries.push({ account: `${account.kind} ${owner}`.trim(), amount: moneyToJson(entry) })
    found.set(id, known)
  }
  return [...found.values()]
}

const refundPreview = async (
  ctx: Context,
  payment: Payment,
  refunds: readonly (typeof paymentRefunds.$inferSelect)[],
  disputes: readonly (typeof paymentDisputes.$inferSelect)[],
  asked: number | undefined,
  names: ReadonlyMap<string, string>,
): Promise<InspectedPayment['refund']> => {
  const left = refundable(payment, refunds, disputes)
  if (left <= 0n || !REFUNDABLE.has(payment.status) || payment.paymentIntentId === null) return null
  const amount = asked === undefined || BigInt(asked) > left ? left : BigInt(asked)
  const before = standingOf(payment, refunds, disputes)
  const after = standingOf(payment, [...refunds, { status: 'SUCCEEDED', amount, externalId: null }], disputes)
  const changes = await previewReversal(ctx, {
    paymentId: payment.id,
    lost: after.lostBase,
    atRisk: after.baseAtRisk,
  })
  const taken = changes.filter(({ reversed }) => reversed > 0n)
  const tax = after.goneTax - before.goneTax
  const fromShares = taken.reduce((sum, { reversed }) => sum + reversed, 0n)
  const money = (sum: bigint) => moneyToJson({ amount: sum, currency: payment.currency })
  return {
    left: money(left),
    amount: money(amount),
    freezes: after.frozen && !before.frozen,
    shares: taken.map(({ userId, kind, reversed }) => ({
      who: names.get(userId) ?? '',
      kind,
      takenBack: money(reversed),
    })),
    platform: money(amount - tax - fromShares),
    tax: money(tax),
  }
}
