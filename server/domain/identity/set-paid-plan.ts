import { eq } from 'drizzle-orm'
import { organizations } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { notFound } from '../../kit/errors'
import type { Plan } from '../../kit/plans'
import { recordActivity } from '../audit'

/** Keeps what an organization's subscriptions pay for. @throws DomainError 404 ORGANIZATION_NOT_FOUND. */
export const setPaidPlan = (ctx: Context, organizationId: string, plan: Plan): Promise<void> =>
  inTransaction(ctx, async (ctx) => {
    const [organization] = await ctx.db
      .select()
      .from(organizations)
      .where(eq(organizations.id, organizationId))
      .for('update')
    if (!organization) throw notFound('ORGANIZATION_NOT_FOUND', 'There is no such organization.')
    if (organization.paidPlan === plan) return
    await ctx.db.update(organizations).set({ paidPlan: plan }).where(eq(organizations.id, organizationId))
    await recordActivity(ctx, {
      action: 'paid_plan_changed',
      description: `${organization.name} now pays for ${plan}`,
      organizationId,
      subject: { type: 'organization', id: organizationId },
      before: { paidPlan: organization.paidPlan },
      after: { paidPlan: plan },
    })
  })
