import { and, asc, eq, isNotNull, isNull, or } from 'drizzle-orm'
import { commissions, payments, users } from '../../../db/schema'
import { type Context, inTransaction, signedIn } from '../../kit/context'
import { conflict, notFound, refused } from '../../kit/errors'
import { safeNumber } from '../../kit/money'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { postTransfers } from '../balance'
import { isUuid } from './affiliate-queries'
import { readHeldCommission } from './held-commissions'
import type { HeldCommission, JudgeCommissionInput } from './schemas'

type Commission = typeof commissions.$inferSelect

/**
 * Decides about a share that looks like a self-referral. RELEASED: it is credited as any other, once its hold is over.
 * REFUSED: what is left of it is taken back for good, whatever refunds come later. Those whose shares hang on the same
 * referral go with it. Everyone concerned gets a mail; two admins who decide the same are one decision.
 * @throws DomainError 404 COMMISSION_NOT_FOUND, also for one nobody has to judge; 409 COMMISSION_JUDGED, REFERRAL_FIRST;
 * 422 OWN_COMMISSION
 */
export const judgeCommission = (
  ctx: Context,
  { id, verdict, reason }: JudgeCommissionInput,
): Promise<HeldCommission> =>
  inTransaction(ctx, async (tx) => {
    const row = await locked(tx, id)
    if (row.verdict === verdict) return readHeldCommission(tx, id)
    if (row.verdict !== null)
      throw conflict('COMMISSION_JUDGED', `This commission was ${row.verdict.toLowerCase()} already.`)
    const rows = await goingWith(tx, row)
    const { userId: adminId } = signedIn(tx)
    if (rows.some(({ beneficiaryId }) => beneficiaryId === adminId))
      throw refused('OWN_COMMISSION', 'Another admin judges what would be yours.')
    for (const one of rows) await judge(tx, one, { verdict, reason, adminId })
    if (verdict === 'REFUSED') await takeBack(tx, rows)
    return readHeldCommission(tx, id)
  })

/** Under its payment's lock, as whatever else changes it: a refund comes before or after. */
const locked = async (ctx: Context, id: string): Promise<Commission> => {
  const suspected = and(eq(commissions.id, id), isNotNull(commissions.suspicion))
  const [found] = isUuid(id) ? await ctx.db.select().from(commissions).where(suspected) : []
  if (found === undefined || found.paymentId === null)
    throw notFound('COMMISSION_NOT_FOUND', 'There is no such commission to judge.')
  await ctx.db
    .select({ id: payments.id })
    .from(payments)
    .where(eq(payments.id, found.paymentId))
    .for('no key update')
  const [row] = await ctx.db.select().from(commissions).where(eq(commissions.id, id)).for('update')
  if (row === undefined) throw new Error(`commission ${id} is gone`)
  return row
}

/** A referral takes along whoever recruited its affiliate; theirs is not judged before it. */
const goingWith = async (ctx: Context, row: Commission): Promise<Commission[]> => {
  if (row.kind === 'SALE' || row.paymentId === null) return [row]
  const open = await ctx.db
    .select()
    .from(commissions)
    .where(
      and(
        eq(commissions.paymentId, row.paymentId),
        isNotNull(commissions.suspicion),
        isNull(commissions.verdict),
        or(eq(commissions.kind, 'REFERRAL'), eq(commissions.kind, 'OVERRIDE')),
      ),
    )
    .orderBy(asc(commissions.beneficiaryId))
    .for('update')
  if (row.kind === 'REFERRAL') return open
  if (open.some(({ kind }) => kind === 'REFERRAL'))
    throw conflict('REFERRAL_FIRST', 'It hangs on a referral that is held too: judge that one.')
  return [row]
}

interface Judgement {
  readonly verdict: JudgeCommissionInput['verdict']
  readonly reason: string
  readonly adminId: string
}

const judge = async (
  ctx: Context,
  row: Commission,
  { verdict, reason, adminId }: Judgement,
): Promise<void> => {
  const judged = { verdict, verdictReason: reason, judgedBy: adminId, judgedAt: ctx.now() }
  await ctx.db
    .update(commissions)
    .set(
      verdict === 'RELEASED'
        ? judged
        : { ...judged, status: 'REVERSED', reversedAmount: row.amount, heldAmount: 0n },
    )
    .where(eq(commissions.id, row.id))
  const [user] = await ctx.db.select().from(users).where(eq(users.id, row.beneficiaryId))
  if (user === undefined) throw new Error(`user ${row.beneficiaryId} is gone`)
  const left = row.amount - row.reversedAmount
  await recordActivity(ctx, {
    action: `commission_${verdict.toLowerCase()}`,
    description:
      verdict === 'RELEASED'
        ? 'A commission that was held for review was released'
        : 'A commission that was held for review was refused',
    organizationId: user.organizationId,
    subject: { type: 'commission', id: row.id },
    after: { verdict, reason, amount: safeNumber(left), currency: row.currency },
  })
  if (user.closedAt !== null) return
  await enqueueMail(ctx, {
    key: `commission:${row.id}:judged`,
    to: user.email,
    template: 'commission-judged',
    data: {
      firstName: user.firstName,
      verdict,
      amount: safeNumber(left),
      currency: row.currency,
      reason,
      commissionId: row.id,
    },
  })
}

/** pending → revenue, by what refunds have left of each: a refund that comes later finds nothing to take. */
const takeBack = (ctx: Context, rows: readonly Commission[]) =>
  postTransfers(
    ctx,
    rows
      .filter(({ amount, reversedAmount }) => amount > reversedAmount)
      .map(({ id, beneficiaryId: userId, currency, amount, reversedAmount }) => ({
        key: `commission:${id}:refused`,
        kind: 'commission_reversed',
        currency,
        referenceType: 'commission',
        referenceId: id,
        notes: 'Held for review, and refused',
        entries: [
          { account: { kind: 'revenue' }, amount: amount - reversedAmount },
          { account: { kind: 'pending', userId }, amount: reversedAmount - amount },
        ],
      })),
  )
