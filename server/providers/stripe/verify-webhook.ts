import Stripe from 'stripe'
import { DomainError } from '../../kit/errors'
import type { VerifiedWebhook } from '../../kit/ports'
import { isRecord, type Json, moment, record, text } from './json'

const TOLERANCE_SECONDS = 300

/**
 * Proves that an event comes from Stripe: its signature over the raw body by one of the secrets (two while one is
 * being replaced), made at most 300 s before or after `receivedAt`, of the mode this installation is in.
 * @throws DomainError 400 WEBHOOK_INVALID, and nothing else.
 */
export const verifyWebhook = (
  settings: { readonly webhookSecrets: readonly string[]; readonly live: boolean },
  webhook: { readonly body: string; readonly headers: Headers; readonly receivedAt: Date },
): VerifiedWebhook => {
  const signature = webhook.headers.get('stripe-signature') ?? ''
  const event = settings.webhookSecrets
    .map((secret) => signedEvent(webhook.body, signature, secret, webhook.receivedAt))
    .find((found) => found !== null)
  if (!event || isFromTheFuture(signature, webhook.receivedAt)) throw wrong('Its signature is not right.')
  const verified = readEnvelope(event)
  if (verified === null) throw wrong('It is not an event.')
  if (verified.livemode !== settings.live)
    throw wrong(settings.live ? 'It is of the test mode.' : 'It is of the live mode.')
  return verified
}

const signedEvent = (body: string, signature: string, secret: string, receivedAt: Date): Json | null => {
  try {
    return record(
      Stripe.webhooks.constructEvent(
        body,
        signature,
        secret,
        TOLERANCE_SECONDS,
        undefined,
        receivedAt.getTime(),
      ),
    )
  } catch {
    return null
  }
}

/** The package checks the age only; it takes the last `t` there is, and so does this. */
const isFromTheFuture = (signature: string, receivedAt: Date): boolean => {
  const times = signature.split(',').filter((part) => part.startsWith('t='))
  const seconds = Number.parseInt(times.at(-1)?.slice(2) ?? '', 10)
  return !(seconds - Math.floor(receivedAt.getTime() / 1000) <= TOLERANCE_SECONDS)
}

/** What stands around an event. Null: it is none. */
export const readEnvelope = (event: Json): VerifiedWebhook | null => {
  const eventId = text(event.id)
  const type = text(event.type)
  const occurredAt = moment(event.created)
  if (event.object !== 'event' || eventId === null || type === null || occurredAt === null) return null
  if (typeof event.livemode !== 'boolean' || !isRecord(record(event.data).object)) return null
  return { eventId, type, apiVersion: text(event.api_version), livemode: event.livemode, occurredAt }
}

const wrong = (why: string) =>
  new DomainError(400, 'WEBHOOK_INVALID', `This is not a webhook that can be believed. ${why}`)
