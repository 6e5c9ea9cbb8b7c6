import { initTRPC, TRPCError } from '@trpc/server'
import { ZodError } from 'zod'
import type { ApiKeyScope } from './domain/identity/schemas'
import type { RateLimited } from './kit/config'
import { type Actor, type Context, type Person, signedIn as requireSignedIn } from './kit/context'
import { DomainError, type ErrorStatus, type Issue, isDatabaseAway, notFound, sqlState } from './kit/errors'

/** What a procedure may need to know of the request that called it. */
export interface RequestInfo {
  /** The client's address, as far as the proxies in front are believed. */
  readonly address: string
  /** The header Idempotency-Key: names an attempt. */
  readonly idempotencyKey: string | null
  /** The session cookie's value, if one came. */
  readonly sessionId: string | null
  /** The cookie of the first of two steps of signing in, if one came; unproven. */
  readonly secondStep?: string | null
  /** The header User-Agent. */
  readonly userAgent?: string | null
  /** An admin who has to set up a second factor before anything else. */
  readonly mustEnrol?: boolean
  /** What the API key that the request came with may do; undefined: it came with none. */
  readonly keyScopes?: readonly ApiKeyScope[]
  /** The referral cookie's value, if one came; unproven. */
  readonly referral?: string | null
  /** Adds a Set-Cookie header to the answer. */
  readonly setCookie: (header: string) => void
  /** Counts this request. @throws DomainError 429 when there were too many from this address within the minute. */
  readonly limit: (name: RateLimited) => Promise<void>
}

export interface ApiContext extends Context {
  readonly request: RequestInfo
}

export interface ProcedureMeta {
  /** Also offered as plain HTTP, under this method and path (`{id}` for a parameter). */
  readonly http?: {
    readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
    readonly path: `/${string}`
    readonly summary: string
  }
  /** Only for who is signed in with a session: no API key will do. */
  readonly sessionOnly?: true
  /** Also for an admin who has to set up a second factor first. */
  readonly duringEnrolment?: true
  /** The scope an API key needs for it, in place of the usual ones. */
  readonly scope?: ApiKeyScope
  /** Who may call; a test refuses a procedure without it. */
  readonly guard?: 'visitor' | 'signedIn' | 'admin'
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ProcedureMeta>()
  .create({
    errorFormatter: ({ shape, error }) => {
      const failure = toFailure(error)
      return {
        ...shape,
        message: failure.message,
        data: {
          httpStatus: failure.status,
          code: failure.code,
          issues: failure.issues,
          ...(failure.current === undefined ? {} : { current: failure.current }),
        },
      }
    },
  })

export const router = t.router
export const createCallerFactory = t.createCallerFactory

/** Turns what a verb throws into tRPC's words once, for browser, loaders and plain HTTP alike. */
const withErrors = t.middleware(async ({ next }) => {
  const result = await next()
  if (!result.ok && result.error.cause instanceof DomainError)
    throw new TRPCError({
      code: TRPC_CODES[result.error.cause.status],
      message: result.error.cause.message,
      cause: result.error.cause,
    })
  return result
})

/** Anybody, signed in or not. Who has to set up a second factor first is nobody yet. */
export const visitor = t.procedure
  .meta({ guard: 'visitor' })
  .use(withErrors)
  .use(({ ctx, next }) => {
    const actor: Actor = ctx.request.mustEnrol ? { kind: 'visitor' } : ctx.actor
    return next({ ctx: { ...ctx, actor } })
  })

/** Leads an admin without the second factor that is needed to where it is set up. */
const enrolled = t.middleware(({ ctx, meta, next }) => {
  if (ctx.request.mustEnrol && !meta?.duringEnrolment)
    throw new DomainError(
      403,
      'SECOND_FACTOR_SETUP_REQUIRED',
      'Admins need a second factor here. Set one up first (/settings/second-factor).',
    )
  return next()
})

/** Asks of an API key whether it may do that: reading, changing and administering are separate. */
const withinScope = t.middleware(async ({ ctx, type, meta, next }) => {
  const scopes = ctx.request.keyScopes
  if (scopes !== undefined) {
    if (meta?.sessionOnly)
      throw new DomainError(403, 'SESSION_REQUIRED', 'Sign in for this: a key will not do.')
    const needed: ApiKeyScope =
      meta?.scope ?? (meta?.guard === 'admin' ? 'admin' : type === 'query' ? 'read' : 'write')
    if (!scopes.includes(needed))
      throw new DomainError(403, 'SCOPE_MISSING', `This key lacks the scope “${needed}”.`)
  }
  return next()
})

/** Somebody who is signed in: `ctx.person`. Anyone else gets 401. */
export const signedIn = t.procedure
  .meta({ guard: 'signedIn' })
  .use(withErrors)
  .use(enrolled)
  .use(withinScope)
  .use(({ ctx, next }) => next({ ctx: { ...ctx, person: requireSignedIn(ctx) } }))

/** An admin. Anyone else finds nothing here (404). */
export const admin = t.procedure
  .meta({ guard: 'admin' })
  .use(withErrors)
  .use(({ ctx, next }) => {
    if (ctx.actor.kind !== 'admin') throw notFound('NOT_FOUND', 'There is nothing here.')
    const person: Person = ctx.actor
    return next({ ctx: { ...ctx, person } })
  })
  .use(enrolled)
  .use(withinScope)

/**
 * A program with a key of an admin's that may tell of other sites. Nothing else will do: whose key lacks the scope gets
 * 403, a session 404, as if it were not there.
 */
export const tracker = signedIn.meta({ scope: 'track' }).use(({ ctx, next }) => {
  if (ctx.request.keyScopes === undefined) throw notFound('NOT_FOUND', 'There is nothing here.')
  return next()
})

/** Counts a call against the limit of its kind before anything else happens. */
export const limited = (name: RateLimited) =>
  t.middleware(async ({ ctx, next }) => {
    await ctx.request.limit(name)
    return next()
  })

/** What a caller is told of a failure, whatever way they asked. */
export interface Failure {
  readonly status: ErrorStatus | 405 | 500
  readonly code: string
  readonly message: string
  readonly issues: readonly Issue[]
  readonly retryAfter: number | undefined
  readonly current?: unknown
}

/** Anything thrown → what may be said of it. Unknown errors say nothing but that they happened. */
export const toFailure = (error: unknown): Failure => {
  const cause = error instanceof TRPCError && error.cause !== undefined ? error.cause : error
  if (cause instanceof DomainError)
    return {
      status: cause.status,
      code: cause.code,
      message: cause.message,
      issues: cause.issues,
      retryAfter: cause.retryAfter,
      ...(cause.current === undefined ? {} : { current: cause.current }),
    }
  if (cause instanceof ZodError && error instanceof TRPCError && error.code === 'BAD_REQUEST')
    return failure(400, 'INVALID_INPUT', 'Some of this is not valid.', {
      issues: cause.issues.map(({ path, message }) => ({
        path: path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
        message,
      })),
    })
  if (isDatabaseAway(cause))
    return failure(503, 'UNAVAILABLE', 'The database cannot be reached just now. Try again in a moment.', {
      retryAfter: 5,
    })
  const state = sqlState(cause)
  // What the database calls malformed (a NUL in a text, a number out of range) is the caller's fault.
  if (state !== undefined && MALFORMED.has(state))
    return failure(400, 'INVALID_INPUT', 'Some of this cannot be stored.')
  if (error instanceof TRPCError && error.code !== 'INTERNAL_SERVER_ERROR')
    return failure(statusOf(error), error.code, error.message)
  return failure(500, 'INTERNAL', 'Something went wrong on our side. It has been noted.')
}

const MALFORMED = new Set(['22021', '22P05', '22P02', '22003', '22007', '22008', '22009'])

const failure = (
  status: Failure['status'],
  code: string,
  message: string,
  more: { issues?: readonly Issue[]; retryAfter?: number } = {},
): Failure => ({ status, code, message, issues: more.issues ?? [], retryAfter: more.retryAfter })

const TRPC_CODES = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE_CONTENT',
  429: 'TOO_MANY_REQUESTS',
  503: 'SERVICE_UNAVAILABLE',
} as const satisfies Record<ErrorStatus, string>

const statusOf = (error: TRPCError): Failure['status'] => {
  if (error.code === 'METHOD_NOT_SUPPORTED') return 405
  const found = Object.entries(TRPC_CODES).find(([, code]) => code === error.code)
  return found ? (Number(found[0]) as ErrorStatus) : 400
}
