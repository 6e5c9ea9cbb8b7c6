import type { Plan } from '../../kit/plans'
import type { UserRole } from './schemas'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const TRIAL_LENGTH = 14 * DAY

/** How long a mailed link holds, in milliseconds. */
export const TOKEN_LIFE = { VERIFY_EMAIL: DAY, RESET_PASSWORD: HOUR, OPEN_PURCHASE: 7 * DAY } as const

/** What the plan of an organization is made of. */
export interface PlanSources {
  readonly grantedPlan: Plan | null
  readonly paidPlan: Plan
  readonly trialEndsAt: Date | null
}

/**
 * The plan an organization has at a moment. What an admin granted stands above the trial, also when it is FREE; only
 * a higher plan that is paid for beats it. Without a grant: what is paid for, but BUSINESS at least while the trial runs.
 */
export const effectivePlan = (organization: PlanSources, now: Date): Plan => {
  const { grantedPlan, paidPlan, trialEndsAt } = organization
  if (grantedPlan !== null) return higherPlan(grantedPlan, paidPlan)
  const onTrial = trialEndsAt !== null && now.getTime() < trialEndsAt.getTime()
  return onTrial ? higherPlan(paidPlan, 'BUSINESS') : paidPlan
}

const RANK = { FREE: 0, BUSINESS: 1, AGENCY: 2 } as const satisfies Record<Plan, number>

const higherPlan = (a: Plan, b: Plan): Plan => (RANK[a] >= RANK[b] ? a : b)

/** How long a session lasts unused and at all, in milliseconds. An admin's is worth more to a thief. */
export interface SessionLimits {
  readonly idle: number
  readonly absolute: number
}

export const sessionLimits = (role: UserRole): SessionLimits =>
  role === 'ADMIN' ? { idle: 2 * HOUR, absolute: 12 * HOUR } : { idle: 14 * DAY, absolute: 30 * DAY }
