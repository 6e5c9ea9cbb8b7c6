import { createHmac } from 'node:crypto'
import type { Hono } from 'hono'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { isRightPassword } from '../domain/identity'
import { type PublishedPage, readPublished, readPublishedContent, submitForm } from '../domain/workspace'
import type { Context } from '../kit/context'
import { derivedKey, equalSecrets } from '../kit/crypto'
import { DomainError } from '../kit/errors'
import type { PageRenderer, ShownPage } from '../kit/ports'
import { cookieValue } from './cookies'
import type { HttpCall, HttpEnv } from './env'
import { pageHeaders } from './published-headers'
import { MIB, readBytes } from './read-json'
import { isVisit } from './referral'
import type { RenderedPages } from './rendered-pages'
import type { Visits } from './visits'

export interface PublishedOptions {
  readonly base: Context
  readonly render: PageRenderer
  /** Shared with the previews. */
  readonly rendered: RenderedPages
  readonly visits: Visits
  /** The client's address. */
  readonly addressOf: (call: HttpCall) => string
}

/** Where published pages are, and what is sent from them. Nothing here knows a session. */
export const isPublished = (path: string): boolean => path.startsWith('/w/')

/**
 * Published pages, forms and all, in front of the application: no session is read, and what a page holds can reach none.
 * It has an origin of its own where there is one (`PAGES_URL`), else a sandbox that is no origin at all.
 */
export const servePublished = (app: Hono<HttpEnv>, options: PublishedOptions): void => {
  const { base, render, rendered, visits, addressOf } = options
  const { config } = base
  const tries = new RateLimiterMemory({ points: 10, duration: 60 })
  const sent = new RateLimiterMemory({ points: 10, duration: 60 })
  const origin = config.pagesUrl ?? config.appUrl

  app.use(async (call, next) => {
    if (isPagesHost(call, base) && !SERVED_THERE.test(call.req.path)) return call.notFound()
    await next()
  })

  const documentOf = async (page: PublishedPage, consent: Consent): Promise<ShownPage> => {
    const { content, targets } = await readPublishedContent(base, page)
    const { slug } = page.workspace
    const shown = render.page({
      content,
      name: page.page.name,
      seo: page.page.seo,
      settings: page.funnel.settings,
      theme: page.theme,
      address: `${origin}${wayTo(slug, page.funnel.slug, page.page.slug)}`,
      origin,
      hrefOf: (key) => {
        const target = targets.get(key)
        return target === undefined ? null : wayTo(slug, target.funnel, target.page)
      },
      sendTo: (blockId) => `?send=${encodeURIComponent(blockId)}`,
      mode: 'live',
      players: config.pagesUrl !== null,
      tracking: page.funnel.tracking,
      consent,
      consentTo: '?',
    })
    return { ...shown, isolated: typeof page.funnel.settings.customScript === 'string' }
  }

  const answer = (
    call: HttpCall,
    shown: ShownPage,
    status: 200 | 401 | 404 | 422 | 429,
    more: Record<string, string>,
  ) =>
    call.body(shown.html, status, { ...pageHeaders(shown, { ownOrigin: config.pagesUrl !== null }), ...more })

  const nothing = (call: HttpCall) =>
    answer(
      call,
      render.message({
        title: 'There is nothing here',
        text: 'This page does not exist, or is not published.',
      }),
      404,
      PRIVATE,
    )

  const find = (call: HttpCall) =>
    readPublished(base, {
      workspace: part(call, 'workspace'),
      funnel: part(call, 'funnel'),
      page: call.req.param('page') === undefined ? null : part(call, 'page'),
    })

  const askPassword = (call: HttpCall, page: PublishedPage, wrong: boolean) =>
    answer(
      call,
      render.message({
        title: page.funnel.name,
        text: 'This is for those who have its password.',
        password: { to: '?', wrong },
        theme: page.theme,
      }),
      401,
      PRIVATE,
    )

  app.get('/w/:workspace/:funnel/:page?', async (call) => {
    const elsewhere = toOwnOrigin(call, base)
    if (elsewhere !== null) return elsewhere
    const page = await find(call)
    if (page === null) return nothing(call)
    if (!mayEnter(call, base, page)) return askPassword(call, page, false)
    if (call.req.query('sent') !== undefined)
      return answer(
        call,
        render.message({
          title: 'Thank you',
          text: 'It has arrived.',
          link: { href: pathOf(call), label: 'Back to the page' },
          theme: page.theme,
        }),
        200,
        PRIVATE,
      )
    const consent = consentOf(call)
    const tag = `"${page.version}-${consent}"`
    const shown = await rendered
      .get(tag, addressOf(call), () => documentOf(page, consent))
      .catch((error: unknown) => {
        if (error instanceof DomainError && error.status === 429) return null
        throw error
      })
    if (shown === null) return tooOften(call, page)
    if (isVisit(call.req.raw))
      visits.count(page, { address: addressOf(call), userAgent: call.req.header('user-agent') ?? '' })
    const caching: Record<string, string> = page.funnel.passwordProtected
      ? PRIVATE
      : { 'Cache-Control': 'public, no-cache', ETag: tag, Vary: 'Cookie, Sec-GPC, DNT' }
    if (!page.funnel.passwordProtected && call.req.header('if-none-match') === tag)
      return call.body(null, 304, {
        ...pageHeaders(shown, { ownOrigin: config.pagesUrl !== null }),
        ...caching,
      })
    return answer(call, shown, 200, caching)
  })

  app.post('/w/:workspace/:funnel/:page?', async (call) => {
    const page = await find(call)
    if (page === null) return nothing(call)
    const form = new URLSearchParams(Buffer.from(await readBytes(call.req.raw, MIB)).toString('utf8'))
    const back = pathOf(call)
    const password = form.get('password')
    if (page.funnel.passwordProtected && password !== null) {
      const allowed = await tries.consume(`${page.workspaceRowId}:${addressOf(call)}`).then(
        () => true,
        () => false,
      )
      if (!allowed) return tooOften(call, page)
      if (!(await isRightPassword(page.funnel.passwordHash, password))) return askPassword(call, page, true)
      setCookie(call, base, page, PASSWORD_COOKIE, passOf(base, page), null)
      return seeOther(call, back)
    }
    if (!mayEnter(call, base, page)) return askPassword(call, page, false)
    const consent = form.get('consent')
    if (consent === 'yes' || consent === 'no') {
      setCookie(call, base, page, CONSENT_COOKIE, consent, 180 * 86_400)
      return seeOther(call, back)
    }
    const blockId = call.req.query('send')
    return blockId === undefined ? nothing(call) : takeForm(call, page, blockId.slice(0, 200), form)
  })

  const takeForm = async (call: HttpCall, page: PublishedPage, blockId: string, values: URLSearchParams) => {
    const allowed = await sent.consume(addressOf(call)).then(
      () => true,
      () => false,
    )
    if (!allowed) return tooOften(call, page)
    const result = await submitForm(base, { page, blockId, values, spam: isSpam(values) })
    if (result === null) return nothing(call)
    if (result.kind === 'faults')
      return answer(
        call,
        render.message({
          title: 'Something is missing or not right',
          text: result.faults.slice(0, 10).join(' '),
          link: { href: pathOf(call), label: 'Back to the form' },
          theme: page.theme,
        }),
        422,
        PRIVATE,
      )
    return seeOther(call, (await wayOn(page, result.href)) ?? `${pathOf(call)}?sent=1`)
  }

  /** Where a form's owner wants its senders to go on, if that is somewhere. */
  const wayOn = async (page: PublishedPage, href: string): Promise<string | null> => {
    if (/^https?:\/\//i.test(href) && URL.canParse(href)) return new URL(href).href
    if (!href.startsWith('page:')) return null
    const { targets } = await readPublishedContent(base, page)
    const target = targets.get(href.slice('page:'.length))
    return target === undefined ? null : wayTo(page.workspace.slug, target.funnel, target.page)
  }

  const tooOften = (call: HttpCall, page: PublishedPage) =>
    answer(
      call,
      render.message({
        title: 'That was too often',
        text: 'Wait a minute, then try again.',
        theme: page.theme,
      }),
      429,
      { ...PRIVATE, 'Retry-After': '60' },
    )
}

/** Nobody sees the field that must stay empty, and nobody fills in a form within a second. */
const isSpam = (values: URLSearchParams): boolean => {
  const took = values.get('took') ?? ''
  return (values.get('website') ?? '') !== '' || (took !== '' && !(Number(took) >= 1_000))
}

type Consent = 'ask' | 'yes' | 'no'

const PRIVATE = { 'Cache-Control': 'private, no-store' }
const PASSWORD_COOKIE = 'offshoot_pass'
const CONSENT_COOKIE = 'offshoot_consent'

export const wayTo = (...parts: readonly string[]): string => `/w/${parts.map(encodeURIComponent).join('/')}`

/** A part of the address, as slugs are written. */
export const part = (call: HttpCall, name: string): string =>
  (call.req.param(name) ?? '').slice(0, 4_000).normalize('NFC').replaceAll('\0', '')

/** The visitor's answer; their browser's own "no" counts as one. */
const consentOf = (call: HttpCall): Consent => {
  const said = cookieValue(call.req.header('cookie'), CONSENT_COOKIE)
  if (said === 'yes' || said === 'no') return said
  return call.req.header('sec-gpc') === '1' || call.req.header('dnt') === '1' ? 'no' : 'ask'
}

/** What proves that somebody knew the password that holds now. */
const passOf = ({ config }: Context, { workspace, funnel }: PublishedPage): string =>
  createHmac('sha256', derivedKey(config.appSecret, 'funnel-password'))
    .update(`${workspace.publicId}|${funnel.no}|${funnel.passwordHash}`)
    .digest('base64url')

const mayEnter = (call: HttpCall, base: Context, page: PublishedPage): boolean => {
  if (!page.funnel.passwordProtected) return true
  const pass = cookieValue(call.req.header('cookie'), PASSWORD_COOKIE)
  return pass !== null && page.funnel.passwordHash !== null && equalSecrets(pass, passOf(base, page))
}

/** Only for the pages of this funnel. */
const setCookie = (
  call: HttpCall,
  { config }: Context,
  { workspace, funnel }: PublishedPage,
  name: string,
  value: string,
  seconds: number | null,
): void => {
  const secure = (config.pagesUrl ?? config.appUrl).startsWith('https:') ? '; Secure' : ''
  const age = seconds === null ? '' : `; Max-Age=${seconds}`
  call
    .get('cookies')
    .push(
      `${name}=${value}; Path=${wayTo(workspace.slug, funnel.slug)}; HttpOnly; SameSite=Lax${secure}${age}`,
    )
}

/** As it was asked for, encoded: slugs may be of any script, a header may not. */
const pathOf = (call: HttpCall): string => new URL(call.req.url).pathname

const seeOther = (call: HttpCall, to: string) => call.body(null, 303, { Location: to, ...PRIVATE })

/** All that the origin of pages has: nothing signs in there, and nothing of the application can be framed or fetched. */
const SERVED_THERE = /^\/(w|p|pictures)\//

const isPagesHost = (call: HttpCall, { config }: Context): boolean =>
  config.pagesUrl !== null && call.req.header('host') === new URL(config.pagesUrl).host

/** With an origin of their own, pages are on no other. */
const toOwnOrigin = (call: HttpCall, base: Context): Response | null => {
  const { config } = base
  if (config.pagesUrl === null || isPagesHost(call, base)) return null
  const { pathname, search } = new URL(call.req.url)
  return call.redirect(`${config.pagesUrl}${pathname}${search}`, 302)
}
