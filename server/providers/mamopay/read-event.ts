import type { ProviderEvent } from '../../kit/ports'
import { text } from '../stripe/json'
import { readEnvelope } from './envelope'
import { withdrawalOf } from './payouts'

/** What an event is about, by its name alone: nothing else of it is believed. Unknown and odd ones are ignored. */
export const readEvent = (body: string): ProviderEvent => {
  const envelope = readEnvelope(body)
  if (envelope === null) return ignored('not an event')
  const { object, type } = envelope
  const id = text(object.id)
  if (/^dispute\./.test(type))
    return {
      kind: 'unhandled',
      reason: `${type}: MamoPay tells of a dispute. What it says is not documented; look in its dashboard`,
      about: text(object.payment_id) ?? id ?? type,
    }
  if (id === null || id.length > 100) return ignored(`${type} names nothing`)
  if (CHARGES.test(type)) return { kind: 'charge', chargeId: id, renewal: type.startsWith('subscription.') }
  if (/^payout\.(processed|failed)$/.test(type))
    return { kind: 'payout', ref: id, withdrawalId: withdrawalOf(object.reason) }
  return ignored(`${type} tells nothing that is acted upon`)
}

/** Not here: `card_verified` and `authorized` move no money, `payment_link.create` is about no charge. */
const CHARGES =
  /^(charge\.(succeeded|failed|voided|refund_initiated|refunded|refund_failed)|subscription\.(succeeded|failed))$/

const ignored = (reason: string): ProviderEvent => ({ kind: 'ignored', reason: reason.slice(0, 200) })
