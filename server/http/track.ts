import type { Hono } from 'hono'
import { z } from 'zod'
import { clickedReferral, isTrackingSite } from '../domain/affiliate'
import { sha256 } from '../kit/crypto'
import { DomainError, notFound } from '../kit/errors'
import type { ApiContext } from '../trpc'
import type { HttpCall, HttpEnv } from './env'
import { failureResponse } from './failure'
import { KIB, readBody } from './read-json'
import { campaignOf, isMachine, visitorOf } from './referral'
import { TRACK_SCRIPT } from './track-script'

const ETAG = `"${sha256(TRACK_SCRIPT).toString('base64url').slice(0, 20)}"`

/** As the script sends it; nothing of it is believed. */
const ClickElsewhere = z.object({
  ref: z.string().max(200),
  page: z.string().max(4_000).default(''),
  referrer: z.string().max(4_000).default(''),
})

/** Where pages of other sites come in: the script they load, and the address it tells of clicks. */
export const serveTracking = (app: Hono<HttpEnv>, apiOf: (call: HttpCall) => Promise<ApiContext>): void => {
  app.get('/track.js', (call) => {
    const headers = {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': 'public, max-age=3600',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ETag: ETAG,
    }
    return call.req.header('if-none-match') === ETAG
      ? call.body(null, 304, headers)
      : call.body(TRACK_SCRIPT, 200, headers)
  })

  app.on(['OPTIONS', 'POST'], '/api/track/sites/:key/clicks', async (call) => {
    call.header('Vary', 'Origin')
    try {
      const api = await apiOf(call)
      const origin = call.req.header('origin') ?? ''
      // A key that is over, one that never was, and another site's page look alike.
      if (!(await isTrackingSite(api, call.req.param('key'), origin)))
        throw notFound('TRACKING_SITE_NOT_FOUND', 'There is no such site, or not at this origin.')
      call.header('Access-Control-Allow-Origin', origin)
      if (call.req.method === 'OPTIONS') {
        call.header('Access-Control-Allow-Methods', 'POST')
        call.header('Access-Control-Allow-Headers', 'Content-Type')
        call.header('Access-Control-Max-Age', '3600')
        return call.body(null, 204)
      }
      return call.json({ referral: await keepClick(call, api) })
    } catch (error) {
      return failureResponse(call, error)
    }
  })
}

const keepClick = async (call: HttpCall, api: ApiContext): Promise<string | null> => {
  const click = await readClick(call.req.raw)
  if (isMachine(call.req.raw.headers)) return null
  const page = URL.canParse(click.page) ? new URL(click.page) : null
  const own = page?.origin === call.req.header('origin') ? page : null
  return clickedReferral(api, {
    code: click.ref,
    ...campaignOf({
      said: (name) => own?.searchParams.get(name) ?? '',
      referrer: click.referrer,
      own: own?.host ?? '',
      landingPage: own === null ? '' : `${own.host}${own.pathname}`,
    }),
    visitor: await visitorOf(call, api),
  })
}

/** JSON, whatever it says it is: as plain text it needs no question before it. */
const readClick = async (request: Request): Promise<z.infer<typeof ClickElsewhere>> => {
  const text = await readBody(request, 16 * KIB)
  let sent: unknown
  try {
    sent = JSON.parse(text)
  } catch {
    throw new DomainError(400, 'INVALID_JSON', 'The body is not valid JSON.')
  }
  const read = ClickElsewhere.safeParse(sent)
  if (read.success) return read.data
  throw new DomainError(400, 'INVALID_INPUT', 'Some of this is not valid.', {
    issues: read.error.issues.map(({ path, message }) => ({ path: path.map(String), message })),
  })
}
