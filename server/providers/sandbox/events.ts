import { sql } from 'drizzle-orm'
import { sandboxDeliveries } from '../../../db/schema'
import { addObject } from './store'
import { API_VERSION, newRef, type StripeObject, seconds, type World } from './world'

/**
 * Writes an event about an object as it is now, and puts it on its way.
 * @param account the connected account it happened in
 */
export const emit = async (
  world: World,
  type: string,
  object: StripeObject,
  previous?: Record<string, unknown>,
  account?: string,
): Promise<void> => {
  const event = await addObject(world, {
    id: newRef(world, 'evt'),
    object: 'event',
    ...(account === undefined ? {} : { account }),
    api_version: API_VERSION,
    created: seconds(world.now()),
    data: previous === undefined ? { object } : { object, previous_attributes: previous },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  })
  await send(world, event.id)
}

/** Puts an event on its way, once more if it has been sent before. */
export const send = async (world: World, eventId: string): Promise<void> => {
  await world.db.insert(sandboxDeliveries).values({
    provider: 'stripe',
    eventId,
    url: world.webhookUrl,
    // Deliveries go by the database's clock, which all processes share.
    nextAttemptAt: sql`now()`,
    createdAt: world.now(),
  })
}
