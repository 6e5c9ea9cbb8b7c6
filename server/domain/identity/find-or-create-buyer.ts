import { type Context, inTransaction } from '../../kit/context'
import type { Plan } from '../../kit/plans'
import { createAccount, findAccount, lockAddress } from './accounts'
import { normalizeEmail } from './email'
import { TOKEN_LIFE } from './rules'
import { issueToken } from './tokens'

export interface BuyerInput {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  /** What a new account's organization pays for; an account that was there keeps its plan. */
  readonly plan: Plan
  readonly orderId: string
}

export interface Buyer {
  readonly userId: string
  readonly organizationId: string
  readonly firstName: string
  readonly email: string
  readonly created: boolean
  /** The account was closed since the order was made: nobody could have what was bought. */
  readonly closed: boolean
  /** An OPEN_PURCHASE token (7 days) while nobody can sign in to the account; else null. */
  readonly openTokenId: string | null
}

/**
 * The account of whoever paid as a guest: found by its address, or made without trial and password. An address typed at
 * a checkout proves nothing, so it stays unverified and only the mailed link opens it. Joins the transaction of the sale.
 */
export const findOrCreateBuyer = (ctx: Context, input: BuyerInput): Promise<Buyer> =>
  inTransaction(ctx, async (ctx) => {
    const email = normalizeEmail(input.email)
    await lockAddress(ctx, email)
    // Whoever is just closing that account is waited for; the address is a stranger's then.
    const known = await findAccount(ctx, email, 'key share')
    const user =
      known ??
      (await createAccount(ctx, {
        email,
        firstName: input.firstName,
        lastName: input.lastName,
        passwordHash: null,
        paidPlan: input.plan,
        trialEndsAt: null,
        origin: { by: 'purchase', orderId: input.orderId },
      }))
    const closed = user.closedAt !== null
    const unproven = user.passwordHash === null || user.emailVerifiedAt === null
    return {
      userId: user.id,
      organizationId: user.organizationId,
      firstName: user.firstName,
      email,
      created: known === undefined,
      closed,
      openTokenId:
        unproven && !closed
          ? await issueToken(ctx, {
              userId: user.id,
              purpose: 'OPEN_PURCHASE',
              email,
              ttl: TOKEN_LIFE.OPEN_PURCHASE,
            })
          : null,
    }
  })
