import { createHash } from 'node:crypto'
import type { ReactElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import pageStyles from '~/styles/page.css?raw'
import type { PageRenderer, PageToShow, ShownPage } from '../../../../server/kit/ports'
import { checkedHref, checkedSource } from '../links'
import { PageBlocks } from '../PageContent'
import { PageContext } from '../page-context'
import { pageTheme } from '../theme'
import { PAGE_SCRIPT } from './page-script'
import { hasTracking, trackingOf } from './tracking'

/** Documents of published pages: one file each, without anything of the application's own. */
export const pageRenderer: PageRenderer = {
  page: (page) => {
    const { content, name, hrefOf, sendTo, mode, players, settings } = page
    const theme = pageTheme(page.theme)
    const measured =
      page.consent === 'yes' ? trackingOf(page.tracking, settings) : { scripts: [], sources: [], hosts: [] }
    const body = renderToStaticMarkup(
      <div className={`fp ${theme.className}`}>
        <PageContext.Provider value={{ hrefOf, titleLevel: 1, mode, sendTo, players, depth: 0 }}>
          <main>
            <PageBlocks content={content} name={name} />
          </main>
        </PageContext.Provider>
        {mode === 'preview' && <Watermark />}
        {page.consent === 'ask' && hasTracking(page.tracking, settings) && <ConsentBanner page={page} />}
      </div>,
    )
    return documentOf({
      language: languageOf(settings),
      head: headOf(page),
      styles: `${RESET}${pageStyles}${theme.css}`,
      body,
      scripts: [PAGE_SCRIPT, ...measured.scripts],
      sources: measured.sources,
      hosts: measured.hosts,
    })
  },

  message: ({ title, text, password, link, theme: tokens = {} }) => {
    const theme = pageTheme(tokens)
    const body = renderToStaticMarkup(
      <div className={`fp fp-whole ${theme.className}`}>
        <main className="fp-section fp-form">
          <h1 className="fp-title-1">{title}</h1>
          <p>{text}</p>
          {password !== undefined && <PasswordForm {...password} />}
          {link !== undefined && (
            <p>
              <a className="fp-button" href={link.href}>
                {link.label}
              </a>
            </p>
          )}
        </main>
      </div>,
    )
    return documentOf({
      language: 'en',
      head: `<title>${escaped(title)}</title><meta name="robots" content="noindex">`,
      styles: `${RESET}${pageStyles}${theme.css}`,
      body,
      scripts: [],
      sources: [],
      hosts: [],
    })
  },
}

/** What pages are laid out on; within the application its own stylesheet says the same. */
const RESET =
  '@layer reset,pages;@layer reset{*,::before,::after{box-sizing:border-box}body,h1,h2,h3,h4,p,dl,dd,ul,ol,figure,blockquote,fieldset{margin:0}ul,ol{padding:0;list-style:none}fieldset{min-inline-size:0;padding:0;border:0}button,input,select,textarea{font:inherit;color:inherit}html{line-height:1.5;-webkit-text-size-adjust:100%}}'

interface Parts {
  readonly language: string
  readonly head: string
  readonly styles: string
  readonly body: string
  readonly scripts: readonly string[]
  /** Addresses of scripts. */
  readonly sources: readonly string[]
  readonly hosts: readonly string[]
}

/** Put together as text: what React escapes in a style it would break. Nothing here is anybody's but ours, or escaped. */
const documentOf = ({ language, head, styles, body, scripts, sources, hosts }: Parts): ShownPage => ({
  html: [
    `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `${head}<style>${styles}</style></head><body class="fp-body-page">${body}`,
    ...sources.map((src) => `<script async src="${escaped(src)}"></script>`),
    ...scripts.map((script) => `<script>${script}</script>`),
    '</body></html>',
  ].join(''),
  styles: [fingerprint(styles)],
  scripts: scripts.map(fingerprint),
  hosts,
})

const headOf = ({ name, seo, settings, address, origin, mode }: PageToShow): string => {
  const defaults = recordOf(settings.seo)
  const said = (...names: string[]) => {
    for (const from of [seo, defaults])
      for (const one of names) if (typeof from[one] === 'string' && from[one] !== '') return from[one]
    return null
  }
  const title = said('title') ?? name
  const description = said('description')
  const image = pictureOf(said('ogImage', 'image', 'socialPicture') ?? textOf(settings.socialPicture), origin)
  const icon = pictureOf(textOf(settings.favicon), origin)
  const hidden =
    mode === 'preview' || seo.noindex === true || seo.noIndex === true || defaults.noindex === true
  const meta = (kind: 'name' | 'property', of: string, content: string | null) =>
    content === null ? '' : `<meta ${kind}="${of}" content="${escaped(content.slice(0, 2_000))}">`
  return [
    `<title>${escaped(title.slice(0, 500))}</title>`,
    meta('name', 'description', description),
    hidden ? meta('name', 'robots', 'noindex, nofollow') : '',
    mode === 'preview' ? '' : `<link rel="canonical" href="${escaped(address)}">`,
    meta('property', 'og:title', said('ogTitle') ?? title),
    meta('property', 'og:description', said('ogDescription') ?? description),
    meta('property', 'og:type', 'website'),
    mode === 'preview' ? '' : meta('property', 'og:url', address),
    meta('property', 'og:image', image),
    icon === null ? '<link rel="icon" href="data:,">' : `<link rel="icon" href="${escaped(icon)}">`,
  ].join('')
}

const pictureOf = (src: string | null, origin: string): string | null => {
  const address = src === null ? null : checkedSource(src)
  return address?.startsWith('/') ? `${origin}${address}` : address
}

const languageOf = (settings: Readonly<Record<string, unknown>>): string => {
  const language = settings.language ?? settings.locale
  return typeof language === 'string' && /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}$/i.test(language) ? language : 'en'
}

const Watermark = (): ReactElement => (
  <div className="fp-watermark" aria-hidden="true">
    {['a', 'b', 'c', 'd', 'e', 'f'].map((key) => (
      <span key={key}>Preview · Preview · Preview</span>
    ))}
  </div>
)

const ConsentBanner = ({ page }: { readonly page: PageToShow }): ReactElement => {
  const consent = recordOf(page.settings.cookieConsent)
  const policy = (name: string, label: string) => {
    const address = checkedHref(textOf(consent[name]) ?? '', page.hrefOf)
    return address === null ? null : (
      <a key={name} href={address}>
        {label}
      </a>
    )
  }
  return (
    <aside className="fp-consent" aria-label="Cookies">
      <form method="post" action={page.consentTo}>
        <p>
          {textOf(consent.text) ??
            'May this site measure your visit with services of others, which keep cookies?'}{' '}
          {[policy('privacyUrl', 'Privacy'), policy('termsUrl', 'Terms')].filter((link) => link !== null)}
        </p>
        <p className="fp-actions">
          <button type="submit" name="consent" value="yes" className="fp-button fp-button-small">
            Yes
          </button>
          <button
            type="submit"
            name="consent"
            value="no"
            className="fp-button fp-button-second fp-button-small"
          >
            No
          </button>
        </p>
      </form>
    </aside>
  )
}

const PasswordForm = ({ to, wrong }: { readonly to: string; readonly wrong: boolean }): ReactElement => (
  <form className="fp-card" method="post" action={to}>
    <div className="fp-field">
      <label htmlFor="password">Password</label>
      <input
        id="password"
        name="password"
        type="password"
        required
        maxLength={256}
        autoComplete="off"
        aria-describedby={wrong ? 'wrong' : undefined}
        aria-invalid={wrong || undefined}
      />
      {wrong && (
        <p id="wrong" role="alert">
          That is not the password. Try again.
        </p>
      )}
    </div>
    <button type="submit" className="fp-button">
      Open
    </button>
  </form>
)

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const fingerprint = (text: string): string => {
  const known = fingerprints.get(text)
  if (known !== undefined) return known
  const made = `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  if (text === PAGE_SCRIPT) fingerprints.set(text, made)
  return made
}

const fingerprints = new Map<string, string>()
