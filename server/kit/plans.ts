import { z } from 'zod'
import type { Money } from './money'

export const Plan = z.enum(['FREE', 'BUSINESS', 'AGENCY'])
export type Plan = z.infer<typeof Plan>
export type BillingCycle = 'MONTHLY' | 'YEARLY'

/** What each plan costs per cycle unless settings say otherwise; only AGENCY may sell. */
export const PLANS: Readonly<Record<Plan, Readonly<Record<BillingCycle, Money>>>> = {
  FREE: { MONTHLY: { amount: 0n, currency: 'USD' }, YEARLY: { amount: 0n, currency: 'USD' } },
  BUSINESS: { MONTHLY: { amount: 29_00n, currency: 'USD' }, YEARLY: { amount: 290_00n, currency: 'USD' } },
  AGENCY: { MONTHLY: { amount: 99_00n, currency: 'USD' }, YEARLY: { amount: 990_00n, currency: 'USD' } },
}

/** What a plan sets a limit to, in the order in which it is shown. */
export const LIMITS = ['workspaces', 'members', 'funnels', 'pagesPerFunnel', 'domains'] as const
export type Limit = (typeof LIMITS)[number]

/**
 * How many there may be; null: any number. Workspaces, members and domains count over all that an organization has,
 * funnels in each workspace, pages in each funnel.
 */
export type PlanLimits = Readonly<Record<Limit, number | null>>

/** Unless the programme's settings say otherwise. */
export const DEFAULT_LIMITS: Readonly<Record<Plan, PlanLimits>> = {
  FREE: { workspaces: 1, members: 3, funnels: 3, pagesPerFunnel: 35, domains: 1 },
  BUSINESS: { workspaces: 5, members: 10, funnels: 20, pagesPerFunnel: 100, domains: 3 },
  AGENCY: { workspaces: null, members: 500, funnels: null, pagesPerFunnel: null, domains: 20 },
}

export const Addon = z.enum(
  ['EXTRA_WORKSPACE', 'EXTRA_MEMBER', 'EXTRA_FUNNEL', 'EXTRA_PAGE', 'EXTRA_DOMAIN'],
  { error: 'The add-ons are EXTRA_WORKSPACE, EXTRA_MEMBER, EXTRA_FUNNEL, EXTRA_PAGE and EXTRA_DOMAIN.' },
)
export type Addon = z.infer<typeof Addon>

/** What each add-on raises, and by how many. */
export const ADDONS: Readonly<Record<Addon, { readonly raises: Limit; readonly by: number }>> = {
  EXTRA_WORKSPACE: { raises: 'workspaces', by: 1 },
  EXTRA_MEMBER: { raises: 'members', by: 1 },
  EXTRA_FUNNEL: { raises: 'funnels', by: 1 },
  EXTRA_PAGE: { raises: 'pagesPerFunnel', by: 5 },
  EXTRA_DOMAIN: { raises: 'domains', by: 1 },
}

/** What one of each costs a month, in cents (USD), unless the programme's settings say otherwise. */
export const DEFAULT_ADDON_PRICES: Readonly<Record<Addon, number>> = {
  EXTRA_WORKSPACE: 9_00,
  EXTRA_MEMBER: 4_00,
  EXTRA_FUNNEL: 3_00,
  EXTRA_PAGE: 2_00,
  EXTRA_DOMAIN: 3_00,
}

const ADDON_WORDS: Readonly<Record<Addon, readonly [one: string, many: string, where?: string]>> = {
  EXTRA_WORKSPACE: ['extra workspace', 'extra workspaces'],
  EXTRA_MEMBER: ['extra member', 'extra members'],
  EXTRA_FUNNEL: ['extra funnel', 'extra funnels', 'in each workspace'],
  EXTRA_PAGE: ['extra page', 'extra pages', 'in each funnel'],
  EXTRA_DOMAIN: ['extra custom domain', 'extra custom domains'],
}

/** What somebody gets with so many of an add-on: ‘10 extra pages in each funnel’. */
export const addonWords = (addon: Addon, quantity: number): string => {
  const [one, many, where] = ADDON_WORDS[addon]
  const count = quantity * ADDONS[addon].by
  return [count, count === 1 ? one : many, ...(where === undefined ? [] : [where])].join(' ')
}
