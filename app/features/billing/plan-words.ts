import { PLAN_NAMES } from '~/features/workspace/states'
import { formatDate, formatMoney, plural } from '~/lib/format'
import type { CurrentPlan, PlanOffers } from '../../../server/domain/payment/schemas'

export type Subscription = NonNullable<CurrentPlan['subscription']>
type Limits = PlanOffers['plans'][number]['limits']
type Limit = keyof Limits

export const CYCLES = {
  MONTHLY: { each: 'a month', adverb: 'monthly' },
  YEARLY: { each: 'a year', adverb: 'yearly' },
} as const

/** What a plan lets one make, as a list. */
export const limitLines = (limits: Limits): string[] => [
  limits.workspaces === null ? 'Any number of workspaces' : plural(limits.workspaces, 'workspace'),
  limits.funnels === null
    ? 'Any number of funnels in each'
    : `${plural(limits.funnels, 'funnel')} in each workspace`,
  limits.pagesPerFunnel === null
    ? 'Any number of pages in a funnel'
    : `${plural(limits.pagesPerFunnel, 'page')} in each funnel`,
  limits.members === null ? 'Any number of members' : plural(limits.members, 'member'),
  limits.domains === null ? 'Any number of custom domains' : plural(limits.domains, 'custom domain'),
]

export const USAGE_LABELS: Readonly<Record<Limit, string>> = {
  workspaces: 'Workspaces',
  funnels: 'Funnels in the fullest workspace',
  pagesPerFunnel: 'Pages in the fullest funnel',
  members: 'Members',
  domains: 'Custom domains',
}

/** What happens next, and when, in a sentence. */
export const nextWords = (subscription: Subscription): string => {
  const { status, entitled, price, periodEnd, ends, billingCycle, next } = subscription
  const amount = formatMoney(price)
  const on = periodEnd === null ? 'at the end of the period' : `on ${formatDate(periodEnd)}`
  if (!entitled)
    return 'The last payment failed for good, so the plan rests. As soon as it is paid, the plan is back.'
  if (ends) return `It ends ${on}; nothing more is charged. Until then everything stays as it is.`
  if (status === 'TRIALING')
    return `Your trial runs until then: ${amount} is charged for the first time ${on}.`
  if (status === 'PAST_DUE')
    return 'The last payment did not go through. It is tried again; please see that your card can be charged.'
  if (next !== null && next.due.amount !== price.amount)
    return `The next payment ${on} is ${formatMoney(next.due)}, as credit or a coupon pays the rest; after that ${amount} each ${billingCycle === 'YEARLY' ? 'year' : 'month'}, as soon as they are used up.`
  return `The next ${amount} is charged ${on}, and then each ${billingCycle === 'YEARLY' ? 'year' : 'month'}.`
}

/** Why the plan is what it is, in a sentence. */
export const sourceWords = ({ source, planType, trialEndsAt, staysUntil }: CurrentPlan): string => {
  const name = PLAN_NAMES[planType]
  switch (source) {
    case 'SUBSCRIPTION':
      return staysUntil === null
        ? 'You pay for it by subscription.'
        : `Your subscription was cancelled; what you paid for stays until ${formatDate(staysUntil)}.`
    case 'INCLUDED':
      return 'It is included in what you bought. It stays as long as that does.'
    case 'TRIAL':
      return `Your trial of ${name} runs until ${trialEndsAt === null ? 'its end' : formatDate(trialEndsAt)}. After it you are on Free, unless you choose a plan; nothing is deleted.`
    case 'GRANTED':
      return 'It was given to you by whoever runs this installation. It costs nothing.'
    case 'NONE':
      return 'It costs nothing, and stays as long as you like.'
  }
}
