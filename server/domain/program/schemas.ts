import { z } from 'zod'
import { CurrencyCode, MoneyJson, PercentageInput } from '../../kit/money'
import { Addon, LIMITS, type Limit, Plan } from '../../kit/plans'

export const PayoutKind = z.enum(['STRIPE', 'PAYPAL', 'BANK', 'MAMOPAY', 'MANUAL'])
export type PayoutKind = z.infer<typeof PayoutKind>

/** More than any payment, and far from what figures can tell exactly. */
const MOST = 1_000_000_000_000

/** Minor units by currency; a currency that is not named has none. */
const PerCurrency = (least: number) =>
  z.record(
    CurrencyCode,
    z
      .int('Whole minor units.')
      .min(least, least === 0 ? 'Not less than nothing.' : 'More than nothing.')
      .max(MOST, 'That is too much.'),
  )

/** What is kept of a withdrawal: a fixed amount in its currency, and a percentage of it. */
const PayoutFee = z.strictObject({
  percentage: PercentageInput.default('0.00'),
  fixed: PerCurrency(0).default({}),
})

/** A bank account is domestic within SEPA, by its IBAN; with another IBAN, or none, it is international. */
const DocumentedMethod = z.enum([
  'BANK_DOMESTIC',
  'BANK_INTERNATIONAL',
  'STRIPE',
  'PAYPAL',
  'MAMOPAY',
  'MANUAL',
])

/** How far an affiliate must have come: by customers who paid, or by earnings in any of the currencies named. */
const threshold = {
  conversions: z
    .int('A whole number.')
    .min(1, 'At least 1.')
    .max(1_000_000_000, 'That is too many.')
    .optional(),
  earnings: PerCurrency(1).optional(),
}
const named = { name: z.string().trim().min(1, 'Give it a name.').max(60, 'At most 60 characters.') }
const hasThreshold = (of: {
  conversions?: number | undefined
  earnings?: Record<string, number> | undefined
}) => of.conversions !== undefined || Object.keys(of.earnings ?? {}).length > 0
const NO_THRESHOLD = 'Say from how many customers, or from which earnings.'
const areUnique = (all: readonly { name: string }[]) =>
  new Set(all.map(({ name }) => name.toLowerCase())).size === all.length
const NOT_UNIQUE = 'Each has a name of its own.'

/** A rate for affiliates who have come that far, in place of their customers' own, if it is higher. */
const Tier = z
  .strictObject({ ...named, percentage: PercentageInput, ...threshold })
  .refine(hasThreshold, NO_THRESHOLD)

/** A fixed amount, once, for an affiliate who has come that far. Its name is its key: it is never granted twice. */
const Bonus = z
  .strictObject({
    ...named,
    amount: z.strictObject({ amount: z.int('Whole minor units.').min(1).max(MOST), currency: CurrencyCode }),
    ...threshold,
  })
  .refine(hasThreshold, NO_THRESHOLD)

/** Null: any number. */
const Count = z
  .int('A whole number.')
  .min(0, 'Not less than nothing.')
  .max(1_000_000, 'That is too many.')
  .nullable()
const Limits = z.strictObject(
  Object.fromEntries(LIMITS.map((what) => [what, Count])) as Record<Limit, typeof Count>,
)

/** Cents; less is charged by no provider. */
const AddonPrice = z.int('Whole minor units.').min(50, 'At least 0.50.').max(1_000_000, 'At most 10,000.00.')

/** From how many sales on a seller is there, and the rate their new links and listings take, if it is higher. */
const Level = z.strictObject({
  sales: z.int('A whole number.').min(0, 'Not less than nothing.').max(1_000_000_000, 'That is too many.'),
  percentage: PercentageInput.optional(),
})
const areRising = (levels: readonly { sales: number }[]) =>
  levels.every(({ sales }, i) => i === 0 || sales > (levels[i - 1]?.sales ?? 0))

/** Each setting of the programme, by the name it has everywhere. Rates are per cent, amounts minor units. */
export const SETTINGS = {
  /** Of a sale, to whoever signs up from then on and sells. */
  sellerCommissionPercentage: PercentageInput,
  /** Of sellers: a rate that rises with their sales. */
  sellerLevels: z
    .array(Level)
    .max(20, 'At most 20.')
    .refine(areRising, 'Each from more sales than the one before.'),
  /** Of each payment of a customer who is referred from then on. */
  referralCommissionPercentage: PercentageInput,
  overrideCommissionPercentage: PercentageInput,
  /** How many recruiters up the override goes. */
  overrideDepth: z.int().min(1, 'At least 1.').max(5, 'At most 5.'),
  referralTiers: z.array(Tier).max(20, 'At most 20.').refine(areUnique, NOT_UNIQUE),
  affiliateBonuses: z.array(Bonus).max(50, 'At most 50.').refine(areUnique, NOT_UNIQUE),
  commissionHoldDays: z.int('Whole days.').min(0, 'Not less than nothing.').max(365, 'At most 365.'),
  /** What an affiliate's own codes take off at most; 0: only admins make codes. */
  couponPercentage: PercentageInput,
  /** For how many months at most; 0: off the first payment only. */
  couponMonths: z.int('Whole months.').min(0, 'Not less than nothing.').max(120, 'At most 120.'),
  /** How many of an affiliate's own codes count at a time. */
  couponCount: z.int('A whole number.').min(1, 'At least 1.').max(100, 'At most 100.'),
  /** Whether the leaderboard says what those on it earned. */
  leaderboardAmounts: z.boolean('Yes or no.'),
  /** The least that is paid out; a currency that is not named has the environment's minimum. */
  minWithdrawals: PerCurrency(0),
  /** From this amount on two admins approve a withdrawal. */
  twoPersonLimits: PerCurrency(1),
  /** From this amount on a withdrawal asks for a code of the second factor. */
  secondFactorLimits: PerCurrency(1),
  payoutFees: z.partialRecord(PayoutKind, PayoutFee),
  /** Past this sum in a calendar year (UTC) tax details are needed. */
  taxThresholds: PerCurrency(0),
  /** The ways of being paid that need a document before anything is withdrawn. */
  payoutDocumentsFor: z.array(DocumentedMethod).transform((kinds) => [...new Set(kinds)].sort()),
  /** How long single clicks are kept; their counts stay for good. Questions of fraud look back two months at most. */
  clickRetentionMonths: z.int('Whole months.').min(2, 'At least 2.').max(120, 'At most 120.'),
  /** What each plan allows. What there is already stays, also where a limit is lowered. */
  planLimits: z.record(Plan, Limits),
  /** What one of an add-on costs a month, USD. */
  addonPrices: z.record(Addon, AddonPrice),
} as const satisfies Record<string, z.ZodType>

export type SettingName = keyof typeof SETTINGS
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[]

/** The settings at one moment. */
export type Program = { readonly [N in SettingName]: z.output<(typeof SETTINGS)[N]> }

const optional = {
  sellerCommissionPercentage: SETTINGS.sellerCommissionPercentage.optional(),
  sellerLevels: SETTINGS.sellerLevels.optional(),
  referralCommissionPercentage: SETTINGS.referralCommissionPercentage.optional(),
  overrideCommissionPercentage: SETTINGS.overrideCommissionPercentage.optional(),
  overrideDepth: SETTINGS.overrideDepth.optional(),
  referralTiers: SETTINGS.referralTiers.optional(),
  affiliateBonuses: SETTINGS.affiliateBonuses.optional(),
  commissionHoldDays: SETTINGS.commissionHoldDays.optional(),
  couponPercentage: SETTINGS.couponPercentage.optional(),
  couponMonths: SETTINGS.couponMonths.optional(),
  couponCount: SETTINGS.couponCount.optional(),
  leaderboardAmounts: SETTINGS.leaderboardAmounts.optional(),
  minWithdrawals: SETTINGS.minWithdrawals.optional(),
  twoPersonLimits: SETTINGS.twoPersonLimits.optional(),
  secondFactorLimits: SETTINGS.secondFactorLimits.optional(),
  payoutFees: SETTINGS.payoutFees.optional(),
  taxThresholds: SETTINGS.taxThresholds.optional(),
  payoutDocumentsFor: SETTINGS.payoutDocumentsFor.optional(),
  clickRetentionMonths: SETTINGS.clickRetentionMonths.optional(),
  planLimits: SETTINGS.planLimits.optional(),
  addonPrices: SETTINGS.addonPrices.optional(),
} satisfies Record<SettingName, z.ZodType>

/** Any of the settings, each as a whole: a list of currencies replaces the one before. */
export const ChangeProgramInput = z
  .strictObject({
    ...optional,
    /** From when it counts; at once by default, never earlier. */
    effectiveFrom: z.iso.datetime({ offset: true, error: 'A time such as 2026-12-01T00:00:00Z.' }).optional(),
    reason: z.string().trim().max(500, 'At most 500 characters.').default(''),
  })
  .refine((input) => SETTING_NAMES.some((name) => input[name] !== undefined), 'Name a setting to change.')
export type ChangeProgramInput = z.infer<typeof ChangeProgramInput>

export const ProgramChange = z.object({
  id: z.string(),
  name: z.enum(SETTING_NAMES as [SettingName, ...SettingName[]]),
  value: z.json(),
  effectiveFrom: z.string(),
  reason: z.string(),
  changedBy: z.object({ id: z.string(), name: z.string() }),
  createdAt: z.string(),
})
export type ProgramChange = z.infer<typeof ProgramChange>

const Amounts = z.record(z.string(), z.number())

/** The programme as admins see it. Percentages are numbers with at most two decimals. */
export const ProgramView = z.object({
  sellerCommissionPercentage: z.number(),
  sellerLevels: z.array(z.object({ sales: z.number(), percentage: z.number().optional() })),
  referralCommissionPercentage: z.number(),
  overrideCommissionPercentage: z.number(),
  overrideDepth: z.number(),
  referralTiers: z.array(
    z.object({
      name: z.string(),
      percentage: z.number(),
      conversions: z.number().optional(),
      earnings: Amounts.optional(),
    }),
  ),
  affiliateBonuses: z.array(
    z.object({
      name: z.string(),
      amount: MoneyJson,
      conversions: z.number().optional(),
      earnings: Amounts.optional(),
    }),
  ),
  commissionHoldDays: z.number(),
  couponPercentage: z.number(),
  couponMonths: z.number(),
  couponCount: z.number(),
  leaderboardAmounts: z.boolean(),
  minWithdrawals: Amounts,
  twoPersonLimits: Amounts,
  secondFactorLimits: Amounts,
  payoutFees: z.partialRecord(PayoutKind, z.object({ percentage: z.number(), fixed: Amounts })),
  taxThresholds: Amounts,
  payoutDocumentsFor: z.array(DocumentedMethod),
  clickRetentionMonths: z.number(),
  planLimits: z.record(Plan, Limits),
  addonPrices: z.record(Addon, z.number()),
  /** In major units, of every currency that `minWithdrawals` does not name: from the environment. */
  minWithdrawalOfOthers: z.number(),
  /** Where each present value comes from; null: from the environment, or the default. */
  sources: z.record(z.string(), ProgramChange.nullable()),
  /** What will count from a later moment, the nearest first. */
  upcoming: z.array(ProgramChange),
  /** Every change, newest first, up to 500. */
  history: z.array(ProgramChange),
})
export type ProgramView = z.infer<typeof ProgramView>
