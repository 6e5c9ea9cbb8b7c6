import { desc, lte } from 'drizzle-orm'
import { programSettings } from '../../../db/schema'
import type { Config } from '../../kit/config'
import type { Context } from '../../kit/context'
import { percentage } from '../../kit/money'
import { DEFAULT_ADDON_PRICES, DEFAULT_LIMITS } from '../../kit/plans'
import { type Program, SETTINGS, type SettingName } from './schemas'

/**
 * The programme's settings as they counted at a moment (now, by default): of each the last row whose time had come,
 * else the environment's value or the default. One query.
 */
export const programAt = async (ctx: Context, at: Date = ctx.now()): Promise<Program> => {
  const rows = await ctx.db
    .selectDistinctOn([programSettings.name], { name: programSettings.name, value: programSettings.value })
    .from(programSettings)
    .where(lte(programSettings.effectiveFrom, at))
    .orderBy(programSettings.name, ...latestFirst)
  return withRows(ctx.config, rows)
}

/** Of two changes for the same moment the later one counts; of two made in one millisecond, the greater id. */
export const latestFirst = [
  desc(programSettings.effectiveFrom),
  desc(programSettings.createdAt),
  desc(programSettings.id),
]

/** The settings with these values in place of the environment's. */
export const withRows = (
  config: Config,
  rows: readonly { readonly name: string; readonly value: unknown }[],
): Program => {
  const values: Record<string, unknown> = { ...fromEnvironment(config) }
  for (const { name, value } of rows) if (isSetting(name)) values[name] = SETTINGS[name].parse(value)
  return values as unknown as Program
}

export const isSetting = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name)

const fromEnvironment = (config: Config): Program => ({
  sellerCommissionPercentage: percentage(config.affiliateCommission),
  sellerLevels: [{ sales: 0 }, { sales: 10 }, { sales: 50 }],
  referralCommissionPercentage: percentage(config.referralCommission),
  overrideCommissionPercentage: '0.00',
  overrideDepth: 1,
  referralTiers: [],
  affiliateBonuses: [],
  commissionHoldDays: config.commissionHoldDays,
  couponPercentage: '0.00',
  couponMonths: 0,
  couponCount: 3,
  leaderboardAmounts: false,
  minWithdrawals: {},
  twoPersonLimits: {},
  secondFactorLimits: {},
  payoutFees: {},
  taxThresholds: {},
  payoutDocumentsFor: [],
  // Two years and the month under way: a year can be compared with the one before, click by click.
  clickRetentionMonths: 25,
  planLimits: DEFAULT_LIMITS,
  addonPrices: DEFAULT_ADDON_PRICES,
})
