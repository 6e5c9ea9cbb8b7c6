import { sql } from 'drizzle-orm'
import { sandboxDeliveries } from '../../../../db/schema'
import type { Letter, Spoil } from '../deliveries'
import type { World } from '../world'
import { addMamo, findMamo, listMamo } from './store'
import { type MamoObject, stamp } from './world'

/** Not a registered webhook: the application this sandbox belongs to. */
const APPLICATION = 'application'

/**
 * Tells of an object as it is now. The body is the object itself and `event_type`: no id, no time, no signature. What
 * is told as charge.* is told once more as payment.*, as MamoPay does since it renamed them.
 */
export const tell = async (
  world: World,
  type: string,
  object: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const mirror = type.replace(/^charge\./, 'payment.')
  for (const name of new Set([type, mirror])) {
    const event = await addMamo(world, 'event', {
      id: `sandbox-${world.random(12).toString('hex')}`,
      type: name,
      made: stamp(world.now()),
      body: { ...object, event_type: name },
    })
    await sendMamo(world, event)
  }
}

/** Puts an event on its way. @param byHand as of Stripe's */
export const sendMamo = async (world: World, event: MamoObject, byHand = false): Promise<void> => {
  const registered = await listMamo(world, 'webhook')
  const wanting = registered.filter(
    ({ enabled_events: events }) => Array.isArray(events) && events.includes(event.type),
  )
  for (const url of [APPLICATION, ...wanting.map(({ id }) => id)])
    await world.db.insert(sandboxDeliveries).values({
      provider: 'mamopay',
      eventId: event.id,
      url,
      met: byHand ? 'again' : null,
      // Deliveries go by the database's clock, which all processes share.
      nextAttemptAt: sql`now()`,
      createdAt: world.now(),
    })
}

/** What is posted for a delivery; null when its event or its addressee is gone. @param spoil what is wrong with it */
export const mamoLetter = async (
  world: World,
  application: { readonly url: string; readonly secret: string },
  delivery: { readonly eventId: string; readonly url: string },
  spoil: Spoil | null = null,
): Promise<Letter | null> => {
  const event = await findMamo(world, 'event', delivery.eventId)
  const webhook = delivery.url === APPLICATION ? null : await findMamo(world, 'webhook', delivery.url)
  if (event === null || (webhook === null && delivery.url !== APPLICATION)) return null
  const secret = webhook === null ? application.secret : String(webhook.auth_header ?? '')
  return letter(
    webhook === null ? application.url : String(webhook.url),
    spoil === 'wrong-secret' ? `${secret}-of-somebody-else` : secret,
    // Nothing signs it: whoever knows the secret can say anything.
    spoil === 'altered-body' ? { ...(event.body as object), amount: 1_000_000 } : event.body,
  )
}

export const letter = (url: string, secret: string, body: unknown): Letter => ({
  url,
  body: JSON.stringify(body),
  headers: {
    'content-type': 'application/json',
    'user-agent': 'Faraday v1.10.4',
    ...(secret === '' ? {} : { authorization: secret }),
  },
})
