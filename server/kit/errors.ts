/** One fault of an input: where, and what is wrong. */
export interface Issue {
  readonly path: (string | number)[]
  readonly message: string
}

export type ErrorStatus = 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 503

/**
 * A refusal the caller can act on: a stable code, a sentence for a person, and the HTTP status it is answered with.
 * Anything else that is thrown is masked, and logged with the request's id.
 */
export class DomainError extends Error {
  readonly code: string
  readonly status: ErrorStatus
  readonly issues: readonly Issue[]
  /** Seconds, for 429 and 503. */
  readonly retryAfter: number | undefined
  /** With a 409: the thing as it is now, as the caller may read it. */
  readonly current: unknown

  constructor(
    status: ErrorStatus,
    code: string,
    message: string,
    more: { issues?: readonly Issue[]; retryAfter?: number; current?: unknown } = {},
  ) {
    super(message)
    this.name = 'DomainError'
    this.status = status
    this.code = code
    this.issues = more.issues ?? []
    this.retryAfter = more.retryAfter
    this.current = more.current
  }
}

export const invalid = (issues: readonly Issue[], message = 'Some of this is not valid.') =>
  new DomainError(400, 'INVALID_INPUT', message, { issues })
export const notFound = (code: string, message: string) => new DomainError(404, code, message)
export const refused = (code: string, message: string) => new DomainError(422, code, message)
export const conflict = (code: string, message: string) => new DomainError(409, code, message)

/** The SQLSTATE of a database error: Drizzle wraps the driver's error, whose message holds the bound values. */
export const sqlState = (error: unknown): string | undefined => {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth += 1) {
    const code = (e as { code?: unknown }).code
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code
  }
  return undefined
}

/** The name of the constraint a database error is about, if it is about one. */
export const violatedConstraint = (error: unknown): string | undefined => {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth += 1) {
    const name = (e as { constraint_name?: unknown }).constraint_name
    if (typeof name === 'string') return name
  }
  return undefined
}

/** The database cannot be reached or is going down: worth another try later. */
export const isDatabaseAway = (error: unknown): boolean => {
  const state = sqlState(error)
  if (state !== undefined) return /^(08|57P0[123]|53)/.test(state)
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 5; e = e.cause, depth += 1) {
    const code = (e as { code?: unknown }).code
    if (
      typeof code === 'string' &&
      /^(ECONNREFUSED|ECONNRESET|CONNECTION_|CONNECT_TIMEOUT|EPIPE|ENOENT)/.test(code)
    )
      return true
  }
  return false
}
