import { eq } from 'drizzle-orm'
import { organizations, users } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { DomainError } from '../../kit/errors'
import type { Plan } from '../../kit/plans'
import { toUserView, userNotFound } from './accounts'
import { effectivePlan } from './rules'
import type { MeView } from './schemas'

/** The signed-in user with their organization. @throws DomainError 401 SIGN_IN_REQUIRED. */
export const me = async (ctx: Context): Promise<MeView> => {
  const row = await withOrganization(ctx, signedIn(ctx).userId)
  if (!row) throw new DomainError(401, 'SIGN_IN_REQUIRED', 'Sign in to go on.')
  const { user, organization } = row
  return {
    ...toUserView(user, organization, ctx.now()),
    organization: {
      id: organization.id,
      name: organization.name,
      trialEndsAt: organization.trialEndsAt?.toISOString() ?? null,
    },
  }
}

/** The plan a user has at this moment: their organization's. @throws DomainError 404 USER_NOT_FOUND. */
export const planOf = async (ctx: Context, userId: string): Promise<Plan> => {
  const row = await withOrganization(ctx, userId)
  if (!row) throw userNotFound()
  return effectivePlan(row.organization, ctx.now())
}

const withOrganization = async (ctx: Context, userId: string) => {
  const [row] = await ctx.db
    .select({ user: users, organization: organizations })
    .from(users)
    .innerJoin(organizations, eq(organizations.id, users.organizationId))
    .where(eq(users.id, userId))
  return row
}
