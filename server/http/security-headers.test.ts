import { describe, expect, it } from 'vitest'
import { testConfig } from '../../db/testing/context'
import { securityHeaders } from './security-headers'

const headersOf = (given: Record<string, string>, path = '/x', appUrl = 'http://localhost:3000') => {
  const headers = new Headers(given)
  securityHeaders(headers, { config: testConfig({ APP_URL: appUrl }), nonce: 'abc', path })
  return headers
}

describe('the headers of every answer', () => {
  it('let only scripts with the nonce of this answer run, and no frame hold it', () => {
    const policy = headersOf({}).get('content-security-policy') ?? ''
    expect(policy).toContain("script-src 'self' 'nonce-abc' 'strict-dynamic'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
  })
  it('leave what an answer said itself', () => {
    const headers = headersOf({ 'Cache-Control': 'public', 'Content-Security-Policy': "default-src 'none'" })
    expect(headers.get('cache-control')).toBe('public')
    expect(headers.get('content-security-policy')).toBe("default-src 'none'")
  })
  it('keep pages out of every cache, but not built files', () => {
    expect(headersOf({}).get('cache-control')).toBe('private, no-store')
    expect(headersOf({}, '/assets/a.js').get('cache-control')).toBeNull()
  })
  it('insist on https where we are reached by it', () => {
    expect(headersOf({}).get('strict-transport-security')).toBeNull()
    expect(headersOf({}, '/', 'https://offshoot.example').get('strict-transport-security')).toContain(
      'max-age=31536000',
    )
  })
})
