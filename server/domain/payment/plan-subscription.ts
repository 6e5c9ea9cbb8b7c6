import { and, eq, ne } from 'drizzle-orm'
import { subscriptions } from '../../../db/schema'
import type { Context } from '../../kit/context'

export type Subscription = typeof subscriptions.$inferSelect

/** The subscription that pays for an organization's plan; there is one at most. */
export const runningPlan = async (ctx: Context, organizationId: string): Promise<Subscription | undefined> =>
  ctx.db.query.subscriptions.findFirst({
    where: and(
      eq(subscriptions.organizationId, organizationId),
      eq(subscriptions.isPlan, true),
      ne(subscriptions.status, 'CANCELLED'),
    ),
  })
