import { pgEnum } from 'drizzle-orm/pg-core'

export const planEnum = pgEnum('plan', ['FREE', 'BUSINESS', 'AGENCY'])
export const userRoleEnum = pgEnum('user_role', ['USER', 'ADMIN'])
export const offerModeEnum = pgEnum('offer_mode', ['ONE_OFF', 'SUBSCRIPTION'])
export const frequencyEnum = pgEnum('frequency', ['MONTHLY', 'YEARLY'])
export const paymentTypeEnum = pgEnum('payment_type', [
  'PLAN_PURCHASE',
  'PLAN_RENEWAL',
  'ADDON_PURCHASE',
  'ADDON_RENEWAL',
  'WORKSPACE_PURCHASE',
  'WORKSPACE_RENEWAL',
])
export const addonEnum = pgEnum('addon', [
  'EXTRA_WORKSPACE',
  'EXTRA_MEMBER',
  'EXTRA_FUNNEL',
  'EXTRA_PAGE',
  'EXTRA_DOMAIN',
])
/** Where a provider's object lives: objects of one mode are never joined with those of another. */
export const providerModeEnum = pgEnum('provider_mode', ['sandbox', 'test', 'live'])
