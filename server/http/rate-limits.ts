import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Config, RateLimited } from '../kit/config'
import { DomainError } from '../kit/errors'

export type Limiter = (name: RateLimited, address: string) => Promise<void>

/** Counts requests by address and minute. @throws DomainError 429 with the seconds to wait. */
export const createLimiter = (limits: Config['rateLimits']): Limiter => {
  const limiters = new Map(
    Object.entries(limits).map(([name, points]) => [name, new RateLimiterMemory({ points, duration: 60 })]),
  )
  return async (name, address) => {
    try {
      await limiters.get(name)?.consume(address)
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      throw new DomainError(429, 'TOO_MANY_REQUESTS', 'That was too often. Wait a moment and try again.', {
        retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)),
      })
    }
  }
}
