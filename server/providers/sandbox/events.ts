import { createHmac } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { sandboxDeliveries } from '../../../db/schema'
import type { Letter, Spoil } from './deliveries'
import { addObject, findObject } from './store'
import { inVersion } from './versions'
import { newRef, type StripeObject, seconds, type World } from './world'

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
  const told = await inVersion(world, object, previous)
  const event = await addObject(world, {
    id: newRef(world, 'evt'),
    object: 'event',
    ...(account === undefined ? {} : { account }),
    api_version: told.apiVersion,
    created: seconds((world.real ?? world.now)()),
    data:
      told.previous === undefined
        ? { object: told.object }
        : { object: told.object, previous_attributes: told.previous },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  })
  await send(world, event.id)
}

/** Puts an event on its way. @param byHand once more: whoever asks for it wants it to come, whatever stands in the way */
export const send = async (world: World, eventId: string, byHand = false): Promise<void> => {
  await world.db.insert(sandboxDeliveries).values({
    provider: 'stripe',
    eventId,
    url: world.webhookUrl,
    met: byHand ? 'again' : null,
    // Deliveries go by the database's clock, which all processes share.
    nextAttemptAt: sql`now()`,
    createdAt: world.now(),
  })
}

/** An event as Stripe posts it, signed now. @param spoil what is wrong with it */
export const stripeLetter = async (
  world: World,
  secret: string,
  eventId: string,
  spoil: Spoil | null = null,
): Promise<Letter | null> => {
  const event = await findObject(world, eventId, 'event')
  if (event === null) return null
  const body = JSON.stringify(event)
  const key = spoil === 'wrong-secret' ? `${secret}_of_somebody_else` : secret
  const at = seconds(world.now()) - (spoil === 'old-signature' ? 600 : 0)
  return {
    // Where the application is now: it may have been elsewhere when the event was made.
    url: world.webhookUrl,
    body: spoil === 'altered-body' ? `${body} ` : body,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': signature(body, key, at),
    },
  }
}

const signature = (body: string, secret: string, at: number): string =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`
