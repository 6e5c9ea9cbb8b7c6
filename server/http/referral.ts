import type { Hono } from 'hono'
import { clickedReferral } from '../domain/affiliate'
import { safeRedirect } from '../kit/safe-redirect'
import type { ApiContext } from '../trpc'
import type { HttpCall, HttpEnv } from './env'

/** Where a link leads that names no page. */
const SIGN_UP = '/auth/sign-up'

/**
 * The ways in through an affiliate's link: `/r/CODE`, `/api/track/referral?ref=CODE`, and `?ref=CODE` on any page. Each
 * leads on whatever the code is worth; only a real visit through a code that counts gets the cookie.
 */
export const serveReferrals = (app: Hono<HttpEnv>, apiOf: (call: HttpCall) => Promise<ApiContext>): void => {
  const leadOn = async (call: HttpCall, code: string | undefined, to: string): Promise<Response> => {
    call.header('Cache-Control', 'private, no-store')
    if (code !== undefined && isVisit(call.req.raw)) await keepClick(call, code)
    return call.redirect(to, 302)
  }
  // No request fails because tracking did.
  const keepClick = async (call: HttpCall, code: string): Promise<void> => {
    try {
      const cookie = await clickedReferral(await apiOf(call), code)
      if (cookie !== null) call.get('cookies').push(cookie)
    } catch (error) {
      call.set('failure', error)
    }
  }
  app.get('/r/:code', (call) => leadOn(call, call.req.param('code'), target(call)))
  app.get('/api/track/referral', (call) => leadOn(call, call.req.query('ref'), target(call)))
  app.get('*', async (call, next) => {
    const url = new URL(call.req.url)
    const code = url.searchParams.get('ref')
    if (code === null || url.searchParams.has('_data') || isNoPage(url.pathname)) return next()
    url.searchParams.delete('ref')
    return leadOn(call, code, safeRedirect(`${url.pathname}${url.search}`, '/'))
  })
}

/** `to`, if it is a page of this site, with the campaign's parameters that came along. */
const target = (call: HttpCall): string => {
  const to = new URL(safeRedirect(call.req.query('to'), SIGN_UP), 'http://own.invalid')
  for (const [name, value] of Object.entries(call.req.query()))
    if (/^utm_[a-z_]{1,30}$/.test(name) && !to.searchParams.has(name))
      to.searchParams.set(name, value.slice(0, 200))
  return `${to.pathname}${to.search}${to.hash}`
}

const isNoPage = (path: string): boolean => /^\/(api|assets|sandbox|webhooks|\.well-known)\//.test(path)

/** A visit is a GET by somebody who looks at the page: no look ahead, no data request, no machine that says it is one. */
export const isVisit = (request: Request): boolean => {
  if (request.method !== 'GET') return false
  const { headers } = request
  const ahead = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
    /prefetch|preview|prerender/i.test(headers.get(name) ?? ''),
  )
  const mode = headers.get('sec-fetch-mode')
  const data = mode !== null && mode !== 'navigate'
  return !ahead && !data && !MACHINES.test(headers.get('user-agent') ?? '')
}

/** Search engines, link previews, mail scanners and tools, by how they name themselves. */
const MACHINES =
  /bot\b|bot[/;)]|crawl|spider|slurp|scan|preview|fetcher|facebookexternalhit|facebookcatalog|whatsapp|telegram|slack|discord|skypeuri|linkedin|embedly|pinterest|quora link|vkshare|w3c_validator|lighthouse|pagespeed|monitor|uptime|proofpoint|mimecast|barracuda|safelinks|curl\/|wget\/|python-|java\/|go-http|libwww|okhttp|axios\//i
