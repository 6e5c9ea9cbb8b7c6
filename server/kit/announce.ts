import { and, eq, inArray } from 'drizzle-orm'
import { endpointDeliveries, endpoints } from '../../db/schema'
import { type Context, newId } from './context'
import type { MoneyJson } from './money'
import { enqueueJob } from './queue'

/** What the programs of users can have announced. Amounts are integers of minor units with their currency. */
export interface Announcements {
  /** A copy was sold, or the next period of one paid; commission: 0 where none was earned. */
  'sale.created': {
    paymentId: string
    what: string
    renewal: boolean
    price: MoneyJson
    commission: MoneyJson
  }
  /** A payment was given back, disputed, or both undone: what of the commission is taken back and held now. */
  'sale.reversed': { paymentId: string; what: string; why: string; reversed: MoneyJson; held: MoneyJson }
  'commission.created': {
    commissionId: string
    paymentId: string | null
    kind: string
    status: string
    amount: MoneyJson
  }
  'commission.credited': { commissionId: string; amount: MoneyJson }
  'withdrawal.updated': { withdrawalId: string; status: string; amount: MoneyJson }
  /** A copy that was bought is there. */
  'workspace.cloned': { workspaceId: string; name: string; slug: string; paymentId: string }
  /** The seller of a copy has released a new version. */
  'release.available': { workspaceId: string; label: string; notes: string }
  /** Asked for by the endpoint's owner. */
  'endpoint.test': { message: string }
}

export type AnnouncementKind = keyof Announcements

export type Announcement = {
  [K in AnnouncementKind]: {
    readonly userId: string
    readonly kind: K
    /** The same key is announced once to each endpoint, however often it is asked for. */
    readonly key: string
    readonly data: Announcements[K]
  }
}[AnnouncementKind]

/** Puts messages to the endpoints of those concerned into the outbox of this transaction. Most people have none. */
export const announce = async (ctx: Context, announcements: readonly Announcement[]): Promise<void> => {
  const userIds = [...new Set(announcements.map(({ userId }) => userId))]
  if (userIds.length === 0) return
  const listening = await ctx.db
    .select({ id: endpoints.id, userId: endpoints.userId, kinds: endpoints.kinds })
    .from(endpoints)
    .where(and(inArray(endpoints.userId, userIds), eq(endpoints.status, 'ACTIVE')))
  for (const announcement of announcements)
    for (const { id } of listening.filter(
      ({ userId, kinds }) => userId === announcement.userId && kinds.includes(announcement.kind),
    ))
      await queueDelivery(ctx, id, announcement)
}

/** One message to one endpoint, whatever it listens to. */
export const queueDelivery = async (
  ctx: Context,
  endpointId: string,
  { kind, key, data }: Announcement,
): Promise<void> => {
  const createdAt = ctx.now()
  const [row] = await ctx.db
    .insert(endpointDeliveries)
    .values({
      id: newId(ctx),
      endpointId,
      kind,
      key,
      body: JSON.stringify({ type: kind, timestamp: createdAt.toISOString(), data }),
      nextAt: createdAt,
      createdAt,
    })
    .onConflictDoNothing()
    .returning({ id: endpointDeliveries.id })
  if (row)
    await enqueueJob(ctx, {
      kind: 'endpoint.deliver',
      key: `endpoint:${row.id}`,
      payload: { deliveryId: row.id },
    })
}
