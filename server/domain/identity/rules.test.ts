import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Plan } from '../../kit/plans'
import { normalizeEmail } from './email'
import { effectivePlan, type PlanSources } from './rules'

const RANK: Record<Plan, number> = { FREE: 0, BUSINESS: 1, AGENCY: 2 }
const plan = fc.constantFrom<Plan>('FREE', 'BUSINESS', 'AGENCY')
const moment = fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => new Date(ms))
const sources: fc.Arbitrary<PlanSources> = fc.record({
  grantedPlan: fc.option(plan, { nil: null }),
  paidPlan: plan,
  trialEndsAt: fc.option(moment, { nil: null }),
})

describe('the plan of an organization', () => {
  it('is never less than what is paid for', () => {
    fc.assert(
      fc.property(sources, moment, (organization, now) => {
        expect(RANK[effectivePlan(organization, now)]).toBeGreaterThanOrEqual(RANK[organization.paidPlan])
      }),
    )
  })

  it('is with a grant the higher of grant and payment, whatever the trial', () => {
    fc.assert(
      fc.property(sources, plan, moment, (organization, grantedPlan, now) => {
        const got = effectivePlan({ ...organization, grantedPlan }, now)
        expect(RANK[got]).toBe(Math.max(RANK[grantedPlan], RANK[organization.paidPlan]))
      }),
    )
  })

  it('is without a grant BUSINESS at least before the end of the trial, and what is paid for from it on', () => {
    fc.assert(
      fc.property(plan, moment, fc.integer({ min: 1, max: 1e10 }), (paidPlan, trialEndsAt, by) => {
        const organization = { grantedPlan: null, paidPlan, trialEndsAt }
        const before = effectivePlan(organization, new Date(trialEndsAt.getTime() - by))
        expect(before).toBe(paidPlan === 'AGENCY' ? 'AGENCY' : 'BUSINESS')
        expect(effectivePlan(organization, trialEndsAt)).toBe(paidPlan)
        expect(effectivePlan(organization, new Date(trialEndsAt.getTime() + by))).toBe(paidPlan)
      }),
    )
  })

  it.each<[Plan | null, Plan, boolean, Plan]>([
    ['FREE', 'FREE', true, 'FREE'],
    ['BUSINESS', 'AGENCY', false, 'AGENCY'],
    ['AGENCY', 'FREE', false, 'AGENCY'],
    [null, 'FREE', true, 'BUSINESS'],
    [null, 'FREE', false, 'FREE'],
  ])('granted %s, paid %s, on trial %s: %s', (grantedPlan, paidPlan, onTrial, expected) => {
    const trialEndsAt = onTrial ? new Date(2) : null
    expect(effectivePlan({ grantedPlan, paidPlan, trialEndsAt }, new Date(1))).toBe(expected)
  })
})

describe('an e-mail address', () => {
  it('is one account however it is typed', () => {
    expect(normalizeEmail('ANN@X.Test')).toBe('ann@x.test')
    expect(normalizeEmail('a\u0308@x.test')).toBe(normalizeEmail('\u00e4@x.test'))
  })
})
