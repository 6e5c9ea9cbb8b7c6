import { hash, verify } from '@node-rs/argon2'
import type { Context } from '../../kit/context'
import { DomainError } from '../../kit/errors'

/** argon2id (the package's default kind) with OWASP's parameters: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** The hash of a random secret nobody has: what is checked where there is no hash, so that time says nothing. */
export const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$1kxZPou1+uLEpRPSD89K1A$/Xl5IVTVlrJ5lcEmWPBasVCt5Udzs1FfY3xhChfsgTM'

/** PHC string of argon2id. @throws DomainError 503 BUSY when too many are waiting. */
export const hashPassword = (ctx: Context, password: string): Promise<string> =>
  bounded(() => hash(password, { ...COST, salt: ctx.outside.random(16) }))

/** Takes the same time with no hash (never right) as with one. @throws DomainError 503 BUSY when too many are waiting. */
export const isRightPassword = async (passwordHash: string | null, password: string): Promise<boolean> => {
  const right = await bounded(() => verify(passwordHash ?? NOBODYS_HASH, password))
  return right && passwordHash !== null
}

/** At most `atOnce` at a time and `mayWait` in line, in order of arrival. @throws DomainError 503 BUSY beyond that. */
export const bound = (atOnce: number, mayWait: number) => {
  const line: (() => void)[] = []
  let running = 0
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < atOnce) running += 1
    else if (line.length >= mayWait)
      throw new DomainError(503, 'BUSY', 'Too many people at once. Try again in a moment.', { retryAfter: 2 })
    else await new Promise<void>((go) => line.push(go))
    try {
      return await work()
    } finally {
      // Whoever is next takes over the place; it becomes free only when nobody waits.
      const next = line.shift()
      if (next) next()
      else running -= 1
    }
  }
}

// Each holds 19 MiB and a thread of the pool that file and name look-ups need too.
const bounded = bound(2, 200)
