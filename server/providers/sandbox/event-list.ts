import { and, eq, inArray, sql } from 'drizzle-orm'
import type { z } from 'zod'
import { sandboxDeliveries, sandboxObjects } from '../../../db/schema'
import { type ListObject, toList } from './expand'
import type { ListEvents } from './parameters'
import { madeWithin } from './store'
import type { StripeObject, World } from './world'

/** Events, newest first, by type, time and whether they have reached the application. */
export const listEvents = async (world: World, input: z.infer<typeof ListEvents>): Promise<ListObject> => {
  const { body, seq } = sandboxObjects
  const limit = input.limit ?? 10
  const types = [...(input.types ?? []), ...(input.type === undefined ? [] : [input.type])]
  const delivered = sql`exists (select 1 from ${sandboxDeliveries}
    where ${sandboxDeliveries.eventId} = ${sandboxObjects.id} and ${sandboxDeliveries.delivered})`
  const rows = await world.db
    .select({ body })
    .from(sandboxObjects)
    .where(
      and(
        eq(sandboxObjects.provider, 'stripe'),
        eq(sandboxObjects.type, 'event'),
        types.length === 0 ? undefined : inArray(sql`${body} ->> 'type'`, types),
        ...madeWithin(input.created),
        input.delivery_success === undefined
          ? undefined
          : input.delivery_success === 'true'
            ? delivered
            : sql`not ${delivered}`,
        input.starting_after === undefined
          ? undefined
          : sql`${seq} < (select after.seq from sandbox_objects after where after.id = ${input.starting_after})`,
      ),
    )
    .orderBy(sql`${seq} desc`)
    .limit(limit + 1)
  return toList(
    rows.map((row) => row.body as StripeObject),
    '/v1/events',
    limit,
  )
}
