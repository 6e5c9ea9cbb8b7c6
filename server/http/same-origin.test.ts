import { describe, expect, it } from 'vitest'
import { mayChange } from './same-origin'

const asked = (method: string, headers: Record<string, string> = {}, own = 'https://offshoot.example') =>
  mayChange(new Request('https://offshoot.example/x', { method, headers }), own, 'session')

describe('a request that changes something', () => {
  it('is let through from our own pages', () => {
    expect(asked('POST', { 'sec-fetch-site': 'same-origin', cookie: 'session=a' })).toBe(true)
    expect(asked('POST', { origin: 'https://offshoot.example', cookie: 'session=a' })).toBe(true)
  })
  it.each(['cross-site', 'same-site', 'none'])('is refused when the browser says %s', (site) => {
    expect(asked('POST', { 'sec-fetch-site': site, origin: 'https://offshoot.example' })).toBe(false)
  })
  it.each([
    'null',
    'https://evil.example',
    'http://offshoot.example',
    'https://offshoot.example.evil.example',
    'x',
  ])('is refused from the origin %s', (origin) => {
    expect(asked('POST', { origin })).toBe(false)
  })
  it('is refused with a session when nothing says where it comes from', () => {
    expect(asked('PUT', { cookie: 'a=b; session=abc' })).toBe(false)
  })
  it('is let through without a session and without a browser', () => {
    expect(asked('POST')).toBe(true)
  })
  it('takes the names of loopback for one place, and the port for another', () => {
    expect(asked('POST', { origin: 'http://127.0.0.1:3000' }, 'http://localhost:3000')).toBe(true)
    expect(asked('POST', { origin: 'http://127.0.0.1:3001' }, 'http://localhost:3000')).toBe(false)
  })
  it.each(['GET', 'HEAD'])('is no %s', (method) => {
    expect(asked(method, { 'sec-fetch-site': 'cross-site' })).toBe(true)
  })
})
