import { and, desc, eq, lt, or } from 'drizzle-orm'
import { activityLog } from '../../../db/schema'
import { type Context, signedIn } from '../../kit/context'
import { type Page, readCursor, toPage } from '../../kit/pages'

export interface ActivityLine {
  readonly id: string
  readonly action: string
  readonly description: string
  readonly createdAt: string
}

/** What happened in the signed-in user's organization, newest first. */
export const listActivity = async (
  ctx: Context,
  input: { limit: number; cursor?: string | undefined },
): Promise<Page<ActivityLine>> => {
  const { organizationId } = signedIn(ctx)
  const after = readCursor(input.cursor)
  const rows = await ctx.db
    .select()
    .from(activityLog)
    .where(
      and(
        eq(activityLog.organizationId, organizationId),
        after === null
          ? undefined
          : or(
              lt(activityLog.createdAt, after.at),
              and(eq(activityLog.createdAt, after.at), lt(activityLog.id, after.id)),
            ),
      ),
    )
    .orderBy(desc(activityLog.createdAt), desc(activityLog.id))
    .limit(input.limit + 1)
  return toPage(
    rows,
    input.limit,
    (row) => ({ at: row.createdAt, id: row.id }),
    (row) => ({
      id: row.id,
      action: row.action,
      description: row.description,
      createdAt: row.createdAt.toISOString(),
    }),
  )
}
