import { createHmac } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { sandboxDeliveries } from '../../../db/schema'
import type { Letter } from './deliveries'
import { isDropping } from './dropping'
import { addObject, findObject } from './store'
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
    created: seconds((world.real ?? world.now)()),
    data: previous === undefined ? { object } : { object, previous_attributes: previous },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  })
  if (!(await isDropping(world))) await send(world, event.id)
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

/** An event as Stripe posts it, signed now. */
export const stripeLetter = async (world: World, secret: string, eventId: string): Promise<Letter | null> => {
  const event = await findObject(world, eventId, 'event')
  if (event === null) return null
  const body = JSON.stringify(event)
  return {
    // Where the application is now: it may have been elsewhere when the event was made.
    url: world.webhookUrl,
    body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': signature(body, secret, seconds(world.now())),
    },
  }
}

const signature = (body: string, secret: string, at: number): string =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`
