import { describe, expect, it } from 'vitest'
import { isVisit } from './referral'

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36'
const visit = (headers: Record<string, string> = {}, method = 'GET') =>
  isVisit(
    new Request('http://shop.example/r/mira', { method, headers: { 'user-agent': CHROME, ...headers } }),
  )

describe('a visit', () => {
  it('is a navigation by a browser', () => {
    expect(visit()).toBe(true)
    expect(visit({ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBe(true)
  })

  it.each([
    [{}, 'HEAD'],
    [{ 'sec-purpose': 'prefetch;prerender' }, 'GET'],
    [{ purpose: 'prefetch' }, 'GET'],
    [{ 'x-moz': 'prefetch' }, 'GET'],
    [{ 'x-purpose': 'preview' }, 'GET'],
    [{ 'sec-fetch-mode': 'cors' }, 'GET'],
    ...[
      'Googlebot/2.1 (+http://www.google.com/bot.html)',
      'facebookexternalhit/1.1',
      'WhatsApp/2.23',
      'Slackbot-LinkExpanding 1.0',
      'TelegramBot (like TwitterBot)',
      'Mozilla/5.0 (compatible; bingbot/2.0)',
      'curl/8.5.0',
      'python-requests/2.32',
    ].map((agent) => [{ 'user-agent': agent }, 'GET'] as const),
  ] as const)('is none of %j by %s', (headers, method) => {
    expect(visit(headers, method)).toBe(false)
  })
})
