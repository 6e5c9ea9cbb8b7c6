import { isRecord, type Json, record, text } from '../stripe/json'

/** The object a webhook is about, and what is said to have happened to it. */
export interface Envelope {
  readonly object: Json
  /** `payment.*` repeats `charge.*` under a newer name: both are one. */
  readonly type: string
}

/** The body is the object itself with `event_type`; some have seen it as `type` with the object under `data`. */
export const readEnvelope = (body: string): Envelope | null => {
  const parsed = parse(body)
  const type = text(parsed.event_type) ?? text(parsed.type)
  const object = parsed.event_type === undefined && isRecord(parsed.data) ? parsed.data : parsed
  if (type === null || type.length > 100) return null
  return { object, type: type.replace(/^payment\./, 'charge.') }
}

/** While a webhook is registered, MamoPay asks whether somebody is there; the header may be missing. */
export const isPing = (body: string): boolean => {
  const parsed = parse(body)
  return Object.keys(parsed).length === 1 && parsed.ping === 'pong'
}

const parse = (body: string): Json => {
  try {
    return record(JSON.parse(body))
  } catch {
    return {}
  }
}
