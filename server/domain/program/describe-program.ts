import { desc, eq } from 'drizzle-orm'
import { programSettings, users } from '../../../db/schema'
import type { Context } from '../../kit/context'
import { isSetting, programAt } from './program-at'
import { type ProgramChange, type ProgramView, SETTING_NAMES } from './schemas'

const SHOWN = 500

/** The settings that count now, where each comes from, what is to come, and every change; for admins. */
export const describeProgram = async (ctx: Context): Promise<ProgramView> => {
  const now = ctx.now().toISOString()
  const program = await programAt(ctx)
  const rows = await ctx.db
    .select({ row: programSettings, firstName: users.firstName, lastName: users.lastName })
    .from(programSettings)
    .innerJoin(users, eq(users.id, programSettings.changedBy))
    .orderBy(desc(programSettings.createdAt), desc(programSettings.id))
  const changes = rows.flatMap(({ row, firstName, lastName }) =>
    isSetting(row.name)
      ? [
          {
            id: row.id,
            name: row.name,
            value: row.value as ProgramChange['value'],
            effectiveFrom: row.effectiveFrom.toISOString(),
            reason: row.reason,
            changedBy: { id: row.changedBy, name: `${firstName} ${lastName}` },
            createdAt: row.createdAt.toISOString(),
          },
        ]
      : [],
  )
  return {
    ...program,
    sellerCommissionPercentage: Number(program.sellerCommissionPercentage),
    referralCommissionPercentage: Number(program.referralCommissionPercentage),
    overrideCommissionPercentage: Number(program.overrideCommissionPercentage),
    couponPercentage: Number(program.couponPercentage),
    sellerLevels: program.sellerLevels.map(({ sales, percentage }) =>
      percentage === undefined ? { sales } : { sales, percentage: Number(percentage) },
    ),
    referralTiers: program.referralTiers.map((tier) => ({ ...tier, percentage: Number(tier.percentage) })),
    payoutFees: Object.fromEntries(
      Object.entries(program.payoutFees).map(([kind, fee]) => [
        kind,
        { ...fee, percentage: Number(fee.percentage) },
      ]),
    ),
    minWithdrawalOfOthers: ctx.config.minWithdrawal,
    sources: Object.fromEntries(SETTING_NAMES.map((name) => [name, counting(changes, name, now)] as const)),
    upcoming: changes
      .filter(({ effectiveFrom }) => effectiveFrom > now)
      .sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1)),
    history: changes.slice(0, SHOWN),
  }
}

/** Of changes newest first: the one that counts. The same order as `latestFirst`, for times in ISO 8601 sort as texts. */
const counting = (changes: readonly ProgramChange[], name: string, now: string): ProgramChange | null =>
  changes
    .filter((change) => change.name === name && change.effectiveFrom <= now)
    .reduce<ProgramChange | null>(
      (best, next) => (best === null || next.effectiveFrom > best.effectiveFrom ? next : best),
      null,
    )
