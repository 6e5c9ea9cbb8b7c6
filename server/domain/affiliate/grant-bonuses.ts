import { and, eq, sql } from 'drizzle-orm'
import { affiliateBonuses, affiliates, commissions, users } from '../../../db/schema'
import { type Context, inTransaction, newId } from '../../kit/context'
import { moneyFromJson } from '../../kit/money'
import { enqueueMail } from '../../kit/queue'
import { recordActivity } from '../audit'
import { postTransfer } from '../balance'
import { type Program, programAt } from '../program'
import { hasReached, standingOf } from './standing'

type Bonus = Program['affiliateBonuses'][number]

/**
 * Grants each approved affiliate the bonuses whose threshold they have crossed, each once and for good: by its name,
 * which is the key. Any number of processes may run it at once, any number of times. A bonus earns the hold of none:
 * it is credited at once.
 * @returns how many were granted
 */
export const grantBonuses = async (ctx: Context): Promise<number> => {
  const { affiliateBonuses: bonuses } = await programAt(ctx)
  if (bonuses.length === 0) return 0
  const members = await ctx.db
    .select({ id: affiliates.id, userId: affiliates.userId })
    .from(affiliates)
    .innerJoin(users, eq(users.id, affiliates.userId))
    .where(and(eq(affiliates.status, 'APPROVED'), sql`${users.closedAt} is null`))
  let granted = 0
  for (const member of members) granted += await grantTo(ctx, member, bonuses)
  return granted
}

const grantTo = async (
  ctx: Context,
  { id: affiliateId, userId }: { id: string; userId: string },
  bonuses: readonly Bonus[],
): Promise<number> => {
  const have = new Set(
    (
      await ctx.db
        .select({ name: affiliateBonuses.name })
        .from(affiliateBonuses)
        .where(eq(affiliateBonuses.affiliateId, affiliateId))
    ).map(({ name }) => name),
  )
  const left = bonuses.filter(({ name }) => !have.has(name))
  if (left.length === 0) return 0
  const standing = await standingOf(ctx, { affiliateId, userId })
  let granted = 0
  for (const bonus of left)
    if (hasReached(standing, bonus) && (await grantOne(ctx, { affiliateId, userId }, bonus))) granted += 1
  return granted
}

/** Under the affiliate's lock: of two at once the second finds the first's and does nothing. */
const grantOne = (
  ctx: Context,
  { affiliateId, userId }: { affiliateId: string; userId: string },
  bonus: Bonus,
): Promise<boolean> =>
  inTransaction(ctx, async (tx) => {
    // Whoever is just closing their account is waited for, before anything of theirs is held.
    await tx.db.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('key share')
    // Suspended meanwhile, nothing new is earned.
    const [affiliate] = await tx.db
      .select({ status: affiliates.status })
      .from(affiliates)
      .where(eq(affiliates.id, affiliateId))
      .for('no key update')
    if (affiliate?.status !== 'APPROVED') return false
    const granted = and(eq(affiliateBonuses.affiliateId, affiliateId), eq(affiliateBonuses.name, bonus.name))
    if ((await tx.db.$count(affiliateBonuses, granted)) > 0) return false
    const commissionId = newId(tx)
    const { amount, currency } = moneyFromJson(bonus.amount)
    await tx.db.insert(commissions).values({
      id: commissionId,
      kind: 'BONUS',
      status: 'CREDITED',
      beneficiaryId: userId,
      currency,
      baseAmount: amount,
      ratePercentage: '100.00',
      amount,
      explanation: {
        currency,
        bonus: bonus.name,
        threshold: { conversions: bonus.conversions ?? null, earnings: bonus.earnings ?? null },
        base: bonus.amount.amount,
        rate: '100.00',
        rateSource: `bonus “${bonus.name}” of the programme`,
        rounding: 'none: a fixed amount',
        amount: bonus.amount.amount,
        capped: false,
        holdDays: 0,
        holdUntil: tx.now().toISOString(),
      },
      holdUntil: tx.now(),
      creditedAt: tx.now(),
      createdAt: tx.now(),
    })
    await tx.db
      .insert(affiliateBonuses)
      .values({ affiliateId, name: bonus.name, commissionId, createdAt: tx.now() })
    await postTransfer(tx, {
      key: `commission:${commissionId}:credit`,
      kind: 'commission_credited',
      currency,
      referenceType: 'commission',
      referenceId: commissionId,
      notes: `Bonus: ${bonus.name}`,
      entries: [
        { account: { kind: 'revenue' }, amount: -amount },
        { account: { kind: 'available', userId }, amount, lineType: 'COMMISSION' },
      ],
    })
    const [user] = await tx.db.select().from(users).where(eq(users.id, userId))
    if (user === undefined) throw new Error(`user ${userId} is gone`)
    await recordActivity(tx, {
      action: 'bonus_granted',
      description: `A bonus was reached: ${bonus.name}`,
      organizationId: user.organizationId,
      userId,
      subject: { type: 'affiliate', id: affiliateId },
      after: { bonus: bonus.name, amount: bonus.amount },
    })
    await enqueueMail(tx, {
      key: `bonus:${commissionId}`,
      to: user.email,
      template: 'bonus-granted',
      data: { firstName: user.firstName, bonus: bonus.name, ...bonus.amount },
    })
    return true
  })
