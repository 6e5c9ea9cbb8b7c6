import { and, eq, inArray, ne, sql } from 'drizzle-orm'
import { affiliates, commissions, orders, payments, type Suspicion, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { mailboxOf, payerMark } from './mailbox'
import type { Earned } from './rules'

/** Of the payment that earns. */
export interface SuspectPayment {
  readonly paymentId: string
  readonly buyerId: string
  readonly sellerId: string | null
}

/**
 * What speaks for somebody having referred, or sold to, themselves without proving it (rule 24): then a share waits for
 * an admin. What an admin has let pass before, of the same two people, is not asked again; what was refused or still
 * waits makes their later payments wait too. The same network address is no proof, and is not looked at.
 */
export const suspicionsOf = async (
  ctx: Context,
  payment: SuspectPayment,
  share: Pick<Earned, 'kind' | 'userId'>,
): Promise<readonly Suspicion[]> => {
  const found = [
    ...(await byAddress(ctx, payment, share.userId)),
    ...(await byCard(ctx, payment, share.userId)),
    ...(await byWorkspace(ctx, payment, share)),
  ]
  const before = await judgedBefore(ctx, payment, share.userId)
  const passed = new Set(before.flatMap(({ verdict, rules }) => (verdict === 'RELEASED' ? rules : [])))
  const earlier = before.find(({ verdict }) => verdict !== 'RELEASED')
  if (earlier !== undefined) found.push({ rule: 'EARLIER_PAYMENT', found: earlier.paymentId })
  return found.filter(({ rule }) => !passed.has(rule))
}

/** The address the payer typed here or at the provider, on any payment of the order, is the beneficiary's. */
const byAddress = async (
  ctx: Context,
  { paymentId }: SuspectPayment,
  userId: string,
): Promise<Suspicion[]> => {
  const [person] = await ctx.db
    .select({ email: users.email, paymentEmail: affiliates.paymentEmail })
    .from(users)
    .leftJoin(affiliates, eq(affiliates.userId, users.id))
    .where(eq(users.id, userId))
  if (person === undefined) return []
  const paid = await ofSameOrder(ctx, paymentId)
  const isPayers = (email: string): boolean => {
    const mark = payerMark(ctx.config, email)
    return paid.some(
      ({ payer, typed }) => mailboxOf(typed) === mailboxOf(email) || (payer !== null && mark.equals(payer)),
    )
  }
  const { email, paymentEmail } = person
  return [
    ...(isPayers(email) ? [{ rule: 'PAYER_EMAIL', found: paymentId } as const] : []),
    ...(paymentEmail !== null && mailboxOf(paymentEmail) !== mailboxOf(email) && isPayers(paymentEmail)
      ? [{ rule: 'PAYMENTS_EMAIL', found: paymentId } as const]
      : []),
  ]
}

/** The beneficiary has paid something of their own with the card. */
const byCard = async (ctx: Context, { paymentId }: SuspectPayment, userId: string): Promise<Suspicion[]> => {
  const cards = (await ofSameOrder(ctx, paymentId)).flatMap(({ card }) => card ?? [])
  if (cards.length === 0) return []
  const [own] = await ctx.db
    .select({ id: payments.id })
    .from(payments)
    .where(and(eq(payments.buyerId, userId), inArray(payments.cardMark, cards)))
    .limit(1)
  return own === undefined ? [] : [{ rule: 'SAME_CARD', found: own.id }]
}

const ofSameOrder = (ctx: Context, paymentId: string) =>
  ctx.db
    .select({ payer: payments.payerMark, card: payments.cardMark, typed: orders.email })
    .from(payments)
    .innerJoin(orders, eq(orders.id, payments.orderId))
    .where(sql`${payments.orderId} = (select p.order_id from ${payments} p where p.id = ${paymentId})`)

/** The buyer works in a workspace of the seller's, or in one together with the beneficiary; not in a copy they bought. */
const byWorkspace = async (
  ctx: Context,
  { buyerId, sellerId }: SuspectPayment,
  { userId }: Pick<Earned, 'userId'>,
): Promise<Suspicion[]> => {
  const shared = await ctx.db.execute<{ public_id: string; sellers: boolean }>(sql`
    select w.public_id, o.user_id is not null as sellers
    from workspace_members b
    join workspaces w on w.id = b.workspace_id
    left join workspace_members m on m.workspace_id = b.workspace_id and m.user_id = ${userId}
    left join workspace_members o on o.workspace_id = b.workspace_id and o.user_id = ${sellerId}::uuid and o.role = 'OWNER'
    where b.user_id = ${buyerId} and (m.user_id is not null or o.user_id is not null)
    order by sellers desc, w.id limit 1`)
  return [...shared].map(({ public_id: found, sellers }) => ({
    rule: sellers ? 'SELLERS_WORKSPACE' : 'SHARED_WORKSPACE',
    found,
  }))
}

interface Judged {
  readonly paymentId: string
  readonly verdict: 'RELEASED' | 'REFUSED' | null
  readonly rules: readonly Suspicion['rule'][]
}

/** Shares of the same person of the same customer's payments that were held, the latest first. */
const judgedBefore = async (
  ctx: Context,
  { buyerId, paymentId }: SuspectPayment,
  userId: string,
): Promise<Judged[]> => {
  const rows = await ctx.db
    .select({ paymentId: payments.id, verdict: commissions.verdict, suspicion: commissions.suspicion })
    .from(commissions)
    .innerJoin(payments, eq(payments.id, commissions.paymentId))
    .where(
      and(
        eq(commissions.beneficiaryId, userId),
        eq(payments.buyerId, buyerId),
        ne(payments.id, paymentId),
        sql`${commissions.suspicion} is not null`,
      ),
    )
    .orderBy(sql`${commissions.createdAt} desc`)
  return rows.map(({ paymentId: of, verdict, suspicion }) => ({
    paymentId: of,
    verdict,
    rules: (suspicion ?? []).map(({ rule }) => rule),
  }))
}
