import type { ShownPage } from '../kit/ports'

/**
 * What a browser is told about a page that anybody may have written. In a sandbox without `allow-same-origin` it has no
 * origin: no cookie, no storage and no answer of the application's is within its reach, whatever script it carries.
 * @param framed it stands in a frame of the application's own
 */
export const pageHeaders = (
  { styles, scripts, hosts, isolated = false }: ShownPage,
  { ownOrigin, framed = false }: { readonly ownOrigin: boolean; readonly framed?: boolean },
): Record<string, string> => ({
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    `script-src ${[...scripts, ...hosts].join(' ') || "'none'"}`,
    `style-src ${styles.join(' ')}`,
    'img-src http: https: data:',
    'media-src http: https:',
    framed ? "frame-src 'none'" : 'frame-src https:',
    `connect-src ${hosts.join(' ') || "'none'"}`,
    "base-uri 'none'",
    "object-src 'none'",
    // A form's answer may lead anywhere its owner chose.
    framed ? "form-action 'none'" : 'form-action http: https:',
    framed ? "frame-ancestors 'self'" : "frame-ancestors 'none'",
    ...(ownOrigin && !framed && !isolated ? [] : [`sandbox ${framed ? PREVIEWED : SANDBOXED}`]),
  ].join('; '),
  'X-Frame-Options': framed ? 'SAMEORIGIN' : 'DENY',
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=()',
})

const SANDBOXED =
  'allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation'
const PREVIEWED = 'allow-scripts'
