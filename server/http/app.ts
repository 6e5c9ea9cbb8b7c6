import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { createRequestHandler, type ServerBuild } from '@remix-run/node'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { sql } from 'drizzle-orm'
import { type Context as Call, Hono } from 'hono'
import { actorOfSession, blankSessionCookie, sessionCookie, sessionCookieName } from '../domain/identity'
import { readMailbox } from '../domain/notification'
import type { Context } from '../kit/context'
import { DomainError } from '../kit/errors'
import { describeError, type Log } from '../kit/log'
import type { Sandbox } from '../providers/sandbox'
import { appRouter, createCaller } from '../routers'
import { type ApiContext, toFailure } from '../trpc'
import { clientAddress } from './client-address'
import type { LoadContext } from './load-context'
import { narrowed } from './narrow'
import { openApiDocument } from './openapi'
import { createPlainApi, failureResponse } from './plain'
import { createLimiter } from './rate-limits'
import { KIB, readJson } from './read-json'
import { mayChange } from './same-origin'
import { securityHeaders } from './security-headers'

export interface HttpOptions {
  /** A context whose actor is nobody; each request gets its own. */
  readonly base: Context
  readonly log: Log
  readonly build: ServerBuild
  /** Where the built client is. */
  readonly clientFolder: string
  /** The providers' stand-in and its hosted pages, when it runs. */
  readonly sandboxPages: Sandbox['pages'] | null
}

interface Env {
  Bindings: HttpBindings
  Variables: { requestId: string; nonce: string; failure: unknown; cookies: string[] }
}
type RequestCall = Call<Env>

/** Everything in front of and around the pages, on one Hono application. */
export const createHttpApp = (options: HttpOptions): Hono<Env> => {
  const { base, log } = options
  const { config } = base
  const limiter = createLimiter(config.rateLimits)
  const app = new Hono<Env>()

  app.use(async (call, next) => {
    call.set('requestId', randomUUID())
    call.set('nonce', base.outside.random(16).toString('base64'))
    call.set('cookies', [])
    const begun = performance.now()
    await next()
    for (const cookie of call.get('cookies')) call.res.headers.append('Set-Cookie', cookie)
    securityHeaders(call.res.headers, { config, nonce: call.get('nonce'), path: call.req.path })
    call.res.headers.set('X-Request-Id', call.get('requestId'))
    logRequest(log, call, performance.now() - begun)
  })
  app.use(async (call, next) => {
    const refusal = malformed(call.env?.incoming?.rawHeaders ?? [])
    if (refusal !== null) return call.text(refusal, 400)
    if (!isWebhook(call.req.path) && !mayChange(call.req.raw, config.appUrl, sessionCookieName(config)))
      return failureResponse(
        call,
        new DomainError(403, 'CROSS_ORIGIN', 'A request that changes something must come from this site.'),
      )
    await next()
  })

  app.get('/healthz', (call) => call.json({ status: 'ok' }))
  app.get('/readyz', async (call) => {
    try {
      await base.db.execute(sql`select 1 from drizzle.__drizzle_migrations limit 1`)
      return call.json({ status: 'ready' })
    } catch {
      call.header('Retry-After', '5')
      return call.json(
        { status: 'unavailable', code: 'UNAVAILABLE', message: 'The database cannot be reached.' },
        503,
      )
    }
  })
  app.use(
    '/assets/*',
    serveStatic({
      root: options.clientFolder,
      onFound: (_path, call) => call.header('Cache-Control', 'public, max-age=31536000, immutable'),
    }),
  )
  app.get('/favicon.svg', serveStatic({ root: options.clientFolder }))
  app.get('/favicon.ico', (call) => call.redirect('/favicon.svg', 301))

  const apiOf = (call: RequestCall) => apiContext(call, base, limiter)
  const inMailbox = !config.production && base.outside.mail.kind === 'mailbox'
  app.get('/dev/mailbox.json', async (call) =>
    inMailbox ? call.json(await readMailbox(base)) : call.notFound(),
  )
  app.get('/api/openapi.json', (call) => call.json(openApiDocument(config.appUrl)))
  app.get('/api/auth/verify-email', async (call) => {
    try {
      await createCaller(await apiOf(call)).auth.verifyEmail({ token: call.req.query('token') ?? '' })
      return call.redirect('/auth/sign-in?verified=1', 302)
    } catch (error) {
      const failure = toFailure(error)
      if (failure.status >= 500) return failureResponse(call, error)
      return call.redirect('/auth/sign-in?verified=0', 302)
    }
  })
  app.get('/api/balance/transactions.csv', async (call) => {
    try {
      const csv = await createCaller(await apiOf(call)).balance.transactionsCsv(call.req.query())
      call.header('Content-Disposition', 'attachment; filename="transactions.csv"')
      return call.text(csv, 200, { 'Content-Type': 'text/csv; charset=utf-8' })
    } catch (error) {
      return failureResponse(call, error)
    }
  })
  app.route('/', createPlainApi((call) => apiOf(call as unknown as RequestCall)) as unknown as Hono<Env>)
  app.all('/api/trpc/*', (call) => answerTrpc(call, apiOf))
  if (options.sandboxPages !== null) {
    app.use('/sandbox/*', async (call, next) => {
      await next()
      call.res.headers.set('X-Robots-Tag', 'noindex')
    })
    app.route('/sandbox', options.sandboxPages as unknown as Hono<Env>)
  }

  const remix = narrowed(options.build, (build) => createRequestHandler(build, 'production'))
  app.all('*', async (call) => {
    const loadContext: LoadContext = { api: await apiOf(call), nonce: call.get('nonce') }
    return remix(call.req.raw, loadContext)
  })
  app.onError((error, call) => {
    call.set('failure', error)
    return failureResponse(call as unknown as Call, error)
  })
  return app
}

const isWebhook = (path: string): boolean =>
  path === '/webhooks/stripe' || path === '/webhooks/mamopay' || path === '/api/subscription/create'

/** What a proxy in front might read otherwise than we do. */
const malformed = (rawHeaders: readonly string[]): string | null => {
  let hosts = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    if (name === 'host') hosts += 1
    if (name === 'transfer-encoding' && (rawHeaders[i + 1] ?? '').toLowerCase() !== 'chunked')
      return 'Bad transfer encoding.'
  }
  return hosts > 1 ? 'More than one host.' : null
}

const apiContext = async (
  call: RequestCall,
  base: Context,
  limiter: ReturnType<typeof createLimiter>,
): Promise<ApiContext> => {
  const { config } = base
  const sessionId = cookieValue(call.req.header('cookie'), sessionCookieName(config))
  const setCookie = (header: string) => void call.get('cookies').push(header)
  const session = await actorOfSession(base, sessionId)
  if (sessionId !== null && session.actor.kind === 'visitor') setCookie(blankSessionCookie(config))
  else if (sessionId !== null && session.renewUntil !== null)
    setCookie(sessionCookie(config, sessionId, session.renewUntil))
  const address = clientAddress(
    call.env?.incoming?.socket.remoteAddress ?? '',
    call.req.header('x-forwarded-for') ?? null,
    config.trustProxy,
  )
  return {
    ...base,
    actor: session.actor,
    request: {
      address,
      idempotencyKey: call.req.header('idempotency-key')?.slice(0, 255) ?? null,
      sessionId,
      setCookie,
      limit: (name) => limiter(name, address),
    },
  }
}

const cookieValue = (header: string | undefined, name: string): string | null => {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || null
  }
  return null
}

const MAX_BATCH = 10

const answerTrpc = async (
  call: RequestCall,
  apiOf: (call: RequestCall) => Promise<ApiContext>,
): Promise<Response> => {
  const names = call.req.path.slice('/api/trpc/'.length).split(',')
  if (names.length > MAX_BATCH)
    return failureResponse(
      call as unknown as Call,
      new DomainError(400, 'BATCH_TOO_LARGE', `At most ${MAX_BATCH} calls at once.`),
    )
  let request = call.req.raw
  if (request.method === 'POST') {
    try {
      const body = await readJson(request, { bytes: 100 * KIB, depth: 40 })
      request = new Request(request.url, {
        method: 'POST',
        headers: request.headers,
        body: JSON.stringify(body),
      })
    } catch (error) {
      return failureResponse(call as unknown as Call, error)
    }
  }
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    createContext: () => apiOf(call),
    onError: ({ error }) => {
      if (toFailure(error).status === 500) call.set('failure', error)
    },
    responseMeta: ({ errors }) => {
      const [error] = errors
      if (error === undefined) return {}
      const failure = toFailure(error)
      return {
        status: failure.status,
        headers: new Headers(
          failure.retryAfter === undefined ? {} : { 'Retry-After': String(failure.retryAfter) },
        ),
      }
    },
  })
}

const logRequest = (log: Log, call: RequestCall, milliseconds: number): void => {
  const line = {
    request: call.get('requestId'),
    method: call.req.method,
    // Without the query: it may carry a token.
    path: withoutTokens(call.req.path),
    status: call.res.status,
    ms: Math.round(milliseconds),
  }
  const failure = call.get('failure')
  if (failure !== undefined && call.res.status >= 500)
    log.error({ ...line, error: describeError(failure) }, 'request failed')
  else log.info(line, 'request')
}

const withoutTokens = (path: string): string => path.replace(/^(\/buy\/)[^/]{20,}/, '$1[token]')
