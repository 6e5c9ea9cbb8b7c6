import { eq, sql } from 'drizzle-orm'
import { organizations, users } from '../../../db/schema'
import { type Context, newId } from '../../kit/context'
import { DomainError, notFound } from '../../kit/errors'
import type { Plan } from '../../kit/plans'
import { recordActivity } from '../audit'
import { programAt } from '../program'
import { effectivePlan, type PlanSources } from './rules'
import type { UserRole, UserView } from './schemas'

export type UserRow = typeof users.$inferSelect

/** Lets one transaction at a time decide whether an address has an account. Held until the transaction ends. */
export const lockAddress = async (ctx: Context, email: string): Promise<void> => {
  await ctx.db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`account:${email}`}, 0))`)
}

/** @param hold against its closing, until the transaction ends */
export const findAccount = async (
  ctx: Context,
  email: string,
  hold?: 'key share',
): Promise<UserRow | undefined> => {
  const query = ctx.db.select().from(users).where(eq(users.email, email))
  const [user] = await (hold === undefined ? query : query.for(hold))
  return user
}

/** The user, held against other changes until the transaction ends. @throws DomainError 404 USER_NOT_FOUND. */
export const lockUser = async (ctx: Context, userId: string): Promise<UserRow> => {
  const [user] = await ctx.db.select().from(users).where(eq(users.id, userId)).for('update')
  if (!user) throw userNotFound()
  return user
}

/**
 * Who asks for themselves, held against their closing until the transaction ends. What writes for them comes before it,
 * or is refused. @throws DomainError 401 SIGN_IN_REQUIRED once their account is closed; 404 USER_NOT_FOUND.
 */
export const lockSelf = async (
  ctx: Context,
  userId: string,
  strength: 'share' | 'no key update',
): Promise<UserRow> => {
  const [user] = await ctx.db.select().from(users).where(eq(users.id, userId)).for(strength)
  if (user === undefined) throw userNotFound()
  if (user.closedAt !== null) throw new DomainError(401, 'SIGN_IN_REQUIRED', 'Sign in to go on.')
  return user
}

export const userNotFound = () => notFound('USER_NOT_FOUND', 'There is no such user.')

export interface NewAccount {
  /** Normalised. */
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly companyName?: string | undefined
  readonly passwordHash: string | null
  readonly verified?: boolean
  readonly role?: UserRole
  readonly paidPlan?: Plan
  readonly trialEndsAt: Date | null
  /** What the activity log keeps beside the address's registration. */
  readonly origin: Readonly<Record<string, string>>
}

/** An organization and its user. Call it with the address locked and free. */
export const createAccount = async (ctx: Context, account: NewAccount): Promise<UserRow> => {
  const createdAt = ctx.now()
  const organizationId = newId(ctx)
  await ctx.db.insert(organizations).values({
    id: organizationId,
    name: account.companyName ?? `${account.firstName} ${account.lastName}'s Organization`,
    paidPlan: account.paidPlan ?? 'FREE',
    trialEndsAt: account.trialEndsAt,
    createdAt,
  })
  const user: UserRow = {
    id: newId(ctx),
    organizationId,
    email: account.email,
    firstName: account.firstName,
    lastName: account.lastName,
    role: account.role ?? 'USER',
    passwordHash: account.passwordHash,
    emailVerifiedAt: account.verified ? createdAt : null,
    commissionPercentage: (await programAt(ctx)).sellerCommissionPercentage,
    adminSince: null,
    closedAt: null,
    createdAt,
  }
  await ctx.db.insert(users).values(user)
  await recordActivity(ctx, {
    action: 'user_registered',
    description: `${user.firstName} ${user.lastName} registered`,
    organizationId,
    userId: user.id,
    subject: { type: 'user', id: user.id },
    after: { role: user.role, ...account.origin },
  })
  return user
}

export const toUserView = (user: UserRow, organization: PlanSources, now: Date): UserView => ({
  id: user.id,
  email: user.email,
  firstName: user.firstName,
  lastName: user.lastName,
  role: user.role,
  planType: effectivePlan(organization, now),
})
