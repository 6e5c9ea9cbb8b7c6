import { hash, verify } from '@node-rs/argon2'
import { bound } from '../../kit/bound'
import type { Context } from '../../kit/context'

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

// Each holds 19 MiB and a thread of the pool that file and name look-ups need too.
const bounded = bound(2, 200)
