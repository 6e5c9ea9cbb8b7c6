import { desc, eq } from 'drizzle-orm'
import { affiliateGroups, affiliateGroupTerms, affiliates } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { type Program, programAt } from '../program'
import { COOKIE_DAYS } from './referral'

/** What counts for the new customers of an affiliate today. */
export interface ReferralTerms {
  /** Per cent, two decimals. */
  readonly rate: string
  /** Days after a click in which a sign-up counts. */
  readonly windowDays: number
  readonly holdDays: number
  /** Minor units; of a currency that is not named the environment's minimum. */
  readonly minWithdrawals: Readonly<Record<string, number>>
  /** Null: the programme's own. */
  readonly group: { readonly id: string; readonly name: string } | null
}

/** The terms of a group, or without one the programme's. */
export const groupTerms = async (ctx: Context, groupId: string | null): Promise<ReferralTerms> => {
  const program = await programAt(ctx)
  const [row] =
    groupId === null
      ? []
      : await ctx.db
          .select({ group: affiliateGroups, terms: affiliateGroupTerms })
          .from(affiliateGroups)
          .innerJoin(affiliateGroupTerms, eq(affiliateGroupTerms.groupId, affiliateGroups.id))
          .where(eq(affiliateGroups.id, groupId))
          .orderBy(desc(affiliateGroupTerms.createdAt), desc(affiliateGroupTerms.id))
          .limit(1)
  return row === undefined
    ? ofProgram(program)
    : {
        rate: row.terms.ratePercentage,
        windowDays: row.terms.windowDays,
        holdDays: row.terms.holdDays,
        minWithdrawals: { ...program.minWithdrawals, ...row.terms.minWithdrawals },
        group: { id: row.group.id, name: row.group.name },
      }
}

const ofProgram = (program: Program): ReferralTerms => ({
  rate: program.referralCommissionPercentage,
  windowDays: COOKIE_DAYS,
  holdDays: program.commissionHoldDays,
  minWithdrawals: program.minWithdrawals,
  group: null,
})

/** The least that is paid out to this user, minor units by currency: of their group, else of the programme. */
export const minWithdrawalsOf = async (
  ctx: Context,
  userId: string,
): Promise<Readonly<Record<string, number>>> => {
  const [affiliate] = await ctx.db
    .select({ groupId: affiliates.groupId })
    .from(affiliates)
    .where(eq(affiliates.userId, userId))
  return (await groupTerms(ctx, affiliate?.groupId ?? null)).minWithdrawals
}
