import type { Config } from '../kit/config'

/** The headers every answer carries. What an answer set itself stays. */
export const securityHeaders = (
  headers: Headers,
  { config, nonce, path }: { config: Config; nonce: string; path: string },
): void => {
  const set = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value)
  }
  set('Content-Security-Policy', contentSecurityPolicy(nonce))
  set('X-Content-Type-Options', 'nosniff')
  set('X-Frame-Options', 'DENY')
  // Strict: an address may carry the token of a mailed link.
  set('Referrer-Policy', 'same-origin')
  set('Cross-Origin-Opener-Policy', 'same-origin')
  set('Cross-Origin-Resource-Policy', 'same-origin')
  set('Permissions-Policy', 'camera=(), microphone=(), geolocation=(), payment=()')
  if (config.appUrl.startsWith('https:'))
    set('Strict-Transport-Security', 'max-age=31536000; includeSubDomains')
  // Pages speak to one person; only built files and the like say otherwise.
  if (!path.startsWith('/assets/')) set('Cache-Control', 'private, no-store')
}

const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: https:",
    "connect-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    // A checkout, and going on at Stripe to be paid, begin with a form that is redirected to a hosted page of Stripe's.
    "form-action 'self' https://checkout.stripe.com https://connect.stripe.com",
  ].join('; ')
