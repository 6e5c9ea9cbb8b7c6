import { describe, expect, it } from 'vitest'
import { createLimiter } from './rate-limits'

const limits = { 'sign-up': 1, 'sign-in': 2, 'password-reset': 1, 'create-payment-link': 1, clicks: 60 }

describe('the limiter', () => {
  it('counts each kind by itself, per address, and says how long to wait', async () => {
    const limit = createLimiter(limits)
    await limit('sign-in', 'a')
    await limit('sign-in', 'a')
    await expect(limit('sign-in', 'a')).rejects.toMatchObject({ status: 429, code: 'TOO_MANY_REQUESTS' })
    const refusal = await limit('sign-in', 'a').catch((error: unknown) => error as { retryAfter: number })
    expect(refusal?.retryAfter).toBeGreaterThanOrEqual(1)
    expect(refusal?.retryAfter).toBeLessThanOrEqual(60)
    await limit('sign-in', 'b')
    await limit('sign-up', 'a')
  })
  it('lets through no more than the limit of many at once', async () => {
    const limit = createLimiter(limits)
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => limit('sign-in', 'a')))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  })
})
