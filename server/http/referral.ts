import type { Hono } from 'hono'
import { clickedReferral, referralCookie, TRACKING_COOKIE, type Visitor } from '../domain/affiliate'
import { safeRedirect } from '../kit/safe-redirect'
import type { ApiContext } from '../trpc'
import { cookieValue } from './cookies'
import type { HttpCall, HttpEnv } from './env'

/** Where a link leads that names no page. */
const SIGN_UP = '/auth/sign-up'

/**
 * The ways in through an affiliate's link: `/r/CODE`, `/api/track/referral?ref=CODE`, and `?ref=CODE` on any page. Each
 * leads on whatever the code is worth; only a real visit through a code that counts is counted and gets the cookie, or,
 * for a visitor who wants nothing kept on their device, its proof in the address they are led to.
 */
export const serveReferrals = (app: Hono<HttpEnv>, apiOf: (call: HttpCall) => Promise<ApiContext>): void => {
  const leadOn = async (call: HttpCall, code: string | undefined, to: string): Promise<Response> => {
    call.header('Cache-Control', 'private, no-store')
    const proof = code !== undefined && isVisit(call.req.raw) ? await keepClick(call, code, to) : null
    return call.redirect(proof === null ? to : withProof(to, proof), 302)
  }
  // No request fails because tracking did.
  const keepClick = async (call: HttpCall, code: string, to: string): Promise<string | null> => {
    try {
      const api = await apiOf(call)
      const proof = await clickedReferral(api, {
        code,
        ...campaignOf({
          said: (name) => call.req.query(name) ?? '',
          referrer: call.req.header('referer') ?? '',
          own: new URL(call.req.url).host,
          landingPage: to.split(/[?#]/, 1)[0] ?? '/',
        }),
        visitor: await visitorOf(call, api),
      })
      if (proof === null) return null
      if (refusesCookies(call)) return proof
      call.get('cookies').push(referralCookie(api, proof))
    } catch (error) {
      call.set('failure', error)
    }
    return null
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

/** The parameter that carries the proof of a click in an address. */
export const PROOF = 'referral'

const withProof = (to: string, proof: string): string => {
  const url = new URL(to, 'http://own.invalid')
  url.searchParams.set(PROOF, proof)
  return `${url.pathname}${url.search}${url.hash}`
}

/** The visitor's "no": by their browser's own signal, or as they chose on the page about it. */
const refusesCookies = (call: HttpCall): boolean =>
  call.req.header('sec-gpc') === '1' ||
  call.req.header('dnt') === '1' ||
  cookieValue(call.req.header('cookie'), TRACKING_COOKIE) === 'no'

/**
 * Who clicks: a network and a browser there. A network from which more comes within a minute than people click is one
 * visitor beyond that, whatever browsers it says it has: a flood counts as one, and hurts nobody else.
 */
export const visitorOf = async (call: HttpCall, { request }: ApiContext): Promise<Visitor> => {
  const userAgent = call.req.header('user-agent') ?? ''
  const isFlood = await request.limit('clicks').then(
    () => false,
    () => true,
  )
  return { address: request.address, userAgent: isFlood ? '' : userAgent }
}

/** Where a visit comes from, as its address and the page before say. */
export const campaignOf = (visit: {
  /** A parameter of the address; empty: it is not there. */
  readonly said: (name: string) => string
  readonly referrer: string
  /** The host of the page itself. */
  readonly own: string
  readonly landingPage: string
}) => {
  const said = (name: string) => visit.said(name).trim()
  const paidSearch =
    AD_MARKS.some((name) => said(name) !== '') || /^(cpc|ppc|paid.?search|sem)$/i.test(said('utm_medium'))
  return {
    origin: {
      source: said('utm_source') || referrerHost(visit.referrer, visit.own),
      medium: said('utm_medium'),
      campaign: said('utm_campaign'),
      landingPage: visit.landingPage,
    },
    paidSearch,
  }
}

/** What search engines add to the addresses of their advertisements. */
const AD_MARKS = ['gclid', 'gbraid', 'wbraid', 'gclsrc', 'msclkid', 'yclid']

const referrerHost = (referrer: string, own: string): string => {
  if (!URL.canParse(referrer)) return ''
  const { host } = new URL(referrer)
  return host === own ? '' : host.replace(/^www\./, '')
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
export const isVisit = ({ method, headers }: Request): boolean => {
  if (method !== 'GET') return false
  const mode = headers.get('sec-fetch-mode')
  const data = mode !== null && mode !== 'navigate'
  return !data && !isMachine(headers)
}

/** One that says it is, or a browser that only looks ahead. */
export const isMachine = (headers: Headers): boolean =>
  MACHINES.test(headers.get('user-agent') ?? '') ||
  ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].some((name) =>
    /prefetch|preview|prerender/i.test(headers.get(name) ?? ''),
  )

/** Search engines, link previews, mail scanners and tools, by how they name themselves. */
const MACHINES =
  /bot\b|bot[/;)]|crawl|spider|slurp|scan|preview|fetcher|facebookexternalhit|facebookcatalog|whatsapp|telegram|slack|discord|skypeuri|linkedin|embedly|pinterest|quora link|vkshare|w3c_validator|lighthouse|pagespeed|monitor|uptime|proofpoint|mimecast|barracuda|safelinks|curl\/|wget\/|python-|java\/|go-http|libwww|okhttp|axios\//i
