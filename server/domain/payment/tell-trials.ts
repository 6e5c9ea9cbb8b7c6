import { and, eq, gt, isNotNull, isNull, lte } from 'drizzle-orm'
import { organizations, users } from '../../../db/schema'
import { type Context, inTransaction } from '../../kit/context'
import { enqueueMail } from '../../kit/queue'

const DAY = 86_400_000
/** How long before its end, and after it, there is something to say. */
const SOON = 3 * DAY
const LATE = 7 * DAY

/**
 * Tells whose trial, the one that came with the account, ends soon or is over and who pays for nothing. The plan itself
 * follows the clock. Each is told once; safe to repeat.
 * @returns how many were looked at
 */
export const tellTrials = async (ctx: Context): Promise<number> => {
  const now = ctx.now().getTime()
  const rows = await ctx.db
    .select({ trialEndsAt: organizations.trialEndsAt, user: users })
    .from(organizations)
    .innerJoin(users, eq(users.organizationId, organizations.id))
    .where(
      and(
        eq(organizations.paidPlan, 'FREE'),
        isNull(organizations.grantedPlan),
        gt(organizations.trialEndsAt, new Date(now - LATE)),
        lte(organizations.trialEndsAt, new Date(now + SOON)),
        isNotNull(users.emailVerifiedAt),
      ),
    )
  for (const { user, trialEndsAt } of rows) {
    if (trialEndsAt === null) continue
    const over = trialEndsAt <= ctx.now()
    await inTransaction(ctx, (tx) =>
      enqueueMail(tx, {
        key: `account-trial:${user.id}:${over ? 'over' : 'soon'}`,
        to: user.email,
        template: 'account-trial',
        data: { firstName: user.firstName, endsAt: trialEndsAt.toISOString(), over },
      }),
    )
  }
  return rows.length
}
