import { equalSecrets, sha256 } from '../../kit/crypto'
import { DomainError } from '../../kit/errors'
import type { VerifiedWebhook } from '../../kit/ports'
import { text } from '../stripe/json'
import { fromDecimal } from './decimals'
import { readEnvelope } from './envelope'

/**
 * Proves that whoever calls knows the secret that MamoPay sends along: one fixed header, which signs nothing and has
 * no time. So this only lets a doorbell ring; what happened is read back.
 * @throws DomainError 400 WEBHOOK_INVALID, and nothing else.
 */
export const verifyWebhook = (
  settings: { readonly webhookSecrets: readonly string[]; readonly live: boolean },
  webhook: { readonly body: string; readonly headers: Headers; readonly receivedAt: Date },
): VerifiedWebhook => {
  const given = (webhook.headers.get('authorization') ?? '').replace(/^Bearer /i, '')
  // Every secret is compared, so that the time does not say which one it was.
  const known = settings.webhookSecrets.filter((secret) => equalSecrets(given, secret))
  if (given === '' || known.length === 0) throw wrong('Its sender is not proven.')
  const envelope = readEnvelope(webhook.body)
  if (envelope === null) throw wrong('It is not an event.')
  const { object, type } = envelope
  return {
    eventId: nameOf(object, type, webhook.body),
    type,
    apiVersion: null,
    livemode: settings.live,
    // It says no time of its own.
    occurredAt: webhook.receivedAt,
    unsigned: true,
  }
}

/** There is no event id: what it is about and how far that has come makes it one event. */
const nameOf = (object: Readonly<Record<string, unknown>>, type: string, body: string): string => {
  const id = text(object.id)
  if (id === null || id.length > 100) return `${type}:${sha256(body).toString('hex')}`
  const refunded = fromDecimal(object.refund_amount, object.amount_currency) ?? ''
  return [id, type, (text(object.status) ?? '').slice(0, 40), refunded].join(':')
}

const wrong = (why: string) =>
  new DomainError(400, 'WEBHOOK_INVALID', `This is not a webhook that can be believed. ${why}`)
