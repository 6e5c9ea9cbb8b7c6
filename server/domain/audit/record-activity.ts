import { activityLog } from '../../../db/schema'
import { type Context, newId } from '../../kit/context'

export interface Activity {
  /** Such as user_registered, link_created, sale_fulfilled. */
  readonly action: string
  /** A sentence for the log's reader. */
  readonly description: string
  /** Whose log it belongs to; the actor's own by default. */
  readonly organizationId?: string | null
  /** Who did it; the actor by default. */
  readonly userId?: string | null
  readonly subject?: { readonly type: string; readonly id: string }
  /** JSON values; never a secret. */
  readonly before?: unknown
  readonly after?: unknown
}

/** Writes a line of the activity log, in the transaction of what it records. */
export const recordActivity = async (ctx: Context, activity: Activity): Promise<void> => {
  const person = 'userId' in ctx.actor ? ctx.actor : null
  await ctx.db.insert(activityLog).values({
    id: newId(ctx),
    organizationId:
      activity.organizationId === undefined ? (person?.organizationId ?? null) : activity.organizationId,
    userId: activity.userId === undefined ? (person?.userId ?? null) : activity.userId,
    actorKind: ctx.actor.kind,
    action: activity.action,
    description: activity.description,
    subjectType: activity.subject?.type ?? null,
    subjectId: activity.subject?.id ?? null,
    before: activity.before ?? null,
    after: activity.after ?? null,
    createdAt: ctx.now(),
  })
}
