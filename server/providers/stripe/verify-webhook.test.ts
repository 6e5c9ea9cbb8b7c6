import Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { DomainError } from '../../kit/errors'
import { createStripeProvider } from '.'

const NOW = new Date('2026-11-21T12:00:00Z')
const AT = NOW.getTime() / 1000
const SECRET = 'whsec_current'
const OLD = 'whsec_previous'

const body = (changes: object = {}) =>
  JSON.stringify({
    id: 'evt_1',
    object: 'event',
    api_version: '2026-10-28.endive',
    created: AT - 30 * 86_400,
    data: { object: { id: 'x' } },
    livemode: false,
    type: 'foo.bar.baz',
    ...changes,
  })

const sign = (payload: string, secret = SECRET, timestamp = AT) =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })

const provider = (mode: 'sandbox' | 'test' | 'live' = 'test', webhookSecrets = [SECRET, OLD]) =>
  createStripeProvider({ secretKey: 'sk_test_1', webhookSecrets, apiBase: null, mode })

const outcome = (payload: string, signature: string | null, at = provider()) => {
  const headers = new Headers(signature === null ? {} : { 'stripe-signature': signature })
  try {
    return at.verifyWebhook({ body: payload, headers, receivedAt: NOW }).eventId
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return `${error.status} ${error.code}`
  }
}
const INVALID = '400 WEBHOOK_INVALID'

describe('a webhook of Stripe', () => {
  test('with a good signature is believed, whatever its type and however old the event', () => {
    const headers = new Headers({ 'stripe-signature': sign(body()) })
    expect(provider().verifyWebhook({ body: body(), headers, receivedAt: NOW })).toEqual({
      eventId: 'evt_1',
      type: 'foo.bar.baz',
      apiVersion: '2026-10-28.endive',
      livemode: false,
      occurredAt: new Date((AT - 30 * 86_400) * 1000),
    })
  })

  test('may be signed by either secret while one is being replaced', () => {
    expect(outcome(body(), sign(body(), OLD))).toBe('evt_1')
    expect(outcome(body(), sign(body(), OLD), provider('test', [SECRET]))).toBe(INVALID)
  })

  test.each([
    ['no signature', null],
    ['an empty signature', ''],
    ['nonsense', 'x'],
    ['another secret', sign(body(), 'whsec_other')],
    ['the signature of another body', sign('{}')],
    ['only the v0 scheme', sign(body()).replace('v1=', 'v0=')],
    ['an upper-case signature', sign(body()).replace(/v1=.*/, (text) => `v1=${text.slice(3).toUpperCase()}`)],
    ['no time', sign(body()).replace(/^t=\d+,/, '')],
    ['a time that is 301 s old', sign(body(), SECRET, AT - 301)],
    ['a time that is 301 s ahead', sign(body(), SECRET, AT + 301)],
  ])('with %s is refused', (_what, signature) => {
    expect(outcome(body(), signature)).toBe(INVALID)
  })

  test.each([-300, 0, 300])('whose time is %d s away is taken', (away) => {
    expect(outcome(body(), sign(body(), SECRET, AT + away))).toBe('evt_1')
  })

  test('that was written anew on its way is refused', () => {
    const pretty = JSON.stringify(JSON.parse(body()), null, 2)
    expect(outcome(pretty, sign(body()))).toBe(INVALID)
  })

  test('must be of the mode of the keys', () => {
    const live = body({ livemode: true })
    expect(outcome(live, sign(live))).toBe(INVALID)
    expect(outcome(live, sign(live), provider('live'))).toBe('evt_1')
    expect(outcome(body(), sign(body()), provider('live'))).toBe(INVALID)
    expect(outcome(body(), sign(body()), provider('sandbox'))).toBe('evt_1')
  })

  test.each([
    ['', ''],
    ['text', 'hello'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a thin event', body({ object: 'v2.core.event' })],
    ['no id', body({ id: 7 })],
    ['no type', body({ type: null })],
    ['no object', body({ data: {} })],
    ['no mode', body({ livemode: 'false' })],
    ['a time that is none', body({ created: '2026' })],
    ['a time beyond all calendars', body({ created: 9e15 })],
  ])('that is no event (%s) is refused though it is signed', (_what, payload) => {
    expect(outcome(payload, sign(payload))).toBe(INVALID)
  })

  test('is refused when no secret is configured', () => {
    expect(outcome(body(), sign(body()), provider('test', []))).toBe(INVALID)
  })
})
