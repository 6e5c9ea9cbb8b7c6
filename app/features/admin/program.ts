import { parsePrice } from '~/features/selling/price'
import { decimalText } from '~/lib/format'
import type { ChangeProgramInput, SettingName } from '../../../server/domain/program/schemas'

interface SettingWords {
  readonly title: string
  /** What a change does, and for whom. */
  readonly effect: string
  readonly kind:
    | 'percentage'
    | 'days'
    | 'months'
    | 'depth'
    | 'switch'
    | 'levels'
    | 'span'
    | 'amounts'
    | 'fees'
    | 'methods'
    | 'tiers'
    | 'bonuses'
    | 'limits'
    | 'prices'
  readonly hint?: string
}

const AMOUNTS = 'Currency and amount, separated by commas: USD 50.00, JPY 5000. Empty: none.'

/** Each setting of the programme, in the order of the page. */
export const PROGRAM: Readonly<Record<SettingName, SettingWords>> = {
  sellerCommissionPercentage: {
    title: 'A seller’s share',
    effect:
      'Of each sale. For accounts made from then on: sellers keep the rate they have, and links the rate they were made with.',
    kind: 'percentage',
  },
  sellerLevels: {
    title: 'Levels of sellers',
    effect:
      'A rate that rises with sales, where it is higher than the seller’s own. Links and listings made from then on take it; sellers may lift their links to it.',
    kind: 'levels',
    hint: 'One a line: from how many sales; per cent. Such as “10; 22.5”. Without a percentage the level changes no rate.',
  },
  referralCommissionPercentage: {
    title: 'A referral’s share',
    effect:
      'Of each payment of a referred customer. For new customers only: whoever was referred before keeps the rate they came under.',
    kind: 'percentage',
  },
  overrideCommissionPercentage: {
    title: 'Override',
    effect:
      'For whoever recruited the affiliate. 0 is off. All shares of a payment together are at most 100 %, this one included.',
    kind: 'percentage',
  },
  overrideDepth: {
    title: 'Levels of the override',
    effect: 'How many recruiters up the override goes. Each level takes the whole percentage.',
    kind: 'depth',
    hint: 'From 1 to 5.',
  },
  referralTiers: {
    title: 'Tiers of affiliates',
    effect:
      'A rate for affiliates who have come that far, where it is higher than their customer’s own. For payments from then on; an affiliate’s tier counts as it is when the payment is captured.',
    kind: 'tiers',
    hint: 'One a line: name; per cent; how far. Such as “Gold; 20; 10 customers” or “Gold; 20; USD 1000.00, EUR 900.00”. Empty: none.',
  },
  affiliateBonuses: {
    title: 'Bonuses',
    effect:
      'A fixed amount, once, for each affiliate who has come that far: those who are there already too, within a minute of the change. A bonus is known by its name and never granted twice under it.',
    kind: 'bonuses',
    hint: 'One a line: name; amount; how far. Such as “First ten; USD 50.00; 10 customers”. Empty: none.',
  },
  commissionHoldDays: {
    title: 'Days a commission is held',
    effect:
      'From the payment to the balance. For sales paid from then on, and for new referred customers; commissions there are keep their day.',
    kind: 'days',
    hint: 'From 0 to 365.',
  },
  couponPercentage: {
    title: 'Affiliates’ own codes: most they take off',
    effect:
      'Up to how many per cent an affiliate’s own discount codes take off. 0: only admins make codes. What a code takes off lowers what every share is taken of. Codes there are stay as they are.',
    kind: 'percentage',
  },
  couponMonths: {
    title: 'Affiliates’ own codes: longest',
    effect:
      'For how many months of a subscription such a code takes something off. 0: the first payment only.',
    kind: 'span',
    hint: 'From 0 to 120.',
  },
  couponCount: {
    title: 'Affiliates’ own codes: how many',
    effect: 'How many of an affiliate’s codes count at a time.',
    kind: 'depth',
    hint: 'From 1 to 100.',
  },
  leaderboardAmounts: {
    title: 'Amounts on the leaderboard',
    effect: 'Whether affiliates see what the others on it earned. Their names are those they chose.',
    kind: 'switch',
  },
  minWithdrawals: {
    title: 'Least that is paid out',
    effect:
      'For every withdrawal requested from then on. A currency that is not named has the usual minimum.',
    kind: 'amounts',
    hint: AMOUNTS,
  },
  payoutFees: {
    title: 'Fees of withdrawals',
    effect:
      'Told before a withdrawal is confirmed, and kept of its amount. For withdrawals requested from then on; open ones keep the fee they were told.',
    kind: 'fees',
  },
  twoPersonLimits: {
    title: 'Two admins approve',
    effect:
      'From this amount on a withdrawal needs two admins. For open withdrawals too: of the limit then and now the stricter counts. A limit is raised or removed after 24 hours at the earliest, and the other admins are told.',
    kind: 'amounts',
    hint: AMOUNTS,
  },
  secondFactorLimits: {
    title: 'A second factor is asked for',
    effect:
      'From this amount on a withdrawal asks whoever requests it for a code of their authenticator app; without one it is refused. For withdrawals requested from then on.',
    kind: 'amounts',
    hint: AMOUNTS,
  },
  taxThresholds: {
    title: 'Tax details are needed',
    effect:
      'Past this sum in a calendar year (UTC) nothing is withdrawn without tax details. For withdrawals requested from then on.',
    kind: 'amounts',
    hint: AMOUNTS,
  },
  payoutDocumentsFor: {
    title: 'Documents are needed',
    effect:
      'Nothing is withdrawn these ways until a document is attached. For withdrawals requested from then on.',
    kind: 'methods',
  },
  clickRetentionMonths: {
    title: 'Months single clicks are kept',
    effect:
      'Older ones are deleted within the hour, for good; how many there were stays in every dashboard. A click holds no address, only where it came from and a hash that nobody can be recognized by the next day.',
    kind: 'months',
    hint: 'From 2 to 120.',
  },
  planLimits: {
    title: 'Limits of the plans',
    effect:
      'How many of each may be made. Nothing is deleted where a limit is lowered: what is over it, the newest first, is only to be read.',
    kind: 'limits',
    hint: 'Empty: any number.',
  },
  addonPrices: {
    title: 'Prices of add-ons',
    effect:
      'What one of each costs a month. For add-ons bought from then on; whoever has one keeps paying what the checkout showed.',
    kind: 'prices',
    hint: 'In USD, such as 9.00.',
  },
}

export const LIMIT_TITLES = {
  workspaces: 'workspaces',
  members: 'members',
  funnels: 'funnels in a workspace',
  pagesPerFunnel: 'pages in a funnel',
  domains: 'custom domains',
} as const
export const LIMITED_PLANS = { FREE: 'Free', BUSINESS: 'Business', AGENCY: 'Agency' } as const
export const ADDON_TITLES = {
  EXTRA_WORKSPACE: 'Extra workspace',
  EXTRA_MEMBER: 'Extra member',
  EXTRA_FUNNEL: 'Extra funnel in each workspace',
  EXTRA_PAGE: 'Five extra pages in each funnel',
  EXTRA_DOMAIN: 'Extra custom domain',
} as const

const keysOf = <K extends string>(of: Readonly<Record<K, unknown>>) => Object.keys(of) as K[]

export const isSettingName = (text: string): text is SettingName => Object.hasOwn(PROGRAM, text)

export const DOCUMENTED: Readonly<Record<string, string>> = {
  BANK_DOMESTIC: 'Bank account within SEPA',
  BANK_INTERNATIONAL: 'Bank account elsewhere',
  PAYPAL: 'PayPal',
  STRIPE: 'Stripe',
  MAMOPAY: 'MamoPay',
  MANUAL: 'Another way',
}

export const FEE_KINDS = ['PAYPAL', 'BANK', 'STRIPE', 'MAMOPAY', 'MANUAL'] as const

/** { USD: 5000, JPY: 5000 } → 'JPY 5000, USD 50.00' */
export const amountsText = (amounts: Readonly<Record<string, number>>): string =>
  Object.entries(amounts)
    .sort()
    .map(([currency, amount]) => `${currency} ${decimalText({ amount, currency })}`)
    .join(', ')

export type Read<T> =
  | { readonly value: T; readonly fault?: never }
  | { readonly value?: never; readonly fault: string }

/** 'USD 50.00, JPY 5000' → { USD: 5000, JPY: 5000 }, exactly. Which currencies there are, the API says. */
export const readAmounts = (text: string): Read<Record<string, number>> => {
  const amounts: Record<string, number> = {}
  for (const part of text.split(',').map((one) => one.trim())) {
    if (part === '') continue
    const [, currency = '', figure = ''] = /^([A-Za-z]{3})\s+([\d.]+)$/.exec(part) ?? []
    if (currency === '') return { fault: `“${part}” is not a currency and an amount, such as USD 50.00.` }
    const code = currency.toUpperCase()
    if (Object.hasOwn(amounts, code)) return { fault: `${code} is named twice.` }
    const parsed = parsePrice(figure, code)
    if (parsed.fault !== undefined) return { fault: `${code}: ${parsed.fault}` }
    amounts[code] = parsed.amount
  }
  return { value: amounts }
}

/** A setting's value, in words. */
export const settingWords = (name: SettingName, value: unknown): string => {
  const { kind } = PROGRAM[name]
  switch (kind) {
    case 'percentage':
      return `${Number(value)} %`
    case 'days':
      return value === 1 ? '1 day' : `${String(value)} days`
    case 'months':
      return `${String(value)} months`
    case 'depth':
      return String(value)
    case 'levels':
      return levelsText(value as Level[]).replaceAll('\n', ' · ') || 'None'
    case 'switch':
      return value === true ? 'Shown' : 'Not shown'
    case 'span':
      return value === 0 ? 'The first payment only' : value === 1 ? '1 month' : `${String(value)} months`
    case 'amounts':
      return amountsText(value as Record<string, number>) || 'None'
    case 'methods':
      return (value as string[]).map((method) => DOCUMENTED[method] ?? method).join(', ') || 'None'
    case 'fees':
      return feesWords(value as Fees)
    case 'tiers':
    case 'bonuses':
      return stepsText(value as Step[]).replaceAll('\n', ' · ') || 'None'
    case 'limits':
      return limitsWords(value as Limits)
    case 'prices':
      return keysOf(ADDON_TITLES)
        .map((addon) => `${ADDON_TITLES[addon]}: ${decimalText(usd((value as Prices)[addon]))} USD`)
        .join(' · ')
  }
}

type Limits = ChangeProgramInput['planLimits'] & object
type Prices = ChangeProgramInput['addonPrices'] & object
const usd = (amount: number) => ({ amount, currency: 'USD' })

const limitsWords = (limits: Limits): string =>
  keysOf(LIMITED_PLANS)
    .map((plan) => {
      const parts = keysOf(LIMIT_TITLES).map(
        (what) => `${limits[plan][what] ?? 'any number of'} ${LIMIT_TITLES[what]}`,
      )
      return `${LIMITED_PLANS[plan]}: ${parts.join(', ')}`
    })
    .join(' · ')

type Fees = Readonly<
  Record<string, { readonly percentage: number | string; readonly fixed: Readonly<Record<string, number>> }>
>

const feesWords = (fees: Fees): string =>
  Object.entries(fees)
    .map(([kind, { percentage, fixed }]) => {
      const parts = [
        ...(Number(percentage) > 0 ? [`${Number(percentage)} %`] : []),
        ...(Object.keys(fixed).length > 0 ? [amountsText(fixed)] : []),
      ]
      return `${DOCUMENTED[kind] ?? (kind === 'BANK' ? 'Bank transfer' : kind)}: ${parts.join(' and ') || 'none'}`
    })
    .join('; ') || 'None'

/** A setting's form → its value, or what is wrong with which field. */
export const readSetting = (
  name: SettingName,
  form: FormData,
): { readonly value: unknown; readonly faults: Readonly<Record<string, string>> } => {
  const text = (field: string) => {
    const value = form.get(field)
    return typeof value === 'string' ? value.trim() : ''
  }
  switch (PROGRAM[name].kind) {
    case 'percentage':
      return { value: text('value'), faults: {} }
    case 'days':
    case 'months':
    case 'depth':
    case 'span':
      return { value: /^\d{1,9}$/.test(text('value')) ? Number(text('value')) : text('value'), faults: {} }
    case 'levels':
      return readLevels(text('value'))
    case 'switch':
      return { value: text('value') === 'on', faults: {} }
    case 'methods':
      return { value: form.getAll('value'), faults: {} }
    case 'amounts': {
      const { value, fault } = readAmounts(text('value'))
      return { value, faults: fault === undefined ? {} : { value: fault } }
    }
    case 'fees':
      return readFees(text)
    case 'tiers':
      return readSteps(text('value'), (percentage) => ({ value: { percentage } }))
    case 'bonuses':
      return readSteps(text('value'), readAmount)
    case 'limits':
      return { value: readLimits(text), faults: {} }
    case 'prices':
      return readPrices(text)
  }
}

/** What is no whole number, the API says. */
const readLimits = (text: (field: string) => string) =>
  Object.fromEntries(
    keysOf(LIMITED_PLANS).map((plan) => [
      plan,
      Object.fromEntries(
        keysOf(LIMIT_TITLES).map((what) => {
          const typed = text(`${plan}.${what}`)
          return [what, typed === '' ? null : /^\d{1,9}$/.test(typed) ? Number(typed) : typed]
        }),
      ),
    ]),
  )

const readPrices = (text: (field: string) => string) => {
  const faults: Record<string, string> = {}
  const value: Record<string, number> = {}
  for (const addon of keysOf(ADDON_TITLES)) {
    const parsed = parsePrice(text(addon), 'USD')
    if (parsed.fault === undefined) value[addon] = parsed.amount
    else faults[addon] = parsed.fault
  }
  return { value, faults }
}

const readFees = (text: (field: string) => string) => {
  const faults: Record<string, string> = {}
  const value: NonNullable<ChangeProgramInput['payoutFees']> = {}
  for (const kind of FEE_KINDS) {
    const fixed = readAmounts(text(`${kind}.fixed`))
    if (fixed.fault !== undefined) faults[`${kind}.fixed`] = fixed.fault
    const percentage = text(`${kind}.percentage`)
    if (percentage !== '' || Object.keys(fixed.value ?? {}).length > 0)
      value[kind] = { percentage: percentage || '0', fixed: fixed.value ?? {} }
  }
  return { value, faults }
}

interface Step {
  readonly name: string
  readonly percentage?: number | string
  readonly amount?: { readonly amount: number; readonly currency: string }
  readonly conversions?: number | undefined
  readonly earnings?: Readonly<Record<string, number>> | undefined
}

/** Tiers or bonuses as one types them, one a line. */
export const stepsText = (steps: readonly Step[]): string =>
  steps
    .map(({ name, percentage, amount, conversions, earnings }) => {
      const gain =
        amount === undefined ? String(Number(percentage)) : amountsText({ [amount.currency]: amount.amount })
      const far = conversions === undefined ? amountsText(earnings ?? {}) : `${conversions} customers`
      return `${name}; ${gain}; ${far}`
    })
    .join('\n')

/** Whether the figures can be, the API says. */
const readSteps = (text: string, readGain: (typed: string) => Read<object>) => {
  const value: object[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [name = '', gain = '', far = '', ...rest] = line.split(';').map((part) => part.trim())
    const faultOf = (fault: string) => ({ value: text, faults: { value: `Line ${i + 1}: ${fault}` } })
    if (far === '' || rest.length > 0)
      return faultOf('a name, what it brings and how far, with semicolons between.')
    const read = readGain(gain)
    if (read.fault !== undefined) return faultOf(read.fault)
    const [, customers] = /^(\d{1,9}) customers?$/.exec(far) ?? []
    const amounts = customers === undefined ? readAmounts(far) : { value: {} }
    if (amounts.fault !== undefined) return faultOf(amounts.fault)
    value.push({
      name,
      ...read.value,
      ...(customers === undefined ? { earnings: amounts.value } : { conversions: Number(customers) }),
    })
  }
  return { value, faults: {} }
}

const readAmount = (typed: string): Read<object> => {
  const { value, fault } = readAmounts(typed)
  const [only, ...more] = Object.entries(value ?? {})
  if (fault !== undefined) return { fault }
  if (only === undefined || more.length > 0) return { fault: 'one amount, such as USD 50.00.' }
  return { value: { amount: { currency: only[0], amount: only[1] } } }
}

interface Level {
  readonly sales: number
  readonly percentage?: number | string | undefined
}

/** Levels as one types them, one a line. */
export const levelsText = (levels: readonly Level[]): string =>
  levels
    .map(({ sales, percentage }) =>
      percentage === undefined ? String(sales) : `${sales}; ${Number(percentage)}`,
    )
    .join('\n')

const readLevels = (text: string) => {
  const value: object[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, sales, percentage] = /^(\d{1,9})\s*(?:;\s*([\d.]{1,6}))?$/.exec(line.trim()) ?? []
    if (sales === undefined)
      return { value: text, faults: { value: `Line ${i + 1}: from how many sales; per cent.` } }
    value.push({ sales: Number(sales), ...(percentage === undefined ? {} : { percentage }) })
  }
  return { value, faults: {} }
}
