import type { Actor, Context } from '../../../server/kit/context'
import { newId } from '../../../server/kit/context'
import { percentage } from '../../../server/kit/money'
import { organizations, users } from '../../schema'

/** The password of every user made here, unless another hash is given. */
export const TEST_PASSWORD = 'lantern-orbit-meadow-42'
const TEST_PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$/TmQSlhN7ITUZghx4DIL4w$R3FoPq4cRPtiokiYgYuiaVpbr8aFYDylyNBEMPOVu94'

export interface MakeUser {
  readonly email?: string
  readonly firstName?: string
  readonly lastName?: string
  /** Granted, so that it holds whatever the clock says; FREE by default. */
  readonly plan?: 'FREE' | 'BUSINESS' | 'AGENCY'
  /** No granted plan, a trial to this moment instead. */
  readonly trialEndsAt?: Date
  readonly role?: 'USER' | 'ADMIN'
  /** When the role was given; a week ago by default. */
  readonly adminSince?: Date
  /** True by default. */
  readonly verified?: boolean
  /** False: an account made by a purchase. */
  readonly password?: boolean
  /** Two decimals; the settings' by default. */
  readonly commissionPercentage?: string
}

export type MadeUser = typeof users.$inferSelect & {
  readonly actor: Extract<Actor, { kind: 'user' | 'admin' }>
}

/** A user with an organization, written straight into the tables: TEST_PASSWORD signs in. */
export const makeUser = async (ctx: Context, options: MakeUser = {}): Promise<MadeUser> => {
  const id = newId(ctx)
  const organizationId = newId(ctx)
  const role = options.role ?? 'USER'
  const user = {
    id,
    organizationId,
    email: options.email ?? `user-${id}@example.test`,
    firstName: options.firstName ?? 'Ann',
    lastName: options.lastName ?? 'Example',
    role,
    adminSince:
      role === 'ADMIN' ? (options.adminSince ?? new Date(ctx.now().getTime() - 7 * 86_400_000)) : null,
    passwordHash: options.password === false ? null : TEST_PASSWORD_HASH,
    emailVerifiedAt: options.verified === false ? null : ctx.now(),
    commissionPercentage: options.commissionPercentage ?? percentage(ctx.config.affiliateCommission),
    closedAt: null,
    createdAt: ctx.now(),
  }
  await ctx.db.insert(organizations).values({
    id: organizationId,
    name: `${user.firstName} ${user.lastName}'s Organization`,
    grantedPlan: options.trialEndsAt === undefined ? (options.plan ?? 'FREE') : null,
    trialEndsAt: options.trialEndsAt ?? null,
    createdAt: ctx.now(),
  })
  await ctx.db.insert(users).values(user)
  const kind = role === 'ADMIN' ? ('admin' as const) : ('user' as const)
  return { ...user, actor: { kind, userId: id, organizationId, email: user.email } }
}
