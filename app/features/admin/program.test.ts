import { expect, it } from 'vitest'
import { amountsText, isSettingName, readAmounts, readSetting, settingWords, stepsText } from './program'

const form = (...fields: [string, string][]) => {
  const data = new FormData()
  for (const [name, value] of fields) data.append(name, value)
  return data
}

it('reads amounts as they are shown, exactly, in the decimals of their currency', () => {
  const amounts = { USD: 5_000, JPY: 5_000, KWD: 1_500 }
  expect(amountsText(amounts)).toBe('JPY 5000, KWD 1.500, USD 50.00')
  expect(readAmounts(amountsText(amounts)).value).toEqual(amounts)
  expect(readAmounts(' usd 50 ,').value).toEqual({ USD: 5_000 })
  expect(readAmounts('').value).toEqual({})
})

it.each([
  '50',
  'USD',
  'USD -5',
  'USD 5.005',
  'JPY 5.5',
  'USD 1, USD 2',
  'USD 1e3',
  'USD ５',
  'USD 99999999999999999',
])('refuses %s with words', (text) => {
  expect(readAmounts(text).fault).toEqual(expect.any(String))
})

it('reads each setting from its form', () => {
  expect(readSetting('referralCommissionPercentage', form(['value', ' 15.5 '])).value).toBe('15.5')
  expect(readSetting('commissionHoldDays', form(['value', '14'])).value).toBe(14)
  expect(readSetting('commissionHoldDays', form(['value', '1.5'])).value).toBe('1.5')
  expect(
    readSetting('payoutDocumentsFor', form(['value', 'BANK_DOMESTIC'], ['value', 'PAYPAL'])).value,
  ).toEqual(['BANK_DOMESTIC', 'PAYPAL'])
  expect(readSetting('twoPersonLimits', form(['value', 'x']))).toMatchObject({
    faults: { value: expect.any(String) },
  })
  expect(
    readSetting(
      'payoutFees',
      form(['PAYPAL.percentage', '1.25'], ['BANK.fixed', 'USD 5'], ['MANUAL.fixed', 'x']),
    ),
  ).toEqual({
    value: { PAYPAL: { percentage: '1.25', fixed: {} }, BANK: { percentage: '0', fixed: { USD: 500 } } },
    faults: { 'MANUAL.fixed': expect.any(String) },
  })
})

it('says each value in words', () => {
  expect(settingWords('referralCommissionPercentage', '15.00')).toBe('15 %')
  expect(settingWords('commissionHoldDays', 1)).toBe('1 day')
  expect(settingWords('commissionHoldDays', 14)).toBe('14 days')
  expect(settingWords('overrideDepth', 2)).toBe('2')
  expect(settingWords('clickRetentionMonths', 25)).toBe('25 months')
  expect(settingWords('twoPersonLimits', {})).toBe('None')
  expect(settingWords('payoutDocumentsFor', ['BANK_DOMESTIC'])).toBe('Bank account within SEPA')
  expect(
    settingWords('payoutFees', {
      PAYPAL: { percentage: '1.25', fixed: { USD: 25 } },
      BANK: { percentage: 0, fixed: {} },
    }),
  ).toBe('PayPal: 1.25 % and USD 0.25; Bank transfer: none')
  expect([isSettingName('taxThresholds'), isSettingName('toString')]).toEqual([true, false])
})

it('reads tiers and bonuses line by line, and shows them as they are typed', () => {
  const tiers = [
    { name: 'Silver', percentage: '17.5', conversions: 3 },
    { name: 'Gold', percentage: '20', earnings: { USD: 100_000, JPY: 5_000 } },
  ]
  const typed = 'Silver; 17.5; 3 customers\nGold; 20; JPY 5000, USD 1000.00'
  expect(readSetting('referralTiers', form(['value', `${typed}\r\n\r\n`])).value).toEqual(tiers)
  expect(stepsText(tiers)).toBe(typed)
  const bonuses = [{ name: 'Ten', amount: { currency: 'USD', amount: 5_000 }, conversions: 10 }]
  expect(readSetting('affiliateBonuses', form(['value', 'Ten; USD 50; 10 customers'])).value).toEqual(bonuses)
  expect(settingWords('affiliateBonuses', bonuses)).toBe('Ten; USD 50.00; 10 customers')
  expect(settingWords('referralTiers', [])).toBe('None')
})

it.each([
  ['affiliateBonuses', 'Ten; 50; 10 customers'],
  ['affiliateBonuses', 'Ten; USD 50, EUR 50; 10 customers'],
  ['affiliateBonuses', 'Ten; USD 50'],
  ['referralTiers', 'Gold; 20; ten customers'],
  ['referralTiers', 'Gold; 20; 10 customers; more'],
] as const)('refuses, of %s, the line “%s” with words', (name, line) => {
  expect(readSetting(name, form(['value', line])).faults).toEqual({
    value: expect.stringContaining('Line 1: '),
  })
})

const LIMITS = { workspaces: 1, members: 3, funnels: null, pagesPerFunnel: 35, domains: 0 }
const PLANS = { FREE: LIMITS, BUSINESS: LIMITS, AGENCY: LIMITS }

it('reads the limits of all plans, an empty field as any number, and leaves what is no number to be refused', () => {
  const typed = Object.keys(PLANS).flatMap((plan) =>
    Object.entries(LIMITS).map(([what, limit]): [string, string] => [`${plan}.${what}`, `${limit ?? ' '}`]),
  )
  expect(readSetting('planLimits', form(...typed))).toEqual({ value: PLANS, faults: {} })
  const wrong = form(...typed.filter(([name]) => name !== 'FREE.members'), ['FREE.members', '1.5'])
  expect(readSetting('planLimits', wrong).value).toMatchObject({ FREE: { members: '1.5' } })
  expect(settingWords('planLimits', PLANS)).toMatch(
    /^Free: 1 workspaces, 3 members, any number of funnels in a workspace, 35 pages in a funnel, 0 custom domains · Business/,
  )
})

it('reads the prices of add-ons exactly, and says at each what is wrong with it', () => {
  const prices = {
    EXTRA_WORKSPACE: 1_250,
    EXTRA_MEMBER: 400,
    EXTRA_FUNNEL: 300,
    EXTRA_PAGE: 200,
    EXTRA_DOMAIN: 300,
  }
  const typed = Object.entries(prices).map(([addon, cents]): [string, string] => [addon, `${cents / 100}`])
  expect(readSetting('addonPrices', form(...typed))).toEqual({ value: prices, faults: {} })
  const { faults } = readSetting('addonPrices', form(...typed.slice(1), ['EXTRA_WORKSPACE', '1.005']))
  expect(faults).toEqual({ EXTRA_WORKSPACE: expect.any(String) })
  expect(settingWords('addonPrices', prices)).toMatch(/^Extra workspace: 12.50 USD · Extra member: 4.00 USD/)
})
