import { DomainError, refused } from '../../kit/errors'
import { NotSentError } from '../../kit/ports'
import { list, record, text } from '../stripe/json'

export interface MamoSettings {
  readonly apiKey: string
  /** Null: MamoPay's own host. */
  readonly apiBase: string | null
}

export const PRODUCTION_BASE = 'https://business.mamopay.com/manage_api/v1'

/**
 * MamoPay's HTTP interface: JSON both ways, a key, no idempotency. So what may have been done is never sent again here.
 * Every call throws DomainError 503 PROVIDER_UNAVAILABLE (it may have been done; as NotSentError it was not) or
 * 422 PROVIDER_REFUSED (it was not).
 */
export interface MamoClient {
  /** Null: MamoPay knows nothing of that name. */
  readonly get: (path: string) => Promise<unknown>
  readonly post: (path: string, body: object) => Promise<unknown>
  readonly patch: (path: string, body: object) => Promise<unknown>
}

export const createMamoClient = (settings: MamoSettings): MamoClient => {
  const base = (settings.apiBase ?? PRODUCTION_BASE).replace(/\/+$/, '')
  const once = async (method: string, path: string, body?: object): Promise<Answer> => {
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT),
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${settings.apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: parse(await response.text()) }
    } catch (error) {
      return { status: null, body: null, unheard: nobodyHeard(error) }
    }
  }
  const call = async (method: string, path: string, body?: object): Promise<Answer> => {
    const repeatable = method !== 'POST'
    for (let attempt = 1; ; attempt += 1) {
      const answer = await once(method, path, body)
      // Too many requests: it was turned away at the door.
      const again = answer.status === 429 || (repeatable && (answer.status ?? 500) >= 500)
      if (!again || attempt === ATTEMPTS) return answer
      await new Promise((resume) => setTimeout(resume, PAUSE * attempt))
    }
  }
  return {
    get: async (path) => {
      const answer = await call('GET', path)
      return answer.status === 404 ? null : taken(answer)
    },
    post: async (path, body) => taken(await call('POST', path, body)),
    patch: async (path, body) => taken(await call('PATCH', path, body)),
  }
}

/** Milliseconds. */
const TIMEOUT = 10_000
const PAUSE = 200
const ATTEMPTS = 3

interface Answer {
  /** Null: none came. */
  readonly status: number | null
  /** Null: it was not JSON. */
  readonly body: unknown
  /** No connection was made: nobody can have heard it. */
  readonly unheard?: boolean
}

const nobodyHeard = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : null
  return /^(ECONNREFUSED|ENOTFOUND)$/.test(text(record(cause).code) ?? '')
}

/** Says failures in our words; MamoPay's own sentences are not passed on, but for which fields it means. */
const taken = ({ status, body, unheard }: Answer): unknown => {
  if (status !== null && status >= 200 && status < 300) {
    if (body === null) throw unavailable('MamoPay answered something that cannot be read.')
    return body
  }
  if (status === 401 || status === 403)
    throw notSent('MamoPay does not take our key. Whoever runs this place has to look at MAMO_API_KEY.')
  if (unheard || status === 429) throw notSent('MamoPay cannot be reached just now. Try again in a moment.')
  if (status === null || status === 408 || status >= 500)
    throw unavailable('MamoPay cannot be reached just now. Try again in a moment.')
  const why = reasonOf(body)
  throw refused('PROVIDER_REFUSED', `MamoPay refused this${why === '' ? '' : ` (${why})`}.`)
}

/** `errors` is an object of fields, or an array of sentences; `messages` are sentences. */
const reasonOf = (body: unknown): string => {
  const { error_code: code, errors } = record(body)
  const fields = Array.isArray(errors) ? [] : Object.keys(record(errors))
  return [text(code), ...fields].filter((part) => part !== null && SAFE.test(part)).join(', ')
}

const SAFE = /^[A-Za-z0-9_ ]{1,60}$/

/** An answer this version cannot read is worth another try too, and seen by the admin when it stays. */
export const unavailable = (message: string): DomainError =>
  new DomainError(503, 'PROVIDER_UNAVAILABLE', message, { retryAfter: 5 })

/** Nothing was done. */
export const notSent = (message: string): NotSentError =>
  new NotSentError(503, 'PROVIDER_UNAVAILABLE', message, { retryAfter: 5 })

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return null
  }
}

/** The members of a list, whether it comes bare or under `data`. */
export const rows = (body: unknown) => (Array.isArray(body) ? list(body) : list(record(body).data))
