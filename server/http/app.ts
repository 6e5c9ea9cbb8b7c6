import { randomUUID } from 'node:crypto'
import { serveStatic } from '@hono/node-server/serve-static'
import { createRequestHandler, type ServerBuild } from '@remix-run/node'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { Hono } from 'hono'
import { REFERRAL_COOKIE, readReferral } from '../domain/affiliate'
import { statementKeys } from '../domain/balance'
import {
  actorOfKey,
  actorOfSession,
  blankSessionCookie,
  type KeyActor,
  secondStepCookieName,
  sessionCookie,
  sessionCookieName,
} from '../domain/identity'
import { readMailbox } from '../domain/notification'
import type { Actor, Context } from '../kit/context'
import { DomainError, notFound } from '../kit/errors'
import { describeError, type Log, logPath } from '../kit/log'
import type { Sandbox } from '../providers/sandbox'
import { appRouter, createCaller } from '../routers'
import { type ApiContext, toFailure } from '../trpc'
import { bodyLimits } from './body-limits'
import { clientAddress } from './client-address'
import { cookieValue } from './cookies'
import type { HttpCall, HttpEnv } from './env'
import { failurePage, failureResponse, methodNotAllowed } from './failure'
import { countLinkVisit } from './link-visits'
import type { LoadContext } from './load-context'
import { createMetrics } from './metrics'
import { narrowed } from './narrow'
import { openApiDocument } from './openapi'
import { pageRequest } from './page-request'
import { servePictures } from './pictures'
import { createPlainApi } from './plain'
import { servePreviews } from './previews'
import { serveHealth } from './probes'
import { isPublished, type PublishedOptions, servePublished } from './published'
import { createLimiter, type Limiter } from './rate-limits'
import { readJson } from './read-json'
import { PROOF, serveReferrals } from './referral'
import { createRenderedPages } from './rendered-pages'
import { mayChange } from './same-origin'
import { securityHeaders } from './security-headers'
import { serveSitemap } from './sitemap'
import { serveTracking } from './track'

export interface HttpOptions {
  /** A context whose actor is nobody; each request gets its own. */
  readonly base: Context
  readonly log: Log
  readonly build: ServerBuild
  /** Where the built client is. */
  readonly clientFolder: string
  /** The providers' stand-in and its hosted pages, when it runs. */
  readonly sandboxPages: Sandbox['pages'] | null
  /** What makes documents of published pages, and counts who sees them; missing: there are none. */
  readonly pages?: Pick<PublishedOptions, 'render' | 'visits'>
}

/** Everything in front of and around the pages, on one Hono application. */
export const createHttpApp = (options: HttpOptions): Hono<HttpEnv> => {
  const { base, log } = options
  const { config } = base
  const limiter = createLimiter(config.rateLimits)
  const app = new Hono<HttpEnv>()
  const metrics = createMetrics(base)

  app.use(metrics.measure)
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
    if (
      !isFromElsewhere(call.req.path) &&
      !isPublished(call.req.path) &&
      !mayChange(call.req.raw, config.appUrl, sessionCookieName(config))
    )
      return failureResponse(
        call,
        new DomainError(403, 'CROSS_ORIGIN', 'A request that changes something must come from this site.'),
      )
    await next()
  })

  serveHealth(app, base)
  metrics.serve(app)
  app.use('/assets/*', async (call, next) => {
    await next()
    if (call.res.ok) call.res.headers.set('Cache-Control', 'public, max-age=31536000, immutable')
  })
  app.use('/assets/*', serveStatic({ root: options.clientFolder }))
  app.get('/favicon.svg', serveStatic({ root: options.clientFolder }))
  app.get('/favicon.ico', (call) => call.redirect('/favicon.svg', 301))

  servePictures(app, base)
  serveSitemap(app, base)
  const pages: PublishedOptions | null =
    options.pages === undefined
      ? null
      : {
          base,
          ...options.pages,
          rendered: createRenderedPages(),
          addressOf: (call) => addressOf(call, config),
        }
  if (pages !== null) servePublished(app, pages)

  const apiOf = (call: HttpCall) => apiContext(call, base, limiter)
  serveTracking(app, apiOf)
  serveReferrals(app, apiOf)
  if (pages !== null) servePreviews(app, pages)
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
      if (toFailure(error).status >= 500) throw error
      return call.redirect('/auth/sign-in?verified=0', 302)
    }
  })
  app.get('/api/balance/transactions.csv', async (call) => {
    const csv = await createCaller(await apiOf(call)).balance.transactionsCsv(call.req.query())
    call.header('Content-Disposition', 'attachment; filename="transactions.csv"')
    return call.text(csv, 200, { 'Content-Type': 'text/csv; charset=utf-8' })
  })
  app.get('/api/workspace/:id/submissions.csv', async (call) => {
    const csv = await createCaller(await apiOf(call)).workspace.submissionsCsv({ id: call.req.param('id') })
    call.header('Content-Disposition', 'attachment; filename="answers.csv"')
    return call.text(csv, 200, { 'Content-Type': 'text/csv; charset=utf-8' })
  })
  serveStatements(app, base, apiOf)
  app.get('/api/admin/withdrawals.csv', async (call) => {
    const csv = await createCaller(await apiOf(call)).payout.exportCsv(
      call.req.query() as Parameters<ReturnType<typeof createCaller>['payout']['exportCsv']>[0],
    )
    call.header('Content-Disposition', 'attachment; filename="withdrawals.csv"')
    return call.text(csv, 200, { 'Content-Type': 'text/csv; charset=utf-8' })
  })
  app.get('/api/admin/withdrawals/batches/:file{.+\\.csv}', async (call) => {
    const id = call.req.param('file').replace(/\.csv$/, '')
    const csv = await createCaller(await apiOf(call)).payout.batchCsv({ id })
    call.header('Content-Disposition', 'attachment; filename="batch.csv"')
    return call.text(csv, 200, { 'Content-Type': 'text/csv; charset=utf-8' })
  })
  app.get('/api/admin/tax-summary.csv', async (call) => {
    const csv = await createCaller(await apiOf(call)).payout.taxSummary({
      year: call.req.query('year') ?? '',
    })
    call.header('Content-Disposition', 'attachment; filename="tax-summary.csv"')
    return call.text(csv, 200, { 'Content-Type': 'text/csv; charset=utf-8' })
  })
  app.get('/api/admin/payout-documents/:id', async (call) => {
    const api = createCaller(await apiOf(call))
    const { fileName, mediaType, content } = await api.payout.readDocument({ id: call.req.param('id') })
    call.header('Content-Disposition', `attachment; filename="${fileName}"`)
    call.header('Content-Security-Policy', "default-src 'none'; sandbox")
    return call.body(Buffer.from(content, 'base64'), 200, { 'Content-Type': mediaType })
  })
  app.route('/', createPlainApi(apiOf))
  app.all('/api/trpc/*', (call) => answerTrpc(call, apiOf))
  if (options.sandboxPages !== null) {
    app.use('/sandbox/*', async (call, next) => {
      await next()
      call.res.headers.set('X-Robots-Tag', 'noindex')
    })
    app.route('/sandbox', options.sandboxPages)
  }

  const remix = narrowed(options.build, (build) => createRequestHandler(build, 'production'))
  app.all('*', async (call) => {
    const { path } = call.req
    const isApi = isWebhook(path) || path.startsWith('/api/')
    if (!isApi && !PAGE_METHODS.includes(call.req.method)) return methodNotAllowed(call, PAGE_METHODS)
    const api = await apiOf(call)
    const loadContext: LoadContext = {
      api,
      nonce: call.get('nonce'),
      requestId: call.get('requestId'),
    }
    const answer = await remix(isApi ? call.req.raw : await pageRequest(call.req.raw), loadContext)
    await countLinkVisit(call, api, answer.ok)
    // A program that asks for what is not there is not shown a page.
    if (path.startsWith('/api/') && (answer.status === 404 || answer.status === 405))
      return failureResponse(call, notFound('NOT_FOUND', 'There is nothing here.'))
    return answer
  })
  app.onError((error, call) => failurePage(call, error))
  return app
}

/** A month of a balance: signed JSON (its very bytes), PDF and CSV; and the keys that the signatures are checked with. */
const serveStatements = (
  app: Hono<HttpEnv>,
  base: Context,
  apiOf: (call: HttpCall) => Promise<ApiContext>,
): void => {
  const asked = (call: HttpCall) => {
    const query = call.req.query() as Parameters<ReturnType<typeof createCaller>['balance']['statement']>[0]
    const name = (ending: string) =>
      `attachment; filename="statement-${query.currency}-${query.month}.${ending}"`
    return { query, name }
  }
  const json = async (call: HttpCall) => {
    const { query, name } = asked(call)
    const file = await createCaller(await apiOf(call)).balance.statement(query)
    return call.body(file, 200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Disposition': name('json'),
    })
  }
  app.get('/api/balance/statements', json)
  app.get('/api/balance/statements.json', json)
  app.get('/api/balance/statements.pdf', async (call) => {
    const { query, name } = asked(call)
    const pdf = await createCaller(await apiOf(call)).balance.statementPdf(query)
    return call.body(Uint8Array.from(Buffer.from(pdf, 'base64')), 200, {
      'Content-Type': 'application/pdf',
      'Content-Disposition': name('pdf'),
    })
  })
  app.get('/api/balance/statements.csv', async (call) => {
    const { query, name } = asked(call)
    const csv = await createCaller(await apiOf(call)).balance.statementCsv(query)
    return call.body(csv, 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': name('csv'),
    })
  })
  app.get('/.well-known/offshoot-statement-keys.json', async (call) => {
    return call.body(JSON.stringify(await statementKeys(base)), 200, {
      'Content-Type': 'application/jwk-set+json',
      'Cache-Control': 'public, max-age=3600',
      // Whoever checks a statement in their browser may read it from anywhere.
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    })
  })
}

const PAGE_METHODS = ['GET', 'HEAD', 'POST']

/** What is meant to be called from other sites, and looks at no cookie. */
const isFromElsewhere = (path: string): boolean =>
  isWebhook(path) || /^\/api\/track\/sites\/[^/]+\/clicks$/.test(path)

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

const addressOf = (call: HttpCall, config: Context['config']): string =>
  clientAddress(
    call.env?.incoming?.socket.remoteAddress ?? '',
    call.req.header('x-forwarded-for') ?? null,
    config.trustProxy,
  )

const apiContext = async (call: HttpCall, base: Context, limiter: Limiter): Promise<ApiContext> => {
  const { config } = base
  const key = bearerOf(call)
  const byKey = key === null ? null : await actorOfKey(base, key)
  // Who comes with a key comes with nothing else.
  const sessionId = byKey === null ? cookieValue(call.req.header('cookie'), sessionCookieName(config)) : null
  const setCookie = (header: string) => void call.get('cookies').push(header)
  const session = await actorOfSession(base, sessionId)
  if (sessionId !== null && session.actor.kind === 'visitor') setCookie(blankSessionCookie(config))
  else if (sessionId !== null && session.renewUntil !== null)
    setCookie(sessionCookie(config, sessionId, session.renewUntil))
  const address = addressOf(call, config)
  return {
    ...base,
    actor: byKey === null ? session.actor : asScoped(byKey),
    request: {
      address,
      ...(byKey === null ? {} : { keyScopes: byKey.scopes }),
      idempotencyKey: call.req.header('idempotency-key')?.slice(0, 255) ?? null,
      sessionId,
      secondStep: cookieValue(call.req.header('cookie'), secondStepCookieName(config)),
      userAgent: call.req.header('user-agent') ?? null,
      mustEnrol: byKey === null && session.mustEnrol,
      referral: referralProof(call, base),
      setCookie,
      limit: (name) => limiter(name, address),
    },
  }
}

/** An admin's key that may not administer is a user's. */
const asScoped = ({ actor, scopes }: KeyActor): Actor =>
  actor.kind === 'admin' && !scopes.includes('admin') ? { ...actor, kind: 'user' } : actor

/** The key of a call to the API; pages are for sessions. */
const bearerOf = (call: HttpCall): string | null =>
  call.req.path.startsWith('/api/')
    ? (/^Bearer +(.*)$/i.exec(call.req.header('authorization') ?? '')?.[1] ?? null)
    : null

/** The proof in the address is the later one: who has it wants no cookie. A forged one does not hide the cookie. */
const referralProof = (call: HttpCall, base: Context): string | null => {
  const carried = call.req.query(PROOF)
  return carried !== undefined && readReferral(base, carried) !== null
    ? carried
    : cookieValue(call.req.header('cookie'), REFERRAL_COOKIE)
}

const MAX_BATCH = 10

const answerTrpc = async (
  call: HttpCall,
  apiOf: (call: HttpCall) => Promise<ApiContext>,
): Promise<Response> => {
  try {
    const names = calledNames(call.req.path)
    if (names.length > MAX_BATCH)
      throw new DomainError(400, 'BATCH_TOO_LARGE', `At most ${MAX_BATCH} calls at once.`)
    const api = await apiOf(call)
    return await fetchRequestHandler({
      endpoint: '/api/trpc',
      req: await withReadBody(call.req.raw, api.actor.kind === 'visitor' ? [] : names),
      router: appRouter,
      createContext: () => api,
      onError: ({ error }) => {
        if (toFailure(error).status >= 500) call.set('failure', error)
      },
      responseMeta: ({ errors }) => statusOfFirst(errors),
    })
  } catch (error) {
    return failureResponse(call, error)
  }
}

/** As tRPC reads them: a comma is one also when it is escaped. */
const calledNames = (path: string): string[] => {
  try {
    return decodeURIComponent(path.slice('/api/trpc/'.length)).split(',')
  } catch {
    throw new DomainError(400, 'INVALID_INPUT', 'The path cannot be decoded.')
  }
}

const withReadBody = async (request: Request, names: readonly string[]): Promise<Request> => {
  if (request.method !== 'POST') return request
  const body = JSON.stringify(await readJson(request, bodyLimits(names)))
  return new Request(request.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
}

const statusOfFirst = ([error]: readonly unknown[]): { status?: number; headers?: Headers } => {
  if (error === undefined) return {}
  const { status, retryAfter } = toFailure(error)
  return {
    status,
    headers: new Headers(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
  }
}

const logRequest = (log: Log, call: HttpCall, milliseconds: number): void => {
  const line = {
    request: call.get('requestId'),
    method: call.req.method,
    // Without the query: it may carry a token.
    path: logPath(call.req.path),
    status: call.res.status,
    ms: Math.round(milliseconds),
  }
  const failure = call.get('failure')
  if (failure !== undefined && call.res.status >= 500)
    log.error({ ...line, error: describeError(failure) }, 'request failed')
  else log.info(line, 'request')
}
